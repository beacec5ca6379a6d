//! The command line: one verb, one file. A verb parses its own options, does its business through
//! the floors below, and prints; what fails comes back here, and here alone becomes a message, a
//! hint and an exit code.

mod adopt;
mod attach;
mod attach_args;
mod attached;
mod clean;
mod cleared;
mod colour;
mod commit;
mod complete;
mod completions;
mod dashboard;
mod debug;
mod doctor;
mod environment_args;
mod events;
mod health_args;
mod hooks;
mod init;
mod join;
#[cfg(test)]
mod json_page;
mod kill;
mod leave;
mod limit_args;
mod limits;
mod logs;
mod man;
mod man_pages;
mod monitor;
mod notify;
mod notify_args;
mod number;
mod older_script;
mod other_tools;
mod overview;
mod pager;
mod pager_output;
mod pause;
mod peek;
mod printer;
mod prompt;
mod queue_args;
mod ready_args;
mod refused_words;
mod restart;
mod restart_args;
mod resume;
mod rm;
mod run;
mod run_line;
mod sandbox;
mod send;
mod shell_install;
mod shell_uninstall;
mod show;
mod signal;
mod stats;
mod stop;
mod tasks;
mod unseen_suffix;
mod verb;
mod wait;
mod why;

use std::ffi::{OsStr, OsString};

use clap::{ArgMatches, Command};
use nix::sys::stat::{Mode, umask};

use crate::actions::failure::{Failure, VerbResult};
use crate::handshake::PendingSupervisor;
use crate::sys::rlimit;
use crate::task::task_filter::TaskFilter;
use verb::{Caller, Verb};

/// The verb that begins tasks.
pub const RUN: &str = "run";

/// A verb's entry in the table of verbs.
struct VerbEntry {
    name: &'static str,
    aliases: &'static [&'static str],
    fit: TaskFilter,
    examples: &'static str,
    command: fn() -> Command,
    run: fn(&ArgMatches, &mut Caller) -> VerbResult,
    run_plain: fn(&[OsString], &mut Caller) -> Option<VerbResult>,
}

impl VerbEntry {
    /// Whether people use it; what begins with `__` is for scripts, and no help and no Tab names
    /// it.
    fn is_public(&self) -> bool {
        !self.name.starts_with("__")
    }
}

const fn entry<V: Verb>() -> VerbEntry {
    VerbEntry {
        name: V::NAME,
        aliases: V::ALIASES,
        fit: V::FIT,
        examples: V::EXAMPLES,
        command: || {
            let command = V::augment_args(Command::new(V::NAME).visible_aliases(V::ALIASES));
            with_examples(colour::augment(command), V::EXAMPLES)
        },
        run: |matches, caller| {
            colour::choose(matches);
            V::from_arg_matches(matches)?.run(caller)
        },
        run_plain: |words, caller| V::of_plain(words).map(|verb| verb.run(caller)),
    }
}

fn with_examples(command: Command, examples: &str) -> Command {
    match examples {
        "" => command,
        examples => command.after_help(format!("Examples:\n{examples}")),
    }
}

const VERBS: &[VerbEntry] = &[
    entry::<run::Run>(),
    entry::<adopt::Adopt>(),
    entry::<attach::Attach>(),
    entry::<peek::Peek>(),
    entry::<send::Send>(),
    entry::<tasks::Tasks>(),
    entry::<show::Show>(),
    entry::<limits::LimitsOf>(),
    entry::<why::Why>(),
    entry::<debug::Debug>(),
    entry::<stats::Stats>(),
    entry::<commit::Commit>(),
    entry::<monitor::Monitor>(),
    entry::<dashboard::Dashboard>(),
    entry::<logs::Logs>(),
    entry::<wait::Wait>(),
    entry::<stop::Stop>(),
    entry::<kill::Kill>(),
    entry::<restart::Restart>(),
    entry::<pause::Pause>(),
    entry::<resume::Resume>(),
    entry::<signal::SendSignal>(),
    entry::<rm::Rm>(),
    entry::<clean::Clean>(),
    entry::<notify::Notify>(),
    entry::<sandbox::Sandbox>(),
    entry::<events::Events>(),
    entry::<hooks::Hooks>(),
    entry::<init::Init>(),
    entry::<doctor::Doctor>(),
    entry::<completions::Completions>(),
    entry::<overview::Overview>(),
    entry::<prompt::Prompt>(),
    entry::<join::Join>(),
    entry::<leave::Leave>(),
    entry::<complete::Complete>(),
    entry::<man::ManPages>(),
];

/// What `aos --version` prints: with the version of all JSON, [`crate::actions::json::VERSION`].
const LONG_VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\nJSON output: version 1");
const ABOUT: &str = "Background tasks for the shell you already use";
const AFTER_HELP: &str = "\
Tasks are named by id (7, task-007), name (web), range (3-7), list (3,5), glob ('web*'),
or class: @last @running @failed @done @here @all. `aos VERB --help` tells more.

NO_COLOR in the environment turns colours off, CLICOLOR_FORCE=1 turns them on in pipes too; --color
goes before both.

Exit codes: 0 success, 1 the answer is no, 2 usage, 3 no such task, 4 ambiguous, 5 not committed,
6 no answer from a supervisor, 124 time limit, 125 aos failed, 126 and 127 the command cannot be
executed.";

/// Runs the command line; gives the exit code.
#[inline(never)]
pub fn main(words: Vec<OsString>, pending: Option<PendingSupervisor>) -> i32 {
    let umask = umask(Mode::from_bits_truncate(0o077)).bits();
    let rlimits = rlimit::current();
    rlimit::lift();
    let mut caller = Caller { umask, rlimits, pending };
    let wants_json = words.iter().take_while(|w| *w != "--").any(|w| w == "--json");
    match answer(words, &mut caller) {
        Ok(code) => code,
        Err(failure) => failure.tell(wants_json),
    }
}

/// The whole command line, for help and completions.
fn command() -> Command {
    let verbs = VERBS.iter().filter(|entry| entry.is_public()).map(|entry| (entry.command)());
    without_verbs().subcommands(verbs)
}

/// The same without its verbs, which take a while to be built: enough to tell the version.
fn without_verbs() -> Command {
    let aos = Command::new("aos")
        .version(env!("CARGO_PKG_VERSION"))
        .long_version(LONG_VERSION)
        .about(ABOUT)
        .after_help(AFTER_HELP);
    colour::augment(aos)
}

fn answer(words: Vec<OsString>, caller: &mut Caller) -> VerbResult {
    let words = colour::before_verb(words)?;
    let Some(first) = words.first() else { return overview::Overview::default().run(caller) };
    if unseen_suffix::is_unseen(&words) {
        return unseen_suffix::explain(&words);
    }
    // A verb's own parser is all it takes to parse it; the others are not even built.
    let Some(verb) = verb_called(first) else {
        return Err(match first.to_str() {
            Some("-V" | "--version") => said_of(without_verbs(), &words),
            Some("-h" | "--help") => help(&words),
            Some("help") => words
                .get(1)
                .filter(|word| verb_called(word).is_none() && *word != "help")
                .map_or_else(|| help(&words), |word| other_tools::no_verb(word)),
            _ => Some(first)
                .filter(|word| older_script::is_its(word))
                .and_then(|_| older_script::become_it(&words))
                .unwrap_or_else(|| other_tools::no_verb(first)),
        });
    };
    if let Some(done) = (verb.run_plain)(&words[1..], caller) {
        return done;
    }
    let parser = (verb.command)().bin_name(format!("aos {}", verb.name)).no_binary_name(true);
    let own = &words[1..];
    match parser.try_get_matches_from(own) {
        Ok(matches) => (verb.run)(&matches, caller),
        Err(e) => Err(refused_words::explain(verb.name, own, e)),
    }
}

/// The verb of this name.
fn verb_called(word: &OsStr) -> Option<&'static VerbEntry> {
    VERBS.iter().find(|verb| word == verb.name || verb.aliases.iter().any(|alias| word == *alias))
}

/// What clap makes of a command line without a verb.
fn help(words: &[OsString]) -> Failure {
    said_of(command().subcommand_required(true), words)
}

/// What this command line makes of words that are not run.
fn said_of(command: Command, words: &[OsString]) -> Failure {
    let refused = command.no_binary_name(true).try_get_matches_from(words).err();
    refused.map_or_else(Failure::unknown_verb, |e| refused_words::explain("help", words, e))
}

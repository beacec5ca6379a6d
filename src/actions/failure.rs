//! What went wrong, as the reader is told: a message, a hint what to do, an exit code.

use std::io::{self, Write};

use crate::actions::{json, output};
use crate::ansi::{Colours, Filter, in_json, printable};
use crate::client::adoption::NotAdoptable;
use crate::logs::text::line_search::BadSearch;
use crate::sys::ancestors::{Exposed, Why};
use crate::task::command::BadCommand;
use crate::task::id::TaskId;
use crate::task::selector::NoChoice;
use crate::task_log::log_range;
use crate::ui::style;
use crate::{client, launch, rc, store};

/// The answer is no, or a target failed.
pub const NO: i32 = 1;
/// The command line makes no sense.
pub const USAGE: i32 = 2;
/// There is no such task.
pub const NO_TASK: i32 = 3;
/// Several tasks could be meant.
pub const AMBIGUOUS: i32 = 4;
/// A gate is shut: what did not pass is not committed, hooks that are not allowed do not run.
pub const REFUSED: i32 = 5;
/// A supervisor is gone, or does not answer.
pub const NOT_ANSWERED: i32 = 6;
/// A promise that was asked for cannot be kept. *Source*: sysexits(3), EX_CONFIG.
pub const NOT_HELD: i32 = 78;
/// Time was up.
pub const TIMED_OUT: i32 = 124;
/// aos itself could not do it.
pub const NOT_STARTED: i32 = 125;

const NO_PROCESSES: &str =
    "no more processes can be made: `ulimit -u` tells how many may be, `aos kill @running` ends all tasks";

/// What a verb gives back: the exit code, or what went wrong.
pub type VerbResult = Result<i32, Failure>;

/// What went wrong.
#[derive(Debug)]
pub struct Failure {
    code: i32,
    message: String,
    hint: Option<String>,
    /// What clap or a program on the way has said already, or what needs no saying.
    is_told: bool,
}

impl Failure {
    /// A failure with its exit code.
    pub fn new(code: i32, message: impl Into<String>) -> Failure {
        Failure { code, message: without_numbers(message.into()), hint: None, is_told: false }
    }

    /// A run that a task does not have.
    pub fn no_run(id: TaskId, run: u32, last: u32) -> Failure {
        Failure::new(NO_TASK, format!("{id} has no run {run}")).hint(its_runs(last))
    }

    /// The same with what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }

    /// The same with one thing more that may be done about it.
    pub fn or_else(self, hint: &str) -> Failure {
        let hint = self.hint.map_or_else(|| hint.to_owned(), |first| format!("{first}; {hint}"));
        Failure { hint: Some(hint), ..self }
    }

    /// The exit code.
    pub fn code(&self) -> i32 {
        self.code
    }

    /// The same with another exit code.
    pub fn with_code(self, code: i32) -> Failure {
        Failure { code, ..self }
    }

    /// The message, and what to do about it.
    pub fn into_text(self) -> (String, Option<String>) {
        (self.message, self.hint)
    }

    /// A failure that was told where it happened.
    pub fn told(code: i32) -> Failure {
        Failure { code, message: String::new(), hint: None, is_told: true }
    }

    /// A word that is no verb.
    pub fn unknown_verb() -> Failure {
        Failure::new(USAGE, "no such verb").hint("`aos --help` lists them")
    }

    /// Tells it on standard error; gives the exit code.
    pub fn tell(self, as_json: bool) -> i32 {
        if self.is_told {
            return self.code;
        }
        let mut err = output::talk();
        // Whoever closed our standard error cannot be told anything.
        let _ = if as_json {
            let told = serde_json::json!({
                "version": json::VERSION, "code": self.code, "message": self.message, "hint": self.hint,
            });
            err.write_all(&in_json::safe(format!("{told}\n").as_bytes()))
        } else {
            let (error, hint) = (style::ERROR, style::HINT);
            let hint = self.hint.map(|text| format!("\n  {hint}hint:{hint:#} {}", printable(&text)));
            writeln!(err, "{error}aos:{error:#} {}{}", printable(&self.message), hint.unwrap_or_default())
        };
        self.code
    }
}

impl From<clap::Error> for Failure {
    /// Help and versions are printed in clap's words and colours, as data.
    fn from(e: clap::Error) -> Failure {
        if e.use_stderr() {
            let text = e.render().to_string();
            return Failure::new(e.exit_code(), text.trim_start_matches("error: ").trim());
        }
        let (mut filter, mut text) = (Filter::new(Colours::Pass), Vec::new());
        filter.feed(e.render().ansi().to_string().as_bytes(), &mut text);
        filter.finish(&mut text);
        // Whoever closed our standard output cannot be told anything.
        let _ = output::data().write_all(&text);
        Failure::told(e.exit_code())
    }
}

impl From<io::Error> for Failure {
    /// Writing what was asked for; a reader who has seen enough is no failure.
    fn from(e: io::Error) -> Failure {
        match e.kind() {
            io::ErrorKind::BrokenPipe => Failure::told(0),
            _ => Failure::new(NOT_STARTED, e.to_string()),
        }
    }
}

impl From<BadCommand> for Failure {
    fn from(e: BadCommand) -> Failure {
        Failure::new(USAGE, e.to_string()).hint("aos run -b npm run dev, or aos run -b 'a | b' for a line of shell")
    }
}

impl From<NoChoice> for Failure {
    fn from(e: NoChoice) -> Failure {
        match e {
            NoChoice::Unknown { term, near, is_any } => {
                let failure = Failure::new(NO_TASK, format!("there is no task {term}"));
                failure.hint(match (near.is_empty(), is_any) {
                    (true, false) => "there are no tasks yet: aos run -b COMMAND begins one".to_owned(),
                    (true, true) => "aos tasks -a lists all".to_owned(),
                    (false, _) => format!("near: {}", near.join(", ")),
                })
            }
            NoChoice::Ambiguous { term, all } => {
                Failure::new(AMBIGUOUS, format!("{term} could be any of {}", all.join(", "))).hint("name one by its id")
            }
        }
    }
}

impl From<store::StoreError> for Failure {
    fn from(e: store::StoreError) -> Failure {
        let message = e.to_string();
        match e {
            store::StoreError::NoTask(_) => Failure::new(NO_TASK, message).hint("aos tasks -a lists all"),
            store::StoreError::Closed(_) if launch::is_in_task() => {
                Failure::new(NOT_STARTED, message).hint("this task runs in a sandbox; use aos outside of it")
            }
            store::StoreError::Closed(_) => Failure::new(NOT_STARTED, message).hint("AOS_HOME names another place"),
            store::StoreError::NoHome => {
                Failure::new(NOT_STARTED, message).hint("set AOS_HOME to a directory of yours")
            }
            store::StoreError::Link(_) => {
                Failure::new(NOT_STARTED, message).hint("set AOS_HOME to the directory it leads to")
            }
            store::StoreError::Foreign { .. } => {
                Failure::new(NOT_STARTED, message).hint("set AOS_HOME to a directory of yours")
            }
            store::StoreError::Open { path, .. } => {
                Failure::new(NOT_STARTED, message).hint(format!("chmod go-w {}", path.display()))
            }
            store::StoreError::Exposed { exposed: Exposed { path, why: Why::Writable(_) }, .. } => {
                Failure::new(NOT_STARTED, message).hint(format!("chmod go-w {}", path.display()))
            }
            store::StoreError::Exposed { exposed: Exposed { why: Why::Foreign(_), .. }, .. } => {
                Failure::new(NOT_STARTED, message).hint("have it below directories of yours")
            }
            store::StoreError::Unusable { .. } => {
                Failure::new(NOT_STARTED, message).hint("AOS_HOME names another place for the state")
            }
            store::StoreError::Newer { .. } | store::StoreError::NotUnderstood { .. } => {
                Failure::new(NOT_STARTED, message).hint("install the newer aos again")
            }
            store::StoreError::Config { path, .. } => {
                Failure::new(NOT_STARTED, message).hint(format!("mend {}", path.display()))
            }
            store::StoreError::NotOver { id, .. } => Failure::new(NO, message).hint(format!("aos stop {id} first")),
            store::StoreError::RunAgain(_) => Failure::new(NO, message),
            store::StoreError::File { .. } | store::StoreError::Damaged { .. } => Failure::new(NOT_STARTED, message),
        }
    }
}

impl From<rc::RcError> for Failure {
    fn from(e: rc::RcError) -> Failure {
        let failure = Failure::new(NOT_STARTED, e.to_string());
        match e {
            rc::RcError::NoHome => failure.hint("set HOME"),
            rc::RcError::Changed(_) => failure.hint("the same again works on the new text"),
            rc::RcError::Unreadable { .. }
            | rc::RcError::NotAFile(_)
            | rc::RcError::ReadOnly { .. }
            | rc::RcError::HardLinked(_)
            | rc::RcError::Unfinished(_)
            | rc::RcError::Unwritable { .. } => failure,
        }
    }
}

fn its_runs(last: u32) -> String {
    if last == 1 { "it has run once".into() } else { format!("its runs are 1 to {last}") }
}

/// What std says of an error is followed by the number that it has in the kernel.
fn without_numbers(mut message: String) -> String {
    const BEFORE: &str = " (os error ";
    while let Some(at) = message.find(BEFORE) {
        let Some(length) = message[at + BEFORE.len()..].find(')') else { break };
        message.replace_range(at..=at + BEFORE.len() + length, "");
    }
    message
}

impl From<log_range::LogError> for Failure {
    fn from(e: log_range::LogError) -> Failure {
        let message = e.to_string();
        match e {
            log_range::LogError::Store(e) => e.into(),
            log_range::LogError::Adopted(_) | log_range::LogError::Unreadable { .. } => Failure::new(NO, message),
            log_range::LogError::NoRun { last, .. } => Failure::new(NO_TASK, message).hint(its_runs(last)),
            log_range::LogError::NotYet(id) => Failure::new(NO, message).hint(format!("aos logs -f {id} waits for it")),
            log_range::LogError::Never(id) => Failure::new(NO, message).hint(format!("aos why {id}")),
            log_range::LogError::Gone { .. } => Failure::new(NO, message).hint("it was removed by somebody else"),
        }
    }
}

impl From<BadSearch> for Failure {
    fn from(e: BadSearch) -> Failure {
        let message = e.to_string();
        let (BadSearch::Syntax { pattern, .. } | BadSearch::Other { pattern, .. }) = e;
        // Not even as it is can it be found.
        let hint = if pattern.contains('\n') {
            "each line is searched by itself: leave the line end out"
        } else {
            "-F looks for it as it is; so does a \\ before each of ( ) [ ] { } . * + ? | ^ $"
        };
        Failure::new(USAGE, message).hint(hint)
    }
}

impl From<client::ClientError> for Failure {
    fn from(e: client::ClientError) -> Failure {
        let message = e.to_string();
        match e {
            client::ClientError::Store(e) => e.into(),
            client::ClientError::Unlaunched { id, why, code } => Failure::new(code, format!("{why} ({id})")),
            client::ClientError::NotStarted(_) => Failure::new(NOT_STARTED, message),
            client::ClientError::System { source, .. } if source.raw_os_error() == Some(libc::EAGAIN) => {
                Failure::new(NOT_STARTED, message).hint(NO_PROCESSES)
            }
            client::ClientError::System { .. } => Failure::new(NOT_STARTED, message),
            client::ClientError::AlreadyRunning(id) => Failure::new(NO, message).hint(format!("aos show {id}")),
            client::ClientError::NoSocket { id, .. } => {
                Failure::new(NOT_ANSWERED, message).hint(format!("its log is read without it: aos logs -f {id}"))
            }
            client::ClientError::Garbled(_) => Failure::new(NOT_ANSWERED, message)
                .hint("the task was begun by another version of aos: aos restart has it supervised by this one"),
            client::ClientError::NotRunning { .. } | client::ClientError::Refused { .. } => Failure::new(NO, message),
            client::ClientError::Unstoppable { .. } => {
                Failure::new(NO, message).hint("its owner, or root, may end it: kill -9 PID")
            }
            client::ClientError::NoAnswer(id) => Failure::new(NOT_ANSWERED, message).hint(format!("aos why {id}")),
            client::ClientError::Unread(id) => Failure::new(NO, message).hint(format!("aos logs {id}")),
            client::ClientError::Elsewhere(_) => {
                Failure::new(NOT_ANSWERED, message).hint("run aos where the task was started")
            }
            client::ClientError::Unlogged(id) => {
                Failure::new(NO, message).hint(format!("aos wait {id} --for exit, or port:N"))
            }
            client::ClientError::NoProcess(_) => {
                Failure::new(NO_TASK, message).hint("jobs -l lists a shell's jobs with their pids")
            }
            client::ClientError::NotAdopted { pid, why } => Failure::new(NO, message).hint(match why {
                NotAdoptable::First | NotAdoptable::Kernels => "name a program that you have begun".to_owned(),
                NotAdoptable::Ours => "aos tasks lists what it runs".to_owned(),
                NotAdoptable::AboveUs => "name a job of the shell, not the shell".to_owned(),
                NotAdoptable::Tracked(id) => format!("aos show {id}"),
                NotAdoptable::TrackedElsewhere => "it is a task of another AOS_HOME".to_owned(),
                NotAdoptable::Foreign(_) => format!("ask as that user, or as root: aos adopt {pid}"),
            }),
        }
    }
}

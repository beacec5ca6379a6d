//! `--color`: whether colours are wanted. Without it, the environment and the reader's terminal
//! tell.

use std::ffi::{OsStr, OsString};

use anstream::ColorChoice;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command};

use crate::actions::failure::{Failure, USAGE};

const NAME: &str = "color";
const WORDS: [&str; 3] = ["auto", "always", "never"];

/// The same command line with the option.
pub fn augment(command: Command) -> Command {
    command.arg(
        Arg::new(NAME)
            .long(NAME)
            .alias("colour")
            .value_name("WHEN")
            .value_parser(PossibleValuesParser::new(WORDS))
            .help("Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never")
            .hide_possible_values(true)
            .help_heading(None::<&str>),
    )
}

/// Does as a verb's options say.
pub fn choose(matches: &ArgMatches) {
    if let Some(word) = matches.get_one::<String>(NAME) {
        wanted(word);
    }
}

/// Does as the options before the verb say; gives what follows them.
pub fn before_verb(mut words: Vec<OsString>) -> Result<Vec<OsString>, Failure> {
    while let Some((word, taken)) = words.first().and_then(|first| said(first, words.get(1))) {
        let is_known = word.as_deref().is_some_and(|word| word.to_str().is_some_and(wanted));
        if !is_known {
            let word = word.unwrap_or_default();
            let failure = Failure::new(USAGE, format!("--color is not `{}`", word.to_string_lossy()));
            return Err(failure.hint(format!("it is one of {}", WORDS.join(", "))));
        }
        words.drain(..taken);
    }
    Ok(words)
}

/// What the option says, if this is it, and how many words that takes.
fn said(first: &OsStr, second: Option<&OsString>) -> Option<(Option<OsString>, usize)> {
    match first.to_str()? {
        "--color" | "--colour" => Some((second.cloned(), 2)),
        joined => {
            let word = joined.strip_prefix("--color=").or_else(|| joined.strip_prefix("--colour="))?;
            Some((Some(word.into()), 1))
        }
    }
}

/// Has every stream do so from now on; says whether there is such a word.
fn wanted(word: &str) -> bool {
    let choice = match word {
        "auto" => ColorChoice::Auto,
        "always" => ColorChoice::Always,
        "never" => ColorChoice::Never,
        _ => return false,
    };
    choice.write_global();
    true
}

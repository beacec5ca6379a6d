//! What is said of words that a verb's parser refuses: in the same words as of every other mistake.

use std::error::Error as _;
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use super::other_tools;
use crate::actions::failure::{Failure, USAGE};
use crate::task::near_words;

/// What went wrong, with what to do about it. Help and versions are what was asked for.
pub fn explain(verb: &str, words: &[OsString], error: Error) -> Failure {
    if !error.use_stderr() {
        return error.into();
    }
    if let Some(failure) = other_tools::refused(verb, words) {
        return failure;
    }
    let failure = Failure::new(USAGE, message(verb, &error));
    let help = || if verb == "help" { "aos --help".to_owned() } else { format!("aos {verb} --help") };
    failure.hint(hint(verb, &error).unwrap_or_else(help))
}

fn message(verb: &str, error: &Error) -> String {
    let argument = shown(error, ContextKind::InvalidArg);
    let value = text(error, ContextKind::InvalidValue).unwrap_or_default();
    match (error.kind(), argument.or_else(|| shown(error, ContextKind::InvalidSubcommand))) {
        (ErrorKind::UnknownArgument, Some(word)) if word.starts_with('-') => {
            format!("aos {verb} has no option `{word}`")
        }
        (ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand, Some(word)) => {
            format!("`{word}` is one word too many")
        }
        (ErrorKind::InvalidValue, Some(option)) if value.is_empty() => {
            format!("{option} needs a value{}", among(error))
        }
        (ErrorKind::InvalidValue, Some(option)) => format!("`{value}` is no value of {option}{}", among(error)),
        (ErrorKind::TooManyValues, Some(option)) => format!("{option} takes no value, and not `{value}`"),
        (ErrorKind::ValueValidation, Some(option)) => {
            let why = error.source().map(ToString::to_string).unwrap_or_default();
            match (why.starts_with(&format!("`{value}`")), option.starts_with('-')) {
                (true, true) => format!("{option}: {why}"),
                (true, false) => why,
                (false, _) => format!("{option} {value}: {why}"),
            }
        }
        (ErrorKind::MissingRequiredArgument, Some(missing)) => format!("aos {verb} needs {missing}"),
        (ErrorKind::ArgumentConflict, Some(option)) => match shown(error, ContextKind::PriorArg) {
            Some(other) if other != option => format!("{option} and {other} contradict each other"),
            Some(_) | None => format!("{option} is given twice"),
        },
        _ => first_line(error),
    }
}

/// What is near, or what a command needs that looks like an option.
fn hint(verb: &str, error: &Error) -> Option<String> {
    let typed = text(error, ContextKind::InvalidValue).or_else(|| text(error, ContextKind::InvalidArg))?;
    let suggested = text(error, ContextKind::SuggestedArg).or_else(|| text(error, ContextKind::SuggestedValue));
    let is_option = error.kind() == ErrorKind::UnknownArgument && typed.starts_with('-');
    if let Some(near) = suggested.map(|word| name_of(&word)).filter(|word| near_words::is_near(&typed, word)) {
        return Some(format!("near: {near}"));
    }
    if is_option && verb == "run" {
        return Some(format!("aos run --help lists options; a command that begins with a dash: aos run -- {typed}"));
    }
    None
}

/// Which values there are, where they can be told.
fn among(error: &Error) -> String {
    match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) if !values.is_empty() => format!(": {}", values.join(", ")),
        _ => String::new(),
    }
}

/// An argument as people write it: several are told as a list.
fn shown(error: &Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(one) => Some(name_of(one)),
        ContextValue::Strings(several) => {
            let names: Vec<String> = several.iter().map(|one| name_of(one)).collect();
            Some(names.join(" and "))
        }
        _ => None,
    }
}

fn text(error: &Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        _ => None,
    }
}

/// `--mem` of `--mem <SIZE>`, `ID…` of `<ID>...`.
fn name_of(argument: &str) -> String {
    if argument.starts_with('-') {
        let end = argument.find([' ', '[', '=']).unwrap_or(argument.len());
        return argument[..end].to_owned();
    }
    let is_several = argument.ends_with("...");
    let name = argument.trim_end_matches("...").trim_matches(['<', '>', '[', ']']);
    if is_several { format!("{name}…") } else { name.to_owned() }
}

fn first_line(error: &Error) -> String {
    let text = error.render().to_string();
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

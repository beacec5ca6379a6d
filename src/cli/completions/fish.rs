//! Tab in fish: what clap makes of the command line, then `hand.fish`, then where a task, a run, a
//! group or a signal is wanted.

use std::io;

use clap::Command;
use clap_complete::Shell;

use super::grammar::{Flag, Grammar, Positional, Value};

const HAND: &str = include_str!("hand.fish");

/// The whole script.
pub fn script(command: &mut Command, verbs: &[Grammar]) -> io::Result<Vec<u8>> {
    let mut script = Vec::new();
    clap_complete::generate(Shell::Fish, command, "aos", &mut script);
    script.extend_from_slice(HAND.as_bytes());
    script.push(b'\n');
    for verb in verbs {
        let flags = verb.flags.iter().filter_map(|flag| of_flag(verb, flag));
        let places = verb.places.iter().zip(1..).filter_map(|(place, number)| of_place(verb, place, number));
        flags.chain(places).for_each(|line| script.extend_from_slice(line.as_bytes()));
    }
    Ok(script)
}

fn of_flag(verb: &Grammar, flag: &Flag) -> Option<String> {
    let kind = kind(flag.value.as_ref()?)?;
    let spelling = |text: &str| match text.strip_prefix("--") {
        Some(long) => format!(" -l {long}"),
        None => format!(" -s {}", text.trim_start_matches('-')),
    };
    let spellings: String = flag.spellings().map(spelling).collect();
    Some(format!("complete -c aos -n \"{}\"{spellings} -x -k -a \"(__fish_aos_ask {kind})\"\n", using(verb)))
}

fn of_place(verb: &Grammar, place: &Positional, number: usize) -> Option<String> {
    let kind = kind(&place.value)?;
    let repeated = if place.is_repeated { " more" } else { "" };
    let condition = format!("{}; and __fish_aos_is_word {number}{repeated}", using(verb));
    Some(format!("complete -c aos -n \"{condition}\" -f -k -a \"(__fish_aos_ask {kind})\"\n"))
}

fn using(verb: &Grammar) -> String {
    let names = [std::slice::from_ref(&verb.name), &verb.aliases].concat().join(" ");
    format!("__fish_aos_using_subcommand {names}")
}

/// What aos is asked for.
fn kind(value: &Value) -> Option<String> {
    match value {
        Value::Task(fit) => Some(fit.to_string()),
        Value::Run => Some("run".into()),
        Value::Signal => Some("signal".into()),
        Value::Group => Some("group".into()),
        // clap knows these, or fish does.
        Value::Directory | Value::Variable | Value::Command | Value::Verb | Value::OneOf(_) | Value::Free(_) => None,
    }
}

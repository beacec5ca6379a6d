//! Words that aos does not have: those of other tools lead to the verb that does the same, mistyped
//! ones to what is near.

use std::ffi::{OsStr, OsString};

use super::VERBS;
use crate::actions::failure::{Failure, USAGE};
use crate::task::near_words::near;
use crate::units::signal::Signal;

/// Verbs of other tools, and what does the same here.
const VERBS_ELSEWHERE: [(&[&str], &str); 24] = [
    (&["tail"], "aos logs -n 20 ID prints the last lines, aos logs -f ID goes on"),
    (&["follow"], "aos logs -f ID"),
    (&["head"], "aos logs --head 20 ID"),
    (&["grep", "search", "find"], "aos logs --grep PATTERN ID"),
    (&["cat", "less", "more", "output", "journal"], "aos logs ID"),
    (&["status", "stat"], "aos tasks lists all, aos show ID tells all about one"),
    (&["info", "inspect", "describe", "details"], "aos show ID"),
    (&["jobs", "queue"], "aos tasks"),
    (&["top", "htop"], "aos monitor"),
    (&["watch"], "aos tasks --watch, or aos monitor; aos run --watch begins a task again when files change"),
    (&["start", "begin", "exec", "spawn", "add", "new", "launch", "up", "submit"], "aos run -b COMMAND"),
    (&["rerun", "again", "retry", "reload"], "aos restart ID"),
    (&["nohup", "disown", "daemon"], "aos run -b COMMAND, or aos adopt PID for what is running already"),
    (&["fg", "foreground", "enter", "open"], "aos attach ID"),
    (&["bg", "continue", "cont", "unpause"], "aos resume ID; ^] leaves a task that you are attached to"),
    (&["suspend", "freeze"], "aos pause ID"),
    (&["end", "quit", "term", "terminate", "cancel", "down", "halt"], "aos stop ID"),
    (&["pkill", "killall"], "aos stop 'web*' ends tasks by their names, aos stop @running all of them"),
    (&["delete", "del", "remove", "forget"], "aos rm ID"),
    (&["prune", "purge", "gc"], "aos clean"),
    (&["type", "write", "input", "send-keys"], "aos send ID TEXT"),
    (&["screen", "capture", "capture-pane"], "aos peek ID"),
    (&["install", "setup", "config", "configure"], "aos init --install; aos doctor tells how things stand"),
    (&["version"], "aos --version"),
];

/// Options of other tools, the verb that they are given to, and what does the same here.
const OPTIONS_ELSEWHERE: [(&str, &[&str], &str); 7] = [
    ("tasks", &["-l", "-la", "-al", "-A", "-e", "-ef", "-aux", "-x"], "aos tasks -a lists all, aos show ID tells all"),
    ("logs", &["--tail"], "aos logs -n 20 ID"),
    ("run", &["-d", "--detach", "--daemon", "--bg"], "aos run -b COMMAND"),
    ("rm", &["-f", "-rf", "-r", "--force"], "aos stop ID first: what is running is not removed"),
    ("kill", &["-l", "--list"], "man 7 signal lists them"),
    ("stop", &["-f", "--force"], "aos kill ID"),
    ("wait", &["-n"], "aos wait --any ID…"),
];

/// The options of aos itself, which stand before any verb.
const OWN: [&str; 5] = ["--help", "--version", "--color", "-h", "-V"];

/// What is said of a word that is no verb.
pub fn no_verb(word: &OsStr) -> Failure {
    let word = word.to_string_lossy();
    if word.starts_with('-') {
        let failure = Failure::new(USAGE, format!("there is no option `{word}` before a verb"));
        let name = word.split('=').next().unwrap_or(&word);
        let letter = OWN.iter().find(|own| own.len() == 2 && own.eq_ignore_ascii_case(name));
        return failure.hint(
            match letter
                .map(|own| (*own).to_owned())
                .or_else(|| near(name, &OWN.map(str::to_owned)).filter(|_| name.len() > 2))
            {
                Some(near) => format!("near: {near}"),
                None => "aos --help lists what may stand there; a verb's own options follow it".to_owned(),
            },
        );
    }
    let failure = Failure::new(USAGE, format!("there is no verb `{word}`"));
    if let Some((_, hint)) = VERBS_ELSEWHERE.iter().find(|(words, _)| words.contains(&&*word)) {
        return failure.hint(*hint);
    }
    let verbs = VERBS.iter().filter(|verb| verb.is_public()).flat_map(|verb| [&[verb.name], verb.aliases].concat());
    let verbs: Vec<String> = verbs.chain(["help"]).filter(|verb| verb.len() > 1).map(str::to_owned).collect();
    failure.hint(match near(&word, &verbs) {
        Some(near) => format!("near: {near}; aos --help lists all"),
        None => "aos --help lists the verbs; aos run -b COMMAND begins a task".to_owned(),
    })
}

/// What is said of a verb's words that its own parser refuses, where another tool takes them.
pub fn refused(verb: &str, words: &[OsString]) -> Option<Failure> {
    let words = words.iter().take_while(|word| *word != "--").map(|word| word.to_string_lossy());
    words.filter(|word| word.starts_with('-')).find_map(|word| {
        let hint = option_elsewhere(verb, &word).or_else(|| signal_as_option(verb, &word))?;
        Some(Failure::new(USAGE, format!("aos {verb} has no option `{word}`")).hint(hint))
    })
}

fn option_elsewhere(verb: &str, word: &str) -> Option<String> {
    let name = word.split('=').next().unwrap_or(word);
    let found = OPTIONS_ELSEWHERE.iter().find(|(of, words, _)| *of == verb && words.contains(&name));
    let lines = || {
        let number = word.strip_prefix('-').filter(|_| verb == "logs")?;
        number.parse::<u64>().is_ok().then(|| format!("aos logs -n {number} ID"))
    };
    found.map(|(_, _, hint)| (*hint).to_owned()).or_else(lines)
}

/// `kill -9`, `kill -TERM`.
fn signal_as_option(verb: &str, word: &str) -> Option<String> {
    let signal: Signal = word.strip_prefix('-')?.parse().ok().filter(|_| ["kill", "stop", "signal"].contains(&verb))?;
    let name = signal.to_string();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    Some(match (verb, signal) {
        ("kill" | "stop", Signal::KILL) => "aos kill ID does that: every process gets KILL".to_owned(),
        ("kill" | "stop", _) => {
            format!("aos stop -s {name} ID ends a task with it, aos signal {name} ID only sends it")
        }
        _ => format!("aos signal {name} ID"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::VERBS;
    use super::{OPTIONS_ELSEWHERE, VERBS_ELSEWHERE};

    #[test]
    fn what_other_tools_call_it_is_no_verb_of_ours_and_leads_to_one() {
        let is_ours = |word: &str| VERBS.iter().any(|verb| verb.name == word || verb.aliases.contains(&word));
        for (words, hint) in VERBS_ELSEWHERE {
            assert!(words.iter().all(|word| !is_ours(word)), "{words:?}");
            for led_to in hint.split("aos ").skip(1) {
                let verb = led_to.split([' ', ';', ',']).next().unwrap_or_default();
                assert!(is_ours(verb) || verb == "--version", "{words:?}: {hint}");
            }
        }
        for (verb, ..) in OPTIONS_ELSEWHERE {
            assert!(is_ours(verb), "{verb}");
        }
    }
}

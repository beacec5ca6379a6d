//! Which tasks a hook is for: by what they are called, run, or are found to run.

use regex::Regex;

use super::command_line::{launched, parts, words};
use crate::task::command::Command;

/// As `matcher` says.
#[derive(Clone, Debug)]
pub enum Matcher {
    /// Every task.
    Any,
    /// Those of which one of the candidates is one of these.
    Exact(String, Vec<String>),
    /// Those of which this is found in one of the candidates.
    Expression(Regex),
}

/// Which matcher a text is.
impl Matcher {
    /// Reads a matcher. Plain words are exact names; everything else is a regular expression that
    /// may be found anywhere. *Errors*: why it is none.
    pub fn parse(text: &str) -> Result<Matcher, String> {
        if text.is_empty() || text == "*" {
            return Ok(Matcher::Any);
        }
        if text.chars().all(|c| c.is_ascii_alphanumeric() || "_ ,|-".contains(c)) {
            let names = text.split(['|', ',']).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
            return Ok(Matcher::Exact(text.to_owned(), names.collect()));
        }
        let why = |e: regex::Error| e.to_string().lines().last().unwrap_or_default().trim().to_owned();
        Regex::new(text).map(Matcher::Expression).map_err(why)
    }

    /// How it was written, unless it is for every task.
    pub fn text(&self) -> Option<&str> {
        match self {
            Matcher::Any => None,
            Matcher::Exact(text, _) => Some(text),
            Matcher::Expression(regex) => Some(regex.as_str()),
        }
    }

    /// Whether a task with these candidates is meant.
    pub fn is_match(&self, candidates: &[String]) -> bool {
        match self {
            Matcher::Any => true,
            Matcher::Exact(_, names) => names.iter().any(|name| candidates.contains(name)),
            Matcher::Expression(regex) => candidates.iter().any(|candidate| regex.is_match(candidate)),
        }
    }
}

/// What a matcher is compared with: the command, its parts, the programs of these and their
/// basenames, the task's name, runners.
pub fn candidates(command: &Command, name: &str, runners: &[String]) -> Vec<String> {
    let whole = command.to_string();
    let mut all = vec![whole.clone(), name.to_owned()];
    let parts = match command {
        Command::Argv(_) => vec![whole],
        Command::Shell { .. } => parts(&whole),
    };
    for part in parts {
        let words = words(&part);
        if let Some(program) = words.first() {
            all.push(program.clone());
            all.push(basename(program));
        }
        all.extend(launched(&words).map(|word| basename(&word)));
        all.push(part);
    }
    all.extend(runners.iter().cloned());
    all.retain(|candidate| !candidate.is_empty());
    let mut seen = Vec::new();
    all.retain(|candidate| {
        let is_new = !seen.contains(candidate);
        seen.push(candidate.clone());
        is_new
    });
    all
}

fn basename(program: &str) -> String {
    program.rsplit('/').next().unwrap_or(program).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Matcher, candidates, parts};
    use crate::task::command::Command;

    fn line(text: &str) -> Command {
        Command::Shell { shell: "/bin/sh".into(), line: text.into() }
    }

    #[test]
    fn plain_words_are_exact_and_all_else_is_an_expression() {
        let is_match = |matcher: &str, command: &str| {
            Matcher::parse(matcher).expect(matcher).is_match(&candidates(&line(command), "web", &[]))
        };
        for (matcher, command, wanted) in [
            ("*", "x", true),
            ("", "x", true),
            ("npm run dev", "npm run dev", true),
            ("npm run dev", "cd app && npm run dev", true),
            ("npm run dev", "npm run develop", false),
            ("pytest|jest|vitest", "pytest -q", true),
            ("pytest|jest|vitest", "FOO=1 /usr/bin/pytest -q", true),
            ("pytest, jest", "python3 -m pytest", true),
            ("pytest|jest", "npx --yes jest", true),
            ("pytest", "mypytest", false),
            ("Pytest", "pytest", false),
            ("web", "x", true),
            ("^cargo (test|build)", "cargo test --all", true),
            ("test$", "cargo build", false),
        ] {
            assert_eq!(is_match(matcher, command), wanted, "{matcher} {command}");
        }
        assert!(Matcher::parse("a(b").is_err());
        assert!(Matcher::parse("jest").expect("a matcher").is_match(&candidates(
            &line("npm test"),
            "t",
            &["jest".into()]
        )));
    }

    #[test]
    fn operators_in_quotes_part_nothing() {
        assert_eq!(parts("a 'b && c' && d | e; f \\; g"), ["a 'b && c'", "d", "e", "f \\; g"]);
    }
}

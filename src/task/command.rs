//! The command a task runs: words to execute, or a line for a shell.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::os_bytes::OsBytes;

/// What a task executes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// These words, found on the task's PATH.
    Argv(Vec<OsBytes>),
    /// This line, by this shell's `-c`.
    Shell {
        /// The shell's path.
        shell: OsBytes,
        /// The line, as typed.
        line: OsBytes,
    },
}

/// Who decides whether a shell is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UseShell {
    /// The line itself: plain words are executed as they are.
    AsNeeded,
    /// Always a shell (`--shell`).
    Always,
    /// Never a shell (`--no-shell`).
    Never,
}

/// Why words make no command.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadCommand {
    /// Nothing to run.
    #[error("the command is empty")]
    Empty,
    /// A zero byte cannot be part of an argument.
    #[error("the command has a NUL byte in it, which no program can be given")]
    Nul,
    /// `--no-shell` and a line that does not split into words.
    #[error("the command does not split into words: {0}")]
    Unsplittable(String),
}

impl Command {
    /// Makes a command of what stands after the options. Several words are executed as they are; a
    /// single one is a line as one would type it. A line of plain words needs no shell, which
    /// would only execute them too.
    pub fn new(words: Vec<OsBytes>, shell: OsBytes, use_shell: UseShell) -> Result<Command, BadCommand> {
        if words.iter().all(|w| w.0.iter().all(u8::is_ascii_whitespace)) {
            return Err(BadCommand::Empty);
        }
        if words.iter().any(|w| w.0.contains(&0)) {
            return Err(BadCommand::Nul);
        }
        let is_line = words.len() == 1;
        match use_shell {
            UseShell::Always => Ok(Command::Shell { shell, line: joined(&words, is_line) }),
            UseShell::Never if is_line => split(&words[0]).map(Command::Argv),
            UseShell::AsNeeded if is_line => Ok(match plain_words(&words[0]) {
                Some(plain) => Command::Argv(plain),
                None => Command::Shell { shell, line: words.into_iter().next().unwrap_or_default() },
            }),
            UseShell::Never | UseShell::AsNeeded => Ok(Command::Argv(words)),
        }
    }

    /// The words to execute: those of the command, or the shell's.
    pub fn argv(&self) -> Vec<OsBytes> {
        match self {
            Command::Argv(words) => words.clone(),
            Command::Shell { shell, line } => vec![shell.clone(), OsBytes::from("-c"), line.clone()],
        }
    }

    /// The words of the command as far as they can be told without a shell.
    pub fn words(&self) -> Vec<String> {
        match self {
            Command::Argv(words) => words.iter().map(OsBytes::to_string).collect(),
            Command::Shell { line, .. } => shell_words::split(&line.to_string())
                .unwrap_or_else(|_| line.to_string().split_whitespace().map(str::to_owned).collect()),
        }
    }
}

impl fmt::Display for Command {
    /// As one would type it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::Argv(words) => f.pad(&words.iter().map(typed).collect::<Vec<_>>().join(" ")),
            Command::Shell { line, .. } => line.fmt(f),
        }
    }
}

/// Words that a shell acts on itself, and would not look for on PATH.
const SHELLS_OWN: &[&str] = &[
    ".",
    ":",
    "[",
    "[[",
    "alias",
    "bg",
    "bind",
    "break",
    "builtin",
    "case",
    "cd",
    "command",
    "continue",
    "coproc",
    "declare",
    "dirs",
    "disown",
    "echo",
    "enable",
    "eval",
    "exec",
    "exit",
    "export",
    "fc",
    "fg",
    "for",
    "function",
    "getopts",
    "hash",
    "history",
    "if",
    "jobs",
    "kill",
    "let",
    "local",
    "logout",
    "noglob",
    "nocorrect",
    "popd",
    "print",
    "printf",
    "pushd",
    "pwd",
    "read",
    "readonly",
    "repeat",
    "return",
    "select",
    "set",
    "setopt",
    "shift",
    "shopt",
    "source",
    "suspend",
    "test",
    "time",
    "times",
    "trap",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
    "unset",
    "until",
    "wait",
    "where",
    "whence",
    "while",
];

/// Whether a shell acts on this word itself.
pub fn is_shells_own(word: &str) -> bool {
    SHELLS_OWN.contains(&word)
}

/// Splits a line in which nothing means anything to a shell: no quote, no expansion, no operator.
fn plain_words(line: &OsBytes) -> Option<Vec<OsBytes>> {
    let text = std::str::from_utf8(&line.0).ok()?;
    if !text.chars().all(|c| is_plain(c) || c == ' ' || c == '\t') {
        return None;
    }
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let first = *words.first()?;
    let expands = |word: &&str| word.starts_with('=') || word.starts_with('%');
    if first.contains('=') || SHELLS_OWN.contains(&first) || words.iter().any(expands) {
        return None;
    }
    Some(words.into_iter().map(OsBytes::from).collect())
}

/// Characters that mean nothing to any shell.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || "/._-+:@%,=".contains(c)
}

/// A word as one would type it: quoted only where it must be.
fn typed(word: &OsBytes) -> String {
    let text = word.to_string();
    if !text.is_empty() && text.chars().all(is_plain) { text } else { shell_words::quote(&text).into_owned() }
}

fn split(line: &OsBytes) -> Result<Vec<OsBytes>, BadCommand> {
    let words = shell_words::split(&line.to_string()).map_err(|e| BadCommand::Unsplittable(e.to_string()))?;
    Ok(words.into_iter().map(|w| OsBytes::from(w.as_str())).collect())
}

fn joined(words: &[OsBytes], is_line: bool) -> OsBytes {
    if is_line {
        return words[0].clone();
    }
    let quoted: Vec<Vec<u8>> = words.iter().map(|w| quote(&w.0)).collect();
    OsBytes(quoted.join(&b' '))
}

/// Quotes one word for any POSIX shell, whatever bytes it has.
fn quote(word: &[u8]) -> Vec<u8> {
    let mut quoted = vec![b'\''];
    for &byte in word {
        match byte {
            b'\'' => quoted.extend_from_slice(b"'\\''"),
            _ => quoted.push(byte),
        }
    }
    quoted.push(b'\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::{BadCommand, Command, UseShell};
    use crate::task::os_bytes::OsBytes;

    fn command(words: &[&str], use_shell: UseShell) -> Result<Command, BadCommand> {
        Command::new(words.iter().map(|w| OsBytes::from(*w)).collect(), OsBytes::from("/bin/zsh"), use_shell)
    }

    #[test]
    fn plain_words_need_no_shell() {
        for line in ["npm run dev", "make -j4 V=1", "./serve.sh", "python3 -m http.server 8000"] {
            let made = command(&[line], UseShell::AsNeeded).expect(line);
            assert!(matches!(made, Command::Argv(_)), "{line}");
            assert_eq!(made.to_string(), line);
        }
    }

    #[test]
    fn what_a_shell_reads_goes_to_the_shell() {
        let lines = [
            "echo hi",
            "a | b",
            "X=1 make",
            "ls *.rs",
            "cat ~/x",
            "a; b",
            "echo \"hi\"",
            "cd x && y",
            "a > b",
            "#",
            "=ls",
            "fg %1",
        ];
        for line in lines {
            let made = command(&[line], UseShell::AsNeeded).expect(line);
            assert!(matches!(made, Command::Shell { .. }), "{line}");
            assert_eq!(made.to_string(), line);
        }
    }

    #[test]
    fn several_words_are_executed_as_they_are() {
        let made = command(&["grep", "a b", "*.rs"], UseShell::AsNeeded).expect("a command");
        assert_eq!(made.to_string(), "grep 'a b' '*.rs'");
        assert_eq!(made.argv().len(), 3);
    }

    #[test]
    fn a_shell_can_be_forced_and_forbidden() {
        let forced = command(&["echo", "it's"], UseShell::Always).expect("a command");
        assert_eq!(forced.to_string(), r"'echo' 'it'\''s'");
        let forbidden = command(&["echo 'a b'"], UseShell::Never).expect("a command");
        assert_eq!(forbidden.argv(), [OsBytes::from("echo"), OsBytes::from("a b")]);
        assert!(matches!(command(&["echo 'a"], UseShell::Never), Err(BadCommand::Unsplittable(_))));
    }

    #[test]
    fn an_empty_command_and_a_nul_are_refused() {
        assert_eq!(command(&["  "], UseShell::AsNeeded), Err(BadCommand::Empty));
        assert_eq!(command(&[], UseShell::AsNeeded), Err(BadCommand::Empty));
        assert_eq!(command(&["a", "b\0c"], UseShell::AsNeeded), Err(BadCommand::Nul));
    }
}

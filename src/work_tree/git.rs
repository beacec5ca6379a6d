//! A call of git: its environment, what it printed, why it refused.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What would have git look at another repository, or at a part of it only: it is set for whoever
/// is called by git itself.
const OF_ANOTHER: [&str; 14] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_CEILING_DIRECTORIES",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
];

/// Why git did not do it.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// It cannot be executed, or something beside it failed.
    #[error("git: {0}")]
    Io(#[from] io::Error),
    /// It said no.
    #[error("git {what}: {said}")]
    Refused {
        /// What it was asked for.
        what: String,
        /// The last that it said.
        said: String,
    },
}

/// How git is called for one directory.
#[derive(Clone, Debug)]
pub struct Git {
    /// The directory.
    pub directory: PathBuf,
    /// Its whole environment; `None`: this process's.
    pub environment: Option<Vec<(OsString, OsString)>>,
    /// What is set beside that.
    pub extra: Vec<(&'static str, OsString)>,
}

impl Git {
    /// Git in a directory, in this process's environment.
    pub fn here(directory: &Path) -> Git {
        Git { directory: directory.to_owned(), environment: None, extra: Vec::new() }
    }

    /// The same in another directory.
    pub fn at(&self, directory: &Path) -> Git {
        Git { directory: directory.to_owned(), ..self.clone() }
    }

    /// The same with more in its environment.
    pub fn with(&self, extra: &[(&'static str, OsString)]) -> Git {
        Git { extra: [&self.extra[..], extra].concat(), ..self.clone() }
    }

    /// A call, ready to be made. The words of the user are none of it: paths are literal.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("git");
        if let Some(environment) = &self.environment {
            command.env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
        }
        for name in OF_ANOTHER {
            command.env_remove(name);
        }
        command.envs(self.extra.iter().map(|(name, value)| (name, value)));
        command.arg("-C").arg(&self.directory).args(words);
        command
    }

    /// What it prints when it looks; what it says is in English, and it waits for nobody.
    pub fn ask(&self, words: &[&str]) -> Result<Vec<u8>, GitError> {
        let mut command = self.command(&[]);
        command.args(["-c", "core.fsmonitor=false"]).args(words);
        command.env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0");
        let output = command.stdin(Stdio::null()).output()?;
        if output.status.success() { Ok(output.stdout) } else { Err(refused(words, &output)) }
    }

    /// The same as one line.
    pub fn line(&self, words: &[&str]) -> Result<String, GitError> {
        Ok(String::from_utf8_lossy(&self.ask(words)?).trim_end().to_owned())
    }

    /// The same as names, which git ends with zeros.
    pub fn names(&self, words: &[&str]) -> Result<Vec<Vec<u8>>, GitError> {
        let names = self.ask(words)?;
        Ok(names.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(<[u8]>::to_vec).collect())
    }
}

/// Writes a text to a command's standard input, and waits for its end.
pub fn feed(command: &mut Command, text: &str) -> io::Result<bool> {
    let mut child = command.stdin(Stdio::piped()).spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // Whoever ends before it has read all tells why by its exit code.
        let _ = input.write_all(text.as_bytes());
    }
    Ok(child.wait()?.success())
}

fn refused(words: &[&str], output: &Output) -> GitError {
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said no");
    GitError::Refused { what: verb_of(words).to_owned(), said: last.to_owned() }
}

/// The verb, behind settings.
fn verb_of<'w>(words: &[&'w str]) -> &'w str {
    words.iter().find(|word| !word.starts_with('-') && !word.contains('=')).copied().unwrap_or_default()
}

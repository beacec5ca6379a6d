//! The program that shows long output page by page.

use std::env;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::actions::output;
use crate::launch;
use crate::sys::{dispositions, polling, tty};

/// Names a pager for aos alone.
pub const OURS: &str = "AOS_PAGER";
const EVERYBODYS: &str = "PAGER";
const USUAL: &str = "less";

/// What less is told where the user tells it nothing: to end where all fits, to pass colours and
/// nothing else, to leave the text on the screen. *Source*: git(1), `GIT_PAGER`.
const LESS: &str = "FRX";
/// Where this stands in a line of shell, a shell is to read it. *Source*: git's `run-command.c`.
const FOR_A_SHELL: &[char] =
    &['|', '&', ';', '<', '>', '(', ')', '$', '`', '\\', '*', '?', '[', '#', '~', '=', '%', '{'];

/// Where it begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Opens {
    /// At the first line.
    #[default]
    First,
    /// At the last one.
    Last,
}

/// A pager that runs. It has the keys: what ^C does, it decides, until it ends.
#[derive(Debug)]
pub struct Pager {
    child: Child,
    /// Its input, as long as there is more.
    input: Option<ChildStdin>,
}

/// The user's pager: as `$AOS_PAGER` says, else as is configured, else as `$PAGER` does. `None`
/// where none is wanted, or nobody could use it: on no terminal that this process has to itself, on
/// a dumb one, and in a task, where nobody may be looking.
pub fn chosen(configured: Option<String>) -> Option<String> {
    if output::is_dumb() || launch::is_in_task() || !tty::is_in_foreground(io::stdout()) {
        return None;
    }
    let line = env::var(OURS).ok().or(configured).or_else(|| env::var(EVERYBODYS).ok());
    let line = line.unwrap_or_else(|| USUAL.to_owned());
    Some(line.trim().to_owned()).filter(|line| !line.is_empty() && line != "cat")
}

impl Pager {
    /// Begins it; an error where there is no such program.
    pub fn begin(line: &str, opens: Opens) -> io::Result<Pager> {
        let words = if line.contains(FOR_A_SHELL) { None } else { shell_words::split(line).ok() };
        let words = words.unwrap_or_else(|| vec!["sh".to_owned(), "-c".to_owned(), line.to_owned()]);
        let (program, arguments) = words.split_first().ok_or(io::ErrorKind::NotFound)?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).env("LESS", less(env::var("LESS").ok(), opens));
        if env::var_os("LV").is_none() {
            command.env("LV", "-c");
        }
        let mut child = command.spawn()?;
        dispositions::ignore(&KEYS);
        let input = child.stdin.take();
        Ok(Pager { child, input })
    }

    /// Whether it still wants to be written to.
    pub fn is_there(&self) -> bool {
        self.input.as_ref().is_some_and(|input| !polling::is_closed(input.as_fd()))
    }

    /// Gives it the next bytes; a broken pipe when its user has seen enough.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?.write_all(bytes)
    }
}

/// Whoever began a pager stays until its user leaves it.
impl Drop for Pager {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
        dispositions::heed(&KEYS);
    }
}

/// ^C and ^\.
const KEYS: [i32; 2] = [libc::SIGINT, libc::SIGQUIT];

/// What less is to do. Whatever its user has it do, colours are shown as such: nothing else is left
/// of escape sequences.
fn less(own: Option<String>, opens: Opens) -> String {
    let options = own.map_or_else(|| LESS.to_owned(), |own| format!("-R {own}"));
    match opens {
        Opens::First => options,
        Opens::Last => format!("{options} +G"),
    }
}

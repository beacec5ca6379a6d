//! A verb that is run aside for a key, so that the view goes on meanwhile: the same as if it had
//! been typed.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::ansi::{self, printable};
use crate::sys::{dispositions, fds};
use crate::task::id::TaskId;

/// A verb at work.
pub struct VerbChild {
    /// What is said meanwhile.
    pub doing: String,
    child: Child,
    talk: ChildStderr,
    said: Vec<u8>,
}

/// What came of it.
pub enum Progress {
    /// It is at work.
    Going,
    /// It has ended, with what it had to say; nothing where all went well.
    Over(Option<String>),
}

impl VerbChild {
    /// Runs `aos VERB ID`. In a process group of its own: a ^C is for the view, and leaves it at
    /// work.
    pub fn begin(verb: &str, id: TaskId) -> io::Result<VerbChild> {
        VerbChild::of(aos(verb, id), format!("{verb} {id} …"))
    }

    /// The same of other words, in a directory.
    pub fn run(words: &[String], directory: Option<&str>) -> io::Result<VerbChild> {
        let mut command = Command::new("/proc/self/exe");
        dispositions::unblock_in(command.arg0("aos").args(words));
        command.current_dir(directory.unwrap_or("."));
        VerbChild::of(command, format!("{} …", ansi::command(&words.join(" "))))
    }

    fn of(mut command: Command, doing: String) -> io::Result<VerbChild> {
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let talk = child.stderr.take().expect("it was asked for");
        fds::set_nonblocking(&talk)?;
        Ok(VerbChild { doing, child, talk, said: Vec::new() })
    }

    /// Hears what it says.
    pub fn listen(&mut self) -> io::Result<Progress> {
        match self.talk.read_to_end(&mut self.said) {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(Progress::Going),
            read => read?,
        };
        // What was said on the way to success is over with it.
        let has_failed = !self.child.wait()?.success();
        Ok(Progress::Over(on_one_line(&self.said).filter(|_| has_failed)))
    }
}

impl AsFd for VerbChild {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.talk.as_fd()
    }
}

/// `aos VERB ID`, which blocks no signal.
pub fn aos(verb: &str, id: TaskId) -> Command {
    let mut command = Command::new("/proc/self/exe");
    dispositions::unblock_in(command.arg0("aos").arg(verb).arg(id.to_string()));
    command
}

/// What was said, without its lines' ends and colours.
pub fn on_one_line(said: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(said);
    let lines = text.lines().map(|line| line.trim().trim_start_matches("aos: ")).filter(|line| !line.is_empty());
    let line = printable(&lines.collect::<Vec<_>>().join("; "));
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::on_one_line;

    #[test]
    fn a_failure_and_its_hint_are_one_line() {
        let said = b"aos: task-001 is not run again: it was adopted\n  hint: begin it anew\n";
        assert_eq!(
            on_one_line(said).as_deref(),
            Some("task-001 is not run again: it was adopted; hint: begin it anew")
        );
        assert_eq!(on_one_line(b""), None);
    }
}

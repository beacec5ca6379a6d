//! A verb that is run aside for a key, so that the view goes on meanwhile: the same as if it had
//! been typed.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::process::Command;

use crate::ansi::{self, printable};
use crate::sys::{dispositions, own_program};
use crate::task::id::TaskId;
use crate::tui::aside_child::{AsideChild, AsideEnd, HeardStream};

/// A verb at work.
pub struct VerbChild {
    /// What is said meanwhile.
    pub doing: String,
    child: AsideChild,
}

/// What came of it.
pub enum VerbOutcome {
    /// It is at work.
    Going,
    /// It has ended, with what it had to say; nothing where all went well.
    Over(Option<String>),
    /// It has begun a task.
    Begun(TaskId),
}

impl VerbChild {
    /// Runs `aos VERB ID`.
    pub fn begin(verb: &str, id: TaskId) -> io::Result<VerbChild> {
        let child = AsideChild::begin(aos(verb, id), HeardStream::Talk)?;
        Ok(VerbChild { doing: format!("{verb} {id} …"), child })
    }

    /// The same of other words, in a directory.
    pub fn run(words: &[String], directory: Option<&str>) -> io::Result<VerbChild> {
        let (verb, rest) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut command = own_program::verb(verb);
        dispositions::unblock_in(command.args(rest));
        command.current_dir(directory.unwrap_or("."));
        let doing = format!("{} …", ansi::command(&words.join(" ")));
        // What begins a task tells which.
        Ok(VerbChild { doing, child: AsideChild::begin(command, HeardStream::Both)? })
    }

    /// Hears what it says.
    pub fn listen(&mut self) -> io::Result<VerbOutcome> {
        // What was said on the way to success is over with it.
        Ok(match self.child.listen()? {
            None => VerbOutcome::Going,
            Some(AsideEnd { said, is_good: true }) => {
                let told = String::from_utf8_lossy(&said);
                told.trim().parse().map_or(VerbOutcome::Over(None), VerbOutcome::Begun)
            }
            Some(AsideEnd { said, is_good: false }) => VerbOutcome::Over(on_one_line(&said)),
        })
    }
}

impl AsFd for VerbChild {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.child.as_fd()
    }
}

/// `aos VERB ID`, which blocks no signal.
pub fn aos(verb: &str, id: TaskId) -> Command {
    let mut command = own_program::verb(verb);
    dispositions::unblock_in(command.arg(id.to_string()));
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

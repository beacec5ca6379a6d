//! `aos debug ID --json`, run aside: what it finds takes reading a whole log.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use crate::task::id::TaskId;
use crate::tui::aside_child::{AsideChild, HeardStream};
use crate::tui::board::findings::{FindingsPage, KnownFindings};
use crate::tui::verb_child::aos;

/// It, while it is at work.
pub struct DebugChild {
    child: AsideChild,
}

impl DebugChild {
    /// Begins it.
    pub fn begin(id: TaskId) -> io::Result<DebugChild> {
        let mut command = aos("debug", id);
        command.arg("--json");
        Ok(DebugChild { child: AsideChild::begin(command, HeardStream::Data)? })
    }

    /// Hears what it says; what was found, once it has ended.
    pub fn listen(&mut self) -> io::Result<Option<FindingsPage>> {
        let Some(end) = self.child.listen()? else { return Ok(None) };
        Ok(Some(match KnownFindings::of(&end.said) {
            Ok(known) => FindingsPage::Known(known),
            Err(why) => FindingsPage::Failed(why),
        }))
    }

    /// Ends it: nobody wants to know any more.
    pub fn end(self) {
        self.child.end();
    }
}

impl AsFd for DebugChild {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.child.as_fd()
    }
}

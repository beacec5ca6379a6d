//! `aos debug ID --json`, run aside: what it finds takes reading a whole log.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use crate::sys::regular;
use crate::task::id::TaskId;
use crate::tui::aside_child::{AsideChild, HeardStream};
use crate::tui::board::findings::{FindingsPage, KnownFindings};
use crate::tui::verb_child::aos;

/// It, while it is at work.
pub struct DebugChild {
    /// Whose log it reads.
    pub id: TaskId,
    child: AsideChild,
}

/// A source file is no longer. *Units*: bytes.
const LARGEST: u64 = 4 << 20;
/// Of so many files lines are shown.
const FILES: usize = 20;

impl DebugChild {
    /// Begins it.
    pub fn begin(id: TaskId) -> io::Result<DebugChild> {
        let mut command = aos("debug", id);
        command.arg("--json");
        Ok(DebugChild { id, child: AsideChild::begin(command, HeardStream::Data)? })
    }

    /// Hears what it says; what was found, once it has ended.
    pub fn listen(&mut self, directory: &Path) -> io::Result<Option<FindingsPage>> {
        let Some(end) = self.child.listen()? else { return Ok(None) };
        Ok(Some(match KnownFindings::of(&end.said) {
            Ok(mut known) => {
                quote_sources(&mut known, directory);
                FindingsPage::Known(known)
            }
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

/// Puts the source's line beside each finding whose file is there.
fn quote_sources(known: &mut KnownFindings, directory: &Path) {
    let mut files: BTreeMap<String, Option<String>> = BTreeMap::new();
    for finding in &mut known.diagnostics {
        let (Some(file), Some(line)) = (&finding.file, finding.source_line) else { continue };
        if files.len() >= FILES && !files.contains_key(file) {
            continue;
        }
        let text = files.entry(file.clone()).or_insert_with(|| {
            let bytes = regular::read(&directory.join(file), LARGEST).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        });
        let number = (line as usize).saturating_sub(1);
        finding.source = text.as_ref().and_then(|text| text.lines().nth(number)).map(|line| line.trim_end().to_owned());
    }
}

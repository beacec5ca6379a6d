//! `aos debug ID --json`, run aside: what it finds takes reading a whole log.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

use crate::sys::{fds, regular};
use crate::task::id::TaskId;
use crate::tui::board::findings::{FindingsPage, KnownFindings};
use crate::tui::verb_child::aos;

/// It, while it is at work.
pub struct DebugChild {
    /// Whose log it reads.
    pub id: TaskId,
    child: Child,
    out: ChildStdout,
    said: Vec<u8>,
}

/// It says no more. *Units*: bytes.
const MOST: u64 = 16 << 20;
/// A source file is no longer. *Units*: bytes.
const LARGEST: u64 = 4 << 20;
/// Of so many files lines are shown.
const FILES: usize = 20;

impl DebugChild {
    /// Begins it.
    pub fn begin(id: TaskId) -> io::Result<DebugChild> {
        let mut command = aos("debug", id);
        command.arg("--json").process_group(0);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let out = child.stdout.take().expect("it was asked for");
        fds::set_nonblocking(&out)?;
        Ok(DebugChild { id, child, out, said: Vec::new() })
    }

    /// Hears what it says; what was found, once it has ended.
    pub fn listen(&mut self, directory: &Path) -> io::Result<Option<FindingsPage>> {
        match self.out.by_ref().take(MOST).read_to_end(&mut self.said) {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            read => read?,
        };
        self.child.wait()?;
        Ok(Some(match KnownFindings::of(&self.said) {
            Ok(mut known) => {
                quote_sources(&mut known, directory);
                FindingsPage::Known(known)
            }
            Err(why) => FindingsPage::Failed(why),
        }))
    }

    /// Ends it: nobody wants to know any more.
    pub fn end(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl AsFd for DebugChild {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.out.as_fd()
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

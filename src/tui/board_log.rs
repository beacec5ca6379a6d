//! The log on the dashboard's page: read from its end, and further where the reader goes.

use std::io::{self, Read};
use std::path::PathBuf;

use crate::client::task_watch::WatchedTask;
use crate::logs::read::last_lines::start_of_last_before;
use crate::logs::read::tail_follow::TailFollow;
use crate::logs::store::segments::Segments;
use crate::logs::text::redact::{Redactor, Secrets};
use crate::store::layout::Home;
use crate::task_log::log_range::secrets;
use crate::tui::board::page::{LogWant, Page};
use crate::units::wall_time::WallTime;

/// It.
pub struct BoardLog {
    /// Where it is.
    pub path: PathBuf,
    /// What is hidden in it.
    pub secrets: Secrets,
    tail: TailFollow,
    mask: Redactor,
    shown: Vec<u8>,
}

/// Behind by more than this, the page goes on at the last lines. *Units*: bytes.
const FAR_BEHIND: u64 = 1 << 20;
/// So many lines are read at once, and so much of them. *Units of the second*: bytes.
const LINES: u64 = 1_000;
const MOST: u64 = 1 << 20;
/// As many buffers are shown at one look.
const MOST_AT_ONCE: usize = 32;

impl BoardLog {
    /// The log of a task, if it has one: its last lines.
    pub fn open(home: &Home, watched: &WatchedTask) -> Option<BoardLog> {
        let spec = &watched.reading.spec;
        if spec.adopted.is_some() {
            return None;
        }
        let path = home.log_path(spec.id, &spec.name);
        let secrets = secrets(home, spec);
        let mut tail = TailFollow::new(&path, 0);
        // A log that cannot be read says so when it is.
        let _ = tail.skip_to_last(LINES);
        let mask = Redactor::new(secrets.clone());
        Some(BoardLog { tail, mask, path, secrets, shown: Vec::new() })
    }

    /// Takes in what is new while the reader follows it; says whether there is more.
    pub fn read(&mut self, buffer: &mut [u8], page: &mut Page) -> io::Result<bool> {
        page.behind = self.tail.pending()?;
        if !page.is_following() {
            return Ok(false);
        }
        if page.behind > FAR_BEHIND && self.tail.skip_to_last(LINES)? > 0 {
            page.clear();
            self.mask = Redactor::new(self.secrets.clone());
        }
        let is_more = self.read_on(buffer, page, MOST_AT_ONCE)?;
        page.behind = 0;
        Ok(is_more)
    }

    fn read_on(&mut self, buffer: &mut [u8], page: &mut Page, most: usize) -> io::Result<bool> {
        for _ in 0..most {
            let Some((at, bytes)) = self.tail.read(buffer)? else { return Ok(false) };
            feed(&mut self.mask, &mut self.shown, bytes, at, page);
        }
        Ok(true)
    }

    /// Reads what the reader wants that is not on the page; says whether he wanted anything.
    pub fn serve(&mut self, buffer: &mut [u8], page: &mut Page) -> io::Result<bool> {
        match std::mem::take(&mut page.wants) {
            LogWant::Nothing => return Ok(false),
            LogWant::Older => self.read_older(page)?,
            LogWant::Newer => {
                self.read_on(buffer, page, 4)?;
                page.behind = self.tail.pending()?;
            }
            LogWant::Newest => drop(self.read(buffer, page)?),
            LogWant::At(time) => {
                let at = self.position_at(time)?;
                self.go_to(at, true, buffer, page)?;
            }
        }
        Ok(true)
    }

    fn position_at(&self, time: WallTime) -> io::Result<u64> {
        Segments::open(&self.path)?.position_at(time)
    }

    fn read_older(&mut self, page: &mut Page) -> io::Result<()> {
        let Some(end) = page.start().filter(|start| *start > 0) else { return Ok(()) };
        let log = Segments::open(&self.path)?;
        let start = start_of_last_before(&log, LINES, end.saturating_sub(MOST), end)?;
        let mut bytes = Vec::new();
        log.reader(start).until(end).take(2 * MOST).read_to_end(&mut bytes)?;
        if bytes.is_empty() {
            return Ok(());
        }
        if let Some(behind) = page.make_room() {
            // What follows is read again when the reader comes back to it.
            self.tail = TailFollow::new(&self.path, behind);
            self.mask = Redactor::new(self.secrets.clone());
            page.behind = self.tail.pending()?;
        }
        let (mut mask, mut shown, mut earlier) = (Redactor::new(self.secrets.clone()), Vec::new(), Page::default());
        feed(&mut mask, &mut shown, &bytes, start, &mut earlier);
        shown.clear();
        mask.finish(&mut shown);
        earlier.feed(&shown, end);
        page.put_before(earlier);
        Ok(())
    }

    /// Where what is not on the page yet begins. *Units*: bytes, a logical position.
    pub fn read_to(&self) -> u64 {
        self.tail.position()
    }

    /// Shows another part of the log: the line at this place is the first of the window, or its
    /// last.
    pub fn go_to(&mut self, at: u64, is_first: bool, buffer: &mut [u8], page: &mut Page) -> io::Result<()> {
        let log = Segments::open(&self.path)?;
        let start = start_of_last_before(&log, LINES / 2, at.saturating_sub(MOST), at)?;
        page.clear();
        self.tail = TailFollow::new(&self.path, start);
        self.mask = Redactor::new(self.secrets.clone());
        // Not to be trimmed while it is read.
        page.stand_at(0, 0);
        let most = usize::try_from(at - start).unwrap_or(usize::MAX) / buffer.len() + 3;
        self.read_on(buffer, page, most)?;
        page.stand_at(at, if is_first { page.rows.saturating_sub(1) } else { 0 });
        page.behind = self.tail.pending()?;
        Ok(())
    }
}

/// Puts bytes that stand there in the log on a page, secrets hidden, line by line: each line on the
/// page has the place in the log where it begins, so that nobody begins to read within a secret.
fn feed(mask: &mut Redactor, shown: &mut Vec<u8>, bytes: &[u8], mut at: u64, page: &mut Page) {
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        shown.clear();
        mask.feed(line, shown);
        page.feed(shown, at);
        at += line.len() as u64;
    }
}

//! A log without what was drawn over: progress bars and the like as they were left.

use std::io::{self, Cursor, Read};

use anstyle::Style;
use memchr::{memchr_iter, memchr3};

use crate::screen::canvas::{Canvas, LONGEST, held_back};
use crate::screen::row::change;
use crate::screen::sequence::writes_on;

const CHUNK: usize = 64 * 1024;
/// A line is long when it has no more room than that: a canvas never cuts a shorter one. *Units*:
/// bytes.
const SPARE: usize = 64;

/// What becomes of a line that is passed on in pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pieces {
    /// They are one line.
    Joined,
    /// They are taken for lines.
    Apart,
}

/// Reads what output has left. While nothing is drawn over, bytes are passed on as they are, but
/// for those of the last lines, which still may be.
///
/// Where the log pauses (gives nothing once), what follows comes from another terminal.
pub struct Rendered<R> {
    log: R,
    pieces: Pieces,
    keeps_colours: bool,
    /// The lines that can be drawn over, where nothing was so far.
    open: Vec<u8>,
    /// The same where something was.
    canvas: Option<Canvas>,
    /// How text looks behind what was passed on.
    style: Style,
    ready: Cursor<Vec<u8>>,
    /// What is read into where the caller's buffer has no room for it.
    chunk: Vec<u8>,
    /// Whether what is open is all text, and whether what was given last was.
    is_open_text: bool,
    is_text: bool,
    /// Whether anything was drawn over, as far as is known.
    has_drawn: bool,
    /// Whether the log gave nothing when it was last read.
    has_paused: bool,
    is_over: bool,
}

impl<R: Read> Rendered<R> {
    /// For whoever drops colours: those of what was drawn may get lost.
    pub fn plain(log: R, pieces: Pieces) -> Rendered<R> {
        Rendered {
            log,
            pieces,
            keeps_colours: false,
            open: Vec::new(),
            canvas: None,
            style: Style::new(),
            ready: Cursor::default(),
            chunk: Vec::new(),
            is_open_text: true,
            is_text: false,
            has_drawn: false,
            has_paused: false,
            is_over: false,
        }
    }

    /// For whoever shows colours.
    pub fn coloured(log: R, pieces: Pieces) -> Rendered<R> {
        Rendered { keeps_colours: true, ..Rendered::plain(log, pieces) }
    }

    /// Whether what was given last is known to be all text, without a colour: nobody need look a
    /// second time.
    pub fn is_text(&self) -> bool {
        self.is_text
    }

    /// Reads on, into the caller's buffer where it has room; says how much there is for it, if it
    /// is there.
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let held = self.open.len();
        if self.canvas.is_some() || buffer.len() < held + CHUNK / 2 {
            self.chunk.resize(CHUNK, 0);
            let length = read(&mut self.log, &mut self.chunk)?;
            let mut bytes = std::mem::take(&mut self.open);
            bytes.extend_from_slice(&self.chunk[..length]);
            self.take(&bytes, held);
            return Ok(None);
        }
        // The searcher's buffer grows with what it is given.
        let room = buffer.len().min(held + CHUNK);
        let buffer = &mut buffer[..room];
        buffer[..held].copy_from_slice(&self.open);
        let end = held + read(&mut self.log, &mut buffer[held..])?;
        let bytes = &buffer[..end];
        let settled = end - held_back(bytes);
        // Only what is new: what was held back has been looked at when it came.
        let is_text = memchr3(0x1b, b'\r', 0x08, &bytes[held..]).is_none();
        if end == held || self.keeps_colours || is_long(bytes) || !is_text && !writes_on(&bytes[held..]) {
            self.open.clear();
            self.take(bytes, held);
            return Ok(None);
        }
        self.has_paused = false;
        self.open.clear();
        self.open.extend_from_slice(&bytes[settled..]);
        self.is_text = is_text && self.is_open_text;
        // Where all that was held is passed on, what is open is of this chunk alone.
        self.is_open_text = is_text && (self.is_open_text || settled >= held);
        Ok((settled > 0).then_some(settled))
    }

    /// Takes in what was held back so far, and what is new behind it.
    fn take(&mut self, bytes: &[u8], held: usize) {
        self.ready = Cursor::default();
        (self.is_text, self.is_open_text) = (false, bytes.len() == held);
        if bytes.len() == held {
            self.pause(bytes);
            return;
        }
        self.has_paused = false;
        if self.canvas.is_none() && !self.keeps_colours && !is_long(bytes) && writes_on(&bytes[held..]) {
            let settled = bytes.len() - held_back(bytes);
            self.ready.get_mut().extend_from_slice(&bytes[..settled]);
            self.open.extend_from_slice(&bytes[settled..]);
            return;
        }
        self.has_drawn = true;
        // Nobody asks these lines for their places.
        let canvas = self.canvas.get_or_insert_with(|| Canvas::new(0, 1));
        canvas.feed(bytes);
        self.drain(false);
        if !self.keeps_colours && self.canvas.as_ref().is_some_and(Canvas::is_calm) {
            self.calm_down();
        }
    }

    /// What is open is passed on: nobody goes back to it.
    fn pause(&mut self, held: &[u8]) {
        // A log gives nothing once where a run ends, and twice at its end.
        self.is_over = std::mem::replace(&mut self.has_paused, true);
        self.ready.get_mut().extend_from_slice(held);
        if let Some(canvas) = &mut self.canvas {
            canvas.finish();
            self.drain(true);
            self.canvas = None;
            change(self.style, Style::new(), self.ready.get_mut());
            self.style = Style::new();
        }
    }

    /// Passes on what is settled.
    fn drain(&mut self, is_all: bool) {
        let Some(canvas) = &mut self.canvas else { return };
        let mut next = canvas.settled();
        while let Some(line) = next {
            next = canvas.settled();
            self.style = line.row.show(self.style, self.ready.get_mut());
            // Behind the last piece of all nothing follows that it would have to stand apart from.
            let is_cut = self.pieces == Pieces::Apart && (next.is_some() || !is_all);
            if line.has_ended || is_cut {
                self.ready.get_mut().push(b'\n');
            }
        }
    }

    /// Nothing that was drawn is open any more.
    fn calm_down(&mut self) {
        let Some(canvas) = self.canvas.take() else { return };
        change(self.style, Style::new(), self.ready.get_mut());
        self.style = Style::new();
        let last = canvas.open().count().saturating_sub(1);
        for (at, line) in canvas.open().enumerate() {
            line.row.show(Style::new(), &mut self.open);
            if at < last {
                self.open.push(b'\n');
            }
        }
    }
}

impl<R: Read> Read for Rendered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // To give nothing would be the end, also where all that was read is held back.
        while self.ready.position() == self.ready.get_ref().len() as u64 {
            if self.is_over {
                return Ok(0);
            }
            if let Some(length) = self.fill(buffer)? {
                return Ok(length);
            }
        }
        self.ready.read(buffer)
    }
}

/// How many lines a log has left, one that did not end too, and whether anything was drawn over.
pub fn lines(log: impl Read) -> io::Result<(u64, bool)> {
    let mut settled = Rendered::plain(log, Pieces::Joined);
    // Room for what is held back and a chunk, which is then read straight into it.
    let (mut buffer, mut lines, mut ends_in_line) = (vec![0; 2 * CHUNK], 0, false);
    loop {
        let length = settled.read(&mut buffer)?;
        let Some(last) = buffer[..length].last() else { break };
        lines += memchr_iter(b'\n', &buffer[..length]).count() as u64;
        ends_in_line = *last != b'\n';
    }
    Ok((lines + u64::from(ends_in_line), settled.has_drawn))
}

/// Whether a line among these may be one that a canvas cuts: it has the last word on where.
fn is_long(bytes: &[u8]) -> bool {
    let most = LONGEST - SPARE;
    let mut from = 0;
    let ends = memchr_iter(b'\n', bytes).chain([bytes.len()]);
    bytes.len() > most && ends.into_iter().any(|end| end - std::mem::replace(&mut from, end + 1) > most)
}

fn read(log: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match log.read(buffer) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

#[cfg(test)]
#[path = "rendered_tests.rs"]
pub mod tests;

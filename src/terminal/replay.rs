//! What somebody is shown who comes to a terminal at which things have happened already.

use std::io::{self, Read};
use std::path::Path;

use crate::logs::store::segments::Segments;
use crate::screen::picture::{Picture, places_absolutely, with_returns};
use crate::units::size::Size;
use crate::units::tty_modes::LineFeed;
use crate::wire::Screen;

/// How much of a log's end is gone through for the picture on its screen. *Units*: bytes.
#[derive(Clone, Copy, Debug)]
pub struct Depth(u64);

/// Enough for a program that rarely draws its screen anew.
pub const DEEP: Depth = Depth(1024 * 1024);
/// Enough for what runs over the screen faster than anybody reads.
pub const SHALLOW: Depth = Depth(32 * 1024);

/// What shows, below what stands on a screen of this size, what the task's screen has: without a
/// full-screen program's.
pub fn below(log: &Path, screen: &Screen, size: Size, depth: Depth) -> io::Result<Vec<u8>> {
    let tail = tail(log, screen, depth)?;
    let picture = of(&tail, size);
    if !places_absolutely(&tail) {
        return Ok(picture.paint_below());
    }
    // What its program places must lie where that thinks: the screen is the task's, what was on it
    // is scrolled away.
    let mut bytes = b"\r\n".repeat(size.rows.into());
    bytes.extend_from_slice(&picture.paint());
    Ok(bytes)
}

/// The picture on the task's screen, without a full-screen program's.
pub fn picture(log: &Path, screen: &Screen) -> io::Result<Picture> {
    Ok(of(&tail(log, screen, DEEP)?, screen.size))
}

/// A part of the log, as a terminal in raw mode is to get it.
pub fn part(log: &Path, from: u64, to: u64) -> io::Result<Vec<u8>> {
    Ok(with_returns(&read(log, from, to)?))
}

fn of(tail: &[u8], size: Size) -> Picture {
    let mut picture = Picture::new(size);
    picture.show(tail, LineFeed::Returns);
    picture
}

/// The end of this run's log, from the beginning of a line.
fn tail(log: &Path, screen: &Screen, depth: Depth) -> io::Result<Vec<u8>> {
    let from = screen.log_start.max(screen.log_end.saturating_sub(depth.0));
    let mut tail = read(log, from, screen.log_end)?;
    if from > screen.log_start
        && let Some(end) = memchr::memchr(b'\n', &tail)
    {
        tail.drain(..=end);
    }
    Ok(tail)
}

/// As much as is there: a log may have been cut or removed from outside.
fn read(log: &Path, from: u64, to: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match Segments::open(log) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        opened => drop(opened?.reader(from).until(to).read_to_end(&mut bytes)?),
    }
    Ok(bytes)
}

//! The lines of a log that are looked at just now.

use memchr::memchr;

use super::reading::Block;

/// Lines that are kept for what looks back.
pub const BEHIND: usize = 80;
/// Of a longer line no more is looked at. *Units*: bytes.
pub const LONGEST: usize = 8 * 1024;

/// The lines that are looked at, with some before them.
#[derive(Clone, Debug, Default)]
pub struct Window {
    /// Their text.
    pub bytes: Vec<u8>,
    /// Where each begins, and its number.
    pub lines: Vec<(usize, u64)>,
    /// The first that was not looked at.
    pub at: usize,
}

impl Window {
    /// Takes in the next lines, and lets go of those that nothing looks back to.
    pub fn push(&mut self, block: &Block) {
        let drop = self.at.saturating_sub(BEHIND);
        if drop > 0 {
            let cut = self.lines.get(drop).map_or(self.bytes.len(), |line| line.0);
            self.bytes.drain(..cut);
            self.lines.drain(..drop);
            self.lines.iter_mut().for_each(|line| line.0 -= cut);
            self.at -= drop;
        }
        let mut start = 0;
        let mut count = 0;
        while start < block.bytes.len() {
            self.lines.push((self.bytes.len() + start, block.numbers.of(count)));
            count += 1;
            start += memchr(b'\n', &block.bytes[start..]).map_or(block.bytes.len() - start, |at| at + 1);
        }
        self.bytes.extend_from_slice(&block.bytes);
    }

    /// A line, without its end.
    pub fn line(&self, at: usize) -> &[u8] {
        let start = self.lines[at].0;
        let end = self.lines.get(at + 1).map_or(self.bytes.len(), |next| next.0);
        let line = &self.bytes[start..end.min(start + LONGEST)];
        line.trim_ascii_end()
    }
}

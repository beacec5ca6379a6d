//! A log as it is searched: as it is visible, without colours and what was drawn over.

use std::io::{self, Cursor, Read};

use memchr::memchr2;

use crate::ansi::Filter;
use crate::logs::text::rendered::{Pieces, Rendered};

/// Reads a log as it is visible. Bytes of lines in which nothing is hidden are passed on as they
/// are, without a second look. A line that is longer than a mebibyte counts as several.
pub struct PlainText<R> {
    log: Rendered<R>,
    filter: Filter,
    ready: Cursor<Vec<u8>>,
    is_over: bool,
}

impl<R: Read> PlainText<R> {
    /// Begins with a line.
    pub fn new(log: R) -> PlainText<R> {
        let log = Rendered::plain(log, Pieces::Apart);
        PlainText { log, filter: Filter::to_search(), ready: Cursor::default(), is_over: false }
    }

    /// Reads on, into the caller's buffer; says how much there is for it, if it is there.
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let length = self.log.read(buffer)?;
        let bytes = &buffer[..length];
        // What is known comes first: a second look at every byte shows in the time of a search.
        let is_text = || self.log.is_text() || memchr2(0x1b, b'\r', bytes).is_none();
        if length > 0 && self.filter.holds_nothing() && is_text() {
            return Ok(Some(length));
        }
        self.take(bytes);
        Ok(None)
    }

    fn take(&mut self, bytes: &[u8]) {
        self.ready.set_position(0);
        let ready = self.ready.get_mut();
        ready.clear();
        self.is_over = bytes.is_empty();
        if self.is_over {
            self.filter.finish(ready);
        } else {
            self.filter.feed(bytes, ready);
        }
    }
}

impl<R: Read> Read for PlainText<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
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

#[cfg(test)]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::PlainText;
    use crate::ansi::Filter;
    use crate::logs::text::rendered::tests::{Drops, all};
    use crate::logs::text::rendered::{Pieces, Rendered};
    use crate::screen::canvas::LONGEST;

    fn read(bytes: &[u8], drop: usize, room: usize) -> Vec<u8> {
        all(PlainText::new(Drops(bytes, drop)), room)
    }

    #[test]
    fn what_never_ends_comes_in_pieces() {
        let long = vec![b'x'; 3 * LONGEST];
        let found = read(&long, 50_000, 64 * 1024);
        assert_eq!(found.iter().filter(|b| **b == b'x').count(), long.len());
        assert!(found.split(|b| *b == b'\n').all(|piece| piece.len() <= LONGEST + 128 * 1024));
    }

    proptest! {
        #[test]
        fn what_is_left_is_without_colours_however_it_is_read(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just(&b"\x1b[31mred\x1b[0m"[..]), Just(&b"\r"[..]), Just(&b"\n"[..]), Just(&b"\n"[..]),
                    Just(&b"a\0b\xff"[..]), Just(&b"\xc3\xa9 plain"[..]), Just(&b"\x1b[2A"[..]),
                ], 0..30),
            drop in 1usize..40,
            room in prop_oneof![Just(7usize), Just(64 * 1024), Just(256 * 1024)],
        ) {
            let bytes = parts.concat();
            let mut settled = Vec::new();
            Rendered::plain(&bytes[..], Pieces::Apart).read_to_end(&mut settled).expect("read");
            let (mut filter, mut wanted) = (Filter::to_search(), Vec::new());
            filter.feed(&settled, &mut wanted);
            filter.finish(&mut wanted);
            prop_assert_eq!(read(&bytes, drop, room), wanted);
        }
    }
}

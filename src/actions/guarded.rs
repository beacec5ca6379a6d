//! The one way to a reader's terminal: whatever a verb prints there, it gets text, line ends, tabs
//! and colours. Who reads through a pipe gets what was printed.

use std::io::{self, Write};

use crate::ansi::{Colours, Filter};

/// A terminal, or something else, behind the filter.
pub struct Guarded<W: Write> {
    /// Where somebody looks.
    filter: Option<Filter>,
    safe: Vec<u8>,
    out: W,
}

impl<W: Write> Guarded<W> {
    /// Puts the filter before `out`, if that is a terminal.
    pub fn new(out: W, is_terminal: bool) -> Guarded<W> {
        Guarded { filter: is_terminal.then(|| Filter::new(Colours::Pass)), safe: Vec::new(), out }
    }
}

impl<W: Write> Write for Guarded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(filter) = &mut self.filter else { return self.out.write(bytes) };
        self.safe.clear();
        filter.feed(bytes, &mut self.safe);
        self.out.write_all(&self.safe).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A part of a character is shown as the bytes that it is.
impl<W: Write> Drop for Guarded<W> {
    fn drop(&mut self) {
        if let Some(filter) = &mut self.filter {
            self.safe.clear();
            filter.finish(&mut self.safe);
            // Nobody is left to be told.
            let _ = self.out.write_all(&self.safe);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Guarded;
    use std::io::Write;

    fn printed(parts: &[&[u8]], is_terminal: bool) -> Vec<u8> {
        let mut out = Vec::new();
        let mut guarded = Guarded::new(&mut out, is_terminal);
        parts.iter().for_each(|part| guarded.write_all(part).expect("written"));
        drop(guarded);
        out
    }

    #[test]
    fn a_terminal_gets_text_and_colours_and_a_pipe_everything() {
        let parts: [&[u8]; 5] =
            [b"\x1b[31mred\x1b[0m\n\ta", b"\x1b]52;c;", b"ZXZpbA==\x07b\x1b[2J", b"\xe2\x80", b"\x8bc\x9b\xe2"];
        assert_eq!(printed(&parts, true), b"\x1b[31mred\x1b[0m\n\tabc\\x9b\\xe2");
        assert_eq!(printed(&parts, false), parts.concat());
    }
}

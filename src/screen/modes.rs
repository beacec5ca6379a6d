//! The modes that a stream of output sets in a terminal: found without parsing the rest, so that they can be
//! followed through megabytes of output.
//! *Source*: XTerm Control Sequences (ctlseqs), "DEC Private Mode Set".

use memchr::memmem;

/// The longest control sequence that is waited for. *Units*: bytes.
const LONGEST: usize = 64;
/// Modes that concern a screen of its own.
const ALTERNATE: [u16; 3] = [47, 1047, 1049];

/// Follows private modes (`ESC [ ? N h`, `ESC [ ? N l`) through a stream, however it is cut.
#[derive(Debug, Default)]
pub struct Scan {
    /// The beginning of a sequence whose end has not come.
    begun: Vec<u8>,
}

/// A mode that was set or reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub mode: u16,
    /// Whether it is on now.
    pub is_on: bool,
    /// Where the next byte after the sequence stands in the chunk.
    pub end: usize,
}

impl Change {
    /// Whether this goes to, or leaves, the screen that full-screen programs have for themselves.
    pub fn is_of_alternate_screen(self) -> bool {
        ALTERNATE.contains(&self.mode)
    }
}

impl Scan {
    /// The changes in the next chunk, in order.
    pub fn chunk(&mut self, bytes: &[u8]) -> Vec<Change> {
        if self.begun.is_empty() {
            return self.scan(bytes, 0);
        }
        let held = std::mem::take(&mut self.begun);
        let rest = bytes.iter().position(|byte| *byte == 0x1b).unwrap_or(bytes.len());
        let joined = [&held[..], &bytes[..rest]].concat();
        let mut found = self.scan(&joined, held.len());
        if self.begun.is_empty() || rest < bytes.len() {
            self.begun.clear();
            found.extend(self.scan(&bytes[rest..], 0).into_iter().map(|c| Change { end: c.end + rest, ..c }));
        }
        found
    }

    /// `held` of these bytes came with earlier chunks.
    fn scan(&mut self, bytes: &[u8], held: usize) -> Vec<Change> {
        let mut found = Vec::new();
        for at in memmem::find_iter(bytes, b"\x1b[?") {
            let parameters = &bytes[at + 3..];
            let Some(length) = parameters.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b';')) else { continue };
            let is_on = match parameters[length] {
                b'h' => true,
                b'l' => false,
                _ => continue,
            };
            let end = (at + 3 + length + 1).saturating_sub(held);
            let modes = parameters[..length].split(|byte| *byte == b';');
            let modes = modes.filter_map(|mode| std::str::from_utf8(mode).ok()?.parse().ok());
            found.extend(modes.map(|mode| Change { mode, is_on, end }));
        }
        self.begun = unfinished(bytes).to_vec();
        found
    }
}

/// What at the end of these bytes may become a sequence that is looked for.
fn unfinished(bytes: &[u8]) -> &[u8] {
    let recent = &bytes[bytes.len().saturating_sub(LONGEST)..];
    let Some(at) = memchr::memrchr(0x1b, recent) else { return b"" };
    let begun = &recent[at..];
    let is_open = match begun {
        [_] | [_, b'['] => true,
        [_, b'[', b'?', rest @ ..] => rest.iter().all(|byte| matches!(byte, b'0'..=b'9' | b';')),
        _ => false,
    };
    if is_open { begun } else { b"" }
}

#[cfg(test)]
mod tests {
    use super::{Change, Scan};
    use proptest::prelude::*;

    #[test]
    fn modes_are_found_among_other_output() {
        let changes = Scan::default().chunk(b"a\x1b[1mb\x1b[?1049;25hc\x1b[?6n\x1b[?25l");
        let change = |mode, is_on, end| Change { mode, is_on, end };
        assert_eq!(changes, [change(1049, true, 17), change(25, true, 17), change(25, false, 29)]);
    }

    proptest! {
        #[test]
        fn chunks_may_be_cut_anywhere(parts in proptest::collection::vec(
            prop_oneof![Just("\x1b[?1049h"), Just("\x1b[?25;7l"), Just("x"), Just("\x1b"), Just("\x1b[?"), Just("1h"), Just("\x1b[0m")],
            0..8), cut in 1usize..7)
        {
            let stream = parts.concat();
            let plain = |changes: Vec<Change>| changes.into_iter().map(|c| (c.mode, c.is_on)).collect::<Vec<_>>();
            let whole = plain(Scan::default().chunk(stream.as_bytes()));
            let mut scan = Scan::default();
            let mut pieces = Vec::new();
            for piece in stream.as_bytes().chunks(cut) {
                let found = scan.chunk(piece);
                prop_assert!(found.iter().all(|change| change.end <= piece.len()));
                pieces.extend(plain(found));
            }
            prop_assert_eq!(pieces, whole);
        }
    }
}

//! The modes that a stream of output sets in a terminal: found without parsing the rest, so that they can be
//! followed through megabytes of output, and put back when somebody stops looking.
//! *Source*: XTerm Control Sequences (ctlseqs), "DEC Private Mode Set".

use std::collections::BTreeMap;

use memchr::memmem;

/// The longest control sequence that is waited for. *Units*: bytes.
const LONGEST: usize = 64;
/// Modes that are on unless a program turns them off: wrapping at the margin, a visible cursor.
const USUALLY_ON: [u16; 2] = [7, 25];
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

/// What a stream has changed in the terminal that shows it.
#[derive(Debug, Default)]
pub struct Modes {
    scan: Scan,
    changed: BTreeMap<u16, bool>,
    has_other: bool,
}

impl Modes {
    /// Takes in what the terminal was shown.
    pub fn watch(&mut self, bytes: &[u8]) {
        for change in self.scan.chunk(bytes) {
            self.changed.insert(change.mode, change.is_on);
        }
        // Any other sequence may have set colours, a character set, margins, a keyboard protocol.
        self.has_other |= memchr::memchr2(0x1b, 0x0e, bytes).is_some();
    }

    /// Whether a full-screen program has the screen to itself.
    pub fn is_alternate(&self) -> bool {
        ALTERNATE.iter().any(|mode| self.changed.get(mode) == Some(&true))
    }

    /// What puts everything back, for a terminal that belongs to somebody else again.
    pub fn undo(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (mode, is_on) in &self.changed {
            let was_on = USUALLY_ON.contains(mode);
            if *is_on != was_on {
                bytes.extend_from_slice(format!("\x1b[?{mode}{}", if was_on { 'h' } else { 'l' }).as_bytes());
            }
        }
        if self.has_other {
            // Attributes, character sets, keypad; margins with the cursor kept; key encodings (kitty's, xterm's).
            bytes.extend_from_slice(b"\x1b[m\x0f\x1b(B\x1b>\x1b7\x1b[r\x1b8\x1b[<9u\x1b[>4m");
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, Modes, Scan};
    use proptest::prelude::*;

    #[test]
    fn modes_are_found_among_other_output() {
        let changes = Scan::default().chunk(b"a\x1b[1mb\x1b[?1049;25hc\x1b[?6n\x1b[?25l");
        let change = |mode, is_on, end| Change { mode, is_on, end };
        assert_eq!(changes, [change(1049, true, 17), change(25, true, 17), change(25, false, 29)]);
    }

    #[test]
    fn what_was_changed_is_put_back() {
        let mut modes = Modes::default();
        modes.watch(b"plain text");
        assert_eq!(modes.undo(), b"");
        modes.watch(b"\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1000h\x1b[?1000l");
        assert!(modes.is_alternate());
        let undo = String::from_utf8(modes.undo()).expect("text");
        assert!(undo.starts_with("\x1b[?25h\x1b[?1049l\x1b[?2004l\x1b[m"), "{undo:?}");
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

//! Keys, from the bytes that a terminal sends for them. *Source*: console_codes(4), xterm's
//! ctlseqs.

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A letter, digit or sign; control keys as their control character.
    Char(char),
    /// Enter.
    Enter,
    /// Escape, by itself.
    Escape,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
}

const ESCAPE: u8 = 0x1b;
/// Longer than any key's.
const LONGEST: usize = 32;

/// Bytes on their way to becoming keys. An Escape may begin a sequence: what follows, or that
/// nothing does for a moment, tells.
#[derive(Debug, Default)]
pub struct Keys {
    pending: Vec<u8>,
}

impl Keys {
    /// Takes in the next bytes; gives the keys that are complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Key> {
        bytes.iter().filter_map(|&byte| self.byte(byte)).collect()
    }

    /// Whether a key has begun that may go on.
    pub fn is_open(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Nothing followed for a moment: the key that it was by itself.
    pub fn close(&mut self) -> Option<Key> {
        let was = std::mem::take(&mut self.pending);
        (was == [ESCAPE]).then_some(Key::Escape)
    }

    fn byte(&mut self, byte: u8) -> Option<Key> {
        match (&self.pending[..], byte) {
            ([], ESCAPE) => self.hold(byte),
            ([], _) => plain(byte),
            ([ESCAPE], b'[' | b'O') => self.hold(byte),
            // One Escape after another.
            ([ESCAPE], ESCAPE) => Some(Key::Escape),
            // A letter with Alt: no key of ours.
            ([ESCAPE], _) => self.drop_pending(),
            ([.., b'O'], _) | (_, 0x40..=0x7e) => {
                self.pending.push(byte);
                named(&std::mem::take(&mut self.pending))
            }
            _ if self.pending.len() < LONGEST => self.hold(byte),
            _ => self.drop_pending(),
        }
    }

    fn hold(&mut self, byte: u8) -> Option<Key> {
        self.pending.push(byte);
        None
    }

    fn drop_pending(&mut self) -> Option<Key> {
        self.pending.clear();
        None
    }
}

fn plain(byte: u8) -> Option<Key> {
    match byte {
        b'\r' | b'\n' => Some(Key::Enter),
        b'\t' => Some(Key::Tab),
        0..0x7f => Some(Key::Char(char::from(byte))),
        _ => None,
    }
}

fn named(sequence: &[u8]) -> Option<Key> {
    match &sequence[2..] {
        b"A" => Some(Key::Up),
        b"B" => Some(Key::Down),
        b"H" | b"1~" | b"7~" => Some(Key::Home),
        b"F" | b"4~" | b"8~" => Some(Key::End),
        b"5~" => Some(Key::PageUp),
        b"6~" => Some(Key::PageDown),
        b"Z" => Some(Key::BackTab),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::tui::view::keys::{Key, Keys};
    use proptest::prelude::*;

    #[test]
    fn sequences_are_keys_also_in_pieces() {
        let mut keys = Keys::default();
        assert_eq!(keys.feed(b"q\x1b[A\x1bOB\x1b[5~\t\x1b[Z\r"), {
            [Key::Char('q'), Key::Up, Key::Down, Key::PageUp, Key::Tab, Key::BackTab, Key::Enter]
        });
        assert_eq!(
            (keys.feed(b"\x1b"), keys.feed(b"["), keys.feed(b"6~s")),
            (vec![], vec![], { vec![Key::PageDown, Key::Char('s')] })
        );
    }

    #[test]
    fn an_escape_by_itself_is_known_when_nothing_follows() {
        let mut keys = Keys::default();
        assert_eq!(keys.feed(b"\x1b"), []);
        assert!(keys.is_open());
        assert_eq!((keys.close(), keys.is_open()), (Some(Key::Escape), false));
        assert_eq!(keys.feed(b"\x1b\x1b"), [Key::Escape]);
    }

    #[test]
    fn what_is_no_key_of_ours_does_nothing() {
        let mut keys = Keys::default();
        assert_eq!(keys.feed(b"\x1b[1;5C\x1b[200~\x1bx\x1bOP\xc3\xa4q"), [Key::Char('q')]);
    }

    proptest! {
        #[test]
        fn any_bytes_leave_it_usable(bytes: Vec<u8>) {
            let mut keys = Keys::default();
            keys.feed(&bytes);
            keys.close();
            prop_assert_eq!(keys.feed(b"q"), [Key::Char('q')]);
        }
    }
}

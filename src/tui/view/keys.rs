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
    /// Left.
    Left,
    /// Right.
    Right,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// The mouse, where its reports were asked for.
    Mouse(MouseEvent),
}

/// What the mouse did, and where. *Units*: cells from the top left corner, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MouseEvent {
    /// What.
    pub press: MousePress,
    /// The column.
    pub col: u16,
    /// The row.
    pub row: u16,
}

/// What the mouse can do here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MousePress {
    /// The left button was pressed.
    Left,
    /// The wheel was turned up.
    WheelUp,
    /// The wheel was turned down.
    WheelDown,
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
            // The first byte of a character of several.
            ([], 0xc2..=0xf4) => self.hold(byte),
            ([], _) => plain(byte),
            ([0xc2..=0xf4, ..], 0x80..=0xbf) => self.character(byte),
            ([0xc2..=0xf4, ..], _) => {
                self.pending.clear();
                self.byte(byte)
            }
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

    /// Takes in a byte of a character of several.
    fn character(&mut self, byte: u8) -> Option<Key> {
        self.pending.push(byte);
        match std::str::from_utf8(&self.pending) {
            Ok(text) => {
                let key = text.chars().next().map(Key::Char);
                self.pending.clear();
                key
            }
            Err(e) if e.error_len().is_none() => None,
            Err(_) => self.drop_pending(),
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
        0x7f | 0x08 => Some(Key::Backspace),
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
        b"D" => Some(Key::Left),
        b"C" => Some(Key::Right),
        b"3~" => Some(Key::Delete),
        [b'<', report @ ..] => mouse(report).map(Key::Mouse),
        _ => None,
    }
}

/// `BUTTON;COL;ROW`, and `M` for a press. *Source*: xterm's ctlseqs, SGR mouse mode.
fn mouse(report: &[u8]) -> Option<MouseEvent> {
    let text = std::str::from_utf8(report.strip_suffix(b"M")?).ok()?;
    let mut numbers = text.split(';').map(str::parse::<u16>);
    let (button, col, row) = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
    let press = match button {
        0 => MousePress::Left,
        64 => MousePress::WheelUp,
        65 => MousePress::WheelDown,
        _ => return None,
    };
    Some(MouseEvent { press, col: col.saturating_sub(1), row: row.saturating_sub(1) })
}

#[cfg(test)]
mod tests {
    use crate::tui::view::keys::{Key, Keys, MouseEvent, MousePress};
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
        assert_eq!(keys.feed(b"\x1b[1;5C\x1b[200~\x1bx\x1bOP\xff\xa4q\xc3q"), [Key::Char('q'), Key::Char('q')]);
    }

    #[test]
    fn characters_of_several_bytes_and_the_mouse_are_keys() {
        let mut keys = Keys::default();
        assert_eq!(keys.feed("ä漢".as_bytes()), [Key::Char('ä'), Key::Char('漢')]);
        let at = |press| Key::Mouse(MouseEvent { press, col: 4, row: 199 });
        assert_eq!(
            keys.feed(b"\x1b[<0;5;200M\x1b[<0;5;200m\x1b[<64;5;200M\x7f\x1b[D"),
            [at(MousePress::Left), at(MousePress::WheelUp), Key::Backspace, Key::Left]
        );
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

//! What is typed at an attached terminal: for the task, but for the key that leaves.

use crate::screen::keys::KeySequence;

/// Tells the key that leaves from all others.
#[derive(Debug)]
pub struct LeaveKey {
    forms: Vec<Vec<u8>>,
}

/// What was typed.
#[derive(Debug, PartialEq, Eq)]
pub struct Typed<'a> {
    /// For the task.
    pub passed: &'a [u8],
    /// Whether the key that leaves came then.
    pub is_leaving: bool,
}

impl LeaveKey {
    /// Leaves at this key, in whichever form the terminal sends it.
    pub fn new(leave: &KeySequence) -> LeaveKey {
        LeaveKey { forms: leave.forms() }
    }

    /// Reads what the terminal sent at once. A key comes whole.
    pub fn read<'a>(&self, typed: &'a [u8]) -> Typed<'a> {
        let at = self.forms.iter().filter_map(|form| memchr::memmem::find(typed, form)).min();
        Typed { passed: &typed[..at.unwrap_or(typed.len())], is_leaving: at.is_some() }
    }
}

#[cfg(test)]
mod tests {
    use super::{LeaveKey, Typed};

    #[test]
    fn the_key_leaves_in_every_form() {
        let keyboard = LeaveKey::new(&"C-]".parse().expect("a key"));
        let typed = |bytes| keyboard.read(bytes);
        assert_eq!(typed(b"ls\r"), Typed { passed: b"ls\r", is_leaving: false });
        assert_eq!(typed(b"l\x1dx"), Typed { passed: b"l", is_leaving: true });
        assert_eq!(typed(b"\x1b[93;5u"), Typed { passed: b"", is_leaving: true });
    }
}

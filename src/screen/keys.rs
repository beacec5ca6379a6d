//! Keys by name, and the bytes that a terminal sends for them. *Source*: XTerm Control Sequences
//! (ctlseqs), "PC-Style Function Keys"; names as tmux and Emacs write them.

use std::fmt;
use std::str::FromStr;

/// What a key sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySequence {
    name: String,
    bytes: Vec<u8>,
}

/// Why a name is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no key: write C-c, M-x, Enter, Tab, Escape, Space, Up, Down, Left, Right, Home, End, PageUp, F1 or a character"
)]
pub struct BadKey(String);

const NAMED: [(&str, &[u8]); 33] = [
    ("Enter", b"\r"),
    ("Return", b"\r"),
    ("Tab", b"\t"),
    ("BTab", b"\x1b[Z"),
    ("Escape", b"\x1b"),
    ("Esc", b"\x1b"),
    ("Space", b" "),
    ("BSpace", b"\x7f"),
    ("Backspace", b"\x7f"),
    ("Delete", b"\x1b[3~"),
    ("Insert", b"\x1b[2~"),
    ("Up", b"\x1b[A"),
    ("Down", b"\x1b[B"),
    ("Right", b"\x1b[C"),
    ("Left", b"\x1b[D"),
    ("Home", b"\x1b[H"),
    ("End", b"\x1b[F"),
    ("PageUp", b"\x1b[5~"),
    ("PgUp", b"\x1b[5~"),
    ("PageDown", b"\x1b[6~"),
    ("PgDn", b"\x1b[6~"),
    ("F1", b"\x1bOP"),
    ("F2", b"\x1bOQ"),
    ("F3", b"\x1bOR"),
    ("F4", b"\x1bOS"),
    ("F5", b"\x1b[15~"),
    ("F6", b"\x1b[17~"),
    ("F7", b"\x1b[18~"),
    ("F8", b"\x1b[19~"),
    ("F9", b"\x1b[20~"),
    ("F10", b"\x1b[21~"),
    ("F11", b"\x1b[23~"),
    ("F12", b"\x1b[24~"),
];

impl KeySequence {
    /// What is sent for it.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Every form in which a terminal may send it: a program can have asked for one in which
    /// control keys are told apart (kitty's protocol, xterm's modifyOtherKeys).
    pub fn forms(&self) -> Vec<Vec<u8>> {
        let mut forms = vec![self.bytes.clone()];
        if let [byte @ 0..=0x1f] = self.bytes[..] {
            let letter = u32::from((byte | 0x40).to_ascii_lowercase());
            forms.push(format!("\x1b[{letter};5u").into_bytes());
            forms.push(format!("\x1b[27;5;{letter}~").into_bytes());
        }
        forms
    }
}

impl FromStr for KeySequence {
    type Err = BadKey;

    fn from_str(name: &str) -> Result<KeySequence, BadKey> {
        let bytes = bytes_of(name).ok_or_else(|| BadKey(name.to_owned()))?;
        Ok(KeySequence { name: name.to_owned(), bytes })
    }
}

impl fmt::Display for KeySequence {
    /// Control keys as terminals show them: `^]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bytes[..] {
            [byte @ 0..=0x1f] if control_of(&self.name).is_some() => write!(f, "^{}", char::from(byte | 0x40)),
            _ => f.write_str(&self.name),
        }
    }
}

fn bytes_of(name: &str) -> Option<Vec<u8>> {
    if let Some(byte) = control_of(name) {
        return Some(vec![byte]);
    }
    if let Some(rest) = name.strip_prefix("M-").filter(|rest| !rest.is_empty()) {
        return Some([b"\x1b", &bytes_of(rest)?[..]].concat());
    }
    if let Some((_, bytes)) = NAMED.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
        return Some(bytes.to_vec());
    }
    let mut characters = name.chars();
    let only = characters.next().filter(|_| characters.next().is_none())?;
    Some(only.to_string().into_bytes())
}

/// `C-c`, `^C`; also `C-]`, `C-\`, `C-Space`, `C-?`.
fn control_of(name: &str) -> Option<u8> {
    let key = name.strip_prefix("C-").or_else(|| name.strip_prefix("c-")).or_else(|| name.strip_prefix('^'))?;
    match key.as_bytes() {
        [byte @ (b'@'..=b'_' | b'a'..=b'z')] => Some(byte & 0x1f),
        b"?" => Some(0x7f),
        b" " => Some(0),
        _ if key.eq_ignore_ascii_case("Space") => Some(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::KeySequence;

    #[test]
    fn names_are_keys() {
        let bytes = |name: &str| name.parse::<KeySequence>().map(|key| key.bytes().to_vec());
        for (name, sent) in [
            ("C-c", &b"\x03"[..]),
            ("^C", b"\x03"),
            ("C-]", b"\x1d"),
            ("C-\\", b"\x1c"),
            ("C-Space", b"\0"),
            ("M-x", b"\x1bx"),
            ("M-Enter", b"\x1b\r"),
            ("enter", b"\r"),
            ("F5", b"\x1b[15~"),
            ("é", "é".as_bytes()),
            ("^", b"^"),
        ] {
            assert_eq!(bytes(name), Ok(sent.to_vec()), "{name}");
        }
        for name in ["", "C-", "C-cc", "Entre", "M-"] {
            assert!(bytes(name).is_err(), "{name}");
        }
    }

    #[test]
    fn control_keys_are_shown_as_terminals_do() {
        let shown = |name: &str| name.parse::<KeySequence>().expect("a key").to_string();
        assert_eq!((shown("C-]"), shown("c-c"), shown("F5")), ("^]".into(), "^C".into(), "F5".into()));
    }

    #[test]
    fn a_control_key_has_its_newer_forms() {
        let key: KeySequence = "C-]".parse().expect("a key");
        assert_eq!(key.forms(), [b"\x1d".to_vec(), b"\x1b[93;5u".to_vec(), b"\x1b[27;5;93~".to_vec()]);
    }
}

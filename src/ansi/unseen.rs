//! What takes no place in text: control characters, escape sequences, characters of no width. Text
//! reads the same without them, so whoever looks for something in what is shown looks past them.

/// What is longer is no sequence. *Units*: bytes.
pub const LONGEST_SEQUENCE: usize = 4096;

/// What stands at the beginning of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// Something that is seen, or may be.
    No,
    /// So many bytes that are not seen.
    Whole(usize),
    /// What may become something that is not seen, when more comes.
    Begun,
}

/// Whether bytes may have something in them that is not seen.
pub fn has_any(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| may_begin(*byte))
}

/// What stands at the beginning.
pub fn at_start(bytes: &[u8]) -> Unseen {
    match bytes {
        [] => Unseen::No,
        [0x1b, ..] => sequence(bytes),
        [b'\t' | b'\n', ..] => Unseen::No,
        [0..0x20 | 0x7f, ..] => Unseen::Whole(1),
        [lead, ..] if may_begin(*lead) => character(bytes),
        _ => Unseen::No,
    }
}

/// Whether a character has no width and no meaning of its own in most texts, and hides in it.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Whether it makes one sign of those around it, as in emoji and in Persian: behind what is not
/// ASCII it is a part of the text.
pub fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// Characters that change the direction of text, or break its lines, and could make it read as
/// something else.
pub fn turns_text(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Bytes with which such characters begin, ASCII's among them.
fn may_begin(byte: u8) -> bool {
    matches!(byte, 0..=0x08 | 0x0b..=0x1f | 0x7f | 0xc2 | 0xcd | 0xd8 | 0xe1..=0xe3 | 0xef | 0xf0 | 0xf3)
}

fn character(bytes: &[u8]) -> Unseen {
    let length = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    };
    let continued = bytes[1..].iter().take(length - 1).take_while(|byte| **byte & 0xc0 == 0x80).count();
    if 1 + continued < length && bytes.len() == 1 + continued {
        return Unseen::Begun;
    }
    let text = bytes.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let is_unseen = |c: char| is_invisible(c) || turns_text(c) || c.is_control();
    match text.and_then(|text| text.chars().next()).is_some_and(is_unseen) {
        true => Unseen::Whole(length),
        false => Unseen::No,
    }
}

fn sequence(bytes: &[u8]) -> Unseen {
    let end = match bytes.get(1) {
        None => None,
        Some(b'[') => control(bytes),
        Some(b']' | b'P' | b'X' | b'^' | b'_') => payload(bytes),
        Some(_) => {
            let between = bytes[1..].iter().take_while(|byte| (0x20..0x30).contains(*byte)).count();
            // What ends it may be no part of it.
            bytes.get(1 + between).map(|last| 1 + between + usize::from(is_final(*last)))
        }
    };
    match end {
        Some(end) => Unseen::Whole(end),
        None if bytes.len() >= LONGEST_SEQUENCE => Unseen::Whole(1),
        None => Unseen::Begun,
    }
}

/// `ESC [`, up to a final byte.
fn control(bytes: &[u8]) -> Option<usize> {
    let inside = bytes[2..].iter().take_while(|byte| (0x20..0x40).contains(*byte)).count();
    bytes.get(2 + inside).map(|last| 2 + inside + usize::from(is_final(*last)))
}

/// `ESC ]` and its like, up to BEL, ST, or the line's end, which is no part of it.
fn payload(bytes: &[u8]) -> Option<usize> {
    let end = 2 + bytes[2..].iter().position(|byte| matches!(byte, 0x07 | 0x1b | b'\n'))?;
    match (bytes[end], bytes.get(end + 1)) {
        (0x07, _) => Some(end + 1),
        (0x1b, Some(b'\\')) => Some(end + 2),
        (0x1b, None) => None,
        _ => Some(end),
    }
}

fn is_final(byte: u8) -> bool {
    (0x30..0x7f).contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::{Unseen, at_start, has_any};

    #[test]
    fn what_takes_no_place_is_told_from_what_does() {
        for (bytes, wanted) in [
            (&b""[..], Unseen::No),
            (b"text", Unseen::No),
            (b"\ttext", Unseen::No),
            (b"\n", Unseen::No),
            (b"\x07x", Unseen::Whole(1)),
            (b"\x7f", Unseen::Whole(1)),
            (b"\x1b", Unseen::Begun),
            (b"\x1b[", Unseen::Begun),
            (b"\x1b[31", Unseen::Begun),
            (b"\x1b[31mtext", Unseen::Whole(5)),
            (b"\x1b[31\ntext", Unseen::Whole(4)),
            (b"\x1b(Btext", Unseen::Whole(3)),
            (b"\x1b7text", Unseen::Whole(2)),
            (b"\x1b]0;title\x07text", Unseen::Whole(10)),
            (b"\x1b]0;title\x1b\\text", Unseen::Whole(11)),
            (b"\x1b]0;title\x1b", Unseen::Begun),
            (b"\x1b]0;title\ntext", Unseen::Whole(9)),
            ("\u{200b}x".as_bytes(), Unseen::Whole(3)),
            ("\u{e0041}".as_bytes(), Unseen::Whole(4)),
            ("\u{9b}31m".as_bytes(), Unseen::Whole(2)),
            ("\u{202e}".as_bytes(), Unseen::Whole(3)),
            (b"\xe2\x80", Unseen::Begun),
            (b"\xe2x", Unseen::No),
            ("é".as_bytes(), Unseen::No),
            ("│".as_bytes(), Unseen::No),
            ("日".as_bytes(), Unseen::No),
        ] {
            assert_eq!(at_start(bytes), wanted, "{bytes:?}");
            assert!(wanted == Unseen::No || has_any(bytes), "{bytes:?}");
        }
        assert!(!has_any(b"plain\ttext\n"));
    }
}

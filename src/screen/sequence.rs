//! A terminal's output taken apart: text, and what moves the cursor or changes how text looks. *Source*: ECMA-48,
//! xterm's ctlseqs.

use memchr::memchr;

/// Longest sequence that is waited for; what is longer is none. *Units*: bytes.
const LONGEST: usize = 4096;

/// A piece of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// What is written where the cursor is: no line end, return or backspace in it.
    Text(&'a [u8]),
    /// LF, which also returns the carriage.
    LineFeed,
    /// CR.
    Return,
    /// BS.
    Back,
    /// `ESC [ PARAMETERS LAST`.
    Control {
        /// As they stand there, private markers too.
        parameters: &'a [u8],
        /// What it is.
        last: u8,
    },
    /// `ESC LAST`.
    Escape(u8),
    /// A title, a question, a sequence that is broken off: it shows and moves nothing.
    Nothing,
}

/// The first piece of output, and its length; `None` where more of it must come.
pub fn first(bytes: &[u8]) -> Option<(Token<'_>, usize)> {
    match *bytes.first()? {
        b'\n' => Some((Token::LineFeed, 1)),
        b'\r' => Some((Token::Return, 1)),
        0x08 => Some((Token::Back, 1)),
        0x1b => escape(bytes),
        _ => text(bytes),
    }
}

/// Whether all that output does is to write on, in whatever colours: what it wrote before stays.
pub fn writes_on(bytes: &[u8]) -> bool {
    // Most output has none of them: one look is enough.
    let Some(first) = memchr::memchr3(b'\r', 0x08, 0x1b, bytes) else { return true };
    if memchr::memchr2(b'\r', 0x08, &bytes[first..]).is_some() {
        return false;
    }
    let mut rest = &bytes[first..];
    while let Some(at) = memchr(0x1b, rest) {
        rest = &rest[at..];
        match escape(rest) {
            Some((Token::Control { last: b'm', .. }, length)) => rest = &rest[length..],
            _ => return false,
        }
    }
    true
}

/// A parameter as a number; what is not there, or 0, is `default`.
pub fn parameter(parameters: &[u8], at: usize, default: usize) -> usize {
    let number = parameters.split(|byte| *byte == b';').nth(at).unwrap_or_default();
    let value = number.iter().try_fold(0usize, |value, byte| match byte {
        b'0'..=b'9' => Some(value.saturating_mul(10).saturating_add(usize::from(byte - b'0'))),
        _ => None,
    });
    value.filter(|value| *value > 0).unwrap_or(default)
}

/// Text up to what is none; a character that is not complete yet is waited for.
fn text(bytes: &[u8]) -> Option<(Token<'_>, usize)> {
    let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r' | 0x08 | 0x1b));
    let end = end.unwrap_or_else(|| bytes.len() - unfinished(bytes));
    (end > 0).then(|| (Token::Text(&bytes[..end]), end))
}

/// How many bytes at the end begin a character.
fn unfinished(bytes: &[u8]) -> usize {
    for (back, byte) in bytes.iter().rev().take(3).enumerate() {
        let length = match byte {
            0x80..=0xbf => continue,
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 1,
        };
        return if length > back + 1 { back + 1 } else { 0 };
    }
    0
}

fn escape(bytes: &[u8]) -> Option<(Token<'_>, usize)> {
    match *bytes.get(1)? {
        b'[' => control(bytes),
        b']' | b'P' | b'X' | b'^' | b'_' => payload(bytes),
        0x20..=0x2f => {
            let end = 1 + bytes[1..].iter().position(|byte| !matches!(byte, 0x20..=0x2f))?;
            Some((Token::Nothing, end + usize::from(bytes[end] >= 0x20)))
        }
        // Whatever interrupts a sequence has its own meaning.
        0..0x20 => Some((Token::Nothing, 1)),
        last => Some((Token::Escape(last), 2)),
    }
}

fn control(bytes: &[u8]) -> Option<(Token<'_>, usize)> {
    let length = bytes[2..].iter().position(|byte| !matches!(byte, 0x20..=0x3f));
    match length {
        Some(length) if length < LONGEST => {
            let last = bytes[2 + length];
            match last {
                0x40..=0x7e => Some((Token::Control { parameters: &bytes[2..2 + length], last }, length + 3)),
                b'\n' | b'\r' | 0x08 | 0x1b => Some((Token::Nothing, length + 2)),
                _ => Some((Token::Nothing, length + 3)),
            }
        }
        None if bytes.len() < LONGEST + 2 => None,
        Some(_) | None => Some((Token::Nothing, LONGEST + 2)),
    }
}

/// Up to BEL or ST, or what interrupts it.
fn payload(bytes: &[u8]) -> Option<(Token<'_>, usize)> {
    let most = bytes.len().min(LONGEST);
    match bytes[2..most.max(2)].iter().position(|byte| matches!(byte, 0x07 | 0x1b | b'\n')) {
        None if bytes.len() >= LONGEST => Some((Token::Nothing, LONGEST)),
        None => None,
        Some(at) => match (bytes[2 + at], bytes.get(3 + at)) {
            (0x07, _) => Some((Token::Nothing, at + 3)),
            (0x1b, Some(b'\\')) => Some((Token::Nothing, at + 4)),
            (0x1b, None) => None,
            _ => Some((Token::Nothing, at + 2)),
        },
    }
}

/// Whether parameters of a mode are those of the alternate screen.
pub fn is_alternate(parameters: &[u8]) -> bool {
    let modes = parameters.strip_prefix(b"?").unwrap_or_default();
    modes.split(|byte| *byte == b';').any(|mode| matches!(mode, b"1049" | b"1047" | b"47"))
}

#[cfg(test)]
mod tests {
    use super::{Token, first, parameter, writes_on};

    fn tokens(mut bytes: &[u8]) -> (Vec<Token<'_>>, &[u8]) {
        let mut tokens = Vec::new();
        while let Some((token, length)) = first(bytes) {
            tokens.push(token);
            bytes = &bytes[length..];
        }
        (tokens, bytes)
    }

    #[test]
    fn output_is_taken_apart() {
        let (found, rest) = tokens(b"a\r\x1b[2Kb\x1b]0;title\x07\x1b7\x1b(Bc\x08\n\x1b[3");
        let up = |parameters, last| Token::Control { parameters, last };
        let wanted = [
            Token::Text(b"a"),
            Token::Return,
            up(&b"2"[..], b'K'),
            Token::Text(b"b"),
            Token::Nothing,
            Token::Escape(b'7'),
            Token::Nothing,
            Token::Text(b"c"),
            Token::Back,
            Token::LineFeed,
        ];
        assert_eq!((&found[..], rest), (&wanted[..], &b"\x1b[3"[..]));
    }

    #[test]
    fn what_interrupts_a_sequence_has_its_own_meaning() {
        assert_eq!(tokens(b"\x1b]0;x\n").0, [Token::Nothing, Token::LineFeed]);
        assert_eq!(tokens(b"\x1b[12\n").0, [Token::Nothing, Token::LineFeed]);
        assert_eq!(tokens(b"\x1b\n").0, [Token::Nothing, Token::LineFeed]);
        assert_eq!(tokens("é\u{e9}".as_bytes()[..3].as_ref()).1, b"\xc3", "half a character is waited for");
    }

    #[test]
    fn colours_move_nothing() {
        assert!(writes_on(b"a\x1b[31mb\x1b[m\n"));
        for bytes in [&b"a\rb"[..], b"a\x08", b"\x1b[A", b"\x1b7", b"\x1b[3", b"\x1b]0;t\x07"] {
            assert!(!writes_on(bytes), "{bytes:?}");
        }
    }

    #[test]
    fn parameters_have_defaults() {
        assert_eq!((parameter(b"3;0", 0, 1), parameter(b"3;0", 1, 1), parameter(b"", 0, 1)), (3, 1, 1));
        assert_eq!(parameter(b"?25", 0, 1), 1);
    }
}

//! A terminal's output taken apart: text, and what moves the cursor or changes how text looks.
//! *Source*: ECMA-48, xterm's ctlseqs. No input ends it: a supervisor takes its task's output apart
//! with it.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic))]

use std::borrow::Cow;

use memchr::{memchr, memchr2, memchr3};

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
    /// `ESC SET WHICH`: a character set is designated (`ESC ( B`).
    Designation(u8, u8),
    /// `ESC ] COMMAND`, up to what ends it.
    Command(&'a [u8]),
    /// SO or SI: whether the second character set is in use. Of a [`Walk`] only.
    Shift(bool),
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
    let Some(mut rest) = memchr3(b'\r', 0x08, 0x1b, bytes).and_then(|first| bytes.get(first..)) else { return true };
    if memchr2(b'\r', 0x08, rest).is_some() {
        return false;
    }
    while let Some(sequence) = memchr(0x1b, rest).and_then(|at| rest.get(at..)) {
        match escape(sequence) {
            Some((Token::Control { last: b'm', .. }, length)) => rest = sequence.get(length..).unwrap_or_default(),
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

/// What is asked for of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    All,
    /// What sets something: text is passed over.
    Sequences,
}

/// Takes a stream apart, however it is cut, as a terminal does: a title or a picture ends where it
/// says, over any number of lines.
#[derive(Debug, Default)]
pub struct Walk {
    /// What began and has not ended.
    held: Vec<u8>,
    /// Whether it is within a title or a picture that is too long to be looked at.
    is_passing: bool,
}

impl Walk {
    /// What is to be taken apart now that these bytes have come.
    pub fn join<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if self.held.is_empty() {
            return Cow::Borrowed(bytes);
        }
        self.held.extend_from_slice(bytes);
        Cow::Owned(std::mem::take(&mut self.held))
    }

    /// The next piece, which is taken off the front; `None` where more must come. What is left then
    /// is to be [kept](Walk::keep).
    pub fn next<'b>(&mut self, rest: &mut &'b [u8], wanted: Wanted) -> Option<Token<'b>> {
        loop {
            let (token, length) = self.take(rest, wanted)?;
            *rest = rest.get(length..).unwrap_or_default();
            if token != Token::Nothing {
                return Some(token);
            }
        }
    }

    /// Keeps what cannot be taken apart yet.
    pub fn keep(&mut self, rest: &[u8]) {
        self.held.extend_from_slice(rest);
    }

    fn take<'b>(&mut self, bytes: &'b [u8], wanted: Wanted) -> Option<(Token<'b>, usize)> {
        if self.is_passing {
            return self.pass(bytes);
        }
        match bytes {
            [] => None,
            [0x1b, b']' | b'P' | b'X' | b'^' | b'_', payload @ ..] => self.payload(bytes, payload),
            [0x1b, ..] => escape(bytes),
            [shift @ (0x0e | 0x0f), ..] => Some((Token::Shift(*shift == 0x0e), 1)),
            _ if wanted == Wanted::Sequences => {
                Some((Token::Nothing, memchr3(0x1b, 0x0e, 0x0f, bytes).unwrap_or(bytes.len())))
            }
            _ => match first(bytes)? {
                (Token::Text(text), length) => {
                    let end = memchr2(0x0e, 0x0f, text).unwrap_or(length);
                    Some((Token::Text(text.get(..end).unwrap_or(text)), end))
                }
                other => Some(other),
            },
        }
    }

    fn payload<'b>(&mut self, bytes: &'b [u8], payload: &'b [u8]) -> Option<(Token<'b>, usize)> {
        let Some(end) = payload.iter().position(|byte| matches!(byte, 0x07 | 0x18 | 0x1a | 0x1b)) else {
            self.is_passing = bytes.len() >= LONGEST;
            return self.is_passing.then_some((Token::Nothing, bytes.len()));
        };
        let is_command = bytes.get(1) == Some(&b']') && matches!(payload.get(end), Some(0x07 | 0x1b));
        let token = if is_command { Token::Command(payload.get(..end).unwrap_or_default()) } else { Token::Nothing };
        // ST is a sequence of its own, which means nothing; any other that stands there is meant.
        Some((token, end.saturating_add(if payload.get(end) == Some(&0x1b) { 2 } else { 3 })))
    }

    fn pass<'b>(&mut self, bytes: &'b [u8]) -> Option<(Token<'b>, usize)> {
        let end = bytes.iter().position(|byte| matches!(byte, 0x07 | 0x18 | 0x1a | 0x1b));
        self.is_passing = end.is_none();
        let length = end.map_or(bytes.len(), |end| end.saturating_add(usize::from(bytes.get(end) != Some(&0x1b))));
        (!bytes.is_empty()).then_some((Token::Nothing, length))
    }
}

/// Text up to what is none; a character that is not complete yet is waited for.
fn text(bytes: &[u8]) -> Option<(Token<'_>, usize)> {
    let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r' | 0x08 | 0x1b));
    let end = end.unwrap_or_else(|| bytes.len().saturating_sub(unfinished(bytes)));
    let text = bytes.get(..end).filter(|text| !text.is_empty())?;
    Some((Token::Text(text), end))
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
            let between = bytes.iter().skip(1).take_while(|byte| matches!(byte, 0x20..=0x2f)).count();
            let end = between.saturating_add(1);
            let last = *bytes.get(end)?;
            match (bytes, between) {
                ([_, set, which @ 0x30..=0x7e, ..], 1) => Some((Token::Designation(*set, *which), 3)),
                _ => Some((Token::Nothing, end.saturating_add(usize::from(last >= 0x20)))),
            }
        }
        // Whatever interrupts a sequence has its own meaning.
        0..0x20 => Some((Token::Nothing, 1)),
        last => Some((Token::Escape(last), 2)),
    }
}

fn control(bytes: &[u8]) -> Option<(Token<'_>, usize)> {
    let inner = bytes.get(2..).unwrap_or_default();
    let length = inner.iter().position(|byte| !matches!(byte, 0x20..=0x3f));
    match length.and_then(|length| Some((inner.get(..length)?, *inner.get(length)?))) {
        Some((parameters, last)) if parameters.len() < LONGEST => match last {
            0x40..=0x7e => Some((Token::Control { parameters, last }, parameters.len().saturating_add(3))),
            b'\n' | b'\r' | 0x08 | 0x1b => Some((Token::Nothing, parameters.len().saturating_add(2))),
            _ => Some((Token::Nothing, parameters.len().saturating_add(3))),
        },
        None if bytes.len() < LONGEST + 2 => None,
        Some(_) | None => Some((Token::Nothing, LONGEST + 2)),
    }
}

/// Up to BEL or ST, or what interrupts it.
fn payload(bytes: &[u8]) -> Option<(Token<'_>, usize)> {
    let inner = bytes.get(2..bytes.len().clamp(2, LONGEST)).unwrap_or_default();
    let is_command = bytes.get(1) == Some(&b']');
    let ended = |at: usize| match inner.get(..at) {
        Some(command) if is_command => Token::Command(command),
        _ => Token::Nothing,
    };
    match inner.iter().position(|byte| matches!(byte, 0x07 | 0x1b | b'\n')) {
        None if bytes.len() >= LONGEST => Some((Token::Nothing, LONGEST)),
        None => None,
        Some(at) => match (inner.get(at), bytes.get(at.saturating_add(3))) {
            (Some(0x07), _) => Some((ended(at), at.saturating_add(3))),
            (Some(0x1b), Some(b'\\')) => Some((ended(at), at.saturating_add(4))),
            (Some(0x1b), None) => None,
            _ => Some((Token::Nothing, at.saturating_add(2))),
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
    use super::{Token, Walk, Wanted, first, parameter, writes_on};
    use proptest::prelude::*;

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
            Token::Command(b"0;title"),
            Token::Escape(b'7'),
            Token::Designation(b'(', b'B'),
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

    /// What a walk makes of output that comes in pieces of this size: text that belongs together in
    /// one.
    fn walked(output: &[u8], step: usize, wanted: Wanted) -> Vec<String> {
        let (mut walk, mut found) = (Walk::default(), Vec::<String>::new());
        for piece in output.chunks(step) {
            let joined = walk.join(piece);
            let mut rest = &joined[..];
            while let Some(token) = walk.next(&mut rest, wanted) {
                match (token, found.last_mut()) {
                    (Token::Text(text), Some(last)) if last.starts_with("text ") => {
                        last.push_str(&String::from_utf8_lossy(text))
                    }
                    (Token::Text(text), _) => found.push(format!("text {}", String::from_utf8_lossy(text))),
                    (other, _) => found.push(format!("{other:?}")),
                }
            }
            walk.keep(rest);
        }
        found
    }

    #[test]
    fn a_picture_is_passed_over_however_long_it_is() {
        let output = [b"a\x1bPq".to_vec(), b"#0~-\n".repeat(5000), b"\x1b\\b\x1b[31mc".to_vec()].concat();
        let told = walked(&output, 4096, Wanted::All);
        assert_eq!(told.first().map(String::as_str), Some("text a"));
        assert_eq!(told.len(), 5, "{told:?}");
        assert_eq!((&told[2][..], &told[4][..]), ("text b", "text c"));
        assert_eq!(walked(&output, 7, Wanted::All), told);
    }

    proptest! {
        #[test]
        fn a_walk_makes_the_same_of_a_stream_however_it_is_cut(output in proptest::collection::vec(prop_oneof![
            Just("\x1b[?1049h"), Just("\x1b[31m"), Just("x"), Just("é漢"), Just("\x1b"), Just("\x1b["), Just("1;2"), Just("\x1b]10;red\x07"),
            Just("\x1b]0;t\x1b\\"), Just("\x1b(0"), Just("\x0e"), Just("\n"), Just("\x1bPq"), Just("\x18"), Just("\x1bM")], 0..12), step in 1usize..7) {
            let output = output.concat();
            for wanted in [Wanted::All, Wanted::Sequences] {
                prop_assert_eq!(walked(output.as_bytes(), step, wanted), walked(output.as_bytes(), 4096, wanted));
            }
        }
    }

    #[test]
    fn parameters_have_defaults() {
        assert_eq!((parameter(b"3;0", 0, 1), parameter(b"3;0", 1, 1), parameter(b"", 0, 1)), (3, 1, 1));
        assert_eq!(parameter(b"?25", 0, 1), 1);
    }
}

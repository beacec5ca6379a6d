//! Text in cells: how wide it is on a terminal, and cut to a width. Colours in it take no room.

use unicode_width::UnicodeWidthChar;

const TAB: usize = 8;

/// How many cells a text takes that stands at a line's begin.
pub fn width(text: &str) -> usize {
    parts(text).fold(0, |used, part| used + part.width(used))
}

/// The text in at most `room` cells, the last an ellipsis where something was cut; tabs become
/// blanks, and colours that were begun end.
pub fn fit(text: &str, room: usize) -> String {
    let whole = width(text);
    let most = if whole > room { room.saturating_sub(1) } else { room };
    let (mut out, mut used, mut is_coloured) = (String::with_capacity(text.len()), 0, false);
    for part in parts(text) {
        let wide = part.width(used);
        if used + wide > most {
            break;
        }
        used += wide;
        match part {
            TextPart::Colour(sequence) => {
                is_coloured = true;
                out.push_str(sequence);
            }
            TextPart::Character('\t') => out.extend(std::iter::repeat_n(' ', wide)),
            TextPart::Character(c) => out.push(c),
        }
    }
    if is_coloured {
        out.push_str("\x1b[0m");
    }
    if whole > room && room > 0 {
        out.push('…');
    }
    out
}

/// The same, filled up with blanks.
pub fn padded(text: &str, room: usize) -> String {
    let mut text = fit(text, room);
    text.extend(std::iter::repeat_n(' ', room.saturating_sub(width(&text))));
    text
}

enum TextPart<'a> {
    Colour(&'a str),
    Character(char),
}

impl TextPart<'_> {
    fn width(&self, before: usize) -> usize {
        match self {
            TextPart::Colour(_) => 0,
            TextPart::Character('\t') => TAB - before % TAB,
            TextPart::Character(c) => c.width().unwrap_or(0),
        }
    }
}

/// Characters, and the sequences `ESC [ … m` that a filter has let pass.
fn parts(text: &str) -> impl Iterator<Item = TextPart<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let length = match first {
            '\x1b' => rest.find('m').map_or(rest.len(), |at| at + 1),
            c => c.len_utf8(),
        };
        let (part, after) = rest.split_at(length);
        rest = after;
        Some(if first == '\x1b' { TextPart::Colour(part) } else { TextPart::Character(first) })
    })
}

#[cfg(test)]
mod tests {
    use super::{fit, padded, width};
    use proptest::prelude::*;

    #[test]
    fn cells_are_counted_not_characters() {
        assert_eq!((width("日本"), width("e\u{301}"), width("\x1b[31mab\x1b[0m"), width("a\tb")), (4, 1, 2, 9));
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(fit("a\tb", 20), "a       b");
        assert_eq!(padded("ab", 4), "ab  ");
        assert_eq!((fit("ab", 0), fit("ab", 1), fit("ab", 2)), (String::new(), "…".into(), "ab".into()));
    }

    #[test]
    fn colours_take_no_room_and_end() {
        assert_eq!(fit("\x1b[31mabc", 3), "\x1b[31mabc\x1b[0m");
        assert_eq!(fit("\x1b[31mabcd", 3), "\x1b[31mab\x1b[0m…");
    }

    proptest! {
        #[test]
        fn nothing_gets_wider_than_its_room(text in "[a日\u{301}\t🦀 ]{0,20}", room in 0usize..30) {
            prop_assert!(width(&fit(&text, room)) <= room);
            prop_assert_eq!(width(&padded(&text, room)), room);
        }
    }
}

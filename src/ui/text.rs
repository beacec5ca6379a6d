//! Text in cells: how wide it is on a terminal, and cut to a width. Colours in it take no room.

use unicode_width::UnicodeWidthChar;

const TAB: usize = 8;

/// How many cells a text takes that stands at a line's begin.
pub fn width(text: &str) -> usize {
    if is_plain(text) {
        return text.len();
    }
    parts(text).fold(0, |used, part| used + part.width(used))
}

/// The text in at most `room` cells, the last an ellipsis where something was cut; tabs become
/// blanks, and colours that were begun end.
pub fn fit(text: &str, room: usize) -> String {
    if text.len() <= room && is_plain(text) {
        return text.to_owned();
    }
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

/// The end of a text without colours in at most `room` cells, the first an ellipsis where something
/// was cut: that of a path tells more than its begin.
pub fn fit_end(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut used = 1;
    let mut start = text.len();
    for (at, c) in text.char_indices().rev() {
        used += c.width().unwrap_or(0);
        if used > room {
            break;
        }
        start = at;
    }
    if room == 0 { String::new() } else { format!("…{}", &text[start..]) }
}

/// A text without colours in lines of at most `room` cells; a character that is wider has its own.
pub fn wrapped(text: &str, room: usize) -> Vec<String> {
    let (mut lines, mut used) = (vec![String::new()], 0);
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide > room && used > 0 {
            lines.push(String::new());
            used = 0;
        }
        used += wide;
        lines.last_mut().expect("one is begun").push(c);
    }
    lines
}

/// A text as [`fit`] has it, filled up with blanks.
pub fn padded(text: &str, room: usize) -> String {
    let mut text = fit(text, room);
    text.extend(std::iter::repeat_n(' ', room.saturating_sub(width(&text))));
    text
}

/// Whether each byte takes a cell. Nearly all do that is printed, and a list asks for thousands of
/// texts.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
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
    use super::{fit, fit_end, padded, width, wrapped};
    use proptest::prelude::*;

    #[test]
    fn cells_are_counted_not_characters() {
        assert_eq!((width("日本"), width("e\u{301}"), width("\x1b[31mab\x1b[0m"), width("a\tb")), (4, 1, 2, 9));
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(fit("a\tb", 20), "a       b");
        assert_eq!((fit("1234567\t", 8), width("1234567\t")), ("1234567 ".into(), 8), "as wide as it is long");
        assert_eq!(padded("ab", 4), "ab  ");
        assert_eq!((fit("ab", 0), fit("ab", 1), fit("ab", 2)), (String::new(), "…".into(), "ab".into()));
    }

    #[test]
    fn colours_take_no_room_and_end() {
        assert_eq!(fit("\x1b[31mabc", 3), "\x1b[31mabc\x1b[0m");
        assert_eq!(fit("\x1b[31mabcd", 3), "\x1b[31mab\x1b[0m…");
    }

    #[test]
    fn an_end_is_cut_by_cells_and_a_text_is_wrapped_by_them() {
        assert_eq!((fit_end("/a/日本語", 6), fit_end("/a/日本語", 9)), ("…本語".into(), "/a/日本語".into()));
        assert_eq!((fit_end("ab", 0), fit_end("ab", 1)), (String::new(), "…".into()));
        assert_eq!(wrapped("a日本語b", 4), ["a日", "本語", "b"]);
        assert_eq!((wrapped("", 4), wrapped("日本", 1)), (vec![String::new()], vec!["日".into(), "本".into()]));
    }

    proptest! {
        #[test]
        fn nothing_gets_wider_than_its_room(text in "[a日\u{301}\t🦀 ]{0,20}", room in 0usize..30) {
            prop_assert!(width(&fit(&text, room)) <= room);
            prop_assert_eq!(width(&padded(&text, room)), room);
        }
    }
}

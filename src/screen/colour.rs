//! How text looks, as a terminal is told: `ESC [ … m`. *Source*: ECMA-48 8.3.117, xterm's ctlseqs.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic))]

use anstyle::{Ansi256Color, AnsiColor, Color, Effects, RgbColor, Style};

const COLOURS: [AnsiColor; 16] = [
    AnsiColor::Black,
    AnsiColor::Red,
    AnsiColor::Green,
    AnsiColor::Yellow,
    AnsiColor::Blue,
    AnsiColor::Magenta,
    AnsiColor::Cyan,
    AnsiColor::White,
    AnsiColor::BrightBlack,
    AnsiColor::BrightRed,
    AnsiColor::BrightGreen,
    AnsiColor::BrightYellow,
    AnsiColor::BrightBlue,
    AnsiColor::BrightMagenta,
    AnsiColor::BrightCyan,
    AnsiColor::BrightWhite,
];

/// Whether the parameters are those of a colour, and of nothing private.
pub fn is_colour(parameters: &[u8]) -> bool {
    parameters.iter().all(|byte| byte.is_ascii_digit() || b";:".contains(byte))
}

/// How text looks after parameters, which looked like `style` before.
pub fn after(style: Style, parameters: &[u8]) -> Style {
    let mut codes = parameters.split(|byte| *byte == b';').map(|code| {
        // What stands behind a colon says more of the same code.
        let mut parts = code.split(|byte| *byte == b':');
        (number(parts.next()), code)
    });
    let mut style = style;
    while let Some((code, whole)) = codes.next() {
        style = match code {
            0 => Style::new(),
            1 => style.effects(style.get_effects() | Effects::BOLD),
            2 => style.effects(style.get_effects() | Effects::DIMMED),
            3 => style.effects(style.get_effects() | Effects::ITALIC),
            4 if whole.ends_with(b":0") => without(style, Effects::UNDERLINE),
            4 | 21 => style.effects(style.get_effects() | Effects::UNDERLINE),
            5 | 6 => style.effects(style.get_effects() | Effects::BLINK),
            7 => style.effects(style.get_effects() | Effects::INVERT),
            8 => style.effects(style.get_effects() | Effects::HIDDEN),
            9 => style.effects(style.get_effects() | Effects::STRIKETHROUGH),
            22 => without(style, Effects::BOLD | Effects::DIMMED),
            23 => without(style, Effects::ITALIC),
            24 => without(style, Effects::UNDERLINE),
            25 => without(style, Effects::BLINK),
            27 => without(style, Effects::INVERT),
            28 => without(style, Effects::HIDDEN),
            29 => without(style, Effects::STRIKETHROUGH),
            30..=37 => style.fg_color(named(code - 30)),
            38 => style.fg_color(chosen(whole, &mut codes)),
            39 => style.fg_color(None),
            40..=47 => style.bg_color(named(code - 40)),
            48 => style.bg_color(chosen(whole, &mut codes)),
            49 => style.bg_color(None),
            58 => style.underline_color(chosen(whole, &mut codes)),
            59 => style.underline_color(None),
            90..=97 => style.fg_color(named(code - 82)),
            100..=107 => style.bg_color(named(code - 92)),
            _ => style,
        };
    }
    style
}

/// One of the sixteen.
fn named(at: usize) -> Option<Color> {
    COLOURS.get(at).copied().map(Color::from)
}

fn without(style: Style, effects: Effects) -> Style {
    style.effects(style.get_effects().remove(effects))
}

/// One of 256 colours (`5;N`), or of all (`2;R;G;B`); behind colons, or as codes of their own.
fn chosen<'a>(whole: &[u8], codes: &mut impl Iterator<Item = (usize, &'a [u8])>) -> Option<Color> {
    let inner: Vec<usize> = whole.split(|byte| *byte == b':').skip(1).map(|part| number(Some(part))).collect();
    let mut next = || codes.next().map_or(0, |(code, _)| code);
    let byte = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
    match &inner[..] {
        [5, index, ..] => Some(Ansi256Color(byte(*index)).into()),
        // A colour space may stand before them.
        [2, .., red, green, blue] => Some(RgbColor(byte(*red), byte(*green), byte(*blue)).into()),
        [] => match next() {
            5 => Some(Ansi256Color(byte(next())).into()),
            2 => Some(RgbColor(byte(next()), byte(next()), byte(next())).into()),
            _ => None,
        },
        _ => None,
    }
}

fn number(digits: Option<&[u8]>) -> usize {
    let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default();
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::after;
    use anstyle::{AnsiColor, Style};

    #[test]
    fn what_is_said_is_said_again_alike() {
        for codes in ["1;31", "38;5;200", "48;2;1;2;3", "38:2::9:8:7", "4;9;7", "97;104"] {
            let style = after(Style::new(), codes.as_bytes());
            let said = style.to_string();
            let again = said
                .split("\x1b[")
                .skip(1)
                .fold(Style::new(), |style, part| after(style, part.trim_end_matches('m').as_bytes()));
            assert_eq!(again, style, "{codes}: {said:?}");
            assert_ne!(style, Style::new(), "{codes}");
        }
    }

    #[test]
    fn what_is_turned_off_is_off() {
        let style = after(Style::new(), b"1;4;31;44");
        assert_eq!(after(style, b"22;24;39;49"), Style::new());
        assert_eq!((after(style, b""), after(style, b"0;32")), (Style::new(), AnsiColor::Green.on_default()));
    }
}

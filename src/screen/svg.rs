//! A screen as a picture that browsers draw: SVG. Its text is text, and can be found and copied.

use std::fmt::Write as _;

use anstyle::{Ansi256Color, AnsiColor, Color, Effects, RgbColor, Style};

/// A cell of a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SvgCell {
    /// What stands in it; nothing in the right half of what is wide.
    pub text: String,
    /// How it looks.
    pub style: Style,
}

/// A cell. *Units*: pixels.
const WIDE: f32 = 8.4;
const HIGH: usize = 18;
const MARGIN: usize = 12;
const TEXT: RgbColor = RgbColor(0xd0, 0xd4, 0xdc);
const GROUND: RgbColor = RgbColor(0x16, 0x19, 0x20);

/// The sixteen, as most terminals have them on a dark ground.
const PALETTE: [RgbColor; 16] = [
    RgbColor(0x2e, 0x34, 0x40),
    RgbColor(0xe0, 0x6c, 0x75),
    RgbColor(0x98, 0xc3, 0x79),
    RgbColor(0xe5, 0xc0, 0x7b),
    RgbColor(0x61, 0xaf, 0xef),
    RgbColor(0xc6, 0x78, 0xdd),
    RgbColor(0x56, 0xb6, 0xc2),
    RgbColor(0xab, 0xb2, 0xbf),
    RgbColor(0x5c, 0x63, 0x70),
    RgbColor(0xff, 0x7b, 0x86),
    RgbColor(0xb1, 0xe0, 0x8f),
    RgbColor(0xff, 0xd9, 0x8c),
    RgbColor(0x7c, 0xc4, 0xff),
    RgbColor(0xdf, 0x8f, 0xf5),
    RgbColor(0x6f, 0xd3, 0xe0),
    RgbColor(0xff, 0xff, 0xff),
];

/// A screen of these rows, each of so many cells.
pub fn of(rows: &[Vec<SvgCell>], cols: usize) -> String {
    let (width, height) = (cols as f32 * WIDE + 2.0 * MARGIN as f32, rows.len() * HIGH + 2 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height}\" \
         viewBox=\"0 0 {width:.0} {height}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{}\"/>\n\
         <g font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"14\" \
         xml:space=\"preserve\">\n",
        hex(GROUND)
    );
    for (number, cells) in rows.iter().enumerate() {
        for (at, run) in runs(cells) {
            draw(&mut out, number, at, run);
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

/// Cells beside each other that look alike, and where they begin. What is wide, or may be, stands
/// by itself, so that what follows stands where it belongs.
fn runs(cells: &[SvgCell]) -> Vec<(usize, &[SvgCell])> {
    let mut runs = Vec::new();
    let mut from = 0;
    for at in 1..=cells.len() {
        let is_alike = match (cells.get(at), cells.get(at - 1)) {
            (Some(next), Some(last)) => next.style == last.style && next.text.is_ascii() && last.text.is_ascii(),
            _ => false,
        };
        if !is_alike {
            if let Some(run) = cells.get(from..at) {
                runs.push((from, run));
            }
            from = at;
        }
    }
    runs
}

fn draw(out: &mut String, row: usize, col: usize, run: &[SvgCell]) {
    let style = run.first().map_or(Style::new(), |cell| cell.style);
    let effects = style.get_effects();
    let mut fore = style.get_fg_color().map_or(TEXT, rgb);
    let mut back = style.get_bg_color().map(rgb);
    if effects.contains(Effects::INVERT) {
        (fore, back) = (back.unwrap_or(GROUND), Some(fore));
    }
    let (x, y) = (MARGIN as f32 + col as f32 * WIDE, MARGIN + row * HIGH);
    let length = run.len() as f32 * WIDE;
    if let Some(back) = back {
        let _ = writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"{y}\" width=\"{length:.1}\" height=\"{HIGH}\" fill=\"{}\"/>",
            hex(back)
        );
    }
    let text: String = run.iter().map(|cell| cell.text.as_str()).collect();
    if text.trim().is_empty() || effects.contains(Effects::HIDDEN) {
        return;
    }
    let mut looks = String::new();
    if effects.contains(Effects::BOLD) {
        looks.push_str(" font-weight=\"bold\"");
    }
    if effects.contains(Effects::ITALIC) {
        looks.push_str(" font-style=\"italic\"");
    }
    if effects.contains(Effects::DIMMED) {
        looks.push_str(" opacity=\"0.6\"");
    }
    if effects.contains(Effects::UNDERLINE) {
        looks.push_str(" text-decoration=\"underline\"");
    }
    // Not every reader of SVG keeps blanks at a text's begin.
    let blank = text.len() - text.trim_start_matches(' ').len();
    let (x, text) = (x + blank as f32 * WIDE, text.trim_matches(' '));
    let length = text.len() as f32 * WIDE;
    let length = if text.is_ascii() { format!(" textLength=\"{length:.1}\"") } else { String::new() };
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{}\" fill=\"{}\"{length}{looks}>{}</text>",
        y + 14,
        hex(fore),
        escaped(text)
    );
}

/// What XML allows: whatever else a screen may have in it is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

fn hex(RgbColor(red, green, blue): RgbColor) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn rgb(colour: Color) -> RgbColor {
    match colour {
        Color::Rgb(rgb) => rgb,
        Color::Ansi(ansi) => of_sixteen(ansi),
        Color::Ansi256(Ansi256Color(index)) => of_index(index),
    }
}

fn of_sixteen(ansi: AnsiColor) -> RgbColor {
    of_index(Ansi256Color::from_ansi(ansi).index())
}

/// *Source*: xterm's 256colres.pl.
fn of_index(index: u8) -> RgbColor {
    let step = |part: u8| if part == 0 { 0 } else { 55 + 40 * part };
    match index {
        0..=15 => PALETTE.get(usize::from(index)).copied().unwrap_or(TEXT),
        16..=231 => {
            let cube = index - 16;
            RgbColor(step(cube / 36), step(cube / 6 % 6), step(cube % 6))
        }
        232..=255 => {
            let grey = 8 + 10 * (index - 232);
            RgbColor(grey, grey, grey)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SvgCell, of, of_index};
    use anstyle::{AnsiColor, RgbColor, Style};

    fn cells(text: &str, style: Style) -> Vec<SvgCell> {
        text.chars().map(|c| SvgCell { text: c.to_string(), style }).collect()
    }

    #[test]
    fn a_screen_is_text_that_drives_no_browser() {
        let mut row = cells("<script>&", Style::new());
        row.extend(cells("red\x07", AnsiColor::Red.on_default().bold()));
        let svg = of(&[row], 14);
        assert!(svg.contains(">&lt;script&gt;&amp;</text>"), "{svg}");
        assert!(svg.contains("fill=\"#e06c75\" textLength=\"33.6\" font-weight=\"bold\">red</text>"), "{svg}");
    }

    #[test]
    fn what_is_turned_around_has_a_ground() {
        let svg = of(&[cells("on", Style::new().invert())], 2);
        assert!(svg.contains("<rect x=\"12.0\" y=\"12\" width=\"16.8\" height=\"18\" fill=\"#d0d4dc\"/>"), "{svg}");
    }

    #[test]
    fn indexes_are_colours() {
        let (black, white) = (of_index(16), of_index(231));
        assert_eq!((black, white, of_index(244)), {
            (RgbColor(0, 0, 0), RgbColor(255, 255, 255), RgbColor(128, 128, 128))
        });
    }
}

//! Where the next character goes on a screen, and how it is written.

use anstyle::Style;

/// What text is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Charset {
    /// As it is.
    #[default]
    Text,
    /// Small letters are lines and corners. *Source*: the VT100's "special graphics".
    Lines,
}

/// The cursor: what DECSC saves, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub row: usize,
    /// As many as there are columns where the last one was just written to.
    pub col: usize,
    pub style: Style,
    /// Whether lines are counted from the first that scrolls.
    pub has_origin: bool,
    /// The two that were designated, and whether the second one is in use.
    pub sets: (Charset, Charset),
    pub is_second: bool,
}

impl Charset {
    /// The one that is called so.
    pub fn of(which: u8) -> Charset {
        if which == b'0' { Charset::Lines } else { Charset::Text }
    }

    /// A character as it is shown.
    pub fn shown(self, c: char) -> char {
        const LINES: &str = "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·";
        match (self, c) {
            (Charset::Lines, '`'..='~') => {
                let at = u32::from(c).saturating_sub(u32::from('`'));
                LINES.chars().nth(at as usize).unwrap_or(c)
            }
            (Charset::Lines, '_') => ' ',
            (Charset::Lines | Charset::Text, _) => c,
        }
    }
}

impl Place {
    /// The set in use.
    pub fn set(&self) -> Charset {
        if self.is_second { self.sets.1 } else { self.sets.0 }
    }

    /// On a screen that has another size, of which so many lines went from the top.
    pub fn fit(&mut self, gone: usize, rows: usize, cols: usize) {
        self.row = self.row.saturating_sub(gone).min(rows.saturating_sub(1));
        self.col = self.col.min(cols.saturating_sub(1));
    }

    /// What designates its character sets.
    pub fn sets_text(&self) -> String {
        let of = |set, says: &'static str| if set == Charset::Lines { says } else { "" };
        let shift = if self.is_second { "\x0e" } else { "" };
        [of(self.sets.0, "\x1b(0"), of(self.sets.1, "\x1b)0"), shift].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::Charset;

    #[test]
    fn letters_are_lines() {
        let shown: String = "lqk x `~_A".chars().map(|c| Charset::Lines.shown(c)).collect();
        assert_eq!(shown, "┌─┐ │ ◆· A");
    }
}

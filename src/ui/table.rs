//! Columns: each as wide as its widest cell, the last cut to what the terminal has left.

use std::fmt::Write as _;

use anstyle::Style;

use super::text::{fit, width as width_of};

/// One cell.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    style: Style,
}

/// Rows of cells under headings.
#[derive(Debug)]
pub struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

const GAP: &str = "  ";
/// The last column keeps at least this much, whatever the terminal says. *Units*: terminal cells.
const LEAST: usize = 12;

impl Cell {
    /// Plain text, already safe to print.
    pub fn new(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), style: Style::new() }
    }

    /// Text in a style.
    pub fn styled(text: impl Into<String>, style: Style) -> Cell {
        Cell { text: text.into(), style }
    }
}

impl Table {
    /// A table with these headings.
    pub fn new(headings: &[&'static str]) -> Table {
        Table { headings: headings.to_vec(), rows: Vec::new() }
    }

    /// Adds a row, as long as the headings.
    pub fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// The table as text, styles included, at most `width` terminal cells wide where one is given.
    pub fn render(&self, width: Option<usize>, heading: Style) -> String {
        let widths: Vec<usize> = (0..self.headings.len()).map(|column| self.width_of(column)).collect();
        let mut out = String::new();
        let headings: Vec<Cell> = self.headings.iter().map(|h| Cell::styled(*h, heading)).collect();
        for row in std::iter::once(&headings).chain(&self.rows) {
            let mut used = 0;
            for (i, (cell, column)) in row.iter().zip(&widths).enumerate() {
                let is_last = i + 1 == row.len();
                let room = width.filter(|_| is_last).map(|w| w.saturating_sub(used).max(LEAST));
                let text = fit(&cell.text, room.unwrap_or(usize::MAX));
                let padding = if is_last { 0 } else { column.saturating_sub(width_of(&text)) };
                let _ = write!(
                    out,
                    "{}{text}{:#}{:padding$}{}",
                    cell.style,
                    cell.style,
                    "",
                    if is_last { "" } else { GAP }
                );
                used += column + GAP.len();
            }
            out.push('\n');
        }
        out
    }

    fn width_of(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|row| width_of(&row[column].text));
        cells.chain([width_of(self.headings[column])]).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, Table};
    use anstyle::Style;

    #[test]
    fn the_last_column_is_cut_to_the_width() {
        let mut table = Table::new(&["ID", "COMMAND"]);
        table.row(vec![Cell::new("task-001"), Cell::new("sleep 100 and a long tail")]);
        let text = table.render(Some(26), Style::new());
        assert_eq!(text, "ID        COMMAND\ntask-001  sleep 100 and a…\n");
        assert!(text.lines().all(|line| line.chars().count() <= 26));
        assert!(table.render(None, Style::new()).contains("long tail"));
    }

    #[test]
    fn columns_stand_below_each_other_whatever_their_characters_take() {
        let mut table = Table::new(&["NAME", "COMMAND"]);
        table.row(vec![Cell::new("日本語"), Cell::new("sleep 日本語日本語")]);
        table.row(vec![Cell::new("web"), Cell::new("npm")]);
        table.row(vec![Cell::new("e\u{301}te\u{301}"), Cell::new("x")]);
        let text = table.render(Some(23), Style::new());
        let wanted = "NAME    COMMAND\n日本語  sleep 日本語日…\nweb     npm\ne\u{301}te\u{301}     x\n";
        assert_eq!(text, wanted);
    }
}

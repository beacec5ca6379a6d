//! Columns: each as wide as its widest cell, and narrower in stated steps where the terminal has no
//! room for that.

use std::fmt::Write as _;

use anstyle::Style;

use super::text::{fit, width as width_of};

/// One cell.
#[derive(Clone, Debug)]
pub struct TableCell {
    text: String,
    short: Option<String>,
    style: Style,
}

/// Rows of cells under headings.
#[derive(Debug)]
pub struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<TableCell>>,
    steps: Vec<Step>,
    /// Columns that are left out where no row has anything in them.
    optional: Vec<usize>,
}

/// One way in which a table becomes narrower. Columns are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The cells of a column are cut, as far as is needed.
    Cut {
        /// The column.
        column: usize,
        /// It keeps this many terminal cells.
        least: usize,
    },
    /// The cells of a column take their short form.
    Shorten(usize),
    /// A column is left out.
    Drop(usize),
}

const GAP: &str = "  ";

/// How wide each column is, and which of its forms its cells take.
struct Layout {
    /// `None` for a column that is left out. *Units*: terminal cells.
    widths: Vec<Option<usize>>,
    is_short: Vec<bool>,
}

impl TableCell {
    /// Plain text, already safe to print.
    pub fn new(text: impl Into<String>) -> TableCell {
        TableCell { text: text.into(), short: None, style: Style::new() }
    }

    /// Text in a style.
    pub fn styled(text: impl Into<String>, style: Style) -> TableCell {
        TableCell { style, ..TableCell::new(text) }
    }

    /// The same with a short form, for a narrow terminal.
    pub fn or_short(self, short: impl Into<String>) -> TableCell {
        TableCell { short: Some(short.into()), ..self }
    }

    fn text(&self, is_short: bool) -> &str {
        self.short.as_deref().filter(|_| is_short).unwrap_or(&self.text)
    }
}

impl Table {
    /// A table with these headings, which becomes narrower by these steps, one after another, until
    /// it fits.
    pub fn new(headings: &[&'static str], steps: &[Step]) -> Table {
        Table { headings: headings.to_vec(), rows: Vec::new(), steps: steps.to_vec(), optional: Vec::new() }
    }

    /// The same table, which leaves out those of these columns in which no row has anything.
    pub fn with_optional(self, columns: &[usize]) -> Table {
        Table { optional: columns.to_vec(), ..self }
    }

    /// Adds a row, as long as the headings.
    pub fn row(&mut self, cells: Vec<TableCell>) {
        self.rows.push(cells);
    }

    /// The table as text, styles included, at most `width` terminal cells wide where one is given.
    pub fn render(&self, width: Option<usize>, heading: Style) -> String {
        self.lines(width, heading).iter().map(|line| format!("{line}\n")).collect()
    }

    /// The same as lines, the headings first.
    pub fn lines(&self, width: Option<usize>, heading: Style) -> Vec<String> {
        let layout = self.layout(width);
        let headings: Vec<TableCell> = self.headings.iter().map(|h| TableCell::styled(*h, heading)).collect();
        let line = |row: &Vec<TableCell>| {
            let line = layout.line(row);
            // Where even the last step left too much.
            width.filter(|most| layout.total() > *most).map_or(line.clone(), |most| fit(&line, most))
        };
        std::iter::once(&headings).chain(&self.rows).map(line).collect()
    }

    fn layout(&self, width: Option<usize>) -> Layout {
        let columns = self.headings.len();
        let is_there = |column: &usize| !self.optional.contains(column) || !self.is_empty(*column);
        let width_of = |column: usize| Some(column).filter(is_there).map(|column| self.width_of(column, false));
        let widths = (0..columns).map(width_of).collect();
        let mut layout = Layout { widths, is_short: vec![false; columns] };
        let Some(most) = width else { return layout };
        for step in &self.steps {
            let surplus = layout.total().saturating_sub(most);
            if surplus == 0 {
                break;
            }
            match *step {
                Step::Cut { column, least } => {
                    let cut = |wide: usize| wide.saturating_sub(surplus).max(least.min(wide));
                    layout.widths[column] = layout.widths[column].map(cut);
                }
                Step::Shorten(column) if layout.widths[column].is_some() => {
                    layout.is_short[column] = true;
                    layout.widths[column] = Some(self.width_of(column, true));
                }
                Step::Shorten(_) => {}
                Step::Drop(column) => layout.widths[column] = None,
            }
        }
        self.give_back(&mut layout, most);
        layout
    }

    /// A step may have made more room than was needed: columns that were cut take it.
    fn give_back(&self, layout: &mut Layout, most: usize) {
        for step in &self.steps {
            let room = most.saturating_sub(layout.total());
            if let Step::Cut { column, .. } = *step
                && let Some(wide) = layout.widths[column]
            {
                layout.widths[column] = Some((wide + room).min(self.width_of(column, layout.is_short[column])));
            }
        }
    }

    fn is_empty(&self, column: usize) -> bool {
        self.rows.iter().all(|row| row[column].text.is_empty())
    }

    fn width_of(&self, column: usize, is_short: bool) -> usize {
        let cells = self.rows.iter().map(|row| width_of(row[column].text(is_short)));
        cells.chain([width_of(self.headings[column])]).max().unwrap_or(0)
    }
}

impl Layout {
    fn total(&self) -> usize {
        let shown = self.widths.iter().flatten();
        shown.clone().sum::<usize>() + GAP.len() * shown.count().saturating_sub(1)
    }

    fn line(&self, row: &[TableCell]) -> String {
        let (mut line, mut blanks) = (String::new(), 0);
        for (column, (cell, width)) in row.iter().zip(&self.widths).enumerate() {
            let Some(width) = *width else { continue };
            let text = fit(cell.text(self.is_short[column]), width);
            // Nothing stands behind the last text of a line.
            if !text.is_empty() {
                let _ = write!(line, "{:blanks$}{}{text}{:#}", "", cell.style, cell.style);
                blanks = 0;
            }
            blanks += width.saturating_sub(width_of(&text)) + GAP.len();
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::{Step, Table, TableCell};
    use crate::ui::text::width;
    use anstyle::Style;
    use proptest::prelude::*;

    const CUT: [Step; 1] = [Step::Cut { column: 1, least: 4 }];

    #[test]
    fn a_column_is_cut_to_the_width() {
        let mut table = Table::new(&["ID", "COMMAND"], &CUT);
        table.row(vec![TableCell::new("task-001"), TableCell::new("sleep 100 and a long tail")]);
        let text = table.render(Some(26), Style::new());
        assert_eq!(text, "ID        COMMAND\ntask-001  sleep 100 and a…\n");
        assert!(table.render(None, Style::new()).contains("long tail"));
    }

    #[test]
    fn columns_stand_below_each_other_whatever_their_characters_take() {
        let mut table = Table::new(&["NAME", "COMMAND"], &CUT);
        table.row(vec![TableCell::new("日本語"), TableCell::new("sleep 日本語日本語")]);
        table.row(vec![TableCell::new("web"), TableCell::new("npm")]);
        table.row(vec![TableCell::new("e\u{301}te\u{301}"), TableCell::new("x")]);
        let text = table.render(Some(23), Style::new());
        let wanted = "NAME    COMMAND\n日本語  sleep 日本語日…\nweb     npm\ne\u{301}te\u{301}     x\n";
        assert_eq!(text, wanted);
    }

    #[test]
    fn steps_are_taken_in_their_order_until_it_fits() {
        let steps =
            [Step::Cut { column: 2, least: 6 }, Step::Shorten(1), Step::Drop(1), Step::Cut { column: 2, least: 2 }];
        let mut table = Table::new(&["A", "B", "C"], &steps);
        table.row(vec![
            TableCell::new("aaaa"),
            TableCell::new("long form").or_short("short"),
            TableCell::new("0123456789"),
        ]);
        let row = |width| table.lines(Some(width), Style::new())[1].clone();
        assert_eq!(row(27), "aaaa  long form  0123456789");
        assert_eq!(row(24), "aaaa  long form  012345…");
        assert_eq!(row(22), "aaaa  short  01234567…", "what is too much is given back");
        assert_eq!(row(16), "aaaa  0123456789");
        assert_eq!(row(9), "aaaa  01…");
        assert_eq!(row(3), "aa…");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_terminal(
            cells in proptest::collection::vec("[a日 ]{0,20}", 9), width_of_terminal in 1usize..80,
        ) {
            let steps = [Step::Cut { column: 2, least: 8 }, Step::Shorten(1), Step::Drop(1)];
            let mut table = Table::new(&["ONE", "TWO", "THREE"], &steps);
            for row in cells.chunks(3) {
                table.row(row.iter().map(|text| TableCell::new(text).or_short("s")).collect());
            }
            for line in table.lines(Some(width_of_terminal), Style::new()) {
                prop_assert!(width(&line) <= width_of_terminal, "{line}");
            }
        }
    }
}

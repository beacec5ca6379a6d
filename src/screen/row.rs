//! A line on a terminal: as it was written while nothing moved the cursor in it, else cell by cell.

use anstyle::Style;
use unicode_width::UnicodeWidthChar;

use super::colour;
use super::sequence::{self, Token};

/// Cells from one tab stop to the next.
const TAB: usize = 8;

/// A line.
#[derive(Clone, Debug)]
pub struct ScreenRow {
    content: Content,
    /// How text looks where it begins, and where it ends.
    looks: (Style, Style),
}

#[derive(Clone, Debug)]
enum Content {
    /// Text and colours, and whether there is any text.
    Written(Vec<u8>, bool),
    Drawn(Vec<Cell>),
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Cell {
    what: CellContent,
    style: Style,
    /// What takes no room and stands behind it: accents, control characters.
    more: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum CellContent {
    #[default]
    Blank,
    Character(char),
    /// A byte of no character.
    Byte(u8),
    /// The other half of what stands before it.
    Half,
}

impl ScreenRow {
    /// An empty line where text looks so.
    pub fn new(style: Style) -> ScreenRow {
        ScreenRow { content: Content::Written(Vec::new(), false), looks: (style, style) }
    }

    /// Whether nothing stands in it.
    pub fn is_blank(&self) -> bool {
        match &self.content {
            Content::Written(_, has_text) => !has_text,
            Content::Drawn(cells) => cells.iter().all(|cell| cell.what == CellContent::Blank && cell.more.is_empty()),
        }
    }

    /// Whether it is as it was written.
    pub fn is_written(&self) -> bool {
        matches!(self.content, Content::Written(..))
    }

    /// Whether it is the same when what it shows is written again: one without text that begins in
    /// a colour would have that as its text.
    pub fn is_repeatable(&self) -> bool {
        matches!(&self.content, Content::Written(bytes, _) if !bytes.is_empty() || self.looks.0 == Style::new())
    }

    /// How much of it there is. *Units*: bytes or cells.
    pub fn length(&self) -> usize {
        match &self.content {
            Content::Written(bytes, _) => bytes.len(),
            Content::Drawn(cells) => cells.iter().map(|cell| 1 + cell.more.len()).sum(),
        }
    }

    /// Writes text on at its end; `false` where it is no longer as it was written.
    pub fn write_on(&mut self, text: &[u8]) -> bool {
        match &mut self.content {
            Content::Written(bytes, has_text) => {
                bytes.extend_from_slice(text);
                *has_text = true;
                true
            }
            Content::Drawn(_) => false,
        }
    }

    /// What is written on looks so, as these parameters say.
    pub fn colour_on(&mut self, parameters: &[u8], style: Style) {
        if let Content::Written(bytes, _) = &mut self.content {
            bytes.extend_from_slice(b"\x1b[");
            bytes.extend_from_slice(parameters);
            bytes.push(b'm');
            self.looks.1 = style;
        }
    }

    /// Takes it apart into cells; gives the column behind its last one.
    pub fn take_apart(&mut self) -> usize {
        let bytes = match &mut self.content {
            Content::Drawn(cells) => return cells.len(),
            Content::Written(bytes, _) => std::mem::take(bytes),
        };
        self.content = Content::Drawn(Vec::new());
        let (mut rest, mut column, mut style) = (&bytes[..], 0, self.looks.0);
        while let Some((token, length)) = sequence::first(rest) {
            match token {
                Token::Text(text) => column = self.put(column, text, style),
                Token::Control { parameters, .. } => style = colour::after(style, parameters),
                _ => {}
            }
            rest = &rest[length..];
        }
        self.put(column, rest, style)
    }

    /// Puts text over what stands at a column; gives the column behind it.
    pub fn put(&mut self, mut column: usize, text: &[u8], style: Style) -> usize {
        for chunk in text.utf8_chunks() {
            for c in chunk.valid().chars() {
                column = match c.width() {
                    _ if c == '\t' => (column / TAB + 1) * TAB,
                    Some(width @ 1..) => self.set(column, CellContent::Character(c), width, style),
                    Some(0) | None => self.add(column, c.encode_utf8(&mut [0; 4]).as_bytes(), style),
                };
            }
            for byte in chunk.invalid() {
                column = self.set(column, CellContent::Byte(*byte), 1, style);
            }
        }
        column
    }

    /// Blanks these columns.
    pub fn erase(&mut self, columns: std::ops::Range<usize>) {
        let cells = self.cells();
        let end = columns.end.min(cells.len());
        for at in columns.start.min(end)..end {
            free(cells, at);
            cells[at] = Cell::default();
        }
        self.trim();
    }

    /// Takes so many cells out at a column; what follows moves up.
    pub fn take_out(&mut self, column: usize, count: usize) {
        let cells = self.cells();
        let start = column.min(cells.len());
        let end = column.saturating_add(count).min(cells.len());
        split(cells, start);
        split(cells, end);
        cells.drain(start..end);
    }

    /// Puts so many blanks in at a column.
    pub fn put_in(&mut self, column: usize, count: usize) {
        let cells = self.cells();
        if column < cells.len() {
            split(cells, column);
            cells.splice(column..column, std::iter::repeat_n(Cell::default(), count));
        }
    }

    /// Appends it, where text looked like `style` so far; gives how it looks behind it.
    pub fn show(&self, style: Style, out: &mut Vec<u8>) -> Style {
        match &self.content {
            Content::Written(bytes, _) => {
                change(style, self.looks.0, out);
                out.extend_from_slice(bytes);
                self.looks.1
            }
            Content::Drawn(cells) => show(cells, style, out),
        }
    }

    fn cells(&mut self) -> &mut Vec<Cell> {
        self.take_apart();
        match &mut self.content {
            Content::Drawn(cells) => cells,
            Content::Written(..) => unreachable!("it was taken apart"),
        }
    }

    fn set(&mut self, column: usize, what: CellContent, width: usize, style: Style) -> usize {
        let cells = self.cells();
        if cells.len() < column + width {
            cells.resize(column + width, Cell::default());
        }
        for at in column..column + width {
            free(cells, at);
            cells[at] = Cell { what: if at == column { what } else { CellContent::Half }, style, more: Vec::new() };
        }
        column + width
    }

    /// What takes no room goes to what stands before it.
    fn add(&mut self, column: usize, bytes: &[u8], style: Style) -> usize {
        let cells = self.cells();
        let mut at = column.saturating_sub(1);
        if cells.len() <= at {
            cells.resize(at + 1, Cell { style, ..Cell::default() });
        }
        while at > 0 && cells[at].what == CellContent::Half {
            at -= 1;
        }
        cells[at].more.extend_from_slice(bytes);
        column
    }

    fn trim(&mut self) {
        let cells = self.cells();
        let used = cells.iter().rposition(|cell| *cell != Cell::default()).map_or(0, |last| last + 1);
        cells.truncate(used);
    }
}

/// What is wide loses its other half when one is written over.
fn free(cells: &mut [Cell], at: usize) {
    if cells[at].what == CellContent::Half && at > 0 {
        cells[at - 1] = Cell::default();
    }
    if cells.get(at + 1).is_some_and(|next| next.what == CellContent::Half) {
        cells[at + 1] = Cell::default();
    }
}

/// What is wide is gone where it is cut in two.
fn split(cells: &mut [Cell], at: usize) {
    if cells.get(at).is_some_and(|cell| cell.what == CellContent::Half) {
        free(cells, at);
        cells[at] = Cell::default();
    }
}

/// How much at the beginning of a text fits into so much room of a line, in whole characters. A tab
/// takes the room of all cells that it can pass over. *Units*: bytes, and bytes or cells of a line.
pub fn fitting(text: &[u8], room: usize) -> usize {
    if text.len() <= room / TAB {
        return text.len();
    }
    let (mut fitting, mut needed) = (0, 0);
    let lengths = text.utf8_chunks().flat_map(|chunk| {
        let characters = chunk.valid().chars().map(|c| (c.len_utf8(), if c == '\t' { TAB } else { c.len_utf8() }));
        characters.chain(chunk.invalid().iter().map(|_| (1, 1)))
    });
    for (length, need) in lengths {
        needed += need;
        if needed > room {
            break;
        }
        fitting += length;
    }
    fitting
}

fn show(cells: &[Cell], mut style: Style, out: &mut Vec<u8>) -> Style {
    for cell in cells {
        if cell.what != CellContent::Half {
            change(style, cell.style, out);
            style = cell.style;
        }
        match cell.what {
            CellContent::Blank => out.push(b' '),
            CellContent::Character(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            CellContent::Byte(byte) => out.push(byte),
            CellContent::Half => {}
        }
        out.extend_from_slice(&cell.more);
    }
    style
}

/// Says how text looks from here on, if that is new.
pub fn change(from: Style, to: Style, out: &mut Vec<u8>) {
    if from != to {
        out.extend_from_slice(b"\x1b[0m");
        out.extend_from_slice(to.to_string().as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::ScreenRow;
    use anstyle::Style;

    fn shown(row: &ScreenRow) -> String {
        let mut out = Vec::new();
        let style = row.show(Style::new(), &mut out);
        super::change(style, Style::new(), &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn a_line_taken_apart_looks_the_same() {
        let mut row = ScreenRow::new(Style::new());
        row.write_on("a\u{301}é".as_bytes());
        row.colour_on(b"31", super::colour::after(Style::new(), b"31"));
        row.write_on("\t漢x".as_bytes());
        assert_eq!(row.take_apart(), 11);
        assert_eq!(shown(&row), "a\u{301}é      \u{1b}[0m\u{1b}[31m漢x\u{1b}[0m");
    }

    #[test]
    fn half_of_what_is_wide_is_nothing() {
        let mut row = ScreenRow::new(Style::new());
        row.put(0, "漢字".as_bytes(), Style::new());
        row.put(1, b"x", Style::new());
        assert_eq!(shown(&row), " x字");
        row.erase(3..4);
        assert_eq!(shown(&row), " x");
        row.put_in(1, 2);
        row.take_out(0, 1);
        assert_eq!(shown(&row), "  x");
    }
}

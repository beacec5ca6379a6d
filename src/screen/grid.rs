//! The cells of one screen, and how they are written, erased and scrolled. Whatever place is asked
//! for: what lies outside is left out.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic))]

use std::collections::VecDeque;
use std::ops::Range;

use anstyle::Style;

use super::row::change;
use super::svg::SvgCell;

/// What stands in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Where nothing was written, a blank.
    Character(char),
    /// The right half of the character before it.
    Half,
}

/// A cell: 28 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub what: What,
    pub style: Style,
    /// What takes no cell and stands behind it: accents, joiners, selectors. More are left out.
    pub marks: [Option<char>; 2],
}

/// The lines of a screen. *Units* of all places: cells from the top left corner, from 0.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid {
    rows: VecDeque<Vec<Cell>>,
    cols: usize,
}

impl Default for Cell {
    fn default() -> Cell {
        Cell { what: What::Character(' '), style: Style::new(), marks: [None; 2] }
    }
}

impl Cell {
    /// Nothing, on this background.
    pub fn blank(style: Style) -> Cell {
        Cell { style: Style::new().bg_color(style.get_bg_color()), ..Cell::default() }
    }

    fn show(&self, out: &mut String) {
        match self.what {
            What::Character(c) => out.push(c),
            What::Half => {}
        }
        out.extend(self.marks.iter().flatten());
    }
}

impl Grid {
    /// A blank screen.
    pub fn new(rows: usize, cols: usize) -> Grid {
        Grid { rows: (0..rows).map(|_| vec![Cell::default(); cols]).collect(), cols }
    }

    /// How many lines there are.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// How many columns there are.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Changes the size. Lines go from below the cursor first, then from the top; gives how many
    /// went from there.
    pub fn resize(&mut self, rows: usize, cols: usize, cursor: usize) -> usize {
        let excess = self.rows.len().saturating_sub(rows);
        let below = self.rows.len().saturating_sub(cursor.saturating_add(1));
        let from_top = excess.saturating_sub(below);
        self.rows.drain(..from_top);
        self.rows.resize_with(rows, || vec![Cell::default(); cols]);
        if cols != self.cols {
            for row in &mut self.rows {
                part(row, cols);
                row.resize(cols, Cell::default());
            }
        }
        self.cols = cols;
        from_top
    }

    /// What stands in a cell.
    fn cell(&self, row: usize, col: usize) -> Option<&Cell> {
        self.rows.get(row)?.get(col)
    }

    /// How many cells what stands before a column takes.
    pub fn width_before(&self, row: usize, col: usize) -> usize {
        let before = col.checked_sub(1).and_then(|before| self.cell(row, before));
        if before.is_some_and(|cell| cell.what == What::Half) { 2 } else { 1 }
    }

    /// Puts a character of this width into a line.
    pub fn put(&mut self, row: usize, col: usize, cell: Cell, width: usize) {
        let Some(row) = self.rows.get_mut(row) else { return };
        let end = col.saturating_add(width);
        part(row, col);
        part(row, end);
        let mut cells = row.iter_mut().skip(col).take(width);
        if let Some(first) = cells.next() {
            *first = cell;
        }
        cells.for_each(|half| *half = Cell { what: What::Half, style: cell.style, ..Cell::default() });
    }

    /// Adds what takes no cell to what stands in one.
    pub fn mark(&mut self, row: usize, col: usize, mark: char) {
        let Some(cells) = self.rows.get_mut(row) else { return };
        let is_half = |at: usize| cells.get(at).is_some_and(|cell| cell.what == What::Half);
        let at = if is_half(col) { col.saturating_sub(1) } else { col };
        if let Some(free) = cells.get_mut(at).and_then(|cell| cell.marks.iter_mut().find(|mark| mark.is_none())) {
            *free = Some(mark);
        }
    }

    /// Blanks cells of a line.
    pub fn erase(&mut self, row: usize, cols: Range<usize>, blank: Cell) {
        let Some(row) = self.rows.get_mut(row) else { return };
        let end = cols.end.min(row.len());
        part(row, cols.start);
        part(row, end);
        if let Some(cells) = row.get_mut(cols.start..end) {
            cells.fill(blank);
        }
    }

    /// Blanks lines.
    pub fn erase_rows(&mut self, rows: Range<usize>, blank: Cell) {
        let length = rows.len();
        self.rows.iter_mut().skip(rows.start).take(length).for_each(|row| row.fill(blank));
    }

    /// Puts blanks into a line; what stands behind them moves on.
    pub fn insert(&mut self, row: usize, col: usize, count: usize, blank: Cell) {
        let Some(row) = self.rows.get_mut(row) else { return };
        let count = count.min(row.len().saturating_sub(col));
        let pushed_out = row.len().saturating_sub(count);
        part(row, col);
        part(row, pushed_out);
        if let Some(behind) = row.get_mut(col..) {
            behind.rotate_right(count);
            behind.iter_mut().take(count).for_each(|cell| *cell = blank);
        }
    }

    /// Takes cells out of a line; what stands behind them moves up.
    pub fn delete(&mut self, row: usize, col: usize, count: usize, blank: Cell) {
        let Some(row) = self.rows.get_mut(row) else { return };
        let count = count.min(row.len().saturating_sub(col));
        part(row, col);
        part(row, col.saturating_add(count));
        if let Some(behind) = row.get_mut(col..) {
            behind.rotate_left(count);
            behind.iter_mut().rev().take(count).for_each(|cell| *cell = blank);
        }
    }

    /// Moves lines up: those at the top go, and blank ones come in below.
    pub fn scroll_up(&mut self, rows: Range<usize>, count: usize, blank: Cell) {
        for _ in 0..count.min(rows.len()) {
            let Some(mut row) = self.rows.remove(rows.start) else { return };
            row.fill(blank);
            self.rows.insert(rows.end.saturating_sub(1).min(self.rows.len()), row);
        }
    }

    /// Moves lines down.
    pub fn scroll_down(&mut self, rows: Range<usize>, count: usize, blank: Cell) {
        for _ in 0..count.min(rows.len()) {
            let Some(mut row) = self.rows.remove(rows.end.saturating_sub(1)) else { return };
            row.fill(blank);
            self.rows.insert(rows.start.min(self.rows.len()), row);
        }
    }

    /// The lines as text.
    pub fn texts(&self) -> impl Iterator<Item = String> + '_ {
        self.rows.iter().map(|row| {
            let mut text = String::new();
            row.iter().for_each(|cell| cell.show(&mut text));
            text
        })
    }

    /// The cells as a picture has them.
    pub fn svg_cells(&self) -> Vec<Vec<SvgCell>> {
        let cell = |cell: &Cell| {
            let mut text = String::new();
            cell.show(&mut text);
            SvgCell { text, style: cell.style }
        };
        self.rows.iter().map(|row| row.iter().map(cell).collect()).collect()
    }

    /// What writes a line up to its last cell in which anything is, where text looked like `style`
    /// so far; gives how it looks behind it.
    pub fn paint(&self, row: usize, style: Style, out: &mut Vec<u8>) -> Style {
        let Some(cells) = self.rows.get(row) else { return style };
        let used = cells.iter().rposition(|cell| *cell != Cell::default()).map_or(0, |last| last.saturating_add(1));
        self.paint_cells(row, 0..used, style, out)
    }

    /// The same of some cells.
    pub fn paint_cells(&self, row: usize, cols: Range<usize>, mut style: Style, out: &mut Vec<u8>) -> Style {
        let mut text = String::new();
        let length = cols.len();
        for cell in self.rows.get(row).into_iter().flatten().skip(cols.start).take(length) {
            if cell.style != style && cell.what != What::Half {
                out.extend_from_slice(text.as_bytes());
                text.clear();
                change(style, cell.style, out);
                style = cell.style;
            }
            cell.show(&mut text);
        }
        out.extend_from_slice(text.as_bytes());
        style
    }
}

/// A character of which a column would be the right half is gone.
fn part(row: &mut [Cell], col: usize) {
    if row.get(col).is_some_and(|cell| cell.what == What::Half)
        && let Some(halves) = row.get_mut(col.saturating_sub(1)..=col)
    {
        halves.iter_mut().for_each(|half| *half = Cell { style: half.style, ..Cell::default() });
    }
}

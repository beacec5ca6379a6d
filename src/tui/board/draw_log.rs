//! The chosen task's log, as it is drawn: from the bottom up, as much as there is room for.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::Modifier;

use crate::ansi::{self, Colours};
use crate::tui::board::page::PageLine;
use crate::tui::board::state::Board;
use crate::tui::paint;
use crate::tui::view::frame::ViewSettings;
use crate::ui::text::{fit, width};

/// Of a line that goes on in further rows, so many cells are drawn.
const LONGEST: u16 = 4096;

/// A line on its way to the window.
struct LogRow {
    text: String,
    /// Where in it what is searched for stands. *Units*: cells.
    found: Vec<(u16, u16)>,
}

impl Board {
    pub(super) fn draw_log(&mut self, look: &ViewSettings, area: Rect, buffer: &mut Buffer) {
        self.page.rows = usize::from(area.height);
        let search = self.page.search.clone();
        let wraps = self.page.wraps;
        let mut blocks: Vec<Buffer> = Vec::new();
        let mut room = area.height;
        let colours = look.colours;
        self.page.upwards(|line| {
            let row = LogRow::of(line, colours, search.as_ref());
            let block = row.block(area.width, wraps, room);
            room = room.saturating_sub(block.area.height);
            blocks.push(block);
            room > 0
        });
        if room > 0 {
            self.page.downwards(|line| {
                let block = LogRow::of(line, colours, search.as_ref()).block(area.width, wraps, room);
                room = room.saturating_sub(block.area.height);
                blocks.insert(0, block);
                room > 0
            });
        }
        // The newest at the bottom, once they fill the page.
        let used = area.height - room;
        let mut y = area.y + used;
        for block in &blocks {
            let high = block.area.height.min(y - area.y);
            y -= high;
            copy(block, block.area.height - high, Rect { y, height: high, ..area }, buffer);
        }
    }

    /// The text of the lines that are in sight.
    pub fn lines_in_sight(&mut self) -> String {
        let mut rows = self.page_rows();
        let mut lines = Vec::new();
        self.page.upwards(|line| {
            lines.push(ansi::line(&line.bytes, Colours::Drop));
            rows -= 1;
            rows > 0
        });
        lines.reverse();
        lines.join("\n")
    }
}

impl LogRow {
    fn of(line: &PageLine, colours: Colours, search: Option<&regex::bytes::Regex>) -> LogRow {
        let found = search.map_or_else(Vec::new, |search| {
            let plain = ansi::line(&line.bytes, Colours::Drop);
            let cells = |at: usize| u16::try_from(plain.get(..at).map_or(0, width)).unwrap_or(u16::MAX);
            search.find_iter(plain.as_bytes()).take(64).map(|hit| (cells(hit.start()), cells(hit.end()))).collect()
        });
        LogRow { text: ansi::line(&line.bytes, colours), found }
    }

    /// Its rows: one, or as many as it needs.
    fn block(&self, wide: u16, wraps: bool, most: u16) -> Buffer {
        let length = u16::try_from(width(&self.text)).unwrap_or(LONGEST).min(LONGEST);
        if !wraps || length <= wide {
            let mut buffer = Buffer::empty(Rect::new(0, 0, wide, 1));
            let area = buffer.area;
            paint::row(&mut buffer, area, &fit(&self.text, usize::from(wide)));
            self.mark(&mut buffer);
            return buffer;
        }
        let mut long = Buffer::empty(Rect::new(0, 0, length, 1));
        let area = long.area;
        paint::row(&mut long, area, &self.text);
        self.mark(&mut long);
        let mut starts = vec![0];
        let mut from = 0;
        while from + wide < length {
            // What is wide is not torn apart.
            let last = from + wide - 1;
            let is_torn = wide > 1 && width(long[(last, 0)].symbol()) > 1;
            from = if is_torn { last } else { last + 1 };
            starts.push(from);
        }
        let rows = u16::try_from(starts.len()).unwrap_or(u16::MAX).min(most.max(1));
        let mut block = Buffer::empty(Rect::new(0, 0, wide, rows));
        // Of more rows than there is room for, the last ones are in sight.
        let hidden = starts.len() - usize::from(rows);
        for (row, number) in (0..rows).zip(hidden..) {
            let end = starts.get(number + 1).copied().unwrap_or(length);
            for (col, cell) in (starts[number]..end).enumerate() {
                block[(col as u16, row)] = long[(cell, 0)].clone();
            }
        }
        block
    }

    fn mark(&self, buffer: &mut Buffer) {
        for (from, to) in &self.found {
            paint::effect(buffer, Rect::new(*from, 0, to.saturating_sub(*from), 1), Modifier::REVERSED);
        }
    }
}

/// Copies the rows of a block from one on.
fn copy(block: &Buffer, from: u16, area: Rect, buffer: &mut Buffer) {
    for row in 0..area.height {
        for col in 0..area.width.min(block.area.width) {
            buffer[(area.x + col, area.y + row)] = block[(col, from + row)].clone();
        }
    }
}

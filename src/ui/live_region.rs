//! The end of a growing log on the reader's terminal: lines that change are written over where they
//! stand.
//!
//! Lines and a size go in, what is to be written comes out. What stands further up than the screen
//! is tall, or was written before the size changed, stays as it is: nobody can get back to it.

use std::collections::VecDeque;
use std::fmt::Write as _;

use super::text;
use crate::units::size::Size;

/// A line as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownLine {
    /// Which. Later ones have greater numbers.
    pub id: u64,
    /// Safe to show, with its colours ended.
    pub text: String,
    /// Whether it is a whole one. One that is not is cut to the screen's width: it may be a bar.
    pub has_ended: bool,
}

/// A line, or several that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    line: ShownLine,
    count: u64,
}

/// What stands on the screen, the cursor in its last row.
#[derive(Debug)]
pub struct LiveRegion {
    size: Size,
    folds: bool,
    items: VecDeque<Item>,
    /// What lines that no longer change came to; the next one may be like them.
    settled: Option<Item>,
}

impl LiveRegion {
    /// Nothing was written yet. Lines that are alike are told once, and how often they came, if so.
    pub fn new(size: Size, folds: bool) -> LiveRegion {
        LiveRegion { size, folds, items: VecDeque::new(), settled: None }
    }

    /// What is to be written where these lines are to be seen: those that no longer change, told
    /// here for the last time, and those that may, told each time.
    pub fn frame(&mut self, size: Size, settled: Vec<ShownLine>, open: Vec<ShownLine>) -> String {
        if size != self.size {
            self.size = size;
            self.items.drain(..self.items.len().saturating_sub(1));
        }
        let mut items: Vec<Item> = self.settled.take().into_iter().collect();
        settled.into_iter().for_each(|line| self.add(&mut items, line));
        self.settled = items.last().cloned();
        open.into_iter().for_each(|line| self.add(&mut items, line));
        self.show(items)
    }

    /// What is to be written when nothing more comes.
    pub fn finish(&mut self) -> String {
        let last = self.items.back().map_or(String::new(), |last| last.line.text.clone());
        let mut items: Vec<Item> = self.items.iter().cloned().collect();
        items.iter_mut().for_each(|item| item.line.has_ended = true);
        let shown = self.show(items);
        if last.is_empty() { shown } else { shown + "\n" }
    }

    fn add(&self, items: &mut Vec<Item>, line: ShownLine) {
        match items.last_mut() {
            Some(last) if self.folds && line.has_ended && !line.text.is_empty() && last.line.text == line.text => {
                last.count += 1;
            }
            _ => items.push(Item { line, count: 1 }),
        }
    }

    fn show(&mut self, items: Vec<Item>) -> String {
        let first = items.first().map_or(u64::MAX, |item| item.line.id);
        let known = self.items.partition_point(|item| item.line.id < first);
        let same = self.items.range(known..).zip(&items).take_while(|(old, new)| old == new).count();
        // What is out of reach stays, whatever it is.
        let stays = self.items.len() - self.within_reach();
        let out_of_reach = stays.saturating_sub(known).min(items.len());
        let same = same.max(out_of_reach);
        let over: Vec<Item> = self.items.drain((known + same).min(self.items.len())..).collect();
        let mut out = String::new();
        let rows: usize = over.iter().map(|item| self.height(item)).sum();
        match rows {
            0 if items.len() > same && !self.items.is_empty() => out.push('\n'),
            0 => {}
            1 => out.push_str("\r\x1b[J"),
            _ => {
                let _ = write!(out, "\r\x1b[{}A\x1b[J", rows - 1);
            }
        }
        if rows > 0 && items.len() <= same && !self.items.is_empty() {
            // There are fewer than before: the last row is the one above.
            out.push_str("\x1b[A");
        }
        for (at, item) in items.into_iter().skip(same).enumerate() {
            out.push_str(if at > 0 { "\n" } else { "" });
            out.push_str(&self.text(&item));
            self.items.push_back(item);
        }
        let most = usize::from(self.size.rows) * 2;
        self.items.drain(..self.items.len().saturating_sub(most));
        out
    }

    /// How many of the last items stand on the screen.
    fn within_reach(&self) -> usize {
        let mut rows = 0;
        let fits = |item: &&Item| {
            rows += self.height(item);
            rows <= usize::from(self.size.rows)
        };
        self.items.iter().rev().take_while(fits).count()
    }

    fn text(&self, item: &Item) -> String {
        let text = &item.line.text;
        match item.count {
            1 if item.line.has_ended => text.clone(),
            1 => text::fit(text, usize::from(self.size.cols)),
            2 => format!("{text}\n{text}"),
            count => format!("{text}\n… {count} times"),
        }
    }

    fn height(&self, item: &Item) -> usize {
        let cols = usize::from(self.size.cols);
        self.text(item).split('\n').map(|row| text::width(row).div_ceil(cols).max(1)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::{LiveRegion, ShownLine};
    use crate::screen::picture::Picture;
    use crate::units::size::Size;
    use crate::units::tty_modes::LineFeed;
    use proptest::prelude::*;

    const SIZE: Size = Size { rows: 8, cols: 20 };

    fn line(id: u64, text: &str) -> ShownLine {
        ShownLine { id, text: text.to_owned(), has_ended: true }
    }

    fn bar(id: u64, text: &str) -> ShownLine {
        ShownLine { has_ended: false, ..line(id, text) }
    }

    #[test]
    fn lines_change_where_they_stand() {
        let (mut moving, mut screen) = (LiveRegion::new(SIZE, true), Picture::new(SIZE));
        let mut frame = |settled: &[ShownLine], open: &[ShownLine]| {
            let out = moving.frame(SIZE, settled.to_vec(), open.to_vec());
            screen.show(out.as_bytes(), LineFeed::Returns);
            screen.lines()
        };
        assert_eq!(frame(&[], &[line(0, "begin"), bar(1, "10%")]), ["begin", "10%"]);
        assert_eq!(frame(&[], &[line(0, "begin"), bar(1, "50%")]), ["begin", "50%"]);
        assert_eq!(frame(&[line(0, "begin")], &[line(1, "a 1"), line(2, "b 1"), bar(3, "")]), ["begin", "a 1", "b 1"]);
        assert_eq!(frame(&[], &[line(1, "a 2"), line(2, "b 1"), bar(3, "")]), ["begin", "a 2", "b 1"]);
        assert_eq!(frame(&[], &[line(1, "done"), bar(2, "")]), ["begin", "done"]);
        let long = "a bar that is wider than the screen";
        assert_eq!(frame(&[], &[line(1, "done"), bar(2, long)]), ["begin", "done", "a bar that is wider…"]);
        assert_eq!(frame(&[], &[line(1, "done"), line(2, long), bar(3, "x")]).len(), 5);
    }

    #[test]
    fn there_may_be_fewer_lines_than_before() {
        let (mut moving, mut screen) = (LiveRegion::new(SIZE, true), Picture::new(SIZE));
        for texts in [&["a", "b", "c"][..], &["a"], &["d"]] {
            let open = (0..).zip(texts).map(|(id, text)| line(id, text)).collect();
            screen.show(moving.frame(SIZE, Vec::new(), open).as_bytes(), LineFeed::Returns);
            assert_eq!(screen.lines(), texts);
        }
    }

    #[test]
    fn what_repeats_is_counted_where_it_stands() {
        let (mut moving, mut screen) = (LiveRegion::new(SIZE, true), Picture::new(SIZE));
        for count in 1..=200 {
            let settled = if count > 2 { vec![line(count - 2, "tick")] } else { Vec::new() };
            let open = [line(count - 1, "tick"), line(count, "tick"), bar(count + 1, "")];
            let from = if count > 1 { 0 } else { 1 };
            let out = moving.frame(SIZE, settled, open[from..].to_vec());
            screen.show(out.as_bytes(), LineFeed::Returns);
        }
        assert_eq!(screen.lines(), ["tick", "… 200 times"]);
        screen.show(
            moving.frame(SIZE, vec![line(199, "tick"), line(200, "tick")], vec![bar(201, "tock")]).as_bytes(),
            LineFeed::Returns,
        );
        screen.show(moving.finish().as_bytes(), LineFeed::Returns);
        assert_eq!((screen.lines().join("/"), screen.cursor().row), ("tick/… 200 times/tock".to_owned(), 3));
    }

    proptest! {
        #[test]
        fn the_screen_shows_the_last_lines(
            frames in proptest::collection::vec((0usize..3, proptest::collection::vec("[ab]{0,30}", 1..12)), 1..12),
        ) {
            let size = Size { rows: 40, cols: 20 };
            let (mut moving, mut screen) = (LiveRegion::new(size, false), Picture::new(Size { rows: 400, cols: 20 }));
            let (mut settled, mut from) = (Vec::<String>::new(), 0);
            for (settle, texts) in frames {
                let settle = settle.min(texts.len() - 1);
                let lines: Vec<ShownLine> =
                    texts.iter().enumerate().map(|(at, text)| line((from + at) as u64, text)).collect();
                let out = moving.frame(size, lines[..settle].to_vec(), lines[settle..].to_vec());
                screen.show(out.as_bytes(), LineFeed::Returns);
                from += settle;
                settled.extend_from_slice(&texts[..settle]);
                let all = [&settled[..], &texts[settle..]].concat().join("\n");
                let mut wanted = Picture::new(Size { rows: 400, cols: 20 });
                wanted.show(all.as_bytes(), LineFeed::Returns);
                prop_assert_eq!(screen.lines(), wanted.lines());
            }
        }
    }
}

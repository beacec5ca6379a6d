//! A page as it is scrolled, searched and fed.

use super::{LogWant, Page};
use crate::logs::text::level::Level;
use proptest::prelude::*;
use regex::bytes::Regex;

fn shown(page: &mut Page, rows: usize) -> Vec<String> {
    let mut lines = Vec::new();
    page.upwards(|line| {
        lines.push(String::from_utf8_lossy(&line.bytes).into_owned());
        lines.len() < rows
    });
    lines.reverse();
    lines
}

fn numbered(count: usize) -> Page {
    let mut page = Page::default();
    (0..count).for_each(|n| page.feed(format!("line {n}\n").as_bytes(), n as u64 * 10));
    page
}

#[test]
fn the_newest_are_shown_until_somebody_goes_up() {
    let mut page = numbered(100);
    assert_eq!(shown(&mut page, 2), ["line 98", "line 99"]);
    page.up(10, 5);
    page.feed(b"line 100\n", 1000);
    assert_eq!((shown(&mut page, 1), page.below()), (vec!["line 89".to_owned()], 11));
    page.down(3);
    assert_eq!(shown(&mut page, 1), ["line 92"]);
    page.down(50);
    assert!(page.is_following());
}

fn page_of(bytes: &[u8]) -> Page {
    let mut page = Page::default();
    page.feed(bytes, 0);
    page
}

#[test]
fn earlier_lines_are_put_before_and_nothing_moves() {
    let mut page = numbered(20);
    page.up(15, 5);
    assert_eq!(page.wants, LogWant::Older);
    let before = shown(&mut page, 2);
    page.put_before(page_of(b"old 1\nold 2\n"));
    assert_eq!(shown(&mut page, 2), before);
    page.go_to_start(3);
    assert_eq!(shown(&mut page, 9), ["old 1", "old 2", "line 0"]);
}

#[test]
fn lines_that_matter_less_are_left_out_but_not_their_continuation() {
    let mut page = Page { least: Some(Level::Warn), ..Page::default() };
    page.feed(b"INFO: begun\nERROR: bad\n  at there\nmore\nwarning: odd\n", 0);
    assert_eq!(shown(&mut page, 9), ["ERROR: bad", "  at there", "warning: odd"]);
    page.up(2, 1);
    assert_eq!(shown(&mut page, 9), ["ERROR: bad"]);
}

#[test]
fn what_is_searched_for_is_gone_to() {
    let mut page = Page { search: Regex::new("7").ok(), ..numbered(40) };
    assert!(page.find(true));
    assert_eq!(shown(&mut page, 1), ["line 37"]);
    assert!((0..3).all(|_| page.find(true)) && !page.find(true));
    assert_eq!(shown(&mut page, 1), ["line 7"]);
    assert!(page.find(false));
    assert_eq!(shown(&mut page, 1), ["line 17"]);
}

#[test]
fn what_is_drawn_over_is_gone() {
    let mut page = Page::default();
    page.feed(b"10%\r", 0);
    page.feed(b"50%\r90%\r\n", 4);
    assert_eq!(shown(&mut page, 9), ["90%\r"]);
}

proptest! {
    #[test]
    fn any_moves_stay_within(moves in proptest::collection::vec((0u8..6, 0usize..40), 0..40), count in 0usize..60) {
        let mut page = numbered(count);
        page.search = Regex::new("3").ok();
        for (what, far) in moves {
            match what {
                0 => page.up(far, 7),
                1 => page.down(far),
                2 => page.go_to_start(7),
                3 => drop(page.find(far % 2 == 0)),
                4 => page.put_before(page_of(b"x\ny\n")),
                _ => page.feed(b"z\nopen", 0),
            }
            shown(&mut page, 7);
            page.least = (far % 5 == 0).then_some(Level::Error);
        }
    }
}

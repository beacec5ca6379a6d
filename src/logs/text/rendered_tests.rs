//! What a log has left, however it is read.

use std::io::{self, Read};

use proptest::prelude::*;

use crate::logs::text::rendered::{LONGEST, Pieces, Rendered, held_back};
use crate::screen::canvas::{Canvas, OPEN};

/// Gives a few bytes at a time.
pub struct Drops<'a>(pub &'a [u8], pub usize);

impl Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.1.min(self.0.len()).min(buffer.len());
        buffer[..length].copy_from_slice(&self.0[..length]);
        self.0 = &self.0[length..];
        Ok(length)
    }
}

/// All of it, read into so much room at a time.
pub fn all(mut log: impl Read, room: usize) -> Vec<u8> {
    let (mut buffer, mut all) = (vec![0; room], Vec::new());
    loop {
        match log.read(&mut buffer).expect("read") {
            0 => return all,
            length => all.extend_from_slice(&buffer[..length]),
        }
    }
}

fn read(bytes: &[u8], drop: usize, room: usize) -> Vec<u8> {
    all(Rendered::plain(Drops(bytes, drop), Pieces::Joined), room)
}

#[test]
fn nothing_is_held_back_for_ever() {
    let text: String = (0..200_000).map(|n| format!("line {n}\n")).collect();
    let bar = "\x1b[2A\x1b[2Kone\n\x1b[2Ktwo\n";
    let bytes = format!("{text}a\nb\n{}{text}end", bar.repeat(1000));
    let wanted = format!("{text}one\ntwo\n{text}end");
    assert!(read(bytes.as_bytes(), 100_000, 64 * 1024) == wanted.as_bytes());
    assert!(read(bytes.as_bytes(), 100_000, 256 * 1024) == wanted.as_bytes());
    let mut settled = Rendered::plain(bytes.as_bytes(), Pieces::Joined);
    while settled.read(&mut [0; 65536]).expect("read") > 0 {
        assert!(settled.open.len() < 64 * 1024 && settled.ready.get_ref().len() < 256 * 1024);
    }
    assert!(settled.canvas.is_none());
}

#[test]
fn a_line_without_end_is_whole() {
    let long = vec![b'x'; 3 * LONGEST];
    assert!(read(&long, 50_000, 64 * 1024) == long);
    let coloured = [b"\x1b[31m\rab\x08".as_slice(), &long].concat();
    assert_eq!(read(&coloured, 50_000, 64 * 1024).iter().filter(|byte| **byte == b'x').count(), long.len());
}

/// What a canvas makes of it that is given all at once.
fn drawn(bytes: &[u8], pieces: Pieces) -> Vec<u8> {
    let mut canvas = Canvas::new(0, 1);
    canvas.feed(bytes);
    canvas.finish();
    let lines: Vec<_> = std::iter::from_fn(|| canvas.settled()).collect();
    let mut shown = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        line.row.show(anstyle::Style::new(), &mut shown);
        let is_cut = pieces == Pieces::Apart && at + 1 < lines.len();
        shown.extend((line.has_ended || is_cut).then_some(b'\n'));
    }
    shown
}

fn without_colours(bytes: &[u8]) -> Vec<u8> {
    regex::bytes::Regex::new("\x1b\\[[0-9;]*m").expect("a pattern").replace_all(bytes, &b""[..]).into_owned()
}

#[test]
fn text_stands_at_its_column_behind_what_was_erased() {
    let bytes = [b"\n".as_slice(), &[b'a'; 170], b"\x1b[2K", &[b'b'; 370]].concat();
    let wanted = [b"\n".as_slice(), &[b' '; 170], &[b'b'; 370]].concat();
    for drop in [1, 7, 100_000] {
        assert_eq!(read(&bytes, drop, 512 * 1024).escape_ascii().to_string(), wanted.escape_ascii().to_string());
    }
}

#[test]
fn a_long_line_is_cut_at_the_same_places_however_it_is_read() {
    let long = vec![b'x'; LONGEST - 3];
    let text = [&long, "é漢\tab\n".as_bytes(), &long, b"\tz\n"].concat();
    let drawn_over = [b"\rab\x1b[D", &text[..]].concat();
    let coloured = [b"\x1b[31m", &long[..], b"\x1b[0mred\n"].concat();
    for bytes in [text, drawn_over, coloured] {
        let wanted = without_colours(&drawn(&bytes, Pieces::Apart));
        assert!(wanted.iter().filter(|byte| **byte == b'\n').count() > 1);
        let found = without_colours(&all(Rendered::plain(Drops(&bytes, 60_001), Pieces::Apart), 64 * 1024));
        let lengths = |text: &[u8]| text.split(|byte| *byte == b'\n').map(<[u8]>::len).collect::<Vec<_>>();
        assert_eq!(lengths(&found), lengths(&wanted));
        assert!(found == wanted);
    }
}

#[test]
fn after_a_pause_another_terminal_begins() {
    struct Runs(Vec<&'static [u8]>);
    impl Read for Runs {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let run = if self.0.is_empty() { &[][..] } else { self.0.remove(0) };
            buffer[..run.len()].copy_from_slice(run);
            Ok(run.len())
        }
    }
    let runs = Runs(vec![b"one\n\x1b[?1049hvi", b"", b"\x1b[5Atwo\n", b"", b"\x1b[Athree"]);
    assert_eq!(
        all(Rendered::plain(runs, Pieces::Joined), 64 * 1024),
        b"one\n[full-screen program, 2 bytes]\ntwo\nthree"
    );
}

#[test]
fn a_colour_in_a_line_without_text_is_no_text() {
    let output = b"\x1b[2e\x1b[1m\x1b[F\xcc\x81";
    for drop in 1..=output.len() {
        assert_eq!(without_colours(&read(output, drop, 64 * 1024)), b"\n\xcc\x81", "by {drop}");
    }
}

proptest! {
    #[test]
    fn it_is_what_a_canvas_makes_of_it(
        parts in proptest::collection::vec(
            prop_oneof![
                8 => "[a-z]{0,9}\n", 2 => Just("x\x1b[31mred\x1b[0m\n".to_owned()), 1 => "[a-z]{1,400}",
                1 => Just("\r".to_owned()), 1 => (1..90u8).prop_map(|n| format!("\x1b[{n}A")), 1 => Just("\n".repeat(70)),
                1 => Just("\x1b[2K".to_owned()), 1 => Just("\x1b7".to_owned()), 1 => Just("\x1b8".to_owned()),
                1 => Just(format!("{}\n", "y".repeat(7000))),
                1 => Just("é".to_owned()), 1 => Just("\u{1b}[3".to_owned()), 1 => Just("\t".to_owned()),
                1 => Just("\x1b[2e".to_owned()), 1 => Just("\x1b[1m".to_owned()), 1 => Just("\x1b[F\u{84}".to_owned()),
                1 => Just("\u{1b}[9;9H".to_owned()), 1 => Just("\u{1b}[2J".to_owned()), 1 => Just("\u{1b}[3C".to_owned()),
            ], 0..40),
        drop in prop_oneof![1usize..40, Just(100_000)],
        room in prop_oneof![Just(70usize), Just(64 * 1024), Just(512 * 1024)],
    ) {
        let bytes = parts.concat().into_bytes();
        let wanted = drawn(&bytes, Pieces::Joined);
        for pieces in [Pieces::Joined, Pieces::Apart] {
            let found = all(Rendered::plain(Drops(&bytes, drop), pieces), room);
            prop_assert_eq!(
                String::from_utf8_lossy(&without_colours(&found)).into_owned(),
                String::from_utf8_lossy(&without_colours(&wanted)).into_owned(),
            );
        }
    }

    #[test]
    fn as_much_is_held_back_as_a_canvas_holds(lengths in proptest::collection::vec(0..400usize, 1..90)) {
        let lines: Vec<String> = lengths.iter().map(|length| "x".repeat(*length)).collect();
        let text = lines.join("\n");
        let mut canvas = Canvas::new(0, 1);
        canvas.feed(text.as_bytes());
        let open: Vec<_> = canvas.open().collect();
        let length: usize = open.iter().map(|line| line.row.length() + 1).sum::<usize>() - 1;
        prop_assert!(open.len() <= OPEN);
        prop_assert_eq!(held_back(text.as_bytes()), length);
    }
}

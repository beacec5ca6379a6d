//! What a log has left, however it is read.

use std::io::{self, Read};

use proptest::prelude::*;

use super::{LONGEST, Pieces, Settled, held_back};
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
    all(Settled::plain(Drops(bytes, drop), Pieces::Joined), room)
}

#[test]
fn nothing_is_held_back_for_ever() {
    let text: String = (0..200_000).map(|n| format!("line {n}\n")).collect();
    let bar = "\x1b[2A\x1b[2Kone\n\x1b[2Ktwo\n";
    let bytes = format!("{text}a\nb\n{}{text}end", bar.repeat(1000));
    let wanted = format!("{text}one\ntwo\n{text}end");
    assert!(read(bytes.as_bytes(), 100_000, 64 * 1024) == wanted.as_bytes());
    assert!(read(bytes.as_bytes(), 100_000, 256 * 1024) == wanted.as_bytes());
    let mut settled = Settled::plain(bytes.as_bytes(), Pieces::Joined);
    while settled.read(&mut [0; 65536]).expect("read") > 0 {
        assert!(settled.open.len() < 64 * 1024 && settled.ready.len() < 256 * 1024);
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
        all(Settled::plain(runs, Pieces::Joined), 64 * 1024),
        b"one\n[full-screen program, 2 bytes]\ntwo\nthree"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn it_is_what_a_canvas_makes_of_it(
        parts in proptest::collection::vec(
            prop_oneof![
                8 => "[a-z]{0,9}\n", 2 => Just("x\x1b[31mred\x1b[0m\n".to_owned()), 1 => "[a-z]{1,400}",
                1 => Just("\r".to_owned()), 1 => (1..90u8).prop_map(|n| format!("\x1b[{n}A")), 1 => Just("\n".repeat(70)),
                1 => Just("\x1b[2K".to_owned()), 1 => Just("\x1b7".to_owned()), 1 => Just("\x1b8".to_owned()),
                1 => Just(format!("{}\n", "y".repeat(7000))),
            ], 0..40),
        drop in prop_oneof![1usize..40, Just(100_000)],
        room in prop_oneof![Just(70usize), Just(64 * 1024), Just(512 * 1024)],
    ) {
        let bytes = parts.concat().into_bytes();
        let mut canvas = Canvas::new(0, 1);
        canvas.feed(&bytes);
        canvas.finish();
        let mut wanted = Vec::new();
        while let Some(line) = canvas.settled() {
            line.row.show(anstyle::Style::new(), &mut wanted);
            wanted.extend(line.has_ended.then_some(b'\n'));
        }
        let plain = |bytes: &[u8]| {
            regex::bytes::Regex::new("\x1b\\[[0-9;]*m").expect("a pattern").replace_all(bytes, &b""[..]).into_owned()
        };
        prop_assert_eq!(
            String::from_utf8_lossy(&plain(&read(&bytes, drop, room))).into_owned(),
            String::from_utf8_lossy(&plain(&wanted)).into_owned(),
        );
    }

    #[test]
    fn as_much_is_held_back_as_a_canvas_holds(text in "([a-z]{0,400}\n){0,90}[a-z]{0,5}") {
        let mut canvas = Canvas::new(0, 1);
        canvas.feed(text.as_bytes());
        let open: Vec<_> = canvas.open().collect();
        let length: usize = open.iter().map(|line| line.row.length() + 1).sum::<usize>() - 1;
        prop_assert!(open.len() <= OPEN);
        prop_assert_eq!(held_back(text.as_bytes()), length);
    }
}

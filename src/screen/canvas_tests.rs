//! What output leaves, beside what a terminal shows.

use proptest::prelude::*;

use super::{Canvas, CanvasLine};
use crate::screen::picture::Picture;
use crate::units::size::Size;
use crate::units::tty_modes::LineFeed;

fn lines_of(chunks: &[&[u8]]) -> Vec<CanvasLine> {
    let mut canvas = Canvas::new(0, 1);
    chunks.iter().for_each(|chunk| canvas.feed(chunk));
    canvas.finish();
    std::iter::from_fn(|| canvas.settled()).collect()
}

fn text(lines: &[CanvasLine]) -> String {
    let mut out = Vec::new();
    for line in lines {
        line.row.show(anstyle::Style::new(), &mut out);
        if line.has_ended {
            out.push(b'\n');
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn left(bytes: &str) -> String {
    text(&lines_of(&[bytes.as_bytes()]))
}

#[test]
fn lines_that_are_drawn_again_are_there_once() {
    assert_eq!(left("a 10%\nb 10%\n\x1b[2A\x1b[2Ka 99%\n\x1b[2Kb 99%\ndone\n"), "a 99%\nb 99%\ndone\n");
    assert_eq!(left("a\nb\nc\n\x1b[3A\x1b[Jdone\n"), "done\n");
    assert_eq!(left("one\n\x1b[s10%\x1b[u99%\n\x1b7x\x1b8y\n"), "one\n99%\ny\n");
    assert_eq!(left("\x1b[?25l⠋ a\x1b[1G\x1b[2K✔ a\n\x1b[?25h"), "✔ a\n");
}

#[test]
fn returns_overwrite_what_is_there() {
    assert_eq!(left("10%\r50%\r100%\ndone\r\n"), "100%\ndone\n");
    assert_eq!(left("abc\rX\n"), "Xbc\n");
    assert_eq!(left("abc\r\x1b[Kx"), "x");
    assert_eq!(left("ab\x08\x08 \x08c\tx"), "cb      x");
}

#[test]
fn a_cleared_screen_is_another_page() {
    assert_eq!(left("\x1b[2J\x1b[Hbuild 1\n\x1b[2J\x1b[Hbuild 2\n"), "build 1\nbuild 2\n", "nothing is lost");
    assert_eq!(left("\x1b[H\x1b[Jbuild 1\n\x1b[H\x1b[Jbuild 2\n"), "build 1\nbuild 2\n");
    assert_eq!(left("\x1b[Hframe 1\nx\n\x1b[Hframe 2\n\x1b[J"), "frame 2\n", "one that is drawn over is not");
    assert_eq!(left("\x1bcone\n\x1bctwo\n"), "one\ntwo\n");
    assert_eq!(left("a\x1b[2Jb\n"), "ab\n");
}

#[test]
fn what_is_put_elsewhere_for_a_moment_is_no_part_of_the_log() {
    let apt = "\n\x1b7\x1b[0;23r\x1b8\x1b[1AUnpacking\n\x1b7\x1b[24;0f\x1b[42mProgress: [ 20%]\x1b[49m\x1b8done\n";
    assert_eq!(left(apt), "Unpacking\ndone\n");
    assert_eq!(left("a\n\x1b7\x1b[9;9Hnot back\nb\n"), "a\nnot back\nb\n");
    let far = "\n".repeat(70);
    assert_eq!(left(&format!("\x1b7{far}\x1b[9;9Ha\n")), format!("{far}        a\n"), "it cannot come back from there");
}

#[test]
fn a_full_screen_program_is_a_line() {
    let vim = "$ vim\n\x1b[?1049h\x1b[2J~\n~\n\x1b[?1049lsaved\n";
    assert_eq!(left(vim), "$ vim\n[full-screen program, 8 bytes]\nsaved\n");
    assert_eq!(left("ab\x1b[?1049hxy"), "ab\n[full-screen program, 2 bytes]\n");
}

#[test]
fn colours_stay_with_their_text() {
    let found = left("\x1b[32mgreen\nmore\n\x1b[2A\x1b[31mr\x1b[0m\n");
    assert_eq!(found, "\x1b[0m\x1b[31mr\x1b[0m\x1b[32mreen\nmore\n".replace("\nmore", "\n\x1b[0m\x1b[32mmore"));
    assert_eq!(left("\x1b[1;31merror\x1b[0m: no\n\x1b[2mx"), "\x1b[1;31merror\x1b[0m: no\n\x1b[2mx");
}

#[test]
fn a_line_has_the_number_of_what_it_shows() {
    let lines = lines_of(&[b"a\nb\n\x1b[2AA\n\nc\n"]);
    let places: Vec<_> = lines.iter().map(|line| (line.number, line.position)).collect();
    assert_eq!(text(&lines), "A\nb\nc\n");
    assert_eq!(places, [(3, 4), (2, 2), (5, 11)]);
}

#[test]
fn a_new_terminal_goes_back_to_nothing() {
    let mut canvas = Canvas::new(0, 1);
    canvas.feed(b"vim\n\x1b[?1049h~~");
    canvas.begin_anew(14);
    canvas.feed(b"\x1b[5Anext\n");
    canvas.finish();
    let lines: Vec<_> = std::iter::from_fn(|| canvas.settled()).collect();
    assert_eq!(text(&lines), "vim\n[full-screen program, 2 bytes]\nnext\n");
    assert_eq!(lines[2].position, 14);
}

#[test]
fn what_changed_is_told_again_once_it_rests() {
    let mut canvas = Canvas::new(0, 1);
    let told = |canvas: &mut Canvas, until: Option<u64>| {
        let mut lines = Vec::new();
        match until {
            None => canvas.tell(|line| lines.push(line.clone())),
            Some(step) => canvas.tell_changes(step, |line| lines.push(line.clone())),
        }
        text(&lines)
    };
    canvas.feed(b"a 1\nb 1\nrest");
    assert_eq!((told(&mut canvas, None).as_str(), canvas.changing()), ("a 1\nb 1\n", None));
    canvas.feed(b"\x1b[2A\ra 2\n");
    let step = canvas.changing().expect("it changed");
    assert_eq!(told(&mut canvas, None), "");
    assert_eq!(told(&mut canvas, Some(step - 1)), "", "it has changed since");
    assert_eq!(told(&mut canvas, Some(step)), "a 2\n");
    assert_eq!(canvas.changing(), None);
}

/// Output that stays within a screen.
fn pieces() -> impl Strategy<Value = Vec<String>> {
    // Where cells are shifted, terminals do not agree on what becomes of half a wide character.
    prop_oneof![pieces_of("[a-z漢é ]{1,6}", &['X']), pieces_of("[a-zé ]{1,6}", &['X', 'P', '@'])]
}

fn pieces_of(text: &'static str, shifts: &'static [char]) -> impl Strategy<Value = Vec<String>> {
    let piece = prop_oneof![
        4 => text,
        2 => Just("\n".to_owned()),
        1 => Just("\r".to_owned()),
        1 => Just("\x08".to_owned()),
        1 => Just("\t".to_owned()),
        2 => (1..4u8, prop_oneof![Just('A'), Just('B'), Just('C'), Just('D'), Just('E'), Just('F')])
            .prop_map(|(n, last)| format!("\x1b[{n}{last}")),
        1 => (1..9u8).prop_map(|column| format!("\x1b[{column}G")),
        2 => (0..3u8).prop_map(|which| format!("\x1b[{which}K")),
        1 => Just("\x1b[J".to_owned()),
        1 => (1..4u8, proptest::sample::select(shifts)).prop_map(|(n, last)| format!("\x1b[{n}{last}")),
        1 => prop_oneof![Just("\x1b7"), Just("\x1b8")].prop_map(str::to_owned),
        1 => prop_oneof![Just("\x1b[31m"), Just("\x1b[m"), Just("\x1b]0;t\x07"), Just("\x1b[?25l")]
            .prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..40)
}

proptest! {
    #[test]
    fn what_is_left_is_what_a_terminal_shows(pieces in pieces()) {
        let bytes = pieces.concat();
        let mut picture = Picture::new(Size { rows: 200, cols: 400 });
        picture.show(b"\x1b7", LineFeed::Returns);
        picture.show(bytes.as_bytes(), LineFeed::Returns);
        let plain: String = {
            let mut out = Vec::new();
            for line in lines_of(&[b"\x1b7", bytes.as_bytes()]) {
                line.row.show(anstyle::Style::new(), &mut out);
                out.push(b'\n');
            }
            String::from_utf8(out).expect("text")
        };
        let plain = regex::Regex::new("\x1b\\[[0-9;]*m").expect("a pattern").replace_all(&plain, "").into_owned();
        let mut shown = Picture::new(Size { rows: 200, cols: 400 });
        shown.show(plain.as_bytes(), LineFeed::Returns);
        prop_assert_eq!(shown.lines(), picture.lines(), "{:?}", bytes);
    }

    #[test]
    fn chunks_make_no_difference(pieces in pieces(), cuts in proptest::collection::vec(0usize..200, 0..5)) {
        let bytes = pieces.concat().into_bytes();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.sort_unstable();
        let (mut chunks, mut from) = (Vec::new(), 0);
        for cut in cuts.into_iter().chain([bytes.len()]) {
            chunks.push(&bytes[from..cut]);
            from = cut;
        }
        let (whole, parts) = (lines_of(&[&bytes]), lines_of(&chunks));
        let places = |lines: &[CanvasLine]| lines.iter().map(|line| (line.number, line.position)).collect::<Vec<_>>();
        prop_assert_eq!(text(&parts), text(&whole));
        prop_assert_eq!(places(&parts), places(&whole));
    }
}

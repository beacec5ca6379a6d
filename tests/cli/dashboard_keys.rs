//! Every key that the dashboard's help lists does what it says.

use std::fs;
use std::io::Write;

use crate::terminal::Screen;
use crate::world::{World, until};

const AOS: &str = env!("CARGO_BIN_EXE_aos");
const ROWS: u16 = 50;
const COLS: u16 = 160;

/// What the help says of keys, and a case for it.
type KeyCase = (&'static str, fn(&World, &mut Screen));

const CASES: [KeyCase; 26] = [
    ("↑ ↓ j k", choose),
    ("Tab", turn),
    ("Enter", only_this),
    ("PgUp PgDn", scroll),
    ("/ n N", search),
    ("v", leave_out),
    ("t", go_to_time),
    ("w", wrap),
    ("y", copy),
    ("r", start_again),
    ("s", stop),
    ("p", pause),
    ("a", attach),
    ("d", debug),
    ("[ ]", step_findings),
    ("e", edit),
    ("x", suggest),
    ("c", begin),
    ("D", remove),
    ("C", clean),
    ("A", list_all),
    ("z", fold),
    ("m", leave_mouse),
    ("^Z ^L", draw_anew),
    ("q", leave),
    ("?", help),
];

/// The keys that the help screen of the real program lists.
fn listed(screen: &mut Screen) -> Vec<String> {
    screen.keys(b"?");
    screen.until("this help, and back");
    let rows = screen.text();
    screen.keys(b"?");
    screen.until("> web");
    let keys = |row: &str| row.strip_prefix(' ')?.chars().take(10).collect::<String>().trim().to_owned().into();
    rows.lines().skip(1).filter_map(keys).filter(|keys: &String| !keys.is_empty() && keys != "back").collect()
}

/// Two that run and print, and one that failed of two errors.
fn world() -> World {
    let w = World::new();
    put(&w, "main.rs", "fn main() {\n    let x: u32 = \"a\";\n}\n");
    put(&w, "edit.sh", "#!/bin/sh\necho \"$@\" > edited\n");
    let error = |line: u32| {
        format!(
            "error[E0308]: mismatched types\\n --> main.rs:{line}:18\\n  |\\n{line} |     let x\\n  |     ^ expected u32\\n\\n"
        )
    };
    let line = "for i in $(seq 1 300); do echo \"line $i\"; done; echo 'ERROR: bad'; echo end; exec cat";
    w.begin(&["-n", "web", line]);
    w.begin(&["-n", "api", "echo from api; exec sleep 1000"]);
    let words = format!("printf '{}{}'; exit 101", error(2), error(3));
    w.begin(&["-n", "build", &words]);
    w.aos(&["wait", "3"]);
    w.until_logged(1, "end");
    w
}

fn put(w: &World, name: &str, text: &str) {
    fs::File::create(w.join(name)).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
}

fn open(w: &World) -> Screen {
    let words = format!("EDITOR='sh {}' exec {AOS} dashboard", w.join("edit.sh").display());
    let screen = Screen::open(w, &["sh", "-c", &words], ROWS, COLS);
    screen.until("> web");
    screen.until("ERROR: bad");
    screen
}

#[test]
fn every_key_that_the_help_lists_does_what_it_says() {
    let w = world();
    let mut screen = open(&w);
    let listed = listed(&mut screen);
    let cases: Vec<&str> = CASES.iter().map(|(keys, _)| *keys).collect();
    assert_eq!(listed, cases, "each key has a case here, in the order of the help");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    for (keys, case) in CASES {
        eprintln!("{keys}");
        let mut screen = open(&w);
        case(&w, &mut screen);
        if keys != "q" {
            screen.keys(b"q");
            assert_eq!(screen.left(), 0, "{keys}");
        }
    }
    w.aos(&["stop", "--all"]);
}

fn gone(screen: &Screen, text: &str) {
    screen.until_so(&format!("without {text}"), |screen| !screen.contents().contains(text));
}

fn to_build(screen: &mut Screen) {
    screen.keys(b"jj");
    screen.until("> build");
    screen.until("expected u32");
}

fn choose(_: &World, screen: &mut Screen) {
    for (keys, row) in [(&b"j"[..], "> api"), (b"k", "> web"), (b"\x1b[B", "> api"), (b"\x1b[A", "> web")] {
        screen.keys(keys);
        screen.until(row);
    }
}

fn turn(_: &World, screen: &mut Screen) {
    for page in ["d looks for what is wrong", "RUN  BEGAN", "directory", "ERROR: bad"] {
        screen.keys(b"\t");
        screen.until(page);
    }
    screen.keys(b"\x1b[Z");
    screen.until("directory");
}

fn only_this(_: &World, screen: &mut Screen) {
    screen.keys(b"\r");
    gone(screen, "> web");
    screen.keys(b"\r");
    screen.until("> web");
    screen.keys(b"\r");
    gone(screen, "> web");
    screen.keys(b"\x1b");
    screen.until("> web");
}

fn scroll(_: &World, screen: &mut Screen) {
    screen.keys(b"\x1b[5~");
    screen.until("below: End");
    screen.keys(b"\x1b[6~");
    screen.until("following");
    screen.keys(b"\x1b[H");
    screen.until_so("the oldest", |screen| screen.contents().lines().any(|line| line.trim_end().ends_with(" line 1")));
    screen.keys(b"\x1b[F");
    screen.until("following");
}

fn search(_: &World, screen: &mut Screen) {
    let bottom_is = |screen: &Screen, text: &str| {
        screen.until_so(text, |screen| {
            let text_of = screen.contents();
            let rows: Vec<&str> = text_of.lines().collect();
            rows[..rows.len() - 1]
                .iter()
                .rev()
                .find(|row| row.contains("line "))
                .is_some_and(|row| row.trim_end().ends_with(text))
        });
    };
    screen.keys(b"/line .*7$\r");
    bottom_is(screen, "line 297");
    screen.keys(b"n");
    bottom_is(screen, "line 287");
    screen.keys(b"N");
    bottom_is(screen, "line 297");
    screen.keys(b"/\r");
}

fn leave_out(_: &World, screen: &mut Screen) {
    screen.keys(b"vvv");
    gone(screen, "line 300");
    screen.until("ERROR: bad");
    screen.keys(b"v");
    screen.until("line 300");
}

fn go_to_time(_: &World, screen: &mut Screen) {
    screen.keys(b"t");
    screen.until("time: ");
    screen.keys(b"10h ago\r");
    screen.until_so("the oldest", |screen| screen.contents().lines().any(|line| line.trim_end().ends_with(" line 1")));
    screen.keys(b"tnonsense\r");
    screen.until("nonsense");
}

fn wrap(_: &World, screen: &mut Screen) {
    screen.keys(b"w");
    screen.until("wrapped");
    screen.keys(b"w");
    gone(screen, "wrapped");
}

fn copy(_: &World, screen: &mut Screen) {
    screen.keys(b"y");
    screen.until("lines copied");
    assert!(screen.shown().contains("\x1b]52;c;"));
}

fn start_again(w: &World, screen: &mut Screen) {
    to_build(screen);
    let before = w.row(3)["run"].as_u64();
    screen.keys(b"r");
    until(|| w.row(3)["run"].as_u64() > before).expect("the next run");
    w.aos(&["wait", "3"]);
}

fn stop(w: &World, screen: &mut Screen) {
    screen.keys(b"j");
    screen.until("> api");
    screen.keys(b"s");
    screen.until("stop task-002 (api)? y/n");
    screen.keys(b"y");
    screen.until("api    stopped");
    w.ok(&["restart", "2"]);
    screen.until("api    running");
}

fn pause(_: &World, screen: &mut Screen) {
    screen.keys(b"p");
    screen.until("web    paused");
    screen.keys(b"p");
    screen.until("web    running");
}

fn attach(_: &World, screen: &mut Screen) {
    screen.keys(b"a");
    // Its own lines from the first column on: the hint above them may have scrolled away by now.
    screen.until("\nERROR: bad\nend");
    screen.keys(b"hello\r");
    screen.until("hello");
    screen.keys(b"\x1d");
    screen.until("> web");
}

fn debug(_: &World, screen: &mut Screen) {
    to_build(screen);
    screen.keys(b"d");
    screen.until("> rustc: mismatched types");
    screen.until("│     let x: u32 = \"a\";");
}

fn step_findings(_: &World, screen: &mut Screen) {
    debug(&World::new(), screen);
    screen.until("main.rs:3");
    let place =
        |screen: &Screen| screen.text().lines().skip_while(|line| !line.contains("> rustc")).nth(1).map(str::to_owned);
    screen.keys(b"]");
    until(|| place(screen).is_some_and(|line| line.contains("main.rs:3"))).expect("the next one");
    screen.keys(b"[");
    until(|| place(screen).is_some_and(|line| line.contains("main.rs:2"))).expect("the one before");
}

fn edit(w: &World, screen: &mut Screen) {
    debug(w, screen);
    screen.keys(b"e");
    until(|| fs::read_to_string(w.join("edited")).is_ok_and(|said| said.starts_with("+2 "))).expect("the editor ran");
    screen.until("> rustc: mismatched types");
}

fn suggest(_: &World, screen: &mut Screen) {
    screen.keys(b"x");
    screen.until("nothing is suggested yet: d looks for what is wrong");
    to_build(screen);
    screen.keys(b"d");
    screen.until("> rustc: mismatched types");
    screen.keys(b"x");
    screen.until("no command is suggested");
}

fn begin(w: &World, screen: &mut Screen) {
    screen.keys(b"cecho a new one\r");
    screen.until("> echo");
    screen.until("a new one");
    until(|| w.aos(&["show", "4"]).code == 0).expect("it is there");
    w.aos(&["wait", "4"]);
}

fn remove(w: &World, screen: &mut Screen) {
    screen.keys(b"D");
    screen.until("task-001 is running: stop it first");
    screen.keys(b"jj");
    screen.until("> echo");
    screen.keys(b"D");
    screen.until("and its log? y/n");
    screen.keys(b"y");
    until(|| w.aos(&["show", "4"]).code == 3).expect("it is gone");
    gone(screen, "> echo");
}

fn clean(_: &World, screen: &mut Screen) {
    screen.keys(b"C");
    screen.until("remove old finished tasks and their logs? y/n");
    screen.keys(b"n");
    screen.until("nothing was done");
}

fn list_all(_: &World, screen: &mut Screen) {
    screen.keys(b"A");
    screen.until("finished tasks");
}

fn fold(w: &World, screen: &mut Screen) {
    let queued = w.begin(&["-n", "other", "-g", "one", "exec sleep 1000"]);
    screen.until("▾ group one");
    screen.keys(b"z");
    screen.until("▸ group one");
    screen.keys(b"z");
    screen.until("▾ group one");
    screen.keys(b"\x1b[D");
    screen.until(">▸ ");
    screen.keys(b"\x1b[C");
    screen.until(">▾ ");
    w.ok(&["stop", &queued.to_string()]);
    w.ok(&["rm", &queued.to_string()]);
}

fn leave_mouse(_: &World, screen: &mut Screen) {
    screen.keys(b"m");
    screen.until("the mouse selects text");
    screen.keys(b"m");
    gone(screen, "the mouse selects text");
}

/// The other half, ^Z, has a test with a shell: there is none here that would go on.
fn draw_anew(_: &World, screen: &mut Screen) {
    let before = screen.shown().len();
    screen.keys(b"\x0c");
    until(|| screen.shown()[before..].contains("STATUS")).expect("all is drawn anew");
}

fn leave(w: &World, screen: &mut Screen) {
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    assert_eq!(w.row(1)["status"], "running", "the tasks run on");
}

fn help(_: &World, screen: &mut Screen) {
    screen.resize(12, 40);
    screen.until_so("smaller", |screen| screen.contents().lines().count() <= 12);
    screen.keys(b"?");
    screen.until("choose a task");
    assert!(!screen.text().contains("this help"), "{}", screen.text());
    screen.keys(b"\x1b[F");
    screen.until("this help, and back");
    screen.keys(b"\x1b[H");
    screen.until("choose a task");
    screen.keys(b"?");
    screen.until("> web");
}

//! `aos dashboard`.

use std::fs;
use std::io::Write;
use std::os::unix::fs::FileExt;

use nix::sys::signal::Signal;

use crate::terminal::Screen;
use crate::world::{World, kill, until};

const AOS: &str = env!("CARGO_BIN_EXE_aos");
const ROWS: u16 = 24;
const COLS: u16 = 130;

fn dashboard(w: &World, words: &[&str]) -> Screen {
    sized(w, words, ROWS, COLS)
}

fn sized(w: &World, words: &[&str], rows: u16, cols: u16) -> Screen {
    Screen::open(w, &[&[AOS, "dashboard"], words].concat(), rows, cols)
}

/// Two that run and one that has failed.
fn three(w: &World) {
    w.begin(&["-n", "web", "echo from web; sleep 1000"]);
    w.begin(&["-n", "api", "echo from api; sleep 1000"]);
    w.begin(&["-n", "build", "echo 'error: bad'; exit 3"]);
    w.aos(&["wait", "3"]);
}

#[test]
fn the_list_and_the_chosen_tasks_log() {
    let w = World::new();
    three(&w);
    let mut screen = dashboard(&w, &[]);
    screen.until("from web");
    screen.until("aos  2 running  1 failed");
    assert!(screen.line(1).starts_with("  NAME"), "{}", screen.line(1));
    assert!(screen.line(2).starts_with("> web "), "{}", screen.line(2));
    assert!(screen.line(3).starts_with("  api "), "{}", screen.line(3));
    assert!(screen.line(4).starts_with("  build "), "{}", screen.line(4));
    screen.until("Log  Findings  Runs  Facts  following");
    screen.keys(b"j");
    screen.until("from api");
    screen.until_so("no longer the other's", |screen| !screen.contents().contains("from web"));
    screen.keys(b"\x1b[B");
    screen.until("failed (exit 3)");
    assert!(screen.line(0).starts_with("aos  2 running  1 failed"), "{}", screen.line(0));
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    assert_eq!(w.row(1)["status"], "running");
    w.ok(&["stop", "1", "2"]);
}

#[test]
fn tasks_begin_and_end_meanwhile() {
    let w = World::new();
    let mut screen = dashboard(&w, &[]);
    screen.until("no tasks: c starts one");
    w.begin(&["-n", "web", "echo from web; until [ -e go ]; do sleep 0.01; done; exit 3"]);
    screen.until("from web");
    screen.until("1 running");
    fs::File::create(w.join("go")).expect("the sign to go on");
    screen.until("failed (exit 3)");
    screen.keys(b"r");
    screen.until("run 2");
    w.aos(&["wait", "1"]);
    w.ok(&["rm", "1"]);
    screen.until("no tasks: c starts one");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
}

#[test]
fn keys_stop_pause_and_begin_tasks() {
    let w = World::new();
    w.begin(&["-n", "web", "echo from web; sleep 1000"]);
    let mut screen = dashboard(&w, &[]);
    screen.until("from web");
    screen.keys(b"p");
    screen.until("web   paused");
    screen.keys(b"p");
    screen.until("web   running");
    screen.keys(b"s");
    screen.until("stop task-001 (web)? y/n");
    screen.keys(b"n");
    screen.until("nothing was done");
    assert_eq!(w.row(1)["status"], "running");
    screen.keys(b"sy");
    screen.until("web   stopped");
    screen.keys("cecho new; echo ünï\r".as_bytes());
    until(|| w.aos(&["show", "2"]).code == 0).expect("it is there");
    w.aos(&["wait", "2"]);
    assert!(w.ok(&["logs", "2"]).contains("ünï"));
    screen.until("> echo");
    screen.keys(b"D");
    screen.until("remove task-002 (echo-new) and its log? y/n");
    screen.keys(b"y");
    until(|| w.aos(&["show", "2"]).code == 3).expect("it is gone");
    screen.until_so("gone", |screen| !screen.contents().contains("echo-new"));
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
}

#[test]
fn the_list_and_the_head_say_how_far_a_task_is_how_healthy_and_what_it_may_use() {
    let w = World::new();
    let line = r"printf '[9/20] cc a.c\n'; sleep 1000";
    w.begin(&[
        "-n",
        "web",
        "--health",
        "cmd:[ -e ok ]",
        "--every",
        "100ms",
        "--failures",
        "9999",
        "--nofile",
        "99",
        line,
    ]);
    let mut screen = dashboard(&w, &[]);
    screen.until("at most nofile 99");
    screen.until("45% (9 of 20)");
    screen.until("running, unhealthy");
    assert!(screen.line(1).contains("DONE"), "{}", screen.line(1));
    // A change of how it stands takes nothing else from the screen, not for one frame.
    for _ in 0..5 {
        fs::File::create(w.join("ok")).expect("a file");
        screen.until_so("healthy", |screen| !screen.contents().contains("unhealthy"));
        assert!(screen.line(1).contains("DONE"), "{}", screen.text());
        fs::remove_file(w.join("ok")).expect("removed");
        screen.until("running, unhealthy");
        assert!(screen.line(1).contains("DONE"), "{}", screen.text());
    }
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
}

#[test]
fn a_new_task_is_begun_with_what_is_typed_and_no_option_is_read_out_of_it() {
    let w = World::new();
    let mut screen = dashboard(&w, &[]);
    screen.until("no tasks: c starts one");
    screen.keys(b"c--json true\r");
    screen.until("--json: command not found");
    screen.keys(b"cecho from here; sleep 1000\r");
    screen.until("1 running  1 failed");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    assert_eq!(w.row(2)["command"], "echo from here; sleep 1000");
    w.ok(&["stop", "2"]);
}

#[test]
fn a_task_that_a_key_has_begun_is_chosen() {
    let w = World::new();
    w.begin(&["-n", "web", "echo from web; sleep 1000"]);
    let mut screen = dashboard(&w, &[]);
    screen.until("from web");
    screen.keys(b"cecho from the new one; sleep 1000\r");
    screen.until_so("chosen", |screen| {
        let text = screen.contents();
        text.lines().any(|line| line.starts_with("> echo")) && text.contains("run 1") && !text.contains("from web")
    });
    screen.until("from the new one");
    screen.keys(b"cecho over at once\r");
    screen.until_so("chosen, though it is over", |screen| {
        let text = screen.contents();
        text.lines().any(|line| line.starts_with("> echo"))
            && text.contains("succeeded")
            && text.contains("over at once")
    });
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    w.ok(&["stop", "1", "2"]);
}

#[test]
fn a_log_is_searched_filtered_scrolled_and_copied() {
    let w = World::new();
    let line =
        "for i in $(seq 1 3000); do echo \"line $i\"; done; echo 'ERROR: bad'; echo 'WARN: odd'; echo end; sleep 1000";
    w.begin(&["-n", "web", line]);
    w.until_logged(1, "end");
    let mut screen = dashboard(&w, &[]);
    screen.until("WARN: odd");
    screen.keys(b"/line 2990\r");
    screen.until_so("found", |screen| {
        let text = screen.contents();
        text.contains("line 2990") && !text.contains("line 2991")
    });
    // Further up than was read at first.
    screen.keys(b"/^line 7$\r");
    screen
        .until_so("found far up", |screen| screen.contents().lines().any(|line| line.trim_end().ends_with(" line 7")));
    screen.keys(b"\x1b[F");
    screen.until("WARN: odd");
    screen.until("following");
    screen.keys(b"/\r");
    screen.keys(b"vv");
    screen.until_so("only what matters", |screen| {
        let text = screen.contents();
        text.contains("ERROR: bad") && text.contains("WARN: odd") && !text.contains("line 3000")
    });
    screen.keys(b"v");
    screen.until_so("only errors", |screen| !screen.contents().contains("WARN: odd"));
    screen.keys(b"v");
    screen.until("line 3000");
    screen.keys(b"\x1b[5~");
    screen.until("below: End");
    screen.keys(b"\x1b[H");
    screen.keys(b"y");
    screen.until("lines copied");
    assert!(screen.shown().contains("\x1b]52;c;"), "the clipboard is told");
    screen.keys(b"/nowhere\r");
    screen.until("not found");
    screen.keys(b"t1s ago\r");
    screen.until_so("some line", |screen| screen.contents().contains("line ") || screen.contents().contains("end"));
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    w.ok(&["stop", "1"]);
}

#[test]
fn what_is_wrong_is_found_and_opened_in_the_editor() {
    let w = World::new();
    let write = |name: &str, text: &str| {
        fs::File::create(w.join(name)).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
    };
    write("main.rs", "fn main() {\n    let x: u32 = \"a\";\n}\n");
    write("edit.sh", "#!/bin/sh\necho \"$@\" > edited; echo in the editor; read line\n");
    let said =
        "error[E0308]: mismatched types\\n --> main.rs:2:18\\n  |\\n2 |     let x\\n  |     ^ expected u32\\n\\n";
    w.begin(&["-n", "build", &format!("printf '{said}'; exit 101")]);
    w.aos(&["wait", "1"]);
    let words = format!("EDITOR='sh {}' {AOS} dashboard", w.join("edit.sh").display());
    let mut screen = Screen::open(&w, &["sh", "-c", &words], ROWS, COLS);
    screen.until("mismatched types");
    screen.keys(b"e");
    screen.until("nothing to open: d looks for what is wrong");
    screen.keys(b"d");
    screen.until("> rustc: mismatched types");
    screen.until("│     let x: u32 = \"a\";");
    screen.keys(b"e");
    screen.until_so("the editor's", |screen| !screen.alternate_screen() && screen.contents().contains("in the editor"));
    screen.keys(b"\r");
    screen.until("> rustc: mismatched types");
    let edited = fs::read_to_string(w.join("edited")).expect("the editor ran");
    assert!(edited.starts_with("+2 ") && edited.trim_end().ends_with("main.rs"), "{edited}");
    screen.keys(b"\t");
    screen.until("RUN  BEGAN");
    screen.until("exit 101");
    screen.keys(b"\t");
    screen.until("directory");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
}

#[test]
fn the_mouse_chooses_turns_pages_and_scrolls() {
    let w = World::new();
    three(&w);
    let mut screen = dashboard(&w, &[]);
    screen.until("from web");
    // The second task's row; rows and columns count from 1.
    screen.keys(b"\x1b[<0;5;4M\x1b[<0;5;4m");
    screen.until("from api");
    screen.keys(b"\x1b[<65;5;4M");
    screen.until("> build");
    let text = screen.text();
    let (row, line) = text.lines().enumerate().find(|(_, line)| line.contains(" Facts ")).expect("the pages");
    let col = line.chars().take_while(|c| *c != '│').count()
        + line.split_once('│').expect("a rule").1.find("Facts").expect("it")
        + 2;
    screen.keys(format!("\x1b[<0;{col};{}M", row + 1).as_bytes());
    screen.until("directory");
    screen.keys(b"m");
    screen.until("the mouse selects text");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    w.ok(&["stop", "1", "2"]);
}

#[test]
fn directories_and_groups_fold() {
    let w = World::new();
    fs::create_dir(w.join("sub")).expect("a directory");
    w.begin(&["-n", "web", "sleep 1000"]);
    w.begin(&["-n", "api", "-C", "sub", "sleep 1000"]);
    w.begin(&["-n", "queued", "-g", "one", "sleep 1000"]);
    let mut screen = dashboard(&w, &[]);
    screen.until("▾ group one  1 running, 1 in all");
    screen.until("  api ");
    screen.keys(b"z");
    screen.until_so("folded", |screen| {
        screen.contents().contains("▸ group one") && !screen.contents().contains("  api ")
    });
    screen.keys(b"z");
    screen.until("  api ");
    screen.keys(b"\x1b[D");
    screen.until(">▸ ");
    screen.keys(b"\x1b[C");
    screen.until(">▾ ");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    let mut here = Screen::open(&w, &["sh", "-c", &format!("cd sub; exec {AOS} dashboard --here")], ROWS, COLS);
    here.until("api ");
    assert!(!here.text().contains("web "), "{}", here.text());
    here.keys(b"q");
    assert_eq!(here.left(), 0);
    w.ok(&["stop", "1", "2", "3"]);
}

#[test]
fn it_reads_well_at_three_sizes_and_follows_a_resize() {
    let w = World::new();
    three(&w);
    let mut screen = sized(&w, &[], 12, 40);
    screen.until("from web");
    assert!(screen.line(0).starts_with("aos  2 running  1 failed"), "{}", screen.line(0));
    assert!(screen.line(2).starts_with("> web "), "{}", screen.line(2));
    assert!(screen.line(11).starts_with("q leave  ? help"), "{}", screen.line(11));
    screen.resize(24, 80);
    screen
        .until_so("larger", |screen| screen.contents().lines().nth(23).is_some_and(|line| line.starts_with("q leave")));
    screen.until("from web");
    screen.resize(40, 160);
    screen.until_so("beside each other", |screen| {
        screen.contents().lines().nth(2).is_some_and(|line| line.contains('│'))
    });
    screen.keys(b"?");
    screen.until("copy the lines in sight");
    screen.keys(b"?\r");
    screen.until_so("only the one", |screen| !screen.contents().contains("> web"));
    screen.keys(b"\x1b");
    screen.until("> web");
    screen.resize(2, 5);
    screen.until("too");
    screen.resize(24, 80);
    screen.until("> web");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    w.ok(&["stop", "1", "2"]);
}

#[test]
fn attach_has_the_terminal_and_comes_back() {
    let w = World::new();
    w.begin(&["-n", "cat", "echo ready; cat"]);
    let mut screen = dashboard(&w, &[]);
    screen.until("ready");
    screen.keys(b"a");
    screen.until_so("attached", |screen| !screen.alternate_screen());
    screen.until("^] leaves");
    screen.keys(b"hello\r");
    screen.until("hello");
    screen.keys(b"\x1d");
    screen.until("> cat");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    w.ok(&["stop", "1"]);
}

#[test]
fn nothing_hostile_drives_the_terminal() {
    let w = World::new();
    let dir = w.join("d\x1b[2Jir");
    fs::create_dir(&dir).expect("a directory");
    let line = "printf '\\033]0;title\\007\\033[2J\\033[?1049l\\033c red \\033[31mR\\033[0m \\342\\200\\256 end\\n'; sleep 1000";
    w.begin(&["-n", "web", "-C", dir.to_str().expect("text"), line]);
    w.begin(&["-n", "api", "sleep 1000"]);
    let mut screen = dashboard(&w, &[]);
    screen.until("▾ ");
    screen.keys(b"jj");
    screen.until(" end");
    let shown = screen.shown();
    for part in ["\x1b]0;", "\x1bc", "\u{202e}", "title\x07"] {
        assert!(!shown.contains(part), "{part:?}");
    }
    screen.keys(b"\t\t\t");
    screen.until("d\\x1b[2Jir");
    assert_eq!(screen.shown().matches("\x1b[?1049l").count(), 0);
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    w.ok(&["stop", "1", "2"]);
}

#[test]
fn the_terminal_is_given_back_however_it_ends() {
    let w = World::new();
    w.begin(&["-n", "web", "echo from web; sleep 1000"]);
    for (signal, code) in [(Signal::SIGTERM, 143), (Signal::SIGHUP, 129), (Signal::SIGINT, 0)] {
        let mut screen = dashboard(&w, &[]);
        screen.until("from web");
        kill(screen.pid() as i32, signal);
        assert_eq!(screen.left(), code, "{signal}");
        assert!(screen.shown().contains("\x1b[?1000l"), "the mouse is given back, too");
    }
    let screen = dashboard(&w, &[]);
    screen.until("from web");
    kill(screen.pid() as i32, Signal::SIGKILL);
    screen.until_given_back();
    screen.end();
    w.ok(&["stop", "1"]);
}

#[test]
fn no_color_and_no_utf8_are_heeded() {
    let w = World::new();
    three(&w);
    let line = format!("NO_COLOR=1 LC_ALL=C exec {AOS} dashboard");
    let mut screen = Screen::open(&w, &["sh", "-c", &line], ROWS, COLS);
    screen.until("from web");
    screen.until("2 running  1 failed");
    assert!(screen.text().is_ascii(), "{}", screen.text());
    for row in 0..ROWS {
        assert!((0..COLS).all(|col| screen.colour_at(row, col) == vt100::Color::Default), "row {row}");
    }
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    w.ok(&["stop", "1", "2"]);
}

#[test]
fn a_log_of_a_gibibyte_is_shown_at_once() {
    let w = World::new();
    w.begin(&["-n", "web", "echo begun; until [ -e go ]; do sleep 0.01; done; echo end"]);
    w.until_logged(1, "begun");
    let log = w.ok(&["logs", "--path", "1"]).trim().to_owned();
    fs::File::create(w.join("go")).expect("the sign to go on");
    w.aos(&["wait", "1"]);
    let file = fs::OpenOptions::new().write(true).open(&log).expect("the log");
    file.set_len(1 << 30).expect("sparse");
    file.write_all_at(b"\nlast words\n", (1 << 30) - 12).expect("written");
    let mut screen = dashboard(&w, &["1"]);
    screen.until("last words");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
}

#[test]
fn a_home_that_is_removed_meanwhile_ends_nothing() {
    let w = World::new();
    w.begin(&["-n", "web", "echo from web"]);
    w.aos(&["wait", "1"]);
    let mut screen = dashboard(&w, &[]);
    screen.until("from web");
    // Somebody may be writing there just then.
    until(|| fs::remove_dir_all(w.home()).is_ok() || !w.home().exists()).expect("removed");
    screen.keys(b"jk\t\t\t");
    screen.until("Facts");
    screen.keys(b"A");
    screen.keys(b"q");
    screen.left();
}

#[test]
fn without_a_terminal_it_says_what_to_do() {
    let w = World::new();
    let said = w.aos(&["dashboard"]);
    assert_eq!(said.code, 2);
    assert!(said.err.starts_with("aos: dashboard needs a terminal\n  hint: "), "{said:?}");
}

#[test]
fn a_snapshot_is_the_screen_as_a_picture() {
    let w = World::new();
    three(&w);
    w.until_logged(1, "from web");
    w.ok(&["dashboard", "--snapshot", "a.svg", "--size", "100x20"]);
    let svg = fs::read_to_string(w.join("a.svg")).expect("a picture");
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");
    for part in ["from web", "&gt; web", "failed"] {
        assert!(svg.contains(part), "{part}: {svg}");
    }
    assert_eq!(w.aos(&["dashboard", "--snapshot", "b.svg", "--size", "1x1"]).code, 2);
    let svg = w.ok(&["peek", "1", "--svg"]);
    assert!(svg.starts_with("<svg ") && svg.contains("from web"), "{svg}");
    w.ok(&["stop", "1", "2"]);
}

#[test]
fn what_an_older_aos_noted_has_a_page() {
    let w = World::new();
    w.begin(&["-n", "web", "echo from web; sleep 1000"]);
    let records = b"{\"timestamp\":\"10:00\",\"command\":\"make all\",\"exit_code\":2}\n{\n \"command\": \"npm t\\u001b[2Jest\"\n}\n";
    fs::File::create(w.home().join("logs/observed-bash.jsonl"))
        .and_then(|mut file| file.write_all(records))
        .expect("written");
    let mut screen = dashboard(&w, &[]);
    screen.until("Observed");
    screen.keys(b"\x1b[Z");
    screen.until("10:00  make all  (2)");
    screen.until("npm t\\x1b[2Jest");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    w.ok(&["stop", "1"]);
}

#[test]
fn an_idle_dashboard_is_woken_by_its_clock_alone() {
    let w = World::new();
    let id = w.begin(&["-n", "web", "echo from web; sleep 1000"]);
    let mut screen = dashboard(&w, &[]);
    screen.until("from web");
    w.assert_asleep(id);
    let pid = screen.pid();
    let wakings = || -> u64 {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("status");
        let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches")).expect("a count");
        line.split_whitespace().nth(1).and_then(|count| count.parse().ok()).expect("a number")
    };
    let reads = || -> u64 {
        let io = fs::read_to_string(format!("/proc/{pid}/io")).expect("what it has read and written");
        let line = io.lines().find_map(|line| line.strip_prefix("syscr: ")).expect("a count");
        line.parse().expect("a number")
    };
    // By then all was measured twice while nothing moved.
    w.aos(&["wait", "--timeout", "3s", "1"]);
    let before = (wakings(), reads());
    w.aos(&["wait", "--timeout", "3s", "1"]);
    let (woken, read) = (wakings() - before.0, reads() - before.1);
    assert!(woken <= 8, "{woken} times in 3 s");
    // Twice at each tick the process's stat: that it has not run.
    assert!(read <= 12, "{read} times in 3 s");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    w.ok(&["stop", "1"]);
}

#[test]
fn suspended_it_gives_the_terminal_back_and_takes_it_again() {
    let w = World::new();
    w.begin(&["-n", "web", "echo from web; sleep 1000"]);
    let mut screen = Screen::open(&w, &["bash", "--norc", "-i"], ROWS, COLS);
    screen.keys(format!("{AOS} dashboard\r").as_bytes());
    screen.until("> web");
    screen.keys(b"\x1a");
    screen.until_given_back();
    screen.until("Stopped");
    screen.keys(b"fg\r");
    screen.until("> web");
    screen.keys(b"q");
    screen.until_given_back();
    screen.keys(b"exit\r");
    screen.exit_code();
    w.ok(&["stop", "1"]);
}

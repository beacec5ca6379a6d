//! What a log shows of what was drawn over, and of programs that take the whole screen.

use std::fs::File;
use std::io::Write;

use crate::world::World;

/// A task that is over, whose log is this.
fn with_log(w: &World, bytes: &str) -> u32 {
    File::create(w.join("bytes")).and_then(|mut file| file.write_all(bytes.as_bytes())).expect("written");
    let id = w.begin(&["--no-pty", "--", "cat", "bytes"]);
    w.ended(id);
    id
}

/// What `docker pull` and the like print: layers that are drawn again and again.
fn layers() -> String {
    let frame = |percent: u32| -> String {
        (1..=5).map(|layer| format!("\x1b[2K\rlayer {layer}: {percent}%\n")).collect::<String>()
    };
    let frames = (1..=100).map(|percent| format!("\x1b[5A{}", frame(percent))).collect::<String>();
    format!("pulling\n{}{frames}\x1b[32mdone\x1b[0m\n", frame(0))
}

const LEFT: &str = "pulling\nlayer 1: 100%\nlayer 2: 100%\nlayer 3: 100%\nlayer 4: 100%\nlayer 5: 100%\ndone\n";

#[test]
fn lines_that_were_drawn_again_are_shown_as_they_were_left() {
    let w = World::new();
    let layers = layers();
    with_log(&w, &layers);
    assert_eq!(w.ok(&["logs", "1"]), LEFT);
    assert_eq!(w.ok(&["logs", "--raw", "1"]), layers, "raw is raw");
    assert_eq!(w.ok(&["logs", "-n", "3", "1"]), "layer 4: 100%\nlayer 5: 100%\ndone\n");
    assert_eq!(w.ok(&["logs", "-n", "7", "1"]), LEFT, "lines are counted as they are shown");
    assert_eq!(w.ok(&["logs", "-n", "99", "1"]), LEFT);
    assert_eq!(w.ok(&["logs", "--head", "2", "1"]), "pulling\nlayer 1: 100%\n");
    assert_eq!(w.ok(&["logs", "-c", "-g", "layer", "1"]), "5\n", "what is found is what is shown");
    assert_eq!(w.aos(&["logs", "-g", "layer 3: 50%", "1"]).code, 1);
    assert_eq!(w.ok(&["logs", "-B1", "-g", "done", "1"]), "layer 5: 100%\ndone\n");
}

#[test]
fn a_program_that_takes_the_screen_is_a_line() {
    let w = World::new();
    with_log(&w, "$ vim x\n\x1b[?1049h\x1b[2J\x1b[1;1H~ junk\r\n~\x1b[24;1H-- INSERT --\x1b[?1049l$ make\nok\n");
    assert_eq!(w.ok(&["logs", "1"]), "$ vim x\n[full-screen program, 38 bytes]\n$ make\nok\n");
    assert_eq!(w.aos(&["logs", "-g", "INSERT", "1"]).code, 1);
}

#[test]
fn the_next_run_has_a_terminal_of_its_own() {
    let w = World::new();
    let id = w.begin(&["--shell", "echo run $AOS_RUN; printf '\\033[3Aup\\033[?1049hjunk'; kill -9 $$"]);
    w.ended(id);
    w.ok(&["restart", "1"]);
    w.ended(id);
    let run = |n| format!("up {n}", n = n);
    assert_eq!(w.ok(&["logs", "1"]).lines().filter(|line| line.starts_with("[full-screen")).count(), 2);
    assert_eq!(w.aos(&["logs", "-g", &run(2), "1"]).out, "");
    assert_eq!(w.ok(&["logs", "-g", "up", "1"]), "upn 1\nupn 2\n");
}

#[test]
fn line_by_line_it_is_the_same() {
    let w = World::new();
    with_log(&w, &layers());
    let out = w.ok(&["logs", "--json", "1"]);
    let rows: Vec<serde_json::Value> = out.lines().map(|row| serde_json::from_str(row).expect("a row")).collect();
    let texts: Vec<_> = rows.iter().map(|row| row["text"].as_str().expect("text")).collect();
    assert_eq!(texts.join("\n") + "\n", LEFT);
    let numbers: Vec<_> = rows.iter().map(|row| row["line"].as_u64().expect("a number")).collect();
    assert_eq!(numbers, [1, 502, 503, 504, 505, 506, 507], "those of the lines that say what is shown");
    let raw = w.ok(&["logs", "--raw", "1"]);
    assert!(raw.lines().nth(502).expect("a line").contains("layer 2: 100%"));
    assert_eq!(w.ok(&["logs", "--merge", "-n", "2", "1"]), "layer 5: 100%\ndone\n");
}

#[test]
fn a_follower_is_told_of_lines_and_once_more_when_they_rest() {
    let w = World::new();
    let script = r"echo a 0; echo b 0; i=0; while [ $i -lt 40 ]; do i=$((i + 1)); printf '\033[2A\033[Ka %s\n\n' $i; done
        until [ -e go ]; do sleep 0.01; done; echo end";
    let id = w.begin(&["--shell", script]);
    w.until_logged(id, "a 40");
    let mut aos = w.command(env!("CARGO_BIN_EXE_aos"));
    let aos = aos.args(["logs", "-f", "--timestamps", "1"]).stdout(std::process::Stdio::piped());
    let follower = aos.spawn().expect("a follower");
    std::fs::File::create(w.join("go")).expect("the sign to go on");
    let said = follower.wait_with_output().expect("its output").stdout;
    let said = String::from_utf8(said).expect("text");
    let lines: Vec<_> = said.lines().map(|line| line.split_once(' ').expect("a time").1[13..].to_owned()).collect();
    assert_eq!(lines, ["a 40", "b 0", "end"], "{said}");
}

//! `aos logs -f`: whatever becomes of the log meanwhile, and as it is seen on a terminal.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Stdio};

use nix::sys::signal::Signal;

use crate::terminal::Screen;
use crate::world::{World, kill, until};

/// A follower in a pipe.
struct Follower {
    aos: Child,
    out: BufReader<ChildStdout>,
}

impl Follower {
    fn of(w: &World, words: &[&str]) -> Follower {
        let mut aos = w.command(env!("CARGO_BIN_EXE_aos"));
        let aos = aos.args([&["logs", "-f"], words].concat()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut aos = aos.spawn().expect("a follower");
        let out = BufReader::new(aos.stdout.take().expect("its output"));
        Follower { aos, out }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }

    fn signal(&self, signal: Signal) {
        kill(self.aos.id().cast_signed(), signal);
    }

    /// All that is left, and what it complained of.
    fn end(mut self) -> (String, String) {
        let (mut out, mut err) = (String::new(), String::new());
        self.out.read_to_string(&mut out).expect("text");
        self.aos.stderr.take().expect("a pipe").read_to_string(&mut err).expect("text");
        assert!(self.aos.wait().expect("it ends").success());
        (out, err)
    }
}

fn go(w: &World, sign: &str) {
    File::create(w.join(sign)).expect("the sign to go on");
}

/// A task that prints a word at each sign.
fn words(w: &World) -> u32 {
    let wait = |sign: &str| format!("until [ -e {sign} ]; do sleep 0.01; done");
    w.begin(&[&format!("echo one; {}; echo two; {}; echo three", wait("a"), wait("b"))])
}

/// A world in which segments are as small as they may be.
fn with_segments(settings: &str) -> World {
    let w = World::new();
    w.aos(&["tasks"]);
    let config = format!("[logs]\nsegment = \"64KiB\"\n{settings}");
    File::create(w.home().join("config.toml")).and_then(|mut f| f.write_all(config.as_bytes())).expect("settings");
    w
}

fn numbers(from: u32, to: u32) -> String {
    (from..=to).map(|n| format!("{n}\n")).collect()
}

#[test]
fn a_log_that_is_removed_is_followed_into_the_new_one_at_once() {
    for what in ["logs", "logs/tasks"] {
        let w = World::new();
        let id = words(&w);
        let mut follower = Follower::of(&w, &["1"]);
        assert_eq!(follower.line(), "one");
        fs::remove_dir_all(w.home().join(what)).expect("removed");
        go(&w, "a");
        assert_eq!(follower.line(), "two", "though the task goes on");
        go(&w, "b");
        assert_eq!(follower.end(), ("three\n".to_owned(), String::new()), "{what}");
        w.ended(id);
    }
}

#[test]
fn a_follower_hears_of_a_line_and_prints_it_in_one_thread() {
    let w = World::new();
    words(&w);
    let mut follower = Follower::of(&w, &["1"]);
    assert_eq!(follower.line(), "one");
    let threads = fs::read_dir(format!("/proc/{}/task", follower.aos.id())).expect("its threads");
    assert_eq!(threads.count(), 2, "the other waits for the end alone");
    go(&w, "a");
    assert_eq!(follower.line(), "two");
    go(&w, "b");
    assert_eq!(follower.end(), ("three\n".into(), String::new()));
}

#[test]
fn a_file_that_is_removed_or_cut_is_followed_into_the_new_one_at_once() {
    for is_cut in [true, false] {
        let w = World::new();
        let id = words(&w);
        let mut follower = Follower::of(&w, &["1"]);
        assert_eq!(follower.line(), "one");
        let path = w.ok(&["logs", "--path", "1"]);
        let done = if is_cut { File::create(path.trim()).map(drop) } else { fs::remove_file(path.trim()) };
        done.expect("cut or removed");
        go(&w, "a");
        assert_eq!(follower.line(), "two", "though the task goes on");
        go(&w, "b");
        assert_eq!(follower.end().0, "three\n");
        w.ended(id);
    }
}

#[test]
fn what_is_cut_away_before_it_was_read_is_told() {
    let w = World::new();
    let id = words(&w);
    let mut follower = Follower::of(&w, &["1"]);
    assert_eq!(follower.line(), "one");
    follower.signal(Signal::SIGSTOP);
    go(&w, "a");
    w.until_logged(id, "two");
    let path = w.ok(&["logs", "--path", "1"]);
    File::create(path.trim()).expect("cut");
    go(&w, "b");
    w.ended(id);
    follower.signal(Signal::SIGCONT);
    let (out, err) = follower.end();
    assert_eq!(out, "three\n");
    assert!(err.starts_with("aos: 4 bytes of the log are no longer kept"), "{err}");
}

#[test]
fn a_slow_follower_loses_nothing_while_the_log_is_rotated_and_compressed() {
    let w = with_segments("");
    let id = w.begin(&["echo 0; until [ -e a ]; do sleep 0.01; done; seq 1 100000"]);
    let mut follower = Follower::of(&w, &["1"]);
    assert_eq!(follower.line(), "0");
    follower.signal(Signal::SIGSTOP);
    go(&w, "a");
    w.ended(id);
    let is_packed = || w.sh("ls home/logs/tasks | grep -c 'zst$'").out.trim().parse::<u32>().is_ok_and(|n| n >= 7);
    until(is_packed).expect("compressed");
    follower.signal(Signal::SIGCONT);
    let (out, err) = follower.end();
    assert!(out == numbers(1, 100_000) && err.is_empty(), "{} bytes, {err}", out.len());
}

#[test]
fn a_slow_follower_is_told_what_was_dropped() {
    let w = with_segments("per_task = \"64KiB\"\n");
    let script = "echo 0; until [ -e a ]; do sleep 0.01; done; head -c 1000000 /dev/urandom | base64; echo end";
    let id = w.begin(&[script]);
    let mut follower = Follower::of(&w, &["1"]);
    assert_eq!(follower.line(), "0");
    follower.signal(Signal::SIGSTOP);
    go(&w, "a");
    w.ended(id);
    until(|| w.ok(&["why", "1"]).contains("of the log were dropped to make room")).expect("something is dropped");
    follower.signal(Signal::SIGCONT);
    let (out, err) = follower.end();
    assert!(out.ends_with("end\n") && err.contains("of the log are no longer kept"), "{err}");
}

#[test]
fn a_run_is_followed_to_its_end_and_no_further() {
    let w = World::new();
    let script = "echo run $AOS_RUN; until [ -e go$AOS_RUN ]; do sleep 0.01; done; echo end $AOS_RUN";
    let id = w.begin(&["--restart", "always", "--backoff", "10ms", "--shell", script]);
    w.until_logged(id, "run 1");
    let runs = [&["1#1"][..], &["1#1", "--timestamps"], &["1#1", "--raw"]];
    let followers = runs.map(|words| Follower::of(&w, words));
    go(&w, "go1");
    for (follower, words) in followers.into_iter().zip(runs) {
        let (out, _) = follower.end();
        assert!(out.ends_with("end 1\n") && out.lines().count() == 2, "{words:?}: {out}");
    }
    w.until_logged(id, "run 2");
    assert_eq!(w.ok(&["logs", "-f", "1#1"]), "run 1\nend 1\n", "one that is over");
    let mut all = Follower::of(&w, &["--json", "1"]);
    let first = all.line();
    assert!(first.contains("\"run\":1"), "{first}");
    go(&w, "go2");
    w.until_logged(id, "run 3");
    w.ok(&["stop", "1"]);
    let (rest, _) = all.end();
    assert!(rest.contains("\"run\":2,\"line\":4"), "{rest}");
    assert!(rest.contains("\"run\":3,\"line\":5"), "a run that began meanwhile: {rest}");
}

#[test]
fn what_cannot_be_combined_is_refused() {
    let w = World::new();
    w.ended(w.begin(&["echo x"]));
    for words in
        [&["--until", "14:05"][..], &["--new"], &["-g", "x", "-c"], &["--head", "3"], &["--raw", "--level", "warn"]]
    {
        let said = w.aos(&[&["logs", "-f"], words, &["1"]].concat());
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{words:?}");
        assert!(
            said.err.contains("contradict each other") || said.err.contains("--raw takes"),
            "{words:?}: {}",
            said.err
        );
    }
    for words in [&["-g", "y", "-v"][..], &["-o", "-g", "x"], &["--merge"], &["--since", "1h"], &["--fold", "always"]] {
        assert_eq!(w.ok(&[&["logs", "-f"], words, &["1"]].concat()), "x\n", "{words:?}");
    }
}

#[test]
fn repeats_are_folded_in_a_pipe_too_where_that_is_asked_for() {
    let w = World::new();
    let id = w.begin(&["--shell", "yes tick | head -n 214; echo end; until [ -e a ]; do sleep 0.01; done"]);
    w.until_logged(id, "end");
    let mut follower = Follower::of(&w, &["--fold", "always", "1"]);
    assert_eq!([follower.line(), follower.line(), follower.line()], ["tick", "… 214 times", "end"]);
    go(&w, "a");
    follower.end();
}

#[test]
fn on_a_terminal_bars_move_where_they_stand() {
    let w = World::new();
    let script = r"echo begin; printf '10%%'; until [ -e a ]; do sleep 0.01; done; printf '\r50%%'
        until [ -e b ]; do sleep 0.01; done; printf '\r99%%\none 1\ntwo 1\n'
        until [ -e c ]; do sleep 0.01; done; printf '\033[2A\033[Kone 2\n\033[Ktwo 2\n'; yes tick | head -n 214
        until [ -e d ]; do sleep 0.01; done; echo end";
    w.begin(&["--shell", script]);
    let mut screen = Screen::open(&w, &[env!("CARGO_BIN_EXE_aos"), "logs", "-f", "1"], 24, 80);
    screen.until("10%");
    go(&w, "a");
    screen.until("50%");
    go(&w, "b");
    screen.until("two 1");
    go(&w, "c");
    screen.until("… 214 times");
    go(&w, "d");
    screen.until_ended();
    assert_eq!(screen.text().trim_end(), "begin\n99%\none 2\ntwo 2\ntick\n… 214 times\nend");
    screen.end();
}

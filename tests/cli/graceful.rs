//! Everything below a task has the whole grace to end in, whatever the leader does.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Child;

use nix::sys::signal::Signal;
use nix::sys::stat::Mode;

use crate::hooks::put;
use crate::shell::{BOTH, Kind};
use crate::world::{World, kill, until, write_program};

const AOS: &str = env!("CARGO_BIN_EXE_aos");

/// Says that it closes, and has closed once somebody has written into `gate`.
const SERVER: &str = "#!/bin/bash
trap 'echo closing; read -r line <gate; echo closed; exit 0' TERM
echo up
while :; do read -r -t 1000 line <>idle; done
";
/// Runs it below `cargo run`, as `go run` does: what waits for it dies of TERM at once.
const RUNNER: &str = "fn main() { std::process::Command::new(\"./server\").status().unwrap(); }";

/// A server that takes its time to close.
struct Closing {
    w: World,
    gate: fs::File,
}

impl Closing {
    fn new() -> Closing {
        let w = World::new();
        write_program(&w.join("server"), SERVER);
        write_program(&w.join("wrapper"), "./server\ntrue\n");
        put(w.join("Makefile"), "dev:\n\t./server\n\t@true\n");
        fs::create_dir(w.join("src")).expect("a directory");
        put(w.join("src/main.rs"), RUNNER);
        put(w.join("Cargo.toml"), "[package]\nname = \"runner\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        for fifo in ["gate", "idle"] {
            nix::unistd::mkfifo(&w.join(fifo), Mode::S_IRWXU).expect("a FIFO");
        }
        // Open at both ends, so that nobody waits for the other to open it.
        let gate = fs::OpenOptions::new().read(true).write(true).open(w.join("gate")).expect("the gate");
        Closing { w, gate }
    }

    /// Begins it; gives its number once it is up.
    fn begin(&self, words: &[&str]) -> u32 {
        let id = self.w.begin(words);
        self.w.until_logged(id, "up");
        id
    }

    fn aos(&self, words: &[&str]) -> Child {
        self.w.command(AOS).args(words).spawn().expect("aos runs")
    }

    /// It was asked to close, and can.
    fn assert_closes(&mut self, id: u32, of: &str) {
        self.w.until_logged(id, "closing");
        assert_eq!(self.w.row(id)["status"], "stopping", "{of}");
        writeln!(self.gate).expect("the gate opens");
        self.w.until_logged(id, "closed");
        let why = self.w.ok(&["why", &id.to_string()]);
        assert!(!why.contains("SIGKILL") && !why.contains("SIGHUP"), "{of}: {why}");
    }
}

#[test]
fn below_every_wrapper_a_server_can_close_when_it_is_stopped() {
    let mut closing = Closing::new();
    let cargo = Path::new(env!("CARGO"));
    let path = format!("PATH={}:/usr/bin:/bin", cargo.parent().expect("a directory").display());
    let cargo = cargo.to_str().expect("a path");
    let wrappers: [&[&str]; 7] = [
        &["--", "./server"],
        &["--", "sh", "-c", "./server; true"],
        &["--", "bash", "-c", "./server; true"],
        &["--", "zsh", "-c", "./server; true"],
        &["--", "./wrapper"],
        &["--", "make", "dev"],
        &["-e", &path, "--", cargo, "run", "--quiet", "--offline"],
    ];
    for terminal in [&[][..], &["--no-pty"]] {
        for wrapper in wrappers {
            let of = format!("{terminal:?} {wrapper:?}");
            let id = closing.begin(&[terminal, wrapper].concat());
            let mut stop = closing.aos(&["stop", &id.to_string()]);
            closing.assert_closes(id, &of);
            assert!(stop.wait().expect("its end").success(), "{of}");
            assert_eq!(closing.w.row(id)["status"], "stopped", "{of}");
        }
    }
}

#[test]
fn a_time_limit_a_restart_and_a_change_let_it_close_too() {
    let mut closing = Closing::new();
    let id = closing.w.begin(&["--timeout", "1s", "./server; true"]);
    closing.assert_closes(id, "--timeout");
    assert_eq!(closing.w.ended(id)["status"], "timed-out");

    let id = closing.begin(&["./server; true"]);
    let mut restart = closing.aos(&["restart", &id.to_string()]);
    closing.assert_closes(id, "restart");
    assert!(restart.wait().expect("its end").success());
    assert_eq!(closing.w.row(id)["run"], 2);
    let log = || String::from_utf8(closing.w.log(id)).expect("text");
    until(|| log().ends_with("up\n")).expect("the second run");
    assert_eq!(log(), "up\nclosing\nclosed\nup\n", "the second begins when the first is wholly gone");
    let mut stop = closing.aos(&["stop", &id.to_string()]);
    until(|| log().ends_with("closing\n")).expect("it closes");
    writeln!(closing.gate).expect("the gate opens");
    assert!(stop.wait().expect("its end").success());

    fs::create_dir(closing.w.join("watched")).expect("a directory");
    let id = closing.begin(&["--watch", "watched", "./server; true"]);
    put(closing.w.join("watched/new"), "");
    closing.assert_closes(id, "--watch");
    until(|| closing.w.row(id)["run"] == 2).expect("another run");
    closing.w.ok(&["kill", &id.to_string()]);
}

#[test]
fn what_its_leader_leaves_can_close_and_is_named() {
    let mut closing = Closing::new();
    let id = closing.w.begin(&["./server & until [ -e go ]; do sleep 0.01; done"]);
    closing.w.until_logged(id, "up");
    put(closing.w.join("go"), "");
    closing.assert_closes(id, "the leader's own end");
    let reason = closing.w.ended(id)["reason"].as_str().expect("a reason").to_owned();
    assert!(reason.starts_with("ended 1 process it left: bash ./server (pid "), "{reason}");
    assert_eq!(closing.w.row(id)["status"], "succeeded");
    let why = closing.w.ok(&["why", "1"]);
    assert!(why.contains("ending 1 process it left: bash ./server (pid ") && why.contains("--keep-children"), "{why}");
    assert!(closing.w.ok(&["show", "1"]).contains(&reason));
}

#[test]
fn the_notice_names_what_a_task_left() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        shell.line("sh -c 'sleep 1000 &' &aos");
        w.ended(1);
        shell.line("true");
        shell.until("ended 1 process it left: sleep 1000 (pid ");
        shell.until("(--keep-children leaves such alone)");
        shell.end();
    }
}

#[test]
fn what_ends_by_itself_after_its_leader_is_neither_hurried_nor_named() {
    let w = World::new();
    let id = w.begin(&["--shell", "exec > >(read -r line; echo \"last: $line\"); echo words"]);
    assert_eq!(w.ended(id)["reason"], serde_json::Value::Null);
    assert_eq!(String::from_utf8_lossy(&w.log(id)), "last: words\n");
}

#[test]
fn a_leader_that_is_stopped_is_paused_and_goes_on_whoever_says_so() {
    let w = World::new();
    for terminal in [&[][..], &["--no-pty"]] {
        let id = w.begin(&[terminal, &["kill -STOP $$; echo on; exec sleep 1000"]].concat());
        until(|| w.row(id)["status"] == "paused").expect("paused");
        w.ok(&["resume", &id.to_string()]);
        w.until_logged(id, "on");
        assert_eq!(w.row(id)["status"], "running");
        w.ok(&["signal", "TSTP", &id.to_string()]);
        until(|| w.row(id)["status"] == "paused").expect("paused by its terminal's signal");
        kill(w.row(id)["pid"].as_i64().expect("a pid") as i32, Signal::SIGCONT);
        until(|| w.row(id)["status"] == "running").expect("running again");
        let why = w.ok(&["why", &id.to_string()]);
        assert!(why.contains("a signal stopped the leader") && why.contains("the leader goes on"), "{why}");
        w.ok(&["stop", &id.to_string()]);
    }
}

#[test]
fn a_program_that_suspends_itself_gives_the_shell_its_prompt() {
    let w = World::new();
    let mut shell = Kind::Bash.open(&w, "");
    shell.type_line("aos run 'echo before; kill -TSTP 0; echo after'");
    shell.until("Stopped");
    shell.until_prompt();
    assert_eq!(w.row(1)["status"], "paused");
    shell.type_line("fg");
    shell.until("after");
    shell.until_prompt();
    shell.end();
}

#[test]
fn an_editor_is_suspended_as_at_any_prompt_and_drawn_again() {
    let w = World::new();
    put(w.join("text"), "the text of a file\n");
    let mut shell = Kind::Bash.open(&w, "");
    shell.type_line("aos run vim.tiny text");
    shell.until("the text of a file");
    shell.keys("\x1a");
    shell.until("Stopped");
    shell.until_prompt();
    assert_eq!(w.row(1)["status"], "paused");
    shell.type_line("fg");
    shell.until("the text of a file");
    until(|| w.row(1)["status"] == "running").expect("running again");
    shell.keys(":q\r");
    shell.until_prompt();
    assert_eq!(w.row(1)["status"], "succeeded");
    shell.end();
}

#[test]
fn job_control_within_a_task_works_as_at_a_terminal() {
    let w = World::new();
    let id = w.begin(&["env", "PS1=prompt> ", "bash", "--norc", "-i"]);
    let mut screen = crate::terminal::Screen::open(&w, &[AOS, "attach", "1"], 24, 80);
    screen.until("prompt>");
    screen.keys(b"set -b; cat &\r");
    screen.until("Stopped");
    screen.keys(b"fg\r");
    until(|| w.row(id)["waiting_since"].is_string()).expect("it reads");
    screen.keys(b"read by cat\r\x04");
    screen.until("read by cat\nread by cat");
    screen.keys(b"tty; [ $(ps -o tpgid= $$) = $(ps -o pgid= $$) ] && echo in $((1 + 1)) front\r");
    screen.until("/dev/pts/");
    screen.until("in 2 front");
    screen.keys(b"setsid bash -c 'trap \"\" HUP; echo $((2 + 2)) apart; exec sleep 1000'\r");
    screen.until("4 apart");
    screen.keys(b"exit\r");
    screen.until_ended();
    w.ended(id);
}

#[test]
fn a_shell_at_its_prompt_is_hung_up_on_and_what_runs_below_it_closes_first() {
    let mut closing = Closing::new();
    for shell in [&["bash", "--norc", "-i"][..], &["zsh", "-f", "-i"], &["dash", "-i"]] {
        let id = closing.w.begin(&[&["-e", "PS1=prompt> ", "--"], shell].concat());
        let prompted = || closing.w.ok(&["peek", &id.to_string()]).contains("prompt>");
        until(prompted).expect("a prompt");
        let stopped = closing.w.ok(&["stop", &id.to_string()]);
        let why = closing.w.ok(&["why", &id.to_string()]);
        assert!(!why.contains("SIGKILL") && why.contains("SIGHUP to 1 process"), "{shell:?}: {stopped}{why}");

        let id = closing.w.begin(&[&["-e", "PS1=prompt> ", "--"], shell].concat());
        until(|| closing.w.ok(&["peek", &id.to_string()]).contains("prompt>")).expect("a prompt");
        closing.w.ok(&["send", &id.to_string(), "./server"]);
        closing.w.until_logged(id, "up");
        let mut stop = closing.aos(&["stop", &id.to_string()]);
        closing.w.until_logged(id, "closing");
        writeln!(closing.gate).expect("the gate opens");
        assert!(stop.wait().expect("its end").success());
        let why = closing.w.ok(&["why", &id.to_string()]);
        assert!(!why.contains("SIGKILL") && why.contains("SIGHUP to 1 process"), "{shell:?}: {why}");
        assert!(String::from_utf8_lossy(&closing.w.log(id)).contains("closed"), "{shell:?}");
    }
}

//! `aos run` without `-b`: as if the command had been typed alone, at a terminal and in a pipeline.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use nix::sys::signal::Signal;

use crate::shell::Kind;
use crate::terminal::Screen;
use crate::world::{World, is_alive, kill, until};

const AOS: &str = env!("CARGO_BIN_EXE_aos");

#[test]
fn at_a_terminal_the_task_is_typed_at_and_its_code_passes_through() {
    let w = World::new();
    let mut screen = Screen::open(&w, &[AOS, "run", "read -r line; echo got $line; tty; exit 7"], 24, 100);
    screen.until("(^] leaves it running)");
    screen.keys(b"text\r");
    screen.until("got text\n/dev/pts/");
    assert_eq!(screen.exit_code(), 7);
    assert_eq!(w.row(1)["exit_code"], 7);
}

#[test]
fn death_by_a_signal_passes_through() {
    let w = World::new();
    for number in [9, 15, 2] {
        let mut run = w.command(AOS);
        let status = run.args(["run", &format!("kill -{number} $$")]).status().expect("aos runs");
        assert_eq!((status.signal(), status.core_dumped()), (Some(number), false));
    }
}

#[test]
fn a_time_limit_is_told_by_its_code() {
    let w = World::new();
    let told = |kind: &str| format!("aos: task-00{kind}");
    for (words, start, reason) in [
        (&["run", "--timeout", "100ms", "sleep", "1000"][..], told("1"), ": ran longer than 0.1s\n"),
        (&["run", "--idle-timeout", "100ms", "sleep", "1000"], told("2"), ": printed nothing for 0.1s\n"),
    ] {
        let said = w.aos(words);
        assert_eq!((said.out.as_str(), said.code), ("", 124), "{said:?}");
        let line = format!("{start} timed-out (killed by SIGTERM) after ");
        assert!(said.err.starts_with(&line) && said.err.ends_with(reason), "{said:?}");
    }
    let mut screen = Screen::open(&w, &[AOS, "run", "--timeout", "100ms", "sleep", "1000"], 24, 100);
    screen.until("aos: task-003 timed-out (killed by SIGTERM) after ");
    assert_eq!(screen.exit_code(), 124);
}

#[test]
fn in_a_pipeline_streams_stay_apart_and_whole() {
    let w = World::new();
    let said = w.aos(&["run", "echo out; echo err >&2; [ -t 1 ] || echo no terminal; exit 3"]);
    assert_eq!((said.out.as_str(), said.err.as_str(), said.code), ("out\nno terminal\n", "err\n", 3));
    let said = w.sh("seq 300000 | aos run cat | cksum; seq 300000 | cksum");
    let sums: Vec<&str> = said.out.lines().collect();
    assert_eq!(sums[0], sums[1]);
    let said = w.sh("aos run 'echo out; echo err >&2' 2>&1 | cat");
    assert_eq!(said.out, "out\nerr\n");
    let said = w.sh("head -c 100000 /dev/urandom > bytes; aos run cat < bytes | cmp - bytes && echo same");
    assert_eq!(said.out, "same\n");
    assert_eq!(w.log(3), b"out\nerr\n");
}

#[test]
fn a_reader_that_waits_keeps_no_supervisor_of_a_task_that_is_over_and_misses_nothing() {
    let w = World::new();
    let line = "mkfifo gate; aos run 'seq 10000000' | { read -r go <gate; cat >got; }";
    let mut run = w.command("sh").args(["-c", line]).spawn().expect("sh runs");
    // More than pipes and sockets hold.
    until(|| w.aos(&["logs", "--raw", "1"]).out.len() > 300_000).expect("it prints");
    w.ok(&["stop", "1"]);
    let is_gone = || !w.survivors().iter().any(|line| line.contains("aos: supervisor of"));
    until(is_gone).unwrap_or_else(|| panic!("{:?}", w.survivors()));
    let open = std::fs::OpenOptions::new().write(true).open(w.join("gate"));
    open.and_then(|mut gate| gate.write_all(b"go\n")).expect("told");
    run.wait().expect("it ends");
    assert!(std::fs::read(w.join("got")).expect("the output") == w.log(1));
}

#[test]
fn standard_input_ends_where_it_ends() {
    let w = World::new();
    let said = w.sh("printf 'y\\nno newline' | aos run 'read -r answer; echo $answer; cat'");
    assert_eq!((said.out.as_str(), said.code), ("y\nno newline", 0));
    assert_eq!(w.aos(&["run", "cat"]).out, "", "/dev/null");
}

#[test]
fn a_closed_pipe_ends_the_task_as_it_would_any() {
    let w = World::new();
    let said = w.sh("aos run yes | head -n 2");
    assert_eq!((said.out.as_str(), said.err.as_str()), ("y\ny\n", ""));
    let row = w.ended(1);
    assert_eq!((&row["status"], &row["signal"]), (&"failed".into(), &13.into()));
}

#[test]
fn a_reader_that_waits_holds_up_its_own_pipeline_and_gets_everything() {
    let w = World::new();
    let said = w.sh(
        "aos run seq 200000 | (until [ -e go ]; do sleep 0.01; [ -e go ] || touch go; done; cksum); seq 200000 | cksum",
    );
    let sums: Vec<&str> = said.out.lines().collect();
    assert_eq!(sums[0], sums[1]);
}

#[test]
fn an_interrupt_reaches_the_task_in_a_pipeline() {
    let w = World::new();
    let mut shell = Kind::Bash.open(&w, "");
    // A reader that the interrupt ends would end the task too, by its closed pipe.
    shell.type_line("aos run 'trap \"echo trapped; exit 4\" INT; echo begun; sleep 1000' | (trap '' INT; cat)");
    shell.until("\nbegun");
    shell.keys("\x03");
    shell.until("^Ctrapped");
    shell.until_prompt();
    let row = w.ended(1);
    assert_eq!(row["exit_code"], 4, "{row}");
    shell.end();
}

#[test]
fn a_task_in_a_pipeline_that_asks_gets_a_line_from_the_terminal() {
    let w = World::new();
    let mut shell = Kind::Bash.open(&w, "");
    shell.type_line("aos run 'read -r name; echo hello $name' | tr a-z A-Z");
    until(|| w.aos(&["show", "1", "--json"]).out.contains("waiting_since")).expect("it waits for input");
    shell.keys("somebody\r");
    shell.until("HELLO SOMEBODY");
    shell.until_prompt();
    assert_eq!(shell.text().matches("somebody").count(), 1, "shown once:\n{}", shell.text());
    shell.end();
}

#[test]
fn after_a_time_it_goes_on_in_the_background() {
    let w = World::new();
    let mut screen = Screen::open(&w, &[AOS, "run", "--auto-bg", "200ms", "echo shown; sleep 1000"], 24, 100);
    screen.until("[task-001] goes on in the background");
    assert_eq!(screen.exit_code(), 0);
    assert!(screen.text().contains("shown"));
    assert_eq!(w.row(1)["status"], "running");
    let said = w.aos(&["run", "--auto-bg", "50ms", "sleep", "1000"]);
    assert_eq!((said.out.as_str(), said.code), ("", 0));
    assert_eq!(w.aos(&["run", "--auto-bg", "1h", "exit 5"]).code, 5);
    w.ok(&["stop", "1", "2"]);
}

#[test]
fn closing_the_terminal_leaves_it_running() {
    let w = World::new();
    let screen = Screen::open(&w, &[AOS, "run", "echo shown; sleep 1000"], 24, 100);
    screen.until("shown");
    let client = screen.pid() as i32;
    screen.hang_up();
    until(|| !is_alive(client)).expect("the client has gone");
    assert_eq!(w.row(1)["status"], "running");
    w.ok(&["stop", "1"]);
}

#[test]
fn a_request_to_end_leaves_it_running() {
    let w = World::new();
    let mut run =
        w.command(AOS).args(["run", "echo shown; sleep 1000"]).stdout(Stdio::null()).spawn().expect("aos runs");
    until(|| w.aos(&["show", "1"]).code == 0).expect("a task");
    w.until_logged(1, "shown");
    kill(run.id() as i32, Signal::SIGTERM);
    assert_eq!(run.wait().expect("its end").signal(), Some(15));
    assert_eq!(w.row(1)["status"], "running");
    w.ok(&["stop", "1"]);
}

#[test]
fn the_next_run_has_nothing_to_read_and_its_log_all() {
    let w = World::new();
    assert_eq!(w.sh("echo given | aos run 'cat; echo out' > /dev/null").code, 0);
    w.ok(&["restart", "1"]);
    w.ended(1);
    assert_eq!(String::from_utf8(w.log(1)).expect("text"), "given\nout\nout\n");
}

#[test]
fn the_running_one_is_joined() {
    let w = World::new();
    w.begin(&["-n", "web", "echo first; until [ -e go ]; do sleep 0.01; done; echo last; exit 3"]);
    w.until_logged(1, "first");
    let mut screen = Screen::open(&w, &[AOS, "run", "--once", "-n", "web", "true"], 24, 80);
    screen.until("first");
    std::fs::File::create(w.join("go")).expect("the sign to go on");
    screen.until("last");
    assert_eq!(screen.exit_code(), 3);
}

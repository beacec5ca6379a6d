//! Tasks that move while somebody reads: from the living to those that are over, and on into the
//! registry.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use nix::sys::signal::Signal;

use crate::world::{World, end, kill, state, until};

#[test]
fn a_list_taken_while_a_task_ends_has_it() {
    let w = World::new();
    for round in 1..=60 {
        let name = format!("n{round}");
        let id = w.ok(&["run", "-b", "-n", &name, "exit 3"]);
        let list = w.ok(&["tasks", "--json", "-a"]);
        assert!(list.contains(&format!("\"{}\"", id.trim())), "round {round}: {list}");
        let said = w.aos(&["wait", &name]);
        assert_eq!((said.err.as_str(), said.code), ("", 3), "round {round}");
    }
}

#[test]
fn monitor_tells_of_a_task_that_was_over_before_it_looked() {
    let w = World::new();
    let long = w.begin(&["exec sleep 1000"]);
    let mut aos = w.command(env!("CARGO_BIN_EXE_aos"));
    let mut monitor = aos.args(["monitor", "--json"]).stdout(Stdio::piped()).spawn().expect("a monitor");
    let mut lines = BufReader::new(monitor.stdout.take().expect("its output"));
    let mut first = String::new();
    lines.read_line(&mut first).expect("a line");
    assert!(first.contains("task-001"), "{first}");
    let pid = monitor.id() as i32;
    kill(pid, Signal::SIGSTOP);
    until(|| state(pid) == Some('T')).expect("stopped");
    let short = w.begin(&["-n", "short", "exit 3"]);
    assert_eq!(w.ended(short)["exit_code"], 3);
    w.ok(&["tasks", "-a", "--json"]);
    w.ok(&["stop", &long.to_string()]);
    kill(pid, Signal::SIGCONT);
    let mut rest = String::new();
    lines.read_to_string(&mut rest).expect("the rest");
    end(&mut monitor);
    let told = rest.lines().find(|line| line.contains("\"short\"")).unwrap_or_else(|| panic!("{rest}"));
    assert!(told.contains("\"exit_code\":3"), "{told}");
}

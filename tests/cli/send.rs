//! `aos send` and `aos peek`: a task's terminal without going there; and whether it waits for
//! input.

use crate::world::{World, until};

fn waits(w: &World, id: u32) -> bool {
    w.row(id)["waiting_since"].is_string()
}

fn until_waiting(w: &World, id: u32) {
    until(|| waits(w, id)).unwrap_or_else(|| panic!("it does not wait for input: {}", w.row(id)));
}

#[test]
fn text_is_typed_with_enter() {
    let w = World::new();
    let id = w.begin(&["while read -r line; do echo \"got <$line>\"; done"]);
    assert_eq!(w.ok(&["send", "1", "yes"]), "");
    w.until_logged(id, "got <yes>");
    w.ok(&["send", "1", "two\nlines"]);
    w.until_logged(id, "got <two>");
    w.until_logged(id, "got <lines>");
    w.ok(&["send", "1", "--no-enter", "half"]);
    w.ok(&["send", "1", "--", "-n"]);
    let mistyped = w.aos(&["send", "1", "--eoff"]);
    assert_eq!(mistyped.code, 2, "an unknown option is no text");
    assert!(mistyped.err.contains("near: --eof"), "{}", mistyped.err);
    w.until_logged(id, "got <half-n>");
    w.ok(&["send", "1", "abc", "--key", "BSpace", "--key", "Enter"]);
    w.until_logged(id, "got <ab>");
    w.ok(&["send", "1", "--eof"]);
    assert_eq!(w.ended(id)["status"], "succeeded");
}

#[test]
fn keys_are_sent_as_a_terminal_sends_them() {
    let w = World::new();
    let id = w.begin(&["sleep", "1000"]);
    assert_eq!(
        w.json(&["send", "1", "--key", "C-c", "--json"]),
        serde_json::json!({ "version": 1, "id": "task-001", "typed": 1 })
    );
    assert_eq!(w.ended(id)["signal"], 2);
}

#[test]
fn standard_input_is_typed_to_the_byte_and_its_end_too() {
    let w = World::new();
    let id = w.begin(&["stty -echo; echo ready; cksum"]);
    w.until_logged(id, "ready");
    let said = w.sh("seq 100000 | aos send 1 --stdin --eof; seq 100000 | cksum");
    assert_eq!((said.err.as_str(), said.code), ("", 0));
    w.ended(id);
    let log = String::from_utf8(w.log(id)).expect("text");
    assert_eq!(log, format!("ready\n{}", said.out));
}

#[test]
fn what_does_not_read_is_told_and_gets_it_later() {
    let w = World::new();
    let id = w.begin(&["stty raw -echo; echo ready; until [ -e go ]; do sleep 0.01; done; head -c 200000 | cksum"]);
    w.until_logged(id, "ready");
    let said = w.sh("head -c 200000 /dev/zero | aos send 1 --stdin --timeout 200ms");
    assert_eq!(said.code, 1);
    assert!(said.err.contains("has not taken it all after 0.2s"), "{said:?}");
    w.ok(&["stop", "1"]);
    assert_eq!(w.aos(&["send", "1", "x"]).code, 1);
    let nothing = w.aos(&["send", "1"]);
    assert_eq!(nothing.code, 2);
    assert!(nothing.err.contains("nothing to type"), "{nothing:?}");
    let _ = id;
}

#[test]
fn peek_shows_the_screen_not_the_log() {
    let w = World::new();
    let id = w.begin(&[r"printf 'one\nloading 10%%\rloading 100%%\n\033[31mred\033[m\nname? '; read -r x; sleep 1000"]);
    until_waiting(&w, id);
    assert_eq!(w.ok(&["peek", "1"]), "one\nloading 100%\nred\nname?\n");
    until_waiting(&w, id);
    let seen = w.json(&["peek", "1", "--json"]);
    assert_eq!((&seen["rows"], &seen["cols"], &seen["full_screen"]), (&24.into(), &80.into(), &false.into()));
    assert_eq!(seen["cursor"], serde_json::json!({ "row": 3, "col": 6, "visible": true }));
    assert_eq!(seen["waiting_for_input"], true);
    w.ok(&["stop", "1"]);
    assert_eq!(w.ok(&["peek", "1"]), "one\nloading 100%\nred\nname?\n", "what it has left");
}

#[test]
fn peek_shows_a_full_screen_program() {
    let w = World::new();
    w.sh("printf 'first\\nsecond\\n' > text");
    w.begin(&["vim.tiny", "-u", "NONE", "text"]);
    until(|| w.ok(&["peek", "1"]).starts_with("first\nsecond\n~\n")).expect("the text");
    w.ok(&["send", "1", "--no-enter", "jinew "]);
    until(|| w.ok(&["peek", "1"]).starts_with("first\nnew second\n~\n")).expect("the change");
    assert_eq!(w.json(&["peek", "1", "--json"])["full_screen"], true);
    w.ok(&["send", "1", "--key", "Escape"]);
    w.ok(&["send", "1", ":q!"]);
    assert_eq!(w.ended(1)["status"], "succeeded");
}

#[test]
fn a_task_that_reads_waits_for_input_and_no_other() {
    let w = World::new();
    let reads = w.begin(&["read -r x; sleep 1000"]);
    let sleeps = w.begin(&["sleep", "1000"]);
    let prompts = w.begin(&["env", "PS1=prompt> ", "bash", "--norc", "-i"]);
    let child = w.begin(&["cat >/dev/null; sleep 1000"]);
    [reads, prompts, child].iter().for_each(|id| until_waiting(&w, *id));
    assert!(!waits(&w, sleeps));
    assert!(w.ok(&["tasks"]).contains("running, wants input"));
    assert!(w.ok(&["show", "1"]).contains("waits for it since"));
    let marked = || {
        std::fs::read_dir(w.home().join("tasks/active"))
            .expect("markers")
            .filter_map(|e| e.ok()?.file_name().into_string().ok())
    };
    let suffix =
        |id: u32| marked().any(|name| name.starts_with(&format!("task-{id:03}.")) && name.ends_with(".waiting"));
    until(|| suffix(reads)).expect("the marker");
    assert!(!suffix(sleeps));
    w.ok(&["send", "1", "answer"]);
    assert!(!waits(&w, reads), "it was answered");
    until(|| !suffix(reads)).expect("the marker");
    w.ok(&["kill", "1-4"]);
}

#[test]
fn what_a_task_does_not_read_keeps_its_supervisor_neither_awake_nor_from_others() {
    let w = World::new();
    let id = w.begin(&["stty raw; echo raw; exec sleep 1000"]);
    w.until_logged(id, "raw");
    w.sh("head -c 300000 /dev/zero | tr '\\0' x >keys");
    let sent = w.sh("aos send 1 --stdin --timeout 200ms <keys");
    assert_eq!(sent.code, 1);
    assert!(sent.err.contains("the terminal of task-001 has not taken it all after 0.2s"), "{sent:?}");
    w.assert_asleep(id);
    // One more types, and is held; others are answered meanwhile.
    let keys = std::fs::File::open(w.join("keys")).expect("the keys");
    let mut aos = w.command(env!("CARGO_BIN_EXE_aos"));
    let mut held = aos.args(["send", "1", "--stdin", "--timeout", "1h"]).stdin(keys).spawn().expect("aos runs");
    w.ok(&["peek", "1"]);
    assert!(w.ok(&["show", "1"]).contains("sleep (pid"));
    w.assert_asleep(id);
    crate::world::end(&mut held);
    w.assert_asleep(id);
    w.ok(&["stop", "1"]);
}

#[test]
fn what_was_typed_before_anybody_reads_arrives_when_somebody_does() {
    let w = World::new();
    let id = w.begin(&["stty raw -echo; echo raw; until [ -e go ]; do sleep 0.01; done; head -c 300000 | wc -c"]);
    w.until_logged(id, "raw");
    w.sh("head -c 300000 /dev/zero | tr '\\0' x >keys");
    let keys = std::fs::File::open(w.join("keys")).expect("the keys");
    let mut aos = w.command(env!("CARGO_BIN_EXE_aos"));
    let mut sender = aos.args(["send", "1", "--stdin", "--timeout", "1h"]).stdin(keys).spawn().expect("aos runs");
    w.ok(&["peek", "1"]);
    std::fs::File::create(w.join("go")).expect("the sign to go on");
    assert!(sender.wait().expect("its end").success());
    w.until_logged(id, "300000");
    assert_eq!(w.ended(id)["status"], "succeeded");
}

#[test]
fn a_task_that_waits_for_input_is_asleep() {
    let w = World::new();
    let id = w.begin(&["read -r x"]);
    until_waiting(&w, id);
    w.assert_asleep(id);
    w.ok(&["stop", "1"]);
}

#[test]
fn no_screen_that_a_task_draws_and_no_size_that_it_takes_ends_it() {
    let w = World::new();
    let drawn = r"printf '\033[?1049h\033[24;80H\342\234\224\357\270\217\033[23;80H\342\224\202'; exec sleep 1000";
    let sized = r"stty rows 60000 cols 60000; printf '\033[?1049hdrawn'; stty rows 5000 cols 5000; exec sleep 1000";
    for (id, line) in [(1, drawn), (2, sized)] {
        w.begin(&[line]);
        until(|| w.json(&["peek", &id.to_string(), "--json"])["full_screen"] == true).expect("a screen");
        let id = id.to_string();
        let mut narrow = crate::terminal::Screen::open(&w, &[env!("CARGO_BIN_EXE_aos"), "attach", &id], 4, 1);
        until(|| w.json(&["peek", &id, "--json"])["cols"] == 1).expect("the client's size");
        narrow.keys(b"\x1d");
        narrow.until_ended();
        assert_eq!(w.json(&["show", &id, "--json"])["status"], "running");
        let supervisor = &w.json(&["show", &id, "--json"])["supervisor_pid"];
        let status = std::fs::read_to_string(format!("/proc/{supervisor}/status")).expect("its memory");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
        assert!(peak.is_some_and(|kib: u64| kib < 64 * 1024), "{peak:?}");
    }
    w.ok(&["stop", "1-2"]);
}

#[test]
fn a_supervisor_that_is_silent_is_not_waited_for_for_ever() {
    let w = World::new();
    let id = w.begin(&["sleep", "1000"]);
    let supervisor = w.row(id)["supervisor_pid"].as_i64().expect("a pid") as i32;
    crate::world::kill(supervisor, nix::sys::signal::Signal::SIGSTOP);
    let peeked = w.aos(&["peek", "1"]);
    crate::world::kill(supervisor, nix::sys::signal::Signal::SIGCONT);
    assert_eq!((peeked.err.lines().next(), peeked.code), (Some("aos: the supervisor of task-001 does not answer"), 6));
    w.ok(&["stop", "1"]);
}

#[test]
fn of_a_line_that_is_too_long_it_is_told_how_much_arrived() {
    let w = World::new();
    w.begin(&[
        "stty -echo; echo ready; read -r a; echo \"<${#a}>\"; read -r b; echo \"<${#b}>\"; read -r c; echo \"<${#c}>\"",
    ]);
    w.until_logged(1, "ready");
    let said = w.aos(&["send", "1", &"x".repeat(5000)]);
    assert_eq!((said.out.as_str(), said.code), ("", 1));
    let expected = "aos: 4096 of 5001 bytes arrived: the terminal of task-001 keeps 4095 bytes of a line\n";
    assert!(said.err.starts_with(expected), "{}", said.err);
    w.until_logged(1, "<4095>");
    assert_eq!(w.ok(&["send", "1", &"y".repeat(4095)]), "");
    let said = w.sh("head -c 20000 /dev/zero | tr '\\0' z | aos send 1 --stdin --eof; echo code $?");
    assert_eq!(said.out, "code 1\n");
    assert!(said.err.starts_with("aos: 4095 of 20000 bytes arrived"), "{}", said.err);
    w.ended(1);
    let log = String::from_utf8(w.log(1)).expect("text");
    assert_eq!(log.matches("<4095>").count(), 3, "{log}");
}

#[test]
fn who_reads_keys_gets_lines_of_any_length() {
    let w = World::new();
    let id = w.begin(&["stty -icanon -echo; echo ready; head -c 9000 | wc -c"]);
    w.until_logged(id, "ready");
    assert_eq!(w.ok(&["send", "1", "-N", &"x".repeat(9000)]), "");
    w.ended(id);
    assert!(String::from_utf8(w.log(id)).expect("text").contains("9000"));
}

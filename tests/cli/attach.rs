//! At a task's terminal: the screen as it is, keys, signals, sizes, several at once, and the user's
//! own terminal as it was, whatever happens.

use nix::sys::signal::Signal;

use crate::shell::Kind;
use crate::terminal::Screen;
use crate::world::{World, is_alive, kill, until};

const AOS: &str = env!("CARGO_BIN_EXE_aos");
/// Waits for something within a line.
fn until_printed(w: &World, id: u32, text: &str) {
    until(|| String::from_utf8_lossy(&w.log(id)).contains(text)).unwrap_or_else(|| panic!("no {text} in the log"));
}

const LEAVE: &[u8] = b"\x1d";

/// A program that shows which keys come.
const KEYS: &str =
    "stty raw -echo; echo ready; while k=$(dd bs=1 count=1 2>/dev/null | od -An -tx1); do printf '<%s>' $k; done";

fn attach(w: &World, id: u32) -> Screen {
    let screen = Screen::open(w, &[AOS, "attach", &id.to_string()], 24, 80);
    until(|| !screen.modes().contains("ICANON")).unwrap_or_else(|| panic!("not attached:\n{}", screen.text()));
    screen
}

#[test]
fn the_screen_is_there_keys_reach_the_task_and_the_key_leaves() {
    let w = World::new();
    let id = w.begin(&["echo before; read -r line; echo got $line; sleep 1000"]);
    w.until_logged(id, "before");
    let mut screen = attach(&w, id);
    screen.until("before");
    screen.keys(b"hello\r");
    screen.until("got hello");
    screen.keys(LEAVE);
    screen.until("[task-001] detached; it runs on");
    assert_eq!(screen.exit_code(), 0);
    assert_eq!(w.row(id)["status"], "running");
    w.ok(&["stop", "1"]);
}

#[test]
fn a_supervisor_that_stands_still_is_not_waited_for() {
    let w = World::new();
    let id = w.begin(&["echo up; sleep 1000"]);
    w.until_logged(id, "up");
    let supervisor = w.row(id)["supervisor_pid"].as_i64().expect("a pid") as i32;
    kill(supervisor, Signal::SIGSTOP);
    let mut screen = Screen::open(&w, &[AOS, "attach", "1"], 24, 80);
    screen.until("the supervisor of task-001 does not answer");
    assert_eq!(screen.exit_code(), 6);
    kill(supervisor, Signal::SIGCONT);
    let mut screen = attach(&w, id);
    screen.until("up");
    kill(supervisor, Signal::SIGSTOP);
    // More than the kernel keeps for it.
    (0..200).for_each(|_| screen.keys(&[b'x'; 4096]));
    screen.keys(LEAVE);
    screen.until("[task-001] detached; it runs on");
    kill(supervisor, Signal::SIGCONT);
    w.ok(&["kill", "1"]);
}

#[test]
fn the_key_that_leaves_can_be_another() {
    let w = World::new();
    let id = w.begin(&[KEYS]);
    w.until_logged(id, "ready");
    let mut screen = Screen::open(&w, &[AOS, "attach", "1", "--detach-key", "C-q"], 24, 80);
    screen.until("(^Q leaves)");
    screen.keys(LEAVE);
    screen.until("<1d>");
    screen.keys(b"\x11");
    screen.until_ended();
    let said = w.aos(&["attach", "1", "--detach-key", "Ctrl+Q"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("`Ctrl+Q` is no key: write C-c"), "{said:?}");
    w.ok(&["stop", "1"]);
}

#[test]
fn a_late_client_sees_a_full_screen_program_as_it_is() {
    let w = World::new();
    w.sh("printf 'first line\\nsecond line\\n' > text");
    let id = w.begin(&["vim.tiny", "-u", "NONE", "text"]);
    let mut one = attach(&w, id);
    one.until("second line");
    one.keys(b"Onew top\x1b");
    one.until_so("edited", |screen| screen.rows(0, 80).next().is_some_and(|row| row.starts_with("new top")));
    let mut two = attach(&w, id);
    two.until_so("the same", |screen| {
        let rows: Vec<String> = screen.rows(0, 80).take(4).map(|row| row.trim_end().to_owned()).collect();
        screen.alternate_screen() && rows == ["new top", "first line", "second line", "~"]
    });
    two.keys(b"dd");
    one.until_so("the same again", |screen| {
        screen.rows(0, 80).next().is_some_and(|row| row.trim_end() == "first line")
    });
    two.keys(LEAVE);
    two.until_ended();
    two.until_so("as before", |screen| !screen.alternate_screen() && screen.contents().contains("leaves)"));
    one.keys(b":q!\r");
    one.until("[task-001] succeeded");
    one.until_so("as before", |screen| !screen.alternate_screen());
    one.until_ended();
}

#[test]
fn an_hour_of_a_full_screen_program_later_its_first_line_is_still_there() {
    let w = World::new();
    let id = w.begin(&[
        r"printf '\033[?1049h\033[2J\033[1;1Htitle'; for i in $(seq 40000); do printf '\033[5;1Hcount %06d and some more to fill the log' $i; done; printf '\033[6;1Hdone'; sleep 1000",
    ]);
    until_printed(&w, id, "done");
    let mut screen = attach(&w, id);
    screen.until_so("whole", |screen| {
        let rows: Vec<String> = screen.rows(0, 80).take(6).collect();
        rows[0] == "title" && rows[4].starts_with("count 040000") && rows[5] == "done"
    });
    screen.keys(LEAVE);
    screen.until_ended();
    w.ok(&["stop", "1"]);
}

#[test]
fn a_late_client_of_a_shell_gets_its_prompt_and_goes_on() {
    let w = World::new();
    let id = w.begin(&["env", "PS1=prompt> ", "bash", "--norc", "-i"]);
    until_printed(&w, id, "prompt>");
    let mut screen = attach(&w, id);
    screen.until_so("the prompt", |screen| screen.contents().trim_end().ends_with("prompt>"));
    screen.keys(b"echo $((6 * 7)); stty size\r");
    screen.until("42\n24 80");
    screen.keys(b"exit 3\r");
    screen.until("[task-001] failed (exit 3)");
    assert_eq!(screen.exit_code(), 3);
}

#[test]
fn keys_reach_the_task_as_they_are_in_raw_mode() {
    let w = World::new();
    let id = w.begin(&[KEYS]);
    w.until_logged(id, "ready");
    let mut screen = attach(&w, id);
    screen.keys(b"a\x03\x1a\x1c\r\x1b[A");
    screen.until("<61><03><1a><1c><0d><1b><5b><41>");
    screen.keys(LEAVE);
    screen.until_ended();
    w.ok(&["stop", "1"]);
}

#[test]
fn interrupt_and_quit_keys_are_signals() {
    for (key, signal) in [(b"\x03", "SIGINT"), (b"\x1c", "SIGQUIT")] {
        let w = World::new();
        let id = w.begin(&["sleep", "1000"]);
        let mut screen = attach(&w, id);
        screen.keys(key);
        screen.until(&format!("[task-001] failed (killed by {signal}"));
        screen.until_ended();
        assert_eq!(w.row(id)["status"], "failed");
    }
}

#[test]
fn suspend_reaches_a_job_of_the_tasks_own_shell() {
    let w = World::new();
    w.begin(&["env", "PS1=prompt> ", "bash", "--norc", "-i"]);
    let mut screen = attach(&w, 1);
    screen.until("prompt>");
    screen.keys(b"sleep 1001\r");
    until(|| w.ok(&["show", "1"]).contains("sleep (pid")).expect("the job");
    screen.keys(b"\x1a");
    screen.until("Stopped");
    assert_eq!(w.row(1)["status"], "running");
    screen.keys(LEAVE);
    screen.until_ended();
    w.ok(&["kill", "1"]);
}

#[test]
fn suspend_pauses_the_task_and_gives_the_shell_back_and_fg_goes_on() {
    let w = World::new();
    w.begin(&["while read -r line; do echo got $line; done"]);
    let mut shell = Kind::Bash.open(&w, "");
    shell.type_line("aos attach 1");
    shell.until("leaves)");
    shell.keys("\x1a");
    shell.until("Stopped");
    shell.until_prompt();
    assert_eq!(w.row(1)["status"], "paused");
    shell.type_line("fg");
    until(|| w.row(1)["status"] == "running").expect("running again");
    shell.keys("more\r");
    shell.until("got more");
    shell.keys("\x1d");
    shell.until_prompt();
    shell.end();
    w.ok(&["stop", "1"]);
}

#[test]
fn suspend_and_bg_leaves_it_running_in_the_background() {
    let w = World::new();
    let mut shell = Kind::Bash.open(&w, "");
    shell.type_line("aos run sleep 1000");
    shell.until("leaves it running)");
    shell.keys("\x1a");
    shell.until("Stopped");
    shell.until_prompt();
    shell.type_line("bg");
    shell.until("[task-001] detached; it runs on");
    until(|| w.row(1)["status"] == "running").expect("running again");
    shell.end();
    w.ok(&["stop", "1"]);
}

#[test]
fn the_size_is_that_of_whoever_typed_last() {
    let w = World::new();
    let id = w.begin(&["trap 'stty size' WINCH; while :; do read -r -t 1000; stty size; done"]);
    let mut one = attach(&w, id);
    one.keys(b"\r");
    one.until("24 80");
    let two = Screen::open(&w, &[AOS, "attach", "1"], 30, 100);
    two.until("30 100");
    one.until("30 100");
    one.keys(b"\r");
    two.until_so("the first one's size again", |screen| screen.contents().matches("24 80").count() > 1);
    one.resize(20, 60);
    two.until("20 60");
    let mut reader = Screen::open(&w, &[AOS, "attach", "-r", "1"], 11, 44);
    reader.until("attached to look");
    reader.keys(b"typed\r");
    one.keys(b"mark\r");
    reader.until("mark");
    assert!(!one.text().contains("11 44") && !one.text().contains("typed"), "{}", one.text());
    for mut screen in [one, two, reader] {
        screen.keys(LEAVE);
        screen.until_ended();
    }
    w.ok(&["stop", "1"]);
}

#[test]
fn a_killed_client_leaves_the_terminal_as_it_was() {
    let w = World::new();
    w.begin(&[r"printf '\033[?1049h\033[?25l\033[?1000hfull screen'; sleep 1000"]);
    let mut shell = Kind::Bash.open(&w, "");
    shell.until_prompt();
    let before = shell.screen.modes();
    // Not until its modes are back: bash keeps those that it finds.
    shell.type_line("sh -c 'aos attach 1; while stty -a | grep -q -- -icanon; do sleep 0.01; done'");
    shell.until("full screen");
    let client = w.sh(&format!("pgrep -P $(pgrep -P {}) -f 'attach 1'", shell.screen.pid())).out;
    let client: i32 = client.trim().parse().expect("a pid");
    kill(client, Signal::SIGKILL);
    shell.screen.until_so("on the usual screen", |screen| !screen.alternate_screen());
    shell.screen.until_so("with a cursor", |screen| !screen.hide_cursor());
    shell.screen.until_so("without a mouse", |screen| screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None);
    // Its prompt may have come while the other screen was there still.
    shell.keys("\rclear; echo typed $((6 * 7))\r");
    shell.until("typed 42");
    until(|| shell.screen.modes() == before).expect("the modes as they were");
    assert_eq!(w.row(1)["status"], "running");
    shell.end();
    w.ok(&["stop", "1"]);
}

#[test]
fn a_killed_supervisor_leaves_the_terminal_as_it_was() {
    let w = World::new();
    w.begin(&[r"printf '\033[?1049hfull screen'; sleep 1000"]);
    let mut screen = attach(&w, 1);
    screen.until("full screen");
    let modes = screen.modes();
    let supervisor = w.row(1)["supervisor_pid"].as_i64().expect("a pid") as i32;
    kill(supervisor, Signal::SIGKILL);
    screen.until("[task-001] lost");
    screen.until_ended();
    screen.until_so("as it was", |screen| !screen.alternate_screen());
    assert_ne!(screen.modes(), modes, "it was raw before");
    assert_eq!(screen.exit_code(), 6);
}

#[test]
fn closing_the_terminal_leaves_the_task_running() {
    let w = World::new();
    let id = w.begin(&["sleep", "1000"]);
    let screen = attach(&w, id);
    let client = screen.pid() as i32;
    screen.hang_up();
    until(|| !is_alive(client)).expect("the client has gone");
    assert_eq!(w.row(id)["status"], "running");
    w.ok(&["stop", "1"]);
}

#[test]
fn a_client_that_is_stopped_holds_up_nothing_and_catches_up() {
    let w = World::new();
    let id = w.begin(&["until [ -e go ]; do sleep 0.01; done; seq 400000; echo the end; sleep 1000"]);
    let mut stopped = attach(&w, id);
    let mut other = attach(&w, id);
    kill(stopped.pid() as i32, Signal::SIGSTOP);
    std::fs::File::create(w.join("go")).expect("the sign to go on");
    other.until("the end");
    kill(stopped.pid() as i32, Signal::SIGCONT);
    stopped.until_so("the end, whole", |screen| screen.contents().contains("399999\n400000\nthe end"));
    for screen in [&mut stopped, &mut other] {
        screen.keys(LEAVE);
        screen.until_ended();
    }
    assert_eq!(
        w.log(id).len(),
        w.sh("(seq 400000; echo the end) | wc -c").out.trim().parse::<usize>().expect("a number")
    );
    w.ok(&["stop", "1"]);
}

#[test]
fn what_has_no_terminal_cannot_be_attached_to() {
    let w = World::new();
    w.begin(&["--no-pty", "sleep", "1000"]);
    w.begin(&["true"]);
    w.ended(2);
    w.begin(&["--after", "1", "true"]);
    for (id, text) in [
        ("1", "task-001: it has no terminal"),
        ("2", "task-002 is not running (succeeded)"),
        ("3", "task-003: it has not begun, it is queued"),
        ("9", "there is no task task-009"),
    ] {
        let screen = Screen::open(&w, &[AOS, "attach", id], 24, 80);
        screen.until(text);
        screen.end();
    }
    let said = w.aos(&["attach", "1"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("attach needs a terminal") && said.err.contains("aos peek"), "{said:?}");
    w.ok(&["stop", "1", "3"]);
}

#[test]
fn the_key_is_taken_from_the_configuration() {
    let w = World::new();
    let id = w.begin(&[KEYS]);
    w.until_logged(id, "ready");
    w.sh("printf '[attach]\\ndetach_key = \"C-q\"\\n' > home/config.toml");
    let mut screen = Screen::open(&w, &[AOS, "attach", "1"], 24, 80);
    screen.until("(^Q leaves)");
    screen.keys(b"\x11");
    screen.until_ended();
    w.sh("printf '[attach]\\ndetach_key = \"Ctrl\"\\n' > home/config.toml");
    let said = Screen::open(&w, &[AOS, "attach", "1"], 24, 80);
    said.until("config.toml: `Ctrl` is no key");
    said.end();
    w.ok(&["stop", "1"]);
}

#[test]
fn a_task_is_not_attached_to_itself() {
    let w = World::new();
    let id = w.begin(&["aos attach 1; echo code $?"]);
    w.ended(id);
    let log = String::from_utf8(w.log(id)).expect("text");
    assert!(log.contains("this is a part of task-001") && log.contains("code 2"), "{log}");
}

/// What the terminal was given from `text` on, once `aos` has left.
fn given_back(screen: &mut Screen, text: &str) -> String {
    screen.keys(b"\x1d");
    screen.until("detached");
    assert_eq!(screen.exit_code(), 0);
    let shown = screen.shown();
    shown.rsplit_once(text).unwrap_or_else(|| panic!("no {text}: {shown:?}")).1.to_owned()
}

#[test]
fn what_keys_send_is_as_it_was_set_however_long_ago() {
    let w = World::new();
    let set = r"printf '\033[?2004h\033[?1h\033[?1004h\033[>1u\033[6 q\033]11;#123\007\033]4;1;red\007'";
    w.begin(&[&format!("{set}; seq 300000; echo ready; exec sleep 1000")]);
    w.begin(&[&format!("{set}; printf '\\033[?1049h\\033[>3u\\033[Hfull\\n'; exec sleep 1000")]);
    w.until_logged(1, "ready");
    until(|| w.aos(&["peek", "2"]).out.contains("full")).expect("it has its screen");
    for (id, text) in [(1, "ready"), (2, "full")] {
        let mut screen = attach(&w, id);
        screen.until(text);
        screen.until_so("modes", |screen| screen.bracketed_paste() && screen.application_cursor());
        let shown = screen.shown();
        for sequence in ["\x1b[?1004h", "\x1b[>1u", "\x1b[6 q", "\x1b]11;#123\x1b\\", "\x1b]4;1;red\x1b\\"] {
            assert_eq!(shown.matches(sequence).count(), 1, "{id}: {sequence:?} in {shown:?}");
        }
        if id == 2 {
            // Each screen has keys of its own: those of the usual one are set on that.
            let at = |sequence: &str| shown.find(sequence).unwrap_or_else(|| panic!("no {sequence:?} in {shown:?}"));
            assert!(at("\x1b[>1u") < at("\x1b[?1049h") && at("\x1b[?1049h") < at("\x1b[>3u"), "{shown:?}");
        }
        let undone = given_back(&mut screen, text);
        for sequence in ["\x1b[?2004l", "\x1b[?1l", "\x1b[?1004l", "\x1b[0 q", "\x1b]104\x1b\\", "\x1b]111\x1b\\"] {
            assert_eq!(undone.matches(sequence).count(), 1, "{id}: {sequence:?} in {undone:?}");
        }
        assert_eq!(undone.matches("\x1b[<1u").count(), id as usize, "{id}: {undone:?}");
        w.ok(&["stop", &id.to_string()]);
    }
}

#[test]
fn what_output_has_set_is_undone_and_nothing_else() {
    let w = World::new();
    let set = r"printf '\033[4h\033[20h\033[5 q\033]10;red\007\033]11;blue\007\033]12;red\007\033]4;1;red\007m%s' ark";
    w.begin(&[&format!("read -r x; {set}; exec sleep 1000")]);
    let mut screen = attach(&w, 1);
    screen.keys(b"\r");
    screen.until("mark");
    let undone = given_back(&mut screen, "mark");
    let expected = "\r\n\x1b[4l\x1b[20l\x1b[0 q\x1b]104\x1b\\\x1b]110\x1b\\\x1b]111\x1b\\\x1b]112\x1b\\";
    assert!(undone.starts_with(expected), "{undone:?}");
    w.ok(&["stop", "1"]);
    w.begin(&["printf 'nothing \\033[31mred\\033[m m%s\\n' ark; exec sleep 1000"]);
    w.until_logged(2, "mark");
    let mut screen = attach(&w, 2);
    screen.until("nothing red mark");
    let undone = given_back(&mut screen, "mark");
    let shown = screen.shown();
    let sequences: Vec<&str> = shown.split('\x1b').skip(1).filter(|rest| !rest.starts_with('[')).collect();
    assert_eq!(sequences, [""; 0], "{shown:?}");
    assert!(!shown.contains("\x1b[?") && !shown.contains("\x1b[<") && !shown.contains("\x1b[>"), "{shown:?}");
    assert!(!undone.contains("[r"), "{undone:?}");
    w.ok(&["stop", "2"]);
}

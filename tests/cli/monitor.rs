//! `aos monitor`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::FileExt;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::terminal::Screen;
use crate::world::{World, end, kill, until};

const AOS: &str = env!("CARGO_BIN_EXE_aos");
const ROWS: u16 = 16;
const COLS: u16 = 100;

fn monitor(w: &World, words: &[&str]) -> Screen {
    Screen::open(w, &[&[AOS, "monitor"], words].concat(), ROWS, COLS)
}

#[test]
fn one_task_has_its_facts_above_its_log() {
    let w = World::new();
    w.begin(&["-n", "web", "echo hello; echo error: bad; echo warning: odd; echo '0 errors'; sleep 1000"]);
    let mut screen = monitor(&w, &[]);
    screen.until("0 errors");
    screen.until("cpu 0%  memory ");
    assert!(screen.line(0).starts_with("web  task-001  running  run 1  "), "{}", screen.line(0));
    assert!(screen.line(1).contains("processes 1") || screen.line(1).contains("processes 2"), "{}", screen.line(1));
    screen.until_so("what was found", |screen| {
        screen.contents().lines().nth(2).is_some_and(|line| line.starts_with("errors 1  warnings 0  bad"))
    });
    assert_eq!((screen.line(3), screen.line(4)), ("─".repeat(COLS.into()), "hello".into()));
    assert!(screen.line(ROWS - 1).starts_with("q leave"));
    let name = screen.colour_at(0, 0);
    let running = screen.colour_at(0, "web  task-001  ".len() as u16);
    assert!(name != vt100::Color::Default && running != vt100::Color::Default);
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    assert_eq!(w.row(1)["status"], "running");
    w.ok(&["stop", "1"]);
}

#[test]
fn several_are_merged_under_their_names_and_new_ones_appear() {
    let w = World::new();
    w.begin(&["-n", "web", "echo from web; sleep 1000"]);
    let mut screen = monitor(&w, &[]);
    screen.until("from web");
    assert!(!screen.text().contains('│'));
    w.begin(&["-n", "api", "echo from api; until [ -e go ]; do sleep 0.01; done; exit 3"]);
    screen.until("api │ from api");
    screen.until("web │ from web");
    assert!(screen.line(0).starts_with("  ID        NAME  STATUS   TIME"), "{}", screen.line(0));
    assert!(screen.line(1).starts_with("> task-001  web   running"), "{}", screen.line(1));
    assert!(screen.line(2).starts_with("  task-002  api   running"), "{}", screen.line(2));
    assert_ne!(screen.colour_at(4, 0), screen.colour_at(5, 0), "each name has its colour");
    fs::File::create(w.join("go")).expect("the sign to go on");
    screen.until("api │ ── failed (exit 3) after");
    screen.until("  task-002  api   failed (exit 3)");
    screen.keys(b"2\r");
    screen
        .until_so("only the one", |screen| !screen.contents().contains('│') && screen.contents().contains("from api"));
    screen.keys(b"\x1b");
    screen.until("web │ from web");
    screen.keys(b"\x1b");
    assert_eq!(screen.left(), 0);
    w.ok(&["stop", "1"]);
}

#[test]
fn a_task_that_waits_says_for_what() {
    let w = World::new();
    w.begin(&["-n", "first", "until [ -e go ]; do sleep 0.01; done"]);
    w.begin(&["-n", "second", "--after", "1", "echo my turn; sleep 1000"]);
    let mut screen = monitor(&w, &["second"]);
    screen.until("second  task-002  queued: after task-001 (running)");
    fs::File::create(w.join("go")).expect("the sign to go on");
    screen.until("my turn");
    screen.until("second  task-002  running  run 1");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    w.ok(&["stop", "2"]);
}

#[test]
fn a_log_that_cannot_be_read_is_told_and_the_rest_goes_on() {
    let w = World::new();
    w.begin(&["-n", "web", "echo one; until [ -e go ]; do sleep 0.01; done"]);
    w.until_logged(1, "one");
    let log = w.ok(&["logs", "--path", "1"]).trim().to_owned();
    let mut screen = monitor(&w, &["1"]);
    screen.until("one");
    fs::rename(&log, w.join("away")).and_then(|()| fs::create_dir(&log)).expect("in its place");
    screen.until("its log cannot be read");
    let said = w.sh("aos monitor --logs 1 & touch go; wait");
    assert!(said.out.contains("task-001 web succeeded (exit 0)"), "{said:?}");
    assert!(said.err.starts_with("aos: the log of task-001 cannot be read: "), "{said:?}");
    screen.until("succeeded (exit 0)");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
}

#[test]
fn where_a_task_is_ready_and_on_which_ports_it_listens_is_said() {
    let w = World::new();
    let server = "import http.server as h; s = h.HTTPServer(('127.0.0.1', 0), h.SimpleHTTPRequestHandler); \
                  print(f'at http://127.0.0.1:{s.server_port}/', flush=True); s.serve_forever()";
    fs::File::create(w.join("server.py")).and_then(|file| file.write_all_at(server.as_bytes(), 0)).expect("written");
    w.begin(&["-n", "web", "--ready", "auto", "--", "python3", "server.py"]);
    let screen = monitor(&w, &["1"]);
    screen.until("ready after ");
    screen.until("at http://127.0.0.1:");
    let text = screen.text();
    let port: String =
        text.split("at http://127.0.0.1:").nth(1).expect("a port").chars().take_while(char::is_ascii_digit).collect();
    screen.until(&format!("listens on {port}"));
    assert_eq!(w.aos(&["wait", "--for", "ready", "1"]).code, 0);
    screen.until(&format!(": http://127.0.0.1:{port}"));
    screen.end();
    w.ok(&["stop", "1"]);
}

#[test]
fn named_tasks_are_watched_and_no_others() {
    let w = World::new();
    w.begin(&["-n", "web", "echo from web; sleep 1000"]);
    w.begin(&["-n", "api", "echo from api; sleep 1000"]);
    let screen = monitor(&w, &["api"]);
    screen.until("from api");
    assert!(!screen.text().contains("web"));
    screen.end();
    w.ok(&["stop", "1", "2"]);
}

#[test]
fn stop_asks_once_and_then_stops() {
    let w = World::new();
    w.begin(&["-n", "web", "echo ready; sleep 1000"]);
    let mut screen = monitor(&w, &["1"]);
    screen.until("ready");
    screen.keys(b"s");
    screen.until("stop task-001 (web)? y/n");
    screen.keys(b"n");
    screen.until("task-001 is not stopped");
    assert_eq!(w.row(1)["status"], "running");
    screen.keys(b"sy");
    screen.until("── stopped (killed by SIGTERM) after");
    assert_eq!(w.ended(1)["status"], "stopped");
    screen.keys(b"s");
    screen.until("task-001 is not running (stopped)");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
}

#[test]
fn restart_and_pause_are_keys() {
    let w = World::new();
    w.begin(&["-n", "web", "echo error: early; echo begun; sleep 1000"]);
    let mut screen = monitor(&w, &["1"]);
    screen.until("begun");
    screen.keys(b"p");
    screen.until("  paused  ");
    assert_eq!(w.row(1)["status"], "paused");
    screen.keys(b"p");
    screen.until("  running  run 1");
    screen.keys(b"r");
    screen.until("── run 2 ──");
    screen.until("  running  run 2");
    screen.until_so("one error of this run, behind the rule", |screen| {
        let text = screen.contents();
        text.contains("errors 1 ") && text.split("── run 2 ──").nth(1).is_some_and(|after| after.contains("begun"))
    });
    assert_eq!(w.row(1)["run"], 2);
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    w.ok(&["stop", "1"]);
}

#[test]
fn attach_has_the_terminal_until_it_is_left() {
    let w = World::new();
    w.begin(&["-n", "asker", "printf 'your name? '; read name; echo hello $name; sleep 1000"]);
    let mut screen = monitor(&w, &["1"]);
    screen.until("your name?");
    screen.until("waits for input");
    screen.keys(b"a");
    screen.until_so("given over", |screen| !screen.alternate_screen() && screen.contents().contains("your name?"));
    screen.keys(b"Ada\r");
    screen.until("hello Ada");
    screen.keys(b"\x1d");
    screen.until_so("taken back", |screen| screen.alternate_screen() && screen.contents().contains("it runs on"));
    screen.keys(b" ");
    screen.until("q leave");
    screen.keys(b"a");
    screen.until_so("given over", |screen| !screen.alternate_screen());
    kill(screen.pid() as i32, Signal::SIGTERM);
    assert_eq!(screen.left(), 143);
    until(|| screen.modes().contains("ICANON")).expect("the terminal's modes are back");
    assert_eq!(w.row(1)["status"], "running");
    w.ok(&["stop", "1"]);
}

#[test]
fn what_a_key_could_not_do_is_said() {
    let w = World::new();
    let mut job = w.command("sleep").arg("1000").spawn().expect("a process");
    w.ok(&["adopt", &job.id().to_string()]);
    let mut screen = monitor(&w, &["1"]);
    screen.until("no log: it was adopted, and is only tracked");
    screen.keys(b"r");
    screen.until("task-001 is not run again: it was adopted, and only tracked; hint: ");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    end(&mut job);
    w.aos(&["wait", "1"]);
}

#[test]
fn the_window_may_change_its_size() {
    let w = World::new();
    w.begin(&["-n", "web", "seq -f 'line %g' 1 100; sleep 1000"]);
    let mut screen = monitor(&w, &["1"]);
    screen.until("line 100");
    screen.resize(30, 40);
    screen.until_so("drawn anew", |screen| {
        let rows: Vec<String> = screen.rows(0, 40).collect();
        rows[29].starts_with("q leave  ? help")
            && rows[28] == "line 100"
            && rows.iter().any(|row| *row == "─".repeat(40))
    });
    screen.keys(b"\x1b[5~");
    screen.until("lines below: End follows");
    screen.keys(b"g");
    screen.until_so("at the first line", |screen| screen.rows(0, 40).any(|row| row == "line 1"));
    screen.keys(b"\x1b[F");
    screen.until("line 100");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    w.ok(&["stop", "1"]);
}

#[test]
fn nothing_in_a_log_drives_the_terminal() {
    let w = World::new();
    w.begin(&[
        r"printf '\033[?1049l\033[2J\033]0;title\007\033[31mred\nplain\n\033[5;5Hmoved\007\n\033[6n'; sleep 1000",
    ]);
    let mut screen = monitor(&w, &["1"]);
    screen.until(r"moved\x07");
    assert_eq!((screen.line(4), screen.line(5), screen.line(6)), ("red".into(), "plain".into(), r"moved\x07".into()));
    assert_eq!(screen.colour_at(4, 0), vt100::Color::Idx(1));
    assert_eq!(screen.colour_at(5, 0), vt100::Color::Default, "a line's colour ends with it");
    screen.until_so("still whole", |screen| screen.alternate_screen());
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    w.ok(&["stop", "1"]);
}

#[test]
fn no_color_means_no_colour_in_it() {
    let w = World::new();
    w.begin(&["printf '\\033[31mred\\033[0m\\n'; sleep 1000"]);
    let screen = Screen::open(&w, &["env", "NO_COLOR=1", AOS, "monitor"], ROWS, COLS);
    screen.until("red");
    screen.until("q leave");
    let is_plain = |row, col| screen.colour_at(row, col) == vt100::Color::Default;
    assert!((0..ROWS).all(|row| (0..COLS).all(|col| is_plain(row, col))));
    screen.end();
    w.ok(&["stop", "1"]);
}

#[test]
fn the_terminal_is_given_back_however_it_ends() {
    let w = World::new();
    w.begin(&["echo ready; sleep 1000"]);
    for (how, code) in [
        (Some(Signal::SIGTERM), 143),
        (Some(Signal::SIGHUP), 129),
        (Some(Signal::SIGINT), 0),
        (Some(Signal::SIGQUIT), 0),
        (Some(Signal::SIGKILL), 0),
        (None, 0),
    ] {
        let mut screen = Screen::open(&w, &["sh", "-c", "stty -a >before; exec aos monitor"], ROWS, COLS);
        screen.until("ready");
        let taken = screen.modes();
        assert!(!taken.contains("ICANON") && !taken.contains("ECHO |"), "{taken}");
        match how {
            Some(signal) => kill(screen.pid() as i32, signal),
            None => screen.keys(b"\x03"),
        }
        let ended = screen.left();
        assert!(ended == code || how == Some(Signal::SIGKILL), "{how:?}: {ended}");
        let is_back = |modes: &str| modes.contains("ICANON") && modes.contains("ECHO |");
        until(|| is_back(&screen.modes())).unwrap_or_else(|| panic!("{how:?}: {}", screen.modes()));
    }
    w.ok(&["stop", "1"]);
}

#[test]
fn suspended_it_gives_the_terminal_back_and_takes_it_again() {
    let w = World::new();
    w.begin(&["echo shown; sleep 1000"]);
    let mut screen = Screen::open(&w, &["bash", "--norc", "-i"], ROWS, COLS);
    screen.keys(b"aos monitor\r");
    screen.until("q leave");
    screen.keys(b"\x1a");
    screen.until("Stopped");
    screen.until_given_back();
    screen.keys(b"stty -a | grep -o ' icanon'; fg\r");
    screen.until_so("drawn anew", |screen| {
        screen.alternate_screen() && screen.contents().contains("shown") && screen.contents().contains("q leave")
    });
    screen.keys(b"q");
    screen.until_so("given back", |screen| !screen.alternate_screen());
    screen.until("\n icanon");
    screen.keys(b"exit\r");
    screen.exit_code();
    w.ok(&["stop", "1"]);
}

#[test]
fn a_killed_supervisor_shows_as_lost() {
    let w = World::new();
    w.begin(&["-n", "web", "sleep 1000"]);
    let mut screen = monitor(&w, &["1"]);
    screen.until("running");
    kill(w.row(1)["supervisor_pid"].as_i64().expect("a pid") as i32, Signal::SIGKILL);
    screen.until("lost");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
}

#[test]
fn an_idle_task_is_watched_without_waking_anybody() {
    let w = World::new();
    let id = w.begin(&["echo ready; sleep 1000"]);
    let mut screen = monitor(&w, &["1"]);
    screen.until("ready");
    w.assert_asleep(id);
    let pid = screen.pid();
    let wakings = || -> u64 {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("status");
        let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches")).expect("a count");
        line.split_whitespace().nth(1).and_then(|count| count.parse().ok()).expect("a number")
    };
    let before = wakings();
    w.aos(&["wait", "--timeout", "3s", "1"]);
    let woken = wakings() - before;
    assert!((2..=8).contains(&woken), "by its clock alone: {woken} times in 3 s");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    w.ok(&["stop", "1"]);
}

#[test]
fn a_flood_leaves_it_able_to_answer() {
    let w = World::new();
    w.begin(&["-n", "flood", "yes | head -c 200000000; sleep 1000"]);
    let mut screen = monitor(&w, &["1"]);
    screen.until("\ny\n");
    screen.keys(b"?");
    screen.until("leave; the tasks run on");
    screen.keys(b"?sy");
    screen.until("── stopped");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    w.ok(&["rm", "1"]);
}

#[test]
fn findings_are_counted_in_all_of_a_long_log() {
    let w = World::new();
    w.begin(&["seq 1 40000 | sed 's/^\\(.*\\)000$/src\\/a\\1.c:1000:5: error: no &/'; sleep 1000"]);
    w.until_logged(1, "no 40000");
    let mut screen = monitor(&w, &["1"]);
    screen.until("errors 40  warnings 0  no 1000 (src/a1.c:1000)");
    screen.keys(b"q");
    assert_eq!(screen.left(), 0);
    w.ok(&["stop", "1"]);
}

#[test]
fn in_a_pipe_it_is_how_the_tasks_stand_until_all_are_over() {
    let w = World::new();
    w.begin(&["-n", "web", "echo one; until [ -e go ]; do sleep 0.01; done; exit 3"]);
    let mut child = w.command(AOS).args(["monitor"]).stdout(std::process::Stdio::piped()).spawn().expect("runs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
    assert_eq!(lines.next().as_deref(), Some("task-001 web running run 1"));
    w.until_logged(1, "one");
    w.ok(&["pause", "1"]);
    assert_eq!(lines.next().as_deref(), Some("task-001 web paused run 1"));
    w.ok(&["resume", "1"]);
    assert_eq!(lines.next().as_deref(), Some("task-001 web running run 1"));
    fs::File::create(w.join("go")).expect("the sign to go on");
    let last = lines.find(|line| !line.contains("stopping")).expect("the end");
    assert!(last.starts_with("task-001 web failed (exit 3) after "), "{last}");
    assert_eq!(lines.next(), None);
    assert!(child.wait().expect("it ends").success());
    let both = w.aos(&["monitor", "--logs", "--json"]);
    assert_eq!(both.code, 2, "{both:?}");
}

#[test]
fn in_a_pipe_it_is_what_they_print_too_if_asked() {
    let w = World::new();
    w.begin(&["-n", "web", r"printf '\033[31mone\033[0m\n'; until [ -e go ]; do sleep 0.01; done; printf two"]);
    w.begin(&["-n", "api", "echo three; exit 3"]);
    w.ended(2);
    let mut child = w
        .command(AOS)
        .args(["monitor", "--logs", "1", "2"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("runs");
    w.until_logged(1, "one");
    fs::File::create(w.join("go")).expect("the sign to go on");
    let out = String::from_utf8(crate::world::read_all(child.stdout.take().expect("its output"))).expect("text");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    let lines: Vec<&str> = out.lines().collect();
    assert!(!out.contains('\x1b'), "{out:?}");
    assert_eq!(lines[0], "task-001 web running run 1");
    let of = |name: &str| -> Vec<&str> { lines.iter().copied().filter(|line| line.contains(name)).collect() };
    assert_eq!(of("web │"), ["web │ one", "web │ two"]);
    assert_eq!((of("api")[0], of("api").len()), ("api │ three", 2), "{out}");
    assert!(of("task-002 api")[0].starts_with("task-002 api failed (exit 3) after "), "{out}");
    assert!(lines[lines.len() - 1].starts_with("task-001 web succeeded (exit 0) after "), "{out}");
    let alone = w.ok(&["monitor", "--logs", "2"]);
    assert_eq!(alone.lines().next(), Some("three"), "one by itself needs no name");
}

#[test]
fn in_a_pipe_a_log_that_is_removed_is_followed_into_the_new_one() {
    let w = World::new();
    w.begin(&["echo one; until [ -e a ]; do sleep 0.01; done; echo two; until [ -e b ]; do sleep 0.01; done"]);
    let mut child =
        w.command(AOS).args(["monitor", "--logs", "1"]).stdout(std::process::Stdio::piped()).spawn().expect("runs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
    assert!(lines.any(|line| line == "one"));
    fs::remove_dir_all(w.home().join("logs")).expect("removed");
    fs::File::create(w.join("a")).expect("the sign to go on");
    assert_eq!(lines.next().as_deref(), Some("two"), "though the task goes on");
    fs::File::create(w.join("b")).expect("the sign to go on");
    assert!(lines.last().is_some_and(|line| line.starts_with("task-001 echo-one succeeded")));
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn on_a_terminal_that_can_do_no_more_it_is_plain_lines_too() {
    let w = World::new();
    w.begin(&["echo one"]);
    w.ended(1);
    for kind in ["TERM=dumb", "TERM="] {
        let screen = Screen::open(&w, &["env", kind, AOS, "monitor", "--logs", "1"], ROWS, COLS);
        screen.until("succeeded (exit 0) after");
        assert_eq!(screen.line(0).trim_end(), "one", "{kind}");
        screen.end();
    }
}

#[test]
fn json_has_a_line_for_each_change() {
    let w = World::new();
    w.begin(&["-n", "web", "until [ -e go ]; do sleep 0.01; done; exit 3"]);
    let mut child =
        w.command(AOS).args(["monitor", "--json"]).stdout(std::process::Stdio::piped()).spawn().expect("runs");
    let mut out = std::io::BufReader::new(child.stdout.take().expect("its output"));
    let mut next = || -> Value {
        let mut line = String::new();
        std::io::BufRead::read_line(&mut out, &mut line).expect("a line");
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"))
    };
    let first = next();
    assert_eq!((&first["id"], &first["status"], &first["run"]), (&"task-001".into(), &"running".into(), &1.into()));
    assert!(first["memory"].as_u64().is_some_and(|bytes| bytes > 0) && first["cpu_ms"].is_u64(), "{first}");
    let processes = first["processes"].as_array().expect("processes");
    assert!(processes.iter().any(|process| process["pid"] == w.row(1)["pid"]), "{first}");
    assert_eq!(first["ports"], serde_json::json!([]));
    w.ok(&["pause", "1"]);
    assert_eq!(next()["status"], "paused");
    w.ok(&["resume", "1"]);
    assert_eq!(next()["status"], "running");
    fs::File::create(w.join("go")).expect("the sign to go on");
    let last = std::iter::repeat_with(&mut next).find(|row| row["status"] != "running" && row["status"] != "stopping");
    let last = last.expect("the end");
    assert_eq!((&last["status"], &last["exit_code"]), (&"failed".into(), &3.into()));
    assert_eq!(crate::world::read_all(out), b"", "and no more");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn a_reader_that_has_seen_enough_ends_it() {
    let w = World::new();
    w.begin(&["echo one; sleep 1000"]);
    assert_eq!(
        w.sh("aos monitor 1 | head -n 1"),
        crate::world::Said { out: "task-001 echo-one running run 1\n".into(), err: String::new(), code: 0 }
    );
    until(|| w.sh("ps ax -o args= | grep -c '[a]os monitor 1$'").out.trim() == "0").expect("it has ended");
    w.ok(&["stop", "1"]);
}

#[test]
fn what_is_not_there_is_refused() {
    let w = World::new();
    let said = w.aos(&["monitor"]);
    assert_eq!(
        (said.code, said.err.as_str()),
        (1, "aos: there are no tasks yet\n  hint: aos run -b COMMAND begins one\n")
    );
    assert_eq!(w.aos(&["monitor", "7"]).code, 3);
    w.begin(&["echo last; exit 4"]);
    w.ended(1);
    assert!(w.ok(&["monitor", "--logs"]).contains("last\n"), "at rest, the newest");
    let log = fs::File::options().write(true).open(w.ok(&["logs", "--path", "1"]).trim()).expect("the log");
    log.write_all_at(b"\x1b[2Jst", 0).expect("written");
    assert!(!w.ok(&["monitor", "--logs"]).contains('\x1b'));
}

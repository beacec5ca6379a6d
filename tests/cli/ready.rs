//! `aos run --ready` and `--wait`: it is said that a task is ready when it is.

use std::fs;
use std::net::TcpListener;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::server::{free_port, server};
use crate::world::{Said, World, is_alive, kill, until};

/// Runs aos with these words before those that begin a server.
fn with_server(w: &World, words: &[&str], script: &str) -> Said {
    let server = server(script);
    w.aos(&[words, &server.iter().map(String::as_str).collect::<Vec<_>>()].concat())
}

fn go(w: &World, file: &str) {
    fs::File::create(w.join(file)).expect("a file");
}

fn is_ready(w: &World, id: u32) -> bool {
    w.row(id)["ready"] == true
}

fn events(w: &World, id: u32) -> Vec<String> {
    let why = w.json(&["why", "--json", &id.to_string()]);
    why["events"].as_array().expect("events").iter().map(|e| e["event"].as_str().expect("a name").to_owned()).collect()
}

/// The pids of whoever looks for this task's readiness, and of what they began.
fn workers(w: &World, id: u32) -> Vec<i32> {
    let supervisor = w.row(id)["supervisor_pid"].to_string();
    let children = w
        .sh(&format!(
            "for p in $(ps -o pid= --ppid {supervisor}); do ps -o pid=,comm= -p $p; ps -o pid=,comm= --ppid $p; done"
        ))
        .out;
    let all: Vec<&str> = children.lines().collect();
    let first = all.iter().position(|line| line.contains("aos:"));
    let pid = |line: &&str| line.split_whitespace().next().and_then(|pid| pid.parse().ok());
    first.map_or_else(Vec::new, |at| all[at..].iter().filter_map(pid).collect())
}

#[test]
fn auto_finds_the_url_that_is_printed_and_listened_on() {
    let w = World::new();
    let port = free_port();
    let script =
        format!("print  Network: http://10.0.0.1:{port}/; print   Local:   http://localhost:{port}/app; listen {port}");
    let said = with_server(&w, &["run", "-b", "--wait=ready"], &script);
    assert_eq!((said.out.as_str(), said.code), ("task-001\n", 0));
    assert!(
        said.err.starts_with("task-001 is ready after ")
            && said.err.ends_with(&format!(": http://localhost:{port}/app\n")),
        "{}",
        said.err
    );
    let row = w.row(1);
    assert_eq!((&row["ready"], &row["url"]), (&true.into(), &format!("http://localhost:{port}/app").into()));
    assert_eq!(row["ports"], Value::from(vec![port]));
    assert!(row["ready_after_ms"].is_u64());
    assert!(w.ok(&["tasks"]).contains("SERVES") && w.ok(&["tasks"]).contains(&format!("http://localhost:{port}/app")));
    assert_eq!(w.json(&["tasks", "--json"])[0]["ports"][0], port);
    assert_eq!(w.json(&["tasks", "-a", "--json"])[0]["ports"][0], port);
    assert!(w.ok(&["why", "1"]).contains(&format!("ready: it printed http://localhost:{port}/app and listens there")));
    w.assert_asleep(1);
    w.ok(&["stop", "1"]);
    assert_eq!((&w.row(1)["ready"], &w.row(1)["ports"]), (&false.into(), &Value::Array(Vec::new())), "no more");
}

#[test]
fn auto_takes_a_port_for_what_it_is_only_after_a_while_and_no_debugger() {
    let w = World::new();
    let (port, debugger) = (free_port(), free_port());
    let script =
        format!("listen {debugger}; print Debugger listening on ws://127.0.0.1:{debugger}/x; await go; listen {port}");
    with_server(&w, &["run", "-b", "--ready", "auto"], &script);
    w.until_logged(1, "Debugger");
    assert_eq!(w.aos(&["wait", "1", "--for", "ready", "--timeout", "1500ms"]).code, 124);
    assert!(!is_ready(&w, 1));
    assert!(w.ok(&["tasks"]).contains("not ready"));
    go(&w, "go");
    w.ok(&["wait", "1", "--for", "ready"]);
    assert!(w.ok(&["why", "1"]).contains(&format!("ready: it listens on port {port}")));
    w.ok(&["stop", "1"]);
}

#[test]
fn a_port_is_its_own_or_it_is_not_ready() {
    let w = World::new();
    let others = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = others.local_addr().expect("an address").port();
    w.begin(&["--ready", &format!("port:{port}"), "sleep", "1000"]);
    let said = w.aos(&["wait", "1", "--for", "ready", "--timeout", "300ms"]);
    assert_eq!(said.code, 124);
    assert!(said.err.contains(&format!("somebody else listens on port {port}, none of its own")), "{}", said.err);
    w.ok(&["stop", "1"]);
    let port = free_port();
    let said = with_server(
        &w,
        &["run", "-b", "--ready", &format!("port:{port}"), "--wait=ready", "--json"],
        &format!("listen {port}"),
    );
    let told: Value = serde_json::from_str(&said.out).expect("one object");
    assert_eq!((&told["id"], &told["ready"], &told["ports"][0]), (&"task-002".into(), &true.into(), &port.into()));
    w.ok(&["stop", "2"]);
}

#[test]
fn http_is_asked_until_it_answers_with_success() {
    let w = World::new();
    let port = free_port();
    with_server(
        &w,
        &["run", "-b", "--ready", &format!("http://localhost:{port}/up")],
        &format!("listen {port}; serve; print on"),
    );
    w.until_logged(1, "on");
    until(|| w.ok(&["why", "1"]).contains("answered 503")).expect("what is found instead");
    assert!(!is_ready(&w, 1));
    go(&w, "ok");
    w.ok(&["wait", "1", "--for", "ready"]);
    assert_eq!(w.row(1)["url"], format!("http://localhost:{port}/up"));
    w.ok(&["stop", "1"]);
}

#[test]
fn a_line_is_found_through_colours_and_without_its_end() {
    let w = World::new();
    let said = w.aos(&[
        "run",
        "-b",
        "--ready",
        "log:^built: \\d+",
        "--wait=ready",
        "printf 'a\\n\\033[32mbuilt\\033[0m: 12'; sleep 1000",
    ]);
    assert_eq!((said.out.as_str(), said.code), ("task-001\n", 0), "{}", said.err);
    assert!(said.err.contains("line 2: built: 12"), "{}", said.err);
    w.ok(&["stop", "1"]);
}

#[test]
fn a_command_is_run_where_the_task_is_and_with_what_it_has() {
    let w = World::new();
    fs::create_dir(w.join("sub")).expect("a directory");
    let probe = "cmd:[ \"$GREETING $AOS_TASK_ID\" = 'hello task-001' ] && [ -e go ]";
    w.begin(&["--ready", probe, "-C", "sub", "-e", "GREETING=hello", "sleep", "1000"]);
    until(|| w.ok(&["why", "1"]).contains("exit status: 1")).expect("it was run");
    go(&w, "sub/go");
    w.ok(&["wait", "1", "--for", "ready"]);
    w.ok(&["stop", "1"]);
}

#[test]
fn who_ends_before_it_is_ready_says_so_with_its_last_lines_and_its_code() {
    let w = World::new();
    let said = w.aos(&["run", "-b", "--wait=ready", "seq 1 30; printf '\\033[2J\\033[31mbad\\033[0m\\n'; exit 7"]);
    assert_eq!((said.out.as_str(), said.code), ("task-001\n", 7));
    let lines: Vec<&str> = said.err.lines().collect();
    assert_eq!((lines[0], lines[18], lines[19]), ("12", "30", "bad"), "the last 20, and safe");
    assert!(lines[20].starts_with("aos: task-001 ended before it was ready: failed (exit 7) after "), "{}", lines[20]);
    assert_eq!(lines[21], "  hint: aos logs task-001");
    let said = w.aos(&["run", "-b", "--ready", "log:never", "--wait=ready", "true"]);
    assert_eq!(said.code, 1, "it never was ready, however well it ended");
    assert!(w.ok(&["why", "2"]).contains("it was never ready: a line that matches /never/ was not seen"));
    let said = w.aos(&["run", "--wait=ready", "--json", "exit 3"]);
    let told: Value = serde_json::from_str(&said.out).expect("one object");
    assert_eq!((said.code, &told["id"], &told["ready"]), (3, &"task-003".into(), &false.into()));
    assert_eq!(w.aos(&["run", "-b", "--wait=ready", "no-such-program"]).code, 127);
}

#[test]
fn waiting_for_readiness_ends_and_the_task_goes_on() {
    let w = World::new();
    let said = w.aos(&["run", "-b", "--wait=ready", "--ready", "port:1", "--ready-timeout", "200ms", "sleep", "1000"]);
    assert_eq!((said.out.as_str(), said.code), ("task-001\n", 124));
    assert!(said.err.contains("still waiting for ready after 0.2s: task-001"), "{}", said.err);
    assert_eq!(w.row(1)["status"], "running");
    w.ok(&["stop", "1"]);
}

#[test]
fn run_wait_passes_the_end_on() {
    let w = World::new();
    for words in [["run", "-b", "--wait", "exit 4"], ["run", "-b", "--wait=exit", "exit 4"]] {
        let said = w.aos(&words);
        assert_eq!((said.err.as_str(), said.code), ("", 4));
    }
}

#[test]
fn a_next_run_begins_not_ready() {
    let w = World::new();
    go(&w, "go");
    w.begin(&["--ready", "cmd:[ -e go ]", "sleep", "1000"]);
    w.ok(&["wait", "1", "--for", "ready"]);
    fs::remove_file(w.join("go")).expect("removed");
    w.ok(&["restart", "1"]);
    assert!(!is_ready(&w, 1));
    assert_eq!(w.aos(&["wait", "1", "--for", "ready", "--timeout", "100ms"]).code, 124);
    w.ok(&["stop", "1"]);
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_begins() {
    let w = World::new();
    for (ready, text) in [
        ("soon", "auto, port:N, http:URL, log:REGEX or cmd:COMMAND"),
        ("3000", "write port:3000"),
        ("port:0", "between 1 and 65535"),
        ("https://localhost", "cmd:curl -fsk https://localhost"),
        ("http://no-such-host.invalid/up", "cmd:curl -fs http://no-such-host.invalid/up"),
        ("log:a(b", "unclosed group, at character 2"),
        ("cmd:", "needs a command"),
    ] {
        let said = w.aos(&["run", "-b", "--ready", ready, "true"]);
        assert_eq!((said.out.as_str(), said.code), ("", 2), "{ready}");
        assert!(said.err.contains(text), "{ready}: {}", said.err);
    }
    assert_eq!(w.aos(&["run", "-b", "--wait", "--ready-timeout", "1s", "true"]).code, 2);
    assert_eq!(w.ok(&["tasks", "-a", "--json"]), "[]\n");
}

#[test]
fn nobody_looks_at_a_task_of_which_nobody_wants_to_know() {
    let w = World::new();
    w.begin(&["sleep", "1000"]);
    w.assert_asleep(1);
    assert_eq!(workers(&w, 1), [0; 0]);
    assert!(w.row(1).get("ready").is_none());
    w.ok(&["stop", "1"]);
}

#[test]
fn who_looks_is_no_part_of_the_task_and_ends_with_it() {
    let w = World::new();
    let id = w.begin(&["--ready", "cmd:sleep 1000", "sleep", "1000"]);
    until(|| workers(&w, id).len() >= 2).expect("one who looks, and what it runs");
    let looking = workers(&w, id);
    let shown = w.row(id);
    assert_eq!(shown["processes"].as_array().map(Vec::len), Some(1), "{shown}");
    w.ok(&["stop", "1"]);
    assert_eq!(w.row(id)["end"].get("left"), None);
    until(|| !looking.iter().any(|pid| is_alive(*pid))).expect("they end too");
}

#[test]
fn who_looks_does_not_disturb_a_short_tasks_end() {
    let w = World::new();
    for _ in 0..10 {
        let id = w.begin(&["--ready", "auto", "true"]);
        assert_eq!(w.ended(id)["status"], "succeeded");
        assert!(!events(&w, id).iter().any(|e| e == "signalled" || e == "problem"), "{:?}", events(&w, id));
    }
}

#[test]
fn who_looks_and_is_killed_is_missed_in_the_journal() {
    let w = World::new();
    let id = w.begin(&["--ready", "port:1", "sleep", "1000"]);
    until(|| !workers(&w, id).is_empty()).expect("one who looks");
    workers(&w, id).into_iter().for_each(|pid| kill(pid, Signal::SIGKILL));
    until(|| w.ok(&["why", "1"]).contains("who looked whether it is ready is gone")).expect("a word of it");
    w.ok(&["stop", "1"]);
}

#[test]
fn a_killed_supervisor_leaves_nobody_who_looks() {
    let w = World::new();
    let id = w.begin(&["--ready", "cmd:sleep 1000", "sleep", "1000"]);
    until(|| workers(&w, id).len() >= 2).expect("one who looks");
    let looking = workers(&w, id);
    let supervisor = w.row(id)["supervisor_pid"].as_i64().expect("a pid") as i32;
    let waiter = std::thread::scope(|scope| {
        let waiter = scope.spawn(|| w.aos(&["wait", "1", "--for", "ready"]));
        kill(supervisor, Signal::SIGKILL);
        waiter.join().expect("it comes back")
    });
    assert_eq!(waiter.code, 1);
    assert!(waiter.err.contains("task-001 ended before it was ready: lost"), "{}", waiter.err);
    until(|| !looking.iter().any(|pid| is_alive(*pid))).expect("they end too");
}

#[test]
fn a_command_that_looks_has_the_tasks_mask_and_limits() {
    let w = World::new();
    let probe = "cmd:[ -e go ] && { umask; ulimit -Sn; ulimit -Hn; } >>facts";
    w.sh("touch go");
    let begun =
        w.sh(&format!("umask 027; ulimit -Sn 77; ulimit -Hn 99; aos run -b --wait=ready --ready '{probe}' sleep 1000"));
    assert_eq!(begun.code, 0, "{}", begun.err);
    // Whoever runs it again, and whoever waits for it, may have others.
    assert_eq!(w.sh("umask 000; aos restart 1 && aos wait 1 --for ready").code, 0);
    assert_eq!(w.sh(&format!("umask 000; aos wait 1 --for '{probe}'")).code, 0);
    let facts = fs::read_to_string(w.join("facts")).expect("what it saw");
    assert_eq!(facts, "0027\n77\n99\n".repeat(3));
}

#[test]
fn of_a_silent_server_its_own_address_is_told() {
    let w = World::new();
    // It is connected to, and never answers; at the other family's address nobody listens.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address");
    let url = format!("http://localhost:{}/up", address.port());
    w.begin(&["--ready", &url, "sleep", "1000"]);
    let told = format!("{url}: no answer within 5s ({address})");
    until(|| w.ok(&["why", "1"]).contains(&told)).unwrap_or_else(|| panic!("{}", w.ok(&["why", "1"])));
    w.ok(&["stop", "1"]);
}

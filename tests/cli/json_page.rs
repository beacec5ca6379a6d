//! docs/json.md and what the verbs print: every field is named, and what is named is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::Stdio;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::commit::settled;
use crate::stats::remember;
use crate::world::{World, end, kill, until};

/// What takes a full disk, control groups or none, a kernel without memory or a process that cannot
/// be killed. That these are printed under such names is shown by the unit tests of what prints
/// them (`src/cli/json_page.rs`).
const NOT_PROVOKED: [&str; 24] = [
    "findings.unread",
    "limits[].why",
    "end.counts.peak_memory",
    "end.counts.killed_for_memory",
    "end.counts.pids_refused",
    "end.counts.throttled_ms",
    "end.ran_into[]",
    "[].counts.peak_memory",
    "[].counts.killed_for_memory",
    "[].counts.pids_refused",
    "[].counts.throttled_ms",
    "[].limits[].why",
    "[].limits[].enforced",
    "end.left[].pid",
    "end.left[].name",
    "end.lost_output",
    "end.unneeded",
    "end.cause.out-of-memory",
    "[].left[].pid",
    "[].left[].name",
    "events[].budget",
    "sandbox.missing[]",
    "budget",
    "skipped",
];

/// What a compiler and a test runner print.
const WRONG: &[u8] = b"src/a.c:3:5: error: bad\n===== 1 failed, 1 passed, 1 skipped in 0.1s =====\n";

const ROW: &str = "task row";

type Fields = BTreeSet<String>;

/// The fields that each section of the page names, by the section's heading.
fn page() -> BTreeMap<String, Fields> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/json.md");
    let text = fs::read_to_string(path).expect("the page");
    let mut sections: BTreeMap<String, Fields> = BTreeMap::new();
    let (mut section, mut kinds) = (String::new(), BTreeSet::new());
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            section = heading.trim_start_matches("aos ").to_lowercase();
            continue;
        }
        let row = || sections[ROW].clone();
        let cells: Vec<&str> = line.split(" | ").collect();
        let Some(field) = cells[0].strip_prefix("| `").and_then(|cell| cell.strip_suffix('`')) else {
            if line.contains("(#task-row)") {
                let row = row();
                sections.entry(section.clone()).or_default().extend(row);
            }
            continue;
        };
        kinds.insert(cells.last().expect("a kind").trim_end_matches(" |").to_owned());
        let named = if line.contains("(#task-row)") {
            row().into_iter().map(|of_row| format!("{field}.{of_row}")).collect()
        } else {
            vec![field.to_owned()]
        };
        sections.entry(section.clone()).or_default().extend(named);
    }
    let known = ["stable", "stable, optional", "text", "text, optional"].map(str::to_owned);
    assert_eq!(kinds, known.into_iter().collect(), "each field has one of these kinds");
    sections
}

/// Every path in a value, as the page writes them.
fn fields(value: &Value, path: &str, found: &mut Fields) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                fields(value, &path, found);
            }
        }
        Value::Array(elements) => {
            let path = format!("{path}[]");
            elements.iter().for_each(|element| fields(element, &path, found));
        }
        _ => drop(found.insert(path.to_owned())),
    }
}

/// What verbs have printed, by section.
struct Printed(BTreeMap<String, Fields>);

impl Printed {
    /// Takes in lines of JSON. `of_array` is whether they are arrays whose elements the section
    /// names.
    fn take(&mut self, section: &str, text: &str, of_array: bool) {
        let found = self.0.entry(section.to_owned()).or_default();
        for line in text.lines() {
            let value: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{section}: {e}: {line}"));
            match (value, of_array) {
                (Value::Array(elements), true) => elements.iter().for_each(|element| fields(element, "", found)),
                (other, _) => fields(&other, "", found),
            }
        }
    }

    fn ask(&mut self, w: &World, words: &[&str]) -> String {
        let section = if words[0] == "tasks" { ROW } else { words[0] };
        let is_asked = words.contains(&"--json");
        let said = w.aos(&[words, if is_asked { &[] } else { &["--json"] }].concat());
        self.take(section, &said.out, ["tasks", "wait", "hooks"].contains(&words[0]));
        if said.code != 0 && !said.err.is_empty() {
            self.take("errors", &said.err, false);
        }
        said.out
    }
}

/// Tasks that end in every way that can be had.
fn ends(w: &World, printed: &mut Printed) {
    fs::create_dir(w.join("src")).expect("a directory");
    fs::File::create(w.join("wrong")).and_then(|mut file| file.write_all(WRONG)).expect("written");
    let begin: [&[&str]; 12] = [
        &["exit 3"],
        &["--no-shell", "no-such-program"],
        &["--timeout", "100ms", "sleep", "1000"],
        &["--idle-timeout", "100ms", "sleep", "1000"],
        &["--retries", "0", "false"],
        &["--restart", "always", "--backoff", "0", "exit 9"],
        &["sleep 1000 & exit 0"],
        &["kill -9 $$"],
        &[
            "--no-pty",
            "--ready",
            "log:never",
            "echo '{\"level\":\"warn\",\"msg\":\"low\"}'; echo; echo no; cat wrong; exit 1",
        ],
        &["--after", "1", "true"],
        &["--delay", "1ms", "--nofile", "99", "true"],
        &["head -c 600000 /dev/urandom | base64"],
    ];
    for words in begin {
        printed.ask(w, &[&["run", "-b", "--json"], words].concat());
    }
    w.aos(&["wait", "@all"]);
    until(|| w.row(12)["log_dropped"].is_object()).expect("its log is too long");
    until(|| w.row(9)["tests"].is_object()).expect("its output was read");
    // What a newer aos has added.
    let mut journal = fs::OpenOptions::new().append(true).open(w.task(11, "journal.jsonl")).expect("a journal");
    journal
        .write_all(b"{\"version\":99,\"at\":\"2026-01-01T00:00:00.000Z\",\"run\":1,\"event\":\"launched\"}\n")
        .expect("written");
}

/// A command that is refused everything.
fn boxed(w: &World, printed: &mut Printed) {
    fs::File::create(w.join(".netrc")).expect("a secret");
    let tries = "import socket, os, ctypes
for what in (lambda: open(os.environ['HOME'] + '/.netrc'), lambda: open('/etc/new', 'w'),
             lambda: socket.socket(socket.AF_UNIX), lambda: socket.create_connection(('192.0.2.1', 80))):
    try: what()
    except OSError: pass
ctypes.CDLL(None).mount(None, None, None, 0, None)
";
    let mut command = w.command(env!("CARGO_BIN_EXE_aos"));
    command.current_dir(w.join("src")).args(["sandbox", "try", "--json", "--", "python3", "-c", tries]);
    printed.take("sandbox", &String::from_utf8_lossy(&command.output().expect("aos runs").stdout), false);
}

/// Tasks that live, and are asked for everything.
fn living(w: &World, printed: &mut Printed) {
    let port = crate::server::free_port();
    let server = crate::server::server(&format!("print at http://localhost:{port}/; listen {port}"));
    let server: Vec<&str> = server.iter().map(String::as_str).collect();
    printed.ask(w, &[&["run", "-b", "--json", "-n", "web", "--wait=ready", "--ready", "auto"], &server[..]].concat());
    printed.ask(w, &["run", "-b", "--json", "-n", "asks", "read -p 'name? ' name"]);
    printed.ask(w, &["run", "-b", "--json", "-n", "watches", "--watch", "src", "sleep", "1000"]);
    printed.ask(w, &["run", "-b", "--json", "-n", "later", "--delay", "1h", "--nofile", "99", "true"]);
    let closes = w.begin(&["-n", "closes", "trap 'exit 4' TERM; echo up; while :; do sleep 0.05; done"]);
    w.until_logged(closes, "up");
    printed.ask(w, &["wait", "asks", "--for", "input"]);
    printed.ask(w, &["wait", "web", "--for", "/at http/"]);
    fs::File::create(w.join("src/new")).expect("a change");
    until(|| w.row(15)["run"] == 2).expect("the next run");
    printed.ask(w, &["run", "-b", "--json", "-n", "boxed", "--sandbox=strict", "-C", "src", "sleep", "1000"]);
    printed.ask(w, &["sandbox", "check"]);
    ill(w);
    boxed(w, printed);
    let mut job = w.command("sleep").arg("1000").process_group(0).spawn().expect("a process");
    printed.ask(w, &["adopt", &job.id().to_string(), "-n", "adopted"]);
    for words in [
        &["tasks", "-a"][..],
        &["peek", "web"],
        &["send", "asks", "me"],
        &["show", "@all"],
        &["overview"],
        &["prompt"],
        &["doctor"],
        &["pause", "web"],
        &["resume", "web"],
        &["signal", "CONT", "web"],
        &["resume", "web"],
        &["restart", "web"],
        &["logs", "9", "-g", "low", "-A", "1"],
        &["logs", "-n", "1", "1", "9"],
        &["stop", "later", "closes", "1"],
        &["stop", "web", "--grace", "5s"],
        &["limits", "watches", "--pids", "99"],
        &["limits", "watches", "later"],
        &["kill", "watches"],
        &["kill", "boxed"],
        &["kill", "ill"],
        &["show", "no-such-task"],
        &["clean", "--dry-run"],
    ] {
        printed.ask(w, words);
    }
    let mut monitor = w.command(env!("CARGO_BIN_EXE_aos"));
    let mut monitor = monitor.args(["monitor", "--json", "adopted"]).stdout(Stdio::piped()).spawn().expect("aos runs");
    let mut line = String::new();
    let out = monitor.stdout.take().expect("its output");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).expect("a line");
    printed.take("monitor", &line, false);
    end(&mut monitor);
    printed.ask(w, &["kill", "adopted"]);
    end(&mut job);
    // A supervisor that is killed.
    let lost = w.begin(&["-n", "lost", "sleep", "1000"]);
    kill(w.row(lost)["supervisor_pid"].as_i64().expect("a pid") as i32, Signal::SIGKILL);
    w.aos(&["wait", "lost"]);
    for words in [&["why", "@all"][..], &["show", "@all"], &["events", "@all"]] {
        printed.ask(w, words);
    }
    hooks(w, printed);
    printed.ask(w, &["rm", "lost"]);
    printed.ask(w, &["clean", "--older", "0s"]);
}

/// Tasks that are not healthy: one lives on, and one is ended for that.
fn ill(w: &World) {
    let checked = ["--health", "cmd:false", "--every", "100ms", "--failures"];
    let ill = w.begin(&[&checked[..], &["9999", "-n", "ill", "sleep", "1000"]].concat());
    until(|| w.row(ill)["health"]["healthy"] == false).expect("it is not");
    let ended = w.begin(&[&checked[..], &["1", "sleep", "1000"]].concat());
    w.ended(ended);
}

/// Hooks that run, and others that do not.
fn hooks(w: &World, printed: &mut Printed) {
    let never = r#"{"matcher": "no", "pattern": "x", "if": "run == 9", "hooks": [{"command": "true"}]}"#;
    let says = r#"echo '{\"systemMessage\": \"m\", \"hookSpecificOutput\": {\"additionalContext\": \"c\"}}'"#;
    let text = format!(
        r#"{{"hooks": {{"BackgroundTaskComplete": [{never},
        {{"hooks": [{{"command": "{says}"}}, {{"command": "kill -9 $$"}}]}}]}}}}"#
    );
    fs::File::create(w.home().join("hooks.json"))
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .expect("written");
    fs::create_dir_all(w.join(".agent-os")).expect("a directory");
    fs::File::create(w.join(".agent-os/hooks.json")).and_then(|mut file| file.write_all(b"{}")).expect("written");
    let id = w.begin(&["-n", "hooked", "--notify=fail", "true"]);
    w.ended(id);
    until(|| w.ok(&["why", "hooked"]).matches("hook of").count() == 2).expect("both ran");
    for words in [
        &["show", "hooked"][..],
        &["hooks", "list"],
        &["hooks", "log"],
        &["hooks", "add", "notify-on-failure"],
        &["hooks", "remove", "notify-on-failure"],
        &["hooks", "allow", "--yes"],
        &["hooks", "run", "BackgroundTaskComplete", "hooked"],
        &["why", "hooked"],
        &["events"],
    ] {
        printed.ask(w, words);
    }
}

/// A problem that came and went, and came again.
fn since_all_went_well(w: &World, printed: &mut Printed) {
    let write = |name: &str, text: &[u8]| {
        fs::File::create(w.join(name)).and_then(|mut file| file.write_all(text)).expect("written");
    };
    fs::create_dir_all(w.join(".git/logs")).expect("a directory");
    let mut last = 0;
    for (at, out) in [WRONG, b"2 passed in 0.1s\n", WRONG].into_iter().enumerate() {
        write("out", out);
        let value = format!("KIND={at}");
        let id = w.begin(&["-e", &value, "cat out; ! grep -q error out"]);
        w.ended(id);
        last = id;
        until(|| w.row(id)["findings"].is_object()).expect("its output was read");
        until(|| !w.survivors().iter().any(|process| process.contains("verdict"))).expect("and learned from");
        write("Cargo.lock", out);
        let mut git = format!("{} {} A B <a@b> ", "0".repeat(40), "1".repeat(40));
        git += &format!("{} +0000\tcommit: x\n", jiff::Timestamp::now().as_second() + 5);
        write(".git/logs/HEAD", git.as_bytes());
    }
    printed.ask(w, &["debug", "--diff", &last.to_string()]);
}

/// A task of which nothing but its exit code is known, and logs of real tools.
fn diagnoses(w: &World, printed: &mut Printed) {
    printed.ask(w, &["debug", "1"]);
    since_all_went_well(w, printed);
    let put = |name: &str, text: &[u8]| {
        fs::File::create(w.join(name)).and_then(|mut file| file.write_all(text)).expect("written");
    };
    put("there.c", b"x\n");
    put("there.log", b"there.c:1:1: error: no such x\n");
    printed.ask(w, &["debug", "--file", "there.log", "-x", "1"]);
    for (log, code) in [("jest-two.pipe.log", "1"), ("rs-import.tty.log", "101"), ("assert-c.tty.log", "134")] {
        let path = format!("{}/tests/logs/{log}", env!("CARGO_MANIFEST_DIR"));
        printed.ask(w, &["debug", "--file", &path, "-x", code]);
    }
}

/// Runs that are remembered, of which the last took much longer.
fn statistics(w: &World, printed: &mut Printed) {
    remember(w, "sleep 1.3", &[100; 6]);
    let slow = w.begin(&["sleep 1.3"]);
    w.ended(slow);
    // One shows how far it is, and one is likely to be somewhere.
    let shows = w.begin(&["-n", "shows", "printf '5.0/10.0 MB 3.4 MB/s eta 0:00:02'; sleep 1000"]);
    until(|| w.log(shows).ends_with(b"02")).expect("what it shows");
    remember(w, "sleep 1001", &[900_000; 6]);
    let likely = w.begin(&["-n", "likely", "sleep", "1001"]);
    printed.ask(w, &["show", "shows"]);
    printed.ask(w, &["tasks"]);
    for id in [shows, likely] {
        w.ok(&["stop", "--now", &id.to_string()]);
    }
    printed.ask(w, &["stats", "-n", "old"]);
    printed.ask(w, &["notify", "hello"]);
}

/// What passes is committed.
fn commits(w: &World, printed: &mut Printed) {
    let config = "git config user.name m && git config user.email m@h";
    let made = w.sh(&format!("git init -q tested && cd tested && {config} && touch a && git add a"));
    assert_eq!(made.code, 0, "{made:?}");
    settled(&w.join("tested/a"));
    for _ in 0..2 {
        let id = w.begin(&["--cwd", "tested", "true"]);
        w.ended(id);
        printed.ask(w, &["commit", "--if-passing", &id.to_string()]);
    }
}

#[test]
fn every_field_is_on_the_page_and_nothing_else_is() {
    let w = World::for_long(3);
    w.ok(&["tasks", "--json"]);
    let config = "[logs]\nsegment = \"64KiB\"\nper_task = \"128KiB\"\n\
                  [notify]\ncommand = \"true\"\nwebhook = \"http://127.0.0.1:1/\"\n";
    fs::File::create(w.home().join("config.toml"))
        .and_then(|mut file| file.write_all(config.as_bytes()))
        .expect("written");
    let mut printed = Printed(BTreeMap::new());
    ends(&w, &mut printed);
    living(&w, &mut printed);
    diagnoses(&w, &mut printed);
    statistics(&w, &mut printed);
    commits(&w, &mut printed);
    let (page, mut printed) = (page(), printed.0);
    // Whoever ends tasks at once prints the same.
    let kill = printed.remove("kill").unwrap_or_default();
    printed.entry("stop".into()).or_default().extend(kill);
    printed.retain(|_, fields| !fields.is_empty());
    assert_eq!(page.keys().collect::<Vec<_>>(), printed.keys().collect::<Vec<_>>(), "each verb has its section");
    let (mut unnamed, mut unprinted) = (Vec::new(), Vec::new());
    for (section, named) in &page {
        let shown = &printed[section];
        unnamed.extend(shown.difference(named).map(|field| format!("{section}: {field}")));
        let is_known = |field: &&String| NOT_PROVOKED.contains(&field.as_str());
        // Of the rows only what the verb adds: whether a task has an address depends on the task.
        let of_row = |field: &&String| section != ROW && page[ROW].iter().any(|row| field.ends_with(row.as_str()));
        let missing = named.difference(shown).filter(|field| !is_known(field) && !of_row(field));
        unprinted.extend(missing.map(|field| format!("{section}: {field}")));
    }
    assert!(unnamed.is_empty() && unprinted.is_empty(), "not on the page: {unnamed:#?}\nnot printed: {unprinted:#?}");
}

#[test]
fn all_json_has_one_version() {
    let w = World::new();
    let id = w.begin(&["true"]);
    w.ended(id);
    let version = w.ok(&["--version"]);
    assert!(version.starts_with("aos ") && version.ends_with("\nJSON output: version 1\n"), "{version}");
    let clean = &["clean", "--dry-run"];
    for words in [&["show", "1"][..], &["why", "1"], &["overview"], &["prompt"], &["doctor"], clean, &["rm", "1"]] {
        let said = w.aos(&[words, &["--json"]].concat()).out;
        let answer: Value = serde_json::from_str(&said).unwrap_or_else(|e| panic!("{words:?}: {e}: {said}"));
        assert_eq!(answer["version"], 1, "{words:?}");
        assert_eq!(said.matches("\"version\":").count(), 1, "{words:?}: it is told once: {said}");
    }
    let error: Value = serde_json::from_str(&w.aos(&["show", "9", "--json"]).err).expect("JSON");
    assert_eq!((&error["version"], &error["code"]), (&1.into(), &3.into()));
}

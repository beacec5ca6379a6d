//! `aos wait`.

use crate::world::World;

#[test]
fn the_tasks_own_code_is_passed_on() {
    let w = World::new();
    for (line, code) in [("true", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -9 $$", 137)] {
        let id = w.begin(&[line]);
        assert_eq!(
            w.aos(&["wait", &id.to_string()]),
            crate::world::Said { out: String::new(), err: String::new(), code },
            "{line}"
        );
    }
    assert_eq!(w.aos(&["wait", "1", "2", "3"]).code, 7, "the first that failed");
    assert_eq!(w.aos(&["wait", "99"]).code, 3);
}

#[test]
fn the_first_of_several_is_enough_with_any() {
    let w = World::new();
    w.begin(&["sleep", "1000"]);
    w.begin(&["exit 5"]);
    assert_eq!(w.aos(&["wait", "--any", "1", "2"]).code, 5);
    let rows: serde_json::Value =
        serde_json::from_str(&w.aos(&["wait", "--any", "--json", "1", "2"]).out).expect("JSON");
    assert_eq!((&rows[0]["id"], rows.as_array().map(Vec::len)), (&"task-002".into(), Some(1)));
    w.ok(&["stop", "1"]);
}

#[test]
fn patience_can_end() {
    let w = World::new();
    w.begin(&["sleep", "1000"]);
    let said = w.aos(&["wait", "--timeout", "100ms", "1"]);
    assert_eq!((said.err.as_str(), said.code), ("aos: still running after 0.1s: task-001\n", 124));
    assert_eq!(w.row(1)["status"], "running");
    w.ok(&["stop", "1"]);
}

#[test]
fn what_is_queued_is_not_called_running() {
    let w = World::new();
    w.begin(&["sleep", "1000"]);
    w.begin(&["--after", "1", "true"]);
    let said = w.aos(&["wait", "--timeout", "100ms", "2"]);
    let line = "aos: still queued after 0.1s: task-002\n  hint: task-002: after task-001 (running)\n";
    assert_eq!((said.err.as_str(), said.code), (line, 124));
    w.ok(&["pause", "1"]);
    let said = w.aos(&["wait", "--timeout", "100ms", "1", "2"]).err;
    assert!(said.starts_with("aos: still paused after 0.1s: task-001; still queued after 0.1s: task-002\n"), "{said}");
    w.ok(&["stop", "1", "2"]);
}

/// What `aos wait --json` says of the only task.
fn digest(w: &World, words: &[&str]) -> serde_json::Value {
    let said = w.aos(&[&["wait", "--json"], words].concat());
    let rows: serde_json::Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"));
    assert_eq!(rows.as_array().map(Vec::len), Some(1));
    rows[0].clone()
}

#[test]
fn a_line_is_waited_for_whether_it_is_there_or_to_come() {
    let w = World::new();
    w.begin(&["echo one; echo two; until [ -e go ]; do sleep 0.01; done; echo three; sleep 1000"]);
    let met = digest(&w, &["1", "--for", "/^t[w]o$/"]);
    assert_eq!((&met["for"], &met["met"]), (&"/^t[w]o$/".into(), &true.into()));
    assert_eq!(met["line"], serde_json::json!({ "number": 2, "text": "two" }));
    assert!(met["after_ms"].is_u64() && met["status"] == "running");
    let waiting = w.aos(&["wait", "1", "--for", "/three/", "--timeout", "100ms"]);
    assert_eq!((waiting.err.as_str(), waiting.code), ("aos: still waiting for /three/ after 0.1s: task-001\n", 124));
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| digest(&w, &["1", "--for", "/three/"]));
        std::fs::File::create(w.join("go")).expect("the sign to go on");
        assert_eq!(waiter.join().expect("it comes back")["line"]["number"], 3);
    });
    w.ok(&["restart", "1"]);
    let met = digest(&w, &["1", "--for", "/one/"]);
    assert_eq!(met["line"]["number"], 4, "the first of this run, counted from the log's beginning");
    w.ok(&["stop", "1"]);
}

#[test]
fn of_what_is_over_only_its_lines_still_stand() {
    let w = World::new();
    let id = w.begin(&["echo done; exit 3"]);
    w.ended(id);
    assert_eq!(digest(&w, &["1", "--for", "/done/"])["met"], true);
    assert_eq!(w.aos(&["wait", "1", "--for", "/done/"]).code, 0);
    for (condition, before) in [
        ("/other/", "a line matched /other/"),
        ("port:9", "it listened on port 9"),
        ("idle:1ms", "it was silent for 0.0s"),
        ("input", "it waited for input"),
        ("ready", "it was ready"),
    ] {
        let said = w.aos(&["wait", "1", "--for", condition]);
        assert_eq!((said.out.as_str(), said.code), ("", 1), "{condition}");
        assert!(
            said.err.starts_with(&format!("aos: task-001 ended before {before}: failed (exit 3) after ")),
            "{}",
            said.err
        );
        assert_eq!(digest(&w, &["1", "--for", condition])["met"], false);
    }
}

#[test]
fn whatever_comes_first_of_several_conditions_is_met() {
    let w = World::new();
    w.begin(&["sleep 0.2; exit 6"]);
    let met = w.aos(&["wait", "1", "--json", "--for", "/never/", "--for", "exit"]);
    assert_eq!(met.code, 6, "the task's own, as its end was waited for");
    assert!(met.out.contains("\"for\":\"exit\""), "{}", met.out);
    w.begin(&["echo hello; sleep 1000"]);
    assert_eq!(digest(&w, &["2", "--for", "exit", "--for", "/hello/"])["for"], "/hello/");
    w.ok(&["stop", "2"]);
}

#[test]
fn one_of_several_tasks_or_all_of_them() {
    let w = World::new();
    w.begin(&["sleep", "1000"]);
    w.begin(&["echo up; sleep 1000"]);
    w.begin(&["exit 2"]);
    let met = digest(&w, &["--any", "1", "2", "3", "--for", "/up/"]);
    assert_eq!(met["id"], "task-002", "one that ends has not met it");
    let said = w.aos(&["wait", "--all", "1", "2", "3", "--for", "/up/", "--timeout", "300ms", "--json"]);
    assert_eq!(said.code, 124);
    let rows: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let met: Vec<bool> = rows.as_array().expect("rows").iter().map(|row| row["met"] == true).collect();
    assert_eq!(met, [false, true, false]);
    let said = w.aos(&["wait", "2", "3", "--for", "/up/"]);
    assert_eq!(said.code, 1);
    assert!(said.err.starts_with("aos: task-003 ended before a line matched /up/"), "{}", said.err);
    assert_eq!(w.aos(&["wait", "--any", "--all", "1"]).code, 2);
    w.ok(&["stop", "1", "2"]);
}

#[test]
fn a_log_that_rotates_is_not_silent() {
    let w = World::new();
    w.begin(&["until [ -e go ]; do echo noise; done; sleep 1000"]);
    w.until_logged(1, "noise");
    assert_eq!(w.aos(&["wait", "1", "--for", "idle:1s", "--timeout", "1100ms"]).code, 124);
    let log = std::path::PathBuf::from(w.ok(&["logs", "--path", "1"]).trim());
    // Between two steps of a rotation.
    let completed = log.with_extension("log.1");
    std::fs::rename(&log, &completed).expect("renamed");
    assert_eq!(w.aos(&["wait", "1", "--for", "idle:1s", "--timeout", "500ms"]).code, 124);
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| digest(&w, &["1", "--for", "idle:100ms"]));
        std::fs::File::create(w.join("go")).expect("the sign to be silent");
        std::fs::rename(&completed, &log).expect("renamed");
        assert_eq!(waiter.join().expect("it comes back")["met"], true);
    });
    w.ok(&["kill", "1"]);
}

#[test]
fn silence_and_input_are_waited_for() {
    let w = World::new();
    w.begin(&["until [ -e go ]; do echo noise; sleep 0.05; done; sleep 1000"]);
    w.until_logged(1, "noise");
    assert_eq!(w.aos(&["wait", "1", "--for", "idle:2s", "--timeout", "500ms"]).code, 124);
    std::fs::File::create(w.join("go")).expect("the sign to be silent");
    assert_eq!(digest(&w, &["1", "--for", "idle:300ms"])["met"], true);
    let again = digest(&w, &["1", "--for", "idle:300ms"]);
    assert!(again["after_ms"].as_u64().is_some_and(|ms| ms < 300), "it is silent already: {again}");
    assert_eq!(w.aos(&["wait", "1", "--for", "input", "--timeout", "100ms"]).code, 124);
    w.begin(&["until [ -e ask ]; do sleep 0.05; done; read -p 'name? ' name"]);
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| digest(&w, &["2", "--for", "input"]));
        std::fs::File::create(w.join("ask")).expect("the sign to ask");
        assert_eq!(waiter.join().expect("it comes back")["met"], true);
    });
    w.ok(&["stop", "1", "2"]);
}

#[test]
fn a_port_is_waited_for_and_who_has_it_is_told() {
    let w = World::new();
    let port = crate::server::free_port();
    let server = crate::server::server(&format!("await go; listen {port}"));
    w.begin(&server.iter().map(String::as_str).collect::<Vec<_>>());
    let condition = format!("port:{port}");
    assert_eq!(w.aos(&["wait", "1", "--for", &condition, "--timeout", "100ms"]).code, 124);
    let others = crate::server::listen(port);
    let said = w.aos(&["wait", "1", "--for", &condition, "--timeout", "100ms"]);
    assert!(said.err.contains(&format!("somebody else listens on port {port}")), "{}", said.err);
    drop(others);
    std::fs::File::create(w.join("go")).expect("the sign to go on");
    let met = digest(&w, &["1", "--for", &condition]);
    assert_eq!((&met["met"], &met["ports"][0]), (&true.into(), &port.into()));
    w.ok(&["stop", "1"]);
}

#[test]
fn readiness_is_found_out_for_a_task_that_was_not_asked_to_show_it() {
    let w = World::new();
    let port = crate::server::free_port();
    let server = crate::server::server(&format!("print Server running at http://localhost:{port}/; listen {port}"));
    w.begin(&server.iter().map(String::as_str).collect::<Vec<_>>());
    let met = digest(&w, &["1", "--for", "ready"]);
    assert_eq!((&met["met"], &met["url"]), (&true.into(), &format!("http://localhost:{port}/").into()));
    assert_eq!(met.get("ready"), None, "who waited found it out; the task was not asked to show it");
    w.ok(&["stop", "1"]);
}

#[test]
fn what_cannot_be_waited_for_is_refused() {
    let w = World::new();
    w.begin(&["true"]);
    for (condition, text) in [
        ("done", "exit, ready, input, idle:TIME, port:N, http:URL, cmd:COMMAND or /REGEX/"),
        ("/a", "write '/a/'"),
        ("/a(b/", "unclosed group, at character 2"),
        ("idle:x", "not a length of time"),
    ] {
        let said = w.aos(&["wait", "1", "--for", condition]);
        assert_eq!((said.out.as_str(), said.code), ("", 2), "{condition}");
        assert!(said.err.contains(text), "{condition}: {}", said.err);
    }
}

//! Hooks that come too often, too soon, or while they still run.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::hooks::{configure, hook, put, records};
use crate::world::{World, until};

/// A hook of errors with these keys beside its command; a line with `ERROR` is an error.
fn of_errors(command: &str, keys: &Value) -> Value {
    let mut handler = json!({ "type": "command", "command": command });
    let keys = keys.as_object().expect("an object");
    handler.as_object_mut().expect("an object").extend(keys.clone());
    json!({ "LogError": [{ "pattern": "ERROR", "hooks": [handler] }] })
}

/// A line of sh that tells of so many different errors.
fn errors(count: usize) -> String {
    let words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"];
    words[..count].iter().map(|word| format!("echo 'ERROR: {word} is broken'; ")).collect()
}

/// Waits until nobody runs hooks any more.
fn settled(world: &World) {
    until(|| !world.survivors().iter().any(|one| one.contains("aos"))).expect("all hooks are over");
}

fn read(world: &World, name: &str) -> String {
    fs::read_to_string(world.join(name)).unwrap_or_default()
}

#[test]
fn events_that_come_close_together_are_one() {
    let world = World::new();
    configure(&world, &of_errors("cat >> payloads", &json!({ "debounce": "2s" })));
    world.ended(world.begin(&["--shell", &errors(5)]));
    assert_eq!(records(&world, 1).len(), 1);
    settled(&world);
    assert_eq!(records(&world, 1).len(), 1);
    let payload: Value = serde_json::from_str(&read(&world, "payloads")).expect("one payload");
    assert!(payload["findings"][0]["message"].as_str().is_some_and(|text| text.contains("epsilon")), "the last");
}

#[test]
fn what_runs_once_runs_once_for_a_task_though_its_command_holds_a_secret() {
    let world = World::new();
    let secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let command = format!("echo {secret} | wc -c");
    configure(&world, &json!({ "BackgroundTaskStart": [{ "hooks": [{ "command": command, "once": true }] }] }));
    let begin = || world.begin(&["-e", &format!("MY_TOKEN={secret}"), "true"]);
    let id = begin();
    world.ended(id);
    let record = records(&world, 1).remove(0);
    assert!(!record.to_string().contains(secret), "{record}");
    settled(&world);
    world.ok(&["restart", &id.to_string()]);
    world.ended(id);
    settled(&world);
    assert_eq!(records(&world, 1).len(), 1, "of the same task");
    assert_eq!(world.json(&["hooks", "--json"])[0]["runs"], 1);
    world.ended(begin());
    assert_eq!(records(&world, 2).len(), 2, "another task has its own");
}

#[test]
fn events_that_wait_together_are_heard_though_nothing_follows() {
    let world = World::new();
    let id = world.begin(&["true"]);
    world.ended(id);
    configure(&world, &json!({ "BackgroundTaskReady": hook("true") }));
    let what = json!({ "ready": { "how": "x".repeat(400), "url": null } });
    let event = json!({ "run": 1, "at": "2026-01-01T00:00:00.000Z", "what": what }).to_string() + "\n";
    let mut aos = world.command(env!("CARGO_BIN_EXE_aos"));
    let worker = aos.args(["__hooks", &world.task(id, "").to_string_lossy()]).stdin(Stdio::piped());
    let mut worker = worker.spawn().expect("aos runs");
    let mut events = worker.stdin.take().expect("its input");
    // In one write, and the pipe stays open: nobody wakes the worker a second time.
    events.write_all(event.repeat(12).as_bytes()).expect("told");
    assert_eq!(records(&world, 12).len(), 12);
    drop(events);
    assert!(worker.wait().expect("it ends").success());
}

/// A handler that goes on until a file `go` is there, and puts down when it begins and ends.
const LONG: &str = "echo begin >> order; until [ -e go ]; do sleep 0.02; done; echo end >> order";

#[test]
fn a_handler_that_still_runs_is_not_begun_again_where_that_is_said() {
    let world = World::new();
    configure(&world, &of_errors(LONG, &json!({ "concurrency": "skip" })));
    world.ended(world.begin(&["--shell", &errors(4)]));
    until(|| read(&world, "order") == "begin\n").expect("it runs");
    // All is heard once the end of the task is told to others.
    put(world.join("go"), "");
    settled(&world);
    assert_eq!(read(&world, "order"), "begin\nend\n");
}

#[test]
fn a_handler_waits_for_its_like_where_that_is_said() {
    let world = World::new();
    configure(&world, &of_errors(LONG, &json!({ "concurrency": "queue" })));
    world.ended(world.begin(&["--shell", &errors(4)]));
    until(|| read(&world, "order") == "begin\n").expect("one runs");
    put(world.join("go"), "");
    settled(&world);
    assert_eq!(read(&world, "order"), "begin\nend\n".repeat(4));
}

#[test]
fn a_handler_takes_the_place_of_its_like_where_that_is_said() {
    let world = World::new();
    let command = "if [ -e first ]; then touch second; else echo pid=$$ > pid; touch first; exec sleep 1000; fi";
    configure(&world, &of_errors(command, &json!({ "concurrency": "restart" })));
    let line = "echo 'ERROR: alpha'; until [ -e first ]; do sleep 0.02; done; echo 'ERROR: beta'; \
                until [ -e second ]; do sleep 0.02; done";
    world.ended(world.begin(&["--shell", line]));
    settled(&world);
    let records = records(&world, 2);
    assert_eq!(records[0]["skipped"], "the next one took its place", "{records:#?}");
    assert_eq!((records[1]["exit_code"].as_i64(), records.len()), (Some(0), 2));
    let pid = read(&world, "pid").trim().trim_start_matches("pid=").to_owned();
    assert!(!Path::new("/proc").join(pid).exists());
}

#[test]
fn an_async_handler_takes_no_place() {
    let world = World::new();
    let blocking = (0..9).map(|at| json!({ "command": format!("until [ -e go ]; do sleep 0.02; done; echo {at}") }));
    let mut handlers: Vec<Value> = blocking.collect();
    handlers.push(json!({ "command": "touch go", "async": true }));
    configure(&world, &json!({ "BackgroundTaskComplete": [{ "hooks": handlers }] }));
    world.ended(world.begin(&["true"]));
    let records = records(&world, 10);
    assert!(records.iter().all(|record| record["exit_code"] == 0), "{records:#?}");
}

#[test]
fn a_thousand_errors_run_a_bounded_number_of_hooks_and_lose_no_byte() {
    let world = World::for_long(2);
    configure(&world, &of_errors("true", &json!({})));
    let words = "sed 's/[0-9]/&/g; y/0123456789/abcdefghij/; s/^/ERROR: thing /'";
    let id = world.begin(&["--shell", &format!("seq 1 3000 | {words}; seq 1 3000 | {words}")]);
    world.ended(id);
    settled(&world);
    let lines = String::from_utf8(world.log(id)).expect("text").lines().count();
    assert_eq!(lines, 6000);
    let records = records(&world, 31);
    let skipped: Vec<&str> = records.iter().filter_map(|record| record["skipped"].as_str()).collect();
    assert_eq!(skipped, ["LogError has run 30 within a minute"], "of {}", records.len());
    assert_eq!(records.len(), 31);
    configure(&world, &json!({ "BackgroundTaskComplete": hook("echo over") }));
    world.ended(world.begin(&["true"]));
    until(|| world.ok(&["hooks", "log"]).contains("over")).expect("other events have their own bound");
}

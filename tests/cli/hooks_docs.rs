//! What docs/hooks.md shows, and what recipes write, does what is said of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::hooks::{put, records};
use crate::world::{World, until, write_program};

/// The blocks of JSON on the page.
fn examples() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hooks.md");
    let page = fs::read_to_string(path).expect("the page");
    let blocks = page.split("```json\n").skip(1);
    blocks.map(|rest| rest.split("```").next().expect("an end").to_owned()).collect()
}

fn with_hooks(text: &str) -> World {
    let world = World::new();
    fs::create_dir_all(world.home()).expect("a home");
    fs::set_permissions(world.home(), fs::Permissions::from_mode(0o700)).expect("a mode");
    put(world.home().join("hooks.json"), text);
    fs::create_dir(world.join("bin")).expect("a directory");
    world
}

fn program(world: &World, name: &str, text: &str) {
    write_program(&world.join("bin").join(name), &format!("#!/bin/sh\n{text}\n"));
}

/// Begins a task that finds the world's own programs, and a file `told` for what the user is told.
fn begin(world: &World, words: &str) {
    let told = world.join("told");
    put(
        world.home().join("config.toml"),
        format!("notify = {{ desktop = false, command = 'cat >> {}' }}\n", told.display()),
    );
    let said = world.sh(&format!("PATH=$PWD/bin:$PATH aos run -b {words}"));
    assert_eq!(said.code, 0, "{said:?}");
}

fn told(world: &World) -> String {
    fs::read_to_string(world.join("told")).unwrap_or_default()
}

#[test]
fn each_example_of_the_page_is_configuration_without_a_mistake() {
    let examples = examples();
    assert!(!examples.is_empty());
    for text in &examples {
        let world = with_hooks(text);
        let said = world.aos(&["hooks", "list", "--json"]);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{text}");
        let tested = world.aos(&["hooks", "test"]);
        assert_eq!(tested.code, 0, "{text}: {tested:?}");
    }
}

#[test]
fn the_first_example_tells_that_the_tests_pass_again() {
    let world = with_hooks(&examples()[0]);
    program(&world, "pytest", "[ -e good ] && echo '1 passed in 0.1s'");
    begin(&world, "pytest");
    world.ended(1);
    put(world.join("good"), "");
    begin(&world, "pytest");
    assert_eq!(records(&world, 1)[0]["task"], "task-002");
    until(|| told(&world) == "the tests pass again\n").unwrap_or_else(|| panic!("{}", told(&world)));
    begin(&world, "pytest");
    world.ended(3);
    until(|| world.survivors().is_empty()).expect("all hooks are over");
    assert_eq!(records(&world, 1).len(), 1, "it passed before, too");
}

#[test]
fn conditions_of_the_page_hold_where_they_should() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hooks.md")).expect("the page");
    let row = page.lines().find(|line| line.starts_with("| `if` |")).expect("the row of conditions");
    let conditions: Vec<String> = row.split('`').skip(3).step_by(2).map(|code| code.replace("\\\\", "\\")).collect();
    assert!(conditions.len() >= 3, "{conditions:?}");
    let groups: Vec<Value> = conditions
        .iter()
        .map(|text| json!({ "if": text, "hooks": [{ "command": format!("echo {}", text.len()) }] }))
        .collect();
    let world = with_hooks(&json!({ "hooks": { "BackgroundTaskComplete": groups } }).to_string());
    assert_eq!(world.ok(&["hooks", "list"]).matches(" if ").count(), conditions.len());
    world.ended(world.begin(&["-n", "a", "echo '=== 2 passed in 0.1s ==='"]));
    let held = world.json(&["hooks", "test", "BackgroundTaskComplete", "1", "--json"]);
    let held: Vec<bool> = held.as_array().expect("hooks").iter().map(|hook| hook["would_run"] == true).collect();
    assert_eq!(held[..3], [true, true, false], "{conditions:?}");
}

#[test]
fn recipes_that_notify_do() {
    let world = with_hooks("{}");
    world.ok(&["hooks", "add", "notify-when-ready"]);
    world.ok(&["hooks", "add", "notify-on-failure"]);
    begin(&world, "-n web --ready log:up 'echo up; exec sleep 1000'");
    until(|| told(&world) == "web is ready\n").unwrap_or_else(|| panic!("{}", told(&world)));
    world.ok(&["stop", "web"]);
    begin(&world, "-n job false");
    until(|| told(&world).ends_with("job failed (aos debug task-002)\n")).unwrap_or_else(|| panic!("{}", told(&world)));
    assert_eq!(told(&world).lines().count(), 2, "who was stopped has not failed: {}", told(&world));
}

#[test]
fn recipes_of_changed_files_format_and_restart() {
    let world = with_hooks("{}");
    world.ok(&["hooks", "add", "auto-format"]);
    fs::create_dir(world.join("src")).expect("a directory");
    put(world.join("src/a.py"), "one");
    program(&world, "ruff", "echo \"$@\" >> formatted");
    begin(&world, "--watch src 'echo up; exec sleep 1000'");
    world.until_logged(1, "up");
    put(world.join("src/a.py"), "two");
    until(|| fs::read_to_string(world.join("formatted")).is_ok_and(|text| text == "format .\n")).expect("formatted");
    world.ok(&["stop", "1"]);
    world.ok(&["hooks", "remove", "auto-format"]);
    world.ok(&["hooks", "add", "restart-on-change"]);
    begin(&world, "--watch src 'echo up; exec sleep 1000'");
    world.until_logged(2, "up");
    put(world.join("src/a.py"), "three");
    let records = records(&world, 2);
    assert_eq!(records[1]["exit_code"], 0, "{records:#?}");
    // It watches its files, and has begun again by itself.
    assert!(
        records[1]["output"].as_str().is_some_and(|said| said.contains("begun again since: run 2")),
        "{records:#?}"
    );
    assert_eq!(world.row(2)["run"], 2);
    world.ok(&["stop", "2"]);
}

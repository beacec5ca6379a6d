//! Hooks of real programs: builds by make, tests of cargo and of Python.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::hooks::{configure, put};
use crate::world::{World, until};

/// Configures hooks that save what they are told of tests and builds.
fn saves(world: &World) {
    let save = |event: &str| {
        let file = format!("$AOS_HOME/../{event}-$AOS_TASK_ID");
        json!([{ "hooks": [{ "command": format!("cat > {file}.part; mv {file}.part {file}") }] }])
    };
    configure(
        world,
        &json!({ "TestResult": save("tests"), "BuildStatus": save("build"), "BackgroundTaskComplete": save("end") }),
    );
}

/// What was told of a task, once all of it was; `None` where nothing was of that kind.
fn told(world: &World, what: &str, id: u32) -> Option<Value> {
    let read = |what: &str| fs::read(world.join(&format!("{what}-task-{id:03}"))).ok();
    until(|| read("end").is_some() && world.survivors().is_empty())
        .unwrap_or_else(|| panic!("{}", world.ok(&["why", &id.to_string()])));
    read(what).map(|bytes| serde_json::from_slice(&bytes).expect("JSON"))
}

#[test]
fn make_builds_and_what_it_runs_is_a_test_if_it_says_so() {
    let world = World::new();
    saves(&world);
    let makefile = "all:\n\t@echo built\nbad:\n\t@echo 'a.c:1:2: error: no such thing'; exit 1\ncheck:\n\t@python3 -m unittest -q t\n";
    put(world.join("Makefile"), makefile);
    put(world.join("t.py"), "import unittest\nclass T(unittest.TestCase):\n    def test_one(self): pass\n");
    world.ended(world.begin(&["make"]));
    assert_eq!(told(&world, "build", 1).expect("a build")["build"], json!({ "outcome": "passed" }));
    assert!(told(&world, "tests", 1).is_none());
    world.ended(world.begin(&["make", "bad"]));
    let bad = told(&world, "build", 2).expect("a build");
    assert_eq!((&bad["build"]["outcome"], &bad["exit_code"]), (&json!("failed"), &json!(2)), "{bad}");
    assert_eq!(bad["findings"][0]["file"], "a.c");
    world.ended(world.begin(&["make", "check"]));
    let tests = told(&world, "tests", 3).expect("a test");
    assert_eq!((&tests["tests"]["passed"], &tests["tests"]["failed"]), (&json!(1), &json!(0)), "{tests}");
    let stopped = world.begin(&["--shell", "make -f - <<'E'\nall:\n\tsleep 1000\nE"]);
    world.until_logged(stopped, "sleep");
    world.ok(&["stop", &stopped.to_string()]);
    assert!(told(&world, "build", stopped).is_none(), "whoever is stopped says nothing of the build");
}

#[test]
fn unittest_says_how_many_tests_did_what() {
    let world = World::new();
    saves(&world);
    let tests = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n    def test_b(self): self.fail('b')\n    \
                 @unittest.skip('later')\n    def test_c(self): pass\n";
    put(world.join("t.py"), tests);
    world.ended(world.begin(&["python3", "-m", "unittest", "t"]));
    let told = told(&world, "tests", 1).expect("a test");
    assert_eq!((&told["tests"]["failed"], &told["exit_code"]), (&json!(1), &json!(1)), "{told}");
    assert!(told["findings"].as_array().is_some_and(|all| !all.is_empty()), "{told}");
}

#[test]
fn cargo_says_how_many_tests_did_what_and_whether_it_builds() {
    let world = World::for_long(2);
    saves(&world);
    fs::create_dir_all(world.join("src")).expect("a directory");
    put(world.join("Cargo.toml"), "[package]\nname = \"tiny\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    put(world.join("src/lib.rs"), "#[test]\nfn good() {}\n#[test]\nfn bad() { assert_eq!(1, 2); }\n");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| env!("CARGO").to_owned());
    let tools = Path::new(&cargo).parent().expect("a directory").display().to_string();
    let run = |words: &str| {
        let said = world.sh(&format!("PATH={tools}:$PATH aos run -b cargo {words} --offline"));
        assert_eq!(said.code, 0, "{said:?}");
    };
    run("test");
    world.ended(1);
    let tests = told(&world, "tests", 1).expect("a test");
    assert_eq!(tests["tests"], json!({ "passed": 1, "failed": 1, "skipped": 0 }), "{tests}");
    let finding = tests["findings"].as_array().and_then(|all| all.first()).expect("a finding").clone();
    assert_eq!(finding["file"], "src/lib.rs", "{finding}");
    assert_eq!(told(&world, "build", 1).expect("a build")["build"]["outcome"], "passed", "its tests are no build");
    put(world.join("src/lib.rs"), "pub fn broken() -> u32 { \"text\" }\n");
    run("build");
    world.ended(2);
    assert_eq!(told(&world, "build", 2).expect("a build")["build"]["outcome"], "failed");
    put(world.join("src/lib.rs"), "pub fn whole() -> u32 { 1 }\n");
    run("build");
    world.ended(3);
    let build = told(&world, "build", 3).expect("a build");
    assert_eq!((&build["build"]["outcome"], &build["previous"]["failed"]), (&json!("passed"), &json!(true)), "{build}");
}

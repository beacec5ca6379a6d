//! The specification's example, as it is, in a real repository; and the recipe that commits.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::commit;
use crate::hooks::{put, records};
use crate::world::{World, until};

/// The file of the specification.
const EXAMPLE: &str = r#"{
  "hooks": {
    "BackgroundTaskStart": [
      {
        "matcher": "npm run dev",
        "hooks": [{ "type": "command", "command": "aos notify 'Dev server started'" }]
      }
    ],
    "LogError": [
      {
        "pattern": "ERROR|FATAL",
        "hooks": [{ "type": "command", "command": "aos debug --auto-fix" }]
      }
    ],
    "BackgroundTaskComplete": [
      {
        "matcher": "pytest|jest|vitest",
        "hooks": [{ "type": "command", "command": "aos commit --if-passing" }]
      }
    ]
  }
}
"#;

/// A fresh repository with a program `pytest`, and the user's hooks.
struct Project {
    w: World,
    root: PathBuf,
}

impl Project {
    fn new(hooks: &str) -> Project {
        let w = World::new();
        fs::create_dir_all(w.home()).expect("a home");
        fs::set_permissions(w.home(), fs::Permissions::from_mode(0o700)).expect("a mode");
        put(w.home().join("hooks.json"), hooks);
        let root = w.join("project");
        fs::create_dir_all(root.join("bin")).expect("directories");
        let p = Project { w, root };
        p.script("pytest", "#!/bin/sh\n. ./outcome\n");
        p.script("npm", "#!/bin/sh\necho 'FATAL: no port is free'\n");
        p.edit("outcome", "echo '=== 2 passed in 0.1s ==='");
        p.sh("git init -q -b main . && git config user.name me && git config user.email me@host");
        p.edit("code", "one\n");
        p.sh("git add . && git commit -qm first");
        p
    }

    fn script(&self, name: &str, text: &str) {
        let path = self.root.join("bin").join(name);
        put(&path, text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
    }

    fn edit(&self, name: &str, text: &str) {
        let path = self.root.join(name);
        fs::File::create(&path).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
        commit::settled(&path);
    }

    fn sh(&self, line: &str) -> String {
        let said = self.w.sh(&format!("cd project && PATH=$PWD/bin:$PATH; {line}"));
        assert_eq!(said.code, 0, "{line}: {said:?}");
        said.out
    }

    fn subjects(&self) -> String {
        self.sh("git log --format=%s")
    }

    /// The records of what commits, once there are so many.
    fn commits(&self, count: usize) -> Vec<Value> {
        let of_commit = || -> Vec<Value> {
            let log = self.w.json(&["hooks", "log", "--json"]);
            let is_it = |record: &&Value| record["command"].as_str().is_some_and(|line| line.contains("aos commit"));
            log.as_array().expect("an array").iter().filter(is_it).cloned().collect()
        };
        until(|| of_commit().len() >= count).unwrap_or_else(|| panic!("{count} of {:#?}", of_commit()));
        of_commit()
    }
}

#[test]
fn the_example_of_the_specification_works_as_it_is() {
    let p = Project::new(EXAMPLE);
    p.edit("code", "two\n");
    let head = p.sh("git rev-parse HEAD");
    p.sh("aos run -b npm run dev");
    let fired = records(&p.w, 2);
    let mut events: Vec<&str> = fired.iter().map(|record| record["event"].as_str().expect("text")).collect();
    events.sort_unstable();
    assert_eq!(events, ["BackgroundTaskStart", "LogError"], "{fired:#?}");
    let notified = fired.iter().find(|record| record["event"] == "BackgroundTaskStart").expect("it ran");
    assert_eq!(notified["exit_code"], 0, "a notice never fails a hook: {notified}");
    p.w.ended(1);
    assert_eq!(p.sh("git rev-parse HEAD"), head, "nothing was tested yet");

    // The first run of a fresh repository is committed already.
    p.sh("aos run -b pytest -q");
    let made = p.commits(1).remove(0);
    assert_eq!(made["exit_code"], 0, "{made}");
    assert_eq!(p.subjects().lines().count(), 2, "{made}");
    assert!(p.sh("git log -1 --format=%B").contains("2 passed"));
    assert_eq!((p.sh("git show HEAD:code"), p.sh("git status --porcelain")), ("two\n".into(), String::new()));
}

#[test]
fn what_has_failed_or_was_not_tested_is_not_committed_and_nothing_is_touched() {
    let p = Project::new(EXAMPLE);
    p.edit("code", "two\n");
    p.edit("outcome", "echo '=== 1 failed, 1 passed in 0.1s ==='; exit 1");
    p.sh("git add code");
    p.edit("code", "three\n");
    let state = || p.sh("cat .git/index | sha1sum; git rev-parse HEAD; git ls-files -s; cat code");
    let before = state();
    p.sh("aos run -b pytest -q");
    let refused = p.commits(1).remove(0);
    assert_eq!(refused["exit_code"], 5, "{refused}");
    assert!(refused["output"].as_str().is_some_and(|said| said.contains("has not passed: failed")), "{refused}");
    assert_eq!(state(), before);

    // It passes, and the tree is another one than that with which it began.
    p.edit("outcome", "echo '=== 2 passed in 0.1s ==='; echo four > code");
    p.sh("aos run -b pytest -q");
    let refused = p.commits(2).remove(1);
    assert_eq!(refused["exit_code"], 5, "{refused}");
    assert!(refused["output"].as_str().is_some_and(|said| said.contains("code")), "{refused}");
    assert_eq!(p.subjects(), "first\n");

    // It says that a test failed, whatever its exit code.
    p.edit("outcome", "echo '=== 1 failed, 1 passed in 0.1s ==='");
    p.sh("aos run -b pytest -q");
    let refused = p.commits(3).remove(2);
    assert!(refused["output"].as_str().is_some_and(|said| said.contains("its tests did not pass")), "{refused}");
    assert_eq!(p.sh("cat code; git diff --cached --name-only"), "four\ncode\n");
    assert!(!p.root.join(".git/index.lock").exists());
}

#[test]
fn the_recipe_commits_where_the_tests_pass_and_not_where_they_fail() {
    let p = Project::new("{}");
    p.w.ok(&["hooks", "add", "AutoCommitIfPass"]);
    p.edit("code", "two\n");
    p.sh("aos run -b 'pytest -q; exit 0'");
    assert_eq!(p.commits(1)[0]["exit_code"], 0);
    assert_eq!(p.subjects().lines().count(), 2);
    // An exit code of 0 is not enough.
    p.edit("outcome", "echo '=== 1 failed, 1 passed in 0.1s ==='");
    p.sh("aos run -b 'pytest -q; exit 0'");
    p.w.ended(2);
    until(|| p.w.survivors().is_empty()).expect("all hooks are over");
    assert_eq!((p.commits(1).len(), p.subjects().lines().count()), (1, 2));
    let tested = p.w.json(&["hooks", "test", "TestResult", "2", "--json"]);
    assert_eq!(tested[0]["why_not"], json!("`exit_code == 0 && tests.failed == 0` does not hold"));
}

//! Paths are bytes: a task lives as any other where its state, its directory and its files have
//! names that are no UTF-8.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::world::{World, end, until};

struct Bytes {
    world: World,
    home: PathBuf,
    cwd: PathBuf,
}

impl Bytes {
    fn new() -> Bytes {
        let world = World::new();
        let home = world.path().join(OsStr::from_bytes(b"home-\xff\xfe"));
        let cwd = world.path().join(OsStr::from_bytes(b"work-\xe9"));
        fs::create_dir(&cwd).expect("a directory");
        Bytes { world, home, cwd }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.world.command(env!("CARGO_BIN_EXE_aos"));
        command.args(words).current_dir(&self.cwd).env("AOS_HOME", &self.home);
        command
    }

    fn out(&self, words: &[&str]) -> Vec<u8> {
        let said = self.command(words).output().expect("aos runs");
        assert_eq!((String::from_utf8_lossy(&said.stderr).as_ref(), said.status.code()), ("", Some(0)), "{words:?}");
        said.stdout
    }

    fn text(&self, words: &[&str]) -> String {
        String::from_utf8(self.out(words)).expect("text")
    }

    fn code(&self, words: &[&str]) -> Option<i32> {
        self.command(words).output().expect("aos runs").status.code()
    }

    fn row(&self, id: &str) -> Value {
        serde_json::from_str(&self.text(&["show", id, "--json"])).expect("JSON")
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        let _ = self.command(&["kill", "@running"]).output();
    }
}

fn write(path: impl AsRef<Path>, text: &str) {
    fs::File::create(path).and_then(|mut file| file.write_all(text.as_bytes())).expect("a file");
}

/// How often a process's threads were given a processor.
fn wakings(pid: u32) -> u64 {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).expect("its threads");
    let statuses = threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("status")).ok());
    let count = |status: String| {
        status
            .lines()
            .filter(|l| l.contains("ctxt_switches"))
            .filter_map(|l| l.rsplit('\t').next()?.parse::<u64>().ok())
            .sum::<u64>()
    };
    statuses.map(count).sum()
}

#[test]
fn a_task_lives_its_whole_life() {
    let b = Bytes::new();
    assert_eq!(
        b.text(&["run", "-b", "-n", "web", "--shell", "echo up; read line; echo \"got $line\"; exec sleep 1000"]),
        "task-001\n"
    );
    assert_eq!(b.code(&["wait", "1", "--for", "/up/"]), Some(0));
    let tasks: Value = serde_json::from_str(&b.text(&["tasks", "--json"])).expect("JSON");
    assert_eq!((&tasks[0]["name"], &tasks[0]["status"]), (&"web".into(), &"running".into()));
    assert!(b.text(&["show", "web"]).contains("running"));
    assert!(b.text(&["why", "1"]).contains("executed"), "{}", b.text(&["why", "1"]));
    assert!(b.text(&["peek", "1"]).starts_with("up\n"));
    let path = b.out(&["logs", "--path", "1"]);
    let path = OsStr::from_bytes(path.strip_suffix(b"\n").expect("a line"));
    assert_eq!(path, b.home.join("logs/tasks/task-001-web.log"));
    assert_eq!(b.text(&["send", "1", "hello"]), "");
    assert_eq!(b.code(&["wait", "1", "--for", "/got hello/"]), Some(0));
    assert_eq!(b.text(&["logs", "1", "-g", "got"]), "got hello\n");
    assert!(b.text(&["stop", "1"]).starts_with("[task-001] stopped (killed by SIGTERM) after "));
    assert!(b.text(&["restart", "1"]).contains("(run 2)"));
    assert_eq!(b.code(&["wait", "1", "--for", "/up/"]), Some(0));
    assert!(b.text(&["kill", "1"]).starts_with("[task-001] stopped"));
    assert_eq!(b.row("1")["status"], "stopped");
    assert!(b.text(&["rm", "1"]).starts_with("[task-001] removed: "));
    assert_eq!(b.text(&["tasks", "-a", "--json"]), "[]\n");
    assert!(!b.home.join("logs/tasks/task-001-web.log").exists());
}

#[test]
fn who_follows_sleeps_until_something_is_printed_and_sees_the_end() {
    let b = Bytes::new();
    b.text(&["run", "-b", "--shell", "echo one; until [ -e go ]; do sleep 0.05; done; echo two"]);
    let mut follower = b.command(&["logs", "-f", "1"]).stdout(Stdio::piped()).spawn().expect("a follower");
    let mut watcher = b.command(&["monitor", "--logs", "1"]).stdout(Stdio::piped()).spawn().expect("a monitor");
    let mut lines = BufReader::new(follower.stdout.take().expect("its output")).lines().map_while(Result::ok);
    assert_eq!(lines.next().as_deref(), Some("one"));
    let mut shown = BufReader::new(watcher.stdout.take().expect("its output")).lines().map_while(Result::ok);
    assert!(shown.any(|line| line.contains("one")));
    let before = wakings(follower.id());
    assert_eq!(b.code(&["wait", "1", "--timeout", "500ms"]), Some(124));
    let woken = wakings(follower.id()) - before;
    assert!(woken < 50, "it was woken {woken} times in half a second");
    write(b.cwd.join("go"), "");
    assert_eq!(lines.collect::<Vec<_>>(), ["two"]);
    assert!(shown.any(|line| line.contains("two")));
    assert!(follower.wait().expect("its end").success());
    end(&mut watcher);
}

#[test]
fn files_are_watched_and_what_shows_that_it_is_ready_is_seen() {
    let b = Bytes::new();
    let file = b.cwd.join(OsStr::from_bytes(b"src-\xff.c"));
    write(&file, "one");
    b.text(&["run", "-b", "--watch", ".", "--ready", "log:run", "--shell", "echo run; exec sleep 1000"]);
    assert_eq!(b.code(&["wait", "1", "--for", "ready"]), Some(0));
    write(&file, "two");
    until(|| b.row("1")["run"] == 2).expect("another run");
    assert_eq!(b.code(&["wait", "1", "--for", "ready"]), Some(0));
    let after = b.text(&[
        "run",
        "-b",
        "--after",
        "1:ready",
        "--group",
        "g",
        "--ready",
        "cmd:test -e go",
        "--shell",
        "touch go; exec sleep 1000",
    ]);
    assert_eq!(b.code(&["wait", after.trim(), "--for", "ready"]), Some(0));
    b.text(&["stop", "1", "2"]);
}

#[test]
fn a_log_in_many_parts_is_compressed_and_cleared() {
    let b = Bytes::new();
    fs::create_dir(&b.home).expect("a home");
    write(b.home.join("config.toml"), "[logs]\nsegment = \"64KiB\"\n");
    b.text(&["run", "-b", "-n", "much", "--shell", "seq 60000"]);
    assert_eq!(b.code(&["wait", "1"]), Some(0));
    let compressed = || {
        fs::read_dir(b.home.join("logs/tasks"))
            .expect("logs")
            .any(|file| file.expect("a file").path().extension() == Some("zst".as_ref()))
    };
    until(compressed).expect("a worker has compressed it");
    assert_eq!(b.text(&["logs", "1"]).lines().count(), 60000);
    assert!(b.text(&["clean", "--older", "0s"]).contains("task-001"));
    assert_eq!(b.text(&["tasks", "-a", "--json"]), "[]\n");
}

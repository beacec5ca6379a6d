//! A world of its own for each test: its own state, its own environment, and a mark by which it
//! is shown at the end that nothing of it survives.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use serde_json::Value;

use crate::patience::{Mark, Patience, most};

/// One test's world.
pub struct World {
    dir: tempfile::TempDir,
    mark: Mark,
    _patience: Patience,
}

/// What a command said.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    pub out: String,
    pub err: String,
    pub code: i32,
}

static SERIAL: AtomicU32 = AtomicU32::new(0);

impl World {
    pub fn new() -> World {
        World::for_long(1)
    }

    /// The same for a test that takes so many times as long as the slowest usual one.
    pub fn for_long(times: u32) -> World {
        let number = SERIAL.fetch_add(1, Ordering::Relaxed);
        let dir = tempfile::Builder::new().prefix("aos-test-").tempdir().expect("a directory");
        let home = dir.path().join("home").to_string_lossy().into_owned();
        let mark = Mark { entry: format!("AOS_TEST_WORLD={}-{number}", std::process::id()), home };
        World { dir, _patience: Patience::with(mark.clone(), times), mark }
    }

    /// The directory in which the world's commands run.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A path in that directory.
    pub fn join(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The state.
    pub fn home(&self) -> PathBuf {
        self.join("home")
    }

    /// A file of a task.
    pub fn task(&self, id: u32, file: &str) -> PathBuf {
        self.home().join(format!("tasks/task-{id:03}")).join(file)
    }

    /// Any program, in this world's environment and in nothing else's.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.path()).stdin(Stdio::null());
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        command
    }

    /// What every command of this world has in its environment.
    pub fn environment(&self) -> Vec<(String, String)> {
        let bin = Path::new(env!("CARGO_BIN_EXE_aos")).parent().expect("a directory").to_string_lossy().into_owned();
        let path = format!("{bin}:/usr/local/bin:/usr/bin:/bin");
        let home = self.home().to_string_lossy().into_owned();
        let pairs = [
            ("PATH", path.as_str()),
            ("AOS_HOME", &home),
            ("SHELL", "/bin/bash"),
            ("LANG", "C.UTF-8"),
            ("TZ", "UTC"),
            ("TERM", "xterm"),
        ];
        let mut all: Vec<_> = pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec();
        all.push(("HOME".into(), self.path().to_string_lossy().into_owned()));
        all.extend(self.mark.entry.split_once('=').map(|(name, value)| (name.into(), value.into())));
        all
    }

    /// aos with these words, to its end.
    pub fn aos(&self, words: &[&str]) -> Said {
        said(self.command(env!("CARGO_BIN_EXE_aos")).args(words).output().expect("aos runs"))
    }

    /// How a line of shell begins that is executed by a user that nobody else is, whose home this
    /// directory becomes; `None`, which is said, where that cannot be.
    pub fn another_user(&self, uid: u32, home: &Path) -> Option<String> {
        fs::set_permissions(self.path(), fs::Permissions::from_mode(0o755)).expect("set");
        let home = home.display();
        self.sh(&format!("mkdir -p '{home}' && chown -R {uid}:{uid} '{home}'"));
        let as_user = format!("AOS_HOME={home} setpriv --reuid={uid} --regid={uid} --clear-groups");
        let can = self.sh(&format!("{as_user} {} --version", env!("CARGO_BIN_EXE_aos"))).code == 0;
        if !can {
            eprintln!("NOT TESTED HERE: no other user can be taken on, or may execute aos");
        }
        can.then_some(as_user)
    }

    /// A line of sh, to its end.
    pub fn sh(&self, line: &str) -> Said {
        said(self.command("sh").args(["-c", line]).output().expect("sh runs"))
    }

    /// A line of sh without a home in its environment, where this is the password file; `None`
    /// where none can be put in its place.
    pub fn with_accounts(&self, accounts: &str, line: &str) -> Option<Said> {
        let written = fs::File::create(self.join("passwd")).and_then(|mut file| file.write_all(accounts.as_bytes()));
        written.expect("a file");
        if self.sh("unshare -rm mount --bind passwd /etc/passwd").code != 0 {
            eprintln!("NOT TESTED HERE: no file can be put in the place of /etc/passwd");
            return None;
        }
        let line = format!("unset HOME AOS_HOME; mount --bind passwd /etc/passwd && {{ {line}; }}");
        Some(said(self.command("unshare").args(["-rm", "sh", "-c", &line]).output().expect("unshare runs")))
    }

    /// What aos prints, when it succeeds and has nothing to complain of.
    pub fn ok(&self, words: &[&str]) -> String {
        let said = self.aos(words);
        assert_eq!((said.err.as_str(), said.code), ("", 0), "aos {words:?}");
        said.out
    }

    /// The same as JSON.
    pub fn json(&self, words: &[&str]) -> Value {
        let out = self.ok(words);
        serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}"))
    }

    /// Begins a task with `aos run -b`; gives its number.
    pub fn begin(&self, words: &[&str]) -> u32 {
        let out = self.ok(&[&["run", "-b"], words].concat());
        out.trim().trim_start_matches("task-").parse().unwrap_or_else(|e| panic!("{e}: {out}"))
    }

    /// The task's row once it is over.
    pub fn ended(&self, id: u32) -> Value {
        self.aos(&["wait", &id.to_string()]);
        self.row(id)
    }

    /// The task's row.
    pub fn row(&self, id: u32) -> Value {
        self.json(&["show", &id.to_string(), "--json"])
    }

    /// The task's log, to the byte, over all its segments.
    pub fn log(&self, id: u32) -> Vec<u8> {
        let path = self.ok(&["logs", "--path", &id.to_string()]);
        let path = path.trim();
        if !Path::new(&format!("{path}.1")).exists() && !Path::new(&format!("{path}.1.zst")).exists() {
            return fs::read(path).expect("the log");
        }
        let mut aos = self.command(env!("CARGO_BIN_EXE_aos"));
        aos.args(["logs", "--raw", &id.to_string()]).output().expect("aos runs").stdout
    }

    /// Runs a line of bash as a task to its end; gives its log as text.
    pub fn logged(&self, line: &str) -> String {
        let id = self.begin(&["--shell", line]);
        self.ended(id);
        String::from_utf8(self.log(id)).expect("text")
    }

    /// Waits until the task has printed a line that contains `text`.
    pub fn until_logged(&self, id: u32, text: &str) {
        let mut follower = self.command(env!("CARGO_BIN_EXE_aos"));
        let mut follower =
            follower.args(["logs", "-f", &id.to_string()]).stdout(Stdio::piped()).spawn().expect("a follower");
        let lines = BufReader::new(follower.stdout.take().expect("its output")).lines();
        let is_there = lines.map_while(Result::ok).any(|line| line.contains(text));
        end(&mut follower);
        assert!(is_there, "task {id} ended without `{text}`: {}", String::from_utf8_lossy(&self.log(id)));
    }

    /// The pids that a task's program printed as `NAME=PID`.
    pub fn pid_logged(&self, id: u32, name: &str) -> i32 {
        self.until_logged(id, &format!("{name}="));
        let log = String::from_utf8_lossy(&self.log(id)).into_owned();
        let pid = log.lines().find_map(|line| line.trim().strip_prefix(&format!("{name}="))).expect("the pid");
        pid.trim().parse().expect("a number")
    }

    /// A running task's supervisor is not woken by anything while nothing happens.
    pub fn assert_asleep(&self, id: u32) {
        let supervisor = self.row(id)["supervisor_pid"].as_i64().expect("a pid");
        let wakings = || {
            let status = fs::read_to_string(format!("/proc/{supervisor}/status")).expect("status");
            status.lines().filter(|l| l.contains("ctxt_switches")).map(str::to_owned).collect::<Vec<_>>()
        };
        // What follows the report is over when the title is set.
        until(|| self.sh(&format!("ps -o args= -p {supervisor}")).out.contains("aos: supervisor of "))
            .expect("a title");
        let task = id.to_string();
        assert_eq!(self.aos(&["wait", "--timeout", "200ms", &task]).code, 124);
        let before = wakings();
        assert_eq!(self.aos(&["wait", "--timeout", "1s", &task]).code, 124);
        assert_eq!(wakings(), before);
    }

    /// The living processes that bear this world's mark, or whose title names its state.
    pub fn survivors(&self) -> Vec<String> {
        self.mark.bearers().into_iter().map(|(pid, title)| format!("{pid} {title}")).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = self.command(env!("CARGO_BIN_EXE_aos")).args(["kill", "@running"]).output();
            return;
        }
        let left = self.aos(&[
            "tasks", "--json", "--status", "queued", "--status", "running", "--status", "paused", "--status",
            "starting",
        ]);
        if left.out.trim() != "[]" && left.code == 0 {
            self.aos(&["kill", "@running"]);
        }
        until(|| self.survivors().is_empty()).unwrap_or_else(|| panic!("these survive: {:#?}", self.survivors()));
    }
}

/// Whether a process is there and has not ended.
pub fn is_alive(pid: i32) -> bool {
    state(pid).is_some_and(|s| s != 'Z' && s != 'X')
}

/// A process's state letter; `None` when it is gone.
pub fn state(pid: i32) -> Option<char> {
    stat_after_name(pid)?.chars().next()
}

/// A process's parent.
pub fn parent(pid: i32) -> i32 {
    let stat = stat_after_name(pid).expect("the process");
    stat.split_whitespace().nth(1).expect("a parent").parse().expect("a pid")
}

/// What /proc/PID/stat says after the name, which may hold anything.
fn stat_after_name(pid: i32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(stat.rsplit(')').next()?.trim().to_owned())
}

/// Waits for something that gives no event of its own: asks again and again, for a third of the
/// time that a test has.
pub fn until(mut is_so: impl FnMut() -> bool) -> Option<()> {
    let deadline = Instant::now() + most() / 3;
    while !is_so() {
        if Instant::now() >= deadline {
            return None;
        }
        let _ = nix::poll::poll(&mut [], 5u8);
    }
    Some(())
}

/// Ends a process that a test began.
pub fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// Sends a signal by number.
pub fn kill(pid: i32, signal: nix::sys::signal::Signal) {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), signal).expect("signalled");
}

/// Reads what is there until the end.
/// Writes a program that is going to be executed. A process of its own does that: what another test
/// forks meanwhile would have this one's file open for writing, and the kernel would refuse to
/// execute it. *Source*: execve(2), `ETXTBSY`.
pub fn write_program(path: &Path, text: &str) {
    let mut writer = Command::new("sh");
    writer.args(["-c", "cat > \"$1\" && chmod 755 \"$1\"", "sh"]).arg(path).stdin(Stdio::piped());
    let mut writing = writer.spawn().expect("sh runs");
    let mut stdin = writing.stdin.take().expect("its input");
    stdin.write_all(text.as_bytes()).expect("it reads");
    drop(stdin);
    assert!(writing.wait().expect("it ends").success(), "{} is written", path.display());
}

pub fn read_all(mut from: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).expect("read");
    bytes
}

/// Every file below a directory with its bytes and its inode, for comparing before and after.
pub fn snapshot(dir: &Path) -> Vec<(PathBuf, u64, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(snapshot(&path));
        } else {
            found.push((path.clone(), fs::metadata(&path).expect("a file").ino(), fs::read(&path).expect("its bytes")));
        }
    }
    found.sort();
    found
}

fn said(output: Output) -> Said {
    Said {
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code().unwrap_or(-1),
    }
}

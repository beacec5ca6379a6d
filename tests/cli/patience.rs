//! What hangs fails: a test that is not done after minutes loses its processes, says so, and ends.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::world::is_alive;

/// The slowest test takes a tenth of it on a busy machine. *Units*: seconds.
const MOST: u64 = 180;
/// Where nearly all of the processor goes to others, more is said here. *Units*: seconds.
const VARIABLE: &str = "AOS_TEST_PATIENCE";
/// Whoever waits for nothing that a process does is not helped by their end.
const THEN: Duration = Duration::from_secs(60);

/// How long a test may take.
pub fn most() -> Duration {
    Duration::from_secs(env::var(VARIABLE).ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(MOST))
}

/// The end of the world's time, unless this is dropped before.
pub struct Patience(#[expect(dead_code, reason = "its end is the message")] Sender<()>);

/// By what a world's processes are known.
#[derive(Clone)]
pub struct Mark {
    /// What stands in the environment.
    pub entry: String,
    /// What stands in a supervisor's title.
    pub home: String,
}

impl Patience {
    /// From now on, with the processes that bear this mark, so many times as long as usual.
    pub fn with(mark: Mark, times: u32) -> Patience {
        let (sender, over) = channel();
        let test = thread::current().name().unwrap_or("a test").to_owned();
        thread::spawn(move || be_patient(&test, &mark, most() * times, &over));
        Patience(sender)
    }
}

impl Mark {
    /// The living who bear it: their pids and their command lines.
    pub fn bearers(&self) -> Vec<(i32, String)> {
        let bears = |pid: i32| {
            let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let title = String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default())
                .replace('\0', " ");
            let has_entry = environ.split(|b| *b == 0).any(|e| e == self.entry.as_bytes());
            (has_entry || title.contains(&self.home)).then_some((pid, title))
        };
        let pids = fs::read_dir("/proc").expect("/proc").filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok());
        pids.filter(|pid| *pid != std::process::id() as i32 && is_alive(*pid)).filter_map(bears).collect()
    }
}

#[expect(clippy::disallowed_methods, reason = "the test runner would wait for ever")]
fn be_patient(test: &str, mark: &Mark, most: Duration, over: &Receiver<()>) {
    if over.recv_timeout(most) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let hanging = mark.bearers();
    say(&format!("{test} hangs; these are ended: {hanging:#?}"));
    for (pid, _) in hanging {
        let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
    }
    if over.recv_timeout(THEN) == Err(RecvTimeoutError::Timeout) {
        say(&format!("{test} hangs without them too"));
        std::process::exit(1);
    }
}

/// Past the test's own captured output.
fn say(what: &str) {
    let _ = writeln!(io::stderr().lock(), "\n{what}");
}

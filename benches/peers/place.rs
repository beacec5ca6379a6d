//! Where things are measured: a directory of its own, the floor's program, the peers at hand.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::table::Pace;

/// A place to measure in.
pub struct Place {
    /// The paces at which is measured what is measured at several.
    pub paces: Vec<Pace>,
    dir: tempfile::TempDir,
    floor: PathBuf,
}

impl Place {
    /// Makes the directory and builds the floor's program.
    pub fn new(paces: Vec<Pace>) -> Place {
        let dir = tempfile::tempdir().expect("a directory");
        let floor = dir.path().join("floor");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/floor.c");
        let built = Command::new("cc").args(["-O2", "-static", "-o"]).arg(&floor).arg(source).arg("-lutil").status();
        assert!(built.expect("cc runs").success(), "the floor does not compile");
        Place { paces, dir, floor }
    }

    /// A path in the directory.
    pub fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_string_lossy().into_owned()
    }

    /// The floor's program.
    pub fn floor(&self) -> String {
        self.floor.to_string_lossy().into_owned()
    }

    /// A command of aos with its state in `home`.
    pub fn aos(&self, home: &str, words: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_aos"), words);
        command.env("AOS_HOME", self.path(home));
        command
    }

    /// A command that says nothing and finds what it keeps in this place.
    pub fn command(&self, program: &str, words: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(words).current_dir(self.dir.path());
        command.env("TS_SOCKET", self.path("tsp")).env("NQDIR", self.path("nq")).env("TMUX_TMPDIR", self.dir.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Whether a peer is installed.
    pub fn has(&self, program: &str) -> bool {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
    }
}

/// Runs a command to its end. *Units*: milliseconds.
pub fn time(command: &mut Command) -> f64 {
    time_to(0, command)
}

/// The same of one that answers with this exit code.
pub fn time_to(code: i32, command: &mut Command) -> f64 {
    let began = Instant::now();
    let status = command.status().expect("the command runs");
    let took = began.elapsed();
    assert!(status.code() == Some(code), "{command:?}: {status}");
    took.as_secs_f64() * 1000.0
}

/// The monotonic clock, as the floor's program reads it. *Units*: nanoseconds.
pub fn clock() -> i64 {
    let t = nix::time::clock_gettime(nix::time::ClockId::CLOCK_MONOTONIC).expect("a clock");
    t.tv_sec() * 1_000_000_000 + t.tv_nsec()
}

/// What `floor stamp` wrote, as soon as it is there. *Units*: nanoseconds.
pub fn read_stamp(file: &str) -> i64 {
    loop {
        if let Ok(text) = std::fs::read_to_string(file)
            && text.ends_with('\n')
        {
            return text.trim().parse().expect("a number");
        }
        std::thread::yield_now();
    }
}

//! Control groups: processes that the kernel counts, limits and ends together. One directory on
//! version 2; on version 1 one for each controller. *Source*: cgroups(7), Linux
//! Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/.

pub mod limits;
pub mod places;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use serde::{Deserialize, Serialize};

use super::{polling, proc_file};

/// How long the kernel may take to let go of who was killed.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long it may take to have a group stand still.
const FREEZING: Duration = Duration::from_millis(200);
const PAUSE: Duration = Duration::from_millis(2);

/// A part of the kernel that counts for groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Controller {
    /// All of them, of version 2.
    Unified,
    /// What ends a group of version 1 at one moment.
    Freezer,
    /// Memory.
    Memory,
    /// Processes and threads.
    Pids,
    /// Processor time.
    Cpu,
}

/// A group, made or to be made: its directory for each controller. The last part of their paths is
/// the group's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cgroup {
    /// *Shape*: absolute paths.
    dirs: BTreeMap<Controller, PathBuf>,
}

impl Cgroup {
    /// A group of version 2 with this directory.
    pub fn unified(dir: PathBuf) -> Cgroup {
        Cgroup { dirs: BTreeMap::from([(Controller::Unified, dir)]) }
    }

    /// Whether it is of version 2.
    pub fn is_unified(&self) -> bool {
        self.dirs.contains_key(&Controller::Unified)
    }

    /// Makes its directories. *Errors*: none of them is left then.
    pub fn make(&self) -> io::Result<()> {
        let made = self.dirs.values().try_for_each(fs::create_dir);
        if made.is_err() {
            self.dirs.values().for_each(|dir| drop(fs::remove_dir(dir)));
        }
        made
    }

    /// Whether its name, in all its directories, begins so.
    pub fn is_called(&self, prefix: &str) -> bool {
        let is_so =
            |dir: &PathBuf| dir.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(prefix.as_bytes()));
        !self.dirs.is_empty() && self.dirs.values().all(|dir| dir.is_absolute() && is_so(dir))
    }

    /// Whether its name ends in this number.
    pub fn is_of_run(&self, run: u32) -> bool {
        let name = self.listed_in().and_then(|dir| dir.file_name()?.to_str()?.rsplit('-').next());
        name == Some(&run.to_string())
    }

    /// What a message calls it.
    pub fn shown(&self) -> String {
        self.listed_in().map_or_else(String::new, |dir| dir.display().to_string())
    }

    /// Whether any of it is there.
    pub fn is_there(&self) -> bool {
        self.dirs.values().any(|dir| dir.exists())
    }

    /// The directory that counts for a controller.
    fn dir(&self, controller: Controller) -> Option<&Path> {
        self.dirs.get(&controller).or_else(|| self.dirs.get(&Controller::Unified)).map(PathBuf::as_path)
    }

    /// The directory in which its processes are listed.
    fn listed_in(&self) -> Option<&Path> {
        self.dirs.values().next().map(PathBuf::as_path)
    }

    /// The files by which a process enters it, open: it writes 0 to each. On version 1 those of
    /// threads, as one may move itself without waiting for anybody; a process waits until every
    /// processor of the machine has passed by, which takes some ten milliseconds.
    pub fn entries(&self) -> io::Result<Vec<File>> {
        let name = if self.is_unified() { "cgroup.procs" } else { "tasks" };
        self.dirs.values().map(|dir| File::options().write(true).open(dir.join(name))).collect()
    }

    /// A version 2 group's directory, for a process that is made within it.
    pub fn birthplace(&self) -> Option<File> {
        File::open(self.dirs.get(&Controller::Unified)?).ok()
    }

    /// The pids of its processes, and of those in groups below it.
    pub fn pids(&self) -> Vec<i32> {
        self.listed_in().map(pids_below).unwrap_or_default()
    }

    /// Has all of its processes stand still, and waits until they do, for a moment at most.
    pub fn freeze(&self) {
        let deadline = Instant::now() + FREEZING;
        if let Some(dir) = self.dirs.get(&Controller::Unified) {
            let _ = put(dir, "cgroup.freeze", "1");
            let is_frozen = || read(dir, "cgroup.events").is_some_and(|text| text.contains("frozen 1"));
            wait_until(deadline, is_frozen);
        } else if let Some(dir) = self.dirs.get(&Controller::Freezer) {
            let _ = put(dir, "freezer.state", "FROZEN");
            let is_frozen = || read(dir, "freezer.state").is_some_and(|text| text.trim() == "FROZEN");
            wait_until(deadline, is_frozen);
        }
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        if let Some(dir) = self.dirs.get(&Controller::Unified) {
            let _ = put(dir, "cgroup.freeze", "0");
        } else if let Some(dir) = self.dirs.get(&Controller::Freezer) {
            let _ = put(dir, "freezer.state", "THAWED");
        }
    }

    /// Has the kernel kill all of them at once; `false` where it cannot (before Linux 5.14, and on
    /// version 1).
    pub fn kill_all(&self) -> bool {
        self.dirs.get(&Controller::Unified).is_some_and(|dir| put(dir, "cgroup.kill", "1").is_ok())
    }

    /// Removes it. Who is in it still goes to the group above, or to that of whoever removes it.
    /// *Errors*: when it is there after a second.
    pub fn remove(&self) -> io::Result<()> {
        self.dirs.values().map(|dir| remove(dir)).fold(Ok(()), Result::and)
    }
}

/// Writes a value into one of a group's files.
pub(super) fn put(dir: &Path, file: &str, value: &str) -> io::Result<()> {
    File::options().write(true).open(dir.join(file))?.write_all(value.as_bytes())
}

pub(super) fn read(dir: &Path, file: &str) -> Option<String> {
    proc_file::text(dir.join(file)).ok()
}

fn pids_below(dir: &Path) -> Vec<i32> {
    let list = read(dir, "cgroup.procs").unwrap_or_default();
    let mut pids: Vec<i32> = list.lines().filter_map(|line| line.trim().parse().ok()).collect();
    for below in groups_below(dir) {
        pids.extend(pids_below(&below));
    }
    pids
}

fn groups_below(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()).collect()
}

fn remove(dir: &Path) -> io::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let removed = groups_below(dir).iter().try_for_each(|below| remove(below)).and_then(|()| fs::remove_dir(dir));
        match removed {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(e) if e.raw_os_error() == Some(Errno::EBUSY as i32) && Instant::now() < deadline => {
                pids_below(dir).iter().for_each(|pid| send_away(*pid, dir));
                polling::pause(PAUSE);
            }
            removed => return removed,
        }
    }
}

/// Has a process go to the group above; where that has none by the rules of version 2, to that of
/// whoever removes this one.
fn send_away(pid: i32, dir: &Path) {
    let put = |to: &Path| put(to, "cgroup.procs", &pid.to_string());
    if dir.parent().is_some_and(|above| put(above).is_err())
        && let Some(own) = places::CgroupPlaces::here().unified()
    {
        let _ = put(own);
    }
}

fn wait_until(deadline: Instant, is_so: impl Fn() -> bool) {
    while !is_so() && Instant::now() < deadline {
        polling::pause(PAUSE);
    }
}

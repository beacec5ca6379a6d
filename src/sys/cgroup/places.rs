//! Where this process is among the control groups, and where it may make others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::super::{errno_text, proc_file};
use super::{Cgroup, Controller, put, read};

/// What version 1 calls each controller.
const NAMES: [(&str, Controller); 4] = [
    ("freezer", Controller::Freezer),
    ("memory", Controller::Memory),
    ("pids", Controller::Pids),
    ("cpu", Controller::Cpu),
];

/// The directories of the groups in which this process is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CgroupPlaces {
    unified: Option<PathBuf>,
    by_controller: BTreeMap<Controller, PathBuf>,
}

/// A place at which a group can be tried to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// A group that may be there to be made, below one that passes on what it needs, or is asked to
    /// first.
    May(Cgroup, PassOn),
    /// Why there is none.
    Not(String),
}

/// Controllers that a version 2 group does not pass on to those below it yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PassOn {
    dir: PathBuf,
    controllers: Vec<&'static str>,
}

impl PassOn {
    /// Has the group pass them on. *Errors*: which it cannot, and why.
    pub fn ask(&self) -> Result<(), String> {
        for name in &self.controllers {
            put(&self.dir, "cgroup.subtree_control", &format!("+{name}"))
                .map_err(|e| format!("{} cannot pass on {name}: {}", self.dir.display(), errno_text::of(&e)))?;
        }
        Ok(())
    }
}

impl CgroupPlaces {
    /// Where this process is.
    pub fn here() -> CgroupPlaces {
        let text = |path| proc_file::text(path).unwrap_or_default();
        CgroupPlaces::parse(&text("/proc/self/cgroup"), &text("/proc/self/mountinfo"))
    }

    fn parse(groups: &str, mounts: &str) -> CgroupPlaces {
        let mounts: Vec<CgroupMount> = mounts.lines().filter_map(CgroupMount::parse).collect();
        let mut places = CgroupPlaces::default();
        for line in groups.lines() {
            let mut parts = line.splitn(3, ':').skip(1);
            let (Some(names), Some(path)) = (parts.next(), parts.next()) else { continue };
            let names: Vec<&str> = names.split(',').filter(|name| !name.is_empty()).collect();
            let Some(dir) = mounts.iter().find_map(|mount| mount.dir_of(&names, path)) else { continue };
            if names.is_empty() {
                places.unified = Some(dir.clone());
            }
            for (name, controller) in NAMES {
                if names.contains(&name) {
                    places.by_controller.insert(controller, dir.clone());
                }
            }
        }
        places
    }

    /// The directory of the version 2 group in which this process is.
    pub fn unified(&self) -> Option<&Path> {
        self.unified.as_deref()
    }

    /// Groups of this name that can be tried, the best first, each with why not where it is known
    /// already.
    pub fn candidates(&self, name: &str, needed: &BTreeSet<Controller>) -> Vec<Candidate> {
        let above = self.unified.as_deref().and_then(Path::parent).filter(|dir| dir.join("cgroup.procs").exists());
        let unified = self.unified.as_deref().into_iter().chain(above);
        let mut found: Vec<Candidate> = unified.map(|dir| below(dir, name, needed)).collect();
        if !self.by_controller.is_empty() {
            found.push(self.of_version_1(name, needed));
        }
        if found.is_empty() {
            found.push(Candidate::Not("no control groups are mounted here".into()));
        }
        found
    }

    fn of_version_1(&self, name: &str, needed: &BTreeSet<Controller>) -> Candidate {
        let mut dirs = BTreeMap::new();
        for controller in needed.iter().copied().chain([Controller::Freezer]) {
            let Some(dir) = self.by_controller.get(&controller) else {
                let named = NAMES.iter().find(|(_, known)| *known == controller).map_or("", |(name, _)| name);
                return Candidate::Not(format!("version 1 has no {named} controller here"));
            };
            dirs.insert(controller, dir.join(name));
        }
        Candidate::May(Cgroup { dirs }, PassOn::default())
    }
}

/// A version 2 group below `dir`, where the controllers are passed on to it, or can be.
pub fn below(dir: &Path, name: &str, needed: &BTreeSet<Controller>) -> Candidate {
    let names = |file| read(dir, file).unwrap_or_default();
    let (offered, passed) = (names("cgroup.controllers"), names("cgroup.subtree_control"));
    let has = |list: &str, controller: &str| list.split_whitespace().any(|word| word == controller);
    let wanted = NAMES.iter().filter(|(_, controller)| needed.contains(controller)).map(|(name, _)| *name);
    let missing: Vec<&'static str> = wanted.filter(|name| !has(&passed, name)).collect();
    if let Some(name) = missing.iter().find(|name| !has(&offered, name)) {
        return Candidate::Not(format!("{} has no {name} controller", dir.display()));
    }
    // Some of them would be passed on all the same, and then no process could be in a group below.
    if !missing.is_empty() && !is_root(dir) && !names("cgroup.procs").trim().is_empty() {
        let why = format!("{} has processes of its own, and so passes on no controllers", dir.display());
        return Candidate::Not(why);
    }
    Candidate::May(Cgroup::unified(dir.join(name)), PassOn { dir: dir.to_owned(), controllers: missing })
}

/// Whether it is above all others, where the rules are none.
fn is_root(dir: &Path) -> bool {
    !dir.join("cgroup.type").exists()
}

/// A mounted hierarchy.
#[derive(Debug)]
struct CgroupMount {
    root: String,
    at: PathBuf,
    /// Empty for version 2.
    controllers: Vec<String>,
}

impl CgroupMount {
    /// *Shape*: `36 35 98:0 ROOT AT OPTIONS … - cgroup SOURCE rw,cpu`. *Source*: proc(5).
    fn parse(line: &str) -> Option<CgroupMount> {
        let (left, right) = line.split_once(" - ")?;
        let mut left = left.split(' ').skip(3);
        let (root, at) = (left.next()?.to_owned(), PathBuf::from(left.next()?.replace("\\040", " ")));
        let mut right = right.split(' ');
        let kind = right.next()?;
        let options = right.nth(1)?;
        match kind {
            "cgroup2" => Some(CgroupMount { root, at, controllers: Vec::new() }),
            "cgroup" => {
                let known = options.split(',').filter(|option| !matches!(*option, "rw" | "ro"));
                Some(CgroupMount { root, at, controllers: known.map(str::to_owned).collect() })
            }
            _ => None,
        }
    }

    /// Where a group of these controllers is, if this is their hierarchy.
    fn dir_of(&self, names: &[&str], path: &str) -> Option<PathBuf> {
        let is_its = match names.first() {
            None => self.controllers.is_empty(),
            Some(first) => self.controllers.iter().any(|controller| controller == first),
        };
        let inside = if self.root == "/" { path } else { path.strip_prefix(&self.root)? };
        is_its.then(|| self.at.join(inside.trim_start_matches('/')))
    }
}

#[cfg(test)]
mod tests {
    use super::{CgroupPlaces, Controller};
    use std::path::{Path, PathBuf};

    #[test]
    fn both_versions_are_found_where_they_are_mounted() {
        let hybrid = CgroupPlaces::parse(
            "5:memory:/a/b\n3:cpu,cpuacct:/\n1:name=systemd:/\n0::/c\n",
            "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n\
             32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n\
             33 31 0:30 /a /sys/fs/cgroup/memory rw,relatime shared:4 - cgroup cgroup rw,memory\n\
             34 31 0:31 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
        );
        assert_eq!(hybrid.unified(), Some(Path::new("/sys/fs/cgroup/unified/c")));
        let dir = |controller| hybrid.by_controller.get(&controller).cloned();
        assert_eq!(dir(Controller::Memory), Some(PathBuf::from("/sys/fs/cgroup/memory/b")));
        assert_eq!(dir(Controller::Cpu), Some(PathBuf::from("/sys/fs/cgroup/cpu,cpuacct/")));
        assert_eq!(dir(Controller::Pids), None);
    }
}

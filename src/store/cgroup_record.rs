//! Which control group a task's run is in, written before that is made: so that whoever finds the
//! task without a supervisor finds the group as well.

use serde::{Deserialize, Serialize};

use super::task_dir::{CGROUP, TaskDir};
use super::{StoreError, host};
use crate::sys::cgroup::Cgroup;
use crate::task::format::Format;
use crate::task::process_id::Directory;

/// *Shape*: `cgroup.json`.
#[derive(Debug, Serialize, Deserialize)]
struct CgroupRecord {
    version: u32,
    /// The task's directory: in a copy of it the group is another's.
    directory: Option<Directory>,
    group: Cgroup,
}

impl Format for CgroupRecord {
    const VERSION: u32 = 1;
}

/// Writes down that a group is to be made.
pub fn write(task: &TaskDir, group: &Cgroup) -> Result<(), StoreError> {
    let (version, directory) = (CgroupRecord::VERSION, host::directory_of(task));
    task.write_json(CGROUP, &CgroupRecord { version, directory, group: group.clone() })
}

/// The group that is written down, if there is one.
pub fn read(task: &TaskDir) -> Option<Cgroup> {
    const LONGEST: u64 = 64 << 10;
    let record: CgroupRecord = task.parsed(CGROUP, LONGEST).ok()??;
    // Whatever else it may name is not touched.
    Some(record.group)
        .filter(|_| record.directory == host::directory_of(task))
        .filter(|group| group.is_called(&prefix(task)))
}

/// How the names of a task's groups begin.
pub fn prefix(task: &TaskDir) -> String {
    format!("aos-{}-", task.id)
}

/// Forgets the group, which has been removed.
pub fn forget(task: &TaskDir) {
    let _ = task.dir.remove(CGROUP);
}

//! What was asked for, as far as it can be read: a damaged `spec.json` costs what it would tell,
//! and no more.

use super::StoreError;
use super::layout::{Home, name_in};
use super::task_dir::{LOCK, TaskDir};
use crate::task::name::Name;
use crate::task::spec::Spec;
use crate::units::wall_time::WallTime;

/// What was asked for, or what is known instead.
#[derive(Debug)]
pub struct Asked {
    /// What was asked for. Where that cannot be read: the name that the log has, and nothing else
    /// that is known.
    pub spec: Spec,
    /// Why it cannot be read, in words.
    pub lack: Option<String>,
}

impl Asked {
    /// Reads what was asked for. *Errors*: the task was removed, or a newer aos has written it.
    pub fn of(home: &Home, task: &TaskDir) -> Result<Asked, StoreError> {
        match task.spec() {
            Ok(spec) => Ok(Asked { spec, lack: None }),
            Err(why @ (StoreError::Damaged { .. } | StoreError::File { .. })) if !task.is_removed() => {
                let log = home.log_of(task.id);
                let name = log.and_then(|log| name_in(&log, task.id)?.parse::<Name>().ok());
                let created = task.dir.look_at(LOCK).map_or(WallTime(0), |lock| lock.written);
                Ok(Asked { spec: Spec::unknown(task.id, name, created), lack: Some(why.to_string()) })
            }
            Err(other) => Err(other),
        }
    }
}

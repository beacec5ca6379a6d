//! The worker that looks at how much memory a task has, where the kernel does not count it for all
//! its processes together.

use std::io;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::processes::tree::{self, Root};
use crate::store::task_dir::TaskDir;
use crate::supervisor::workers::worker::{become_worker, say};
use crate::sys::{polling, process_usage};
use crate::units::size;

/// The verb of the worker.
pub const MEASURE: &str = "__measure";
/// What it is called in `ps`.
const NAME: &str = "memory?";
const PAUSE: Duration = Duration::from_millis(50);

/// What the worker says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemoryMessage {
    /// It has more than it may; the text has both.
    Over(String),
}

/// Is the worker; its task's directory is the word after the verb.
pub fn measure(dir: &Path) -> i32 {
    i32::from(measure_until_over(dir).is_err())
}

fn measure_until_over(dir: &Path) -> io::Result<()> {
    become_worker(NAME)?;
    let (_, task) = TaskDir::at(dir).map_err(io::Error::other)?;
    let state = task.state().map_err(io::Error::other)?.ok_or(io::ErrorKind::NotFound)?;
    let most = state.resource_limits.mem.ok_or(io::ErrorKind::InvalidInput)?;
    loop {
        let pids = tree::pids(Root::Supervisor(state.supervisor));
        // What processes share counts for each here, which is quick to ask, and once below.
        if sum(&pids, |pid| process_usage::of(pid).ok().map(|used| used.memory)) > most {
            let has = sum(&pids, memory);
            if has > most {
                let (limit, peak) = (size::exact(most), size::rounded(has));
                return say(&MemoryMessage::Over(format!("limit {limit}, peak {peak}, polled")));
            }
        }
        polling::pause(PAUSE);
    }
}

/// What a process has, shared memory by its part. Of one that may not be looked at closely, which
/// runs with privileges or in a user namespace of its own, all of it.
fn memory(pid: i32) -> Option<u64> {
    process_usage::proportional_memory(pid).or_else(|| process_usage::of(pid).ok().map(|used| used.memory))
}

fn sum(pids: &[i32], of: impl Fn(i32) -> Option<u64>) -> u64 {
    pids.iter().filter_map(|pid| of(*pid)).sum()
}

//! What a task's newest run had of memory now and then: one small file, which its supervisor
//! writes.

use super::StoreError;
use super::task_dir::{MEMORY, TaskDir};
use crate::task::memory_samples::MemorySamples;

/// No file of it is longer. *Units*: bytes.
const LONGEST: u64 = 64 << 10;

/// What is known of a run; what cannot be read is not known.
pub fn of(task: &TaskDir, run: u32) -> Option<MemorySamples> {
    task.parsed::<MemorySamples>(MEMORY, LONGEST).ok().flatten().filter(|samples| samples.run == run)
}

/// Writes it.
pub fn write(task: &TaskDir, samples: &MemorySamples) -> Result<(), StoreError> {
    task.write_json(MEMORY, samples)
}

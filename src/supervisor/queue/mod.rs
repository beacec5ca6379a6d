//! A task that waits before it starts: for a time, for other tasks, for a slot of its group.

pub mod awaited_task;
pub mod queued;
pub mod slot_queue;
pub mod start_conditions;

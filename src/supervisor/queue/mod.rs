pub mod awaited_task;
pub mod queued;
pub mod slot_queue;
pub mod start_conditions;

//! The processes of this supervisor's task: those it started and those it adopted.

pub mod adopted_processes;
pub mod survivors;
pub mod task_processes;

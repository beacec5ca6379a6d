pub mod adopted_processes;
pub mod survivors;
pub mod task_processes;

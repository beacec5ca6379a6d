//! The worker that runs hooks: `aos __hooks DIR`. It hears a task's events, reads what is
//! configured, and runs what is meant, beside the task and after it. Nobody waits for it.

pub mod analysis;
pub mod chain;
pub mod error_scan;
pub mod facts;
pub mod file_watch;
pub mod handler_run;
pub mod hook_queue;
pub mod run_analysis;
pub mod selection;
pub mod tested_tree;
pub mod told_errors;
pub mod work;

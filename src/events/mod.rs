//! What happens to tasks, told in one place to all who hear of it: the journal, shells, markers,
//! hooks. Whoever watches over a task publishes; who else hears of it is decided here.

pub mod hook_files;
pub mod hook_sink;
pub mod outlet;
pub mod task_event;

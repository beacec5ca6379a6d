//! What verbs have in common: choosing tasks, asking several of them for the same thing, telling
//! how they end, failing with a message, a hint and an exit code. Knows no command line: a key of
//! the live view and a program may do the same.

pub mod acknowledge;
pub mod confirm;
pub mod describe_end;
pub mod describe_task;
pub mod describe_wait;
pub mod dropped_output;
pub mod failure;
pub mod guarded;
pub mod hook_caller;
pub mod json;
pub mod living;
pub mod output;
pub mod own_task;
pub mod remarks;
pub mod request_all;
pub mod sandbox;
pub mod select;
pub mod session;
pub mod stop_all;

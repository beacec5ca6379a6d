//! What a task is: its id, what was asked for, how it stands, how it ended. Plain data and
//! pure functions: no file, no clock, no process is touched here.

pub mod address;
pub mod adopted;
pub mod command;
pub mod end;
pub mod fit;
pub mod hold;
pub mod id;
pub mod journal;
pub mod name;
pub mod offer;
pub mod phase;
pub mod raw;
pub mod request;
pub mod selector;
pub mod session;
pub mod shell_state;
pub mod spec;
pub mod state;
pub mod status;
pub mod streams;
pub mod summary;

//! What a task is: its id, what was asked for, how it stands, how it ended. Plain data and
//! pure functions: no file, no clock, no process is touched here.

pub mod address;
pub mod adopted;
pub mod between;
pub mod budget;
pub mod command;
pub mod condition;
pub mod end;
pub mod fit;
pub mod format;
pub mod group;
pub mod hold;
pub mod http_url;
pub mod id;
pub mod journal;
pub mod line;
pub mod name;
pub mod offer;
pub mod outliving;
pub mod pattern;
pub mod phase;
pub mod probe;
pub mod raw;
pub mod ready;
pub mod request;
pub mod restart;
pub mod retention;
pub mod selector;
pub mod session;
pub mod shell_state;
pub mod spec;
pub mod state;
pub mod status;
pub mod streams;
pub mod summary;
pub mod survivor;

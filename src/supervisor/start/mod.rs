//! From a fork to a supervisor with a running command: the terminal, the files, the launch.

pub mod bootstrap;
pub mod early_setup;
pub mod never_started;
pub mod pty;
pub mod task_setup;

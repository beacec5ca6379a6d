//! Hooks: what is configured to follow from an event of a task, whether it is trusted, and what
//! became of it. Reads configuration; knows no supervisor, and runs nothing.

pub mod command_line;
pub mod config;
pub mod hook_log;
pub mod json_tree;
pub mod matcher;
pub mod notice_rule;
pub mod problem;
pub mod recipe;
pub mod rule;
pub mod runner;
pub mod sources;
pub mod trust;

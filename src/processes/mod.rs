//! The processes of tasks: the tree below a leader, what it uses, how all of it is ended, and which
//! processes are aos's own.

pub mod group;
pub mod own_processes;
pub mod sweep;
pub mod tree;
pub mod usage;

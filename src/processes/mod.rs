pub mod own_processes;
pub mod sweep;
pub mod tree;
pub mod usage;

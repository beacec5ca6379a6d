//! Worker processes: what a supervisor is too small for (regular expressions, file trees,
//! compression) runs beside it and talks over a pipe.

pub mod compress_worker;
pub mod connection_worker;
pub mod detached_worker;
pub mod gc_worker;
pub mod health_worker;
mod learning;
pub mod memory_worker;
pub mod readiness_worker;
pub mod removal_worker;
pub mod scan_worker;
pub mod tree_worker;
pub mod unusual_worker;
pub mod verdict_worker;
pub mod watch_worker;
pub mod worker;

pub mod compress_worker;
pub mod detached_worker;
pub mod gc_worker;
pub mod readiness_worker;
pub mod watch_worker;
pub mod worker;

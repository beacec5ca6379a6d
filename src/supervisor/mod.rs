//! The process behind each task, from birth to end. Its sources (terminal,
//! signals, clients) all feed one loop; the loop alone holds state, collects
//! children and kills. What is to happen is decided by [`run::machine`]; [`run::effects`] does it.

pub mod attach;
pub mod hook_worker;
pub mod processes;
pub mod queue;
pub mod rerun;
pub mod run;
pub mod start;
mod state;
mod supervised_task;
mod watchdog;
pub mod workers;

#[cfg(test)]
pub use attach::attached_client::{Client, Demand};
pub use hook_worker::work::run_hooks;
#[cfg(test)]
pub use run::output_source::OutputStream;
pub use start::bootstrap::{fork_spare, spare};
pub use watchdog::{CLEAR_UP, clear_up};
pub use workers::compress_worker::{TIDY, tidy};
pub use workers::connection_worker::decide;
pub use workers::gc_worker::{CLEAN, clean};
pub use workers::health_worker::{HEALTH, watch_health};
pub use workers::memory_worker::{MEASURE, measure};
pub use workers::readiness_worker::{PROBE, probe_readiness};
pub use workers::removal_worker::{REMOVE, remove};
pub use workers::scan_worker::{SCAN, scan};
pub use workers::tree_worker::{TREE, look_at_tree};
pub use workers::unusual_worker::{UNUSUAL, compare};
pub use workers::verdict_worker::{VERDICT, judge};
pub use workers::watch_worker::{WATCH, watch};

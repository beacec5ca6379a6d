//! The process behind each task, from birth to end. Its sources (terminal,
//! signals, clients) all feed one loop; the loop alone holds state, collects
//! children and kills. What is to happen is decided by the [`machine`]; what happens is done
//! by [`perform`].

mod adopted_processes;
mod decision;
mod worker;
mod alt_screen;
mod serve;
mod awaited_task;
pub mod bootstrap;
mod record;
mod file_changes;
mod gc_worker;
mod attached_client;
mod control_socket;
mod state;
mod slot_queue;
mod input_probe;
mod watchdog;
mod input_buffer;
mod task_processes;
mod readiness_worker;
mod machine;
mod next_run;
mod effects;
mod task_setup;
mod input_wait;
mod early_setup;
mod pty;
mod queued;
mod ready;
mod runs;
mod output_source;
mod event_loop;
mod survivors;
mod sweep;
mod detached_worker;
mod compress_worker;
mod adopted_run;
mod never_started;
mod start_conditions;
mod watch_worker;

pub use bootstrap::{fork_unborn, unborn};
pub use gc_worker::{CLEAN, clean};
#[cfg(test)]
pub use attached_client::{Client, Demand};
pub use watchdog::{CLEAR_UP, clear_up};
pub use readiness_worker::{LOOKOUT, look_out};
#[cfg(test)]
pub use output_source::OutputStream;
pub use compress_worker::{TIDY, tidy};
pub use watch_worker::{WATCH, watch};

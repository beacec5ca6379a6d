//! The process behind each task, from birth to end. Its sources (terminal,
//! signals, clients) all feed one loop; the loop alone holds state, collects
//! children and kills. What is to happen is decided by the [`machine`]; what happens is done
//! by [`perform`].

mod adopted;
mod again;
mod aide;
mod alternate;
mod attending;
mod awaited;
pub mod birth;
mod books;
mod changes;
mod cleaner;
mod client;
mod control;
mod desk;
mod in_line;
mod inquiry;
mod keeper;
mod keyboard;
mod kin;
mod lookout;
mod machine;
mod next_run;
mod perform;
mod post;
mod prompting;
mod prospect;
mod pty;
mod queued;
mod readiness;
mod runs;
mod source;
mod supervise;
mod survivors;
mod sweep;
mod sweeper;
mod tidier;
mod tracking;
mod unbegun;
mod waits;
mod watcher;

pub use birth::{fork_unborn, unborn};
pub use cleaner::{CLEAN, clean};
#[cfg(test)]
pub use client::{Client, Demand};
pub use keeper::{CLEAR_UP, clear_up};
pub use lookout::{LOOKOUT, look_out};
#[cfg(test)]
pub use source::OutputStream;
pub use tidier::{TIDY, tidy};
pub use watcher::{WATCH, watch};

//! Whether a run is followed by another, and the change from one to the next.

pub mod decision;
pub mod file_changes;
pub mod handover;
pub mod next_run;
pub mod runs;

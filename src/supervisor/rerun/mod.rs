pub mod decision;
pub mod file_changes;
pub mod next_run;
pub mod runs;

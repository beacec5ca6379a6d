pub mod decision;
pub mod file_changes;
pub mod runs;

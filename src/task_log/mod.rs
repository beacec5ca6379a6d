//! A task's log as readers want it: the part of a run or a time, as lines that know their run, and
//! which logs come back to their reader.

pub mod beside_output;
pub mod diagnosis;
pub mod earlier_runs;
pub mod feedback;
pub mod late_findings;
pub mod learned_lines;
pub mod line_stream;
pub mod log_range;
pub mod progress;
pub mod rules;
pub mod run_diagnosis;

//! What is known of a run before it is lined up: that which follows another.

use crate::task::between::LastRun;
use crate::task::spec::Spec;
use crate::task::start_condition::StartCondition;

/// A run that follows another.
pub struct NextRun {
    /// What was asked for.
    pub spec: Spec,
    /// What it waits for.
    pub holds: Vec<StartCondition>,
    /// How the one before ended.
    pub last_run: LastRun,
}

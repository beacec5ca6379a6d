//! The files of a task that is over, for who makes rows of thousands: its directory is not opened,
//! and its environment not kept.

use std::io;

use super::findings;
use super::layout::Home;
use super::task_dir::{FINDINGS, LONGEST_SPEC, LONGEST_STATE, SPEC, STATUS};
use crate::task::format;
use crate::task::id::TaskId;
use crate::task::run_findings::RunFindings;
use crate::task::spec::Spec;
use crate::task::state::State;

/// What they say.
#[derive(Debug)]
pub(super) struct OverFiles {
    /// What was asked for, without what surrounded its caller.
    pub spec: Spec,
    /// What the supervisor wrote last.
    pub state: State,
    /// What was found in its output, whichever run's.
    pub found: Option<RunFindings>,
}

impl OverFiles {
    /// Reads them; `None` where one of those that every such task has cannot be read: who looks
    /// more closely is told why.
    pub(super) fn read(home: &Home, id: TaskId) -> Option<OverFiles> {
        let dir = id.to_string();
        let read = |name, most| -> io::Result<Vec<u8>> { home.tasks.read_in(&dir, name, most) };
        let spec = Spec::without_surroundings(&read(SPEC, LONGEST_SPEC).ok()?).ok()?;
        let state = format::parse(&read(STATUS, LONGEST_STATE).ok()?).ok()?;
        let found = read(FINDINGS, findings::LONGEST).ok().and_then(|bytes| format::parse(&bytes).ok());
        Some(OverFiles { spec, state, found })
    }
}

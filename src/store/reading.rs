//! What a task's directory says, read as truth: the lock tells who lives, the files the rest.

use super::task_dir::TaskDir;
use super::{Error, end_record, journal, place};
use crate::task::address::Distance;
use crate::task::end::End;
use crate::task::journal::Event;
use crate::task::phase::Phase;
use crate::task::spec::Spec;
use crate::task::state::State;
use crate::task::status::Status;

/// What is known of a task.
#[derive(Debug)]
pub struct Reading {
    /// What was asked for.
    pub spec: Spec,
    /// What its supervisor last wrote of its newest run; `None` before it was launched.
    pub state: Option<State>,
    /// How it stands.
    pub standing: Standing,
}

/// How a task stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// Somebody is home.
    Living(Phase),
    /// It ended, and how is recorded.
    Over(End),
    /// Nobody is home, and no end is recorded.
    Lost(String),
    /// Nobody can tell from here.
    Unknown(String),
}

/// What becomes of processes that aos did not begin, when it can track them no more.
const LEFT_ALONE: &str = "what it had adopted was left alone";

impl Reading {
    /// Reads a task.
    pub fn of(task: &TaskDir) -> Result<Reading, Error> {
        let spec = task.spec()?;
        // The lock first: whoever is gone has finished writing.
        let is_alive = task.is_alive()?;
        // A state of an earlier run says nothing of one that has begun since.
        let state = match task.state() {
            Ok(state) => state.filter(|state| !is_reborn(task, state)),
            // Torn or emptied from outside: the end record may still have the end.
            Err(Error::Damaged { .. }) if end_record::read(task).is_some() => None,
            Err(e) => return Err(e),
        };
        let standing = standing(task, is_alive, &spec, state.as_ref());
        Ok(Reading { spec, state, standing })
    }

    /// Its status, in a word.
    pub fn status(&self) -> Status {
        match &self.standing {
            Standing::Living(phase) => Status::living(*phase),
            Standing::Over(end) => Status::of(end),
            Standing::Lost(_) => Status::Lost,
            Standing::Unknown(_) => Status::Unknown,
        }
    }

    /// How it ended, if that is known.
    pub fn end(&self) -> Option<&End> {
        match &self.standing {
            Standing::Over(end) => Some(end),
            Standing::Living(_) | Standing::Lost(_) | Standing::Unknown(_) => None,
        }
    }
}

/// The newest run that has begun, whether it came to write its state or not.
pub fn last_run(task: &TaskDir) -> u32 {
    match task.state() {
        Ok(Some(state)) => state.run + u32::from(is_reborn(task, &state)),
        Ok(None) | Err(_) => 1,
    }
}

/// Whether a state is of a run that is over, and the next one has begun since: the end record is blank again.
pub fn is_reborn(task: &TaskDir, state: &State) -> bool {
    state.end.is_some() && end_record::read(task).is_none()
}

fn standing(task: &TaskDir, is_alive: bool, spec: &Spec, state: Option<&State>) -> Standing {
    let recorded = recorded_end(task, state);
    match (recorded, is_alive, state) {
        (Some(end), _, _) => Standing::Over(end),
        (None, true, state) => Standing::Living(state.map_or(Phase::Starting, |s| s.phase)),
        (None, false, None) => Standing::Lost(match spec.adopted {
            None => "its supervisor was gone before the command was executed".into(),
            Some(_) => format!("its supervisor was gone before it was tracked; {LEFT_ALONE}"),
        }),
        (None, false, Some(state)) => absent(task, spec, state),
    }
}

/// The end of the run that the state speaks of: from the end record, else from the state.
fn recorded_end(task: &TaskDir, state: Option<&State>) -> Option<End> {
    let oldest = state.map_or(1, |state| state.run);
    end_record::read(task).filter(|end| end.run >= oldest).or_else(|| state?.end.clone())
}

/// What to say of a run whose supervisor is gone and left no end.
fn absent(task: &TaskDir, spec: &Spec, state: &State) -> Standing {
    match place::here().distance(&state.place) {
        Distance::Here => Standing::Lost(match spec.adopted {
            None => how_lost(task, state),
            Some(_) => format!("{}; {LEFT_ALONE}", how_lost(task, state)),
        }),
        Distance::BeforeReboot if state.phase == Phase::Queued => {
            Standing::Lost("the machine was rebooted before it began".into())
        }
        Distance::BeforeReboot => Standing::Lost("the machine was rebooted while it ran".into()),
        Distance::Elsewhere => Standing::Unknown(
            "it was started in another container or on another machine; nothing can be said of it here".into(),
        ),
    }
}

fn how_lost(task: &TaskDir, state: &State) -> String {
    let gone =
        journal::read(task).into_iter().rev().take_while(|e| e.run == state.run).find_map(|entry| match entry.event {
            Event::SupervisorGone { signal, .. } => Some((entry.at, signal)),
            _ => None,
        });
    match gone {
        Some((at, Some(signal))) => format!("its supervisor was ended by {signal} at {}", at.local()),
        Some((at, None)) => format!("its supervisor failed at {}", at.local()),
        None => "its supervisor is gone".into(),
    }
}

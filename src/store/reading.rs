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

/// So often a task is looked at again that is begun again just then.
const MOST_LOOKS: usize = 5;
/// What becomes of processes that aos did not begin, when it can track them no more.
const LEFT_ALONE: &str = "what it had adopted was left alone";

impl Reading {
    /// Reads a task.
    ///
    /// A run's end goes to the end record, then to `status.json`, and then the lock is given back; the next run takes the lock,
    /// then blanks the record, then writes its own state. The lock is read first, so that whoever is gone has finished
    /// writing. A task that is begun again meanwhile would look lost, or have the end of one run and the state of another:
    /// what looks so is believed once two looks agree.
    pub fn of(task: &TaskDir) -> Result<Reading, Error> {
        let spec = task.spec()?;
        let look = agreed(|| Look::at(task))?;
        let standing = look.standing(task, &spec);
        Ok(Reading { spec, state: look.state(), standing })
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

/// What a task's files say. The lock is read first, and the end record last: where `status.json` has an end and the record has
/// none, the record was blanked since, and the next run has begun.
#[derive(Clone, Debug, PartialEq)]
struct Look {
    is_alive: bool,
    /// What `status.json` says, of whichever run.
    written: Option<State>,
    recorded: Option<End>,
}

/// What can be believed of looks that follow one another.
fn agreed(mut next: impl FnMut() -> Result<Look, Error>) -> Result<Look, Error> {
    let mut look = next()?;
    for _ in 1..MOST_LOOKS {
        if !look.is_doubtful() {
            break;
        }
        let before = std::mem::replace(&mut look, next()?);
        if look == before {
            break;
        }
    }
    Ok(look)
}

impl Look {
    fn at(task: &TaskDir) -> Result<Look, Error> {
        let is_alive = task.is_alive()?;
        let written = task.state();
        let recorded = end_record::read(task);
        let written = match written {
            // Torn or emptied from outside: the end record may still have the end.
            Err(Error::Damaged { .. }) if recorded.is_some() => None,
            written => written?,
        };
        Ok(Look { is_alive, written, recorded })
    }

    /// Whether it may be of more than one moment: nobody is there and nothing is recorded, or the record is of a later run.
    fn is_doubtful(&self) -> bool {
        match (&self.recorded, &self.written) {
            (None, _) => !self.is_alive,
            (Some(end), Some(state)) => end.run > state.run,
            (Some(_), None) => false,
        }
    }

    /// The state of the newest run: one of an earlier run says nothing of a run that has begun since.
    fn state(&self) -> Option<State> {
        self.written.clone().filter(|state| !self.is_reborn(state))
    }

    fn is_reborn(&self, state: &State) -> bool {
        state.end.is_some() && self.recorded.is_none()
    }

    fn standing(&self, task: &TaskDir, spec: &Spec) -> Standing {
        let state = self.written.as_ref().filter(|state| !self.is_reborn(state));
        match (self.end(state), self.is_alive, state) {
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
    fn end(&self, state: Option<&State>) -> Option<End> {
        let oldest = state.map_or(1, |state| state.run);
        self.recorded.clone().filter(|end| end.run >= oldest).or_else(|| state?.end.clone())
    }
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

#[cfg(test)]
mod tests {
    use super::{Look, agreed};
    use crate::task::address::{Address, Place};
    use crate::task::end::{Cause, End, Outcome};
    use crate::task::id::TaskId;
    use crate::task::outliving::Outliving;
    use crate::task::phase::Phase;
    use crate::task::state::State;
    use crate::units::span::Span;
    use crate::units::stamp::Stamp;

    fn end(run: u32) -> End {
        End {
            run,
            outcome: Outcome::Exited(0),
            cause: Cause::Itself,
            ended: Stamp(1),
            wall: Span(2),
            usage: None,
            left: vec![],
            outlived: Outliving::default(),
            lost_output: 0,
            gave_up: None,
        }
    }

    fn look(is_alive: bool, run: u32, has_end: bool, recorded: Option<u32>) -> Look {
        let state = State {
            version: 1,
            id: TaskId(1),
            run,
            phase: Phase::Running,
            holds: vec![],
            supervisor: Address { pid: 1, start: run.into() },
            leader: None,
            place: Place { boot: String::new(), machine: String::new(), pid_namespace: 0 },
            started: Stamp(1),
            log_start: 0,
            ready: None,
            waiting_since: None,
            unstoppable: None,
            end: has_end.then(|| end(run)),
        };
        Look { is_alive, written: Some(state), recorded: recorded.map(end) }
    }

    fn believed(looks: &[Look]) -> Look {
        let mut looks = looks.iter().cloned();
        agreed(|| Ok(looks.next().expect("no more looks than are needed"))).expect("a look")
    }

    #[test]
    fn a_task_that_is_begun_again_while_it_is_read_is_not_lost() {
        let over = look(false, 1, true, Some(1));
        assert_eq!(believed(std::slice::from_ref(&over)), over, "one look is enough for most");
        let (reborn, lives) = (look(false, 1, true, None), look(true, 1, true, None));
        assert_eq!(believed(&[reborn.clone(), lives.clone()]), lives);
        let (vanished, again) = (look(false, 1, false, None), look(false, 2, true, Some(2)));
        assert_eq!(believed(&[vanished.clone(), again.clone()]), again);
        assert_eq!(believed(&[vanished.clone(), vanished.clone()]), vanished, "it is lost");
        let mixed = look(true, 1, false, Some(2));
        assert_eq!(believed(&[mixed, again.clone()]), again, "the end of one run and the state of another");
    }
}

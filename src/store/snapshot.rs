//! What a task's directory says, read as truth: the lock tells who lives, the files the rest.

use std::io;

use super::asked::Asked;
use super::end_record::Record;
use super::layout::Home;
use super::over_files::OverFiles;
use super::task_dir::TaskDir;
use super::{StoreError, findings, host, journal_file, solutions};
use crate::task::between::Between;
use crate::task::end::End;
use crate::task::id::TaskId;
use crate::task::journal::JournalEvent;
use crate::task::phase::Phase;
use crate::task::process_id::Reachability;
use crate::task::run_findings::{FoundProblem, RunFindings};
use crate::task::spec::Spec;
use crate::task::state::State;
use crate::task::status::Status;

/// What is known of a task.
#[derive(Debug)]
pub struct TaskSnapshot {
    /// What was asked for.
    pub spec: Spec,
    /// What its supervisor last wrote of its newest run; `None` before it was launched.
    pub state: Option<State>,
    /// How it stands.
    pub standing: Liveness,
    /// Which of its files cannot be read, in words.
    pub trouble: Option<String>,
    /// Why it cannot be read what was asked for: then `spec` has nothing but what other files tell.
    pub lack: Option<String>,
    /// What was found in the output of its newest run, as far as that was looked for.
    pub found: Option<RunFindings>,
}

/// How a task stands.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "most are over, and there is one for each task")]
pub enum Liveness {
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
/// What a copy of a living task's directory is: a backup, a snapshot.
const COPY: &str = "this is a copy: the task runs on where it was begun";
/// What becomes of processes that aos did not begin, when it can track them no more.
const LEFT_ALONE: &str = "what it had adopted was left alone";

/// How a task stands, apart from what was asked for.
#[derive(Debug)]
pub struct RunFacts {
    /// What its supervisor last wrote of its newest run; `None` before it was launched, and where
    /// it cannot be read.
    pub state: Option<State>,
    /// How it stands.
    pub standing: Liveness,
    /// Which of its files cannot be read, in words.
    pub trouble: Option<String>,
}

impl RunFacts {
    /// Looks how a task stands; `spec` is what was asked for, where that can be read. A file that
    /// cannot be read costs what it would tell, and no more. *Errors*: it cannot even be told
    /// whether somebody is home.
    ///
    /// A run's end goes to the end record, then to `status.json`, and then the lock is given back;
    /// the next run takes the lock, then blanks the record, then writes its own state. The lock is
    /// read first, so that whoever is gone has finished writing. A task that is begun again
    /// meanwhile would look lost, or have the end of one run and the state of another: what looks
    /// so is believed once two looks agree.
    pub fn of(task: &TaskDir, spec: Option<&Spec>) -> Result<RunFacts, StoreError> {
        agreed(|| SnapshotLook::at(task, LivingRecord::Read)).bearing(task, spec)
    }

    /// How a task ended, if it is over, and that can be read.
    pub fn end_of(task: &TaskDir) -> Option<End> {
        let facts = RunFacts::of(task, None).ok()?;
        if let Liveness::Over(end) = facts.standing { Some(end) } else { None }
    }

    /// Its status, in a word.
    pub fn status(&self) -> Status {
        self.standing.status()
    }
}

impl Liveness {
    /// The same in a word.
    pub fn status(&self) -> Status {
        match self {
            Liveness::Living(phase) => Status::living(*phase),
            Liveness::Over(end) => Status::of(end),
            Liveness::Lost(_) => Status::Lost,
            Liveness::Unknown(_) => Status::Unknown,
        }
    }
}

impl TaskSnapshot {
    /// Reads a task.
    pub fn of(home: &Home, task: &TaskDir) -> Result<TaskSnapshot, StoreError> {
        let spec = task.spec()?;
        let facts = RunFacts::of(task, Some(&spec))?;
        Ok(TaskSnapshot::beside(home, task, spec, facts))
    }

    /// Reads a task as a row of a list needs it: without what surrounded its caller. Of one whose
    /// supervisor lives and has not written its end into its state the record is not read.
    pub fn for_row(home: &Home, task: &TaskDir) -> Result<TaskSnapshot, StoreError> {
        let spec = task.spec_without_surroundings()?;
        let facts = agreed(|| SnapshotLook::at(task, LivingRecord::Skipped)).bearing(task, Some(&spec))?;
        Ok(TaskSnapshot::beside(home, task, spec, facts))
    }

    /// What the other files say.
    fn beside(home: &Home, task: &TaskDir, spec: Spec, facts: RunFacts) -> TaskSnapshot {
        let RunFacts { state, standing, trouble } = facts;
        TaskSnapshot { found: found(home, task, state.as_ref()), spec, state, standing, trouble, lack: None }
    }

    /// Reads a task of which it is known that this run is over, if its files still say so: nobody
    /// need be asked whether he is home. What surrounded its caller is left out.
    pub fn of_over(home: &Home, id: TaskId, run: u32) -> Option<TaskSnapshot> {
        let OverFiles { spec, state, found } = OverFiles::read(home, id)?;
        let end = state.end.clone().filter(|end| end.run == state.run && end.run >= run)?;
        let found = found.filter(|found| found.run == state.run);
        Some(TaskSnapshot { spec, state: Some(state), standing: Liveness::Over(end), trouble: None, lack: None, found })
    }

    /// Reads as much of a task as can be read, for who only looks or waits.
    pub fn readable(home: &Home, task: &TaskDir) -> Result<TaskSnapshot, StoreError> {
        let Asked { spec, lack } = Asked::of(home, task)?;
        let RunFacts { state, standing, trouble } = RunFacts::of(task, lack.is_none().then_some(&spec))?;
        Ok(TaskSnapshot { found: found(home, task, state.as_ref()), spec, state, standing, trouble, lack })
    }

    /// Its status, in a word.
    pub fn status(&self) -> Status {
        self.standing.status()
    }

    /// Whether it is between two runs, and how that is.
    pub fn between_runs(&self) -> Option<Between> {
        let is_queued = self.standing == Liveness::Living(Phase::Queued);
        self.state.as_ref().filter(|_| is_queued).and_then(State::between_runs)
    }

    /// How it ended, if that is known.
    pub fn end(&self) -> Option<&End> {
        match &self.standing {
            Liveness::Over(end) => Some(end),
            Liveness::Living(_) | Liveness::Lost(_) | Liveness::Unknown(_) => None,
        }
    }
}

/// What was found in the run of a state.
fn found(home: &Home, task: &TaskDir, state: Option<&State>) -> Option<RunFindings> {
    let state = state?;
    let found = findings::of(task, state.run);
    // Whoever has read all of the output has added what it does not tell.
    let unusual = if found.as_ref().is_some_and(|found| found.is_final) { Vec::new() } else { unusual(home, state) };
    if unusual.is_empty() {
        return found;
    }
    let mut found = found.unwrap_or_else(|| RunFindings::new(state.run, state.log_start));
    found.counts.warnings += unusual.len() as u64;
    found.first = found.first.or_else(|| unusual.into_iter().next());
    Some(found)
}

/// What was told to be out of the ordinary of the run of a state, but for what its user muted.
pub fn unusual(home: &Home, state: &State) -> Vec<FoundProblem> {
    solutions::unmuted(home, state.unusual.clone())
}

/// The newest run that has begun, whether it came to write its state or not.
pub fn last_run(task: &TaskDir) -> u32 {
    match task.state() {
        Ok(Some(state)) => state.run.saturating_add(u32::from(is_reborn(task, &state))),
        Ok(None) => 1,
        Err(_) => recorded_run(task).unwrap_or(1),
    }
}

/// The number of the run that begins next.
pub fn next_run(task: &TaskDir) -> u32 {
    let last = match task.state() {
        Ok(state) => state.map(|state| state.run),
        Err(_) => recorded_run(task),
    };
    last.map_or(1, |last| last.saturating_add(1))
}

/// The newest run that anything but the state tells of.
fn recorded_run(task: &TaskDir) -> Option<u32> {
    match Record::of(task) {
        Record::Ended(end) => Some(end.run),
        Record::Blank | Record::Unreadable(_) => journal_file::read(task).last().map(|entry| entry.run),
    }
}

/// Whether a state is of a run that is over, and the next one has begun since: the end record is
/// blank again.
pub fn is_reborn(task: &TaskDir, state: &State) -> bool {
    state.end.is_some() && is_over_since(state, &Record::of(task), &task.is_alive())
}

/// What a task's files say. The lock is read first, and the end record last: where `status.json`
/// has an end and the record is blank, it was blanked since, and the next run has begun.
#[derive(Debug)]
struct SnapshotLook {
    is_held: Result<bool, StoreError>,
    /// What `status.json` says, of whichever run.
    written: Result<Option<State>, StoreError>,
    recorded: Record,
}

/// Whether the end record is read of a run that goes on by its lock and `status.json`. Only there
/// does it stand that the run is over, until the end is in `status.json` as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LivingRecord {
    /// The end is seen from the moment when it is recorded.
    Read,
    /// The end is seen a moment later: a list reads one file less of each living task.
    Skipped,
}

/// What can be believed of looks that follow one another.
fn agreed(mut next: impl FnMut() -> SnapshotLook) -> SnapshotLook {
    let mut look = next();
    for _ in 1..MOST_LOOKS {
        if !look.is_doubtful() {
            break;
        }
        let before = std::mem::replace(&mut look, next());
        if look.known() == before.known() {
            break;
        }
    }
    look
}

impl SnapshotLook {
    fn at(task: &TaskDir, of_living: LivingRecord) -> SnapshotLook {
        let is_held = task.is_alive();
        let written = task.state();
        let goes_on = matches!((&is_held, &written), (Ok(true), Ok(Some(state))) if state.end.is_none());
        let is_skipped = goes_on && of_living == LivingRecord::Skipped;
        let recorded = if is_skipped { Record::Blank } else { Record::of(task) };
        SnapshotLook { is_held, written, recorded }
    }

    /// What could be read.
    fn known(&self) -> (Option<bool>, Option<&Option<State>>, Option<&End>) {
        (self.is_held.as_ref().ok().copied(), self.written.as_ref().ok(), self.recorded.end())
    }

    /// Whether it may be of more than one moment: nobody is there and nothing is recorded, or the
    /// record is of a later run.
    fn is_doubtful(&self) -> bool {
        match (self.recorded.end(), &self.written) {
            (None, _) => !matches!(self.is_held, Ok(true)),
            (Some(end), Ok(Some(state))) => end.run > state.run,
            (Some(_), Ok(None) | Err(_)) => false,
        }
    }

    fn bearing(self, task: &TaskDir, spec: Option<&Spec>) -> Result<RunFacts, StoreError> {
        let SnapshotLook { is_held, written, recorded } = self;
        let (state, trouble) = match written {
            // A state of an earlier run says nothing of one that has begun since.
            Ok(state) => (state.filter(|state| !is_over_since(state, &recorded, &is_held)), None),
            Err(e) => (None, Some(e.to_string())),
        };
        let is_there = || state.as_ref().is_some_and(host::is_supervisor_there);
        let is_copy = || state.as_ref().is_some_and(|state| host::is_copy(task, state));
        let recorded = match recorded {
            Record::Ended(end) if end.run >= state.as_ref().map_or(1, |state| state.run) => Ok(Some(end)),
            Record::Ended(_) | Record::Blank => Ok(None),
            Record::Unreadable(StoreError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            // Its room is made before it is set aside.
            Record::Unreadable(e) if state.is_some() => Err(e.to_string()),
            Record::Unreadable(_) => Ok(None),
        };
        let end = recorded.as_ref().ok().cloned().flatten().or_else(|| state.as_ref()?.end.clone());
        let standing = match (end, is_held) {
            (Some(end), _) => Liveness::Over(end),
            (None, Ok(false) | Err(_)) if is_copy() && is_there() => Liveness::Unknown(COPY.into()),
            // Whoever removes the lock of a task does not end it.
            (None, Ok(false) | Err(_)) if is_there() => living(state.as_ref(), trouble.as_ref()),
            (None, Ok(true)) => living(state.as_ref(), trouble.as_ref()),
            (None, Ok(false) | Err(_)) if task.is_removed() => return Err(StoreError::NoTask(task.id)),
            (None, Err(e)) => return Err(e),
            (None, Ok(false)) => match (&trouble, recorded) {
                (Some(trouble), _) => Liveness::Lost(format!("how it ended is not known: {trouble}")),
                (None, Err(trouble)) => Liveness::Lost(format!("how it ended is not known: {trouble}")),
                (None, Ok(_)) => gone(task, spec, state.as_ref()),
            },
        };
        Ok(RunFacts { state, standing, trouble })
    }
}

/// Whether a state is of a run that is over, and the next one has begun since, by the end record.
/// One that cannot be read is taken for blank while somebody is home: a state is written with its
/// end only by who is about to go.
fn is_over_since(state: &State, record: &Record, is_held: &Result<bool, StoreError>) -> bool {
    let is_blank = match record {
        Record::Blank => true,
        Record::Ended(_) => false,
        Record::Unreadable(_) => matches!(is_held, Ok(true)),
    };
    state.end.is_some() && is_blank
}

/// Where its state cannot be read it is at work as far as is known.
fn living(state: Option<&State>, trouble: Option<&String>) -> Liveness {
    let unknown = if trouble.is_some() { Phase::Running } else { Phase::Starting };
    Liveness::Living(state.map_or(unknown, |state| state.phase))
}

/// What to say of a task whose supervisor is gone and left no end.
fn gone(task: &TaskDir, spec: Option<&Spec>, state: Option<&State>) -> Liveness {
    let is_adopted = spec.is_some_and(|spec| spec.adopted.is_some());
    match state {
        None if is_adopted => Liveness::Lost(format!("its supervisor was gone before it was tracked; {LEFT_ALONE}")),
        None => Liveness::Lost("its supervisor was gone before the command was executed".into()),
        Some(state) => absent(task, is_adopted, state),
    }
}

/// What to say of a run whose supervisor is gone and left no end.
fn absent(task: &TaskDir, is_adopted: bool, state: &State) -> Liveness {
    match host::here().distance(&state.place) {
        Reachability::Here if is_adopted => Liveness::Lost(format!("{}; {LEFT_ALONE}", how_lost(task, state))),
        Reachability::Here => Liveness::Lost(how_lost(task, state)),
        Reachability::BeforeReboot if state.phase == Phase::Queued => {
            Liveness::Lost("the machine was rebooted before it began".into())
        }
        Reachability::BeforeReboot => Liveness::Lost("the machine was rebooted while it ran".into()),
        Reachability::Elsewhere => Liveness::Unknown(
            "it was started in another container or on another machine; nothing can be said of it here".into(),
        ),
    }
}

fn how_lost(task: &TaskDir, state: &State) -> String {
    let gone = journal_file::read(task).into_iter().rev().take_while(|e| e.run == state.run).find_map(|entry| {
        match entry.event {
            JournalEvent::SupervisorGone { signal, .. } => Some((entry.at, signal)),
            _ => None,
        }
    });
    match gone {
        Some((at, Some(signal))) => format!("its supervisor was ended by {signal} at {}", at.local()),
        Some((at, None)) => format!("its supervisor failed at {}", at.local()),
        None => "its supervisor is gone".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Record, SnapshotLook, agreed, found};
    use crate::store::layout::Home;
    use crate::store::task_dir::TaskDir;
    use crate::store::{StoreError, solutions};
    use crate::task::end::{Cause, End, Outcome};
    use crate::task::health;
    use crate::task::id::TaskId;
    use crate::task::phase::Phase;
    use crate::task::process_id::{Host, ProcessId};
    use crate::task::state::State;
    use crate::units::span::Span;
    use crate::units::wall_time::WallTime;

    fn end(run: u32) -> End {
        End::new(run, Outcome::Exited(0), Cause::Itself, WallTime(1), Span(2))
    }

    fn look(is_alive: bool, run: u32, has_end: bool, recorded: Option<u32>) -> SnapshotLook {
        let state = State {
            version: 1,
            id: TaskId(1),
            run,
            phase: Phase::Running,
            holds: vec![],
            last_run: None,
            supervisor: ProcessId { pid: 1, start: run.into() },
            leader: None,
            place: Host { boot: String::new(), machine: String::new(), pid_namespace: 0 },
            directory: None,
            started: WallTime(1),
            log_start: 0,
            ready: None,
            health: None,
            resource_limits: Default::default(),
            enforced: Default::default(),
            unusual: Vec::new(),
            waiting_since: None,
            unstoppable: None,
            end: has_end.then(|| end(run)),
        };
        let recorded = recorded.map_or(Record::Blank, |run| Record::Ended(end(run)));
        SnapshotLook { is_held: Ok(is_alive), written: Ok(Some(state)), recorded }
    }

    fn unlocked(error: StoreError) -> SnapshotLook {
        SnapshotLook { is_held: Err(error), ..look(false, 1, false, None) }
    }

    /// Whether the last of these looks is believed, and all are needed for that.
    fn is_last_believed(looks: impl IntoIterator<Item = SnapshotLook>) -> bool {
        let mut looks: Vec<SnapshotLook> = looks.into_iter().collect();
        looks.reverse();
        let last = format!("{:?}", looks[0]);
        let believed = agreed(|| looks.pop().expect("no more looks than are needed"));
        looks.is_empty() && format!("{believed:?}") == last
    }

    #[test]
    fn a_task_that_is_begun_again_while_it_is_read_is_not_lost() {
        let (over, again) = (|| look(false, 1, true, Some(1)), || look(false, 2, true, Some(2)));
        let (reborn, vanished) = (|| look(false, 1, true, None), || look(false, 1, false, None));
        assert!(is_last_believed([over()]), "one look is enough for most");
        assert!(is_last_believed([reborn(), look(true, 1, true, None)]), "it lives");
        assert!(is_last_believed([vanished(), again()]), "it has ended again");
        assert!(is_last_believed([vanished(), vanished()]), "it is lost");
        let mixed = look(true, 1, false, Some(2));
        assert!(is_last_believed([mixed, again()]), "the end of one run and the state of another");
    }

    #[test]
    fn what_cannot_be_read_twice_is_believed() {
        let failed = || StoreError::Damaged { what: "lock".into(), why: "it is a FIFO".into() };
        assert!(is_last_believed([unlocked(failed()), unlocked(failed())]));
        let unread = || SnapshotLook { recorded: Record::Unreadable(failed()), ..look(false, 1, false, None) };
        assert!(is_last_believed([unread(), unread()]));
        assert!(
            is_last_believed([SnapshotLook { written: Err(failed()), ..look(true, 1, false, None) }]),
            "somebody is home"
        );
    }

    #[test]
    fn what_is_muted_is_not_told_of_a_task_that_was_removed_meanwhile() {
        let dir = tempfile::tempdir().expect("a directory");
        let home = Home::at(dir.path()).expect("a home");
        std::fs::create_dir(home.task_path(TaskId(1))).expect("its directory");
        let task = TaskDir::open(&home, TaskId(1)).expect("a task");
        let state = State {
            unusual: vec![health::problem("no answer")],
            ..look(true, 1, false, None).written.expect("it is there").expect("and has begun")
        };
        assert!(found(&home, &task, Some(&state)).is_some_and(|found| found.counts.warnings == 1));
        let of = &state.unusual[0].fingerprint;
        solutions::change(&home, |known| known.mute(of, "no answer", true, WallTime(1))).expect("muted");
        home.tasks.rename_into("task-001", &home.gone().expect("its place"), "task-001").expect("removed");
        assert_eq!(found(&home, &task, Some(&state)), None);
    }
}

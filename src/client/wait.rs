//! Waiting for what tasks come to: whoever does is woken by what the kernel tells, and looks only
//! where it does not tell. Of several tasks each has a thread, which ends with its word.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crossbeam_channel::{Receiver, Sender, bounded, select};

use super::ClientError;
use super::fs_events::changes;
use super::wait_exit::ends;
use crate::readiness::{ProbeResult, Prober};
use crate::store::asked::Asked;
use crate::store::host;
use crate::store::layout::Home;
use crate::store::snapshot::TaskSnapshot;
use crate::store::task_dir::TaskDir;
use crate::sys::pidfd::Pidfd;
use crate::sys::polling::throttle;
use crate::task::condition::Condition;
use crate::task::id::TaskId;
use crate::task::phase::Phase;
use crate::task::probe::Probe;
use crate::task::process_id::ProcessId;
use crate::task::ready::Evidence;
use crate::task::state::State;
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

/// How far apart looks are at what changes all the time.
const APART: Duration = Duration::from_millis(5);

/// What became of waiting for a task.
#[derive(Debug)]
pub struct WaitResult {
    /// The task.
    pub id: TaskId,
    /// After how long.
    pub after: Span,
    /// What was met.
    pub met: Met,
    /// How the task stood then.
    pub reading: Box<TaskSnapshot>,
}

/// What was met.
#[derive(Clone, Debug)]
pub enum Met {
    /// This, the first of what was waited for, with what was seen of it.
    Condition(Condition, Evidence),
    /// The task's end, which nobody had waited for.
    End,
}

/// Tasks that are waited for, until the first of these conditions is met of each, or it ends.
pub enum Waiting {
    /// One, in this thread.
    One(Option<Box<Waiter>>),
    /// Each in a thread of its own.
    Several(Receiver<Result<WaitResult, ClientError>>),
}

impl Waiting {
    /// Begins to wait.
    pub fn begin(home: &Home, ids: &[TaskId], conditions: &[Condition]) -> Result<Waiting, ClientError> {
        if let [id] = ids {
            return Ok(Waiting::One(Some(Box::new(Waiter::begin(home, *id, conditions)?))));
        }
        let (sender, receiver) = bounded(ids.len().max(1));
        for &id in ids {
            let mut waiter = Waiter::begin(home, id, conditions)?;
            let sender: Sender<Result<WaitResult, ClientError>> = sender.clone();
            let keep = move || {
                if let Some(word) = waiter.keep(None).transpose() {
                    let _ = sender.send(word);
                }
            };
            let started = thread::Builder::new().name(format!("until-{id}")).spawn(keep);
            started.map_err(|source| ClientError::System { doing: "wait".into(), source })?;
        }
        Ok(Waiting::Several(receiver))
    }

    /// The next of which there is something to tell; `None` when the time is up, or all were told
    /// of.
    pub fn next(&mut self, deadline: Option<Instant>) -> Result<Option<WaitResult>, ClientError> {
        match self {
            Waiting::One(waiter) => {
                let Some(waiting) = waiter else { return Ok(None) };
                let word = waiting.keep(deadline)?;
                if word.is_some() {
                    *waiter = None;
                }
                Ok(word)
            }
            Waiting::Several(words) => match deadline {
                None => words.recv().ok(),
                Some(deadline) => words.recv_deadline(deadline).ok(),
            }
            .transpose(),
        }
    }
}

/// Closes when the supervisor ends: all that who waits for an end alone has to be told, in case the
/// task is begun again before its lock was seen free. (A process that watches files takes some 20
/// ms to end, as the kernel has others wait.)
fn supervisor_ends(supervisor: Pidfd) -> Result<Receiver<()>, ClientError> {
    let (sender, receiver) = bounded(0);
    let wait = move || {
        supervisor.wait();
        drop(sender);
    };
    let started = thread::Builder::new().name("end-of-supervisor".into()).stack_size(64 * 1024).spawn(wait);
    started.map_err(|source| ClientError::System { doing: "wait".into(), source })?;
    Ok(receiver)
}

/// Somebody who waits for a task, run after run.
pub struct Waiter {
    home: Home,
    task: TaskDir,
    began: Instant,
    conditions: Vec<Condition>,
    /// Those who look, by the place of what they look for.
    lookouts: BTreeMap<usize, Prober>,
    /// The run that was seen last, and whose it is.
    run: Option<(u32, ProcessId)>,
    /// Since when it is silent: its start and its last print, how long that was ago when it was
    /// seen, and when that was.
    silent: Option<((WallTime, SystemTime), Duration, Instant)>,
    /// Tells when its lock is free.
    over: Receiver<TaskId>,
    /// Tells when to look.
    changes: Receiver<()>,
}

impl Waiter {
    fn begin(home: &Home, id: TaskId, conditions: &[Condition]) -> Result<Waiter, ClientError> {
        let task = TaskDir::open(home, id)?;
        if conditions.iter().any(needs_log) && Asked::of(home, &task)?.spec.adopted.is_some() {
            return Err(ClientError::Unlogged(id));
        }
        Ok(Waiter {
            home: Home::at(&home.path)?,
            began: Instant::now(),
            conditions: conditions.to_vec(),
            lookouts: BTreeMap::new(),
            run: None,
            silent: None,
            over: ends(home, &[id])?,
            changes: changes_of(home, &task, conditions)?,
            task,
        })
    }

    /// Waits, until this time at most.
    fn keep(&mut self, deadline: Option<Instant>) -> Result<Option<WaitResult>, ClientError> {
        let mut last = None;
        let mut is_over = self.over.try_recv().is_ok();
        loop {
            if !is_over {
                throttle(&mut last, APART);
            }
            let reading = TaskSnapshot::readable(&self.home, &self.task)?;
            is_over |= reading.state.as_ref().is_some_and(|state| self.is_anothers(state));
            if let Some(met) = self.look(&reading, is_over)? {
                let (id, after) = (self.task.id, self.began.elapsed().into());
                return Ok(Some(WaitResult { id, after, met, reading: Box::new(reading) }));
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(None);
            }
            let patience = self.next_look(&reading);
            select! {
                recv(self.over) -> _ => is_over = true,
                // Who told has ended, and the lock is free any moment, unless the task is begun
                // again first.
                recv(self.changes) -> told => is_over |= told.is_err() && self.over.recv_timeout(APART).is_ok(),
                default(left.map_or(patience, |left| left.min(patience))) => {}
            }
        }
    }

    /// Whether the task ended and was begun again by hand before its end was seen: it has another
    /// supervisor. One and the same may begin run after run, each of which is looked at anew.
    fn is_anothers(&mut self, state: &State) -> bool {
        let (run, supervisor) = *self.run.get_or_insert((state.run, state.supervisor));
        if run != state.run && supervisor == state.supervisor {
            self.run = Some((state.run, supervisor));
            self.lookouts.clear();
        }
        supervisor != state.supervisor
    }

    /// What is met by now. The end comes last: whatever is met as well was met before it.
    fn look(&mut self, reading: &TaskSnapshot, is_over: bool) -> Result<Option<Met>, ClientError> {
        for (at, condition) in self.conditions.clone().into_iter().enumerate() {
            if let Some(sight) = self.look_for(at, &condition, reading, is_over || !reading.status().is_living())? {
                return Ok(Some(Met::Condition(condition, sight)));
            }
        }
        Ok(match (is_over, self.conditions.contains(&Condition::Exit)) {
            (false, _) => None,
            (true, true) => Some(Met::Condition(Condition::Exit, Evidence::default())),
            (true, false) => Some(Met::End),
        })
    }

    fn look_for(
        &mut self,
        at: usize,
        condition: &Condition,
        reading: &TaskSnapshot,
        has_ended: bool,
    ) -> Result<Option<Evidence>, ClientError> {
        match condition {
            // Of what is over, only what it printed still stands.
            Condition::Probe(probe @ Probe::Log(_)) => self.run_probe(at, probe, reading),
            _ if has_ended => Ok(None),
            Condition::Exit => Ok(None),
            Condition::Probe(probe) => self.run_probe(at, probe, reading),
            Condition::Ready if reading.spec.ready.is_none() => self.run_probe(at, &Probe::Auto, reading),
            Condition::Ready => Ok(reading.state.as_ref().and_then(|state| Some(state.ready.as_ref()?.sight.clone()))),
            Condition::Input => {
                let waits = reading.state.as_ref().is_some_and(|state| state.waiting_since.is_some());
                Ok(waits.then(Evidence::default))
            }
            Condition::Idle(span) => {
                let is_met = self.silence(reading).is_some_and(|silence| silence >= span.duration());
                Ok(is_met.then(Evidence::default))
            }
        }
    }

    fn run_probe(&mut self, at: usize, probe: &Probe, reading: &TaskSnapshot) -> Result<Option<Evidence>, ClientError> {
        let Some(state) = begun(reading) else { return Ok(None) };
        if !self.lookouts.contains_key(&at) {
            self.lookouts.insert(at, Prober::new(&self.home, &self.task, state.clone(), probe)?);
        }
        Ok(match self.lookouts.get_mut(&at).map(Prober::look) {
            Some(ProbeResult::Seen(sight)) => Some(sight),
            Some(ProbeResult::NotYet(_)) | None => None,
        })
    }

    /// For how long it has printed nothing; `None` before it runs, and while its log is not there:
    /// a rotation renames it, and makes the next one after that. By times of day is judged only
    /// once what was before: they may be set while this waits.
    fn silence(&mut self, reading: &TaskSnapshot) -> Option<Duration> {
        let started = begun(reading)?.started;
        let printed = std::fs::metadata(self.home.log_path(self.task.id, &reading.spec.name)).ok()?.modified().ok()?;
        let seen = (started, printed);
        if let Some((_, before, at)) = self.silent.filter(|(known, ..)| *known == seen) {
            return Some(before + at.elapsed());
        }
        let since_start = WallTime::now().since(started).duration();
        let since_print = SystemTime::now().duration_since(printed).unwrap_or_default();
        let before = since_print.min(since_start);
        self.silent = Some((seen, before, Instant::now()));
        Some(before)
    }

    /// When to look again though nothing was told.
    fn next_look(&mut self, reading: &TaskSnapshot) -> Duration {
        const FOR_EVER: Duration = Duration::from_secs(24 * 60 * 60);
        let silence = begun(reading).map(|_| self.silence(reading).unwrap_or_default());
        let idle = self.conditions.iter().filter_map(|condition| match condition {
            // One more, as spans are whole milliseconds.
            Condition::Idle(span) => Some(span.duration().saturating_sub(silence?) + Duration::from_millis(1)),
            Condition::Exit | Condition::Ready | Condition::Input | Condition::Probe(_) => None,
        });
        idle.chain(self.lookouts.values().filter_map(Prober::next_look)).min().unwrap_or(FOR_EVER)
    }
}

/// What is told of a task without being looked for: how it stands, and what it prints if that
/// matters.
fn changes_of(home: &Home, task: &TaskDir, conditions: &[Condition]) -> Result<Receiver<()>, ClientError> {
    if conditions.iter().all(|condition| *condition == Condition::Exit)
        && let Some(supervisor) = TaskSnapshot::readable(home, task)?.state.as_ref().and_then(host::hold_supervisor)
    {
        return supervisor_ends(supervisor);
    }
    let spec = Asked::of(home, task)?.spec;
    let log = home.log_path(spec.id, &spec.name);
    let is_log_wanted = conditions.iter().any(|c| needs_log(c) && (*c != Condition::Ready || spec.ready.is_none()));
    Ok(changes(&[task.dir.handle_path().into()], is_log_wanted.then_some(log.as_path()))?)
}

/// The state of a run that is no longer queued.
fn begun(reading: &TaskSnapshot) -> Option<&State> {
    reading.state.as_ref().filter(|state| state.phase != Phase::Queued)
}

/// Whether it shows in what the task prints.
fn needs_log(condition: &Condition) -> bool {
    match condition {
        Condition::Ready | Condition::Idle(_) => true,
        Condition::Probe(probe) => matches!(probe, Probe::Auto | Probe::Log(_)),
        Condition::Exit | Condition::Input => false,
    }
}

//! Which part of each log is wanted.

use super::super::printer::begun;
use super::Logs;
use crate::actions::failure::{Failure, NO, USAGE};
use crate::actions::own_task;
use crate::launch;
use crate::store::layout::Home;
use crate::store::read_positions::ReadPositions;
use crate::task::id::TaskId;
use crate::task_log::feedback;
use crate::task_log::log_range::{self, LogRange};
use crate::units::wall_time::WallTime;

impl Logs {
    /// What is wanted of each log. That there is none of one of several tasks is said, and does not
    /// keep the others.
    pub(super) fn logs(
        &self,
        home: &Home,
        ids: &[TaskId],
        seen: Option<&ReadPositions>,
    ) -> Result<Vec<LogRange>, Failure> {
        let mut logs = Vec::new();
        for &id in ids {
            match self.part(home, id, seen, ids.len() > 1) {
                Err(failure) if ids.len() > 1 && failure.code() != USAGE => drop(failure.tell(false)),
                log => logs.push(log?),
            }
        }
        Ok(logs)
    }

    fn part(
        &self,
        home: &Home,
        id: TaskId,
        seen: Option<&ReadPositions>,
        is_one_of_several: bool,
    ) -> Result<LogRange, Failure> {
        let mut log = LogRange::of(home, id, self.run)?;
        if let Some(lack) = &log.lack {
            let failure = Failure::new(NO, lack.clone());
            failure
                .hint("the values of its variables are not known, and secrets among them not hidden")
                .tell(self.json);
        }
        if self.path.is_some() {
            return Ok(log);
        }
        if launch::is_in_task() {
            log = self.within_task(home, log, is_one_of_several)?;
        }
        if self.follow && log.end.is_none() && !is_one_of_several {
            begun(home, log.spec.id, &log.path)?;
        }
        match log.open() {
            // It is followed beside the others, from its first line.
            Err(log_range::LogError::NotYet(_)) if self.follow => return Ok(log),
            Ok(empty) if empty.end() == 0 && !self.follow => log.unbegun()?,
            there => drop(there?),
        }
        let now = WallTime::now();
        if let Some(since) = self.since {
            log = log.since(since.stamp(now))?;
        }
        if let Some(until) = self.until {
            log = log.until(until.stamp(now))?;
        }
        if let Some(seen) = seen {
            let position = seen.position(log.spec.id);
            log = log.until_now()?.beyond(position)?;
        }
        Ok(log)
    }

    /// What reads a log within a task gets what is there, and not what comes of that. None is
    /// followed that would come back.
    fn within_task(&self, home: &Home, log: LogRange, is_one_of_several: bool) -> Result<LogRange, Failure> {
        if !self.follow {
            return Ok(log.until_now()?);
        }
        let id = log.spec.id;
        if !feedback::fed_back(home).contains(&id) {
            return Ok(log);
        }
        let why = match own_task::task(home) {
            Some(own) if own != id => format!("{own} cannot follow the log of {id}: {}", own_task::COMES_BACK),
            Some(_) | None => format!("{id} cannot follow its own log: {}", own_task::COMES_BACK),
        };
        let code = if is_one_of_several { NO } else { USAGE };
        Err(Failure::new(code, why).hint(format!("aos logs {id} prints what is there")))
    }
}

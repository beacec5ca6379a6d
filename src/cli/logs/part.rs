//! Which part of each log is wanted.

use super::super::failure::{Failure, USAGE};
use super::super::following::begun;
use super::Logs;
use crate::client::log::{self, Log};
use crate::launch;
use crate::store::home::Home;
use crate::store::seen::Seen;
use crate::task::id::TaskId;
use crate::units::stamp::Stamp;

impl Logs {
    /// What is wanted of each log. That there is none of an adopted task is said, and does not keep the others.
    pub(super) fn logs(&self, home: &Home, ids: &[TaskId], seen: Option<&Seen>) -> Result<Vec<Log>, Failure> {
        let mut logs = Vec::new();
        for &id in ids {
            match Log::of(home, id, self.run) {
                Err(adopted @ log::Error::Adopted(_)) => drop(Failure::from(adopted).tell(false)),
                log => logs.push(self.part(home, log?, seen)?),
            }
        }
        Ok(logs)
    }

    fn part(&self, home: &Home, mut log: Log, seen: Option<&Seen>) -> Result<Log, Failure> {
        if launch::is_part_of(&log.spec) {
            log = self.own(log)?;
        }
        if self.follow && log.end.is_none() {
            begun(home, log.spec.id, &log.path)?;
        }
        let now = Stamp::now();
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

    /// A task that reads its own log gets what is there, and not what it makes of that.
    fn own(&self, log: Log) -> Result<Log, Failure> {
        if self.follow {
            let why = format!("{} cannot follow its own log: what it prints would come back for ever", log.spec.id);
            return Err(Failure::new(USAGE, why).hint(format!("aos logs {} prints what is there", log.spec.id)));
        }
        Ok(log.until_now()?)
    }
}

//! `aos wait`: until tasks are over.

use std::io::Write;
use std::time::Instant;

use clap::Args;

use super::failure::{Failure, NO, TIMED_OUT};
use super::{Answer, Caller, Verb, choose, ending, looking, output};
use crate::client::until_over::{ends, next};
use crate::store::home::Home;
use crate::store::reading::Reading;
use crate::store::task_dir::TaskDir;
use crate::task::fit::Fit;
use crate::task::id::TaskId;
use crate::units::span::Span;

/// Wait until tasks are over, and pass their exit code on
///
/// Of several tasks: that of the first one that failed, in the order given; with --any that of the
/// first to end. A task whose own time limit ended it counts as 124, a lost one as 6, and one that was adopted,
/// of which the exit code is not known, as 1.
#[derive(Args)]
pub struct Wait {
    /// The tasks
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Wait for the first to end, not for all
    #[arg(long)]
    any: bool,
    /// Give up after this time, with exit code 124
    #[arg(long, value_name = "TIME")]
    timeout: Option<Span>,
    /// Print how they ended, as JSON
    #[arg(long)]
    json: bool,
}

impl Verb for Wait {
    const NAME: &'static str = "wait";
    const FIT: Fit = Fit::Living;

    fn run(self, _: &mut Caller) -> Answer {
        let deadline = self.timeout.map(|span| Instant::now() + span.duration());
        let home = Home::open()?;
        let chosen = choose::tasks(&home, &self.ids)?.ids;
        let ends = ends(&home, &chosen)?;
        let wanted = if self.any { 1 } else { chosen.len() };
        let mut ended = Vec::new();
        while ended.len() < wanted {
            match next(&ends, deadline) {
                Some(id) => ended.push(id),
                None => return Err(self.gave_up(&chosen, &ended)),
            }
        }
        if !self.any {
            ended = chosen;
        }
        self.tell(&home, &ended)
    }
}

impl Wait {
    fn tell(&self, home: &Home, ended: &[TaskId]) -> Answer {
        let readings = ended.iter().map(|id| Reading::of(&TaskDir::open(home, *id)?)).collect::<Result<Vec<_>, _>>()?;
        if self.json {
            output::json(&readings.iter().map(|r| r.summary(home)).collect::<Vec<_>>())?;
        } else if output::is_seen() {
            for reading in &readings {
                writeln!(output::data(), "[{}] {}", reading.spec.id, ending::tell(home, reading))?;
            }
        }
        looking::saw(home, ended);
        let codes: Vec<i32> = readings.iter().map(|reading| self.code(reading)).collect();
        Ok(codes.into_iter().find(|code| *code != 0).unwrap_or(0))
    }

    /// A code that is not known is none that could be passed on, which is said.
    fn code(&self, reading: &Reading) -> i32 {
        ending::exit_code(reading).unwrap_or_else(|| {
            let why = "it went to the process that had started it";
            Failure::new(NO, format!("the exit code of {} is not known to aos: {why}", reading.spec.id)).tell(self.json)
        })
    }

    fn gave_up(&self, chosen: &[TaskId], ended: &[TaskId]) -> Failure {
        let left: Vec<String> = chosen.iter().filter(|id| !ended.contains(id)).map(TaskId::to_string).collect();
        let after = self.timeout.map_or_else(String::new, |span| format!(" after {span}"));
        Failure::new(TIMED_OUT, format!("still running{after}: {}", left.join(", ")))
    }
}

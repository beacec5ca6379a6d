//! `aos restart`: another run of the same task.

use std::io::Write;

use clap::Args;

use crate::actions::failure::{Failure, NO, NOT_ANSWERED, VerbResult};
use crate::actions::stop_all::tell_delay;
use crate::actions::{acknowledge, hook_caller, output, own_task, select};
use crate::cli::verb::{Caller, Verb};
use crate::client::reconcile::settle;
use crate::client::start::{StartedTask, begin_again, spare_supervisor};
use crate::client::stop::stop;
use crate::store::layout::Home;
use crate::store::snapshot::{TaskSnapshot, last_run, next_run};
use crate::store::task_dir::TaskDir;
use crate::sys::lock;
use crate::task::id::TaskId;
use crate::task::request::RESTART;
use crate::task::status::Status;
use crate::task::survivor::names;
use crate::task::task_filter::TaskFilter;
use crate::{ansi, store};

/// Start tasks again; stop those that are running first
///
/// A task keeps its id, and its log goes on; `7#1` names its first run. A task that --after names
/// is waited for again if it is not finished; --delay is not repeated; a task of a group queues
/// again, behind those that wait already. A hook of the task begins only that run again of which
/// it was told.
#[derive(Args)]
pub struct Restart {
    /// The tasks
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "  aos restart web       stop it if it runs, and start it again
  aos restart @failed   every failed task";

impl Verb for Restart {
    const NAME: &'static str = "restart";
    const FIT: TaskFilter = TaskFilter::OverFirst;
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, _: &mut Caller) -> VerbResult {
        let home = Home::open()?;
        let mut code = 0;
        for id in select::tasks(&home, &self.ids)?.whole()? {
            if let Some(why) = needs_none(&home, id) {
                writeln!(output::talk(), "aos: {id} {why}")?;
                continue;
            }
            match restart(&home, id, self.json).and_then(|(begun, run)| self.tell(&home, &begun, run)) {
                Ok(()) => {}
                Err(failure) => code = failure.tell(self.json),
            }
        }
        Ok(code)
    }
}

impl Restart {
    fn tell(&self, home: &Home, begun: &StartedTask, run: u32) -> Result<(), Failure> {
        output::weaker(&begun.weaker)?;
        let command = TaskDir::open(home, begun.id)?.spec()?.command.to_string();
        if self.json {
            return Ok(output::object(serde_json::json!({
                "id": begun.id, "run": run, "pid": begun.start.pid(), "command": command,
                "status": begun.start.status(), "reason": begun.start.reason(),
            }))?);
        }
        Ok(writeln!(output::data(), "[{}] {} {}  (run {run})", begun.id, begun.start, ansi::command(&command))?)
    }
}

/// Why a hook need not begin a task again: what happened to it is of a run that is over or ends,
/// as with one that watches its files itself.
fn needs_none(home: &Home, id: TaskId) -> Option<String> {
    let run = hook_caller::run().filter(|_| hook_caller::event().is_some() && hook_caller::task() == Some(id))?;
    let task = TaskDir::open(home, id).ok()?;
    match last_run(&task) {
        now if now > run => Some(format!("has begun again since: run {now}")),
        _ if TaskSnapshot::of(home, &task).ok()?.status() == Status::Stopping => {
            Some("is being ended already".to_owned())
        }
        _ => None,
    }
}

/// Says which run it is: by now another one may have followed.
fn restart(home: &Home, id: TaskId, as_json: bool) -> Result<(StartedTask, u32), Failure> {
    if own_task::task(home) == Some(id) {
        let failure = own_task::refusal(id, "it would be stopped, and nobody left to begin it again");
        return Err(failure.hint("aos run --restart begins a task again when it has ended"));
    }
    // What a lost run left behind goes first.
    settle(home)?;
    let task = TaskDir::open(home, id)?;
    // Who waits for the task is not to take this end for its last. Who promised it before has the
    // next run begun, too.
    let promised = task.lock_file()?;
    lock::promise(&promised)?;
    let reading = TaskSnapshot::of(home, &task)?;
    // Its supervisor would write over what a newer aos has written; what is damaged is no loss.
    if let Err(newer @ (store::StoreError::Newer { .. } | store::StoreError::NotUnderstood { .. })) = task.state() {
        return Err(newer.into());
    }
    if reading.spec.adopted.is_some() {
        let failure = Failure::new(NO, format!("{id} is not run again: it was adopted, and only tracked"));
        return Err(failure.hint(format!("aos run -b -- {} begins it anew", reading.spec.command)));
    }
    let status = reading.status();
    if status == Status::Unknown {
        let failure =
            Failure::new(NOT_ANSWERED, format!("{id} may still be running in another container or on another machine"));
        return Err(failure.hint("begin it anew here with aos run"));
    }
    if status.is_living() {
        // Where no process can be made for the next run, what runs is left alone.
        drop(spare_supervisor()?);
        let end = stop(home, id, None, None, RESTART, &|delay| tell_delay(&delay, as_json))?;
        if !end.left.is_empty() {
            return Err(Failure::new(NO, format!("{id} is not run again, as it left {}", names(&end.left))));
        }
    }
    acknowledge::settled(home, &[id]);
    let run = next_run(&task);
    Ok((begin_again(home, id)?, run))
}

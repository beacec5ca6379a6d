//! `aos attach`: at a task's terminal.

use std::io::Write;

use clap::Args;

use crate::actions::failure::{Failure, NO, USAGE, VerbResult};
use crate::actions::{acknowledge, describe_end, output, own_task, select};
use crate::ansi;
use crate::cli::attached;
use crate::cli::verb::{Caller, Verb};
use crate::client::ask;
use crate::client::connection::Connection;
use crate::client::wait_exit::snapshot_after_hang_up;
use crate::config::Config;
use crate::screen::keys::KeySequence;
use crate::store::layout::Home;
use crate::store::task_dir::TaskDir;
use crate::sys::tty;
use crate::task::id::TaskId;
use crate::task::task_filter::TaskFilter;
use crate::task_log::feedback;
use crate::terminal::LeaveReason;
use crate::terminal::attach_session::{Stay, how};
use crate::ui::style::FAINT;
use crate::wire::{Access, Query};

/// Attach to a task's terminal
///
/// The screen is shown as it is now, then its output as it comes. All keys go to the task, also ^C,
/// ^Z and ^\. ^] detaches and leaves the task running (--detach-key, AOS_DETACH_KEY, or detach_key
/// below [attach] in config.toml name another key). Several clients may be attached; the terminal
/// has the size of the one that typed last.
#[derive(Args)]
pub struct Attach {
    /// The task; default: the only running one
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Show only: send no keys, and leave the terminal's size alone
    #[arg(short, long)]
    read_only: bool,
    /// Detach with this key instead of ^]
    #[arg(long, value_name = "KEY")]
    detach_key: Option<KeySequence>,
}

const EXAMPLES: &str = "  aos attach web        type at its terminal; ^] leaves it running
  aos attach -r web     look only";

impl Verb for Attach {
    const NAME: &'static str = "attach";
    const ALIASES: &'static [&'static str] = &["a"];
    const FIT: TaskFilter = TaskFilter::Living;
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, _: &mut Caller) -> VerbResult {
        if !output::is_seen() || !tty::is_ours() {
            return Err(Failure::new(USAGE, "attach needs a terminal, in the foreground")
                .hint("without one: aos logs -f ID, aos peek ID, aos send ID TEXT"));
        }
        let home = Home::open()?;
        let key = attached::detach_key(&home, &self.config(&home)?, self.detach_key.as_ref())?;
        let words: Vec<String> = self.id.iter().cloned().collect();
        let chosen = select::tasks_or_usual(&home, &words)?.whole()?;
        let &[id] = &chosen[..] else {
            return Err(
                Failure::new(USAGE, "only one task's terminal can be shown here").hint("aos monitor shows several")
            );
        };
        refuse_own(&home, id)?;
        let mut connection =
            Connection::open(&home, id).map_err(|e| Failure::from(e).hint(format!("aos logs {id}")))?;
        let stay = Stay::LookIn(if self.read_only { Access::ReadOnly } else { Access::Full });
        connection.ask(Query::Attach(how(stay, tty::size(std::io::stdout()))))?;
        let _telling = acknowledge::telling(&home, id);
        ask::until_answered(&home, id, &mut connection)?;
        let leave = attached::stay(&home, id, connection, &key, stay, None, &self.greeting(&home, id, &key)?)?;
        if leave == LeaveReason::Over {
            return over(&home, id);
        }
        attached::answer(id, leave)
    }
}

impl Attach {
    /// What the user has set, if that decides of anything here.
    fn config(&self, home: &Home) -> Result<Config, Failure> {
        let is_asked = attached::is_configured(self.detach_key.as_ref());
        Ok(if is_asked { home.config()? } else { Config::default() })
    }

    fn greeting(&self, home: &Home, id: TaskId, key: &KeySequence) -> Result<String, Failure> {
        let command = TaskDir::open(home, id)?.spec()?.command.to_string();
        let how = if self.read_only { "attached to look; " } else { "" };
        Ok(format!("[{id}] {}  ({how}{key} leaves)", ansi::command(&command)))
    }
}

/// A task's output that is shown on its own terminal would be its output again, without end.
fn refuse_own(home: &Home, id: TaskId) -> Result<(), Failure> {
    match own_task::task(home) {
        Some(own) if own == id => {
            Err(own_task::refusal(id, "it is at this terminal already").hint("aos tasks lists others"))
        }
        Some(_) if feedback::fed_back(home).contains(&id) => {
            Err(Failure::new(USAGE, format!("the terminal of {id} cannot be shown here: {}", own_task::COMES_BACK))
                .hint(format!("aos peek {id} shows it once")))
        }
        Some(_) | None => Ok(()),
    }
}

/// It ended while somebody was there.
fn over(home: &Home, id: TaskId) -> VerbResult {
    let reading = snapshot_after_hang_up(home, id)?;
    writeln!(output::talk(), "{FAINT}[{id}] {}{FAINT:#}", describe_end::tell(home, &reading))?;
    acknowledge::saw(home, &[id]);
    Ok(describe_end::exit_code(&reading).unwrap_or(NO))
}

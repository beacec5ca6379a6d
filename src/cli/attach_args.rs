//! `aos run` without `-b`: the caller stays with the task, at its terminal or as a part of a
//! pipeline.

use std::io::{self, IsTerminal, Write};
use std::time::Instant;

use clap::Args;

use super::attached;
use crate::actions::failure::{Failure, NO, VerbResult};
use crate::actions::output;
use crate::ansi;
use crate::client::connection::Connection;
use crate::client::start::{Start, StartedTask, begins};
use crate::config::Config;
use crate::handshake::PendingSupervisor;
use crate::screen::keys::KeySequence;
use crate::store::layout::Home;
use crate::sys::{fds, tty};
use crate::task::spec::Spec;
use crate::task::streams::{Errors, Input, Output, Streams};
use crate::terminal::LeaveReason;
use crate::terminal::attach_session::{self, Stay};
use crate::terminal::pipeline::{self, Pipeline};
use crate::ui::style::FAINT;
use crate::units::span::Span;
use crate::wire::Query;

/// How the foreground is left.
#[derive(Args, Default)]
#[cfg_attr(test, derive(Debug))]
pub struct AttachArgs {
    /// Detach after this time and leave the task running
    #[arg(long, value_name = "TIME", conflicts_with = "background")]
    auto_bg: Option<Span>,
    /// Detach with this key instead of ^]
    #[arg(long, value_name = "KEY", conflicts_with = "background")]
    detach_key: Option<KeySequence>,
}

/// Where a caller stays with a task, and how he leaves it.
#[derive(Clone, Debug)]
pub struct AttachPlace {
    /// What his streams are.
    pub streams: CallerStreams,
    key: KeySequence,
}

/// What the caller's standard streams allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerStreams {
    /// A terminal, where the keyboard is the task's.
    Terminal,
    /// Something else: the streams are passed on as they are.
    Pipeline,
}

impl CallerStreams {
    /// Where this process is.
    pub fn here() -> CallerStreams {
        match io::stdout().is_terminal() && io::stderr().is_terminal() && tty::is_ours() {
            true => CallerStreams::Terminal,
            false => CallerStreams::Pipeline,
        }
    }

    /// Which of the command's streams are to lead where the caller's do.
    pub fn streams(self) -> Streams {
        let (out, errors) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        Streams {
            input: if io::stdin().is_terminal() { Input::Terminal } else { Input::Given },
            output: if out { Output::Terminal } else { Output::Pipe },
            errors: match errors {
                true => Errors::Terminal,
                false if !out && fds::are_same(io::stdout(), io::stderr()) => Errors::WithOutput,
                false => Errors::Pipe,
            },
        }
    }

    /// Has the pending supervisor take this process in as a client from the beginning.
    pub fn prepare(self, pending: &mut PendingSupervisor) {
        let how = match self {
            CallerStreams::Terminal => attach_session::how(Stay::FromBirth, tty::size(io::stdout())),
            CallerStreams::Pipeline => pipeline::HOW,
        };
        pending.stay(how, self.streams().input);
    }
}

impl AttachArgs {
    /// Whether it is needed what is configured.
    pub fn is_configured(&self) -> bool {
        attached::is_configured(self.detach_key.as_ref())
    }

    /// Where the caller stays. *Errors*: the task could not be left as asked.
    pub fn place(&self, home: &Home, config: &Config, streams: CallerStreams) -> Result<AttachPlace, Failure> {
        Ok(AttachPlace { streams, key: attached::detach_key(home, config, self.detach_key.as_ref())? })
    }

    /// Stays with a task that was just begun; gives the exit code. One that is in line is waited
    /// for first.
    pub fn stay_from_start(
        &self,
        home: &Home,
        mut begun: StartedTask,
        spec: &Spec,
        mut pending: PendingSupervisor,
        place: &AttachPlace,
    ) -> VerbResult {
        while let Start::Queued(_) = begun.start {
            let leaving = if io::stderr().is_terminal() { "  (^C leaves it in line)" } else { "" };
            writeln!(output::talk(), "{FAINT}{}{leaving}{FAINT:#}", line(&begun, spec))?;
            begun = begins(begun.id, &mut pending)?;
            output::weaker(&begun.weaker)?;
        }
        if let Start::Cancelled(why) = &begun.start {
            return Err(
                Failure::new(NO, format!("{} is cancelled: {why}", begun.id)).hint(format!("aos why {}", begun.id))
            );
        }
        let (stream, heard) = pending.into_parts();
        self.stay(home, &begun, spec, Connection::new(stream, heard)?, place, true)
    }

    /// The same with one that was there already (`--once`).
    pub fn join(&self, home: &Home, begun: &StartedTask, spec: &Spec, place: &AttachPlace) -> VerbResult {
        let mut connection = Connection::open(home, begun.id)?;
        let how = match place.streams {
            CallerStreams::Terminal => attach_session::how(Stay::FromBirth, tty::size(io::stdout())),
            CallerStreams::Pipeline => pipeline::HOW,
        };
        connection.ask(Query::Attach(how))?;
        self.stay(home, begun, spec, connection, place, false)
    }

    fn stay(
        &self,
        home: &Home,
        begun: &StartedTask,
        spec: &Spec,
        connection: Connection,
        place: &AttachPlace,
        is_from_birth: bool,
    ) -> VerbResult {
        let until = self.auto_bg.map(|span| Instant::now() + span.duration());
        let id = begun.id;
        let leave = match place.streams {
            CallerStreams::Terminal => {
                let key = &place.key;
                let greeting = format!("{}  ({key} leaves it running)", line(begun, spec));
                attached::stay(home, id, connection, key, Stay::FromBirth, until, &greeting)?
            }
            CallerStreams::Pipeline => {
                if io::stderr().is_terminal() {
                    writeln!(output::talk(), "{FAINT}{}{FAINT:#}", line(begun, spec))?;
                }
                Pipeline { home, id, until, is_from_birth }.stay(connection)?
            }
        };
        match leave {
            LeaveReason::Over => attached::pass_on(home, id),
            other => attached::answer(id, other),
        }
    }
}

/// The line before the output, as job control has it.
fn line(begun: &StartedTask, spec: &Spec) -> String {
    format!("[{}] {} {}", begun.id, begun.start, ansi::command(&spec.command.to_string()))
}

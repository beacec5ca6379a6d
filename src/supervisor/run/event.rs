//! What can happen to a run, and what is to be done about it: the words between the loop and the
//! machine.

use crate::task::end::{Cause, Outcome};
use crate::task::journal::JournalEvent as Note;
use crate::task::phase::Phase;
use crate::task::request::{AnswerTo, Ask, Asker};
use crate::units::signal::Signal;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEvent {
    /// The command was executed, or what was adopted is held.
    Launched,
    /// It was not.
    LaunchFailed {
        /// Why.
        why: String,
        /// What a shell would report.
        code: i32,
    },
    /// The leader ended, or all that were adopted.
    LeaderEnded {
        /// How.
        outcome: Outcome,
        /// How the kernel is known to have killed it for memory, if it is.
        out_of_memory: Option<String>,
    },
    /// A signal stopped the leader: ^Z on its terminal, or itself.
    LeaderStopped,
    /// It goes on.
    LeaderContinued,
    /// After the leader's end: whether any of the task's processes is left.
    Left(bool),
    /// Nobody holds the terminal any more.
    HungUp,
    /// Somebody asks for something.
    Asked {
        /// What.
        ask: Ask,
        /// Who.
        by: Asker,
        /// Where the answer goes.
        answer_to: Option<AnswerTo>,
    },
    /// It has more memory than it may, as somebody has seen who looks; the text says how much.
    OutOfMemory(String),
    /// So many looks at its health in a row have failed; the text says what was found.
    Unhealthy(String),
    /// Files changed on which it depends: another run is to follow this one. The text names them.
    Changed(String),
    /// Time passed.
    Tick,
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// This signal to every one of the task's processes.
    SignalAll(Signal),
    /// This signal to the leader's process group.
    SignalGroup(Signal),
    /// HUP to every shell that waits at its prompt: such a shell ignores TERM.
    HangUpShells,
    /// The phase changed, and is to be recorded.
    Enter(Phase),
    /// This goes into the journal.
    Note(Note),
    /// Whoever began the task is to be told that it runs, and the journal.
    ReportLaunched,
    /// Whoever is at the terminal has it back until the task goes on, as a shell has of a job that
    /// stopped.
    Suspend,
    /// What the leader left is to be named: it is ended now.
    NameOutliving,
    /// What cannot be ended is to be named: the leader among it, so that the run goes on.
    NameUnstoppable,
    /// A request is to be answered.
    Answer {
        /// Where the answer goes.
        to: AnswerTo,
        /// Why it was not carried out; `None` when it was.
        refused: Option<String>,
    },
    /// The end is to be recorded.
    Finish {
        /// How the leader ended.
        outcome: Outcome,
        /// Who brought it about.
        cause: Cause,
    },
}

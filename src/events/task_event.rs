//! Something that happened to a task.

use crate::store::layout::Home;
use crate::task::end::End;
use crate::task::journal::JournalEvent;
use crate::task::session::Session;

/// Who hears of an end by a line of a shell's, and what the task is called there.
#[derive(Clone, Copy, Debug)]
pub struct Listener<'a> {
    /// The shell at which the task was begun.
    pub session: Option<&'a Session>,
    /// What it runs, as typed.
    pub command: &'a str,
}

/// Something that happened to a task, with what those need who hear of it.
#[derive(Debug)]
pub enum TaskEvent<'a> {
    /// It is put down in the journal.
    Noted(JournalEvent),
    /// Files changed that it watches.
    Changed {
        /// Which, in words.
        what: String,
        /// The first of them.
        paths: Vec<String>,
    },
    /// The task is ready, and that is in the journal and on disk.
    Ready {
        /// How that is known.
        how: &'a str,
        /// Where it is reached.
        url: Option<&'a str>,
    },
    /// The task is over, and that is on disk.
    Over {
        /// The state's root.
        home: &'a Home,
        /// How it ended.
        end: &'a End,
        /// Who is to hear of it by a line of a shell's, if that is news.
        listener: Option<Listener<'a>>,
    },
    /// A run is over that is followed by another.
    RunOver {
        /// The state's root.
        home: &'a Home,
        /// How it ended.
        end: &'a End,
        /// What is to follow, in words.
        next: &'a str,
        /// Who is to hear of it by a line of a shell's, if anybody.
        listener: Option<Listener<'a>>,
    },
    /// After [`Over`](TaskEvent::Over): the task's lock is free, so that it can be begun again.
    Settled {
        /// How it ended.
        end: &'a End,
    },
    /// The task began to wait for input, or does not wait any more.
    Waits {
        /// The state's root.
        home: &'a Home,
        /// Whether it does.
        is_waiting: bool,
    },
    /// The supervisor is gone without having recorded an end.
    Lost {
        /// The state's root.
        home: &'a Home,
        /// Why.
        why: &'a str,
        /// Who is to hear of it.
        listener: Listener<'a>,
    },
    /// A reader has cleared up after a task whose supervisor is gone. Its watchdog has told of that
    /// already, unless that is gone too.
    ClearedUp {
        /// The state's root.
        home: &'a Home,
        /// Whether it counts as a failure that nobody has looked at.
        is_failure: bool,
        /// Whether its watchdog has told.
        is_told: bool,
    },
}

impl From<JournalEvent> for TaskEvent<'_> {
    fn from(event: JournalEvent) -> Self {
        TaskEvent::Noted(event)
    }
}

//! What a selector sees of a task.

use super::id::TaskId;
use super::status::Status;

/// What a selector looks at in a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selectable<'a> {
    /// Its id.
    pub id: TaskId,
    /// Its name.
    pub name: &'a str,
    /// How it stands.
    pub status: Status,
    /// Whether it is known to be over.
    pub is_over: bool,
    /// Whether it ended as nobody wanted.
    pub is_failure: bool,
    /// Whether it belongs to the caller's directory, if
    /// [`Selector::asks_where`](super::selector::Selector::asks_where).
    pub is_here: bool,
}

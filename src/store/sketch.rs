//! What tells one task from another, taken from a row of the registry's file without parsing the
//! row: thousands are looked at for each one that is shown.
//!
//! The fields are found by their names: a quote within a row's texts is escaped, so that `"name":"`
//! is found only as a field.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memchr;
use memchr::memmem::Finder;

use crate::task::id::TaskId;
use crate::task::status::Status;
use crate::task::summary::Summary;

/// A field of a row, and what is searched for to find it.
static NAME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"name\":\""));
static CWD: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"cwd\":\""));
static STATUS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"status\":\""));
static UNNEEDED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"unneeded\":true"));
static ENDED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"ended\":\""));

/// What tells a task from another.
#[derive(Clone, Debug)]
pub struct Sketch<'a> {
    /// Its id.
    pub id: TaskId,
    /// Its name.
    pub name: Cow<'a, str>,
    /// How it stands.
    pub status: Status,
    /// Whether it is known to be over.
    pub is_over: bool,
    row: RowText<'a>,
}

#[derive(Clone, Debug)]
enum RowText<'a> {
    Line(&'a [u8]),
    Newer(&'a Summary<'static>),
    /// In another order of fields than ours.
    Parsed(Box<Summary<'a>>),
}

impl<'a> Sketch<'a> {
    /// That of a parsed row.
    pub fn of(row: &'a Summary<'static>) -> Sketch<'a> {
        let name = Cow::Borrowed(&*row.name);
        Sketch { id: row.id, name, status: row.status, is_over: row.is_over(), row: RowText::Newer(row) }
    }

    /// That of a line of the file; `None` where the line is no row.
    pub fn of_line(line: &'a [u8]) -> Option<Sketch<'a>> {
        Sketch::found_in(line).or_else(|| serde_json::from_slice(line).ok().map(Sketch::of_parsed))
    }

    fn of_parsed(row: Summary<'a>) -> Sketch<'a> {
        let (id, name, status, is_over) = (row.id, row.name.clone(), row.status, row.is_over());
        Sketch { id, name, status, is_over, row: RowText::Parsed(Box::new(row)) }
    }

    fn found_in(line: &'a [u8]) -> Option<Sketch<'a>> {
        let status: Status = text_of(line, &STATUS)?.parse().ok()?;
        let has_ended = || ENDED.find(line).is_some();
        let is_over = !status.is_living() && (status != Status::Unknown || has_ended());
        Some(Sketch { id: id_of(line)?, name: name_of(line)?.into(), status, is_over, row: RowText::Line(line) })
    }

    /// Whether it ended as nobody wanted. What was cancelled as it was not needed did not.
    pub fn is_failure(&self) -> bool {
        self.status.is_failure() && !(self.status == Status::Cancelled && self.is_unneeded())
    }

    fn is_unneeded(&self) -> bool {
        match &self.row {
            RowText::Line(line) => UNNEEDED.find(line).is_some(),
            RowText::Newer(row) => row.unneeded,
            RowText::Parsed(row) => row.unneeded,
        }
    }

    /// Where it runs.
    pub fn cwd(&self) -> Option<Cow<'_, str>> {
        match &self.row {
            RowText::Line(line) => {
                let text = text_of(line, &CWD)?;
                // A quote in it would end it too early, and has a backslash before it.
                if !text.contains('\\') {
                    return Some(Cow::Borrowed(text));
                }
                let quoted = line.get(CWD.find(line)? + CWD.needle().len() - 1..)?;
                serde_json::Deserializer::from_slice(quoted).into_iter::<String>().next()?.ok().map(Cow::Owned)
            }
            RowText::Newer(row) => Some(Cow::Borrowed(&row.cwd)),
            RowText::Parsed(row) => Some(Cow::Borrowed(&row.cwd)),
        }
    }

    /// The row; `None` where it cannot be parsed.
    pub fn summary(&self) -> Option<Summary<'_>> {
        match &self.row {
            RowText::Line(line) => serde_json::from_slice(line).ok(),
            RowText::Newer(row) => Some(row.borrowed()),
            RowText::Parsed(row) => Some((**row).clone()),
        }
    }
}

/// The id, with which a row begins.
pub fn id_of(line: &[u8]) -> Option<TaskId> {
    head_of(line).map(|(id, _)| id)
}

/// The name, which follows the id; none of its characters is escaped.
pub fn name_of(line: &[u8]) -> Option<&str> {
    let (_, rest) = head_of(line)?;
    match rest.strip_prefix(b",").and_then(|rest| rest.strip_prefix(NAME.needle())) {
        Some(name) => up_to_quote(name),
        None => text_of(line, &NAME),
    }
}

/// The id and what follows it.
fn head_of(line: &[u8]) -> Option<(TaskId, &[u8])> {
    let text = line.strip_prefix(b"{\"id\":\"")?;
    let end = text.iter().position(|byte| *byte == b'"')?;
    let id = plain(&text[..end]).or_else(|| std::str::from_utf8(&text[..end]).ok()?.parse().ok())?;
    Some((id, &text[end + 1..]))
}

/// An id as it is written.
fn plain(text: &[u8]) -> Option<TaskId> {
    // Nine digits fit into a `u32`, whichever they are.
    let digits = text.strip_prefix(b"task-").filter(|digits| (1..=9).contains(&digits.len()))?;
    let number = |number: u32, digit: &u8| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'));
    digits.iter().try_fold(0, number).filter(|number| *number > 0).map(TaskId)
}

/// A field's text, up to the first quote in it.
fn text_of<'a>(line: &'a [u8], field: &Finder<'_>) -> Option<&'a str> {
    up_to_quote(line.get(field.find(line)? + field.needle().len()..)?)
}

fn up_to_quote(text: &[u8]) -> Option<&str> {
    std::str::from_utf8(&text[..memchr(b'"', text)?]).ok()
}

#[cfg(test)]
mod tests {
    use super::{Sketch, id_of, name_of};
    use crate::task::id::TaskId;
    use crate::task::status::Status;
    use crate::task::summary::Summary;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_what_the_row_says(command: String, cwd: String, ended: bool, unknown: bool, unneeded: bool) {
            let row = Summary {
                id: TaskId(7),
                name: "web".into(),
                command: command.into(),
                cwd: cwd.into(),
                status: if unknown { Status::Unknown } else { Status::Cancelled },
                unneeded,
                ended: ended.then(|| "2026".into()),
                ..Summary::blank()
            };
            let line = serde_json::to_vec(&row).expect("plain data");
            let sketch = Sketch::of_line(&line).expect("a sketch");
            let told = (sketch.id, &*sketch.name, sketch.status, sketch.is_over, sketch.cwd(), sketch.summary());
            prop_assert_eq!(sketch.is_failure(), !unknown && !unneeded);
            prop_assert_eq!(told, (row.id, "web", row.status, row.is_over(), Some(row.cwd.clone()), Some(row.clone())));
        }

        #[test]
        fn an_id_is_read_as_every_other(text in "(task-)?[0-9]{0,11}|task-[0-9]{1,9}x?") {
            let line = format!("{{\"id\":\"{text}\",\"name\":\"web\"}}");
            prop_assert_eq!(id_of(line.as_bytes()), text.parse().ok());
            prop_assert_eq!(name_of(line.as_bytes()), text.parse::<TaskId>().ok().map(|_| "web"));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = Sketch::of_line(&bytes).map(|sketch| (sketch.cwd().is_some(), sketch.summary().is_some()));
        }
    }
}

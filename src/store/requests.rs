//! Requests to a living task: a file each, so that they work where sockets do not.

use std::io;

use super::Error;
use super::task_dir::{REQUESTS, TaskDir};
use crate::sys::dir::Dir;
use crate::task::request::{Answer, Request};
use crate::task::spec::VERSION;
use crate::units::span::Span;

const REQUEST: &str = ".request";
const ANSWER: &str = ".done";

/// A request that was laid down.
#[derive(Debug)]
pub struct Pending {
    dir: Dir,
    name: String,
}

impl Pending {
    /// Lays a request down; the supervisor is then to be told.
    pub fn lay_down(task: &TaskDir, request: &Request) -> Result<Pending, Error> {
        let failed = |source| Error::File { doing: "write", what: task.what("a request"), source };
        let dir = task.dir.sub_or_make(REQUESTS).map_err(failed)?;
        let name = unused_name();
        let bytes = serde_json::to_vec(request).expect("plain data always serialises");
        dir.replace(&format!("{name}{REQUEST}"), &bytes).map_err(failed)?;
        Ok(Pending { dir, name })
    }

    /// The answer, once it is there; taken away with the reading.
    pub fn answer(&self) -> Option<Answer> {
        let file = format!("{}{ANSWER}", self.name);
        let answer = serde_json::from_slice(&self.dir.read(&file).ok()?).ok()?;
        let _ = self.dir.remove(&file);
        Some(answer)
    }

    /// A path at which the answer's arrival can be watched for.
    pub fn watch_path(&self) -> String {
        self.dir.handle_path()
    }

    /// Takes the request back, for when nobody reads it.
    pub fn withdraw(self) {
        let _ = self.dir.remove(&format!("{}{REQUEST}", self.name));
    }
}

/// Takes every request that lies there, oldest first; one that cannot be read is answered so at once.
pub fn take_all(task: &TaskDir) -> Vec<(String, Request)> {
    let Ok(dir) = task.dir.sub(REQUESTS) else { return Vec::new() };
    let mut names: Vec<String> = dir
        .names()
        .unwrap_or_default()
        .into_iter()
        .filter_map(|n| n.strip_suffix(REQUEST).map(str::to_owned))
        .collect();
    names.sort();
    let mut taken = Vec::new();
    for name in names {
        let read = dir.read(&format!("{name}{REQUEST}"));
        let _ = dir.remove(&format!("{name}{REQUEST}"));
        match read.map(|bytes| serde_json::from_slice::<Request>(&bytes)) {
            Ok(Ok(request)) if request.version == VERSION => taken.push((name, request)),
            Ok(Ok(request)) => {
                answer(task, &name, Some(format!("version {} is not known here", request.version)), None)
            }
            Ok(Err(e)) => answer(task, &name, Some(format!("not a request: {e}")), None),
            Err(_) => {}
        }
    }
    taken
}

/// Answers a request: done, or refused with the reason; and within which time the task ends, if it is ending.
pub fn answer(task: &TaskDir, name: &str, refused: Option<String>, ends_within: Option<Span>) {
    let answer = Answer { version: VERSION, refused, ends_within };
    let bytes = serde_json::to_vec(&answer).expect("plain data always serialises");
    if let Ok(dir) = task.dir.sub(REQUESTS) {
        let _ = dir.replace(&format!("{name}{ANSWER}"), &bytes);
    }
}

/// Removes what nobody will read any more.
pub fn clear(task: &TaskDir) -> io::Result<()> {
    match task.dir.remove_tree(REQUESTS) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Sorts by time; two of one moment differ by process, two of one process by moment.
fn unused_name() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("{:020}-{}", now.as_nanos(), std::process::id())
}

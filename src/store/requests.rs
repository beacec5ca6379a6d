//! Requests to a living task: a file each, so that they work where sockets do not.

use std::io;

use super::StoreError;
use super::task_dir::{REQUESTS, TaskDir};
use crate::sys::dir::Dir;
use crate::task::format::{self, BadFormat};
use crate::task::request::{Request, RequestAnswer};

const REQUEST: &str = ".request";
/// A request that was read and is not answered yet.
const TAKEN: &str = ".taken";
const ANSWER: &str = ".done";
/// A request is filled up with spaces to this size, as it may become the answer. *Units*: bytes.
const ROOM_FOR_ANSWER: usize = 512;
/// No request and no answer is longer. *Units*: bytes.
const LONGEST: u64 = 64 << 10;

/// A request that was laid down.
#[derive(Debug)]
pub struct Pending {
    dir: Dir,
    name: String,
}

impl Pending {
    /// Lays a request down; the supervisor is then to be told.
    pub fn lay_down(task: &TaskDir, request: &Request) -> Result<Pending, StoreError> {
        let failed = |source| StoreError::File { doing: "write", what: task.what("a request"), source };
        let dir = match task.dir.sub_or_make(REQUESTS) {
            // Something else stands in its place.
            Err(e) if matches!(e.raw_os_error(), Some(libc::ENOTDIR | libc::ELOOP)) => {
                task.dir.move_aside(REQUESTS).and_then(|_| task.dir.sub_or_make(REQUESTS))
            }
            opened => opened,
        };
        let dir = dir.map_err(failed)?;
        let name = unused_name();
        let mut bytes = serde_json::to_vec(request).expect("plain data always serialises");
        bytes.resize(bytes.len().max(ROOM_FOR_ANSWER), b' ');
        dir.replace(&format!("{name}{REQUEST}"), &bytes).map_err(failed)?;
        Ok(Pending { dir, name })
    }

    /// The answer, once it is there; taken away with the reading.
    pub fn answer(&self) -> Option<RequestAnswer> {
        let file = format!("{}{ANSWER}", self.name);
        let answer = match format::parse(&self.dir.read(&file, LONGEST).ok()?) {
            Ok(answer) => answer,
            Err(BadFormat::Newer(version)) => {
                let why = format!("the answer has version {version}, which is newer than this aos");
                RequestAnswer { version, refused: Some(why), ends_within: None, killed_after: None }
            }
            Err(BadFormat::NotUnderstood(_) | BadFormat::Damaged(_)) => return None,
        };
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

/// Takes every request that lies there, oldest first; one that cannot be read is answered so at
/// once.
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
        // Before it is read: from here on nobody withdraws it, and nobody takes it twice.
        let taken_as = format!("{name}{TAKEN}");
        if dir.rename(&format!("{name}{REQUEST}"), &taken_as).is_err() {
            continue;
        }
        let read = dir.read(&taken_as, LONGEST);
        match read.map(|bytes| format::parse(&bytes)) {
            Ok(Ok(request)) => taken.push((name, request)),
            Ok(Err(BadFormat::Newer(version))) => {
                refuse(task, &name, format!("version {version} is not known here"));
            }
            Ok(Err(BadFormat::NotUnderstood(field))) => {
                refuse(task, &name, format!("`{field}` is not known here"));
            }
            Ok(Err(BadFormat::Damaged(e))) => refuse(task, &name, format!("not a request: {e}")),
            Err(_) => drop(dir.remove_any(&taken_as)),
        }
    }
    taken
}

/// Answers a request. Where there is no room for a file, the request's own, which nobody reads any
/// more, becomes the answer.
pub fn answer(task: &TaskDir, name: &str, answer: &RequestAnswer) {
    let bytes = serde_json::to_vec(answer).expect("plain data always serialises");
    let Ok(dir) = task.dir.sub(REQUESTS) else { return };
    let (taken, done) = (format!("{name}{TAKEN}"), format!("{name}{ANSWER}"));
    if dir.replace(&done, &bytes).is_ok() || dir.overwrite(&taken, &done, &bytes).is_err() {
        let _ = dir.remove(&taken);
    }
}

fn refuse(task: &TaskDir, name: &str, why: String) {
    answer(task, name, &RequestAnswer::new(Some(why), None));
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

#[cfg(test)]
mod tests {
    use super::{ANSWER, Pending, REQUESTS, answer, take_all};
    use crate::store::task_dir::TaskDir;
    use crate::sys::dir::Dir;
    use crate::task::id::TaskId;
    use crate::task::request::{Ask, Asker, Request, RequestAnswer, VERSION};

    #[test]
    fn an_answer_for_which_no_file_can_be_made_takes_the_requests() {
        let place = tempfile::tempdir().expect("a directory");
        let task = TaskDir { id: TaskId(1), dir: Dir::open(place.path()).expect("opened") };
        let by = Asker { with: "test".into(), pid: 1 };
        let pending = Pending::lay_down(&task, &Request { version: VERSION, ask: Ask::Pause, by }).expect("laid down");
        let taken = take_all(&task);
        let [(name, Request { ask: Ask::Pause, .. })] = &taken[..] else { panic!("{taken:?}") };
        assert_eq!(take_all(&task), [], "it is taken once");
        let in_the_way = format!(".{name}{ANSWER}.{}.tmp", std::process::id());
        pending.dir.make(&in_the_way).expect("a directory");
        let sent = RequestAnswer::new(Some("x".repeat(100)), None);
        answer(&task, name, &sent);
        assert_eq!(pending.answer(), Some(sent));
        assert_eq!(pending.dir.names().expect("a list"), [in_the_way]);
    }

    #[test]
    fn an_answer_of_a_version_to_come_is_told() {
        let place = tempfile::tempdir().expect("a directory");
        let dir = Dir::open(place.path()).and_then(|dir| dir.sub_or_make(REQUESTS)).expect("a directory");
        let pending = Pending { dir, name: "1-1".into() };
        assert_eq!(pending.answer(), None);
        for (text, refused) in [
            (r#"{"version":1}"#, None),
            (r#"{"version":1,"refused":"no"}"#, Some("no")),
            (r#"{"version":2,"denied":{}}"#, Some("the answer has version 2, which is newer than this aos")),
        ] {
            pending.dir.replace(&format!("1-1{ANSWER}"), text.as_bytes()).expect("written");
            let answer = pending.answer().expect("an answer");
            assert_eq!(answer.refused.as_deref(), refused);
        }
    }
}

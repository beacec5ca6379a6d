//! Events on their way to hooks: a worker of the task's own gets them, a line each, and does the
//! rest. There is none until there is a file of hooks, and nobody waits for it.

use std::io::{self, PipeWriter, Write};
use std::path::PathBuf;

use super::hook_files;
use crate::sys::{fds, own_program};
use crate::task::hook_event::{HookCause, HookMessage};
use crate::task::notify_when::NotifyWhen;
use crate::task::spec::Spec;
use crate::units::wall_time::WallTime;

/// The verb of the worker.
pub const HOOKS: &str = "__hooks";
/// The variable of a hook's environment that names its event.
pub const EVENT: &str = "AOS_HOOK_EVENT";
/// The variable that says how many hooks above each other led to a process.
pub const DEPTH: &str = "AOS_HOOK_DEPTH";
/// A longer line would not be written to a pipe in one piece. *Units*: bytes. *Source*: pipe(7),
/// `PIPE_BUF`.
const LONGEST: usize = 4096;

/// Where events go that hooks may be for.
#[derive(Debug)]
pub struct HookSink {
    home: PathBuf,
    dir: PathBuf,
    cwd: PathBuf,
    notify: Option<NotifyWhen>,
    worker: Option<HookWorker>,
}

#[derive(Debug)]
struct HookWorker {
    pid: i32,
    pipe: PipeWriter,
}

impl HookSink {
    /// The sink of the task in `dir`.
    pub fn new(home: PathBuf, dir: PathBuf, spec: &Spec) -> HookSink {
        HookSink { home, dir, cwd: spec.cwd.as_path().to_owned(), notify: spec.notify, worker: None }
    }

    /// Tells of an event, if there may be hooks. *Errors*: why no hook hears of it.
    pub fn tell(&mut self, run: u32, at: WallTime, what: HookCause) -> io::Result<()> {
        // Where files came to be since, they are for what comes from now on.
        if self.worker.is_none() && !self.is_wanted(&what) && !hook_files::are_any(&self.home, &self.cwd) {
            return Ok(());
        }
        let mut line = serde_json::to_vec(&HookMessage { run, at, what: clipped(what) })?;
        line.push(b'\n');
        if line.len() > LONGEST {
            return Err(io::Error::other("it takes more room than a line to the worker may"));
        }
        if let Some(worker) = &mut self.worker {
            match worker.pipe.write_all(&line) {
                // It is gone: somebody has ended it.
                Err(e) if e.kind() == io::ErrorKind::BrokenPipe => self.worker = None,
                written => return written,
            }
        }
        let worker = self.worker.insert(HookWorker::begin(&self.dir)?);
        worker.pipe.write_all(&line)
    }

    /// Whether the user wants to be told of it, whatever is configured.
    fn is_wanted(&self, what: &HookCause) -> bool {
        match self.notify {
            None => false,
            Some(NotifyWhen::Done | NotifyWhen::Fail) => matches!(what, HookCause::Over),
            Some(NotifyWhen::Ready) => matches!(what, HookCause::Over | HookCause::Ready { .. }),
        }
    }

    /// Whether this is the worker's pid, which is no process of the task.
    pub fn is(&self, pid: i32) -> bool {
        self.worker.as_ref().is_some_and(|worker| worker.pid == pid)
    }
}

impl HookWorker {
    /// Executes `aos __hooks DIR`, with nothing of this process's but a pipe. It ends by itself
    /// when that is closed and all is done.
    fn begin(dir: &std::path::Path) -> io::Result<HookWorker> {
        let (events, pipe) = io::pipe()?;
        let child = own_program::worker(HOOKS).arg(dir).stdin(events).spawn()?;
        fds::set_nonblocking(&pipe)?;
        Ok(HookWorker { pid: child.id().cast_signed(), pipe })
    }
}

/// Texts are no longer than this. *Units*: characters, of which each may take several bytes.
const LONGEST_TEXT: usize = 400;
/// Nor are paths, all together.
const LONGEST_PATHS: usize = 600;

/// The same, so that it fits into a line.
fn clipped(what: HookCause) -> HookCause {
    let clip = |text: String| text.chars().take(LONGEST_TEXT).collect::<String>();
    match what {
        HookCause::Ready { how, url } => HookCause::Ready { how: clip(how), url: url.map(clip) },
        HookCause::Changed { mut paths } => {
            let mut length = 0;
            paths.retain(|path| {
                length += path.chars().count();
                length <= LONGEST_PATHS
            });
            HookCause::Changed { paths }
        }
        HookCause::Finding(mut problem) => {
            problem.message = clip(problem.message);
            problem.file = problem.file.map(clip);
            if let Some(details) = &mut problem.details {
                details.test = details.test.take().map(clip);
                details.code = details.code.take().map(clip);
            }
            HookCause::Finding(problem)
        }
        HookCause::Launched | HookCause::Waits | HookCause::RunOver { .. } | HookCause::Over => what,
    }
}

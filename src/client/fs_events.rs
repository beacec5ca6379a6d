//! Being told of changes on disk while waiting for other things too.

use std::io::{self, PipeReader};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::ClientError;
use super::wait_exit::end_pipe;
use crate::store::layout::Home;
use crate::sys::fs_watch::{BLIND, Watch, WatchEvent};
use crate::sys::polling;
use crate::task::id::TaskId;

/// What wakes somebody who follows a task's log. It is waited for in one thread: handing a change
/// on to another takes longer than all that is done with a line.
pub struct LogChanges {
    watch: Watch,
    log: PathBuf,
    end: Option<PipeReader>,
}

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wakeup {
    /// There may be something new.
    Changed,
    /// The task is over.
    Ended,
    /// The time is up.
    Nothing,
}

impl LogChanges {
    /// Changes of a log, which may come later, and in these directories, until the task is over.
    pub fn begin(home: &Home, id: TaskId, directories: &[PathBuf], log: &Path) -> Result<LogChanges, ClientError> {
        let watch = watching(directories, Some(log))?;
        Ok(LogChanges { watch, log: log.to_owned(), end: Some(end_pipe(home, id)?) })
    }

    /// Waits until something happens, or the time is up. The end is told once.
    pub fn wait(&mut self, most: Option<Duration>) -> io::Result<Wakeup> {
        let blind = self.watch.descriptor().is_none().then_some(BLIND);
        let change = self.watch.descriptor().map(|fd| (Wakeup::Changed, fd));
        let end = self.end.as_ref().map(|end| (Wakeup::Ended, end.as_fd()));
        let sources: Vec<_> = change.into_iter().chain(end).collect();
        let ready = polling::wait_for_any(&sources, most.into_iter().chain(blind).min())?;
        if ready.contains(&Wakeup::Changed) || blind.is_some() {
            self.rewatch_name();
        }
        if ready.contains(&Wakeup::Ended) {
            self.end = None;
            return Ok(Wakeup::Ended);
        }
        let is_time_up = ready.is_empty() && most.is_some() && blind.is_none();
        Ok(if is_time_up { Wakeup::Nothing } else { Wakeup::Changed })
    }

    /// Under its name there may be another file by now, whose writes count only once it is watched:
    /// whoever is told looks after that.
    fn rewatch_name(&self) {
        match self.watch.told() {
            WatchEvent::Nothing | WatchEvent::Written => {}
            WatchEvent::Changed => drop(self.watch.name(&self.log)),
        }
    }
}

/// A message for every change in these directories, of this file, or of what stands under its name,
/// which may come later. One waiting message is enough.
pub fn changes(directories: &[PathBuf], file: Option<&Path>) -> io::Result<Receiver<()>> {
    let watch = watching(directories, file)?;
    let (sender, receiver) = bounded(1);
    let file = file.map(Path::to_owned);
    thread::Builder::new().name("changes".into()).stack_size(64 * 1024).spawn(move || tell(&watch, file, &sender))?;
    Ok(receiver)
}

fn watching(directories: &[PathBuf], file: Option<&Path>) -> io::Result<Watch> {
    let watch = Watch::new()?;
    directories.iter().try_for_each(|directory| watch.directory(directory))?;
    file.map_or(Ok(()), |file| watch.name(file))?;
    Ok(watch)
}

fn tell(watch: &Watch, file: Option<PathBuf>, changes: &Sender<()>) {
    while watch.wait(None).is_ok() {
        // Under its name there may be another file by now, whose writes count only once it is
        // watched: who is told looks after that.
        if let Some(file) = &file {
            let _ = watch.name(file);
        }
        if changes.send(()).is_err() {
            return;
        }
    }
}

//! Being told of changes on disk while waiting for other things too.

use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::sys::watch::Watch;

/// A message for every change in these directories, of this file, or of what stands under its name, which may come later. One
/// waiting message is enough.
pub fn changes(directories: &[String], file: Option<&Path>) -> io::Result<Receiver<()>> {
    let watch = Watch::new()?;
    directories.iter().try_for_each(|directory| watch.directory(directory))?;
    if let Some(file) = file {
        watch_for(&watch, file)?;
    }
    let (sender, receiver) = bounded(1);
    let file = file.map(Path::to_owned);
    thread::Builder::new().name("changes".into()).stack_size(64 * 1024).spawn(move || tell(&watch, file, &sender))?;
    Ok(receiver)
}

/// Waits where the last time is not this long ago: somebody who prints without end is not looked at without end.
#[expect(clippy::disallowed_methods, reason = "no event is waited for: those that come are kept apart")]
pub fn keep_apart(last: &mut Option<Instant>, span: Duration) {
    if let Some(left) = last.and_then(|last| span.checked_sub(last.elapsed())) {
        thread::sleep(left);
    }
    *last = Some(Instant::now());
}

/// Watches a file; where it is not there, the nearest directory on its way that is.
fn watch_for(watch: &Watch, file: &Path) -> io::Result<()> {
    loop {
        let Some((found, watched)) = nearest(watch, file) else { return Err(io::ErrorKind::NotFound.into()) };
        watched?;
        // What comes next on the way may have come in between.
        let next = file.ancestors().take_while(|place| *place != found).last();
        if next.is_none_or(|next| !next.exists()) {
            return Ok(());
        }
    }
}

/// Watches the file, or else the first directory above it that is there.
fn nearest<'f>(watch: &Watch, file: &'f Path) -> Option<(&'f Path, io::Result<()>)> {
    let watched = |place: &'f Path| match place {
        place if place == file => (place, watch.file(&place.to_string_lossy())),
        place => (place, watch.directory(&place.to_string_lossy())),
    };
    let is_there = |watched: &io::Result<()>| !matches!(watched, Err(e) if e.kind() == io::ErrorKind::NotFound);
    file.ancestors().map(watched).find(|(_, watched)| is_there(watched))
}

fn tell(watch: &Watch, file: Option<PathBuf>, changes: &Sender<()>) {
    loop {
        if watch.wait(None).is_err() || changes.send(()).is_err() {
            return;
        }
        // Under its name there may be another file by now; watching one twice is watching it once.
        if let Some(file) = &file {
            let _ = watch_for(watch, file);
        }
    }
}

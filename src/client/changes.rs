//! Being told of changes on disk while waiting for other things too.

use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::sys::watch::Watch;

/// A message for every change in these directories, of this file, or of what stands under its name, which may come later. One
/// waiting message is enough.
pub fn changes(directories: &[PathBuf], file: Option<&Path>) -> io::Result<Receiver<()>> {
    let watch = Watch::new()?;
    directories.iter().try_for_each(|directory| watch.directory(directory))?;
    file.map_or(Ok(()), |file| watch.name(file))?;
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

fn tell(watch: &Watch, file: Option<PathBuf>, changes: &Sender<()>) {
    while watch.wait(None).is_ok() {
        // Under its name there may be another file by now, whose writes count only once it is watched: who is told looks
        // after that.
        if let Some(file) = &file {
            let _ = watch.name(file);
        }
        if changes.send(()).is_err() {
            return;
        }
    }
}

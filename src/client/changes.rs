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

/// Watches a file, and for one that is not there, the directory in which it will be.
fn watch_for(watch: &Watch, file: &Path) -> io::Result<()> {
    let path = file.to_string_lossy();
    match (watch.file(&path), file.parent()) {
        (Err(e), Some(directory)) if e.kind() == io::ErrorKind::NotFound => {
            watch.directory(&directory.to_string_lossy())?;
            // It may have come in between.
            let _ = watch.file(&path);
            Ok(())
        }
        (watched, _) => watched,
    }
}

fn tell(watch: &Watch, file: Option<PathBuf>, changes: &Sender<()>) {
    loop {
        if watch.wait(None).is_err() || changes.send(()).is_err() {
            return;
        }
        // Under its name there may be another file by now; watching one twice is watching it once.
        if let Some(file) = &file {
            let _ = watch.file(&file.to_string_lossy());
        }
    }
}

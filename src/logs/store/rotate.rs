//! Rotation: the newest segment gets its number, and a new one begins.
//!
//! A crash between any two steps leaves a log that reads whole ([`crate::logs::store::segments`]
//! looks at what is there, and believes files over the index):
//!
//! 1. `web.log` is renamed `web.log.7`.
//! 2. `web.log.idx` gets a second name, `web.log.7.idx`.
//! 3. A new `web.log` is made.
//! 4. A new index takes the place of `web.log.idx`.

use std::fs::File;
use std::io;

use crate::logs::store::names;
use crate::sys::dir::{Dir, OpenMode};

/// What a rotation left.
#[derive(Debug)]
pub struct Rotated {
    /// The new newest segment.
    pub file: File,
    /// The number of the one that is complete.
    pub completed: u32,
    /// The number of the oldest that is there.
    pub oldest: u32,
}

/// Does steps 1 to 3. The segment's number is `number`, or the next one that is free. *Errors*:
/// then nothing has changed.
pub fn rotate(dir: &Dir, log: &str, number: u32, oldest: u32) -> io::Result<Rotated> {
    // A rename would go over what has the name.
    let completed = (number..).find(|number| !is_there(dir, log, *number)).unwrap_or(number);
    dir.rename(log, &names::segment(log, completed))?;
    // A second name: until a new index is there, readers find the log by this one. Without it
    // neighbours tell where the segment stands.
    let _ = dir.link_into(&names::index(log), dir, &names::segment_index(log, completed));
    match dir.file(log, OpenMode::Append) {
        Ok(file) => {
            // Readers look for segments from this one on: those that were dropped cost them
            // nothing.
            let oldest = (oldest..completed).find(|number| is_there(dir, log, *number)).unwrap_or(completed);
            Ok(Rotated { file, completed, oldest })
        }
        Err(why) => {
            // The writer still has the file open, and goes on in it under its old name.
            let _ = dir.remove(&names::segment_index(log, completed));
            dir.rename(&names::segment(log, completed), log)?;
            Err(why)
        }
    }
}

/// Whether an older segment of this number is there.
pub fn is_there(dir: &Dir, log: &str, number: u32) -> bool {
    let names = [names::segment(log, number), names::compressed(log, number)];
    names.iter().any(|name| dir.file(name, OpenMode::Read).is_ok())
}

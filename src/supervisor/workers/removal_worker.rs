//! The worker that deletes what removed tasks have left: `aos __remove HOME`. It is begun by
//! whoever removes more tasks than can be deleted while somebody waits, and nobody waits for it.
//! What it does not come to is done by who removes next.

use std::io;
use std::path::Path;

use crate::store::layout::Home;
use crate::store::removed_files;
use crate::supervisor::workers::detached_worker::send;
use crate::supervisor::workers::worker::take_name;
use crate::sys::{process, rlimit, sched};

/// The worker's verb.
pub const REMOVE: &str = "__remove";
/// How nice it is to others, if it is not nicer anyway.
const NICENESS: i32 = 10;
/// It gets the disk after all others that take turns.
const LAST_TURN: u8 = 7;

/// Has it deleted aside.
pub fn begin(home: &Home) -> io::Result<()> {
    send(REMOVE, &home.path).map(drop)
}

/// Deletes it; gives the exit code. The terminal of whoever asked may be closed meanwhile, and the
/// directory he is in removed.
pub fn remove(home: &Path) -> i32 {
    let _ = (take_name("remove"), process::start_session(), std::env::set_current_dir("/"));
    let _ = (rlimit::set_niceness(rlimit::niceness().max(NICENESS)), sched::take_io_turns(Some(LAST_TURN)));
    // `Home::at` would make it again.
    if !home.is_dir() {
        return 1;
    }
    let cleared = Home::at(home).and_then(|home| removed_files::clear_all(&home));
    i32::from(cleared.is_err())
}

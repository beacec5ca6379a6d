//! Open-file-description locks: proof of life that dies with its holder and with nothing
//! else. *Source*: fcntl(2), "Open file description locks".
//!
//! A lock file has four bytes. The first is *life*: held from birth to end; of a task it is only
//! ever asked about or tried. The second is the *gate*: held with life, and what waiters block on,
//! so that a waiter never stands in the way of the next birth. The third is a *turn*: held for the
//! moment in which a marker is moved, by whoever moves it. The fourth is a *promise*: held by
//! whoever ends a run to begin the next one, until that has life.

use std::fs::File;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};

const LIFE: i64 = 0;
const GATE: i64 = 1;
const TURN: i64 = 2;
const PROMISE: i64 = 3;
/// So often a waiter steps aside for whoever takes a lock: 1 ms, then twice as long each time, half
/// a second in all.
const STEPS_ASIDE: u32 = 9;

/// Takes life and gate; `false` if somebody has them.
pub fn try_take(file: &File) -> io::Result<bool> {
    match fcntl(file, FcntlArg::F_OFD_SETLK(&lock(libc::F_WRLCK, LIFE))) {
        Err(Errno::EAGAIN | Errno::EACCES) => return Ok(false),
        taken => taken?,
    };
    wait(file, libc::F_WRLCK, GATE)?;
    Ok(true)
}

/// Takes life and gate of a lock that is no task's, waiting for whoever has them. Waiters block on
/// life itself, where the kernel queues them: waiters that read the gate and try again would keep
/// its write lock from whoever has life.
pub fn take(file: &File) -> io::Result<()> {
    wait(file, libc::F_WRLCK, LIFE)?;
    wait(file, libc::F_WRLCK, GATE)
}

/// Gives both back, as closing the file does, and lets who waited for that go first.
pub fn release(file: &File) -> io::Result<()> {
    give_back(file, LIFE)?;
    give_back(file, GATE)?;
    thread::yield_now();
    Ok(())
}

/// Waits until nobody holds life, so long at most; says whether that is so. For a holder who is
/// about to give it back.
pub fn is_free_within(file: &File, most: Duration) -> io::Result<bool> {
    const LONGEST_PAUSE: Duration = Duration::from_millis(50);
    let (began, mut time) = (Instant::now(), Duration::from_millis(1));
    while is_held(file)? {
        if began.elapsed() >= most {
            return Ok(false);
        }
        pause(time);
        time = (time * 2).min(LONGEST_PAUSE);
    }
    Ok(true)
}

/// Whether somebody holds life. Takes nothing.
pub fn is_held(file: &File) -> io::Result<bool> {
    let mut asked = lock(libc::F_WRLCK, LIFE);
    fcntl(file, FcntlArg::F_OFD_GETLK(&mut asked))?;
    Ok(i32::from(asked.l_type) != libc::F_UNLCK)
}

/// Promises that another holder of life follows this one, until `file` is closed; `false` if
/// somebody has promised it.
pub fn promise(file: &File) -> io::Result<bool> {
    match fcntl(file, FcntlArg::F_OFD_SETLK(&lock(libc::F_WRLCK, PROMISE))) {
        Err(Errno::EAGAIN | Errno::EACCES) => Ok(false),
        taken => taken.map(|_| true).map_err(io::Error::from),
    }
}

/// Whether another holder of life is promised. Takes nothing.
pub fn is_promised(file: &File) -> io::Result<bool> {
    let mut asked = lock(libc::F_WRLCK, PROMISE);
    fcntl(file, FcntlArg::F_OFD_GETLK(&mut asked))?;
    Ok(i32::from(asked.l_type) != libc::F_UNLCK)
}

/// Blocks until nobody holds the gate. A waiter that returns while somebody has life and waits for
/// the gate does not read the gate again before he has it: the kernel prefers readers, and many of
/// them would keep him waiting for ever.
pub fn wait_until_free(file: &File) -> io::Result<()> {
    for step in 0..STEPS_ASIDE {
        if !is_half_taken(file)? {
            break;
        }
        pause(Duration::from_millis(1 << step));
    }
    wait(file, libc::F_RDLCK, GATE)?;
    give_back(file, GATE)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the kernel tells of a lock that is taken only whoever keeps it from that"
)]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// Whether somebody has life, and the gate not yet. Takes nothing.
fn is_half_taken(file: &File) -> io::Result<bool> {
    let mut asked = lock(libc::F_RDLCK, GATE);
    fcntl(file, FcntlArg::F_OFD_GETLK(&mut asked))?;
    Ok(i32::from(asked.l_type) == libc::F_UNLCK && is_held(file)?)
}

/// Does something while nobody else has the turn.
pub fn in_turn<T>(file: &File, act: impl FnOnce() -> T) -> io::Result<T> {
    wait(file, libc::F_WRLCK, TURN)?;
    let done = act();
    give_back(file, TURN)?;
    Ok(done)
}

/// Does something while nobody else has the turn; `None` where somebody has it now.
pub fn try_in_turn<T>(file: &File, act: impl FnOnce() -> T) -> io::Result<Option<T>> {
    match fcntl(file, FcntlArg::F_OFD_SETLK(&lock(libc::F_WRLCK, TURN))) {
        Err(Errno::EAGAIN | Errno::EACCES) => return Ok(None),
        taken => taken?,
    };
    let done = act();
    give_back(file, TURN)?;
    Ok(Some(done))
}

fn give_back(file: &File, byte: i64) -> io::Result<()> {
    fcntl(file, FcntlArg::F_OFD_SETLK(&lock(libc::F_UNLCK, byte)))?;
    Ok(())
}

fn wait(file: &File, kind: i32, byte: i64) -> io::Result<()> {
    loop {
        match fcntl(file, FcntlArg::F_OFD_SETLKW(&lock(kind, byte))) {
            Err(Errno::EINTR) => {}
            taken => return taken.map(drop).map_err(io::Error::from),
        }
    }
}

fn lock(kind: i32, byte: i64) -> libc::flock {
    libc::flock {
        l_type: kind as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: byte,
        l_len: 1,
        l_pid: 0,
    }
}

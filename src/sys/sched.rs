//! How a process takes its turns on the processor. *Source*: sched_setattr(2).
#![allow(unsafe_code)]

use std::mem;

use nix::errno::Errno;

/// The shortest turn there is. *Units*: nanoseconds.
const SHORTEST: u64 = 100_000;

/// Has this process take short turns, and therefore soon, when others want the processor, too: for
/// one that does little at a time and is waited for. Its children take turns as usual. Nothing
/// changes where the kernel knows no such thing (before Linux 6.12), or the user has chosen another
/// policy or a priority above the usual.
pub fn shorten_slices() {
    let Some(mut attributes) = attributes() else { return };
    let is_usual = attributes.sched_policy == libc::SCHED_OTHER as u32 && attributes.sched_nice >= 0;
    if is_usual {
        attributes.sched_flags |= libc::SCHED_FLAG_RESET_ON_FORK as u64;
        attributes.sched_runtime = SHORTEST;
        // SAFETY: the attributes are read, and as large as they say.
        unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attributes, 0) };
    }
}

/// Has this process, and what it executes or forks, get the disk when nobody else wants it
/// (`None`), or in its turn: from 0, the first, to 7. Takes no memory. *Source*: ioprio_set(2).
pub fn take_io_turns(level: Option<u8>) -> Result<(), Errno> {
    const BEST_EFFORT: libc::c_int = 2;
    const IDLE: libc::c_int = 3;
    const CLASS_SHIFT: libc::c_int = 13;
    const THIS_PROCESS: libc::c_int = 1;
    let priority = level.map_or(IDLE << CLASS_SHIFT, |level| BEST_EFFORT << CLASS_SHIFT | libc::c_int::from(level));
    // SAFETY: it takes three integers.
    Errno::result(unsafe { libc::syscall(libc::SYS_ioprio_set, THIS_PROCESS, 0, priority) }).map(drop)
}

fn attributes() -> Option<libc::sched_attr> {
    const SIZE: usize = mem::size_of::<libc::sched_attr>();
    // SAFETY: attributes are plain numbers.
    let mut attributes: libc::sched_attr = unsafe { mem::zeroed() };
    // SAFETY: the kernel writes no more than the size it is given.
    let asked = unsafe { libc::syscall(libc::SYS_sched_getattr, 0, &raw mut attributes, SIZE, 0) };
    Errno::result(asked).ok().map(|_| attributes)
}

#[cfg(test)]
mod tests {
    use super::{SHORTEST, attributes, shorten_slices};

    #[test]
    fn turns_are_short_and_those_of_what_is_begun_are_not() {
        let runtime = || attributes().map(|attributes| attributes.sched_runtime);
        std::thread::spawn(move || {
            let before = runtime();
            shorten_slices();
            // A kernel that knows no such thing says 0 before and after.
            assert_eq!(runtime(), before.map(|usual| if usual == 0 { 0 } else { SHORTEST }));
            assert_eq!(std::thread::spawn(runtime).join().expect("joined"), before);
        })
        .join()
        .expect("joined");
    }
}

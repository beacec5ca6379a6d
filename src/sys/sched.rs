//! How a process takes its turns on the processor. *Source*: sched_setattr(2).
#![allow(unsafe_code)]

use std::{io, mem, thread};

use nix::errno::Errno;
use nix::sched::{sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use super::process;

/// The shortest turn there is. *Units*: nanoseconds.
const SHORTEST: u64 = 100_000;

/// Has this process take short turns, and therefore soon, when others want the processor, too: for
/// one that does little at a time and is waited for. Its children take turns as usual. Nothing
/// changes where the kernel knows no such thing (before Linux 6.12), or the user has chosen another
/// policy or a priority above the usual.
pub fn shorten_slices() {
    let Some(mut attributes) = usual() else { return };
    attributes.sched_flags |= libc::SCHED_FLAG_RESET_ON_FORK as u64;
    attributes.sched_runtime = SHORTEST;
    set(&attributes);
}

/// Begins threads that do not take the processor from who begins them. Otherwise the kernel may run
/// the first one there for some milliseconds before the next can be begun, while another processor
/// has nothing to do. *Source*: sched(7), `SCHED_BATCH`.
pub fn begin_in_turn<T>(begin: impl FnOnce() -> T) -> T {
    let Some(usual) = usual() else { return begin() };
    set(&libc::sched_attr { sched_policy: libc::SCHED_BATCH as u32, ..usual });
    let begun = begin();
    set(&usual);
    begun
}

/// Forks this process, and has the child begin on another processor where the kernel has put it on
/// this one: it may do so though another has nothing to do, and both would go on in turns. (In a
/// virtual machine an idle processor may count as one that the host has taken away.) *Source*:
/// linux/kernel/sched/fair.c, `available_idle_cpu`.
pub fn fork_beside() -> io::Result<Option<i32>> {
    let own = processor();
    let forked = process::fork_single_threaded()?;
    match forked {
        // The child has its turn first: it may have to leave.
        Some(_) => thread::yield_now(),
        None if processor() == own => leave(own),
        None => {}
    }
    Ok(forked)
}

/// The number of the processor that this runs on.
fn processor() -> libc::c_int {
    // SAFETY: it takes nothing, and gives a number.
    unsafe { libc::sched_getcpu() }
}

/// Goes on anywhere but there, and may come back. Nothing changes where there is nothing else.
fn leave(processor: libc::c_int) {
    let this = Pid::from_raw(0);
    let (Ok(processor), Ok(usual)) = (usize::try_from(processor), sched_getaffinity(this)) else { return };
    let mut others = usual;
    if others.unset(processor).is_ok() && sched_setaffinity(this, &others).is_ok() {
        let _ = sched_setaffinity(this, &usual);
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

/// How this thread takes its turns, where neither the user nor anybody else has chosen that.
fn usual() -> Option<libc::sched_attr> {
    let is_usual = |attributes: &libc::sched_attr| {
        attributes.sched_policy == libc::SCHED_OTHER as u32 && attributes.sched_nice >= 0
    };
    attributes().filter(is_usual)
}

fn set(attributes: &libc::sched_attr) {
    // SAFETY: the attributes are read, and as large as they say.
    unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const *attributes, 0) };
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
    use nix::sched::sched_getaffinity;
    use nix::unistd::Pid;

    use super::{SHORTEST, attributes, begin_in_turn, leave, processor, shorten_slices};

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

    #[test]
    fn threads_take_their_turn_and_who_begins_them_goes_on_as_before() {
        let policy = || attributes().map(|attributes| attributes.sched_policy.cast_signed());
        std::thread::spawn(move || {
            let begun = begin_in_turn(|| std::thread::spawn(policy));
            assert_eq!(begun.join().expect("joined"), Some(libc::SCHED_BATCH));
            assert_eq!(policy(), Some(libc::SCHED_OTHER));
        })
        .join()
        .expect("joined");
    }

    #[test]
    fn another_processor_is_taken_where_there_is_one_and_all_may_be_taken_afterwards() {
        let allowed = || sched_getaffinity(Pid::from_raw(0)).expect("known");
        std::thread::spawn(move || {
            let (before, own) = (allowed(), processor());
            leave(own);
            assert_eq!(allowed(), before);
            leave(-1);
            leave(libc::c_int::MAX);
            assert_eq!(allowed(), before);
        })
        .join()
        .expect("joined");
    }
}

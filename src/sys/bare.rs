//! Waiting for a child in next to no memory, for a process that does nothing else for hours: all
//! that it has is given back, and what it is to do in the end a new image of this program does.
//! *Source*: madvise(2), wait4(2), execve(2).
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_long};
use std::mem::{MaybeUninit, offset_of};
use std::ptr;

use super::memory::{self, FRAME};
use super::proctitle;

/// The longest path that the kernel takes. *Units*: bytes, with the NUL.
const LONGEST_PATH: usize = libc::PATH_MAX as usize;
/// A wait status in decimal digits, with the NUL.
const LONGEST_STATUS: usize = 11;

/// All that is left: on the stack above the function that waits. The text comes last, as most of
/// its room is never touched.
#[repr(C)]
struct WaitFrame {
    words: [*const c_char; 5],
    environment: [*const c_char; 1],
    status: [u8; LONGEST_STATUS],
    dir: [u8; LONGEST_PATH],
}

/// Waits for `child`, collecting all others. If it exits with 0 this process does; else it executes
/// its own program anew, as `aos VERB DIR STATUS`, with the child's wait status. A subreaper stays
/// one.
///
/// For a process with one thread, whose stack is the first thread's. `dir` is cut where it is
/// longer than a path may be.
#[inline(never)]
pub fn wait_then_become(child: i32, verb: &'static CStr, dir: &CStr) -> ! {
    // Without one nothing above this frame is given back.
    let title = proctitle::begin().unwrap_or(0);
    let mut last = MaybeUninit::<WaitFrame>::uninit();
    let at = last.as_mut_ptr();
    let length = dir.count_bytes().min(LONGEST_PATH - 1);
    // SAFETY: every write is within `last`, which lives as long as this process, and what points to
    // it is only read by execve. `verb` is a constant of the program's own, which is mapped from
    // its file.
    unsafe {
        let text = at.cast::<u8>().add(offset_of!(WaitFrame, dir));
        ptr::copy_nonoverlapping(dir.as_ptr().cast(), text, length);
        text.add(length).write(0);
        let status = at.cast::<u8>().add(offset_of!(WaitFrame, status));
        status.add(LONGEST_STATUS - 1).write(0);
        (&raw mut (*at).words).write([c"aos".as_ptr(), verb.as_ptr(), text.cast(), ptr::null(), ptr::null()]);
        (&raw mut (*at).environment).write([ptr::null()]);
    }
    // SAFETY: what `at` points to lives as long as this process.
    unsafe { wait(child, at, at as usize + offset_of!(WaitFrame, dir) + length + 1, title) }
}

/// Keeps its own frame and what stands from there up to `end`, which is all that it reads: the
/// frames of its callers it never returns to.
///
/// # Safety
/// `at` is filled, stands in a caller's frame, and its text ends at `end`.
#[inline(never)]
unsafe fn wait(child: i32, at: *mut WaitFrame, end: usize, title: usize) -> ! {
    let here = 0u8;
    // SAFETY: what follows is system calls, their numbers are in this frame and what they point to
    // is below `end`, and it never returns.
    unsafe { memory::drop_all_but((&raw const here) as usize - FRAME, end, title) };
    loop {
        let mut status: c_int = 0;
        // SAFETY: `status` outlives the call.
        let pid = unsafe { libc::syscall(libc::SYS_wait4, -1, &raw mut status, libc::__WALL, 0) };
        if pid == c_long::from(child) {
            if status != 0 {
                become_next(at, status);
            }
            leave(0);
        }
        if pid < 0 && nix::errno::Errno::last() != nix::errno::Errno::EINTR {
            leave(0);
        }
    }
}

fn become_next(at: *mut WaitFrame, status: c_int) {
    // SAFETY: as above; the digits are written from the end of their room, which holds any 32-bit
    // number.
    unsafe {
        let digits = at.cast::<u8>().add(offset_of!(WaitFrame, status));
        let (mut first, mut rest) = (LONGEST_STATUS - 1, status.cast_unsigned());
        loop {
            first -= 1;
            digits.add(first).write(b'0' + (rest % 10) as u8);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        (&raw mut (*at).words[3]).write(digits.add(first).cast());
        let program = c"/proc/self/exe".as_ptr();
        libc::syscall(libc::SYS_execve, program, &raw const (*at).words, &raw const (*at).environment);
    }
}

fn leave(code: c_int) -> ! {
    loop {
        // SAFETY: it does not return.
        unsafe { libc::syscall(libc::SYS_exit_group, code) };
    }
}

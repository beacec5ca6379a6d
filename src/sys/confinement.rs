//! What a process may do no more, and all that it executes: for the last moment before a program
//! takes its place. Nothing here takes memory. *Source*: prctl(2), landlock(7), seccomp(2).
#![allow(unsafe_code)]

use std::os::fd::{AsFd, AsRawFd};

use nix::errno::Errno;

/// One instruction of a program that judges system calls.
pub type FilterStep = libc::sock_filter;

/// Programs that this process executes gain no privileges by what their files say (set-user-ID).
pub fn gain_no_privileges() -> Result<(), Errno> {
    // SAFETY: it takes five integers.
    Errno::result(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }).map(drop)
}

/// Restricts this process by a Landlock ruleset.
pub fn restrict_by(ruleset: impl AsFd) -> Result<(), Errno> {
    let fd = ruleset.as_fd().as_raw_fd();
    // SAFETY: it takes a descriptor and flags.
    Errno::result(unsafe { libc::syscall(libc::SYS_landlock_restrict_self, fd, 0) }).map(drop)
}

/// Has a program judge each system call of this process from now on.
pub fn filter_by(steps: &[FilterStep]) -> Result<(), Errno> {
    let length = u16::try_from(steps.len()).map_err(|_| Errno::E2BIG)?;
    let program = libc::sock_fprog { len: length, filter: steps.as_ptr().cast_mut() };
    // SAFETY: the kernel copies as many instructions as the program says it has, and checks them.
    let set = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const program) };
    Errno::result(set).map(drop)
}

/// The same, and another process decides of some: it gets the descriptor through `decider`, a
/// socket. *Source*: seccomp_unotify(2).
pub fn filter_asking(steps: &[FilterStep], decider: impl AsFd) -> Result<(), Errno> {
    let length = u16::try_from(steps.len()).map_err(|_| Errno::E2BIG)?;
    let program = libc::sock_fprog { len: length, filter: steps.as_ptr().cast_mut() };
    let flags = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER;
    // SAFETY: as above; it gives a new descriptor, which nobody else knows.
    let listener =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program) };
    let listener = Errno::result(listener)? as i32;
    let sent = pass_on(listener, decider.as_fd().as_raw_fd());
    // SAFETY: made above.
    unsafe { libc::close(listener) };
    sent
}

/// Sends a descriptor, in a message on the stack.
fn pass_on(fd: i32, socket: i32) -> Result<(), Errno> {
    /// Room for a header and one descriptor, aligned as a header is.
    #[repr(C, align(8))]
    struct Room([u8; 64]);
    let mut room = Room([0; 64]);
    let mut byte = 0u8;
    let mut part = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
    // SAFETY: a message is plain numbers and pointers, for which zero stands for nothing.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = room.0.as_mut_ptr().cast();
    // SAFETY: the room is larger than what is written to it, and outlives the call.
    let sent = unsafe {
        message.msg_controllen = libc::CMSG_SPACE(4) as _;
        let header = libc::CMSG_FIRSTHDR(&raw const message);
        (*header).cmsg_level = libc::SOL_SOCKET;
        (*header).cmsg_type = libc::SCM_RIGHTS;
        (*header).cmsg_len = libc::CMSG_LEN(4) as _;
        libc::CMSG_DATA(header).cast::<i32>().write_unaligned(fd);
        libc::sendmsg(socket, &raw const message, libc::MSG_NOSIGNAL)
    };
    Errno::result(sent).map(drop)
}

/// Takes from this process the capabilities with which root could undo what it is confined by, for
/// itself and all that it executes. Fails nowhere: who has none has nothing to lose.
pub fn shed_capabilities() {
    /// What root keeps: to own and change files, to change users, to listen on low ports.
    const KEPT: u64 = 1 << 0 | 1 << 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 10;
    const LAST: u64 = 63;
    const VERSION_3: u32 = 0x2008_0522;
    for capability in (0..=LAST).filter(|capability| KEPT & 1 << capability == 0) {
        // SAFETY: it takes integers; an unknown capability is refused.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
    }
    let header: [u32; 2] = [VERSION_3, 0];
    let mut sets = [0u32; 6];
    // SAFETY: the header names the version whose data are six numbers.
    unsafe {
        if libc::syscall(libc::SYS_capget, header.as_ptr(), sets.as_mut_ptr()) == 0 {
            let kept = [KEPT as u32, (KEPT >> 32) as u32];
            for (at, set) in sets.iter_mut().enumerate() {
                *set &= kept[at / 3];
            }
            libc::syscall(libc::SYS_capset, header.as_ptr(), sets.as_ptr());
        }
    }
}

/// Whether nobody opens this for reading here: what a prepared sandbox is put to the test by.
pub fn is_closed(file: &std::ffi::CStr) -> bool {
    // SAFETY: the name ends in NUL; what was opened is closed.
    unsafe {
        let fd = libc::open(file.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC | libc::O_NONBLOCK | libc::O_NOCTTY);
        if fd >= 0 {
            libc::close(fd);
        }
        fd < 0
    }
}

/// Whether nobody opens this for writing.
pub fn is_unwritable(file: &std::ffi::CStr) -> bool {
    // SAFETY: as above; nothing is written, and nothing made.
    unsafe {
        let fd = libc::open(file.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC | libc::O_NONBLOCK | libc::O_NOCTTY);
        if fd >= 0 {
            libc::close(fd);
        }
        fd < 0
    }
}

/// Whether no socket of this family and kind is had here.
pub fn has_no_socket(family: i32, kind: i32) -> bool {
    // SAFETY: it takes integers; what was made is closed.
    unsafe {
        let fd = libc::socket(family, kind | libc::SOCK_CLOEXEC, 0);
        if fd >= 0 {
            libc::close(fd);
        }
        fd < 0
    }
}

/// Whether no ring of calls is had here, which no filter sees.
pub fn has_no_ring() -> bool {
    // SAFETY: without parameters it can only fail: with EFAULT where it is there.
    unsafe { libc::syscall(libc::SYS_io_uring_setup, 0, 0) };
    Errno::last() != Errno::EFAULT && Errno::last() != Errno::EINVAL
}

/// Connects to an address by TCP, and lets go of it.
pub fn try_connection(ip: [u8; 4], port: u16) -> Result<(), Errno> {
    // SAFETY: plain numbers; the address is as large as is said, and what was made is closed.
    unsafe {
        let mut address: libc::sockaddr_in = std::mem::zeroed();
        address.sin_family = libc::AF_INET as libc::sa_family_t;
        address.sin_port = port.to_be();
        address.sin_addr.s_addr = u32::from_ne_bytes(ip);
        let fd = Errno::result(libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0))?;
        let length = size_of::<libc::sockaddr_in>() as libc::socklen_t;
        let connected = Errno::result(libc::connect(fd, (&raw const address).cast(), length));
        libc::close(fd);
        connected.map(drop)
    }
}

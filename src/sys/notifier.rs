//! Deciding of another process's system calls, which waits meanwhile. What stands in its memory can
//! change at any time: what counts is what is done here with a copy. *Source*: seccomp_unotify(2),
//! pidfd_getfd(2), process_vm_readv(2).
#![allow(unsafe_code)]

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use nix::errno::Errno;

const RECEIVE: u64 = 0xc050_2100;
const SEND: u64 = 0xc018_2101;
const IS_VALID: u64 = 0x4008_2102;

/// Where the kernel asks.
#[derive(Debug)]
pub struct Listener(OwnedFd);

/// A call that waits for an answer.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Which question it is.
    pub id: u64,
    /// The thread that waits.
    pub pid: i32,
    /// The call's number.
    pub call: i64,
    /// Its arguments.
    pub args: [u64; 6],
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It has been done, and gave this.
    Gives(i64),
    /// It failed.
    Fails(Errno),
    /// The kernel does it: only where another rule judges it, too.
    GoesOn,
}

impl Listener {
    /// The end that was sent by whoever is judged.
    pub fn new(fd: OwnedFd) -> Listener {
        Listener(fd)
    }

    /// The next question; `None` when the one who asked is gone already.
    pub fn receive(&self) -> io::Result<Option<Asked>> {
        // SAFETY: plain numbers, which the kernel wants to be zero.
        let mut asked: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        // SAFETY: it is as large as the request's number says.
        if unsafe { libc::ioctl(self.0.as_raw_fd(), RECEIVE as _, &raw mut asked) } < 0 {
            return match Errno::last() {
                Errno::ENOENT | Errno::EINTR => Ok(None),
                other => Err(other.into()),
            };
        }
        let (call, args) = (i64::from(asked.data.nr), asked.data.args);
        Ok(Some(Asked { id: asked.id, pid: asked.pid.cast_signed(), call, args }))
    }

    /// Whether the one who asked still waits: what was looked up under its pid is its own.
    pub fn is_waiting(&self, asked: Asked) -> bool {
        // SAFETY: it reads one number.
        unsafe { libc::ioctl(self.0.as_raw_fd(), IS_VALID as _, &raw const asked.id) == 0 }
    }

    /// Answers; one who is gone needs none.
    pub fn answer(&self, asked: Asked, answer: Answer) {
        let mut response = libc::seccomp_notif_resp { id: asked.id, val: 0, error: 0, flags: 0 };
        match answer {
            Answer::Gives(value) => response.val = value,
            Answer::Fails(errno) => response.error = -(errno as i32),
            Answer::GoesOn => response.flags = libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32,
        }
        // SAFETY: it is as large as the request's number says.
        unsafe { libc::ioctl(self.0.as_raw_fd(), SEND as _, &raw mut response) };
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsRawFd for Listener {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.0.as_raw_fd()
    }
}

/// What stands in another process's memory, as far as it goes.
pub fn read_memory(pid: i32, at: u64, length: usize) -> Result<Vec<u8>, Errno> {
    let mut bytes = vec![0u8; length];
    let own = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: length };
    let other = libc::iovec { iov_base: at as *mut libc::c_void, iov_len: length };
    // SAFETY: the kernel writes at most as many bytes as there are, and checks the other's address.
    let read = unsafe { libc::process_vm_readv(pid, &raw const own, 1, &raw const other, 1, 0) };
    bytes.truncate(Errno::result(read)? as usize);
    Ok(bytes)
}

/// A copy of another process's descriptor, closed on exec.
pub fn copy_of(pid: i32, fd: i32) -> Result<OwnedFd, Errno> {
    let leader = thread_group(pid).ok_or(Errno::ESRCH)?;
    // SAFETY: both take integers and make a new descriptor, which nobody else knows.
    unsafe {
        let process = OwnedFd::from_raw_fd(Errno::result(libc::syscall(libc::SYS_pidfd_open, leader, 0))? as i32);
        let copy = Errno::result(libc::syscall(libc::SYS_pidfd_getfd, process.as_raw_fd(), fd, 0))?;
        Ok(OwnedFd::from_raw_fd(copy as i32))
    }
}

fn thread_group(thread: i32) -> Option<i32> {
    let mut status = String::new();
    File::open(format!("/proc/{thread}/status")).ok()?.take(4096).read_to_string(&mut status).ok()?;
    status.lines().find_map(|line| line.strip_prefix("Tgid:"))?.trim().parse().ok()
}

/// Connects a socket to an address as the kernel takes it.
pub fn connect(socket: impl AsFd, address: &[u8]) -> Result<(), Errno> {
    let length = address.len() as libc::socklen_t;
    // SAFETY: the kernel reads as many bytes as there are.
    let done = unsafe { libc::connect(socket.as_fd().as_raw_fd(), address.as_ptr().cast(), length) };
    Errno::result(done).map(drop)
}

/// Whether calls on it return at once.
pub fn is_nonblocking(fd: impl AsFd) -> bool {
    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    fcntl(fd, FcntlArg::F_GETFL).is_ok_and(|flags| OFlag::from_bits_retain(flags).contains(OFlag::O_NONBLOCK))
}

//! Making a process that becomes another program, out of one that stands still meanwhile. Both have
//! the same memory until then, so that nothing is copied, and how it went is known as soon as this
//! one goes on. *Source*: clone(2) (CLONE_VM, CLONE_VFORK), execve(2).
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::num::NonZeroUsize;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::{io, ptr};

use nix::errno::Errno;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, munmap};
use nix::sys::signal::{SigSet, SigmaskHow, sigprocmask};

/// *Source*: linux/sched.h.
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;
/// What the new process has for a stack. *Units*: bytes.
const STACK: usize = 64 * 1024;

/// What a program is executed with, laid out as the kernel wants it.
#[derive(Debug)]
pub struct Image {
    words: Vec<CString>,
    // What `envp` points to.
    _variables: Vec<CString>,
    argv: Vec<*const c_char>,
    envp: Vec<*const c_char>,
    /// The words of a shell that reads the program as a script.
    script: Vec<Cell<*const c_char>>,
}

/// Where the file stands among the words of a shell that reads it.
const SCRIPT: usize = 1;

impl Image {
    /// Lays out words, of which the first is the name that the program has for itself, and
    /// variables (`NAME=value`).
    pub fn new(words: Vec<CString>, variables: Vec<CString>) -> Image {
        let (argv, envp) = (pointers(&words), pointers(&variables));
        let behind = argv.iter().skip(1).copied();
        let script = [ptr::null(), ptr::null()].into_iter().chain(behind).map(Cell::new).collect();
        Image { words, _variables: variables, argv, envp, script }
    }

    /// The words.
    pub fn words(&self) -> &[CString] {
        &self.words
    }

    /// Has `file` take this process's place. Returns only if that failed; takes no memory.
    pub fn execute(&self, file: &CStr) -> Errno {
        // SAFETY: both lists end in null, and what they point to lives as long as `self`.
        unsafe { libc::execve(file.as_ptr(), self.argv.as_ptr(), self.envp.as_ptr()) };
        Errno::last()
    }

    /// Has a shell take this process's place, which reads `file`. The same otherwise.
    pub fn execute_script(&self, shell: &CStr, file: &CStr) -> Errno {
        self.script[0].set(shell.as_ptr());
        self.script[SCRIPT].set(file.as_ptr());
        // SAFETY: a cell is as what it holds; both lists end in null, and what they point to lives
        // as long as this call.
        unsafe { libc::execve(shell.as_ptr(), self.script.as_ptr().cast(), self.envp.as_ptr()) };
        Errno::last()
    }
}

/// Whether nothing has that name. Takes no memory.
pub fn is_missing(file: &CStr) -> bool {
    // SAFETY: the name ends in NUL.
    unsafe { libc::access(file.as_ptr(), libc::F_OK) < 0 }
}

fn pointers(texts: &[CString]) -> Vec<*const c_char> {
    texts.iter().map(|text| text.as_ptr()).chain([ptr::null()]).collect()
}

/// What the two processes share.
struct Shared<P, F> {
    plan: P,
    child: fn(P) -> F,
    failed: Option<F>,
}

/// Makes a process that does `child`, and gives its pid once that has executed a program, with
/// nothing, or once `child` has returned, with what it has. Until then the thread that asks stands
/// still, and the new process works in this one's memory: it gets no more than `plan`, which can
/// own nothing, and may neither take nor free memory.
pub fn vfork_exec<P: Copy, F: Copy>(plan: P, child: fn(P) -> F) -> io::Result<(i32, Option<F>)> {
    extern "C" fn run<P: Copy, F: Copy>(shared: *mut c_void) -> c_int {
        // SAFETY: this is what is shared below, of this type; its owner stands still and uses it no
        // more.
        let shared = unsafe { &mut *shared.cast::<Shared<P, F>>() };
        shared.failed = Some((shared.child)(shared.plan));
        1
    }
    let mut shared = Shared { plan, child, failed: None };
    let mut stack: Vec<u8> = Vec::with_capacity(STACK);
    // A handler must not run in the new process, as it would in this one's memory.
    let mut mask = SigSet::empty();
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&SigSet::all()), Some(&mut mask))?;
    // SAFETY: the stack is not used by anybody else, and is aligned; it and what is shared outlive
    // the new process's use of them, as this thread goes on only when that has left this memory.
    let pid = unsafe {
        let top = stack.as_mut_ptr().add(STACK);
        let top = top.sub(top as usize % 16);
        libc::clone(
            run::<P, F>,
            top.cast(),
            libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD,
            ptr::from_mut(&mut shared).cast(),
        )
    };
    let failed = Errno::last();
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&mask), None)?;
    if pid < 0 { Err(failed.into()) } else { Ok((pid, shared.failed)) }
}

/// The same in a control group of version 2, whose directory this is: the new process is there from
/// its first moment, and has a copy of this one's memory. *Errors*: also where the kernel cannot
/// (before Linux 5.7). *Source*: clone3(2), CLONE_INTO_CGROUP.
pub fn fork_exec_within<P: Copy, F: Copy>(
    group: BorrowedFd<'_>,
    plan: P,
    child: fn(P) -> F,
) -> io::Result<(i32, Option<F>)> {
    let room = NonZeroUsize::new(size_of::<Option<F>>().max(1)).expect("at least one");
    let (access, kind) = (ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_SHARED);
    // SAFETY: a new mapping of memory that nobody else uses; zeros of it are never read.
    let shared = unsafe { mmap_anonymous(None, room, access, kind) }?;
    let failed = shared.cast::<Option<F>>();
    // SAFETY: it is as large as what is written, and aligned to a page.
    unsafe { failed.write(None) };
    let mut mask = SigSet::empty();
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&SigSet::all()), Some(&mut mask))?;
    // SAFETY: they are plain numbers, and zero stands for what is not asked for.
    let mut asked: libc::clone_args = unsafe { std::mem::zeroed() };
    asked.flags = libc::CLONE_VFORK as u64 | CLONE_INTO_CGROUP;
    asked.exit_signal = libc::SIGCHLD as u64;
    asked.cgroup = group.as_raw_fd() as u64;
    // SAFETY: without a stack of its own and with a copy of this memory the new process goes on as
    // after fork(2); it takes no memory, and never returns from here.
    let pid = unsafe { libc::syscall(libc::SYS_clone3, &raw const asked, size_of::<libc::clone_args>()) };
    if pid == 0 {
        let why = child(plan);
        // SAFETY: this process has the shared mapping as well.
        unsafe { failed.write(Some(why)) };
        // SAFETY: it never returns.
        unsafe { libc::_exit(1) }
    }
    let refused = Errno::last();
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&mask), None)?;
    // SAFETY: the other process has executed a program or ended, and writes here no more.
    let failed = unsafe { failed.read() };
    // SAFETY: nobody uses the mapping any more.
    unsafe { munmap(shared, room.get()) }?;
    if pid < 0 { Err(refused.into()) } else { Ok((pid as i32, failed)) }
}

#[cfg(test)]
mod tests {
    use std::os::fd::{AsFd, AsRawFd};

    use nix::errno::Errno;
    use nix::sys::wait::{WaitStatus, waitpid};
    use nix::unistd::Pid;

    use super::{Image, fork_exec_within, vfork_exec};

    fn code_of(pid: i32) -> i32 {
        match waitpid(Pid::from_raw(pid), None).expect("a child") {
            WaitStatus::Exited(_, code) => code,
            other => panic!("{other:?}"),
        }
    }

    fn words(words: &[&str]) -> Image {
        Image::new(words.iter().map(|word| std::ffi::CString::new(*word).expect("no NUL")).collect(), Vec::new())
    }

    #[test]
    fn what_it_could_not_execute_is_known_at_once() {
        let image = words(&["nothing"]);
        let (pid, why) = vfork_exec(&image, |image| image.execute(c"/there/is/no/such/file")).expect("made");
        assert_eq!((why, code_of(pid)), (Some(Errno::ENOENT), 1));
    }

    #[test]
    fn it_goes_on_while_the_program_runs() {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let image = words(&["sh", "-c", "read line; exit 5"]);
        let (pid, failed) = vfork_exec((&image, reader.as_fd()), |(image, input)| {
            // SAFETY: the number is that of an open pipe, and this process's standard input is its
            // own.
            #[allow(unsafe_code)]
            unsafe {
                libc::dup2(input.as_raw_fd(), 0)
            };
            image.execute(c"/bin/sh")
        })
        .expect("made");
        // Only now can it read a line.
        std::io::Write::write_all(&mut &writer, b"go\n").expect("written");
        assert_eq!((failed, code_of(pid)), (None, 5));
    }

    #[test]
    fn it_is_within_a_group_from_its_first_moment() {
        let here = crate::sys::cgroup::places::CgroupPlaces::here();
        let name = format!("aos-test-{}-1", std::process::id());
        let made = here.unified().map(|dir| crate::sys::cgroup::Cgroup::unified(dir.join(&name)));
        let Some(group) = made.filter(|group| group.make().is_ok()) else {
            return eprintln!("NOT TESTED HERE: no version 2 group can be made");
        };
        let image = words(&["sleep", "1000"]);
        let birthplace = group.birthplace().expect("opened");
        let (pid, failed) =
            fork_exec_within(birthplace.as_fd(), &image, |image| image.execute(c"/bin/sleep")).expect("made");
        let pids = group.pids();
        let (other, why) =
            fork_exec_within(birthplace.as_fd(), &image, |image| image.execute(c"/no/such/file")).expect("made");
        assert_eq!((why, code_of(other)), (Some(Errno::ENOENT), 1));
        group.freeze();
        assert!(group.kill_all());
        group.thaw();
        assert!(matches!(waitpid(Pid::from_raw(pid), None), Ok(WaitStatus::Signaled(..))));
        assert_eq!((failed, pids), (None, vec![pid]));
        group.remove().expect("removed");
        assert!(!group.is_there());
    }

    #[test]
    fn a_script_is_read_by_its_shell_with_the_other_words() {
        let image = words(&["script", "4"]);
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("script");
        let mut made = std::fs::File::create(&file).expect("a file");
        std::io::Write::write_all(&mut made, b"exit $1").expect("a script");
        let file = std::ffi::CString::new(file.into_os_string().into_encoded_bytes()).expect("no NUL");
        let (pid, failed) =
            vfork_exec((&image, file.as_c_str()), |(image, file)| image.execute_script(c"/bin/sh", file))
                .expect("made");
        assert_eq!((failed, code_of(pid)), (None, 4));
    }
}

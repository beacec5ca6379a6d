//! Making a process that becomes another program, out of one that stands still meanwhile. Both have
//! the same memory until then, so that nothing is copied, and how it went is known as soon as this
//! one goes on. *Source*: clone(2) (CLONE_VM, CLONE_VFORK), execve(2).
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::{io, ptr};

use nix::errno::Errno;
use nix::sys::signal::{SigSet, SigmaskHow, sigprocmask};

/// What the new process has for a stack. *Units*: bytes.
const STACK: usize = 64 * 1024;

/// What a program is executed with, laid out as the kernel wants it.
#[derive(Debug)]
pub struct Image {
    words: Vec<CString>,
    variables: Vec<CString>,
    argv: Vec<*const c_char>,
    envp: Vec<*const c_char>,
}

impl Image {
    /// Lays out words, of which the first is the name that the program has for itself, and
    /// variables (`NAME=value`).
    pub fn new(words: Vec<CString>, variables: Vec<CString>) -> Image {
        let (argv, envp) = (pointers(&words), pointers(&variables));
        Image { words, variables, argv, envp }
    }

    /// The words.
    pub fn words(&self) -> &[CString] {
        &self.words
    }

    /// The same variables with other words.
    pub fn with_words(&self, words: Vec<CString>) -> Image {
        Image::new(words, self.variables.clone())
    }

    /// Has `file` take this process's place. Returns only if that failed; takes no memory.
    pub fn execute(&self, file: &CStr) -> Errno {
        // SAFETY: both lists end in null, and what they point to lives as long as `self`.
        unsafe { libc::execve(file.as_ptr(), self.argv.as_ptr(), self.envp.as_ptr()) };
        Errno::last()
    }
}

fn pointers(texts: &[CString]) -> Vec<*const c_char> {
    texts.iter().map(|text| text.as_ptr()).chain([ptr::null()]).collect()
}

/// Makes a process in which `child` is run, and gives its pid once that has executed a program, or
/// has ended with the code that `child` returned. Until then this process stands still, and what
/// `child` writes to is this one's memory: a result can be left there, and what is allocated on the
/// way to a program stays allocated.
///
/// For a process with one thread.
pub fn vfork_exec<F: FnMut() -> c_int>(mut child: F) -> io::Result<i32> {
    extern "C" fn run<F: FnMut() -> c_int>(child: *mut c_void) -> c_int {
        // SAFETY: `child` is the closure below, of this type; its owner stands still and uses it no
        // more.
        unsafe { (*child.cast::<F>())() }
    }
    let mut stack: Vec<u8> = Vec::with_capacity(STACK);
    // A handler must not run in the new process, as it would in this one's memory.
    let mut mask = SigSet::empty();
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&SigSet::all()), Some(&mut mask))?;
    // SAFETY: the stack is not used by anybody else, and is aligned; it and the closure outlive the
    // new process's use of them, as this one goes on only when that has left this memory.
    let pid = unsafe {
        let top = stack.as_mut_ptr().add(STACK);
        let top = top.sub(top as usize % 16);
        libc::clone(
            run::<F>,
            top.cast(),
            libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD,
            ptr::from_mut(&mut child).cast(),
        )
    };
    let failed = Errno::last();
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&mask), None)?;
    if pid < 0 { Err(failed.into()) } else { Ok(pid) }
}

#[cfg(test)]
mod tests {
    use nix::errno::Errno;
    use nix::sys::wait::{WaitStatus, waitpid};
    use nix::unistd::Pid;

    use super::{Image, vfork_exec};

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
        let mut why = None;
        let pid = vfork_exec(|| {
            why = Some(words(&["nothing"]).execute(c"/there/is/no/such/file"));
            7
        })
        .expect("made");
        assert_eq!((why, code_of(pid)), (Some(Errno::ENOENT), 7));
    }

    #[test]
    fn it_goes_on_while_the_program_runs() {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let image = words(&["sh", "-c", "read line; exit 5"]);
        let mut has_failed = false;
        let pid = vfork_exec(|| {
            // SAFETY: the number is that of an open pipe, and this process's standard input is its
            // own.
            #[allow(unsafe_code)]
            unsafe {
                libc::dup2(std::os::fd::AsRawFd::as_raw_fd(&reader), 0)
            };
            image.execute(c"/bin/sh");
            has_failed = true;
            1
        })
        .expect("made");
        // Only now can it read a line.
        std::io::Write::write_all(&mut &writer, b"go\n").expect("written");
        assert_eq!((has_failed, code_of(pid)), (false, 5));
    }
}

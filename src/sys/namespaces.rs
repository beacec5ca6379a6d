//! A view of the file system of a process's own, in which single files cannot be written or are not
//! there. Nothing here takes memory but [`MountView::new`]. *Source*: unshare(2),
//! mount_namespaces(7), user_namespaces(7), mount_setattr(2).
#![allow(unsafe_code)]

use std::ffi::{CStr, CString};
use std::path::{Path, PathBuf};
use std::{io, ptr};

use std::os::unix::ffi::OsStrExt;

use nix::errno::Errno;
use nix::unistd::{getegid, geteuid};

/// What is done to a path in the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// It is a mount of its own, and cannot be moved away.
    Hold,
    /// The same, and it cannot be written.
    ReadOnly,
    /// An empty directory is in its place.
    EmptyDir,
    /// Nothing can be read in its place.
    EmptyFile,
}

/// A view, prepared.
#[derive(Debug)]
pub struct MountView {
    covers: Vec<(CString, Cover)>,
    user_map: CString,
    group_map: CString,
    /// Whether users are a namespace's own, too: who is no administrator has no other way.
    has_own_users: bool,
    has_own_terminals: bool,
    cwd: CString,
}

/// Why a view is not entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotEntered {
    /// The kernel gives no namespaces: the process is where it was.
    Refused(Errno),
    /// It is of no use any more.
    Halfway(Errno),
}

/// Where terminals are.
pub const TERMINALS: &CStr = c"/dev/pts";

/// Whether this process is likely to be let make namespaces: for what can be gone without.
pub fn may_be_made() -> bool {
    let is = |file: &str, value: &str| std::fs::read_to_string(file).is_ok_and(|text| text.trim() == value);
    geteuid().is_root()
        || !is("/proc/sys/kernel/unprivileged_userns_clone", "0")
            && !is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1")
            && !is("/proc/sys/user/max_user_namespaces", "0")
            && !is("/proc/sys/user/max_mnt_namespaces", "0")
}

impl MountView {
    /// The view in which these are covered, in their order, for a process that works in `cwd`.
    pub fn new(covers: &[(PathBuf, Cover)], cwd: &Path) -> io::Result<MountView> {
        let own_map = |id: u32| CString::new(format!("{id} {id} 1")).expect("digits and spaces");
        let covers = covers.iter().map(|(path, cover)| Ok((as_c(path)?, *cover))).collect::<io::Result<_>>()?;
        Ok(MountView {
            covers,
            user_map: own_map(geteuid().as_raw()),
            group_map: own_map(getegid().as_raw()),
            has_own_users: !geteuid().is_root(),
            has_own_terminals: false,
            cwd: as_c(cwd)?,
        })
    }

    /// The same with terminals of its own: others are not there, and programs in it can make some.
    pub fn with_own_terminals(self) -> MountView {
        MountView { has_own_terminals: true, ..self }
    }

    /// The same with users of its own: whoever makes it has all privileges over what is in it.
    pub fn with_own_users(self) -> MountView {
        MountView { has_own_users: true, ..self }
    }

    /// Enters it; says whether the terminals in it are its own.
    pub fn enter(&self) -> Result<bool, NotEntered> {
        let has_own_users = self.has_own_users || unshare(libc::CLONE_NEWNS).is_err();
        if has_own_users {
            unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS).map_err(NotEntered::Refused)?;
        }
        self.lay_out(has_own_users).map_err(NotEntered::Halfway)
    }

    fn lay_out(&self, has_own_users: bool) -> Result<bool, Errno> {
        if has_own_users {
            write(c"/proc/self/setgroups", c"deny")?;
            write(c"/proc/self/uid_map", &self.user_map)?;
            write(c"/proc/self/gid_map", &self.group_map)?;
        }
        // What is mounted later outside shows up here, and not the other way round.
        mount(None, c"/", None, libc::MS_REC | libc::MS_SLAVE)?;
        for (path, cover) in &self.covers {
            match cover {
                Cover::Hold => mount(Some(path), path, None, libc::MS_BIND | libc::MS_REC)?,
                Cover::ReadOnly => {
                    mount(Some(path), path, None, libc::MS_BIND | libc::MS_REC)?;
                    forbid_writing(path)?;
                }
                Cover::EmptyDir => mount(None, path, Some(c"tmpfs"), libc::MS_RDONLY)?,
                Cover::EmptyFile => mount(Some(c"/dev/null"), path, None, libc::MS_BIND)?,
            }
        }
        // It may lie in what is covered.
        nix::unistd::chdir(self.cwd.as_c_str())?;
        Ok(self.has_own_terminals && own_terminals().is_ok())
    }
}

fn as_c(path: &Path) -> io::Result<CString> {
    Ok(CString::new(path.as_os_str().as_bytes())?)
}

fn unshare(what: i32) -> Result<(), Errno> {
    // SAFETY: it takes flags.
    Errno::result(unsafe { libc::unshare(what) }).map(drop)
}

fn mount(from: Option<&CStr>, at: &CStr, kind: Option<&CStr>, flags: u64) -> Result<(), Errno> {
    let text = |text: Option<&CStr>| text.map_or(ptr::null(), CStr::as_ptr);
    // SAFETY: all texts end in NUL, and there is no data.
    let done = unsafe { libc::mount(text(from.or(kind)), at.as_ptr(), text(kind), flags, ptr::null()) };
    Errno::result(done).map(drop)
}

fn own_terminals() -> Result<(), Errno> {
    let options = c"ptmxmode=0666,mode=0620";
    // SAFETY: all texts end in NUL.
    let done = unsafe {
        let kind = c"devpts".as_ptr();
        libc::mount(kind, TERMINALS.as_ptr(), kind, libc::MS_NOSUID | libc::MS_NOEXEC, options.as_ptr().cast())
    };
    Errno::result(done).map(drop)
}

/// Adds to what the mount has already: nobody may take that away here.
fn forbid_writing(path: &CStr) -> Result<(), Errno> {
    let wanted = libc::mount_attr { attr_set: libc::MOUNT_ATTR_RDONLY, attr_clr: 0, propagation: 0, userns_fd: 0 };
    // SAFETY: the path ends in NUL, and the attributes are as large as is said.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            libc::AT_RECURSIVE,
            &raw const wanted,
            size_of::<libc::mount_attr>(),
        )
    };
    Errno::result(done).map(drop)
}

fn write(file: &CStr, text: &CStr) -> Result<(), Errno> {
    // SAFETY: the name ends in NUL, as much is written as there is, and the descriptor is ours.
    unsafe {
        let fd = Errno::result(libc::open(file.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC))?;
        let written = Errno::result(libc::write(fd, text.as_ptr().cast(), text.count_bytes()));
        libc::close(fd);
        written.map(drop)
    }
}

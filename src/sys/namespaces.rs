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
    is_root: bool,
    cwd: CString,
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
            is_root: geteuid().is_root(),
            cwd: as_c(cwd)?,
        })
    }

    /// Enters it.
    pub fn enter(&self) -> Result<(), Errno> {
        if !(self.is_root && unshare(libc::CLONE_NEWNS).is_ok()) {
            unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS)?;
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
        nix::unistd::chdir(self.cwd.as_c_str())
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

//! Rules about files that a process can only be restricted by. *Source*: landlock(7).

use std::ffi::CStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use landlock::{ABI, Access, AccessFs, BitFlags, CompatLevel, Compatible, Ruleset, RulesetAttr, Scope};
use nix::errno::Errno;

/// The kernel that can do all that is asked for: the rules of Linux 6.10. What an older one cannot
/// is left out, and [`version`] says which it is.
const NEWEST: ABI = ABI::V5;
/// The oldest of use: before it no file could be moved from one directory to another.
pub const OLDEST: i32 = 2;
/// The first that keeps files from being cut.
pub const CUTS: i32 = 3;
/// The first that keeps devices from being controlled.
const CONTROLS: i32 = 5;
/// The first that keeps signals within.
const SCOPES: i32 = 6;

/// What a rule lets be done at a path and below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Names are listed.
    List,
    /// Files are read and executed.
    Read,
    /// Files are written, made, moved and removed.
    Write,
}

/// What a rule is about, where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleTarget {
    /// A directory.
    Directory,
    /// Anything else but a link.
    File,
}

/// What is allowed at a path.
#[derive(Clone, Debug)]
pub struct FileRule {
    /// Which.
    pub path: PathBuf,
    /// What.
    pub grant: Grant,
    /// What is there, if it was just seen.
    pub kind: Option<RuleTarget>,
}

impl FileRule {
    /// What is allowed at a path, whatever is there.
    pub fn of(path: &Path, grant: Grant) -> FileRule {
        FileRule { path: path.to_owned(), grant, kind: None }
    }
}

/// The version of what the kernel offers; `None` where it offers nothing.
pub fn version() -> Option<i32> {
    const ASK_VERSION: u32 = 1;
    #[allow(unsafe_code)]
    // SAFETY: with this flag it takes no attributes, and makes nothing.
    let version = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, 0, 0, ASK_VERSION) };
    i32::try_from(version).ok().filter(|version| *version > 0)
}

/// A ruleset that allows this and nothing else. What is not there, or is a link, has no rule: a
/// link's target is judged by where it lies. *Errors*: where the kernel has no Landlock.
pub fn ruleset(rules: impl IntoIterator<Item = FileRule>) -> io::Result<OwnedFd> {
    let version = version().ok_or_else(|| io::Error::from_raw_os_error(libc::EOPNOTSUPP))?;
    let mut asked = Ruleset::default().set_compatibility(CompatLevel::BestEffort);
    asked = asked.handle_access(AccessFs::from_all(NEWEST)).map_err(io::Error::other)?;
    if version >= SCOPES {
        asked = asked.scope(Scope::Signal | Scope::AbstractUnixSocket).map_err(io::Error::other)?;
    }
    let made = Option::<OwnedFd>::from(asked.create().map_err(io::Error::other)?);
    let made = made.ok_or_else(|| io::Error::from_raw_os_error(libc::EOPNOTSUPP))?;
    let known = known_rights(version);
    for FileRule { path, grant, kind } in rules {
        let Some((file, kind)) = open(&path, kind) else { continue };
        add(&made, file.as_raw_fd(), rights(grant, kind).bits() & known)?;
    }
    Ok(made)
}

/// The rights that this version of Landlock has.
fn known_rights(version: i32) -> u64 {
    let count = match version {
        ..=1 => 13,
        2 => 14,
        CUTS..CONTROLS => 15,
        CONTROLS.. => 16,
    };
    (1 << count) - 1
}

/// Adds a rule about what a descriptor is of. There are hundreds in a sandbox: the crate would look
/// at each file once more.
fn add(ruleset: impl AsFd, parent: RawFd, allowed: u64) -> Result<(), Errno> {
    const PATH_BENEATH: u32 = 1;
    /// *Source*: linux/landlock.h, landlock_path_beneath_attr.
    #[repr(C, packed)]
    struct Rule {
        allowed: u64,
        parent: i32,
    }
    let rule = Rule { allowed, parent };
    let ruleset = ruleset.as_fd().as_raw_fd();
    #[allow(unsafe_code)]
    // SAFETY: the rule is as the kernel wants it.
    let added = unsafe { libc::syscall(libc::SYS_landlock_add_rule, ruleset, PATH_BENEATH, &raw const rule, 0) };
    Errno::result(added).map(drop)
}

/// Allows terminals to be used that are at a path and below it, by a ruleset that is made already.
/// Takes no memory.
pub fn allow_terminals(ruleset: impl AsFd, at: &CStr) -> Result<(), Errno> {
    /// To write, read, list, cut, and control devices.
    const ALL: u64 = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 14 | 1 << 15;
    #[allow(unsafe_code)]
    // SAFETY: the path ends in NUL, and what is opened is closed.
    unsafe {
        let parent = Errno::result(libc::open(at.as_ptr(), libc::O_PATH | libc::O_CLOEXEC))?;
        let added = add(ruleset, parent, ALL & known_rights(version().unwrap_or(0)));
        libc::close(parent);
        added
    }
}

/// What was seen to be a directory is opened as one only. A rule about a link that has taken the
/// place of a file allows nothing.
fn open(path: &Path, seen: Option<RuleTarget>) -> Option<(File, RuleTarget)> {
    let is = if seen == Some(RuleTarget::Directory) { libc::O_DIRECTORY } else { 0 };
    let file = OpenOptions::new().read(true).custom_flags(libc::O_PATH | libc::O_NOFOLLOW | is).open(path).ok()?;
    if let Some(seen) = seen {
        return Some((file, seen));
    }
    let found = file.metadata().ok().filter(|found| !found.is_symlink())?;
    Some((file, if found.is_dir() { RuleTarget::Directory } else { RuleTarget::File }))
}

fn rights(grant: Grant, kind: RuleTarget) -> BitFlags<AccessFs> {
    let read = AccessFs::ReadFile | AccessFs::Execute;
    let rights = match grant {
        Grant::List => AccessFs::ReadDir.into(),
        Grant::Read => read | AccessFs::ReadDir,
        Grant::Write => AccessFs::from_write(NEWEST),
    };
    match kind {
        RuleTarget::Directory => rights,
        RuleTarget::File => rights & AccessFs::from_file(NEWEST),
    }
}

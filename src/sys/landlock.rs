//! Rules about files that a process can only be restricted by. *Source*: landlock(7).

use std::ffi::CStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, Ruleset, RulesetAttr, RulesetCreatedAttr,
    Scope,
};
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
pub fn ruleset<P: AsRef<Path>>(rules: impl IntoIterator<Item = (P, Grant)>) -> io::Result<OwnedFd> {
    let version = version().ok_or_else(|| io::Error::from_raw_os_error(libc::EOPNOTSUPP))?;
    let mut asked = Ruleset::default().set_compatibility(CompatLevel::BestEffort);
    asked = asked.handle_access(AccessFs::from_all(NEWEST)).map_err(io::Error::other)?;
    if version >= SCOPES {
        asked = asked.scope(Scope::Signal | Scope::AbstractUnixSocket).map_err(io::Error::other)?;
    }
    let mut made = asked.create().map_err(io::Error::other)?;
    for (path, grant) in rules {
        let Some(file) = open(path.as_ref()) else { continue };
        let is_dir = file.metadata()?.is_dir();
        made = made.add_rule(PathBeneath::new(file, rights(grant, is_dir))).map_err(io::Error::other)?;
    }
    Option::<OwnedFd>::from(made).ok_or_else(|| io::Error::from_raw_os_error(libc::EOPNOTSUPP))
}

/// Allows terminals to be used that are at a path and below it, by a ruleset that is made already.
/// Takes no memory.
pub fn allow_terminals(ruleset: impl AsFd, at: &CStr) -> Result<(), Errno> {
    const PATH_BENEATH: u32 = 1;
    /// To write, read and list; to cut; to control devices.
    const FIRST: u64 = 1 << 1 | 1 << 2 | 1 << 3;
    const CUT: u64 = 1 << 14;
    const CONTROL: u64 = 1 << 15;
    let allowed = match version() {
        Some(CONTROLS..) => FIRST | CUT | CONTROL,
        Some(CUTS..) => FIRST | CUT,
        Some(_) | None => FIRST,
    };
    /// *Source*: linux/landlock.h, landlock_path_beneath_attr.
    #[repr(C, packed)]
    struct Rule {
        allowed: u64,
        parent: i32,
    }
    #[allow(unsafe_code)]
    // SAFETY: the path ends in NUL, the rule is as the kernel wants it, and what is opened is
    // closed.
    unsafe {
        let parent = Errno::result(libc::open(at.as_ptr(), libc::O_PATH | libc::O_CLOEXEC))?;
        let rule = Rule { allowed, parent };
        let ruleset = ruleset.as_fd().as_raw_fd();
        let added = libc::syscall(libc::SYS_landlock_add_rule, ruleset, PATH_BENEATH, &raw const rule, 0);
        let added = Errno::result(added).map(drop);
        libc::close(parent);
        added
    }
}

fn open(path: &Path) -> Option<File> {
    let file = OpenOptions::new().read(true).custom_flags(libc::O_PATH | libc::O_NOFOLLOW).open(path).ok()?;
    file.metadata().is_ok_and(|found| !found.is_symlink()).then_some(file)
}

fn rights(grant: Grant, is_dir: bool) -> BitFlags<AccessFs> {
    let read = AccessFs::ReadFile | AccessFs::Execute;
    let rights = match grant {
        Grant::List => AccessFs::ReadDir.into(),
        Grant::Read => read | AccessFs::ReadDir,
        Grant::Write => AccessFs::from_write(NEWEST),
    };
    if is_dir { rights } else { rights & AccessFs::from_file(NEWEST) }
}

//! The directories above a path, and whether others could put something else in the place of what
//! the path leads to. Each has to belong to the user or to root and to be closed to others for
//! writing, or to be sticky, as sshd asks of the way to a user's keys (`StrictModes`). Links on the
//! way are followed as the kernel does, and what they lead through is looked at as well.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use nix::unistd::geteuid;

use super::{account, regular};

/// The kernel follows no more. *Source*: path_resolution(7).
const MOST_LINKS: usize = 40;

/// A directory or a link on the way that others can exchange.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path} {why}")]
pub struct Exposed {
    /// Which.
    pub path: PathBuf,
    /// How.
    pub why: Why,
}

/// How others can exchange what a directory holds, or a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// It is another user's.
    #[error("belongs to user {0}")]
    Foreign(u32),
    /// Its permission bits let them.
    #[error("can be written by others (mode {0:04o})")]
    Writable(u32),
}

/// Whom a user trusts: root, himself, and who stands for users that this user namespace does not
/// know, as what is root's outside is shown as that one's. What takes reading files is asked only
/// where it decides: this is on the way of every start.
struct Trusted {
    user: u32,
}

/// Looks at every directory on the way to `path`, which is absolute, and gives what stat(2) says of
/// what it leads to. That itself is not judged.
pub fn way_to(path: &Path) -> io::Result<Result<Metadata, Exposed>> {
    let trusted = Trusted { user: geteuid().as_raw() };
    let mut left: VecDeque<OsString> = path.components().filter_map(name_of).collect();
    let (mut at, mut links) = (PathBuf::from("/"), 0);
    let mut found = fs::symlink_metadata(&at)?;
    while let Some(name) = left.pop_front() {
        if let Some(why) = trusted.doubts_directory(&found) {
            return Ok(Err(Exposed { path: at, why }));
        }
        if name == ".." {
            at.pop();
            found = fs::symlink_metadata(&at)?;
            continue;
        }
        let next = at.join(&name);
        let there = fs::symlink_metadata(&next)?;
        if !there.is_symlink() {
            (at, found) = (next, there);
            continue;
        }
        links += 1;
        if links > MOST_LINKS {
            return Err(io::Error::from_raw_os_error(libc::ELOOP));
        }
        if let Some(why) = trusted.doubts_owner(&there) {
            return Ok(Err(Exposed { path: next, why }));
        }
        let target = fs::read_link(&next)?;
        if target.is_absolute() {
            at = PathBuf::from("/");
            found = fs::symlink_metadata(&at)?;
        }
        target.components().filter_map(name_of).rev().for_each(|name| left.push_front(name));
    }
    Ok(Ok(found))
}

/// Opens a file whose content this user trusts as his own: to be read, where links may lead, and
/// only where nobody else can have put it there, or change it. *Errors*: why it is not opened; then
/// who could.
pub fn open_own(path: &Path) -> io::Result<Result<File, Exposed>> {
    let file = regular::open(path)?;
    let opened = file.metadata()?;
    if let Some(why) = doubts_file(&opened) {
        return Ok(Err(Exposed { path: path.to_owned(), why }));
    }
    match way_to(&std::path::absolute(path)?)? {
        Err(exposed) => Ok(Err(exposed)),
        Ok(found) if (found.dev(), found.ino()) != (opened.dev(), opened.ino()) => {
            Err(io::Error::other("it was exchanged meanwhile"))
        }
        Ok(_) => Ok(Ok(file)),
    }
}

/// How others could change a file of this user's.
fn doubts_file(file: &Metadata) -> Option<Why> {
    let trusted = Trusted { user: geteuid().as_raw() };
    trusted.doubts_owner(file).or_else(|| trusted.doubts_mode(file))
}

impl Trusted {
    fn doubts_directory(&self, found: &Metadata) -> Option<Why> {
        // In a sticky one only whoever has something may rename that, and what comes next is asked
        // whose it is.
        let is_sticky = found.mode() & libc::S_ISVTX != 0;
        self.doubts_owner(found).or_else(|| if is_sticky { None } else { self.doubts_mode(found) })
    }

    fn doubts_owner(&self, found: &Metadata) -> Option<Why> {
        let owner = found.uid();
        let is_trusted = owner == 0 || owner == self.user || Some(owner) == account::unmapped();
        (!is_trusted).then_some(Why::Foreign(owner))
    }

    /// A group that nobody else is in is as good as none.
    fn doubts_mode(&self, found: &Metadata) -> Option<Why> {
        let mode = found.mode() & 0o7777;
        let by_group = mode & 0o020 != 0 && !account::is_private_group(self.user, found.gid());
        (mode & 0o002 != 0 || by_group).then_some(Why::Writable(mode))
    }
}

fn name_of(part: Component<'_>) -> Option<OsString> {
    match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Exposed, Why, doubts_file, open_own, way_to};
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    #[test]
    fn each_directory_on_the_way_is_looked_at_and_so_is_what_links_lead_through() {
        let root = tempfile::tempdir().expect("a directory");
        let path = |name: &str| root.path().join(name);
        fs::create_dir_all(path("open/home")).expect("directories");
        fs::create_dir_all(path("closed/home")).expect("directories");
        symlink(path("open"), path("closed/away")).expect("a link");
        symlink("../closed", path("open/back")).expect("a link");
        symlink("around", path("closed/around")).expect("a link");
        let mode = |bits| fs::set_permissions(path("open"), Permissions::from_mode(bits)).expect("a mode");
        let leads = |name: &str| way_to(&path(name)).expect("looked").map(|found| found.ino());
        let inode = |name: &str| fs::metadata(path(name)).expect("there").ino();
        for (bits, is_exposed) in [(0o755, false), (0o777, true), (0o1777, false), (0o700, false), (0o1703, false)] {
            mode(bits);
            for name in ["open/home", "closed/away/home", "open/back/home", "closed/away/back/../open/home"] {
                let exposed = Exposed { path: path("open"), why: Why::Writable(bits) };
                let wanted = if is_exposed { Err(exposed) } else { Ok(inode(name)) };
                assert_eq!(leads(name), wanted, "{name}, {bits:o}");
            }
            assert_eq!(leads("closed/home"), Ok(inode("closed/home")));
            assert_eq!(leads("open"), Ok(inode("open")), "what it leads to is not judged");
        }
        assert!(way_to(&path("closed/around/home")).is_err());
        assert!(way_to(&path("missing/home")).is_err());
    }

    #[test]
    fn a_file_that_others_can_write_is_told() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for (bits, doubt) in [(0o600, None), (0o644, None), (0o666, Some(Why::Writable(0o666)))] {
            fs::set_permissions(file.path(), Permissions::from_mode(bits)).expect("a mode");
            assert_eq!(doubts_file(&file.as_file().metadata().expect("there")), doubt);
        }
    }

    #[test]
    fn a_file_of_ones_own_is_opened_where_nobody_else_can_exchange_it() {
        let root = tempfile::tempdir().expect("a directory");
        let path = root.path().join("dir/file");
        fs::create_dir(root.path().join("dir")).expect("made");
        fs::File::create(&path).expect("made");
        assert!(open_own(&path).expect("opened").is_ok());
        fs::set_permissions(root.path().join("dir"), Permissions::from_mode(0o777)).expect("a mode");
        assert_eq!(open_own(&path).expect("looked").expect_err("exposed").path, root.path().join("dir"));
        fs::set_permissions(&path, Permissions::from_mode(0o666)).expect("a mode");
        assert_eq!(open_own(&path).expect("looked").expect_err("exposed").path, path);
        assert!(open_own(&root.path().join("none")).is_err());
    }
}

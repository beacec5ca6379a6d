//! A directory held open, and files reached only through it: no symbolic link is followed
//! on the way, and no path is too long. *Source*: openat(2), O_NOFOLLOW.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, OpenHow, RenameFlags, ResolveFlag, openat, openat2, renameat, renameat2};
use nix::sys::stat::{FileStat, Mode, SFlag, fstatat, mkdirat};
use nix::unistd::{UnlinkatFlags, linkat, mkfifoat, unlinkat};

use super::regular::{self, FileKind, NotRegular};
use super::{disk, listing};
use crate::units::wall_time::WallTime;

/// A directory held open. Files made in it are 0600, directories 0700.
#[derive(Debug)]
pub struct Dir(OwnedFd);

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// To read what is there.
    Read,
    /// To read and write what is there.
    Write,
    /// To read and write; made if absent.
    Make,
    /// To read and write; an error if it exists.
    MakeNew,
    /// To read, and to write only at the end; made if absent.
    Append,
    /// To write what is there; a FIFO that nobody reads is an error.
    Tell,
}

/// A file, from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLook {
    /// Which file it is, of those of its file system.
    pub inode: u64,
    /// *Units*: bytes.
    pub size: u64,
    /// When it was last written to.
    pub written: WallTime,
}

/// What the name of a thing ends in that stood in a file's place and was moved aside.
pub const ASIDE: &str = ".damaged";
/// So many things of one name are kept aside.
const MOST_ASIDE: u32 = 10;

/// What stat(2) counts a file's room in. *Units*: bytes.
const BLOCK: u64 = 512;

const FILE: Mode = Mode::from_bits_truncate(0o600);
const DIRECTORY: Mode = Mode::from_bits_truncate(0o700);

impl Dir {
    /// Opens the directory at `path`, whose last part must not be a symbolic link.
    pub fn open(path: &Path) -> io::Result<Dir> {
        Ok(Dir(openat(nix::fcntl::AT_FDCWD, path, directory_flags(), Mode::empty())?))
    }

    /// Opens the directory `name` inside this one.
    pub fn sub(&self, name: &str) -> io::Result<Dir> {
        Ok(Dir(openat(&self.0, name, directory_flags(), Mode::empty())?))
    }

    /// This directory once more.
    pub fn again(&self) -> io::Result<Dir> {
        self.0.try_clone().map(Dir)
    }

    /// Opens `name` inside this one, made first if it is absent.
    pub fn sub_or_make(&self, name: &str) -> io::Result<Dir> {
        match self.sub(name) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                match self.make(name) {
                    Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
                    _ => {}
                }
                self.sub(name)
            }
            opened => opened,
        }
    }

    /// Makes the directory `name`; an error if anything of that name exists.
    pub fn make(&self, name: &str) -> io::Result<()> {
        Ok(mkdirat(&self.0, name, DIRECTORY)?)
    }

    /// Makes a FIFO in place of whatever has the name.
    pub fn make_fifo(&self, name: &str) -> io::Result<()> {
        self.remove_any(name)?;
        Ok(mkfifoat(&self.0, name, FILE)?)
    }

    /// Opens a regular file; with [`OpenMode::Tell`] whatever it is. *Errors*: [`NotRegular`],
    /// where something else has the name.
    pub fn file(&self, name: &str, how: OpenMode) -> io::Result<File> {
        let opened = self.opened(name, how)?;
        if how == OpenMode::Tell { Ok(opened) } else { regular::checked(opened) }
    }

    /// The same, of whichever kind the file is.
    fn opened(&self, name: &str, how: OpenMode) -> io::Result<File> {
        let flags = match how {
            OpenMode::Read => OFlag::O_RDONLY,
            OpenMode::Write => OFlag::O_RDWR,
            OpenMode::Make => OFlag::O_RDWR | OFlag::O_CREAT,
            OpenMode::MakeNew => OFlag::O_RDWR | OFlag::O_CREAT | OFlag::O_EXCL,
            OpenMode::Tell => OFlag::O_WRONLY,
            OpenMode::Append => OFlag::O_RDWR | OFlag::O_CREAT | OFlag::O_APPEND,
        };
        match openat(&self.0, name, flags | safely(), FILE) {
            Ok(opened) => Ok(opened.into()),
            Err(Errno::EISDIR) => Err(NotRegular::Kind(FileKind::Directory).into()),
            Err(Errno::ELOOP) => Err(NotRegular::Kind(FileKind::Link).into()),
            // A FIFO that nobody reads says the same.
            Err(Errno::ENXIO) if how != OpenMode::Tell => Err(NotRegular::Kind(FileKind::Socket).into()),
            Err(other) => Err(other.into()),
        }
    }

    /// Opens a file of which only its locks count, or whose content can be made again: what stands
    /// in its place and is no regular file is moved aside.
    pub fn own_file(&self, name: &str, how: OpenMode) -> io::Result<File> {
        match self.file(name, how) {
            Err(e) if NotRegular::of(&e).is_some() => {
                self.move_aside(name)?;
                self.file(name, how)
            }
            opened => opened,
        }
    }

    /// Gives whatever has a name another one, `NAME.damaged`, or the same with a number, and says
    /// which. The last of these numbers is given to whatever comes then.
    pub fn move_aside(&self, name: &str) -> io::Result<String> {
        let names = (2..=MOST_ASIDE).map(|number| format!("{name}{ASIDE}.{number}"));
        let mut names = std::iter::once(format!("{name}{ASIDE}")).chain(names).peekable();
        while let Some(aside) = names.next() {
            let is_free = fstatat(&self.0, aside.as_str(), AtFlags::AT_SYMLINK_NOFOLLOW).is_err();
            if is_free || names.peek().is_none() {
                self.rename(name, &aside)?;
                return Ok(aside);
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Reads a whole file of at most so many bytes. *Errors*: [`NotRegular`], where it is something
    /// else, or longer.
    pub fn read(&self, name: &str, most: u64) -> io::Result<Vec<u8>> {
        regular::read_checked(self.opened(name, OpenMode::Read)?, most)
    }

    /// The same of a file in the directory `sub` inside this one, for who reads thousands: the
    /// directory is not opened. *Source*: openat2(2), which older kernels and some sandboxes do not
    /// have.
    pub fn read_in(&self, sub: &str, name: &str, most: u64) -> io::Result<Vec<u8>> {
        let how = OpenHow::new().flags(OFlag::O_RDONLY | safely()).resolve(ResolveFlag::RESOLVE_NO_SYMLINKS);
        match openat2(&self.0, format!("{sub}/{name}").as_str(), how) {
            Ok(opened) => regular::read_checked(opened.into(), most),
            Err(Errno::ENOENT) => Err(io::ErrorKind::NotFound.into()),
            // Whatever it is, it is told as everywhere else.
            Err(_) => self.sub(sub)?.read(name, most),
        }
    }

    /// Puts `bytes` in place of `name`, whole: a reader sees the old file or the new one, and a
    /// failure leaves the old one. The bytes are on their way to disk before the name is.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.put(name, bytes, disk::begin_write_out)
    }

    /// The same where somebody waits for it: when the machine goes down, a new file may be left
    /// empty, until [`begin_write_out`](Dir::begin_write_out).
    pub fn replace_at_once(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.put(name, bytes, |_| {})
    }

    /// Sends to disk what was put in place of a name at once.
    pub fn begin_write_out(&self, name: &str) {
        if let Ok(file) = self.file(name, OpenMode::Read) {
            disk::begin_write_out(&file);
        }
    }

    fn put(&self, name: &str, bytes: &[u8], written: impl FnOnce(&File)) -> io::Result<()> {
        let temporary = temporary(name);
        let put = self
            .file(&temporary, OpenMode::MakeNew)
            .or_else(|e| match e.kind() {
                io::ErrorKind::AlreadyExists => {
                    self.remove(&temporary).and_then(|()| self.file(&temporary, OpenMode::MakeNew))
                }
                _ => Err(e),
            })
            .and_then(|mut file| file.write_all(bytes).map(|()| written(&file)))
            .and_then(|()| self.rename(&temporary, name));
        if put.is_err() {
            let _ = self.remove(&temporary);
        }
        put
    }

    /// The same through the file `made`, which was made for that before and takes the name: making
    /// one is what takes longest. Says whether something had the name before, and
    /// [`finish_replacing`](Dir::finish_replacing) is to follow. *Errors*: NotFound where `made` is
    /// not there.
    pub fn replace_by(&self, made: &str, name: &str, bytes: &[u8]) -> io::Result<bool> {
        let mut file = self.file(made, OpenMode::Write)?;
        // Cutting what is empty makes ext4 write the file out when it is closed.
        if file.metadata()?.len() > 0 {
            file.set_len(0)?;
        }
        file.write_all(bytes)?;
        // To rename it over another takes longer than all the rest: ext4 writes it out first, and
        // frees what the other had.
        match renameat2(&self.0, made, &self.0, name, RenameFlags::RENAME_EXCHANGE) {
            Ok(()) => self.rename(made, &temporary(name)).map(|()| true),
            Err(_) => self.rename(made, name).map(|()| false),
        }
    }

    /// Sends to disk what has replaced another file, and removes that.
    pub fn finish_replacing(&self, name: &str) {
        self.begin_write_out(name);
        let _ = self.remove(&temporary(name));
    }

    /// The same through the file `old`, whose content nobody needs any more, without taking any
    /// room: its bytes are overwritten where they are. *Errors*: also where `bytes` is longer than
    /// what it has.
    pub fn overwrite(&self, old: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.file(old, OpenMode::Write)?;
        if file.metadata()?.len() < bytes.len() as u64 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        file.write_all(bytes)?;
        file.set_len(bytes.len() as u64)?;
        self.rename(old, name)
    }

    /// Writes text over what a file has, where it is, in one call and without taking any room; what
    /// is shorter than before is followed by spaces. *Errors*: also where there is no room for it
    /// in what the file has.
    pub fn write_over(&self, name: &str, text: &[u8]) -> io::Result<()> {
        let mut file = self.file(name, OpenMode::Write)?;
        let found = file.metadata()?;
        if found.blocks() * BLOCK < text.len() as u64 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut padded = text.to_vec();
        padded.resize(text.len().max(usize::try_from(found.len()).unwrap_or(0)), b' ');
        file.write_all(&padded)
    }

    /// Renames within this directory, over whatever has the new name.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.rename_into(from, self, to)
    }

    /// Moves `from` to `to` in another directory of the same file system.
    pub fn rename_into(&self, from: &str, other: &Dir, to: &str) -> io::Result<()> {
        Ok(renameat(&self.0, from, &other.0, to)?)
    }

    /// Gives `name` another name in another directory of the same file system, which must be free.
    pub fn link_into(&self, name: &str, other: &Dir, to: &str) -> io::Result<()> {
        Ok(linkat(&self.0, name, &other.0, to, AtFlags::empty())?)
    }

    /// Removes a file.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.0, name, UnlinkatFlags::NoRemoveDir)?)
    }

    /// Removes a file, if there is one; says whether there was.
    pub fn remove_any(&self, name: &str) -> io::Result<bool> {
        match self.remove(name) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            removed => removed.map(|()| true),
        }
    }

    /// Removes the directory `name`, which must be empty.
    pub fn remove_empty(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.0, name, UnlinkatFlags::RemoveDir)?)
    }

    /// Removes the directory `name` with all that is in it, following no link.
    pub fn remove_tree(&self, name: &str) -> io::Result<()> {
        let inner = self.sub(name)?;
        for entry in inner.names()? {
            match inner.remove(&entry) {
                Err(e) if e.raw_os_error() == Some(libc::EISDIR) => inner.remove_tree(&entry)?,
                removed => removed?,
            }
        }
        self.remove_empty(name)
    }

    /// The names in this directory, in no order; names that are not UTF-8 are not ours and are left
    /// out.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let mut stream = nix::dir::Dir::openat(&self.0, ".", OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty())?;
        let mut names = Vec::new();
        for entry in stream.iter() {
            let name = OsString::from_vec(entry?.file_name().to_bytes().to_vec());
            if let Ok(name) = name.into_string()
                && name != "."
                && name != ".."
            {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// The same as they are at one moment: a name that is changed meanwhile is there in its old
    /// form or its new one.
    pub fn names_at_once(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        listing::each_name(openat(&self.0, ".", directory_flags(), Mode::empty())?, |name| {
            names.extend(std::str::from_utf8(name).map(str::to_owned));
        })?;
        Ok(names)
    }

    /// What stat(2) says of a file; `None` where there is none of that name, or it is something
    /// else.
    pub fn look_at(&self, name: &str) -> Option<FileLook> {
        let stat = fstatat(&self.0, name, AtFlags::AT_SYMLINK_NOFOLLOW).ok()?;
        let is_file = stat.st_mode & SFlag::S_IFMT.bits() == SFlag::S_IFREG.bits();
        let written = WallTime(stat.st_mtime.saturating_mul(1000).saturating_add(stat.st_mtime_nsec / 1_000_000));
        let inode = stat.st_ino;
        u64::try_from(stat.st_size).ok().filter(|_| is_file).map(|size| FileLook { inode, size, written })
    }

    /// What stat(2) says of this directory.
    pub fn own_stat(&self) -> io::Result<FileStat> {
        Ok(nix::sys::stat::fstat(&self.0)?)
    }

    /// Makes this the process's working directory.
    pub fn enter(&self) -> io::Result<()> {
        Ok(nix::unistd::fchdir(&self.0)?)
    }

    /// Where it is now, or was when it was removed. *Source*: proc_pid_fd(5).
    pub fn path(&self) -> io::Result<PathBuf> {
        std::fs::read_link(self.handle_path())
    }

    /// A short path to this directory that holds while this process has it open.
    pub fn handle_path(&self) -> String {
        format!("/proc/{}/fd/{}", std::process::id(), self.0.as_raw_fd())
    }
}

impl AsFd for Dir {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The name of a file of this process's own while it is put in place of another.
fn temporary(name: &str) -> String {
    format!(".{name}.{}.tmp", std::process::id())
}

/// Files are opened without waiting, and through no link.
fn safely() -> OFlag {
    OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK | OFlag::O_NOCTTY
}

fn directory_flags() -> OFlag {
    OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC
}

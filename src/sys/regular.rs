//! Regular files, read without trust: opened without waiting, checked for what they are, and read
//! up to a bound. Whoever may write into a directory may put a FIFO, a directory or a file of
//! gigabytes in the place of any file.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use nix::unistd::{Whence, lseek};

use super::memory;
use crate::units::size;

/// A file that is longer than this is looked through for holes before it is read. *Units*: bytes.
const MAY_HAVE_HOLES: u64 = 1 << 20;

/// A file that is longer is read into large pages. *Units*: bytes.
const LARGE: usize = 4 << 20;

/// Why what stands in a file's place is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRegular {
    /// It is no regular file.
    #[error("it is {0}, not a regular file")]
    Kind(FileKind),
    /// It is longer than its format can be. *Units*: bytes.
    #[error("it is longer than {}", size::of_bytes(*.0))]
    TooLong(u64),
    /// A part of it was never written.
    #[error("a part of it was never written (it is a sparse file)")]
    Sparse,
}

/// What else may stand in a file's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A directory.
    Directory,
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
    /// A symbolic link that is not followed.
    Link,
    /// A device.
    Device,
}

impl std::fmt::Display for FileKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            FileKind::Directory => "a directory",
            FileKind::Fifo => "a FIFO",
            FileKind::Socket => "a socket",
            FileKind::Link => "a symbolic link",
            FileKind::Device => "a device",
        })
    }
}

impl From<NotRegular> for io::Error {
    fn from(unfit: NotRegular) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, unfit)
    }
}

impl NotRegular {
    /// What is unfit about a file, where that is why it was not opened or read.
    pub fn of(error: &io::Error) -> Option<NotRegular> {
        error.get_ref()?.downcast_ref().copied()
    }
}

/// Opens a regular file to be read, where links may lead.
pub fn open(path: &Path) -> io::Result<File> {
    let opened = File::options().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path);
    match opened {
        Ok(file) => checked(file),
        Err(e) => Err(match std::fs::metadata(path) {
            Ok(found) => kind_of(found.file_type()).map_or(e, |kind| NotRegular::Kind(kind).into()),
            Err(_) => e,
        }),
    }
}

/// Reads a regular file of at most so many bytes, where links may lead.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_whole(open(path)?, most)
}

/// The file, if it is a regular one.
pub fn checked(file: File) -> io::Result<File> {
    look(&file).map(|_| file)
}

/// What the file system says of a file, if it is a regular one.
fn look(file: &File) -> io::Result<Metadata> {
    let found = file.metadata()?;
    match kind_of(found.file_type()) {
        None => Ok(found),
        Some(kind) => Err(NotRegular::Kind(kind).into()),
    }
}

/// Reads an opened file of at most so many bytes from its beginning, if it is a regular one.
pub fn read_checked(file: File, most: u64) -> io::Result<Vec<u8>> {
    let length = look(&file)?.len();
    read_from(file, length, most)
}

/// The same of one that is known to be regular.
pub fn read_whole(file: File, most: u64) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len();
    read_from(file, length, most)
}

fn read_from(mut file: File, length: u64, most: u64) -> io::Result<Vec<u8>> {
    check_holes(&file, length, most)?;
    let length = usize::try_from(length).map_err(io::Error::other)?;
    // Nearly always all of it comes at once.
    let mut bytes = vec![0; length + 1];
    if length >= LARGE {
        memory::in_large_pages(&mut bytes);
    }
    let first = loop {
        match file.read(&mut bytes) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            read => break read?,
        }
    };
    bytes.truncate(first);
    if first != length {
        file.take((most + 1).saturating_sub(first as u64)).read_to_end(&mut bytes)?;
    }
    // It grew meanwhile.
    if bytes.len() as u64 > most { Err(NotRegular::TooLong(most).into()) } else { Ok(bytes) }
}

/// How long a file is, if that is no more than this and all of it was written. *Units*: bytes.
pub fn check_length(file: &File, most: u64) -> io::Result<u64> {
    let length = file.metadata()?.len();
    check_holes(file, length, most).map(|()| length)
}

fn check_holes(file: &File, length: u64, most: u64) -> io::Result<()> {
    if length > most {
        return Err(NotRegular::TooLong(most).into());
    }
    if length > MAY_HAVE_HOLES {
        if hole_from(file, 0)?.is_some_and(|(from, _)| from < length) {
            return Err(NotRegular::Sparse.into());
        }
        (&mut &*file).seek(SeekFrom::Start(0))?;
    }
    Ok(())
}

/// The first hole in a file at an offset or behind it: where it begins and where the file goes on.
/// Moves the place at which the file is read in order. The end of a file counts as a hole of no
/// length. *Source*: lseek(2), `SEEK_HOLE`.
pub fn hole_from(file: impl AsFd, offset: u64) -> io::Result<Option<(u64, u64)>> {
    let seek = |at: u64, whence| match lseek(file.as_fd(), i64::try_from(at).map_err(io::Error::other)?, whence) {
        // Behind the end, or nothing but a hole up to it.
        Err(nix::errno::Errno::ENXIO) => Ok(None),
        found => Ok::<_, io::Error>(u64::try_from(found?).ok()),
    };
    let Some(from) = seek(offset, Whence::SeekHole)? else { return Ok(None) };
    let to = match seek(from, Whence::SeekData)? {
        Some(to) => to,
        None => seek(0, Whence::SeekEnd)?.unwrap_or(from).max(from),
    };
    Ok(Some((from, to)))
}

/// What it is, unless it is a regular file.
fn kind_of(found: std::fs::FileType) -> Option<FileKind> {
    match () {
        () if found.is_file() => None,
        () if found.is_dir() => Some(FileKind::Directory),
        () if found.is_fifo() => Some(FileKind::Fifo),
        () if found.is_socket() => Some(FileKind::Socket),
        () if found.is_symlink() => Some(FileKind::Link),
        () => Some(FileKind::Device),
    }
}

#[cfg(test)]
mod tests {
    use super::{FileKind, NotRegular, hole_from, open, read};
    use std::fs::File;
    use std::io::Write;
    use std::os::unix::fs::FileExt;

    #[test]
    fn what_is_no_regular_file_is_named_and_never_waited_for() {
        let dir = tempfile::tempdir().expect("a directory");
        let at = |name: &str| dir.path().join(name);
        nix::unistd::mkfifo(&at("fifo"), nix::sys::stat::Mode::from_bits_truncate(0o600)).expect("a FIFO");
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).expect("a socket");
        for (path, kind) in [
            (at("fifo"), FileKind::Fifo),
            (at("socket"), FileKind::Socket),
            (at(""), FileKind::Directory),
            ("/dev/zero".into(), FileKind::Device),
        ] {
            let refused = open(&path).expect_err("no regular file");
            assert_eq!(NotRegular::of(&refused), Some(NotRegular::Kind(kind)), "{refused}");
        }
        assert_eq!(read(&at("none"), 9).expect_err("none").kind(), std::io::ErrorKind::NotFound);
    }

    #[test]
    fn no_more_is_read_than_the_bound() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("x");
        let mut file = File::create(&path).expect("a file");
        file.write_all(b"12345").expect("written");
        assert_eq!(read(&path, 5).expect("read"), b"12345");
        assert_eq!(NotRegular::of(&read(&path, 4).expect_err("too long")), Some(NotRegular::TooLong(4)));
        file.set_len(8 << 20).expect("grown");
        assert_eq!(NotRegular::of(&read(&path, 16 << 20).expect_err("sparse")), Some(NotRegular::Sparse));
    }

    #[test]
    fn holes_are_found() {
        let file = tempfile::tempfile().expect("a file");
        let page = 1 << 20;
        file.write_all_at(&[1; 1 << 20], 0).expect("written");
        file.write_all_at(&[1; 1 << 20], 3 * page).expect("written");
        file.set_len(8 * page).expect("grown");
        assert_eq!(hole_from(&file, 0).expect("looked"), Some((page, 3 * page)));
        assert_eq!(hole_from(&file, 2 * page).expect("looked"), Some((2 * page, 3 * page)));
        assert_eq!(hole_from(&file, 3 * page).expect("looked"), Some((4 * page, 8 * page)));
        assert_eq!(hole_from(&file, 9 * page).expect("looked"), None);
    }
}

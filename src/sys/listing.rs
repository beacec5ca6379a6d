//! The names in a directory as they are at one moment. readdir(3) reads a long directory in pieces,
//! and a name that is changed between two pieces can be in neither. The kernel holds the
//! directory's lock during one getdents64(2), so that one call that has room for all names misses
//! none.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd};

use nix::unistd::{Whence, lseek};

/// Room for some hundred names. *Units*: bytes.
const USUAL: usize = 32 << 10;
/// Room for some dozens. *Units*: bytes.
const FEW: usize = 1000;
/// A directory that is longer is read in pieces. *Units*: bytes.
const MOST: usize = 64 << 20;

/// Where the length of an entry stands in it, and its name. *Source*: getdents(2),
/// `linux_dirent64`.
const LENGTH: usize = 16;
const NAME: usize = 19;
/// No entry is longer. *Units*: bytes.
const LONGEST: usize = 512;

/// Gives each name in an open directory to `each`, without `.` and `..`.
pub fn each_name(directory: impl AsFd, each: impl FnMut(&[u8])) -> io::Result<()> {
    each_name_from(directory, USUAL, |_| false, each)
}

/// The same of a process's descriptors, which are mostly few: hundreds of processes are asked one
/// after the other.
pub fn each_descriptor(directory: impl AsFd, each: impl FnMut(&[u8])) -> io::Result<()> {
    // Of these the kernel leaves none out for which there is room, as another file system may.
    // *Source*: linux/fs/proc/fd.c, `proc_readfd_common`.
    each_name_from(directory, FEW, |length| length + LONGEST <= FEW, each)
}

/// `is_surely_all` says of the length of what was read first that nothing was left out.
fn each_name_from(
    directory: impl AsFd,
    usual: usize,
    is_surely_all: impl Fn(usize) -> bool,
    mut each: impl FnMut(&[u8]),
) -> io::Result<()> {
    let mut buffer = vec![0; usual];
    let mut length = read(&directory, &mut buffer)?;
    let mut rest = [0; LONGEST];
    // As long as there is more than there was room for, all is read again.
    while !is_surely_all(length) && buffer.len() < MOST && length > 0 && read(&directory, &mut rest)? > 0 {
        buffer.resize(buffer.len() * 4, 0);
        lseek(&directory, 0, Whence::SeekSet)?;
        length = read(&directory, &mut buffer)?;
    }
    while length > 0 {
        names(&buffer[..length]).filter(|name| !matches!(name, [b'.'] | [b'.', b'.'])).for_each(&mut each);
        length = if buffer.len() < MOST { 0 } else { read(&directory, &mut buffer)? };
    }
    Ok(())
}

fn read(directory: &impl AsFd, buffer: &mut [u8]) -> io::Result<usize> {
    let fd = directory.as_fd().as_raw_fd();
    // SAFETY: the kernel writes at most `buffer.len()` bytes to `buffer`, which is borrowed for the
    // call.
    let read = unsafe { libc::syscall(libc::SYS_getdents64, fd, buffer.as_mut_ptr(), buffer.len()) };
    usize::try_from(read).map_err(|_| io::Error::last_os_error())
}

fn names(mut entries: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let length = entries.get(LENGTH..LENGTH + 2)?;
        let length = usize::from(u16::from_ne_bytes([length[0], length[1]]));
        let (entry, rest) = entries.split_at_checked(length.max(NAME))?;
        entries = rest;
        CStr::from_bytes_until_nul(&entry[NAME..]).ok().map(CStr::to_bytes)
    })
}

#[cfg(test)]
mod tests {
    use super::{USUAL, each_descriptor, each_name, each_name_from};
    use std::collections::BTreeSet;
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;

    fn listed(
        list: impl FnOnce(File, &mut dyn FnMut(&[u8])) -> io::Result<()>,
        path: &std::path::Path,
    ) -> BTreeSet<String> {
        let mut all = Vec::new();
        let mut each = |name: &[u8]| all.push(String::from_utf8(name.to_vec()).expect("text"));
        list(File::open(path).expect("open"), &mut each).expect("listed");
        let names: BTreeSet<String> = all.iter().cloned().collect();
        assert_eq!(names.len(), all.len(), "each once");
        names
    }

    #[test]
    fn every_name_is_given_once_however_many_there_are() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut made = BTreeSet::new();
        for count in [0, 1, 7, 100, 1500] {
            for number in made.len()..count {
                let name = format!("{number}-{}", "x".repeat(number % 240));
                File::create(dir.path().join(&name)).expect("made");
                made.insert(name);
            }
            assert_eq!(listed(|dir, each| each_name(dir, each), dir.path()), made, "{count} in {USUAL} bytes and more");
            assert_eq!(
                listed(|dir, each| each_name_from(dir, 300, |_| false, each), dir.path()),
                made,
                "{count}, in growing pieces"
            );
        }
    }

    #[test]
    fn every_descriptor_is_given_once_however_many_there_are() {
        let mut held = Vec::new();
        for count in [0, 20, 21, 22, 23, 40, 300] {
            while held.len() < count {
                held.push(File::open("/dev/null").expect("opened"));
            }
            let names = listed(|dir, each| each_descriptor(dir, each), "/proc/self/fd".as_ref());
            for file in &held {
                assert!(names.contains(&file.as_raw_fd().to_string()), "{count}: {names:?}");
            }
        }
    }
}

//! Files that the kernel makes while they are read: those of /proc, and of control groups. They
//! have no length to go by, and each read may make all of one anew, so it is read in as few pieces
//! as can be: std begins with 32 bytes, and has the longest of them made six times. *Source*:
//! proc(5).

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Such a file is made a page at a time: what is shorter by more than the longest piece of it is
/// all there is. *Units*: bytes. *Source*: linux/fs/seq_file.c.
const SURELY_ALL: usize = 3072;

/// What one says.
pub fn bytes(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    // Nearly always it fits here, and hundreds are read for a list.
    let mut first = [0; 4096];
    let (mut bytes, mut length) = (Vec::new(), 0);
    loop {
        let room = if length == 0 { &mut first[..] } else { &mut bytes[length..] };
        match file.read(room) {
            Ok(0) => break,
            Ok(more) if length == 0 && more < SURELY_ALL => return Ok(first[..more].to_vec()),
            Ok(more) if length == 0 => {
                bytes = first.to_vec();
                length = more;
            }
            Ok(more) => length += more,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
        if length == bytes.len() {
            bytes.resize(2 * length, 0);
        }
    }
    bytes.truncate(length);
    Ok(bytes)
}

/// The same as text. *Errors*: InvalidData, where it is none.
pub fn text(path: impl AsRef<Path>) -> io::Result<String> {
    String::from_utf8(bytes(path)?).map_err(|_| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write;

    use super::{bytes, text};

    #[test]
    fn long_ones_and_short_ones_are_read_to_their_ends() {
        let dir = tempfile::tempdir().expect("a directory");
        for length in [0, 1, 3071, 3072, 4095, 4096, 4097, 20_000] {
            let (path, content) = (dir.path().join(length.to_string()), "x".repeat(length));
            File::create(&path).expect("made").write_all(content.as_bytes()).expect("written");
            assert_eq!(text(&path).expect("read"), content);
        }
        assert_eq!(bytes("/proc/cpuinfo").expect("read"), std::fs::read("/proc/cpuinfo").expect("read"));
        assert!(bytes("/proc/0/stat").is_err());
    }
}

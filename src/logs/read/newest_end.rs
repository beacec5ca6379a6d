//! The end of a log that grows, for who looks at many: one file is opened, and little of it read.

use std::io;
use std::os::unix::fs::FileExt;

use crate::logs::store::index::IndexHeader;
use crate::logs::store::names;
use crate::sys::dir::{Dir, OpenMode};

/// The last bytes of a log's newest segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewestEnd {
    /// They.
    pub bytes: Vec<u8>,
    /// Whether something stands before them.
    pub is_cut: bool,
}

impl NewestEnd {
    /// At most so many, of what stands at the logical position `from` or behind. `None` where the
    /// segment is as long as it was (`known`). With them how long it is. *Units*: bytes.
    pub fn of(dir: &Dir, log: &str, from: u64, most: u64, known: Option<u64>) -> io::Result<Option<(NewestEnd, u64)>> {
        let seen = dir.look_at(log).ok_or(io::ErrorKind::NotFound)?.size;
        if known == Some(seen) {
            return Ok(None);
        }
        // Most that print nothing never will.
        if seen == 0 {
            return Ok(Some((NewestEnd { bytes: Vec::new(), is_cut: false }, 0)));
        }
        let file = dir.file(log, OpenMode::Read)?;
        let length = file.metadata()?.len();
        // A first run begins with its log: no index is opened for it.
        let begins = if from > 0 { from.saturating_sub(start(dir, log)?) } else { 0 };
        let start = length.saturating_sub(most).max(begins);
        let mut bytes = vec![0; usize::try_from(length.saturating_sub(start)).unwrap_or(0)];
        let read = file.read_at(&mut bytes, start)?;
        // It may have been cut since it was asked how long it is.
        bytes.truncate(read);
        Ok(Some((NewestEnd { bytes, is_cut: start > begins }, length)))
    }
}

/// Where the newest segment begins, as its index says. *Units*: bytes, logical.
fn start(dir: &Dir, log: &str) -> io::Result<u64> {
    let header = IndexHeader::read(&dir.file(&names::index(log), OpenMode::Read)?)?;
    Ok(header.map_or(0, |header| header.start))
}

#[cfg(test)]
mod tests {
    use super::NewestEnd;
    use crate::sys::dir::Dir;

    #[test]
    fn the_end_is_read_and_what_is_known_is_not_read_again() {
        let place = tempfile::tempdir().expect("a directory");
        let dir = Dir::open(place.path()).expect("opened");
        dir.replace("x.log", b"0123456789").expect("written");
        let of = |most, known| NewestEnd::of(&dir, "x.log", 0, most, known).expect("read");
        let end = |text: &str, is_cut| Some((NewestEnd { bytes: text.into(), is_cut }, 10));
        assert_eq!(of(4, None), end("6789", true));
        assert_eq!(of(40, Some(9)), end("0123456789", false));
        assert_eq!(of(40, Some(10)), None);
        assert!(NewestEnd::of(&dir, "y.log", 0, 4, None).is_err());
    }
}

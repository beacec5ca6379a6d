//! What logs take on disk: one look through their directory. Whatever is there beside them is not
//! looked at.

use std::collections::{BTreeMap, HashMap};
use std::io;

use crate::logs::store::names::{self, LogFile};
use crate::sys::dir::{Dir, FileLook};
use crate::units::wall_time::WallTime;

/// What a log takes. *Units*: bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogUsage {
    /// Its complete segments by their numbers, with what is beside them.
    pub complete: BTreeMap<u32, SegmentUsage>,
    /// The newest segment.
    pub newest: u64,
    /// What else there is: the index beside that, and what crashes have left.
    pub rest: u64,
    /// Indexes of complete segments.
    indexes: BTreeMap<u32, u64>,
}

/// A complete segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentUsage {
    /// What it takes, with its index. *Units*: bytes.
    pub size: u64,
    /// When it was last written to.
    pub written: WallTime,
    /// Whether it is not compressed yet.
    pub is_plain: bool,
}

/// Looks what these logs take. One of which there is no file takes nothing.
pub fn take<'a>(dir: &Dir, logs: impl Iterator<Item = &'a str>) -> io::Result<HashMap<&'a str, LogUsage>> {
    let mut extents: HashMap<&str, LogUsage> = logs.map(|log| (log, LogUsage::default())).collect();
    for name in dir.names()? {
        for log in names::logs_of(&name) {
            if let Some(part) = names::part(log, &name)
                && let Some(extent) = extents.get_mut(log)
                && let Some(file) = dir.look_at(&name)
            {
                extent.add(part, file);
            }
        }
    }
    extents.values_mut().for_each(LogUsage::put_indexes);
    Ok(extents)
}

impl LogUsage {
    fn add(&mut self, part: LogFile, file: FileLook) {
        let FileLook { size, written, .. } = file;
        match part {
            LogFile::Newest => self.newest += size,
            LogFile::NewestIndex | LogFile::Rest => self.rest += size,
            // Names come in no order: its segment may be yet to come, or be gone.
            LogFile::Index(number) => drop(self.indexes.insert(number, size)),
            LogFile::Segment(number) | LogFile::Compressed(number) => {
                let is_plain = part == LogFile::Segment(number);
                let piece = self.complete.entry(number).or_insert(SegmentUsage { size: 0, written, is_plain });
                // Both forms are there while it is compressed, or since a crash in that: it is
                // still to be done.
                (piece.size, piece.is_plain) = (piece.size + size, piece.is_plain || is_plain);
            }
        }
    }

    /// An index is counted with its segment, if that is there.
    fn put_indexes(&mut self) {
        for (number, size) in std::mem::take(&mut self.indexes) {
            match self.complete.get_mut(&number) {
                Some(piece) => piece.size += size,
                None => self.rest += size,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{File, create_dir};
    use std::io::Write;
    use std::os::unix::fs::symlink;

    use crate::logs::store::usage::{LogUsage, take};
    use crate::sys::dir::Dir;

    #[test]
    fn every_file_of_a_log_counts_and_nothing_else() {
        let temporary = tempfile::tempdir().expect("a directory");
        let file = |name: &str, size: usize| {
            let made = File::create(temporary.path().join(name));
            made.and_then(|mut file| file.write_all(&vec![0; size])).expect("a file");
        };
        for (name, size) in [
            ("task-001-a.log", 1),
            ("task-001-a.log.idx", 2),
            ("task-001-a.log.1.zst", 4),
            ("task-001-a.log.1.idx", 8),
            ("task-001-a.log.2", 16),
            (".task-001-a.log.2.zst.tmp", 32),
            ("task-001-a.log.bak", 64),
            ("task-20250101-101010-abcdef.log", 128),
            ("task-002-a.log.log", 256),
            ("task-003-other.log", 512),
            ("task-001-a.log.7.idx", 1024),
        ] {
            file(name, size);
        }
        symlink("/etc/passwd", temporary.path().join("task-001-a.log.3")).expect("a link");
        create_dir(temporary.path().join("task-001-a.log.4")).expect("a directory");
        let dir = Dir::open(temporary.path()).expect("a directory");
        let found = take(&dir, ["task-001-a.log", "task-002-a.log.log", "task-009-x.log"].into_iter()).expect("a look");
        let extent = &found["task-001-a.log"];
        let complete: Vec<_> = extent.complete.iter().map(|(at, piece)| (*at, piece.size, piece.is_plain)).collect();
        assert_eq!((complete, extent.newest, extent.rest), (vec![(1, 12, false), (2, 16, true)], 1, 1058));
        assert_eq!(found["task-002-a.log.log"], LogUsage { newest: 256, ..LogUsage::default() });
        assert_eq!(found["task-009-x.log"], LogUsage::default());
    }
}

//! Tidying up behind a log's writer: complete segments are compressed, and the oldest dropped where
//! a log has become too large. What is interrupted at any point is done again by whoever tidies up
//! next.

use std::fs::{File, FileTimes};
use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use crate::logs::store::index::IndexHeader;
use crate::logs::store::names;
use crate::logs::store::rotate::rotate;
use crate::logs::store::seekable::compress;
use crate::logs::store::segments::{Segment, SegmentForm, Segments};
use crate::logs::store::zstd_reader::ZstdReader;
use crate::sys::dir::{Dir, OpenMode};
use crate::sys::regular;

/// Compresses what is complete and not compressed yet, the oldest first.
pub fn compress_all(dir: &Arc<Dir>, log: &str) -> io::Result<()> {
    // Looked for anew each time: the writer rotates meanwhile.
    while let Some(number) = next_plain(dir, log)? {
        compress_one(dir, log, number)?;
    }
    Ok(())
}

/// Whether there is anything to compress.
pub fn is_untidy(dir: &Arc<Dir>, log: &str) -> io::Result<bool> {
    Ok(next_plain(dir, log)?.is_some())
}

fn next_plain(dir: &Arc<Dir>, log: &str) -> io::Result<Option<u32>> {
    let segments = match Segments::of(Arc::clone(dir), log) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        looked => looked?,
    };
    Ok(segments.list().iter().find(|segment| segment.form == SegmentForm::Plain).map(|segment| segment.number))
}

/// Drops the oldest complete segments while the log takes more than `budget` on disk. *Units*:
/// bytes. Says how much of the log was dropped.
pub fn drop_beyond(dir: &Arc<Dir>, log: &str, budget: u64) -> io::Result<u64> {
    let segments = Segments::of(Arc::clone(dir), log)?;
    let mut stored = segments.stored();
    let too_many = segments.list().iter().take_while(|segment| {
        let is_too_much = stored > budget;
        stored = stored.saturating_sub(segment.stored);
        is_too_much
    });
    drop_first(dir, log, &segments, too_many.count())
}

/// Drops so many complete segments, the oldest. Says how much of the log that was. *Units*: bytes.
pub fn drop_oldest(dir: &Arc<Dir>, log: &str, count: usize) -> io::Result<u64> {
    drop_first(dir, log, &Segments::of(Arc::clone(dir), log)?, count)
}

/// Drops everything that was written so far. Says how much that was. *Units*: bytes. Only while
/// nobody writes.
pub fn drop_all(dir: &Arc<Dir>, log: &str) -> io::Result<u64> {
    complete(dir, log)?;
    drop_oldest(dir, log, usize::MAX)
}

/// What the log takes on disk. *Units*: bytes.
pub fn stored(dir: &Arc<Dir>, log: &str) -> io::Result<u64> {
    Ok(Segments::of(Arc::clone(dir), log)?.stored())
}

/// Makes the newest segment a complete one, and begins an empty one. Only while nobody writes.
pub fn complete(dir: &Arc<Dir>, log: &str) -> io::Result<()> {
    let segments = Segments::of(Arc::clone(dir), log)?;
    let (Some(first), Some(newest)) = (segments.list().first(), segments.list().last()) else { return Ok(()) };
    if newest.form != SegmentForm::Newest || newest.length == 0 {
        return Ok(());
    }
    let rotated = rotate(dir, log, newest.number, first.number)?;
    let header = IndexHeader { number: rotated.completed + 1, oldest: rotated.oldest, start: newest.end() };
    // The last step of a rotation, which is a writer's where there is one.
    dir.replace(&names::index(log), &header.to_bytes())
}

/// Removes every file of these logs; says what they took. *Units*: bytes.
pub fn remove_all(dir: &Dir, logs: &[String]) -> io::Result<u64> {
    let mut freed = 0;
    let mut all: Option<Vec<String>> = None;
    for log in logs {
        let files = if is_alone(dir, log) {
            vec![names::index(log), log.clone()]
        } else {
            let all = match &mut all {
                Some(all) => all,
                // Once for all of these logs, and only where one was rotated.
                none => {
                    let mut all = dir.names()?;
                    all.sort_unstable();
                    none.insert(all)
                }
            };
            // What is left of compression begins with a dot.
            let begins = [log.clone(), format!(".{log}")];
            let own = begins.iter().flat_map(|begin| beginning_with(all, begin));
            own.filter(|name| names::part(log, name).is_some()).cloned().collect()
        };
        for name in files {
            let size = dir.look_at(&name).map_or(0, |file| file.size);
            let removed = match dir.remove_any(&name) {
                // Somebody may have put a directory in the place of a file.
                Err(e) if e.raw_os_error() == Some(libc::EISDIR) => dir.remove_tree(&name).map(|()| true),
                removed => removed,
            };
            freed += if removed? { size } else { 0 };
        }
    }
    Ok(freed)
}

/// Those of these sorted names that begin so. Thousands of logs may be removed, each among the
/// names of thousands.
fn beginning_with<'a>(sorted: &'a [String], begin: &'a str) -> impl Iterator<Item = &'a String> {
    let first = sorted.partition_point(|name| name.as_str() < begin);
    sorted[first..].iter().take_while(move |name| name.starts_with(begin))
}

/// Most logs were never rotated: then the names of all other tasks' logs need not be gone through.
fn is_alone(dir: &Dir, log: &str) -> bool {
    let is_there = |name: &str| dir.file(name, OpenMode::Read).is_ok();
    let is_first = match dir.file(&names::index(log), OpenMode::Read) {
        Ok(index) => IndexHeader::read(&index).ok().flatten().is_some_and(|header| header.number == 1),
        // A task that printed nothing has no index. One that printed something has lost it: segment
        // 1 may have been dropped, and later ones be there.
        Err(_) => dir.look_at(log).is_some_and(|newest| newest.size == 0),
    };
    is_first
        // After a crash in the first rotation the index still says 1.
        && !is_there(&names::segment(log, 1))
        && !is_there(&names::compressed(log, 1))
}

fn drop_first(dir: &Dir, log: &str, segments: &Segments, count: usize) -> io::Result<u64> {
    let mut dropped = 0;
    // By pairs: the last one is never dropped, as it may grow.
    for pair in segments.list().windows(2).take(count) {
        drop_one(dir, log, segments, &pair[0], &pair[1])?;
        dropped += pair[0].length;
    }
    Ok(dropped)
}

fn compress_one(dir: &Dir, log: &str, number: u32) -> io::Result<()> {
    let (plain, packed) = (names::segment(log, number), names::compressed(log, number));
    let from = dir.file(&plain, OpenMode::Read)?;
    // Nothing is to be gained from a hole, and it may be as long as it likes.
    regular::check_length(&from, u64::MAX)?;
    let written = from.metadata()?.modified()?;
    let rest = names::compressing(log, number);
    let made = || -> io::Result<()> {
        // An attempt that was interrupted has left it.
        let _ = dir.remove(&rest);
        let file = dir.file(&rest, OpenMode::MakeNew)?;
        let length = pack(&from, &file)?;
        // The only copy goes after this: somebody may have appended to it, and the new one must
        // open.
        if length != from.metadata()?.len() || ZstdReader::open(file.try_clone()?)?.length() != length {
            return Err(io::ErrorKind::InvalidData.into());
        }
        // What no index speaks of has the time of its file, and the oldest files are dropped first.
        file.set_times(FileTimes::new().set_modified(written))?;
        // It has its name only when it is on disk: readers believe the name, and the other goes
        // after that.
        file.sync_all()?;
        dir.rename(&rest, &packed)
    };
    if let Err(why) = made() {
        let _ = dir.remove(&rest);
        return Err(why);
    }
    dir.remove(&plain)
}

fn pack(from: &File, to: &File) -> io::Result<u64> {
    let mut to = BufWriter::with_capacity(1 << 20, to);
    let length = compress(from, &mut to)?;
    to.flush()?;
    Ok(length)
}

fn drop_one(dir: &Dir, log: &str, segments: &Segments, oldest: &Segment, next: &Segment) -> io::Result<()> {
    // The next one must say where it begins before the one that could tell is gone.
    if segments.index_of(next)?.is_none() {
        let header = IndexHeader { number: next.number, oldest: next.number, start: next.start };
        let name = match next.form {
            SegmentForm::Newest => names::index(log),
            SegmentForm::Plain | SegmentForm::Compressed => names::segment_index(log, next.number),
        };
        dir.replace(&name, &header.to_bytes())?;
    }
    let number = oldest.number;
    for name in [names::segment(log, number), names::compressed(log, number), names::segment_index(log, number)] {
        dir.remove_any(&name)?;
    }
    Ok(())
}

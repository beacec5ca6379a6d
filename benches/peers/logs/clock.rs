//! The times of a log that was written within seconds, told as if it had been a day.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// *Units*: bytes (`src/logs/index.rs` has the shape).
const HEADER: usize = 32;
/// So often there is an entry: nearly as often as there may be. *Units*: bytes.
const STEP: usize = 1024;
/// *Units*: milliseconds.
const DAY: u64 = 24 * 3600 * 1000;

/// Writes the entries of all indexes in a directory anew, whose log ends now and began a day ago.
pub fn spread(dir: &Path) {
    let entries = fs::read_dir(dir).expect("logs").map(|entry| entry.expect("a file").path());
    let mut indexes: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "idx")).collect();
    let head = |path: &Path| fs::read(path).expect("an index")[..HEADER].to_vec();
    let start = |head: &[u8]| u64::from_le_bytes(head[16..24].try_into().expect("8 bytes"));
    indexes.sort_by_key(|path| start(&head(path)));
    let newest = indexes.last().expect("an index");
    let end = start(&head(newest)) + fs::metadata(newest.with_extension("")).expect("the newest segment").len();
    let starts: Vec<u64> = indexes.iter().map(|path| start(&head(path))).chain([end]).collect();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_millis() as u64;
    for (at, path) in indexes.iter().enumerate() {
        let mut bytes = head(path);
        for offset in (0..starts[at + 1] - starts[at]).step_by(STEP) {
            let left = end - starts[at] - offset;
            bytes.extend(entry(offset, now - (u128::from(DAY) * u128::from(left) / u128::from(end)) as u64));
        }
        File::create(path).and_then(|mut file| file.write_all(&bytes)).expect("written");
    }
}

fn entry(offset: u64, time: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&offset.to_le_bytes()[..6]);
    bytes[6..12].copy_from_slice(&time.to_le_bytes()[..6]);
    bytes[15] = (crc32fast::hash(&bytes[..15]) as u8) | 1;
    bytes
}

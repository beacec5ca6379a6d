//! The end record: room for the end is set aside at the start, so that it fits on a full disk.
//!
//! *Shape* of `exit.rec`, 4096 bytes: `AOSE`, version (u32), length (u32), CRC-32 of the JSON
//! (u32), all little-endian; then an [`End`] as JSON; then zeros.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::StoreError;
use super::task_dir::{END, TaskDir};
use crate::sys::dir::OpenMode;
use crate::task::end::{End, VERSION};

const MAGIC: &[u8; 4] = b"AOSE";
const HEADER: usize = 16;
const SIZE: usize = 4096;
/// A later version may take more room. *Units*: bytes.
const MOST_READ: u64 = 64 << 10;

/// The place set aside for one run's end.
#[derive(Debug)]
pub struct EndRecord(File);

impl EndRecord {
    /// Sets the room aside, blank.
    pub fn prepare(task: &TaskDir) -> io::Result<EndRecord> {
        let file = task.dir.file(END, OpenMode::Make)?;
        // Written, and not only made long: a hole would want its room at the end.
        file.write_all_at(&[0; SIZE], 0)?;
        Ok(EndRecord(file))
    }

    /// Writes the end. A text that is too long for the room is cut.
    pub fn write(&self, end: &End) -> io::Result<()> {
        self.0.write_all_at(&encode(end), 0)
    }
}

/// What a run's place says of its end.
#[derive(Debug)]
pub enum Record {
    /// Nothing yet: the run goes on, or its supervisor is gone.
    Blank,
    /// How it ended.
    Ended(End),
    /// Nothing that can be read. The error says why.
    Unreadable(StoreError),
}

impl Record {
    /// Reads the place of a task's newest run.
    pub fn of(task: &TaskDir) -> Record {
        match task.dir.read(END, MOST_READ) {
            Ok(bytes) => match decode(&bytes) {
                Decoded::Blank => Record::Blank,
                Decoded::Ended(end) => Record::Ended(*end),
                Decoded::Newer(version) => Record::Unreadable(StoreError::Newer { what: task.what(END), version }),
                Decoded::Damaged => {
                    Record::Unreadable(StoreError::Damaged { what: task.what(END), why: "it is no end record".into() })
                }
            },
            Err(source) => Record::Unreadable(StoreError::File { doing: "read", what: task.what(END), source }),
        }
    }

    /// The end, where it says one.
    pub fn end(&self) -> Option<&End> {
        match self {
            Record::Ended(end) => Some(end),
            Record::Blank | Record::Unreadable(_) => None,
        }
    }
}

/// What the bytes of a record say.
#[derive(Debug, PartialEq)]
enum Decoded {
    Blank,
    Ended(Box<End>),
    Newer(u32),
    Damaged,
}

fn encode(end: &End) -> Vec<u8> {
    let mut json = serde_json::to_vec(end).expect("plain data always serialises");
    if json.len() > SIZE - HEADER {
        json = serde_json::to_vec(&shortened(end)).expect("plain data always serialises");
    }
    let mut record = Vec::with_capacity(SIZE);
    record.extend_from_slice(MAGIC);
    for number in [VERSION, json.len() as u32, crc32fast::hash(&json)] {
        record.extend_from_slice(&number.to_le_bytes());
    }
    record.extend_from_slice(&json);
    record
}

fn decode(record: &[u8]) -> Decoded {
    let number = |at: usize| record.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    match (record.get(..4), number(4)) {
        (Some(magic), Some(version)) if magic == MAGIC && version > VERSION => return Decoded::Newer(version),
        (Some(magic), _) if magic == MAGIC => {}
        // One that was set aside is this long: fewer zeros are what somebody has cut.
        _ if record.len() >= SIZE && record.iter().all(|byte| *byte == 0) => return Decoded::Blank,
        _ => return Decoded::Damaged,
    }
    let end = || {
        let json = record.get(HEADER..)?.get(..number(8)? as usize)?;
        (crc32fast::hash(json) == number(12)?).then(|| serde_json::from_slice(json).ok())?
    };
    end().map_or(Decoded::Damaged, Decoded::Ended)
}

/// The same end with its texts cut to what is sure to fit.
fn shortened(end: &End) -> End {
    use crate::task::end::{Cause, Outcome};
    let cut = |text: &str| text.chars().take(200).collect::<String>();
    let mut short = end.clone();
    short.left.truncate(8);
    if let Outcome::Unlaunched { why, .. } = &mut short.outcome {
        *why = cut(why);
    }
    match &mut short.cause {
        Cause::Asked(asker) => asker.with = cut(&asker.with),
        Cause::OutOfMemory(text) | Cause::Cancelled(text) | Cause::Unhealthy(text) => *text = cut(text),
        Cause::Itself | Cause::TimedOut(_) | Cause::Idle(_) => {}
    }
    short
}

#[cfg(test)]
mod tests {
    use super::{Decoded, SIZE, decode, encode};
    use crate::task::end::{Cause, End, Outcome, Usage};
    use crate::units::span::Span;
    use crate::units::wall_time::WallTime;
    use proptest::prelude::*;

    fn end(why: String) -> End {
        let usage = Usage { user_time: Span(3), system_time: Span(4), peak_memory: 5, ..Usage::default() };
        let outcome = Outcome::Unlaunched { why, code: 127 };
        End { usage: Some(usage), ..End::new(1, outcome, Cause::Itself, WallTime(1), Span(2)) }
    }

    #[test]
    fn a_long_reason_is_cut_to_fit() {
        let record = encode(&end("\u{1}".repeat(10_000)));
        assert!(record.len() <= SIZE);
        assert!(matches!(decode(&record), Decoded::Ended(_)));
    }

    #[test]
    fn an_end_of_before_is_read() {
        let json = br#"{"run":1,"outcome":{"exited":0},"cause":"itself","ended":"1970-01-01T00:00:00.001Z","wall":2,"user_time":3,"system_time":4,"peak_memory":5}"#;
        let read: End = serde_json::from_slice(json).expect("an end");
        assert_eq!(read, End { outcome: Outcome::Exited(0), ..end(String::new()) });
        assert_eq!(serde_json::to_vec(&read).expect("JSON"), json);
    }

    #[test]
    fn a_record_of_a_version_to_come_is_named_and_a_blank_one_is_no_damage() {
        let mut record = encode(&end(String::new()));
        record[4..8].copy_from_slice(&99_u32.to_le_bytes());
        assert_eq!(decode(&record), Decoded::Newer(99));
        assert_eq!(
            (decode(&[0; SIZE]), decode(&[0; 9]), decode(b"")),
            (Decoded::Blank, Decoded::Damaged, Decoded::Damaged)
        );
    }

    #[test]
    fn what_is_not_known_is_not_there() {
        let unseen = End { outcome: Outcome::Unseen, usage: None, ..end(String::new()) };
        let json = serde_json::to_string(&unseen).expect("JSON");
        assert!(!json.contains("user_time") && !json.contains("peak_memory"), "{json}");
        assert_eq!(decode(&encode(&unseen)), Decoded::Ended(unseen.into()));
    }

    proptest! {
        #[test]
        fn comes_back_whole_or_not_at_all(why in "\\PC{0,80}", flip in 0usize..200, bit in 0u8..8) {
            let written = end(why);
            let mut record = encode(&written);
            prop_assert_eq!(decode(&record), Decoded::Ended(written.clone().into()));
            let at = flip % record.len();
            record[at] ^= 1 << bit;
            prop_assert!(matches!(decode(&record), Decoded::Damaged | Decoded::Newer(_)));
            prop_assert_eq!(decode(&record[..at.min(4)]), Decoded::Damaged);
            prop_assert!(matches!(decode(&record[..at]), Decoded::Damaged | Decoded::Newer(_)));
        }
    }
}

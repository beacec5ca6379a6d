//! Any byte stream, in any chunks, rotated and compressed anywhere, crashed anywhere: it reads back
//! whole and in order.

use std::fs::{File, OpenOptions, remove_file, rename};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use crate::logs::read::follower::{Follower, Step};
use crate::logs::store::segments::{SegmentForm, Segments};
use crate::logs::store::writer::{LineEnds, LogAge, LogWriter, Trouble};
use crate::logs::store::{compact, names};
use crate::sys::dir::Dir;

const LOG: &str = "x.log";

/// What happens to a log.
#[derive(Clone, Debug)]
enum WriterEvent {
    Writes(Vec<u8>),
    /// The writer dies, and the next one goes on.
    Crash,
    /// The same after so many steps of a rotation.
    CrashInRotation(u8),
    /// The index is torn: so many bytes of another entry are there.
    TornIndex(usize),
    LostIndex,
    Tidies,
    /// Whoever compresses dies: before or after the compressed segment has its name.
    CrashInTidying {
        is_named: bool,
    },
}

fn happening() -> impl Strategy<Value = WriterEvent> {
    let byte = prop_oneof![2 => any::<u8>(), 1 => Just(b'\n'), 1 => Just(b'\r')];
    prop_oneof![
        6 => proptest::collection::vec(byte, 0..60).prop_map(WriterEvent::Writes),
        1 => Just(WriterEvent::Crash),
        1 => (0u8..=3).prop_map(WriterEvent::CrashInRotation),
        1 => (1usize..40).prop_map(WriterEvent::TornIndex),
        1 => Just(WriterEvent::LostIndex),
        1 => Just(WriterEvent::Tidies),
        1 => any::<bool>().prop_map(|is_named| WriterEvent::CrashInTidying { is_named }),
    ]
}

fn open(dir: &Path, segment: u64) -> LogWriter {
    let path = dir.to_owned();
    let open_dir = Box::new(move || Dir::open(&path));
    let mut log = LogWriter::open(
        &open_dir().expect("a directory"),
        open_dir,
        LOG.into(),
        LogAge::Old,
        LineEnds::Kept,
        Box::new(move || segment),
    )
    .expect("a log");
    log.full_at = 0;
    log
}

fn read(dir: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    match Segments::open(&dir.join(LOG)) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        log => drop(log.expect("a log").reader(0).read_to_end(&mut bytes).expect("read")),
    }
    bytes
}

/// The steps of a rotation, one by one.
fn rotate_partly(dir: &Path, number: u32, steps: u8) {
    let at = |name: String| dir.join(name);
    if steps > 0 && rename(dir.join(LOG), at(names::segment(LOG, number))).is_err() {
        return;
    }
    if steps > 1 {
        let _ = std::fs::hard_link(at(names::index(LOG)), at(names::segment_index(LOG, number)));
    }
    if steps > 2 {
        File::create_new(dir.join(LOG)).expect("a new segment");
    }
}

fn compress_partly(dir: &Path, is_named: bool) {
    let Ok(log) = Segments::open(&dir.join(LOG)) else { return };
    let Some(segment) = log.list().iter().find(|segment| segment.form == SegmentForm::Plain) else { return };
    let plain = dir.join(names::segment(LOG, segment.number));
    if is_named {
        let bytes = std::fs::read(&plain).expect("a segment");
        compact::compress_all(&Arc::new(Dir::open(dir).expect("it")), LOG).expect("tidied up");
        File::create(plain).and_then(|mut file| file.write_all(&bytes)).expect("as it was");
    } else {
        File::create(dir.join(names::compressing(LOG, segment.number))).expect("a rest");
    }
}

/// Whatever became of the indexes, every place has a time, and who asks for what was written since
/// then gets that place.
fn has_times(dir: &Path, length: u64) -> Result<(), TestCaseError> {
    let Ok(log) = Segments::open(&dir.join(LOG)) else { return Ok(()) };
    for position in (0..length).step_by(7) {
        let Some(time) = log.time_at(position).expect("read") else {
            return Err(TestCaseError::fail(format!("no time of {position}")));
        };
        let found = log.position_at(time).expect("read");
        prop_assert!(found <= position, "{} is of {:?}, from which on there is {}", position, time, found);
    }
    Ok(())
}

proptest! {
    #[test]
    fn whatever_happens_the_log_reads_whole_and_in_order(
        happenings in proptest::collection::vec(happening(), 0..16),
        segment in 1u64..100,
    ) {
        let dir = tempfile::tempdir().expect("a directory");
        let (mut log, mut written) = (open(dir.path(), segment), Vec::new());
        for happening in happenings {
            match happening {
                WriterEvent::Writes(bytes) => {
                    let troubles = log.write(&bytes);
                    prop_assert!(troubles.iter().all(|trouble| *trouble == Trouble::Rotated), "{:?}", troubles);
                    written.extend_from_slice(&bytes);
                }
                WriterEvent::Crash => log = open(dir.path(), segment),
                WriterEvent::CrashInRotation(steps) => {
                    // Nothing is rotated that has nothing in it.
                    if log.size > 0 {
                        rotate_partly(dir.path(), log.place.number, steps);
                        prop_assert_eq!(&read(dir.path()), &written);
                        log = open(dir.path(), segment);
                    }
                }
                WriterEvent::TornIndex(bytes) => {
                    let index = OpenOptions::new().append(true).open(dir.path().join(names::index(LOG)));
                    let _ = index.and_then(|mut index| index.write_all(&vec![1; bytes]));
                    log = open(dir.path(), segment);
                }
                WriterEvent::LostIndex => {
                    let _ = remove_file(dir.path().join(names::index(LOG)));
                    log = open(dir.path(), segment);
                }
                WriterEvent::Tidies => {
                    compact::compress_all(&Arc::new(Dir::open(dir.path()).expect("it")), LOG).expect("tidied up");
                }
                WriterEvent::CrashInTidying { is_named } => compress_partly(dir.path(), is_named),
            }
            prop_assert_eq!(log.len(), written.len() as u64);
            prop_assert_eq!(&read(dir.path()), &written);
        }
        has_times(dir.path(), written.len() as u64)?;
    }

    #[test]
    fn a_follower_misses_nothing_and_sees_nothing_twice(
        chunks in proptest::collection::vec((proptest::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 1..40), 0u8..4), 1..12),
        segment in 1u64..60,
    ) {
        let dir = tempfile::tempdir().expect("a directory");
        let mut log = open(dir.path(), segment);
        let mut follower = Follower::new(&dir.path().join(LOG), 0).expect("a log");
        let (mut written, mut seen, mut buffer) = (Vec::new(), Vec::new(), [0; 16]);
        for (chunk, steps) in &chunks {
            log.write(chunk);
            written.extend_from_slice(chunk);
            if *steps == 3 {
                compact::compress_all(&Arc::new(Dir::open(dir.path()).expect("it")), LOG).expect("tidied up");
            }
            for _ in 0..*steps {
                if let Step::Read(count) = follower.step(&mut buffer).expect("read") {
                    seen.extend_from_slice(&buffer[..count]);
                }
            }
        }
        while let Step::Read(count) = follower.step(&mut buffer).expect("read") {
            seen.extend_from_slice(&buffer[..count]);
        }
        prop_assert_eq!(seen, written);
    }

    #[test]
    fn what_is_dropped_is_the_oldest_and_positions_stay(lines in 20usize..200, budget in 0u64..2000) {
        let dir = tempfile::tempdir().expect("a directory");
        let mut log = open(dir.path(), 200);
        let text: Vec<u8> = (0..lines).flat_map(|line| format!("line {line}\n").into_bytes()).collect();
        text.chunks(7).for_each(|chunk| drop(log.write(chunk)));
        let there = Arc::new(Dir::open(dir.path()).expect("it"));
        let dropped = compact::drop_beyond(&there, LOG, budget).expect("dropped");
        let after = Segments::open(&dir.path().join(LOG)).expect("a log");
        prop_assert_eq!((after.start(), after.end()), (dropped, text.len() as u64));
        prop_assert!(read(dir.path()) == text[dropped as usize..]);
        prop_assert!(after.stored() <= budget || after.list().len() == 1);
        compact::remove_all(&there, &[LOG.to_owned()]).expect("removed");
        prop_assert_eq!(there.names().expect("names"), Vec::<String>::new());
    }
}

/// A log with some segments, the first of which was dropped.
fn with_first_dropped(dir: &Path) -> Arc<Dir> {
    let mut log = open(dir, 10);
    (0..4).for_each(|_| drop(log.write(b"a line of text\n")));
    let there = Arc::new(Dir::open(dir).expect("it"));
    compact::drop_oldest(&there, LOG, 1).expect("dropped");
    log.write(b"end");
    there
}

#[test]
fn a_log_without_its_index_is_removed_whole() {
    for lost in [vec![names::index(LOG)], vec![names::index(LOG), LOG.to_owned()]] {
        for torn in [false, true] {
            let dir = tempfile::tempdir().expect("a directory");
            let there = with_first_dropped(dir.path());
            for name in &lost {
                let path = dir.path().join(name);
                if torn { drop(File::create(path).expect("torn")) } else { remove_file(path).expect("removed") }
            }
            for left in [format!(".{LOG}.2.zst.tmp"), ".a".to_owned(), format!("{LOG}x"), "z".to_owned()] {
                drop(File::create(dir.path().join(left)).expect("made"));
            }
            compact::remove_all(&there, &[LOG.to_owned()]).expect("removed");
            let mut left = there.names().expect("names");
            left.sort();
            assert_eq!(left, [".a".to_owned(), format!("{LOG}x"), "z".to_owned()], "{lost:?} {torn}");
        }
    }
}

#[test]
fn positions_go_on_where_the_newest_segment_and_its_index_were_removed() {
    let dir = tempfile::tempdir().expect("a directory");
    with_first_dropped(dir.path());
    let kept = Segments::open(&dir.path().join(LOG)).expect("a log").list()[..3].to_vec();
    [LOG.to_owned(), names::index(LOG)].iter().for_each(|name| remove_file(dir.path().join(name)).expect("removed"));
    let mut log = open(dir.path(), 10);
    assert_eq!(log.len(), kept[2].end());
    log.write(b"later\n");
    let after = Segments::open(&dir.path().join(LOG)).expect("a log");
    assert_eq!((&after.list()[..3], after.end()), (&kept[..], kept[2].end() + 6));
}

#[test]
fn a_log_that_is_cut_goes_on_at_the_same_position() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut log = open(dir.path(), 1 << 20);
    log.write(b"one\n");
    File::create(dir.path().join(LOG)).expect("cut");
    assert_eq!(log.write(b"two\n"), [Trouble::Cut]);
    assert_eq!((log.len(), read(dir.path())), (8, b"two\n".to_vec()));
    let gaps = Segments::open(&dir.path().join(LOG)).expect("a log").gaps();
    assert_eq!((gaps[0].from, gaps[0].to), (0, 4));
}

#[test]
fn an_index_takes_little_and_finds_what_was_written_when() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut log = open(dir.path(), u64::MAX);
    (0..100_000).for_each(|_| drop(log.write(b"a line\n")));
    let index = std::fs::metadata(dir.path().join(names::index(LOG))).expect("an index").len();
    assert!(index >= 48 && index <= 4096 + log.len() / 50, "{index}");
    let segments = Segments::open(&dir.path().join(LOG)).expect("a log");
    let time = segments.time_at(350_000).expect("read").expect("a time");
    assert!(segments.position_at(time).expect("read") <= 350_000);
}

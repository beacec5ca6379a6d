//! Logs laid out by hand, in every form that their writer and a crash can leave.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use proptest::prelude::*;

use crate::logs::read::last_lines::start_of_last;
use crate::logs::read::reader::Chunk;
use crate::logs::store::index::{IndexEntry, IndexHeader};
use crate::logs::store::seekable::compress;
use crate::logs::store::segments::{GapReason, SegmentForm, Segments};
use crate::logs::store::{index, names};
use crate::units::wall_time::WallTime;

const LOG: &str = "x.log";

/// How a segment of the test is kept.
#[derive(Clone, Copy, Debug)]
struct Kept {
    length: usize,
    form: SegmentForm,
    has_index: bool,
}

/// Lays out segments that begin at a logical position; the last one is the newest. An entry of the
/// index says of each segment's first byte that it was written at its position, in ms.
fn lay_out(dir: &Path, text: &[u8], start: u64, kept: &[Kept]) {
    let mut at = 0;
    for (number, part) in (1..).zip(kept) {
        let is_newest = number as usize == kept.len();
        let bytes = &text[at..at + part.length];
        let (name, index_name) = match (is_newest, part.form) {
            (true, _) => (LOG.to_owned(), names::index(LOG)),
            (false, SegmentForm::Compressed) => (names::compressed(LOG, number), names::segment_index(LOG, number)),
            (false, SegmentForm::Plain | SegmentForm::Newest) => {
                (names::segment(LOG, number), names::segment_index(LOG, number))
            }
        };
        if part.form == SegmentForm::Compressed && !is_newest {
            compress(bytes, &mut File::create(dir.join(name)).expect("a file")).expect("compressed");
        } else {
            write(&dir.join(name), bytes);
        }
        if part.has_index {
            let position = start + at as u64;
            let mut index = IndexHeader { number, oldest: 1, start: position }.to_bytes().to_vec();
            index.extend(IndexEntry { offset: 0, time: WallTime(position.cast_signed()), back: 0 }.to_bytes());
            write(&dir.join(index_name), &index);
        }
        at += part.length;
    }
}

fn write(path: &Path, bytes: &[u8]) {
    File::create(path).and_then(|mut file| file.write_all(bytes)).expect("written");
}

fn read(log: &Segments, from: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    log.reader(from).read_to_end(&mut bytes).expect("read");
    bytes
}

fn kept() -> impl Strategy<Value = Vec<Kept>> {
    let form = prop_oneof![Just(SegmentForm::Plain), Just(SegmentForm::Compressed)];
    let one = (0usize..40, form, any::<bool>()).prop_map(|(length, form, has_index)| Kept { length, form, has_index });
    proptest::collection::vec(one, 1..6)
}

proptest! {
    #[test]
    fn however_segments_are_kept_the_log_reads_whole(kept in kept(), from in 0u64..200, lines in 1u64..9) {
        let dir = tempfile::tempdir().expect("a directory");
        let length: usize = kept.iter().map(|part| part.length).sum();
        let text: Vec<u8> = (0..length).map(|at| if at % 7 == 3 { b'\n' } else { b'a' + (at % 26) as u8 }).collect();
        lay_out(dir.path(), &text, 0, &kept);
        let log = Segments::open(&dir.path().join(LOG)).expect("a log");
        prop_assert_eq!((log.start(), log.end(), log.gaps()), (0, length as u64, vec![]));
        prop_assert_eq!(read(&log, from), text.get(from as usize..).unwrap_or_default());
        let all: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
        let wanted: usize = all[..all.len().saturating_sub(lines as usize)].iter().map(|line| line.len()).sum();
        prop_assert_eq!(start_of_last(&log, lines, 0).expect("read"), wanted as u64);
    }

    #[test]
    fn positions_stay_whatever_was_dropped(kept in kept(), dropped in 0usize..5, start in 0u64..1000) {
        let dir = tempfile::tempdir().expect("a directory");
        let length: usize = kept.iter().map(|part| part.length).sum();
        let text = vec![b'x'; length];
        let indexed: Vec<Kept> = kept.iter().map(|part| Kept { has_index: true, ..*part }).collect();
        lay_out(dir.path(), &text, start, &indexed);
        let dropped = dropped.min(kept.len() - 1);
        for number in 1..=dropped as u32 {
            let _ = std::fs::remove_file(dir.path().join(names::segment(LOG, number)));
            let _ = std::fs::remove_file(dir.path().join(names::compressed(LOG, number)));
            std::fs::remove_file(dir.path().join(names::segment_index(LOG, number))).expect("removed");
        }
        let first: usize = kept[..dropped].iter().map(|part| part.length).sum();
        let log = Segments::open(&dir.path().join(LOG)).expect("a log");
        prop_assert_eq!((log.start(), log.end()), (start + first as u64, start + length as u64));
        prop_assert_eq!(read(&log, 0).len(), length - first);
        let mut reader = log.reader(0);
        match reader.next(&mut [0; 8]).expect("read") {
            Chunk::Gap(gap) => prop_assert_eq!((gap.from, gap.to, gap.lack), (0, log.start(), GapReason::Gone)),
            Chunk::Bytes(_) | Chunk::End => prop_assert_eq!(log.start(), 0),
        }
    }
}

#[test]
fn times_are_found_in_every_segment() {
    let dir = tempfile::tempdir().expect("a directory");
    let of = |form| Kept { length: 100, form, has_index: true };
    lay_out(
        dir.path(),
        &[b'x'; 400],
        1000,
        &[SegmentForm::Compressed, SegmentForm::Plain, SegmentForm::Compressed, SegmentForm::Newest].map(of),
    );
    let log = Segments::open(&dir.path().join(LOG)).expect("a log");
    for (time, position) in [(0, 1000), (1000, 1000), (1001, 1100), (1250, 1300), (1300, 1300), (1301, 1400)] {
        assert_eq!(log.position_at(WallTime(time)).expect("read"), position, "{time}");
    }
    for (position, time) in [(1000, 1000), (1099, 1000), (1100, 1100), (1399, 1300)] {
        assert_eq!(log.time_at(position).expect("read"), Some(WallTime(time)), "{position}");
    }
    assert_eq!(index::HEADER, 32);
}

#[test]
fn a_middle_segment_that_somebody_removed_is_a_gap() {
    let dir = tempfile::tempdir().expect("a directory");
    let of = |form| Kept { length: 10, form, has_index: true };
    lay_out(
        dir.path(),
        &[b'x'; 40],
        0,
        &[SegmentForm::Plain, SegmentForm::Plain, SegmentForm::Compressed, SegmentForm::Newest].map(of),
    );
    std::fs::remove_file(dir.path().join(names::segment(LOG, 2))).expect("removed");
    let log = Segments::open(&dir.path().join(LOG)).expect("a log");
    let gaps = log.gaps();
    assert_eq!((gaps.len(), gaps[0].from, gaps[0].to, read(&log, 0).len()), (1, 10, 20, 30));
}

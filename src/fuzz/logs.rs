//! Logs: segments, indexes and compressed frames that were damaged, and output that is filtered,
//! cut into lines, masked and searched.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::damage::{Damage, any_damage, damage};
use super::output::any_output;
use crate::ansi::{self, Colours, Filter};
use crate::logs::read::follower::{Follower, Step};
use crate::logs::read::last_lines::start_of_last;
use crate::logs::read::reader::Chunk;
use crate::logs::read::times::Times;
use crate::logs::store::compact;
use crate::logs::store::crlf::CrlfFolder;
use crate::logs::store::segments::Segments;
use crate::logs::store::writer::{LineEnds, LogAge, LogWriter};
use crate::logs::text::dedup::Dedup;
use crate::logs::text::line_search::{MatchRange, Rules, Search};
use crate::logs::text::numbered_lines::{NumberedLines, count};
use crate::logs::text::plain::PlainText;
use crate::logs::text::redact::{MOST_HELD, Redactor, Secrets};
use crate::logs::text::rendered::{Pieces, Rendered};
use crate::logs::text::severity;
use crate::logs::text::structured::{self, StructuredLine};
use crate::sys::dir::Dir;
use crate::units::wall_time::WallTime;

const LOG: &str = "task-001-web.log";
/// Nothing is written that is longer, and a hole of a sparse file counts as nothing. *Units*:
/// bytes.
const MOST_READ: u64 = 64 << 20;
const SECRET: &[u8] = b"abcdefgh1234";

fn open(dir: &Path, segment: u64) -> io::Result<LogWriter> {
    let path = dir.to_owned();
    let open_dir = Box::new(move || Dir::open(&path));
    LogWriter::open(&open_dir()?, open_dir, LOG.into(), LogAge::Old, LineEnds::Folded, Box::new(move || segment))
}

/// Reads the log in every way.
fn read_all(dir: &Path, position: u64, time: WallTime) -> io::Result<()> {
    let path = dir.join(LOG);
    let log = Segments::open(&path)?;
    let _ =
        (log.gaps().iter().map(ToString::to_string).count(), log.stored(), log.before_gap(position), log.paths(&path));
    let _ = (log.position_at(time)?, log.time_at(position)?, start_of_last(&log, 3, position.min(log.end())));
    let mut times = Times::of(log.clone());
    let _ = (times.at(position), times.at(log.end()), times.at(0));
    for from in [0, position, log.end().saturating_sub(9)] {
        let (mut reader, mut buffer, mut read) = (log.reader(from), [0; 4096], 0);
        loop {
            let before = reader.position();
            match reader.next(&mut buffer)? {
                Chunk::Bytes(count) => read += count as u64,
                Chunk::Gap(_) => {}
                Chunk::End => break,
            }
            assert!(reader.position() > before, "it stays at {before}");
            if read > MOST_READ {
                return Err(io::Error::other("what was never written is read"));
            }
        }
    }
    let mut lines = NumberedLines::new(log.reader(0), 0, 1);
    while lines.next()?.is_some() {}
    let _ = (lines.rest(), count(log.reader(0)));
    let mut follower = Follower::new(&path, position)?;
    for _ in 0..64 {
        if matches!(follower.step(&mut [0; 4096]), Ok(Step::Nothing) | Err(_)) {
            break;
        }
    }
    let _ = follower.pending();
    Ok(())
}

fn clean_up(dir: &Path) {
    let Ok(dir) = Dir::open(dir).map(Arc::new) else { return };
    let _ = compact::is_untidy(&dir, LOG);
    let _ =
        (compact::compress_all(&dir, LOG), compact::drop_beyond(&dir, LOG, 100), compact::drop_oldest(&dir, LOG, 1));
    let _ = (compact::complete(&dir, LOG), compact::stored(&dir, LOG), compact::drop_all(&dir, LOG));
}

/// A log that is written, damaged, and read.
type Stored = (Vec<Vec<u8>>, Vec<(u16, Damage)>, u64, i64, bool);

fn stored((chunks, damages, position, time, tidies): Stored) -> Result<(), TestCaseError> {
    let dir = tempfile::tempdir().expect("a directory");
    let mut log = open(dir.path(), 64 * 1024).expect("a log");
    // More than a segment has: what is rotated is compressed.
    let line = b"a line of a log, again and again\n".repeat(700);
    for chunk in &chunks {
        log.write(chunk);
        log.write(&line);
    }
    log.finish();
    if tidies {
        let there = Dir::open(dir.path()).map(Arc::new).expect("a directory");
        compact::compress_all(&there, LOG).expect("compressed");
    }
    damages.iter().for_each(|(which, what)| damage(dir.path(), *which, what));
    let time = WallTime(time);
    if let Err(e) = read_all(dir.path(), position, time) {
        prop_assert!(!e.to_string().contains("never written"), "{}", e);
    }
    // A writer goes on with what it finds.
    if let Ok(mut log) = open(dir.path(), 64 * 1024) {
        log.write(b"more\n");
        log.write(&line);
    }
    let _ = read_all(dir.path(), position, time);
    clean_up(dir.path());
    let _ = read_all(dir.path(), position, time);
    Ok(())
}

/// What each reader makes of output that comes in pieces of this size.
fn shown(output: &[u8], step: usize) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let makes: [fn() -> Filter; 4] = [
        || Filter::new(Colours::Pass),
        || Filter::new(Colours::Drop),
        || Filter::still(Colours::Pass),
        Filter::to_search,
    ];
    for make in makes {
        let (mut filter, mut out) = (make(), Vec::new());
        output.chunks(step).for_each(|piece| filter.feed(piece, &mut out));
        filter.finish(&mut out);
        all.push(out);
    }
    let variables = [(&b"API_TOKEN"[..], SECRET)];
    let (mut mask, mut masked) = (Redactor::new(Secrets::of(variables.into_iter())), Vec::new());
    output.chunks(step).for_each(|piece| mask.feed(piece, &mut masked));
    mask.finish(&mut masked);
    assert!(!masked.windows(SECRET.len()).any(|part| part == SECRET));
    // Of a longer one sequences may be left out, by how it comes: see `MOST_HELD`.
    all.push(if output.len() > MOST_HELD { Vec::new() } else { masked });
    let (mut fold, mut folded) = (CrlfFolder::default(), Vec::new());
    output.chunks(step).for_each(|piece| folded.extend_from_slice(fold.chunk(piece)));
    folded.extend_from_slice(fold.finish());
    all.push(folded);
    let (mut repeats, mut once) = (Dedup::default(), Vec::new());
    output.chunks(step).for_each(|piece| repeats.feed(piece, &mut once));
    repeats.finish(&mut once);
    all.push(once);
    let mut visible = Vec::new();
    PlainText::new(Pieced(output, step)).read_to_end(&mut visible).expect("memory");
    all.push(visible);
    let mut settled = Vec::new();
    Rendered::coloured(Pieced(output, step), Pieces::Joined).read_to_end(&mut settled).expect("memory");
    all.push(settled);
    all
}

/// Bytes that come in pieces.
struct Pieced<'a>(&'a [u8], usize);

impl Read for Pieced<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.len().min(self.1).min(buffer.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

fn read_as_text(output: &[u8], pattern: &str, step: usize) -> Result<(), TestCaseError> {
    prop_assert_eq!(shown(output, step), shown(output, output.len().max(1)));
    for line in output.split(|byte| *byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        let _ = (StructuredLine::of(&text), structured::level(&text), severity::guess(line));
        let safe = ansi::line(line, Colours::Drop) + &ansi::printable(&text) + &ansi::command(&text);
        prop_assert!(!safe.contains(['\x1b', '\u{9b}', '\u{202e}', '\0']), "{:?}", safe);
    }
    let mut from = 0;
    while let Some(at) = severity::next_candidate(output, from) {
        prop_assert!(at >= from);
        from = at + 1;
    }
    if let Ok(search) = Search::new(pattern, Rules::default()) {
        let found = search.count(output).expect("memory");
        let lines = output.split_inclusive(|byte| *byte == b'\n');
        prop_assert_eq!(
            lines.filter(|line| search.wants(line.strip_suffix(b"\n").unwrap_or(line))).count() as u64,
            found
        );
        search.run(output, MatchRange { before: 1, after: 1, skip: 1, most: Some(2) }, |_| Ok(())).expect("memory");
        let _ = search.places(output);
    }
    Ok(())
}

#[test]
fn fuzz_logs() {
    let damages = vec((any::<u16>(), any_damage()), 0..4);
    let position = prop_oneof![4 => 0u64..200_000, 1 => any::<u64>()];
    let time = prop_oneof![any::<i64>(), 1_790_000_000_000i64..1_800_000_000_000];
    let input = (vec(any_output(), 0..7), damages, position, time, any::<bool>());
    super::run("logs", input, stored);
}

#[test]
fn fuzz_logs_filters() {
    let secret = Just(SECRET.to_vec());
    let output = vec(prop_oneof![6 => any_output(), 1 => secret, 1 => Just(b"ERROR x\n".to_vec())], 0..6);
    let pattern = prop_oneof![2 => "[a-z.*+?()|^$\\\\\\[\\]{},0-9-]{0,8}", 1 => "\\PC{0,6}"];
    super::run("logs_filters", (output, pattern, 1usize..40), |(output, pattern, step)| {
        read_as_text(&output.concat(), &pattern, step)
    });
}

//! The runs of all tasks, kept beyond their tasks: one file, to which each run's supervisor appends
//! a line at its end, and the worker that reads its output another.
//!
//! *Bounds*: whoever looks into it and finds it longer than [`LONGEST`] keeps of each command in
//! its directory the newest [`MOST_OF_ONE`] runs, and of all the newest that fit half of that.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;

use memchr::memmem::Finder;

use super::StoreError;
use super::layout::{HISTORY, HISTORY_LOCK, Home, TASKS};
use super::task_dir::TaskDir;
use crate::sys::dir::OpenMode;
use crate::sys::line_append::append_lines;
use crate::sys::lock;
use crate::task::end::End;
use crate::task::format;
use crate::task::id::TaskId;
use crate::task::run_record::{FoundLine, RunRecord};
use crate::task::state::State;
use crate::units::wall_time::WallTime;

/// The file is made shorter when it is longer than this. *Units*: bytes.
const LONGEST: u64 = 8 << 20;
/// Whatever is longer is none of ours. *Units*: bytes.
const MOST_READ: u64 = 64 << 20;
/// So many runs of one command in one directory are kept when the file is made shorter.
const MOST_OF_ONE: usize = 200;
/// What only lines about what was found have.
const FOUND: &str = "\"found\":{";
/// A line is no longer; the command of one that would be is cut. *Units*: bytes.
const LONGEST_LINE: usize = 3 << 10;

/// Remembers a run that is over.
pub fn append_run(home: &Home, task: &TaskDir, state: &State, end: &End) {
    let record = task.spec_without_surroundings().ok().and_then(|spec| RunRecord::of(&spec, state, end));
    if let Some(mut record) = record {
        let room = LONGEST_LINE.saturating_sub(record.cwd.len() + record.name.len());
        record.command.truncate(record.command.floor_char_boundary(room));
        append(home, &record);
    }
}

/// Remembers what was found in a run's output.
pub fn append_found(home: &Home, found: &FoundLine) {
    append(home, found);
    let _ = shorten(home);
}

/// What fails here costs the memory of one run.
fn append(home: &Home, line: &impl serde::Serialize) {
    let mut bytes = serde_json::to_vec(line).expect("plain data always serialises");
    bytes.push(b'\n');
    for _ in 0..3 {
        let Ok(file) = home.tasks.file(HISTORY, OpenMode::Append) else { return };
        if append_lines(&file, &bytes).is_err() {
            return;
        }
        // Somebody has put a shorter one in its place, and may not have seen this line.
        if file.metadata().is_ok_and(|written| written.nlink() > 0) {
            return;
        }
    }
}

/// What is remembered, as it stood when it was opened.
#[derive(Debug, Default)]
pub struct RunHistory(Vec<u8>);

impl RunHistory {
    /// Reads it.
    pub fn open(home: &Home) -> Result<RunHistory, StoreError> {
        let read = read(home).map(RunHistory);
        read.map_err(|source| StoreError::File { doing: "read", what: format!("{TASKS}/{HISTORY}"), source })
    }

    /// All runs, in the order in which they ended.
    pub fn runs(&self) -> Vec<RunRecord> {
        parse(lines(&self.0))
    }

    /// The runs of this command in this directory, in the order in which they ended.
    pub fn like(&self, command: &str, cwd: &str) -> Vec<RunRecord> {
        let mut runs = self.of_commands([command]);
        runs.retain(|run| run.cwd == cwd);
        runs
    }

    /// The runs of these commands, in whichever directory, in the order in which they ended. Only
    /// they are parsed.
    pub fn of_commands<'c>(&self, commands: impl IntoIterator<Item = &'c str>) -> Vec<RunRecord> {
        let json = |command: &str| serde_json::to_string(command).expect("a text always serialises");
        let wanted: HashSet<String> = commands.into_iter().map(json).collect();
        let (command, id, found) = (Finder::new("\"command\":"), Finder::new("\"id\":"), Finder::new(FOUND));
        let is_wanted = |line: &[u8]| {
            std::str::from_utf8(text_behind(&command, line)).is_ok_and(|command| wanted.contains(command))
        };
        // What was found in a run stands behind the run.
        let mut tasks: HashSet<&[u8]> = HashSet::new();
        parse(lines(&self.0).filter(|line| {
            let task = text_behind(&id, line);
            // No command is taken for it: within a text these quotes would be escaped.
            match found.find(line) {
                Some(_) => tasks.contains(task),
                None if is_wanted(line) => {
                    tasks.insert(task);
                    true
                }
                None => false,
            }
        }))
    }

    /// The newest run of a task so called.
    pub fn named(&self, name: &str) -> Option<RunRecord> {
        self.runs().into_iter().rfind(|run| run.name == name)
    }
}

/// The last of these runs that began before this moment and did what it was begun for.
pub fn last_good(runs: &[RunRecord], started: WallTime) -> Option<&RunRecord> {
    runs.iter().rfind(|run| run.is_good() && run.started < started)
}

fn read(home: &Home) -> io::Result<Vec<u8>> {
    match home.tasks.read(HISTORY, MOST_READ) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read,
    }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// The text that stands behind this in a line of JSON, with its quotes; nothing where none does.
fn text_behind<'l>(field: &Finder<'_>, line: &'l [u8]) -> &'l [u8] {
    let Some(at) = field.find(line).map(|at| at + field.needle().len()) else { return &[] };
    let text = &line[at..];
    let is_escaped = |end: usize| text[..end].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1;
    let end = memchr::memchr_iter(b'"', text).skip(1).find(|end| !is_escaped(*end));
    end.map_or(&[], |end| &text[..=end])
}

/// A line that is torn, or of a newer aos, is passed over.
fn parse<'l>(lines: impl Iterator<Item = &'l [u8]>) -> Vec<RunRecord> {
    let mut runs: Vec<RunRecord> = Vec::new();
    let mut places: HashMap<(TaskId, u32, i64), usize> = HashMap::new();
    for line in lines {
        if let Ok(run) = format::parse::<RunRecord>(line) {
            places.insert((run.id, run.run, run.started.0), runs.len());
            runs.push(run);
        } else if let Ok(FoundLine { id, run, started, found, .. }) = format::parse::<FoundLine>(line)
            && let Some(place) = places.get(&(id, run, started.0))
        {
            runs[*place].found = Some(found);
        }
    }
    runs
}

/// Makes the file shorter where it is too long, unless somebody else does.
pub fn shorten(home: &Home) -> io::Result<()> {
    if home.tasks.look_at(HISTORY).is_none_or(|file| file.size <= LONGEST) {
        return Ok(());
    }
    let held: File = home.tasks.own_file(HISTORY_LOCK, OpenMode::Make)?;
    if !lock::try_take(&held)? {
        return Ok(());
    }
    let bytes = match read(home) {
        Ok(bytes) => bytes,
        // Something else has its name, or it is far too long.
        Err(_) => return home.tasks.move_aside(HISTORY).map(drop),
    };
    home.tasks.replace(HISTORY, &kept(&parse(lines(&bytes)), LONGEST as usize / 2))
}

/// The newest lines of these runs that are to be kept.
fn kept(runs: &[RunRecord], room: usize) -> Vec<u8> {
    let mut of_one: HashMap<(&str, &str), usize> = HashMap::new();
    let (mut lines, mut length) = (Vec::new(), 0);
    for run in runs.iter().rev() {
        let count = of_one.entry((&run.command, &run.cwd)).or_default();
        *count += 1;
        if *count > MOST_OF_ONE {
            continue;
        }
        let mut line = serde_json::to_vec(run).expect("plain data always serialises");
        line.push(b'\n');
        if let Some(found) = run.found {
            let found = FoundLine { version: run.version, id: run.id, run: run.run, started: run.started, found };
            serde_json::to_writer(&mut line, &found).expect("plain data always serialises");
            line.push(b'\n');
        }
        length += line.len();
        if length > room {
            break;
        }
        lines.push(line);
    }
    lines.reverse();
    lines.concat()
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, RunHistory, append, kept, last_good, lines, parse, shorten};
    use crate::store::layout::Home;
    use crate::task::id::TaskId;
    use crate::task::run_findings::{FindingCounts, TestCounts};
    use crate::task::run_record::{FoundInRun, FoundLine, RunRecord};
    use crate::task::status::Status;
    use crate::units::wall_time::WallTime;

    fn run(id: u32, status: Status) -> RunRecord {
        RunRecord {
            version: 1,
            id: TaskId(id),
            run: 1,
            started: WallTime(i64::from(id)),
            name: "x".into(),
            command: format!("make {}", id % 3),
            cwd: "/p".into(),
            status,
            exit_code: Some(0),
            wall_ms: 7,
            cpu_ms: None,
            peak_memory: None,
            read_bytes: None,
            written_bytes: None,
            found: None,
        }
    }

    fn found(failed: u64) -> FoundInRun {
        let tests = Some(TestCounts { passed: Some(1), failed, skipped: 0 });
        FoundInRun { log_bytes: 9, counts: FindingCounts::default(), tests }
    }

    #[test]
    fn runs_are_told_from_one_another_and_what_was_found_in_them_is_theirs() {
        let dir = tempfile::tempdir().expect("a directory");
        let home = Home::at(dir.path()).expect("a home");
        for id in 1..=9 {
            append(&home, &run(id, if id == 6 { Status::Failed } else { Status::Succeeded }));
        }
        append(&home, &FoundLine { version: 1, id: TaskId(3), run: 1, started: WallTime(3), found: found(2) });
        append(&home, &FoundLine { version: 1, id: TaskId(3), run: 1, started: WallTime(4), found: found(3) });
        let history = RunHistory::open(&home).expect("read");
        let like = history.like("make 0", "/p");
        assert_eq!(like.iter().map(|run| run.id.0).collect::<Vec<_>>(), [3, 6, 9]);
        assert_eq!((like[0].found, like[1].found), (Some(found(2)), None));
        assert_eq!(last_good(&like, WallTime(9)), None, "one failed, and of the other a test did");
        assert_eq!(last_good(&like, WallTime(10)).map(|run| run.id.0), Some(9));
        assert_eq!((history.like("make 0", "/q"), history.like("make", "/p")), (vec![], vec![]));
        let quoted = r#"echo "a\" \\""#;
        append(&home, &RunRecord { command: quoted.into(), ..run(10, Status::Succeeded) });
        let history = RunHistory::open(&home).expect("read");
        assert_eq!(history.like(quoted, "/p").iter().map(|run| run.id.0).collect::<Vec<_>>(), [10]);
        assert_eq!(history.of_commands(["make 1", "make 2"]).len(), 6);
        assert_eq!(history.named("x").map(|run| run.id.0), Some(10));
    }

    #[test]
    fn a_damaged_line_costs_itself() {
        let line = serde_json::to_vec(&run(1, Status::Succeeded)).expect("JSON");
        let all = [&line[..9], b"\n{\"version\":9,\"id\":\"task-001\"}\n\xff\n", &line, b"\n", &line[..40]].concat();
        assert_eq!(parse(lines(&all)), [run(1, Status::Succeeded)]);
    }

    #[test]
    fn the_file_is_bounded_and_what_is_kept_is_the_newest() {
        let dir = tempfile::tempdir().expect("a directory");
        let home = Home::at(dir.path()).expect("a home");
        let long = RunRecord { command: "x".repeat(100_000), ..run(1, Status::Succeeded) };
        for id in 1..=90 {
            append(&home, &RunRecord { id: TaskId(id), ..long.clone() });
        }
        assert!(home.tasks.look_at(super::HISTORY).is_some_and(|file| file.size > LONGEST));
        shorten(&home).expect("shortened");
        assert!(home.tasks.look_at(super::HISTORY).is_some_and(|file| file.size <= LONGEST / 2));
        let left = RunHistory::open(&home).expect("read").runs();
        assert_eq!(left.last().map(|run| run.id.0), Some(90));
        let many: Vec<RunRecord> = (0..1000).map(|id| run(id * 3, Status::Succeeded)).collect();
        assert_eq!(parse(lines(&kept(&many, 1 << 20))).len(), super::MOST_OF_ONE);
    }
}

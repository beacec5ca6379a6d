//! The registry: one file with a row for every task that is over, so that a list costs one read.
//! Only ever a projection of the task directories: lost or damaged, it is made again. Readers write
//! it, under a lock that they only try; nothing at a task's start or end waits for it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use memchr::memmem;

use super::layout::{Home, INDEX, TASKS, marker, read_marker};
use super::registry_file::{StoredRow, join, lines, lock_file, read, write};
use super::sketch::{Sketch, id_of, name_of};
use super::snapshot::TaskSnapshot;
use super::task_dir::TaskDir;
use super::{StoreError, markers, row};
use crate::sys::dir::OpenMode;
use crate::sys::{cores, lock, memory};
use crate::task::id::TaskId;
use crate::task::summary::Summary;

/// In so many parts rows are made again.
const REMADE_PARTS: usize = 256;

// Both are boxed, as they are large, and trees move what they hold.
type FreshRows = BTreeMap<TaskId, Box<Summary<'static>>>;
type Snapshots = BTreeMap<TaskId, Box<TaskSnapshot>>;

/// Every task of a home, as it stood when this was opened.
#[derive(Debug, Default)]
pub struct Registry {
    /// The file's bytes, if they are whole; else rows that were made again, as it would have them.
    index: Vec<u8>,
    /// Whether those were made again.
    is_remade: bool,
    /// Rows that are newer than the file's.
    fresh: FreshRows,
    /// Those of them that files could not tell all of. They are read again each time, and never
    /// filed.
    damaged: BTreeSet<TaskId>,
    /// Tasks that are being removed: the file may still have rows of them.
    gone: BTreeSet<TaskId>,
    /// What the files of living tasks said, for whoever has more to ask of them.
    living: Snapshots,
    /// Those that were marked as living, and are over or lost.
    ended_since: Vec<TaskId>,
}

/// What a task's files said.
struct Taken {
    row: Box<Summary<'static>>,
    is_damaged: bool,
    /// All of it, of a task that lives: of thousands that are over no room is taken for it.
    reading: Option<Box<TaskSnapshot>>,
}

impl Registry {
    /// Reads the registry and what has changed since it was written, and brings it up to date if
    /// nobody else is doing so.
    ///
    /// A task moves from `active/` to `ended/` and from there to the file, and all three are read
    /// in this order: a task that moves meanwhile is found twice, and never missed. Its own files,
    /// which are read last, say how it stands. A task that is run again moves from the file to
    /// `active/`; its row stays in the file, or its marker in `ended/`, until it is over.
    pub fn open(home: &Home) -> Result<Registry, StoreError> {
        let living = markers::living(home)?;
        let ended = markers::ended(home)?;
        let index = read(home)?;
        let mut runs = BTreeMap::new();
        for (id, run) in ended.iter().filter_map(|marker| read_marker(marker)) {
            let newest = runs.entry(id).or_insert(run);
            *newest = run.max(*newest);
        }
        let over: BTreeSet<TaskId> = match &index {
            Some(_) => runs.keys().copied().collect(),
            None => every_task(home)?,
        };
        // Of one that lives it is not enough that a run of it is over. Where the file is made
        // again, whatever is not marked as living is over if its own files say so.
        let run_of = |id: &TaskId| runs.get(id).copied().flatten().or(index.is_none().then_some(0));
        let mut changed: BTreeMap<TaskId, Option<u32>> = over.iter().map(|id| (*id, run_of(id))).collect();
        let mut registry = match index {
            Some(index) => Registry { index, ..Registry::default() },
            None => {
                changed.retain(|id, _| living.binary_search(id).is_err());
                Registry::remade(home, std::mem::take(&mut changed).into_iter().collect())
            }
        };
        changed.extend(living.iter().map(|id| (*id, None)));
        registry.take_in(home, changed);
        registry.ended_since = living.into_iter().filter(|id| registry.is_over(*id)).collect();
        registry.save(home, &over, &ended);
        // A task is removed from there before its row is.
        registry.gone = markers::removed(home);
        Ok(registry)
    }

    /// What the files of these tasks say, without a file of the registry's: of thousands only the
    /// texts of their rows are kept, and no row is that cannot be filed.
    fn remade(home: &Home, tasks: Vec<(TaskId, Option<u32>)>) -> Registry {
        let some: Vec<_> = tasks.chunks(tasks.len().div_ceil(REMADE_PARTS).max(1)).collect();
        memory::share_one_heap();
        let mut registry = Registry { is_remade: true, index: b"[\n".to_vec(), ..Registry::default() };
        for (lines, others) in cores::spread(&some, |some| remake(home, some)) {
            registry.index.extend_from_slice(&lines);
            others.into_iter().for_each(|taken| registry.insert(taken));
        }
        registry.index.extend_from_slice(b"]}\n");
        registry
    }

    /// The living tasks alone: what is over is not even read.
    pub fn of_living(home: &Home) -> Result<Registry, StoreError> {
        let mut registry = Registry::default();
        registry.take_in(home, markers::living(home)?.into_iter().map(|id| (id, None)));
        Ok(registry)
    }

    /// Every task, in the order of ids.
    pub fn rows(&self) -> Vec<Summary<'_>> {
        self.merged(|_, _| true).into_iter().filter_map(StoredRow::summary).collect()
    }

    /// The tasks that this wants by their ids and names, in the order of ids. Only they are parsed.
    pub fn rows_where(&self, is_wanted: impl Fn(TaskId, &str) -> bool) -> Vec<Summary<'_>> {
        self.merged_where(is_wanted).into_iter().filter_map(StoredRow::summary).collect()
    }

    /// Every task that is living, and of those that ended at `since` or later (a stamp's text) the
    /// newest `most`, in the order of ids; and how many are left out. Only what is returned is
    /// parsed.
    pub fn recent(&self, since: &str, most: usize) -> (Vec<Summary<'_>>, usize) {
        // A quote within a row's texts is escaped, so these are found only where they are fields.
        let ended = memmem::Finder::new(b"\"ended\":\"");
        let started = memmem::Finder::new(b"\"started\":\"");
        let value = |line: &[u8], field: &memmem::Finder<'_>| field.find(line).map(|at| at + field.needle().len());
        // A lost task has no end.
        let moment = |line: &[u8]| value(line, &ended).or_else(|| value(line, &started));
        let is_recent = |line: &[u8]| moment(line).is_none_or(|at| line[at..] >= *since.as_bytes());
        let mut left_out = 0;
        let mut rows = self.merged(|_, line| {
            let is_wanted = is_recent(line);
            left_out += usize::from(!is_wanted);
            is_wanted
        });
        let over = rows.iter().filter(|row| !row.is_living()).count();
        let mut too_many = over.saturating_sub(most);
        left_out += too_many;
        rows.retain(|row| {
            let goes = too_many > 0 && !row.is_living();
            too_many -= usize::from(goes);
            !goes
        });
        (rows.into_iter().filter_map(StoredRow::summary).collect(), left_out)
    }

    /// The living tasks as their files told, with their rows, for whoever knows more of them.
    pub fn living_mut(&mut self) -> (&Snapshots, &mut FreshRows) {
        (&self.living, &mut self.fresh)
    }

    /// The tasks that were still marked as living when this was opened, and are over or lost.
    pub fn ended_since(&self) -> &[TaskId] {
        &self.ended_since
    }

    /// Writes every row as a JSON array, in the order of ids.
    pub fn write_json(&self, out: &mut impl io::Write) -> io::Result<()> {
        let mut bytes = vec![b'['];
        join(&mut bytes, &self.merged(|_, _| true), b",");
        bytes.extend_from_slice(b"]\n");
        out.write_all(&bytes)
    }

    /// What tells tasks from one another, of every task, in the order of ids. Nothing is parsed.
    pub fn sketches(&self) -> Vec<Sketch<'_>> {
        self.merged(|_, _| true).into_iter().filter_map(StoredRow::sketch).collect()
    }

    /// The same of those that this wants by their ids and names.
    pub fn sketches_where(&self, is_wanted: impl Fn(TaskId, &str) -> bool) -> Vec<Sketch<'_>> {
        self.merged_where(is_wanted).into_iter().filter_map(StoredRow::sketch).collect()
    }

    fn merged(&self, is_wanted: impl FnMut(TaskId, &[u8]) -> bool) -> Vec<StoredRow<'_>> {
        self.with_newer(|id| self.fresh.contains_key(&id), is_wanted)
    }

    fn merged_where(&self, is_wanted: impl Fn(TaskId, &str) -> bool) -> Vec<StoredRow<'_>> {
        let mut rows = self.merged(|id, line| name_of(line).is_none_or(|name| is_wanted(id, name)));
        rows.retain(|row| match row {
            StoredRow::Filed(_) => true,
            StoredRow::Fresh(row) => is_wanted(row.id, &row.name),
        });
        rows
    }

    /// The file's rows, but for tasks of which a newer one is wanted.
    fn with_newer(
        &self,
        is_newer: impl Fn(TaskId) -> bool,
        mut is_wanted: impl FnMut(TaskId, &[u8]) -> bool,
    ) -> Vec<StoredRow<'_>> {
        let is_there = |id: &TaskId| !self.gone.contains(id);
        let filed = lines(&self.index).filter_map(|line| Some((id_of(line)?, line)));
        let filed = filed.filter(|(id, line)| is_there(id) && !is_newer(*id) && is_wanted(*id, line));
        let mut rows: Vec<(TaskId, StoredRow<'_>)> = filed.map(|(id, line)| (id, StoredRow::Filed(line))).collect();
        let fresh = self.fresh.iter().filter(|(id, _)| is_there(id) && is_newer(**id));
        rows.extend(fresh.map(|(id, row)| (*id, StoredRow::Fresh(row))));
        rows.sort_by_key(|(id, _)| *id);
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// Reads these tasks; with the newest run of which a marker says that it is over.
    fn take_in(&mut self, home: &Home, tasks: impl IntoIterator<Item = (TaskId, Option<u32>)>) {
        let tasks: Vec<(TaskId, Option<u32>)> = tasks.into_iter().collect();
        let taken = cores::spread(&tasks, |(id, over)| take(home, *id, *over));
        taken.into_iter().flatten().for_each(|taken| self.insert(taken));
    }

    fn insert(&mut self, Taken { row, is_damaged, reading }: Taken) {
        self.set_damaged(row.id, is_damaged);
        self.living.extend(reading.map(|reading| (row.id, reading)));
        self.fresh.insert(row.id, row);
    }

    fn set_damaged(&mut self, id: TaskId, is_damaged: bool) {
        let _ = if is_damaged { self.damaged.insert(id) } else { self.damaged.remove(&id) };
    }

    /// Writes the rows of tasks that are over into the file and clears the markers that are needed
    /// no more, unless somebody else is writing. A failure leaves the old file: the next reader
    /// tries again. A marker stays as long as there is no row in its place: its task is run again
    /// just then, or cannot be read.
    fn save(&self, home: &Home, over: &BTreeSet<TaskId>, markers: &[String]) {
        let is_gone = |id: TaskId| matches!(TaskDir::open(home, id), Err(StoreError::NoTask(_)));
        if !self.is_remade && !over.iter().any(|id| self.is_to_file(*id) || is_gone(*id)) {
            return;
        }
        let Ok(held) = lock_file(home) else { return };
        if !matches!(lock::try_take(&held), Ok(true)) {
            return;
        }
        // Somebody else has written since: what he took in or forgot is not undone.
        let before = (!self.is_remade).then_some(&self.index);
        if read(home).ok().is_none_or(|now| now.as_ref() != before) {
            return;
        }
        // Whoever removes a task takes its row out after its directory, under this lock: one that
        // is gone by now gets none.
        let Ok(there) = every_task(home) else { return };
        let is_gone = |id: TaskId| !there.contains(&id);
        let mut written: BTreeSet<TaskId> =
            over.iter().copied().filter(|id| self.is_to_file(*id) && !is_gone(*id)).collect();
        if self.is_remade || !written.is_empty() {
            let is_there = |id, _: &[u8]| !self.is_remade || there.contains(&id);
            if write(home, &self.with_newer(|id| written.contains(&id), is_there)).is_err() {
                return;
            }
        }
        if self.is_remade {
            written.extend(lines(&self.index).filter_map(id_of));
        }
        let Ok(ended) = home.ended() else { return };
        for marker in markers {
            if read_marker(marker).is_some_and(|(id, _)| written.contains(&id) || is_gone(id)) {
                let _ = ended.remove(marker);
            }
        }
        let is_marked = |id: TaskId| markers.iter().any(|marker| read_marker(marker).is_some_and(|(of, _)| of == id));
        let is_unlisted = |id: TaskId| self.damaged.contains(&id) && self.is_over(id) && !is_marked(id) && !is_gone(id);
        for id in over.iter().copied().filter(|id| is_unlisted(*id)) {
            // There is none yet where the registry is made again.
            let _ = ended.file(&marker(id, 0), OpenMode::Make);
        }
    }

    /// Whether there is a row of it that can go to the file.
    fn is_to_file(&self, id: TaskId) -> bool {
        self.is_over(id) && !self.damaged.contains(&id)
    }

    fn is_over(&self, id: TaskId) -> bool {
        self.fresh.get(&id).is_some_and(|row| !row.status.is_living())
    }
}

/// The texts of these tasks' rows, a line each, and the rows that cannot be filed.
fn remake(home: &Home, tasks: &[(TaskId, Option<u32>)]) -> (Vec<u8>, Vec<Taken>) {
    let (mut lines, mut others) = (Vec::new(), Vec::new());
    for taken in tasks.iter().filter_map(|(id, over)| take(home, *id, *over)) {
        if taken.is_damaged || taken.row.status.is_living() {
            others.push(taken);
        } else {
            join(&mut lines, &[StoredRow::Fresh(&taken.row)], b"");
            lines.extend_from_slice(b",\n");
        }
    }
    (lines, others)
}

/// Reads a task; `None` where there is none.
fn take(home: &Home, id: TaskId, over: Option<u32>) -> Option<Taken> {
    let read = || match over.and_then(|run| TaskSnapshot::of_over(home, id, run)) {
        Some(reading) => Ok(reading),
        None => TaskDir::open(home, id).and_then(|task| TaskSnapshot::for_row(home, &task)),
    };
    match read() {
        Ok(reading) => Some(Taken {
            row: Box::new(reading.summary(home)),
            is_damaged: reading.trouble.is_some(),
            reading: reading.status().is_living().then(|| Box::new(reading)),
        }),
        Err(StoreError::NoTask(_)) => None,
        Err(why) => Some(Taken { row: Box::new(row::unreadable(home, id, &why)), is_damaged: true, reading: None }),
    }
}

/// Whatever has a directory.
fn every_task(home: &Home) -> Result<BTreeSet<TaskId>, StoreError> {
    let names = home.tasks.names().map_err(|source| StoreError::File { doing: "list", what: TASKS.into(), source })?;
    Ok(names.iter().filter_map(|name| read_marker(name)).map(|(id, _)| id).collect())
}

/// Takes tasks out of the registry, waiting for whoever writes it.
pub fn forget(home: &Home, ids: &[TaskId]) -> Result<(), StoreError> {
    let ids: BTreeSet<&TaskId> = ids.iter().collect();
    let failed = |source| StoreError::File { doing: "write", what: INDEX.into(), source };
    let held = lock_file(home).and_then(|file| lock::take(&file).map(|()| file)).map_err(failed)?;
    if let Some(index) = read(home)? {
        let all = lines(&index).count();
        let kept: Vec<_> = lines(&index)
            .filter(|line| id_of(line).is_some_and(|id| !ids.contains(&id)))
            .map(StoredRow::Filed)
            .collect();
        if kept.len() < all {
            write(home, &kept).map_err(failed)?;
        }
    }
    let ended = home.ended()?;
    for marker in ended.names().unwrap_or_default() {
        if read_marker(&marker).is_some_and(|(id, _)| ids.contains(&id)) {
            let _ = ended.remove(&marker);
        }
    }
    drop(held);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Registry, StoredRow, forget, read, write};
    use crate::store::layout::Home;
    use crate::store::markers;
    use crate::store::registry_file::{encode, is_whole};
    use crate::sys::dir::OpenMode;
    use crate::task::id::TaskId;
    use crate::task::status::Status;
    use crate::task::summary::Summary;
    use proptest::prelude::*;

    fn row(id: u32, command: String, ended: Option<String>) -> Summary<'static> {
        Summary {
            id: TaskId(id),
            command: command.into(),
            status: if ended.is_some() { Status::Succeeded } else { Status::Lost },
            exit_code: Some(0),
            ended: ended.map(Into::into),
            log: Some("/x".into()),
            ..Summary::blank()
        }
    }

    fn file(rows: &[Summary<'static>]) -> Vec<u8> {
        encode(&rows.iter().map(StoredRow::Fresh).collect::<Vec<_>>())
    }

    #[test]
    fn recent_rows_are_found_by_their_end_whatever_their_texts_say() {
        let trap = r#"echo '"ended":"9999' }] ["#.to_owned();
        let rows = [
            row(1, trap.clone(), Some("2026-01-02T00:00:00.000Z".into())),
            row(2, trap, Some("2026-03-02T00:00:00.000Z".into())),
            row(3, "lost long ago".into(), None),
        ];
        let registry = Registry { index: file(&rows), ..Registry::default() };
        let (recent, left_out) = registry.recent("2026-02-01T00:00:00.000Z", 9);
        assert_eq!((recent.iter().map(|r| r.id.0).collect::<Vec<_>>(), left_out), (vec![2], 2));
    }

    #[test]
    fn the_living_stay_and_the_newest_of_the_others() {
        let end = || Some("2026-01-02T00:00:00.000Z".to_owned());
        let rows: Vec<_> = (2..40).map(|id| row(id, "x".into(), end())).collect();
        let mut registry = Registry { index: file(&rows), ..Registry::default() };
        registry.fresh.insert(TaskId(1), Box::new(Summary { status: Status::Running, ..row(1, "x".into(), None) }));
        let (recent, left_out) = registry.recent("2026", 20);
        let ids: Vec<u32> = recent.iter().map(|r| r.id.0).collect();
        assert_eq!((ids[0], ids[1], ids.len(), left_out), (1, 20, 21, 18));
    }

    #[test]
    fn rows_are_found_by_name_and_id_before_they_are_parsed() {
        let named =
            |id, name: &str| Summary { name: name.to_owned().into(), ..row(id, r#""name":"web""#.into(), None) };
        let mut registry = Registry { index: file(&[named(1, "web"), named(2, "db")]), ..Registry::default() };
        registry.fresh.insert(TaskId(3), Box::new(named(3, "wéb")));
        registry.fresh.insert(TaskId(4), Box::new(named(4, "api")));
        let rows = registry.rows_where(|id, name| name.starts_with('w') || id == TaskId(4));
        assert_eq!(rows.iter().map(|row| row.id.0).collect::<Vec<_>>(), [1, 3, 4]);
    }

    #[test]
    fn what_somebody_else_has_written_meanwhile_stays() {
        let dir = tempfile::tempdir().expect("a directory");
        let home = Home::at(dir.path()).expect("a home");
        let rows: Vec<_> = (1..4).map(|id| row(id, "x".into(), Some("2026".into()))).collect();
        write(&home, &rows.iter().map(StoredRow::Fresh).collect::<Vec<_>>()).expect("written");
        let mut late = Registry { index: read(&home).expect("read").expect("whole"), ..Registry::default() };
        late.fresh.insert(TaskId(4), Box::new(row(4, "x".into(), Some("2026".into()))));
        forget(&home, &[TaskId(2)]).expect("forgotten");
        let ids = || Registry::open(&home).expect("opened").rows().iter().map(|row| row.id.0).collect::<Vec<_>>();
        late.save(&home, &[TaskId(4)].into(), &[]);
        assert_eq!(ids(), [1, 3], "the next reader takes in what is new");
    }

    #[test]
    fn a_task_that_is_removed_meanwhile_gets_no_row() {
        let dir = tempfile::tempdir().expect("a directory");
        let home = Home::at(dir.path()).expect("a home");
        let ended = || markers::ended(&home).expect("listed");
        write(&home, &[]).expect("written");
        drop(home.ended().expect("a directory").file("task-002.1", OpenMode::Make).expect("marked"));
        let mut registry = Registry { index: read(&home).expect("read").expect("whole"), ..Registry::default() };
        registry.fresh.insert(TaskId(2), Box::new(row(2, "x".into(), Some("2026".into()))));
        forget(&home, &[TaskId(9)]).expect("nothing to forget");
        registry.save(&home, &[TaskId(2)].into(), &ended());
        assert_eq!((Registry::open(&home).expect("opened").rows(), ended()), (vec![], vec![]));
    }

    #[test]
    fn a_marker_stays_as_long_as_there_is_no_row_in_its_place() {
        let dir = tempfile::tempdir().expect("a directory");
        let home = Home::at(dir.path()).expect("a home");
        for id in 1..4 {
            home.tasks.make(&TaskId(id).to_string()).expect("a task");
            markers::mark_over(&home, TaskId(id), 1).expect("marked, though it was not among the living");
        }
        write(&home, &[]).expect("written");
        let mut registry = Registry { index: read(&home).expect("read").expect("whole"), ..Registry::default() };
        registry.fresh.insert(TaskId(1), Box::new(row(1, "over".into(), Some("2026".into()))));
        registry.fresh.insert(TaskId(2), Box::new(Summary { status: Status::Running, ..row(2, "again".into(), None) }));
        let all = [TaskId(1), TaskId(2), TaskId(3)].into();
        registry.save(&home, &all, &markers::ended(&home).expect("listed"));
        let mut left = markers::ended(&home).expect("listed");
        left.sort();
        assert_eq!(left, ["task-002.1", "task-003.1"], "one is run again, the other cannot be read");
        let written = read(&home).expect("read").expect("whole");
        assert_eq!(Registry { index: written, ..Registry::default() }.rows().len(), 1);
    }

    #[test]
    fn what_is_being_removed_is_in_no_list() {
        let dir = tempfile::tempdir().expect("a directory");
        let home = Home::at(dir.path()).expect("a home");
        let rows: Vec<_> = (1..4).map(|id| row(id, "x".into(), Some("2026".into()))).collect();
        write(&home, &rows.iter().map(StoredRow::Fresh).collect::<Vec<_>>()).expect("written");
        home.gone().expect("a directory").make("task-002").expect("moved");
        let registry = Registry::open(&home).expect("opened");
        let sketched: Vec<_> = registry.sketches().iter().map(|sketch| sketch.id.0).collect();
        assert_eq!((registry.rows().len(), sketched), (2, vec![1, 3]));
    }

    proptest! {
        #[test]
        fn rows_come_back_from_the_file(commands in proptest::collection::vec("\\PC{0,20}", 0..5)) {
            let rows: Vec<_> = commands.into_iter().zip(1..).map(|(c, id)| row(id, c, Some("2026".into()))).collect();
            let registry = Registry { index: file(&rows), ..Registry::default() };
            prop_assert!(is_whole(&registry.index));
            prop_assert_eq!(registry.rows(), rows);
            let mut json = Vec::new();
            registry.write_json(&mut json).expect("written");
            prop_assert!(serde_json::from_slice::<Vec<Summary<'_>>>(&json).is_ok());
        }

        #[test]
        fn a_damaged_file_is_never_taken_for_whole(at in 0usize..400, bit in 0u8..8, cut: bool) {
            let mut bytes = file(&[row(1, "make".into(), Some("2026".into())), row(2, "true".into(), None)]);
            let at = at % bytes.len();
            if cut { bytes.truncate(at) } else { bytes[at] ^= 1 << bit }
            prop_assert!(!is_whole(&bytes));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let registry = Registry { index: bytes, ..Registry::default() };
            let _ = (is_whole(&registry.index), registry.rows());
        }
    }
}

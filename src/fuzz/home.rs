//! The home's files: a home with tasks that live and that are over, damaged anywhere, read by all
//! that reads it.

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::damage::{any_damage, damage};
use crate::store::disk_usage::DiskUsage;
use crate::store::end_record::{EndRecord, Record};
use crate::store::gc::{self, WHOLE};
use crate::store::group_queue::GroupQueue;
use crate::store::journal_file::JournalHistory;
use crate::store::layout::Home;
use crate::store::read_positions::ReadPositions;
use crate::store::registry::Registry;
use crate::store::registry_file;
use crate::store::snapshot::{RunFacts, TaskSnapshot, last_run, next_run};
use crate::store::task_dir::TaskDir;
use crate::store::{counter, dependencies, markers, removal, requests};
use crate::task::end::End;
use crate::task::group::Group;
use crate::task::id::TaskId;
use crate::task::request::RequestAnswer;
use crate::task::retention::Keep;
use crate::units::span::Span;

const SPEC: &str = r#"{"version":3,"id":"task-ID","name":"web","command":{"shell":{"shell":"/bin/sh","line":"echo hi; exit 3"}},"cwd":"/","created":"2026-11-28T01:27:05.551Z","terminal":{"pty":{"rows":24,"cols":80}},"time_limits":{"grace":10000,"stop_signal":15},"survivors":"swept","nonce":"57e-18","umask":18,"rlimits":{"core":[0,18446744073709551615]},"env":[["PATH","/bin"],["API_TOKEN","abcdefgh1234"]]}"#;
const ADOPTED: &str = r#"{"version":3,"id":"task-ID","name":"job","command":{"argv":["sleep","9"]},"adopted":{"processes":[{"pid":999999998,"start":1}]},"cwd":"/","created":"2026-11-28T01:27:05.551Z","terminal":"kept","time_limits":{"grace":10000,"stop_signal":15},"survivors":"kept","nonce":"57e-19","umask":18,"env":[]}"#;
const STATUS: &str = r#"{"version":1,"id":"task-ID","run":RUN,"phase":"running","supervisor":{"pid":999999999,"start":1},"leader":{"pid":999999999,"start":2},"place":{"boot":"6ce43168","machine":"3d1219","pid_namespace":4026531836},"directory":{"device":1,"inode":2},"started":"2026-11-28T01:27:05.562Z","log_start":0}"#;
const END: &str = r#"{"run":1,"outcome":{"exited":3},"cause":"itself","ended":"2026-11-28T01:27:05.568Z","wall":6,"user_time":1,"system_time":0,"peak_memory":10711040}"#;
const JOURNAL: &str = r#"{"version":1,"at":"2026-11-28T01:27:05.562Z","run":1,"event":"born","pid":1409,"log_start":0}
{"version":1,"at":"2026-11-28T01:27:05.566Z","run":1,"event":"launched"}
{"version":1,"at":"2026-11-28T01:27:05.568Z","run":1,"event":"leader-ended","outcome":{"exited":3}}
{"version":1,"at":"2026-11-28T01:27:05.568Z","run":1,"event":"over","outcome":{"exited":3},"wall":6}
"#;
const REQUEST: &str = r#"{"version":1,"ask":{"stop":{"signal":15,"grace":10000}},"by":{"with":"aos stop","pid":7}}"#;
const CONFIG: &str = "[logs]\nsegment = \"1MiB\"\nkeep_days = 9\n\n[groups.build]\nslots = 2\n";

/// Lays a home out: 1 is over, 2 and 3 ran on another machine, of 4 there is only
/// the directory.
fn lay_out(root: &Path) -> Result<Home, Box<dyn std::error::Error>> {
    let home = Home::at(root)?;
    for (id, spec) in [(1, SPEC), (2, SPEC), (3, ADOPTED)] {
        let dir = home.task_path(TaskId(id));
        fs::create_dir_all(dir.join("requests"))?;
        let of = |text: &str| text.replace("ID", &format!("{id:03}")).replace("RUN", &id.to_string());
        fs::write(dir.join("spec.json"), of(spec))?;
        fs::write(dir.join("lock"), "")?;
        fs::write(dir.join("journal.jsonl"), JOURNAL)?;
        fs::write(dir.join("requests/1.request"), REQUEST)?;
        let record = EndRecord::prepare(&TaskDir::open(&home, TaskId(id))?)?;
        match id {
            1 => {
                let end: End = serde_json::from_str(END)?;
                record.write(&end)?;
                fs::write(dir.join("status.json"), of(STATUS).replace("}}", &format!("}},\"end\":{END}}}")))?;
                markers::mark_living(&home, TaskId(id), 7)?;
                markers::mark_over(&home, TaskId(id), 1)?;
                markers::mark_failed(&home, TaskId(id))?;
            }
            _ => {
                fs::write(dir.join("status.json"), of(STATUS))?;
                markers::mark_living(&home, TaskId(id), 999_999_999)?;
            }
        }
    }
    home.task_logs()?;
    fs::write(root.join("logs/tasks/task-001-web.log"), "one\ntwo\n")?;
    fs::write(root.join("config.toml"), CONFIG)?;
    counter::new_task(&home)?;
    let _ = (Registry::open(&home)?, home.line(&"build".parse::<Group>()?)?);
    let mut seen = ReadPositions::by(&home, "a reader")?;
    seen.read(TaskId(1), 4);
    seen.keep(&home)?;
    fs::write(
        root.join("tasks/.queue/build/slot.0"),
        r#"{"version":1,"task":"task-002","supervisor":{"pid":1,"start":2}}"#,
    )?;
    fs::write(root.join("tasks/.queue/build/050-0000000000001-task-003"), r#"{"version":1,"pid":1,"start":2}"#)?;
    Ok(home)
}

/// Reads all there is. Whatever it says is right, as long as it says it.
fn read_all(home: &Home) -> Result<(), TestCaseError> {
    let _ = home.config();
    let registry = Registry::open(home);
    for registry in [registry, Registry::of_living(home)].into_iter().flatten() {
        let _ = (registry.rows().len(), registry.recent("2026", 3));
        registry.sketches().iter().for_each(|sketch| drop((sketch.cwd(), sketch.summary())));
        let mut json = Vec::new();
        registry.write_json(&mut json).map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert!(serde_json::from_slice::<serde_json::Value>(&json).is_ok());
    }
    let _ = (
        markers::living(home),
        markers::ended(home),
        markers::failed(home),
        markers::states(home),
        markers::removed(home),
    );
    let _ = (
        registry_file::highest_id(home),
        counter::next(home),
        dependencies::awaited(home),
        DiskUsage::take(home).map(|stock| stock.size()),
    );
    let _ = ReadPositions::by(home, "a reader").map(|seen| seen.position(TaskId(1)));
    for group in home.lines() {
        let _ = GroupQueue::open(home, &group).map(|line| line.view(TaskId(3)));
    }
    for id in [1, 2, 3].map(TaskId) {
        let _ = (markers::state(home, id), markers::supervisor(home, id));
        let Ok(task) = TaskDir::open(home, id) else { continue };
        let _ = RunFacts::of(&task, None).map(|bearing| bearing.status());
        let _ = (last_run(&task), next_run(&task), Record::of(&task), JournalHistory::of(&task).lack);
        if let Ok(reading) = TaskSnapshot::of(home, &task) {
            let _ = (
                reading.status().to_string(),
                serde_json::to_string(&reading.summary(home)),
                dependencies::words(home, &reading),
            );
        }
    }
    Ok(())
}

/// Does what a verb does that changes something.
fn change_all(home: &Home) {
    for id in [1, 2, 3].map(TaskId) {
        if let Ok(task) = TaskDir::open(home, id) {
            for (name, _) in requests::take_all(&task) {
                requests::answer(&task, &name, &RequestAnswer::new(None, None));
            }
        }
    }
    let _ = counter::new_task(home);
    let _ = gc::keep_tasks(home, Keep { age: Span(1), tasks: 1 }, WHOLE);
    let _ = gc::keep_logs(home, 1, WHOLE);
    let _ =
        (markers::saw(home, &[TaskId(1)]), removal::remove(home, &[TaskId(1), TaskId(2)], &removal::EndTimes::new()));
}

#[test]
fn what_is_laid_out_is_a_home() {
    let dir = tempfile::tempdir().expect("a directory");
    let home = lay_out(dir.path()).expect("a home");
    let rows: Vec<String> =
        Registry::open(&home).expect("a registry").rows().iter().map(|row| row.status.to_string()).collect();
    // The fourth has its directory and nothing else.
    assert_eq!(rows.len(), 4, "{rows:?}");
    for id in [1, 2, 3].map(TaskId) {
        let task = TaskDir::open(&home, id).expect("a task");
        let reading = TaskSnapshot::of(&home, &task).expect("read");
        assert_eq!((reading.trouble, JournalHistory::of(&task).entries.len()), (None, 4));
        assert_eq!(requests::take_all(&task).len(), 1);
    }
    let view = GroupQueue::open(&home, &"build".parse().expect("a group")).expect("a line").view(TaskId(3));
    assert_eq!(view.position, Some(1), "{view:?}");
    assert_eq!(
        (ReadPositions::by(&home, "a reader").expect("read").position(TaskId(1)), home.config().is_ok()),
        (4, true)
    );
}

#[test]
fn fuzz_home() {
    let damages = vec((any::<u16>(), any_damage()), 1..5);
    super::run("home", damages, |damages| {
        let dir = tempfile::tempdir().expect("a directory");
        lay_out(dir.path()).expect("a home");
        damages.iter().for_each(|(which, what)| damage(dir.path(), *which, what));
        if let Ok(home) = Home::at(dir.path()) {
            read_all(&home)?;
            change_all(&home);
            read_all(&home)?;
        }
        Ok(())
    });
}

//! What docs/json.md says of ends and events that no test brings about: a full disk, a kernel
//! without memory, a process that cannot be killed. The others are compared with what the verbs
//! print (`tests/cli/json_page.rs`).

use serde_json::Value;

use crate::actions::json::VERSION as JSON_VERSION;
use crate::task::end::{Cause, End, Outcome};
use crate::task::enforcement::GroupCounts;
use crate::task::journal::{Budget, JournalEntry, JournalEvent, VERSION};
use crate::task::outlived::Outliving;
use crate::task::survivor::Survivor;
use crate::units::signal::Signal;
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

const PAGE: &str = include_str!("../../docs/json.md");

/// Every path in a value, as the page writes them.
fn fields(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            object.iter().for_each(|(name, value)| fields(value, &format!("{path}.{name}"), found))
        }
        Value::Array(elements) => elements.iter().for_each(|element| fields(element, &format!("{path}[]"), found)),
        _ => found.push(path.to_owned()),
    }
}

fn is_named(section: &str, field: &str) -> bool {
    let rest = PAGE.split_once(&format!("\n## {section}\n")).map_or("", |(_, rest)| rest);
    let section = rest.split("\n## ").next().unwrap_or_default();
    section.contains(&format!("\n| `{field}` | "))
}

fn assert_named(section: &str, path: &str, value: &Value) {
    let mut found = Vec::new();
    fields(value, path, &mut found);
    let unnamed: Vec<&String> = found.iter().filter(|field| !is_named(section, field)).collect();
    assert!(!found.is_empty() && unnamed.is_empty(), "not in the section {section}: {unnamed:?}");
}

#[test]
fn an_end_in_which_all_went_wrong_is_on_the_page() {
    let left = || vec![Survivor { pid: 7, name: "sudo".into() }];
    let end = End {
        run: 1,
        outcome: Outcome::Killed { signal: Signal::KILL, core: false },
        cause: Cause::OutOfMemory("the kernel's counter".into()),
        ended: WallTime(0),
        wall: Span(1),
        usage: None,
        left: left(),
        outlived: Outliving::of(left()),
        lost_output: 1,
        counts: Some(Box::new(GroupCounts {
            peak_memory: Some(1),
            killed_for_memory: 1,
            pids_refused: 1,
            throttled_ms: Some(Span(1)),
        })),
        ran_into: vec!["1 process was killed".into()],
        gave_up: None,
        unneeded: true,
    };
    let end = serde_json::to_value(end).expect("JSON");
    for rare in ["lost_output", "left", "unneeded"] {
        assert!(!end[rare].is_null(), "{rare}: {end}");
    }
    assert!(end["cause"]["out-of-memory"].is_string(), "{end}");
    assert_named("aos show", "end", &end);
    assert_named("aos stop", "[].left", &end["left"]);
}

#[test]
fn events_that_are_rare_are_on_the_page() {
    let why = || "why".to_owned();
    let events = [
        JournalEvent::Unstoppable { why: why() },
        JournalEvent::OutputLost { bytes: 1, why: why() },
        JournalEvent::LogRemoved,
        JournalEvent::LogCut,
        JournalEvent::LogDropped { bytes: 1, budget: Budget::Total },
        JournalEvent::SupervisorGone { signal: None, swept: 1 },
        JournalEvent::Problem { what: why() },
        JournalEvent::Continued,
        JournalEvent::OverLimit { how: why() },
    ];
    for event in events {
        let entry =
            serde_json::to_value(JournalEntry { version: VERSION, at: WallTime(0), run: 1, event }).expect("JSON");
        let mut shown = entry.clone();
        shown.as_object_mut().map(|fields| fields.remove("version"));
        assert_named("aos why", "events[]", &shown);
        let word = entry["event"].as_str().expect("a word");
        assert!(PAGE.contains(&format!("`{word}`")), "{word}");
    }
}

#[test]
fn the_version_is_told() {
    assert!(super::LONG_VERSION.ends_with(&format!("JSON output: version {JSON_VERSION}")));
    assert!(PAGE.contains(&format!("All of it has one version, which is {JSON_VERSION} now.")));
}

//! What is typed: how tasks are pointed at, and every other word that is parsed.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::config::Config;
use crate::logs::text::level::Level;
use crate::screen::keys::KeySequence;
use crate::task::condition::Condition;
use crate::task::group::Group;
use crate::task::http_url::HttpUrl;
use crate::task::id::TaskId;
use crate::task::name::Name;
use crate::task::pattern::Pattern;
use crate::task::probe::Probe;
use crate::task::queue_order::QueuePosition;
use crate::task::selectable::Selectable;
use crate::task::selector::Selector;
use crate::task::session::Session;
use crate::task::status::Status;
use crate::task::task_filter::TaskFilter;
use crate::task::{restart_policy, start_condition};
use crate::units::signal::Signal;
use crate::units::size::Bytes;
use crate::units::span::Span;
use crate::units::time_spec::TimeSpec;
use crate::units::wall_time::WallTime;

const STATUSES: [Status; 4] = [Status::Running, Status::Succeeded, Status::Failed, Status::Lost];
const PARTS: [&str; 58] = [
    "@",
    "@last",
    "@running",
    "@failed",
    "@done",
    "@here",
    "@all",
    "%",
    "task-",
    "task-001",
    "-",
    ",",
    "#",
    "*",
    "?",
    "[",
    "]",
    "0",
    "1",
    "7",
    "007",
    "4294967295",
    "4294967296",
    "18446744073709551616",
    "99999999999999999999",
    "web",
    "wbe",
    "api",
    "é",
    "日",
    "\u{202e}",
    "\u{301}",
    "\0",
    "\n",
    "\u{1b}[2J",
    " ",
    ":",
    "/",
    ".",
    "log:",
    "port:",
    "http://",
    "[::1]",
    "localhost",
    "idle:",
    "ready",
    "s",
    "m",
    "h",
    "d",
    "KiB",
    "GiB",
    "ago",
    "yesterday",
    "C-",
    "M-",
    "TERM",
    "slots = 9\n[queue.x]\n",
];

fn any_words() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => vec(proptest::sample::select(&PARTS[..]), 0..6).prop_map(|parts| parts.concat()),
        2 => "\\PC{0,16}",
        1 => any::<String>(),
        1 => (proptest::sample::select(&PARTS[..]), 0usize..300).prop_map(|(part, count)| part.repeat(count)),
    ]
}

fn any_task() -> impl Strategy<Value = (u32, String, Status, bool, bool)> {
    let id = prop_oneof![4 => 1u32..40, 1 => any::<u32>()];
    let name = prop_oneof![2 => "web|api|db|wbe", 1 => "\\PC{0,12}", 1 => "[a-z]{0,40}"];
    (id, name, proptest::sample::select(&STATUSES[..]), any::<bool>(), any::<bool>())
}

/// Text that is parsed means the same when it is printed and parsed again.
fn comes_back<T: FromStr + Display + PartialEq + Debug>(text: &str) -> Result<(), TestCaseError> {
    if let Ok(parsed) = text.parse::<T>() {
        let shown = parsed.to_string();
        prop_assert_eq!(shown.parse::<T>().ok(), Some(parsed), "{:?} is shown as {:?}", text, shown);
    }
    Ok(())
}

#[test]
fn fuzz_selectors() {
    super::run("selectors", (any_words(), vec(any_task(), 0..12)), |(text, tasks)| {
        let candidates: Vec<Selectable<'_>> = tasks
            .iter()
            .map(|(id, name, status, is_over, is_here)| Selectable {
                id: TaskId(*id),
                name,
                status: *status,
                is_over: *is_over,
                is_failure: status.is_failure(),
                is_here: *is_here,
            })
            .collect();
        if let Ok(selector) = text.parse::<Selector>() {
            let chosen = selector.choose(&candidates);
            prop_assert!(chosen.iter().flatten().all(|id| candidates.iter().any(|task| task.id == *id)));
            prop_assert_eq!(selector.is_found(&candidates), chosen.is_ok_and(|ids| !ids.is_empty()));
            selector.is_meant(&candidates);
            for task in &candidates {
                let _ = selector.could_be(task.id, task.name);
            }
            let _ = (selector.plain_ids(), selector.asks_where(), selector.is_search());
        }
        comes_back::<TaskId>(&text)?;
        comes_back::<Name>(&text)?;
        comes_back::<Group>(&text)?;
        comes_back::<Signal>(&text)?;
        comes_back::<Status>(&text)?;
        comes_back::<Level>(&text)?;
        comes_back::<QueuePosition>(&text)?;
        let now = WallTime(1_790_000_000_000);
        let _ = text.parse::<TimeSpec>().map(|when| when.stamp(now).local_near(now));
        let _ = text.parse::<Condition>().map(|condition| condition.event());
        let _ = text.parse::<Pattern>().map(|pattern| pattern.regex().is_match(text.as_bytes()));
        let _ = text.parse::<Probe>().map(|probe| probe.sought());
        let _ = text.parse::<HttpUrl>().map(|url| url.authority());
        let _ = text.parse::<KeySequence>().map(|key| key.forms());
        let _ = text
            .parse::<WallTime>()
            .map(|stamp| (stamp.local(), stamp.local_near(now), stamp.since(now), now.since(stamp)));
        let _ = text.parse::<Span>().map(|span| (span.to_string(), now.after(span).local()));
        let _ = text.parse::<Bytes>();
        let _ = (text.parse::<TaskFilter>().is_ok(), text.parse::<Session>().is_ok());
        let _ =
            (text.parse::<restart_policy::RestartOn>().is_ok(), text.parse::<start_condition::DependencyOn>().is_ok());
        let _ = Config::parse(&text);
        Ok(())
    });
}

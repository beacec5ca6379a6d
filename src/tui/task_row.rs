//! A task as the live view shows it.

use crate::actions::describe_end;
use crate::ansi::{self, printable};
use crate::client::task_watch::WatchedTask;
use crate::store::layout::Home;
use crate::store::snapshot::TaskSnapshot;
use crate::task::end::Usage;
use crate::tui::outlooks::Outlook;
use crate::tui::task_load::LoadWatch;
use crate::tui::view::model::{LogFindings, TaskView};
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

/// What is known of a task.
pub fn of(home: &Home, watched: &WatchedTask, load: Option<&LoadWatch>, outlook: Outlook) -> TaskView {
    let reading = &watched.reading;
    let started = reading.state.as_ref().map_or(reading.spec.created, |state| state.started);
    TaskView {
        id: watched.task.id,
        name: printable(&reading.spec.name.to_string()),
        command: ansi::command(&reading.spec.command.to_string()),
        status: reading.status(),
        standing: standing(home, watched),
        run: watched.run,
        started,
        ended: reading.end().map(|end| end.ended),
        load: load.and_then(|watch| watch.load.clone()),
        remarks: remarks(watched).into_iter().chain(tests_and_limits(reading)).collect(),
        found: found(reading),
        section: section(reading),
        cwd: reading.spec.cwd.to_string(),
        failed_tests: reading.found.as_ref().and_then(|found| found.tests).map_or(0, |tests| tests.failed),
        reached: reached(watched),
        history: load.map(|watch| watch.history.clone()).unwrap_or_default(),
        progress: outlook.progress,
        unusual: outlook.remarks,
    }
}

/// What it stands under in a list: its group, or its directory.
fn section(reading: &TaskSnapshot) -> String {
    match &reading.spec.begins.group {
        Some(group) => format!("group {}", group.as_str()),
        None => reading.spec.cwd.to_string(),
    }
}

/// Where a living task is reached, or that it is not ready yet.
fn reached(watched: &WatchedTask) -> Option<String> {
    let ready = watched.reading.state.as_ref().and_then(|state| state.ready.as_ref());
    match (watched.is_living(), ready, &watched.reading.spec.ready) {
        (false, _, _) | (true, None, None) => None,
        (true, Some(ready), _) => ready.sight.url.as_deref().map(printable).or_else(|| Some("ready".into())),
        (true, None, Some(_)) => Some("not ready".into()),
    }
}

/// What was found in its output, by the one rule of what a finding is.
fn found(reading: &TaskSnapshot) -> LogFindings {
    let Some(found) = &reading.found else { return LogFindings::default() };
    let first = found.first.as_ref().map(|first| printable(&first.words()));
    LogFindings { errors: found.counts.errors, warnings: found.counts.warnings, first }
}

/// How it stands, in a few words that are safe to show.
pub fn standing(home: &Home, watched: &WatchedTask) -> String {
    let told = printable(&describe_end::tell(home, &watched.reading));
    if watched.is_removed { format!("{told}, removed") } else { told }
}

/// What else there is to say: of a living task that it waits, of one that is over what it had used.
fn remarks(watched: &WatchedTask) -> Vec<String> {
    let reading = &watched.reading;
    match (reading.end(), &reading.state) {
        (Some(end), _) => end.usage.map(|used| used_in_all(&used)).unwrap_or_default(),
        (None, Some(state)) if watched.is_living() => {
            let since = |asked| format!("waits for input since {}", WallTime::now().since(asked));
            let health = state
                .health
                .as_ref()
                .map(|health| printable(&health.words(reading.spec.health.as_ref(), WallTime::now())));
            readiness(reading).into_iter().chain(health).chain(state.waiting_since.map(since)).collect()
        }
        (None, _) => Vec::new(),
    }
}

/// What became of its tests, and what it may use at most.
fn tests_and_limits(reading: &TaskSnapshot) -> Vec<String> {
    let tests = reading.found.as_ref().and_then(|found| found.tests);
    let tests = tests.map(|tests| format!("tests: {}", tests.words()));
    let limits: Vec<String> =
        reading.limits().iter().map(|report| format!("{} {}", report.limit.name(), report.asked)).collect();
    let limits = (!limits.is_empty()).then(|| format!("at most {}", limits.join(", ")));
    tests.into_iter().chain(limits).collect()
}

/// Whether it has shown what it was begun to show, and where it is reached.
fn readiness(reading: &TaskSnapshot) -> Option<String> {
    let ready = reading.state.as_ref().and_then(|state| state.ready.as_ref());
    match (&reading.spec.ready, ready) {
        (_, Some(ready)) => {
            let url = ready.sight.url.as_ref().map(|url| format!(": {}", printable(url)));
            Some(format!("ready after {}{}", ready.after, url.unwrap_or_default()))
        }
        (Some(_), None) => Some("not ready yet".into()),
        (None, None) => None,
    }
}

fn used_in_all(used: &Usage) -> Vec<String> {
    let time = Span(used.user_time.0 + used.system_time.0);
    vec![format!("cpu time {time}"), format!("peak {}", used.peak())]
}

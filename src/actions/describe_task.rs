//! All that is known of a task, in rows.

use crate::actions::{describe_end, describe_wait, living, remarks};
use crate::ansi;
use crate::logs::store::segments::Segments;
use crate::store::journal_file;
use crate::store::layout::Home;
use crate::store::snapshot::TaskSnapshot;
use crate::store::task_dir::TaskDir;
use crate::task::end::Outcome;
use crate::task::enforcement::LimitReport;
use crate::task::journal::JournalEvent;
use crate::task::phase::Phase;
use crate::task::run_findings::{BuildOutcome, RunFindings};
use crate::task::spec::{Spec, Terminal};
use crate::task::survivor::names;
use crate::ui::plot;
use crate::units::size;
use crate::units::wall_time::WallTime;
use crate::wire::Reply;

/// No more of its hooks are told of.
const MOST_HOOKS: usize = 3;

/// What is known, each with what it is called. Not yet safe to print.
pub fn lines(home: &Home, reading: &TaskSnapshot, live: Option<&Reply>) -> Vec<(&'static str, String)> {
    let (spec, state) = (&reading.spec, reading.state.as_ref());
    let mut lines = vec![
        ("task", format!("{} ({})", spec.id, spec.name)),
        ("command", ansi::command(&spec.command.to_string())),
        ("directory", spec.cwd.to_string()),
        ("status", describe_end::tell(home, reading)),
    ];
    if let Some(state) = state {
        lines.push(("run", state.run.to_string()));
        let has_begun = state.phase != Phase::Queued && reading.end().is_none_or(|end| end.outcome != Outcome::Unbegun);
        let began = match (has_begun, &spec.adopted) {
            (false, _) => "queued",
            (true, Some(_)) => "adopted",
            (true, None) => "started",
        };
        lines.push((began, format!("{} ({} ago)", state.started.local(), WallTime::now().since(state.started))));
        lines.extend(state.waiting_since.map(|since| ("input", format!("waits for it since {}", since.local()))));
        let leader = state.leader.map_or_else(|| "none".to_owned(), |a| a.pid.to_string());
        lines.push(("pid", format!("{leader} (supervisor {})", state.supervisor.pid)));
    }
    if reading.lack.is_none() {
        lines.push(("terminal", terminal(spec)));
    }
    let mut row = reading.summary(home);
    let now = WallTime::now();
    living::add(home, reading, &mut row, now);
    remarks::add(home, &mut [&mut row], now);
    lines.extend(row.progress.map(|progress| ("progress", format!("{} {progress}", plot::progress(&progress)))));
    lines.extend(row.remarks.iter().map(|remark| ("unusual", remark.to_string())));
    lines.extend(reading.found.iter().flat_map(found));
    lines.extend(spec.sandbox.as_ref().map(|sandbox| ("sandbox", sandbox.to_string())));
    lines.extend(readiness(reading));
    lines.extend(health(reading));
    let limits = &spec.time_limits;
    lines.extend(limits.timeout.map(|span| ("timeout", span.to_string())));
    lines.extend(limits.idle_timeout.map(|span| ("idle limit", span.to_string())));
    lines.extend(resources(reading));
    lines.extend(spec.restart.map(|restart| ("restart", restart.to_string())));
    if !spec.watch.is_empty() {
        lines.push(("watches", spec.watch.iter().map(|glob| glob.to_string()).collect::<Vec<_>>().join(" ")));
    }
    lines.extend(spec.notify.map(|when| ("tells you", when.to_string())));
    if let Some(Reply::Info { processes, .. }) = live {
        lines.push(("processes", names(processes)));
    }
    if let Some(end) = reading.end() {
        lines.push(("ended", end.ended.local()));
        if let Some(used) = &end.usage {
            lines.push(("cpu", describe_end::processor_time(used.user_time, used.system_time)));
            // What all had together says more, and counts less for each.
            if end.counts.as_deref().is_none_or(|counts| counts.peak_memory.is_none()) {
                lines.push(("peak", format!("{} (largest process)", used.peak())));
            }
            if let (Some(read), Some(written)) = (used.read_bytes, used.written_bytes) {
                let (read, written) = (size::of_bytes(read), size::of_bytes(written));
                lines.push(("disk", format!("{read} read, {written} written")));
            }
        }
    }
    lines.extend(hooks(home, reading).into_iter().map(|told| ("hook", told)));
    lines.push(("log", log(home, spec)));
    // Of what there is nothing to say there is no row.
    lines.retain(|(_, value)| !value.is_empty());
    lines
}

/// What it may use at most and what enforces that, a row each.
fn resources(reading: &TaskSnapshot) -> Vec<(&'static str, String)> {
    let told = |LimitReport { limit, asked, enforced, why }| {
        let by = enforced.map_or_else(String::new, |by| format!(" ({})", by.words()));
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        (limit.name(), format!("at most {asked}{by}{why}"))
    };
    let mut lines: Vec<_> = reading.limits().into_iter().map(told).collect();
    let counts = reading.end().and_then(|end| end.counts.as_deref());
    let peak = counts.and_then(|counts| counts.peak_memory);
    lines.extend(peak.map(|peak| ("in all", format!("{} of memory at most at a time", size::rounded(peak)))));
    let waited = counts.and_then(|counts| counts.throttled_ms).filter(|span| span.0 > 0);
    lines.extend(waited.map(|span| ("throttled", format!("waited {span} for the processor"))));
    lines
}

/// What became of its last hooks.
fn hooks(home: &Home, reading: &TaskSnapshot) -> Vec<String> {
    let Ok(task) = TaskDir::open(home, reading.spec.id) else { return Vec::new() };
    let entries = journal_file::read(&task).into_iter().map(|entry| entry.event);
    let mut told: Vec<String> = entries
        .filter_map(|event| match event {
            JournalEvent::HookRan { hook, command, ended, said } => {
                let said = said.map_or_else(String::new, |said| format!("; it says: {said}"));
                Some(format!("of {hook}: {}: {ended}{said}", ansi::command(&command)))
            }
            _ => None,
        })
        .collect();
    told.drain(..told.len().saturating_sub(MOST_HOOKS));
    told
}

fn terminal(spec: &Spec) -> String {
    match spec.terminal {
        Terminal::Pty(size) => format!("{} x {}", size.cols, size.rows),
        Terminal::Pipes => "none: pipes".to_owned(),
        Terminal::Kept => "its own: tracked only".to_owned(),
    }
}

/// What its output tells of.
fn found(found: &RunFindings) -> Vec<(&'static str, String)> {
    let so_far = if found.is_final { "" } else { " so far" };
    let counts = format!("{}{so_far}", found.counts.words());
    let first = found.first.as_ref().map(|first| ("first", first.words()));
    let build = found.build.map(|build| match build {
        BuildOutcome::Passed => "passed",
        BuildOutcome::Failed => "failed",
    });
    let mut lines = vec![("findings", counts)];
    lines.extend(first);
    if found.counts.unread > 0 {
        let unread = size::of_bytes(found.counts.unread);
        lines.push(("unread", format!("the first {unread} of the output, but for what was told while it ran")));
    }
    lines.extend(found.tests.map(|tests| ("tests", tests.words())));
    lines.extend(build.map(|build| ("build", build.to_owned())));
    lines
}

/// What it had to show, whether it has, and where it is reached.
fn readiness(reading: &TaskSnapshot) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    let ready = reading.state.as_ref().and_then(|state| state.ready.as_ref());
    match (&reading.spec.ready, ready) {
        (_, Some(ready)) => {
            lines.push(("ready", format!("after {}: {}", ready.after, ready.sight.how)));
            lines.extend(ready.sight.url.clone().map(|url| ("url", url)));
        }
        (Some(probe), None) if reading.status().is_living() => {
            lines.push(("ready", format!("not yet: it must show {}", probe.sought())));
        }
        (Some(probe), None) => lines.push(("ready", format!("never: it showed no {probe}"))),
        (None, None) => {}
    }
    let ports: Vec<String> = describe_wait::listening(reading).iter().map(u16::to_string).collect();
    if !ports.is_empty() {
        lines.push(("ports", ports.join(", ")));
    }
    lines
}

/// How it is looked whether it is healthy, and what was seen.
fn health(reading: &TaskSnapshot) -> Option<(&'static str, String)> {
    let check = reading.spec.health.as_ref()?;
    let state = reading.state.as_ref().filter(|_| reading.status().is_living());
    let known = state.and_then(|state| state.health.as_ref());
    let seen = known.map_or_else(String::new, |health| format!("{}; ", health.words(Some(check), WallTime::now())));
    Some(("health", format!("{seen}{} every {}", check.probe.sought(), check.every)))
}

fn log(home: &Home, spec: &Spec) -> String {
    if spec.adopted.is_some() {
        return "none: tracked only".to_owned();
    }
    let path = home.log_path(spec.id, &spec.name);
    let size = Segments::open(&path).map_or_else(|_| "missing".to_owned(), |log| extent(&log));
    format!("{} ({size})", path.display())
}

/// How much was printed, what of it is kept, and what that takes.
fn extent(log: &Segments) -> String {
    let mut extent = size::of_bytes(log.end());
    if log.list().len() > 1 {
        extent += &format!(" in {} segments, {} on disk", log.list().len(), size::of_bytes(log.stored()));
    }
    let gone: u64 = log.gaps().iter().map(|gap| gap.to - gap.from).sum();
    if gone > 0 {
        extent += &format!("; {} of it dropped", size::of_bytes(gone));
    }
    extent
}

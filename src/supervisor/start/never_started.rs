//! The end of a run whose command was never executed.

use crate::handshake::send_report;
use crate::logs::store::writer::LogWriter;
use crate::supervisor::run::record::EndRecorder;
use crate::supervisor::start::task_setup::{TaskFiles, TaskSetup};
use crate::supervisor::state::Waiters;
use crate::task::end::{Cause, End, Outcome};
use crate::task::state::State;
use crate::units::span::Span;
use crate::units::wall_time::WallTime;
use crate::wire::Report;

/// The end of such a run.
pub fn end(run: u32, outcome: Outcome, cause: Cause) -> End {
    End::new(run, outcome, cause, WallTime::now(), Span(0))
}

/// Records how it ended, and tells whoever still listens.
pub fn close(setup: TaskSetup, mut files: TaskFiles, mut state: State, waiters: Waiters, end: &End) {
    state.holds.clear();
    let told = setup.told();
    let recorder = EndRecorder {
        task: &setup.task,
        state: &mut state,
        events: &mut files.events,
        record: &files.record,
        told: &told,
    };
    recorder.close(end);
    // After the record: whoever hears of the end finds it on disk. The caller may be gone by now.
    if let (Some(mut report), Some(told)) = (waiters.report, report_of(end)) {
        let _ = send_report(&mut report, &told);
    }
    let log_end = files.log.as_ref().map_or(0, LogWriter::len);
    // Last, as it may wait for seconds for those who do not read.
    files.control.finish(log_end);
}

fn report_of(end: &End) -> Option<Report> {
    match &end.outcome {
        Outcome::Unlaunched { why, code } => Some(Report::Unlaunched { why: why.clone(), code: *code }),
        Outcome::Unbegun | Outcome::Unseen | Outcome::Exited(_) | Outcome::Killed { .. } => {
            end.reason().map(|why| Report::Cancelled { why })
        }
    }
}

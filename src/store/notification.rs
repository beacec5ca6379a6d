//! The one line by which a shell tells that a task is over, as it tells of its own jobs.

use crate::ansi::{self, printable};
use crate::task::end::{Cause, End, Outcome};
use crate::task::id::TaskId;
use crate::task::status::Status;

/// Longer commands are cut. *Units*: characters.
const MOST_COMMAND: usize = 60;

/// How a run ended: `[task-003] failed  npm test  exit 1  12s  (aos logs 3)`. Safe to print as it
/// is.
pub fn of_end(id: TaskId, command: &str, end: &End) -> String {
    let status = Status::of(end);
    let (word, more) = match status {
        Status::Succeeded if !end.outlived.is_empty() => {
            (status.word(), "  (--keep-children leaves such alone)".into())
        }
        Status::Succeeded => (status.word(), String::new()),
        Status::Unknown => (status.word(), format!("  ({})", end.outcome)),
        other if end.unneeded => (other.word(), "  (not needed)".into()),
        other if other.is_failure() => (other.word(), format!("  (aos {} {})", teller(&end.outcome), id.0)),
        other => (other.word(), String::new()),
    };
    let how = match (&end.cause, &end.outcome) {
        (Cause::Itself, outcome) if end.gave_up.is_some() => {
            format!("  {outcome}; {}", end.reason().unwrap_or_default())
        }
        (Cause::Itself, Outcome::Exited(0)) if !end.outlived.is_empty() => {
            format!("  {}", end.reason().unwrap_or_default())
        }
        (Cause::Itself, outcome) if !end.outlived.is_empty() => {
            format!("  {outcome}; {}", end.reason().unwrap_or_default())
        }
        (Cause::Itself, Outcome::Exited(0) | Outcome::Unseen) => String::new(),
        (Cause::Itself, outcome) => format!("  {outcome}"),
        (
            Cause::Asked(_)
            | Cause::Cancelled(_)
            | Cause::TimedOut(_)
            | Cause::Idle(_)
            | Cause::OutOfMemory(_)
            | Cause::Unhealthy(_),
            _,
        ) => format!("  {}", end.reason().unwrap_or_default()),
    };
    let wall = match end.outcome {
        Outcome::Unbegun => String::new(),
        Outcome::Exited(_) | Outcome::Killed { .. } | Outcome::Unlaunched { .. } | Outcome::Unseen => {
            format!("  {}", end.wall)
        }
    };
    format!("[{id}] {word}  {}{}{wall}{more}", short(command), printable(&how))
}

/// How a run ended that is followed by another: `[task-003] failed  npm test  exit 1  12s  (aos
/// logs 3)  restart 1 of 5 after exit 1 at 14:49:43`.
pub fn of_run(id: TaskId, command: &str, end: &End, next: &str) -> String {
    format!("{}  {}", of_end(id, command, end), printable(next))
}

/// The verb that tells more: what was adopted has no log.
fn teller(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Exited(_) | Outcome::Killed { .. } | Outcome::Unlaunched { .. } => "logs",
        Outcome::Unbegun | Outcome::Unseen => "why",
    }
}

/// A run whose supervisor was ended: `[task-003] lost  npm test  its supervisor was ended by KILL
/// (aos why 3)`.
pub fn of_loss(id: TaskId, command: &str, why: &str) -> String {
    format!("[{id}] lost  {}  {}  (aos why {})", short(command), printable(why), id.0)
}

/// On one line, and not too long for it.
fn short(command: &str) -> String {
    let text = ansi::command(command);
    match text.char_indices().nth(MOST_COMMAND) {
        None => text,
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}

#[cfg(test)]
mod tests {
    use super::{of_end, of_loss};
    use crate::task::end::{Cause, End, Outcome};
    use crate::task::id::TaskId;
    use crate::task::request::Asker;
    use crate::units::signal::Signal;
    use crate::units::span::Span;
    use crate::units::wall_time::WallTime;

    fn end(outcome: Outcome, cause: Cause) -> End {
        End::new(1, outcome, cause, WallTime(0), Span(12_000))
    }

    #[test]
    fn it_says_what_the_shell_would() {
        let said = |outcome, cause| of_end(TaskId(3), "npm test", &end(outcome, cause));
        assert_eq!(said(Outcome::Exited(0), Cause::Itself), "[task-003] succeeded  npm test  12s");
        assert_eq!(said(Outcome::Exited(1), Cause::Itself), "[task-003] failed  npm test  exit 1  12s  (aos logs 3)");
        assert_eq!(
            said(Outcome::Killed { signal: Signal::KILL, core: true }, Cause::Itself),
            "[task-003] failed  npm test  killed by SIGKILL (core dumped)  12s  (aos logs 3)"
        );
        assert_eq!(
            said(Outcome::Exited(143), Cause::TimedOut(Span(10_000))),
            "[task-003] timed-out  npm test  ran longer than 10s  12s  (aos logs 3)"
        );
    }

    #[test]
    fn what_never_began_took_no_time() {
        let cancelled = end(Outcome::Unbegun, Cause::Cancelled("task-002 failed (exit 1)".into()));
        let line = "[task-003] cancelled  npm test  task-002 failed (exit 1)  (aos why 3)";
        assert_eq!(of_end(TaskId(3), "npm test", &cancelled), line);
    }

    #[test]
    fn what_was_not_needed_sends_nobody_to_look() {
        let cancelled = end(Outcome::Unbegun, Cause::Cancelled("task-002 succeeded".into()));
        let line = "[task-003] cancelled  npm test  task-002 succeeded  (not needed)";
        assert_eq!(of_end(TaskId(3), "npm test", &End { unneeded: true, ..cancelled }), line);
    }

    #[test]
    fn it_says_nothing_that_is_not_known() {
        let said = |cause| of_end(TaskId(3), "npm test", &end(Outcome::Unseen, cause));
        assert_eq!(said(Cause::Itself), "[task-003] unknown  npm test  12s  (exit code not known)");
        let asked = Cause::Asked(Asker { with: "aos stop".into(), pid: 7 });
        assert_eq!(said(asked), "[task-003] stopped  npm test  asked by aos stop (pid 7)  12s");
        let line = "[task-003] timed-out  npm test  ran longer than 10s  12s  (aos why 3)";
        assert_eq!(said(Cause::TimedOut(Span(10_000))), line);
    }

    #[test]
    fn it_is_one_short_line_that_cannot_drive_a_terminal() {
        let nasty = format!("printf '\x1b]0;owned\x07'\n{}", "x".repeat(200));
        for line in [
            of_loss(TaskId(1), &nasty, "gone\x1b[2J"),
            of_end(TaskId(1), &nasty, &end(Outcome::Exited(0), Cause::Itself)),
        ] {
            assert!(!line.chars().any(char::is_control), "{line:?}");
            assert!(line.chars().count() < 120, "{line:?}");
        }
    }
}

//! What is usual for runs of one command in one directory, and what is remarkable about one.
//!
//! *Rule*: nothing is remarked before [`FEWEST`] good runs. Of the last [`LOOKED_AT`] of them a
//! value is out of the ordinary if it is larger than each, larger than the median by half and by
//! four times the median deviation from it, and by no less than a person would notice.

use std::fmt;

use serde::{Serialize, Serializer};

use super::progress::Progress;
use super::run_findings::{FoundProblem, ProblemSeverity};
use super::run_record::RunRecord;
use super::status::Status;
use crate::units::size;
use crate::units::span::Span;

/// Fewer runs tell nothing.
pub const FEWEST: usize = 5;
/// Who says that a run is out of the ordinary.
pub const TOOL: &str = "usual";
/// A run that took less time and used less memory than these is in no way out of the ordinary:
/// nobody needs to compare it. *Units*: milliseconds, bytes.
pub const LEAST_COMPARED: (u64, u64) = (LEAST_TIME, LEAST_MEMORY);
/// Before a run is as old as this it is not overdue. *Units*: milliseconds.
pub const SOONEST_OVERDUE: u64 = LEAST_WAIT;
/// So many of the last good runs are looked at.
const LOOKED_AT: usize = 20;
/// A run that takes so much longer than another is not noticed. *Units*: milliseconds.
const LEAST_TIME: u64 = 1000;
/// The same of a run that goes on. *Units*: milliseconds.
const LEAST_WAIT: u64 = 10_000;
/// The same of memory. *Units*: bytes.
const LEAST_MEMORY: u64 = 16 << 20;

/// The spread of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    sorted: Vec<u64>,
}

impl Spread {
    /// The spread of these values; `None` where there are none.
    pub fn of(values: impl IntoIterator<Item = u64>) -> Option<Spread> {
        let mut sorted: Vec<u64> = values.into_iter().collect();
        sorted.sort_unstable();
        (!sorted.is_empty()).then_some(Spread { sorted })
    }

    /// The value that half of them do not exceed.
    pub fn median(&self) -> u64 {
        let middle = self.sorted.len() / 2;
        match self.sorted.len() % 2 {
            0 => self.sorted[middle - 1].midpoint(self.sorted[middle]),
            _ => self.sorted[middle],
        }
    }

    /// The value that nine of ten do not exceed.
    pub fn p90(&self) -> u64 {
        let rank = (self.sorted.len() * 9).div_ceil(10);
        self.sorted[rank.max(1) - 1]
    }

    /// The smallest and the largest.
    pub fn range(&self) -> (u64, u64) {
        (self.sorted[0], self.sorted[self.sorted.len() - 1])
    }

    /// How many values.
    pub fn count(&self) -> usize {
        self.sorted.len()
    }

    /// The median distance from the median.
    fn deviation(&self) -> u64 {
        let median = self.median();
        Spread::of(self.sorted.iter().map(|value| value.abs_diff(median))).map_or(0, |spread| spread.median())
    }

    fn is_exceeded(&self, value: u64, by_at_least: u64) -> bool {
        self.exceeded_from(by_at_least).is_some_and(|least| value >= least)
    }

    /// The smallest value that is out of the ordinary; `None` where too few are known.
    fn exceeded_from(&self, by_at_least: u64) -> Option<u64> {
        let median = self.median();
        let beyond = [self.range().1, median + median / 2, median.saturating_add(4 * self.deviation())];
        let least = beyond.into_iter().max().unwrap_or(0).saturating_add(1);
        (self.count() >= FEWEST).then(|| least.max(median.saturating_add(by_at_least)))
    }
}

/// What is usual: the last good runs before one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usual {
    /// How long they took. *Units*: milliseconds.
    pub wall_ms: Option<Spread>,
    /// The processor time they used. *Units*: milliseconds.
    pub cpu_ms: Option<Spread>,
    /// Their largest process. *Units*: bytes.
    pub peak_memory: Option<Spread>,
    /// What they read from disks. *Units*: bytes.
    pub read_bytes: Option<Spread>,
    /// What they had written to them.
    pub written_bytes: Option<Spread>,
}

impl Usual {
    /// Of these runs, which are in the order in which they ended.
    pub fn of<'r>(runs: impl DoubleEndedIterator<Item = &'r RunRecord>) -> Usual {
        let good: Vec<&RunRecord> = runs.rev().filter(|run| run.is_good()).take(LOOKED_AT).collect();
        Usual {
            wall_ms: Spread::of(good.iter().map(|run| run.wall_ms)),
            cpu_ms: Spread::of(good.iter().filter_map(|run| run.cpu_ms)),
            peak_memory: Spread::of(good.iter().filter_map(|run| run.peak_memory)),
            read_bytes: Spread::of(good.iter().filter_map(|run| run.read_bytes)),
            written_bytes: Spread::of(good.iter().filter_map(|run| run.written_bytes)),
        }
    }

    /// What is out of the ordinary about a run that is over.
    pub fn remarks(&self, run: &RunRecord) -> Vec<Remark> {
        let slow = |usual: &Spread| {
            let remark = || Remark::Slower { value: run.wall_ms, median: usual.median(), runs: usual.count() };
            // One that was stopped took as long as somebody let it.
            let is_its_own = run.status != Status::Stopped;
            (is_its_own && usual.is_exceeded(run.wall_ms, LEAST_TIME)).then(remark)
        };
        let peak = run.peak_memory.unwrap_or(0);
        let large = |usual: &Spread| {
            let remark = || Remark::Larger { value: peak, median: usual.median(), runs: usual.count() };
            usual.is_exceeded(peak, LEAST_MEMORY).then(remark)
        };
        let (slow, large) = (self.wall_ms.as_ref().and_then(slow), self.peak_memory.as_ref().and_then(large));
        slow.into_iter().chain(large).collect()
    }

    /// How far a run usually is that has gone on for so long. *Units*: milliseconds.
    pub fn progress(&self, wall_ms: u64) -> Option<Progress> {
        let usual = self.wall_ms.as_ref().filter(|usual| usual.count() >= FEWEST && usual.median() >= LEAST_TIME)?;
        Progress::usual(wall_ms, usual.median())
    }

    /// That a run that goes on for so long may hang. *Units*: milliseconds.
    pub fn overdue(&self, wall_ms: u64) -> Option<Remark> {
        let usual = self.wall_ms.as_ref().filter(|_| self.overdue_at().is_some_and(|due| wall_ms >= due))?;
        Some(Remark::Overdue { longest: usual.range().1, runs: usual.count() })
    }

    /// How long a run goes on until it may hang; `None` where too few are known. *Units*:
    /// milliseconds.
    pub fn overdue_at(&self) -> Option<u64> {
        let usual = self.wall_ms.as_ref()?;
        let longest = usual.range().1;
        usual.exceeded_from(LEAST_WAIT).map(|due| due.max((longest + longest / 2).saturating_add(1)))
    }
}

/// Whether of two problems of one run the later one tells all that the earlier one did: a run that
/// was overdue while it went on is slower than usual at its end.
pub fn replaces(later: &FoundProblem, earlier: &FoundProblem) -> bool {
    let is_of = |problem: &FoundProblem, kind: &str| problem.fingerprint.strip_prefix(TOOL) == Some(kind);
    is_of(later, ":slower") && is_of(earlier, ":overdue")
}

/// Something out of the ordinary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// A run took longer. *Units*: milliseconds.
    Slower {
        /// How long.
        value: u64,
        /// The usual.
        median: u64,
        /// Of how many runs.
        runs: usize,
    },
    /// A run used more memory. *Units*: bytes.
    Larger {
        /// How much.
        value: u64,
        /// The usual.
        median: u64,
        /// Of how many runs.
        runs: usize,
    },
    /// A run goes on for longer than any that went well. *Units*: milliseconds.
    Overdue {
        /// The longest that went well.
        longest: u64,
        /// Of how many.
        runs: usize,
    },
    /// What a run has of memory has only grown.
    Growing {
        /// For how long. *Units*: milliseconds.
        span: u64,
        /// How fast. *Units*: bytes an hour.
        per_hour: u64,
    },
}

impl Remark {
    /// What kind it is, by a word that stays the same.
    pub fn kind(&self) -> &'static str {
        match self {
            Remark::Slower { .. } => "slower",
            Remark::Larger { .. } => "larger",
            Remark::Overdue { .. } => "overdue",
            Remark::Growing { .. } => "growing",
        }
    }

    /// What is the same for the same remark about another run.
    pub fn fingerprint(&self) -> String {
        format!("{TOOL}:{}", self.kind())
    }

    /// The same as a problem of the run, which no line of its output tells of. It may become one.
    pub fn problem(&self) -> FoundProblem {
        FoundProblem {
            severity: ProblemSeverity::Warning,
            message: self.to_string(),
            tool: TOOL.into(),
            line: 0,
            file: None,
            source_line: None,
            fingerprint: self.fingerprint(),
            details: None,
        }
    }

    /// The same in a word or two.
    pub fn short(&self) -> String {
        match *self {
            Remark::Slower { value, median, .. } => format!("{} slower", times(value, median)),
            Remark::Larger { value, median, .. } => format!("{} memory", times(value, median)),
            Remark::Overdue { .. } => "overdue".into(),
            Remark::Growing { .. } => "memory grows".into(),
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Remark::Slower { value, median, runs } => {
                write!(f, "{} slower than usual (median {} of {runs} runs)", times(value, median), Span(median))
            }
            Remark::Larger { value, median, runs } => {
                let (times, median) = (times(value, median), size::of_bytes(median));
                write!(f, "{times} the usual memory (median {median} of {runs} runs)")
            }
            Remark::Overdue { longest, runs } => {
                write!(f, "runs longer than any of {runs} good runs ({})", Span(longest))
            }
            Remark::Growing { span, per_hour } => {
                write!(f, "memory has grown for {} ({} an hour)", Span(span), size::of_bytes(per_hour))
            }
        }
    }
}

impl Serialize for Remark {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// `3.1x`.
fn times(value: u64, median: u64) -> String {
    let tenths = value.saturating_mul(10).checked_div(median).unwrap_or(0);
    format!("{}.{}x", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::{Remark, Spread, Usual};
    use crate::task::id::TaskId;
    use crate::task::run_record::RunRecord;
    use crate::task::status::Status;
    use crate::units::wall_time::WallTime;

    fn run(wall_ms: u64, memory: u64, status: Status) -> RunRecord {
        RunRecord {
            version: 1,
            id: TaskId(1),
            run: 1,
            started: WallTime(0),
            name: "x".into(),
            command: "x".into(),
            cwd: "/".into(),
            status,
            exit_code: None,
            wall_ms,
            cpu_ms: Some(wall_ms / 2),
            peak_memory: Some(memory << 20),
            read_bytes: None,
            written_bytes: None,
            found: None,
        }
    }

    fn of(times: &[u64]) -> Usual {
        let runs: Vec<RunRecord> = times.iter().map(|time| run(*time, 100, Status::Succeeded)).collect();
        Usual::of(runs.iter())
    }

    #[test]
    fn medians_and_ninetieths_are_those_of_the_textbook() {
        let spread = |values: &[u64]| Spread::of(values.iter().copied()).map(|s| (s.median(), s.p90(), s.range()));
        assert_eq!(spread(&[]), None);
        assert_eq!(spread(&[7]), Some((7, 7, (7, 7))));
        assert_eq!(spread(&[4, 1, 3, 2]), Some((2, 4, (1, 4))));
        assert_eq!(spread(&[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]), Some((5, 9, (1, 10))));
        assert_eq!(spread(&(1..=100).collect::<Vec<_>>()), Some((50, 90, (1, 100))));
    }

    #[test]
    fn a_run_is_slow_by_the_rule_and_by_that_alone() {
        let said = |remarks: Vec<Remark>| remarks.iter().map(Remark::to_string).collect::<Vec<_>>().join("; ");
        let slow = |usual: &[u64], wall: u64| said(of(usual).remarks(&run(wall, 100, Status::Succeeded)));
        let steady = [2000, 2100, 1900, 2050, 2000, 1950];
        assert_eq!(slow(&steady, 6500), "3.2x slower than usual (median 2.0s of 6 runs)");
        assert_eq!(slow(&steady[..4], 60_000), "", "few runs are no statistics");
        assert_eq!(slow(&steady, 2900), "", "not by half");
        assert_eq!(slow(&[20, 21, 19, 20, 20], 900), "", "nobody notices");
        assert_eq!(slow(&[1000, 9000, 2000, 8000, 3000, 4000], 9500), "", "they differ as much among themselves");
    }

    #[test]
    fn the_usual_time_tells_how_far_a_run_is_once_there_are_enough() {
        let progress = |usual: &[u64]| of(usual).progress(30_000).map(|progress| progress.short());
        assert_eq!(progress(&[60_000, 61_000, 59_000, 60_000, 60_000]).as_deref(), Some("~50%"));
        assert_eq!(progress(&[60_000; 4]), None);
        assert_eq!(progress(&[100; 9]), None, "nobody waits for it");
    }

    #[test]
    fn failures_are_not_usual_and_old_runs_are_forgotten() {
        let mut runs: Vec<RunRecord> = (0..30).map(|_| run(60_000, 100, Status::Succeeded)).collect();
        runs.extend((0..20).map(|_| run(1000, 100, Status::Succeeded)));
        runs.extend((0..20).map(|_| run(10, 900, Status::Failed)));
        let usual = Usual::of(runs.iter());
        assert_eq!(usual.wall_ms.as_ref().map(|spread| (spread.median(), spread.count())), Some((1000, 20)));
        let remarks = usual.remarks(&run(1000, 240, Status::Failed));
        assert_eq!(remarks.len(), 1);
        assert_eq!(remarks[0].to_string(), "2.4x the usual memory (median 100.0 MiB of 20 runs)");
    }

    #[test]
    fn a_run_that_goes_on_is_overdue_when_it_is_far_beyond_all_good_ones() {
        let usual = of(&[20_000, 22_000, 21_000, 30_000, 20_000]);
        assert_eq!(usual.overdue(44_000), None);
        let overdue = usual.overdue(46_000).map(|remark| remark.to_string());
        assert_eq!(overdue.as_deref(), Some("runs longer than any of 5 good runs (30s)"));
        assert_eq!(of(&[20_000; 4]).overdue(460_000), None);
        assert_eq!(of(&[100; 9]).overdue(9000), None, "no wait that anybody notices");
    }
}

//! Whether a task that runs does what it is there for, and how that is looked at again and again.

use serde::{Deserialize, Serialize};

use super::probe::Probe;
use super::run_findings::{FoundProblem, ProblemSeverity};
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

/// How it is looked at. *Shape*: `health` in `spec.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// What shows it: a port, an answer, a command's success.
    pub probe: Probe,
    /// How long after one look the next one begins.
    pub every: Span,
    /// So many looks in a row that fail end the run.
    pub failures: u32,
}

/// How a run was when it was last looked at. *Shape*: `health` in `status.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Whether the last look went well.
    #[serde(rename = "healthy")]
    pub is_healthy: bool,
    /// Since when that is so.
    pub since: WallTime,
    /// What was found instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// How many looks in a row have failed.
    #[serde(default)]
    pub failed: u32,
}

/// No look may take longer. *Units*: milliseconds.
const LONGEST_LOOK: u64 = 10_000;
/// A look has at least this time. *Units*: milliseconds.
const SHORTEST_LOOK: u64 = 1000;
/// Who says that a task is not healthy.
pub const TOOL: &str = "health";

impl HealthCheck {
    /// How long one look may take.
    pub fn limit(&self) -> Span {
        Span(self.every.0.clamp(SHORTEST_LOOK, LONGEST_LOOK))
    }
}

impl Health {
    /// What a look found, beside what was known.
    pub fn after(known: Option<&Health>, found: Result<(), String>, failed: u32, now: WallTime) -> Health {
        let is_healthy = found.is_ok();
        let same = known.filter(|known| known.is_healthy == is_healthy);
        Health { is_healthy, since: same.map_or(now, |known| known.since), why: found.err(), failed }
    }

    /// How it was, in a word.
    pub fn word(&self) -> &'static str {
        if self.is_healthy { "healthy" } else { "unhealthy" }
    }

    /// The same in words: `healthy since 10:03`, `unhealthy since 10:05 (2 of 3): it answered 500`.
    pub fn words(&self, check: Option<&HealthCheck>, now: WallTime) -> String {
        let since = self.since.local_near(now);
        match &self.why {
            None => format!("healthy since {since}"),
            Some(why) => {
                let of = check.map_or_else(String::new, |check| format!(" of {}", check.failures));
                format!("unhealthy since {since} ({}{of}): {why}", self.failed)
            }
        }
    }
}

/// Why a run is ended: the last of so many looks found this.
pub fn told(why: &str, failed: u32) -> String {
    if failed > 1 { format!("{why}, {failed} times in a row") } else { why.to_owned() }
}

/// The same as a problem of the run, which no line of its output tells of. It is the same one
/// however many looks found it.
pub fn problem(why: &str) -> FoundProblem {
    let times = why.rsplit_once(", ").filter(|(_, times)| times.ends_with(" times in a row"));
    let found = times.map_or(why, |(found, _)| found);
    FoundProblem {
        severity: ProblemSeverity::Error,
        message: format!("unhealthy: {why}"),
        tool: TOOL.into(),
        line: 0,
        file: None,
        source_line: None,
        fingerprint: format!("{TOOL}:{found}"),
        details: None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Health, problem, told};
    use crate::units::wall_time::WallTime;

    #[test]
    fn it_lasts_as_long_as_nothing_else_is_found() {
        let bad = |why: &str| Err(why.to_owned());
        let first = Health::after(None, Ok(()), 0, WallTime(1));
        let again = Health::after(Some(&first), Ok(()), 0, WallTime(2));
        assert_eq!(again, first);
        let ill = Health::after(Some(&again), bad("500"), 1, WallTime(3));
        let worse = Health::after(Some(&ill), bad("501"), 2, WallTime(4));
        assert_eq!((worse.since, worse.why.as_deref(), worse.failed), (WallTime(3), Some("501"), 2));
        assert_eq!(Health::after(Some(&worse), Ok(()), 0, WallTime(5)).since, WallTime(5));
        assert_eq!((told("x", 1), told("x", 3)), ("x".into(), "x, 3 times in a row".into()));
        assert_eq!(problem(&told("a, b", 3)).fingerprint, problem("a, b").fingerprint);
    }
}

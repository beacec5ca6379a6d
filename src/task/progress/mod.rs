//! How far a run is, by what it shows of that, or by how long runs like it take.

pub mod amounts;
pub mod line;
pub mod page;
pub mod remaining;
pub mod signs;

use std::fmt;

use serde::{Serialize, Serializer};

use crate::units::size;
use crate::units::span::Span;

/// How far a run is. *Shape*: `{"done":45,"total":120,"left_ms":8000}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// How much is done, at most [`total`](Progress::total).
    pub done: u64,
    /// How much there is to do; never 0.
    pub total: u64,
    /// What of.
    #[serde(skip_serializing_if = "ProgressUnit::is_steps")]
    pub unit: ProgressUnit,
    /// How much longer it takes, where that can be told. *Units*: milliseconds.
    #[serde(rename = "left_ms", skip_serializing_if = "Option::is_none")]
    pub left: Option<Span>,
    /// Whether the run shows nothing of it, and this is what runs like it take.
    #[serde(rename = "estimated", skip_serializing_if = "std::ops::Not::not")]
    pub is_estimated: bool,
}

/// What progress is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgressUnit {
    /// Steps, files, tests: whatever the program counts.
    Steps,
    /// Hundredths.
    PerCent,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Time,
}

/// Before so much of it is done, the time so far tells nothing of the rest. *Units*: per cent.
const LEAST_DONE: u64 = 3;
/// The same of runs that are younger. *Units*: milliseconds.
const LEAST_TIME: u64 = 3000;

impl Progress {
    /// So much of so much; `None` where that is no part of it.
    pub fn of(done: u64, total: u64, unit: ProgressUnit) -> Option<Progress> {
        (total > 0 && done <= total).then_some(Progress { done, total, unit, left: None, is_estimated: false })
    }

    /// What runs like it take, of one that has run for so long. *Units*: milliseconds.
    pub fn usual(elapsed: u64, median: u64) -> Option<Progress> {
        let left = (elapsed < median).then(|| Span(median - elapsed));
        let progress = Progress::of(elapsed.min(median), median, ProgressUnit::Time)?;
        Some(Progress { left, is_estimated: true, ..progress })
    }

    /// The same of a run that has taken so long so far: where the program says nothing of the rest,
    /// that is taken to go as fast. *Units*: milliseconds.
    pub fn after(self, elapsed: u64) -> Progress {
        let tells = self.done < self.total && self.per_cent() >= LEAST_DONE && elapsed >= LEAST_TIME;
        let rest = || {
            let rest = u128::from(elapsed) * u128::from(self.total - self.done) / u128::from(self.done.max(1));
            Span(u64::try_from(rest).unwrap_or(u64::MAX))
        };
        Progress { left: self.left.or_else(|| tells.then(rest)), ..self }
    }

    /// Whether all is done.
    pub fn is_complete(&self) -> bool {
        self.done == self.total
    }

    /// How much of it is done, rounded down.
    pub fn per_cent(&self) -> u64 {
        (u128::from(self.done) * 100 / u128::from(self.total)) as u64
    }

    /// The same in a few cells: `45%`, `~45%`.
    pub fn short(&self) -> String {
        format!("{}{}%", self.mark(), self.per_cent())
    }

    /// How much longer it takes: `12s left`, `~3m left`; nothing where that is not known.
    pub fn left_words(&self) -> String {
        self.left.map_or_else(String::new, |left| format!("{}{} left", self.mark(), left.short()))
    }

    /// What stands before what is only the usual.
    fn mark(&self) -> &'static str {
        if self.is_estimated { "~" } else { "" }
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())?;
        match self.unit {
            ProgressUnit::PerCent => {}
            ProgressUnit::Steps => write!(f, " ({} of {})", self.done, self.total)?,
            ProgressUnit::Bytes => write!(f, " ({} of {})", size::of_bytes(self.done), size::of_bytes(self.total))?,
            ProgressUnit::Time => write!(f, " of the usual {}", Span(self.total))?,
        }
        let left = self.left_words();
        if left.is_empty() { Ok(()) } else { write!(f, ", {left}") }
    }
}

impl ProgressUnit {
    fn is_steps(&self) -> bool {
        *self == ProgressUnit::Steps
    }
}

impl Serialize for ProgressUnit {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(match self {
            ProgressUnit::Steps => "steps",
            ProgressUnit::PerCent => "%",
            ProgressUnit::Bytes => "bytes",
            ProgressUnit::Time => "ms",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Progress, ProgressUnit};
    use crate::units::span::Span;

    fn of(done: u64, total: u64, unit: ProgressUnit) -> Progress {
        Progress::of(done, total, unit).expect("a part of it")
    }

    #[test]
    fn what_is_left_goes_as_fast_as_what_is_done() {
        let steps = of(9, 20, ProgressUnit::Steps);
        assert_eq!(steps.after(90_000).to_string(), "45% (9 of 20), 1m left");
        assert_eq!(steps.after(900).left, None, "too young to tell");
        assert_eq!(of(1, 1000, ProgressUnit::Steps).after(90_000).left, None, "too little is done");
        assert_eq!(of(20, 20, ProgressUnit::Steps).after(90_000).to_string(), "100% (20 of 20)");
        let told = Progress { left: Some(Span(5000)), ..of(50, 100, ProgressUnit::PerCent) };
        assert_eq!(told.after(90_000).to_string(), "50%, 5s left", "the program knows better");
        assert_eq!(of(1 << 20, 4 << 20, ProgressUnit::Bytes).to_string(), "25% (1.0 MiB of 4.0 MiB)");
        let most = of(u64::MAX / 2, u64::MAX, ProgressUnit::Bytes).after(u64::MAX);
        assert_eq!(most.per_cent(), 49);
    }

    #[test]
    fn the_usual_is_marked() {
        let usual = |elapsed| Progress::usual(elapsed, 120_000).expect("an estimate").to_string();
        assert_eq!(usual(30_000), "~25% of the usual 2m00s, ~1m left");
        assert_eq!(usual(240_000), "~100% of the usual 2m00s");
        assert_eq!(Progress::usual(1, 0), None);
    }

    #[test]
    fn nothing_is_more_than_all() {
        assert_eq!((Progress::of(3, 2, ProgressUnit::Steps), Progress::of(0, 0, ProgressUnit::Steps)), (None, None));
        let json = serde_json::to_string(&of(3, 4, ProgressUnit::Steps)).expect("JSON");
        assert_eq!(json, r#"{"done":3,"total":4}"#);
    }
}

//! How many tests did what, as runners say it.

use std::collections::BTreeMap;

use regex::bytes::Captures;
use serde::Serialize;

use super::pack::Which;
use super::rule::Rule;

/// What became of tests; what nobody said is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// That passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passed: Option<u64>,
    /// That failed, or could not be run.
    pub failed: u64,
    /// That were left out.
    pub skipped: u64,
}

/// What was counted of each runner.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    of: BTreeMap<String, Sum>,
}

/// Groups of what failed.
const FAILED: [&str; 3] = ["failed", "errors", "failed2"];

#[derive(Clone, Debug, Default)]
struct Sum {
    passed: Option<u64>,
    failed: Option<u64>,
    skipped: u64,
    total: Option<u64>,
    /// Counted one by one.
    single: [u64; 3],
    /// Whether a line told more than one test.
    has_totals: bool,
}

impl Counts {
    /// Adds what a line says; tells whether it says that none failed.
    pub fn add(&mut self, rule: &Rule, found: &Captures<'_>) -> bool {
        let sum = self.of.entry(rule.tool.clone()).or_default();
        if let Some(what) = &rule.adds {
            let at = ["passed", "failed", "skipped"].iter().position(|name| name == what).unwrap_or(0);
            sum.single[at] += 1;
            return at != 1;
        }
        let number = |name: &str| {
            let text = found.name(name)?.as_bytes();
            std::str::from_utf8(text).ok()?.replace([',', '.'], "").parse::<u64>().ok()
        };
        let several = |names: &[&str]| names.iter().filter_map(|name| number(name)).sum::<u64>();
        let failed = several(&FAILED);
        let (passed, total) = (number("passed"), number("total").map(|total| total + several(&["total2"])));
        if rule.heads == Which::Last {
            // What is summed up again and again was not more each time.
            *sum = Sum::default();
        }
        sum.has_totals = true;
        sum.failed = add(sum.failed, FAILED.iter().any(|name| found.name(name).is_some()).then_some(failed));
        sum.skipped += several(&["skipped", "skipped2", "skipped3", "skipped4"]);
        sum.passed = add(sum.passed, passed);
        sum.total = add(sum.total, total);
        failed == 0 && (passed.is_some_and(|passed| passed > 0) || total.is_some() || found.name("ok").is_some())
    }

    /// The runner that failed, else the last one, and what it counted.
    pub fn totals(&self) -> Option<Totals> {
        let all: Vec<Totals> = self.of.values().filter_map(Sum::totals).collect();
        all.iter().find(|totals| totals.failed > 0).or(all.last()).copied()
    }
}

impl Sum {
    fn totals(&self) -> Option<Totals> {
        if !self.has_totals {
            let [passed, failed, skipped] = self.single;
            return (passed + failed + skipped > 0).then_some(Totals {
                // Runners that name only what failed say nothing of the others.
                passed: (passed > 0).then_some(passed),
                failed,
                skipped,
            });
        }
        // Some runners name the tests that were left out, and do not count them.
        let skipped = self.skipped.max(self.single[2]);
        let others = self.passed.unwrap_or(0) + skipped;
        // Some say how many there were, and not how many failed.
        let unsaid = self.passed.and(self.total).map_or(0, |total| total.saturating_sub(others));
        let failed = self.failed.unwrap_or(unsaid);
        let rest = self.total.map(|total| total.saturating_sub(failed + skipped));
        let totals = Totals { passed: self.passed.or(rest).or(Some(0)), failed, skipped };
        let is_something = totals.failed + totals.skipped + totals.passed.unwrap_or(0) > 0;
        (is_something || self.total.is_some()).then_some(totals)
    }
}

fn add(sum: Option<u64>, more: Option<u64>) -> Option<u64> {
    more.map_or(sum, |more| Some(sum.unwrap_or(0) + more))
}

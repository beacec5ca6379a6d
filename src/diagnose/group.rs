//! From what rules found to what a person has to look at: one problem, one finding, the one to fix
//! first at the front.

use super::finding::{Confidence, Finding, Severity};
use super::ownership;
use super::pack::Role;
use super::regions::Regions;
use super::scanned::Hit;

/// How a log's command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nobody knows.
    Unknown,
    /// All went well, it says.
    Success,
    /// It says that something failed.
    Failure,
}

/// What tests and builds say of themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tests {
    /// Nothing.
    Unknown,
    /// None failed.
    Passed,
    /// Some failed.
    Failed,
}

/// The findings that are left.
pub fn findings(mut hits: Vec<Hit>, regions: &Regions, exit: Exit, tests: Tests) -> Vec<Finding> {
    let (has_failed_tests, has_passed) = (tests == Tests::Failed, tests == Tests::Passed);
    join_neighbours(&mut hits);
    demote(&mut hits, regions, exit, has_failed_tests);
    drop_weak_tests(&mut hits);
    drop_parents(&mut hits);
    fold_foreign(&mut hits);
    join_same_tests(&mut hits);
    prefer_words(&mut hits);
    fold_summaries(&mut hits);
    choose_generic(&mut hits, exit, has_passed);
    let mut findings: Vec<Finding> = hits.into_iter().map(|hit| hit.finding).collect();
    findings.sort_by_key(|finding| {
        (std::cmp::Reverse(finding.severity), finding.confidence == Confidence::Low, finding.line)
    });
    findings
}

fn is_error(hit: &Hit) -> bool {
    hit.finding.severity == Severity::Error
}

/// A log's line that something failed, and the traceback right behind it, are one problem.
fn join_neighbours(hits: &mut Vec<Hit>) {
    let mut at = 0;
    while at < hits.len() {
        let level = &hits[at];
        let is_loud = matches!(level.role, Role::Level | Role::Generic | Role::Summary);
        let count = level.finding.count;
        let end = level.finding.extent.1;
        let next = hits.iter().position(|hit| {
            matches!(hit.role, Role::Problem | Role::Test)
                && is_error(hit)
                // What came more often came without it, too.
                && (count == 1 || hit.finding.count >= count)
                && hit.finding.extent.0 > level.finding.line
                && hit.finding.extent.0 <= end + 3
                && (hit.finding.stream == level.finding.stream || level.finding.stream.is_empty())
        });
        match next.filter(|_| is_loud) {
            Some(next) if next != at => {
                let said = hits[at].finding.message.clone();
                let begin = hits[at].finding.extent.0;
                let problem = &mut hits[next].finding;
                problem.notes.push(said);
                problem.extent.0 = problem.extent.0.min(begin);
                hits.remove(at);
            }
            Some(_) | None => at += 1,
        }
    }
}

/// What looks like an error where all went well is a test's own output, or was mended.
fn demote(hits: &mut [Hit], regions: &Regions, exit: Exit, has_failed_tests: bool) {
    let all_went_well = exit == Exit::Success && !has_failed_tests;
    for hit in hits {
        let may_be_output = matches!(hit.role, Role::Level | Role::Generic) && regions.is_near(hit.finding.line);
        let is_output = may_be_output || regions.has(hit.finding.line);
        if all_went_well || is_output && !hit.is_certain {
            hit.finding.severity = Severity::Warning;
        }
    }
}

/// A test that failed is told by what made it fail.
fn drop_weak_tests(hits: &mut Vec<Hit>) {
    let strong: Vec<Finding> =
        hits.iter().filter(|hit| hit.role == Role::Problem && is_error(hit)).map(|hit| hit.finding.clone()).collect();
    hits.retain(|hit| {
        let is_alone = hit.role != Role::Test || hit.finding.severity == Severity::Warning;
        let mut own = strong.iter().filter(|other| other.tool == hit.finding.tool).peekable();
        match own.peek() {
            _ if is_alone => true,
            None => strong.is_empty(),
            Some(_) => !own.any(|other| tells_of(other, &hit.finding)),
        }
    });
    let mut seen: Vec<String> = Vec::new();
    hits.retain(|hit| {
        let name = hit.finding.test.as_deref().map(|test| format!("{} {}", hit.finding.tool, last_part(test)));
        let is_new = name.as_ref().is_none_or(|name| !seen.contains(name));
        seen.extend(name.filter(|_| hit.role == Role::Test));
        is_new || hit.role != Role::Test
    });
}

/// Whether a problem is why a test failed.
fn tells_of(problem: &Finding, test: &Finding) -> bool {
    let file = |finding: &Finding| finding.place.as_ref().map(|place| place.file.clone());
    let has_same_file = file(problem).is_some_and(|own| file(test) == Some(own));
    match (&problem.test, &test.test) {
        (Some(own), Some(name)) => own.contains(last_part(name)) || name.contains(last_part(own)) || has_same_file,
        (None, _) | (_, None) => true,
    }
}

/// `test_x` of `tests/test_a.py::test_x[1]`.
fn last_part(test: &str) -> &str {
    let test = test.split('[').next().unwrap_or(test).trim_end();
    ["::", " > ", " \u{203a} "].iter().fold(test, |test, between| test.rsplit(between).next().unwrap_or(test))
}

/// A test that failed as one below it did is told by that.
fn drop_parents(hits: &mut Vec<Hit>) {
    let below = |parent: &Hit, hit: &Hit| match (&parent.finding.test, &hit.finding.test) {
        (Some(parent), Some(test)) => test.strip_prefix(parent.as_str()).is_some_and(|rest| rest.starts_with('/')),
        _ => false,
    };
    let all = hits.clone();
    hits.retain(|hit| hit.finding.tool != "go-test" || !all.iter().any(|other| below(hit, other)));
}

/// What is wrong in somebody else's code again and again has one cause in the user's.
fn fold_foreign(hits: &mut Vec<Hit>) {
    let mut first: Option<usize> = None;
    let mut kept: Vec<Hit> = Vec::with_capacity(hits.len());
    for hit in hits.drain(..) {
        let is_foreign = hit.finding.place.as_ref().is_some_and(|place| !ownership::is_own(&place.file));
        let same = first.filter(|at| {
            let known: &Finding = &kept[*at].finding;
            is_foreign && known.tool == hit.finding.tool && known.message == hit.finding.message
        });
        match same {
            Some(at) => kept[at].finding.count += 1,
            None => {
                first = (is_foreign && hit.role == Role::Problem).then_some(kept.len()).or(first);
                kept.push(hit);
            }
        }
    }
    *hits = kept;
}

/// A test that failed and is told of on both streams failed once.
fn join_same_tests(hits: &mut Vec<Hit>) {
    let mut kept: Vec<Hit> = Vec::with_capacity(hits.len());
    for hit in hits.drain(..) {
        let is_same = |known: &&mut Hit| {
            known.finding.tool == "tap"
                && hit.finding.tool == "tap"
                && known.finding.rule != hit.finding.rule
                && hit.finding.test.is_some()
                && known.finding.test == hit.finding.test
        };
        match kept.iter_mut().find(is_same) {
            Some(known) => known.finding.place = known.finding.place.take().or(hit.finding.place),
            None => kept.push(hit),
        }
    }
    *hits = kept;
}

/// What a program says right before somebody sums up that it failed is why.
fn prefer_words(hits: &mut Vec<Hit>) {
    const NEAR: u64 = 2;
    let has_cause = hits.iter().any(|hit| !matches!(hit.role, Role::Summary | Role::Generic) && is_error(hit));
    let Some(sum) = hits.iter().find(|hit| hit.role == Role::Summary && is_error(hit)).filter(|sum| sum.rank >= 3)
    else {
        return;
    };
    let line = sum.finding.line;
    let is_before = |hit: &Hit| {
        hit.role == Role::Generic
            && !hit.is_row
            && is_error(hit)
            && (line.saturating_sub(NEAR)..line).contains(&hit.finding.line)
    };
    if !has_cause && hits.iter().any(is_before) {
        hits.retain(|hit| hit.role != Role::Summary && (hit.role != Role::Generic || is_before(hit)));
    }
}

/// That something failed is told by what failed.
fn fold_summaries(hits: &mut Vec<Hit>) {
    let has_cause =
        hits.iter().any(|hit| matches!(hit.role, Role::Problem | Role::Test | Role::Level) && is_error(hit));
    let best = hits
        .iter()
        .filter(|hit| hit.role == Role::Summary && is_error(hit) && !has_cause)
        .min_by_key(|hit| (hit.rank, hit.finding.line))
        .map(|hit| hit.finding.line);
    hits.retain(|hit| hit.role != Role::Summary || best == Some(hit.finding.line));
}

/// What only looks like a problem is one where nothing else is: rows that name places, else the
/// most telling line. Where nobody says that something failed, rows are no more than warnings.
fn choose_generic(hits: &mut Vec<Hit>, exit: Exit, has_passed: bool) {
    let is_fine = exit == Exit::Success || exit == Exit::Unknown && has_passed;
    let has_cause = hits.iter().any(|hit| hit.role != Role::Generic && is_error(hit));
    let has_others = hits.iter().any(|hit| hit.role != Role::Generic);
    let has_rows = hits.iter().any(|hit| hit.is_row && is_error(hit)) && exit == Exit::Failure;
    let may_be = |hit: &&Hit| {
        hit.role == Role::Generic && !hit.is_row && is_error(hit) && (exit == Exit::Failure || !hit.is_loose)
    };
    let best = hits
        .iter()
        .filter(may_be)
        .filter(|hit| !(has_cause || is_fine || has_rows && hit.is_loose))
        .min_by_key(|hit| (hit.rank, hit.finding.line))
        .map(|hit| hit.finding.line);
    let keeps_rows = match exit {
        Exit::Failure => !has_cause && best.is_none(),
        Exit::Unknown | Exit::Success => !(has_others || is_fine),
    };
    hits.retain(|hit| {
        hit.role != Role::Generic || best == Some(hit.finding.line) && !hit.is_row || keeps_rows && hit.is_row
    });
    if exit != Exit::Failure {
        hits.iter_mut().filter(|hit| hit.is_row).for_each(|hit| hit.finding.severity = Severity::Warning);
    }
}

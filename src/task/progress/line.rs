//! What one line shows of progress. Numbers are everywhere: what is taken for progress has a sign
//! of it as well, such as a bar, brackets at the line's begin, or that the line is drawn again and
//! again.

use super::amounts::{self, Enclosure, Ratio};
use super::{Progress, ProgressUnit, remaining, signs};

/// Longer lines are no display of anything. *Units*: bytes.
const LONGEST: usize = 1024;
/// What rsync says before the files that are left.
const TO_CHECK: &str = "-chk=";

/// A percentage.
#[derive(Clone, Copy, Debug, PartialEq)]
struct PerCent {
    value: u64,
    start: usize,
    /// Behind its sign.
    end: usize,
}

/// What a line shows; `is_drawn` says that it was drawn over what stood there.
pub fn progress(line: &str, is_drawn: bool) -> Option<Progress> {
    let line = line.trim();
    if line.len() > LONGEST {
        return None;
    }
    // These say what is left in a way of their own, or not at all.
    if let Some(found) = curl(line).or_else(|| test_suites(line)).or_else(|| to_check(line)) {
        return Some(found);
    }
    let mut found = figures(line, is_drawn).or_else(|| bar_alone(line, is_drawn))?;
    if !found.is_complete() {
        found.left = remaining::of_line(line);
    }
    Some(found)
}

/// Percentages and ratios, where signs say that they are progress.
fn figures(line: &str, is_drawn: bool) -> Option<Progress> {
    let (per_cents, ratios) = (per_cents(line), amounts::ratios(line));
    if per_cents.is_empty() && ratios.is_empty() {
        return None;
    }
    let signs = LineSigns::of(line, is_drawn, per_cents.len());
    let per_cent = per_cents.into_iter().next().filter(|one| signs.mean_per_cent(line, one));
    let of_per_cent = |one: PerCent| Progress::of(one.value, 100, ProgressUnit::PerCent);
    let agrees = |ratio: &Ratio| {
        let of = Progress::of(ratio.done, ratio.total, ratio.unit);
        per_cent.is_none_or(|one| of.is_some_and(|of| of.per_cent().abs_diff(one.value) <= 1))
    };
    let wanted = ratios.into_iter().find(|ratio| {
        let is_first = ratio.enclosure != Enclosure::None && is_lead(&line[..ratio.start]);
        (is_first || agrees(ratio)) && signs.mean_ratio(line, ratio, per_cent.is_some())
    });
    let of_ratio = wanted.and_then(|ratio| Progress::of(ratio.done, ratio.total, ratio.unit));
    of_ratio.or_else(|| per_cent.and_then(of_per_cent))
}

/// What speaks for a line, and against it.
struct LineSigns {
    has_bar: bool,
    has_end: bool,
    has_rate: bool,
    is_drawn: bool,
    is_moving: bool,
    is_still: bool,
    per_cents: usize,
}

impl LineSigns {
    fn of(line: &str, is_drawn: bool, per_cents: usize) -> LineSigns {
        LineSigns {
            has_bar: signs::bar(line).is_some(),
            has_end: remaining::word(line, "eta").is_some(),
            has_rate: signs::has_rate(line),
            is_drawn,
            is_moving: signs::is_moving(line),
            is_still: signs::is_still(line),
            per_cents,
        }
    }

    fn are_strong(&self) -> bool {
        self.has_bar || self.has_end
    }

    fn mean_per_cent(&self, line: &str, one: &PerCent) -> bool {
        let (before, behind) = (&line[..one.start], &line[one.end..]);
        let is_enclosed = before.trim_end().ends_with('[') && behind.trim_start().starts_with(']');
        let stands_apart =
            || before.trim_end().trim_end_matches('[').chars().next_back().is_none_or(char::is_whitespace);
        if is_enclosed && stands_apart() {
            return true;
        }
        let is_alone = before.is_empty() && behind.trim_start_matches(['[', '(']).trim().is_empty();
        let is_first = before.is_empty() && behind.trim_start().starts_with(['[', '|', '(']);
        let is_shown = self.is_drawn && self.per_cents == 1;
        let is_likely = is_alone || is_first || is_shown || self.has_rate || self.is_moving;
        self.are_strong() || is_likely && !self.is_still
    }

    fn mean_ratio(&self, line: &str, ratio: &Ratio, has_per_cent: bool) -> bool {
        let before = &line[..ratio.start];
        let is_counted = || signs::ends_in_counted(before);
        match (ratio.enclosure, ratio.unit) {
            (Enclosure::Square, ProgressUnit::Steps) => true,
            (Enclosure::Round, ProgressUnit::Steps) if is_lead(before) => true,
            (_, ProgressUnit::Bytes) => self.are_strong() || self.has_rate || has_per_cent || self.is_moving,
            _ if self.is_still && !self.are_strong() => false,
            (Enclosure::Round, _) => {
                let is_behind_time = || before.trim_end().ends_with(']');
                self.are_strong() || has_per_cent || self.is_moving || is_counted() || is_behind_time()
            }
            (Enclosure::None, _) => {
                let is_followed = || signs::begins_with_counted(&line[ratio.end..]);
                self.are_strong() || has_per_cent || self.is_drawn || is_counted() || before.is_empty() && is_followed()
            }
            (Enclosure::Square, _) => self.are_strong(),
        }
    }
}

/// Whether what stands before a figure is no more than a mark: `#7`, `[+] Building 12s`.
fn is_lead(before: &str) -> bool {
    let before = before.trim();
    before.is_empty() || before.starts_with("[+]") || before.starts_with('#') || !before.contains(char::is_alphanumeric)
}

/// The percentages of a line, in order.
fn per_cents(line: &str) -> Vec<PerCent> {
    memchr::memchr_iter(b'%', line.as_bytes()).filter_map(|sign| per_cent(line, sign)).collect()
}

fn per_cent(line: &str, sign: usize) -> Option<PerCent> {
    let before = &line[..sign];
    let start = before.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let number = &line[start..sign];
    let whole = number.split('.').next().filter(|whole| (1..=3).contains(&whole.len()))?;
    let value: u64 = whole.parse().ok().filter(|value| *value <= 100)?;
    let before = line[..start].chars().next_back();
    let behind = line[sign + 1..].chars().next();
    let begins = before.is_none_or(|c| c.is_whitespace() || "[(|<>:▏".contains(c) || !c.is_ascii());
    let ends = behind.is_none_or(|c| c.is_whitespace() || "[](){}|,:<.".contains(c) || !c.is_ascii());
    let is_number = number.matches('.').count() < 2;
    (begins && ends && is_number).then_some(PerCent { value, start, end: sign + 1 })
}

/// curl's table: ` 45  100M   45 45.2M    0     0  3456k      0  0:00:30  0:00:13  0:00:17 3500k`.
fn curl(line: &str) -> Option<Progress> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let [done, total, received, _, _, _, _, _, _, spent, left, _] = fields[..] else { return None };
    let is_number = |text: &str| !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_time = |text: &str| text == "--:--:--" || remaining::clock(text).is_some();
    let is_table = is_number(done) && is_number(received) && is_time(spent) && is_time(left) && total != "0";
    let progress = Progress::of(done.parse().ok().filter(|_| is_table)?, 100, ProgressUnit::PerCent)?;
    Some(Progress { left: remaining::clock(left).filter(|_| !progress.is_complete()), ..progress })
}

/// jest's `Test Suites: 1 failed, 2 passed, 3 of 5 total`, vitest's `Test Files  2 passed (5)`.
fn test_suites(line: &str) -> Option<Progress> {
    if let Some(counts) = line.strip_prefix("Test Suites:") {
        let (before, total) = counts.strip_suffix(" total")?.rsplit_once(" of ")?;
        let done = before.rsplit([' ', ',']).next()?;
        return Progress::of(done.parse().ok()?, total.parse().ok()?, ProgressUnit::Steps);
    }
    let (counts, total) = line.strip_prefix("Test Files ")?.strip_suffix(')')?.rsplit_once('(')?;
    let done = counts.split_whitespace().filter_map(|word| word.parse::<u64>().ok()).sum();
    Progress::of(done, total.parse().ok()?, ProgressUnit::Steps)
}

/// rsync's `(xfr#5, to-chk=169/396)` behind a file that is through.
fn to_check(line: &str) -> Option<Progress> {
    let at = line.find(TO_CHECK)?;
    let (left, total) = line[at + TO_CHECK.len()..].trim_end_matches(')').split_once('/')?;
    let (left, total): (u64, u64) = (left.parse().ok()?, total.parse().ok()?);
    // Where it tells of all files at once, it says how far they are.
    let is_of_file = line.contains(" 100% ");
    Progress::of(total.checked_sub(left).filter(|_| is_of_file)?, total, ProgressUnit::Steps)
}

/// `(####⠂⠂⠂⠂) idealTree`: how full the bar is.
fn bar_alone(line: &str, is_drawn: bool) -> Option<Progress> {
    const LEAST: u64 = 8;
    let is_shown = is_drawn || remaining::word(line, "eta").is_some();
    let bar = signs::bar(line).filter(|bar| is_shown && bar.cells >= LEAST && bar.full < bar.cells)?;
    Progress::of(bar.full * 100 / bar.cells, 100, ProgressUnit::PerCent)
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;

//! How good findings are: real logs of real tools, judged as a whole. `tests/logs/cases.json` says
//! of each log which lines are heads, and where in the source the problem is; several lines of one
//! head are alternatives.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;

use super::finding::{Finding, Severity};
use super::rules::Rules;
use super::suggest::suggest;
use super::surroundings::Surroundings;
use super::{Context, Diagnosis, diagnose, risk};

/// A finding so many lines from a head is at it.
const NEAR: u64 = 2;
/// A buried log has so many lines of other output before it, and behind.
const AROUND: usize = 150;

#[derive(Deserialize)]
struct Case {
    log: String,
    command: String,
    exit: i32,
    /// Whether the exit code says nothing: of a server, or of what exits with 0 for all that.
    hidden: bool,
    clean: bool,
    heads: Vec<Head>,
    tests: Option<ExpectedTests>,
}

#[derive(Deserialize)]
struct Head {
    lines: Vec<u64>,
    file: Option<String>,
    at: Option<u32>,
}

#[derive(Deserialize)]
struct ExpectedTests {
    #[serde(default)]
    passed: u64,
    #[serde(default)]
    failed: u64,
    #[serde(default)]
    skipped: u64,
}

/// A share, and what is missing from it.
#[derive(Default)]
struct ScoredShare {
    good: usize,
    all: usize,
    bad: Vec<String>,
}

impl ScoredShare {
    fn add(&mut self, is_good: bool, what: &str) {
        self.all += 1;
        self.good += usize::from(is_good);
        if !is_good {
            self.bad.push(what.to_owned());
        }
    }

    fn at_least(&self, least: f64, what: &str) {
        let share = self.good as f64 / self.all as f64;
        assert!(share >= least, "{what}: {share:.3} of {}, wanted {least}; not: {:?}", self.all, self.bad);
    }
}

fn logs() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/logs")
}

fn cases() -> Vec<(Case, Vec<u8>)> {
    let text = fs::read_to_string(logs().join("cases.json")).expect("the cases");
    let cases: Vec<Case> = serde_json::from_str(&text).expect("cases");
    let read = |case: Case| {
        let log = fs::read(logs().join(&case.log)).expect("a log");
        (case, log)
    };
    cases.into_iter().map(read).collect()
}

fn errors(diagnosis: &Diagnosis) -> Vec<&Finding> {
    diagnosis.findings.iter().filter(|finding| finding.severity == Severity::Error).collect()
}

fn is_at(finding: &Finding, head: &Head, before: u64) -> bool {
    head.lines.iter().any(|line| (line + before).abs_diff(finding.line) <= NEAR)
}

fn is_place(finding: &Finding, head: &Head) -> bool {
    let name = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let place = finding.place.as_ref();
    head.file.as_ref().is_none_or(|file| place.is_some_and(|place| name(&place.file) == name(file)))
        && head.at.is_none_or(|at| place.and_then(|place| place.line) == Some(at))
}

/// What is judged of logs that are read in one way.
#[derive(Default)]
struct Judged {
    detected: ScoredShare,
    first: ScoredShare,
    precise: ScoredShare,
    findings: usize,
    heads: usize,
    places: ScoredShare,
}

impl Judged {
    fn add(&mut self, case: &Case, diagnosis: &Diagnosis, before: u64) {
        let errors = errors(diagnosis);
        let is_head = |finding: &&Finding| case.heads.iter().any(|head| is_at(finding, head, before));
        let hits = case.heads.iter().filter(|head| errors.iter().any(|finding| is_at(finding, head, before))).count();
        self.detected.add(hits > 0, &case.log);
        self.first.add(errors.first().is_some_and(is_head), &case.log);
        for at in 0..errors.len() {
            self.precise.add(at < hits, &case.log);
        }
        self.findings += errors.len();
        self.heads += case.heads.len();
        for head in case.heads.iter().filter(|head| head.file.is_some() || head.at.is_some()) {
            let is_right = errors.iter().any(|finding| is_at(finding, head, before) && is_place(finding, head));
            self.places.add(is_right, &case.log);
        }
    }

    fn at_least(&self, detected: f64, first: f64, what: &str) {
        self.detected.at_least(detected, &format!("{what}: detected"));
        self.first.at_least(first, &format!("{what}: the first is the right one"));
        self.precise.at_least(0.85, &format!("{what}: precision"));
        self.places.at_least(0.90, &format!("{what}: file and line"));
        assert!(self.findings as f64 <= 1.2 * self.heads as f64, "{what}: {} of {}", self.findings, self.heads);
    }
}

/// Lines of clean logs, one log behind the other; which come first differs from case to case.
fn clean(cases: &[(Case, Vec<u8>)], from: usize) -> Vec<u8> {
    let all: Vec<&[u8]> = cases.iter().filter(|(case, _)| case.clean).map(|(_, log)| &log[..]).collect();
    let mut text = Vec::new();
    let mut at = from;
    while text.iter().filter(|byte| **byte == b'\n').count() < AROUND {
        text.extend_from_slice(all[at % all.len()]);
        text.extend_from_slice(b"\n\n");
        at += 7;
    }
    text
}

#[test]
fn findings_are_as_good_as_they_have_to_be() {
    let (rules, cases) = (Rules::with(Vec::new()), cases());
    let read = |log: &[u8], exit_code: Option<i32>, case: &Case| {
        diagnose(&rules, log, &Context { exit_code, command: Some(case.command.clone()) }).expect("read")
    };
    let (mut hidden, mut given, mut buried) = (Judged::default(), Judged::default(), Judged::default());
    let (mut quiet, mut quiet_given, mut counts) =
        (ScoredShare::default(), ScoredShare::default(), ScoredShare::default());
    for (at, (case, log)) in cases.iter().enumerate() {
        let exit = (!case.hidden).then_some(case.exit);
        let (unknown, known) = (read(log, None, case), read(log, exit, case));
        if let Some(wanted) = &case.tests {
            let found = known.totals.map(|totals| (totals.passed.unwrap_or(0), totals.failed, totals.skipped));
            counts.add(found == Some((wanted.passed, wanted.failed, wanted.skipped)), &case.log);
        }
        if case.clean {
            quiet.add(errors(&unknown).is_empty(), &case.log);
            quiet_given.add(errors(&known).is_empty(), &case.log);
            continue;
        }
        hidden.add(case, &unknown, 0);
        given.add(case, &known, 0);
        let before = clean(&cases, at);
        let lines = before.iter().filter(|byte| **byte == b'\n').count() as u64;
        let whole = [&before[..], log, b"\n\n", &clean(&cases, at + 3)].concat();
        buried.add(case, &read(&whole, exit, case), lines);
    }
    hidden.at_least(0.95, 0.92, "exit code hidden");
    given.at_least(0.98, 0.92, "exit code given");
    buried.at_least(0.90, 0.85, "buried");
    quiet.at_least(0.97, "clean logs, exit code hidden");
    quiet_given.at_least(1.0, "clean logs, exit code given");
    counts.at_least(0.98, "test counts");
}

/// The end of what a runner of tests printed.
#[derive(Deserialize)]
struct RunnerOutput {
    command: String,
    exit: i32,
    output: String,
    tests: Option<ExpectedTests>,
}

#[test]
fn totals_of_runners_are_exact() {
    let rules = Rules::with(Vec::new());
    let text = fs::read_to_string(logs().join("totals.json")).expect("totals");
    let all: Vec<RunnerOutput> = serde_json::from_str(&text).expect("totals");
    let mut right = ScoredShare::default();
    for RunnerOutput { command, exit, output, tests } in all {
        let wanted = tests.map(|tests| (tests.passed, tests.failed, tests.skipped));
        for exit_code in [None, Some(exit)] {
            let context = Context { exit_code, command: Some(command.clone()) };
            let totals = diagnose(&rules, output.as_bytes(), &context).expect("read").totals;
            let found = totals.map(|totals| (totals.passed.unwrap_or(0), totals.failed, totals.skipped));
            right.add(found == wanted, &output);
        }
    }
    right.at_least(1.0, "totals of runners");
}

/// What was typed, what came of it, and which commands would have been right.
#[derive(Deserialize)]
struct TypedCommand {
    command: String,
    output: String,
    wanted: Vec<String>,
}

/// A machine of which nothing is known but a few programs, and the scripts of a package.
struct Elsewhere;

impl Surroundings for Elsewhere {
    fn names(&self, kind: &str) -> Vec<String> {
        let names: &[&str] = match kind {
            "executables" => &["git", "vim", "ls", "cd", "docker", "python3", "cargo", "npm", "apt-get", "grep"],
            "scripts" => &["build", "develop", "watch-test", "watch-script"],
            _ => &[],
        };
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn has_file(&self, _: &str) -> bool {
        false
    }
}

#[test]
fn commands_are_suggested_that_are_right_and_none_that_destroys() {
    let rules = Rules::with(Vec::new());
    let text = fs::read_to_string(logs().join("commands.json")).expect("commands");
    let all: Vec<TypedCommand> = serde_json::from_str(&text).expect("commands");
    let words = |command: &str| shell_words::split(&command.replace("&&", " && ")).unwrap_or_default();
    let (mut first, mut three) = (ScoredShare::default(), ScoredShare::default());
    for typed in &all {
        let context = Context { exit_code: Some(1), command: Some(typed.command.clone()) };
        let found = diagnose(&rules, typed.output.as_bytes(), &context).expect("read");
        let made = suggest(&found, Some(&typed.command), &Elsewhere);
        let commands: Vec<&str> = made.iter().take(3).filter_map(|made| made.command.as_deref()).collect();
        assert!(!commands.iter().any(|command| risk::destroys(command)), "{}: {commands:?}", typed.command);
        if typed.wanted.iter().all(|wanted| risk::destroys(wanted)) {
            continue;
        }
        let is_right = |command: &&str| typed.wanted.iter().any(|wanted| words(wanted) == words(command));
        first.add(commands.first().is_some_and(is_right), &typed.command);
        three.add(commands.iter().any(is_right), &typed.command);
    }
    first.at_least(0.905, "the first command is right");
    three.at_least(0.916, "one of three commands is right");
}

#[test]
fn a_log_that_comes_thrice_tells_nothing_more() {
    let (rules, cases) = (Rules::with(Vec::new()), cases());
    let mut same = ScoredShare::default();
    for (case, log) in cases.iter().filter(|(case, _)| !case.clean) {
        let context = Context { exit_code: Some(case.exit), command: Some(case.command.clone()) };
        let messages = |log: &[u8]| {
            let read = diagnose(&rules, log, &context).expect("read");
            errors(&read).iter().map(|finding| finding.message.clone()).collect::<BTreeSet<_>>()
        };
        let once = [log, &b"\n"[..]].concat();
        let (one, three) = (messages(&once), messages(&once.repeat(3)));
        same.add(one == three, &case.log);
    }
    same.at_least(0.983, "thrice");
}

//! What is wrong, from what a command printed: text in, findings out. Knows logs, and neither tasks
//! nor processes.

mod captured;
pub mod counts;
mod draft;
pub mod finding;
pub mod finding_json;
pub mod fingerprint;
pub mod group;
#[cfg(test)]
mod judged;
mod lazy_pattern;
mod lazy_rule;
pub mod learned;
mod literals;
pub mod live;
pub mod matched;
mod nearest;
pub mod novelty;
mod ownership;
pub mod pack;
mod packs;
mod prefix;
mod reading;
mod regions;
pub mod risk;
mod rule;
pub mod rules;
mod scan;
mod scanned;
mod structured;
pub mod suggest;
pub mod surroundings;
mod template;
pub mod verdict;
mod window;
mod written_table;

use std::io::{self, Read};

use counts::Totals;
use finding::{Finding, Severity};
use group::{Exit, Tests};
use reading::Reading;
use rules::Rules;
use scan::Scanner;
use scanned::Scanned;
use verdict::Verdict;

/// The rule of what only an exit code tells.
pub const EXIT_ONLY: &str = "exit/status";

/// What is known of a log beside its text.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The exit code of its command.
    pub exit_code: Option<i32>,
    /// Its command.
    pub command: Option<String>,
}

/// All that a log tells.
#[derive(Debug)]
pub struct Diagnosis {
    /// What it came to.
    pub verdict: Verdict,
    /// What is wrong, the first to be fixed first.
    pub findings: Vec<Finding>,
    /// How often something else was found, which is not kept: there were too many before.
    pub unkept: u64,
    /// What became of tests.
    pub totals: Option<Totals>,
    /// The last lines that say anything, in order.
    pub last: Vec<String>,
}

impl Diagnosis {
    /// Whether something is wrong.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Every text in it that the log's author had a say in.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        self.findings.iter_mut().flat_map(Finding::texts_mut).chain(&mut self.last)
    }
}

/// Reads a log to its end.
pub fn diagnose(rules: &Rules, log: impl Read, context: &Context) -> io::Result<Diagnosis> {
    diagnose_from(1, rules, log, context)
}

/// The same of a part that begins with the line of this number, the first being 1.
pub fn diagnose_from(line: u64, rules: &Rules, log: impl Read, context: &Context) -> io::Result<Diagnosis> {
    let is_suspicious = verdict::exit_of(context.exit_code) == Exit::Failure;
    let mut scanner = Scanner::new(rules, is_suspicious).of_command(context.command.as_deref());
    let mut reading = Reading::from_line(log, line);
    while let Some(block) = reading.next()? {
        scanner.feed(&block);
    }
    Ok(conclude(scanner.finish(), context))
}

fn conclude(mut scanned: Scanned, context: &Context) -> Diagnosis {
    let exit = verdict::exit_of(context.exit_code);
    let totals = scanned.counts.totals();
    let tests = match (totals, scanned.build) {
        (Some(totals), _) if totals.failed > 0 => Tests::Failed,
        (_, Some(false)) => Tests::Failed,
        (Some(_), _) | (None, Some(true)) => Tests::Passed,
        (None, None) => Tests::Unknown,
    };
    let hits = std::mem::take(&mut scanned.hits);
    let mut findings = group::findings(hits, &scanned.regions, exit, tests);
    std::mem::take(&mut scanned.matched).add_to(&mut findings);
    let has_errors = findings.iter().any(|finding| finding.severity == Severity::Error);
    if exit == Exit::Failure && !has_errors {
        findings.insert(0, exit_only(&scanned, context));
    }
    let verdict = verdict::of(context.exit_code, totals, scanned.build, &findings);
    let last = scanned.last.into_iter().map(|(_, text)| text).collect();
    Diagnosis { verdict, findings, unkept: scanned.unkept, totals, last }
}

/// What a command line executes, without its directory.
fn program(command: &str) -> Option<&str> {
    let words = command.split_whitespace().skip_while(|word| word.contains('=') || *word == "env" || *word == "sudo");
    let name = words.into_iter().next()?.rsplit('/').next()?;
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte)).then_some(name)
}

/// A command that failed without a word that any rule knows: its last words are shown.
fn exit_only(scanned: &Scanned, context: &Context) -> Finding {
    let code = context.exit_code.unwrap_or(1);
    let explanation = verdict::of(context.exit_code, None, None, &[]).explanation;
    let said = scanned.last.last();
    let line = said.map_or(scanned.lines.max(1), |(line, _)| *line);
    let ran = context.command.as_deref().and_then(program);
    let why = match (explanation, said) {
        // As a shell says it, so that what helps against that is found.
        (Some(_), None) if code == 127 && ran.is_some() => {
            format!(": {}: command not found", ran.unwrap_or_default())
        }
        (Some(explanation), _) => format!(": {explanation}"),
        (None, Some((_, text))) => format!("; its last words: {}", text.trim()),
        (None, None) => " and printed nothing".to_owned(),
    };
    let (message, lines) =
        (format!("exited with {code}{why}"), said.map(|(_, text)| text.clone()).into_iter().collect());
    Finding {
        tool: ran.unwrap_or("exit").to_owned(),
        category: "exit".to_owned(),
        code: Some(code.to_string()),
        ..Finding::of_line(line, EXIT_ONLY, message, lines)
    }
}

#[cfg(test)]
mod tests {
    use super::finding::Severity;
    use super::pack::{self, Example};
    use super::rules::{self, Rules};
    use super::{Context, diagnose, packs};

    fn found(rules: &Rules, text: &str, exit_code: Option<i32>) -> super::Diagnosis {
        diagnose(rules, text.as_bytes(), &Context { exit_code, command: None }).expect("text is read")
    }

    fn wrong(rules: &Rules, example: &Example) -> Option<String> {
        let diagnosis = found(rules, &example.text, Some(1));
        let severity = if example.severity.as_deref() == Some("warning") { Severity::Warning } else { Severity::Error };
        let Some(first) = diagnosis.findings.iter().find(|finding| finding.severity == severity) else {
            return Some("nothing is found".into());
        };
        let place = first.place.as_ref();
        let is_as_said = example.line.is_none_or(|line| line == first.line)
            && example.file.as_ref().is_none_or(|file| place.is_some_and(|place| place.file == *file))
            && example.at.is_none_or(|at| place.and_then(|place| place.line) == Some(at))
            && example.message.as_ref().is_none_or(|message| first.message == *message)
            && first.rule != "exit/status";
        (!is_as_said).then(|| format!("{first:#?}"))
    }

    #[test]
    fn each_rule_finds_its_examples() {
        let rules = Rules::with(Vec::new());
        let mut failures = Vec::new();
        for (file, text) in packs::all() {
            let pack = rules::checked(file, text).expect("a pack");
            for rule in &pack.rules {
                for example in &rule.examples {
                    failures.extend(
                        wrong(&rules, example).map(|why| format!("{file} {}: {}\n{why}", rule.name, example.text)),
                    );
                }
                for text in &rule.counterexamples {
                    let diagnosis = found(&rules, text, None);
                    if diagnosis.has_errors() {
                        failures.push(format!("{file} {}: {text}\n{:#?}", rule.name, diagnosis.findings));
                    }
                }
            }
        }
        assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n\n"));
    }

    #[test]
    fn a_pattern_that_is_none_is_told_with_its_place() {
        let text = "name = \"mine\"\n[[rule]]\nname = \"a\"\nliterals = \"x\"\nstart = \"a(b\"\n";
        let message = rules::checked("mine.toml", text).expect_err("unclosed").to_string();
        assert!(message.contains("mine.toml: rule `a`, start") && message.contains("unclosed group"), "{message}");
        assert!(pack::parse("x.toml", "name = 3").is_err());
    }

    #[test]
    fn a_new_cycle_of_a_watcher_clears_what_was_found_before() {
        let rules = Rules::with(Vec::new());
        let bad = "src/a.ts:1:7 - error TS2322: Type 'string' is not assignable to type 'number'.\n\n";
        let begin = "[10:00:00 AM] File change detected. Starting incremental compilation...\n\n";
        let fine = "[10:00:01 AM] Found 0 errors. Watching for file changes.\n";
        assert!(found(&rules, &[bad, begin, bad].concat(), None).has_errors());
        assert!(!found(&rules, &[bad, begin, fine].concat(), None).has_errors());
    }

    #[test]
    fn a_tool_that_the_command_names_is_asked_first() {
        let text =
            "name = \"x\"\n[[rule]]\nname = \"a\"\ntool = \"one\"\nliterals = \"@@\"\nstart = '^@@ (?P<message>.*)'\n";
        let pack = |tool: &str| rules::checked("x.toml", &text.replace("one", tool)).expect("a pack");
        let rules = Rules::with(vec![pack("one"), pack("two")]);
        let tool = |command: &str| {
            let context = Context { exit_code: Some(1), command: Some(command.to_owned()) };
            diagnose(&rules, "@@ bad\n".as_bytes(), &context).expect("read").findings[0].tool.clone()
        };
        assert_eq!(
            (tool("make"), tool("npx two src"), tool("/usr/bin/one")),
            ("one".into(), "two".into(), "one".into())
        );
    }

    #[test]
    fn streams_that_share_a_log_are_told_apart() {
        let rules = Rules::with(Vec::new());
        let log = "\
[api] Traceback (most recent call last):
[web] ready
[api]   File \"/x/a.py\", line 3, in <module>
[web] GET / 200
[api]     f()
[api] ValueError: x
";
        let diagnosis = found(&rules, log, None);
        let places: Vec<_> = diagnosis.findings.iter().map(|finding| (finding.line, finding.place.clone())).collect();
        assert_eq!(places.len(), 1);
        assert_eq!((places[0].0, places[0].1.as_ref().and_then(|place| place.line)), (6, Some(3)));
    }
}

//! Lines that match a pattern of somebody's own: each is a problem though no rule knows it.

use std::collections::HashMap;

use super::EXIT_ONLY;
use super::finding::{Confidence, Finding, Severity};
use super::fingerprint::masked;
use super::reading::Block;
use super::rule::Patterns;
use super::window::LONGEST;

/// The rule of such a finding.
pub const PATTERN: &str = "hook/pattern";
/// No more different ones are kept: what comes then is counted only.
const MOST: usize = 1000;
/// No more lines that match are kept of a problem that a rule knows.
const MOST_BESIDE: usize = 20;

/// A line that matches.
#[derive(Clone, Debug)]
struct PatternLine {
    number: u64,
    text: String,
    count: u64,
}

/// The lines that match.
#[derive(Clone, Debug, Default)]
pub struct PatternLines {
    lines: Vec<PatternLine>,
    known: HashMap<String, usize>,
}

impl PatternLines {
    /// Looks at the next lines; says whether there is a new one.
    pub fn look(&mut self, block: &Block, patterns: &Patterns) -> bool {
        if patterns.is_empty() {
            return false;
        }
        let before = self.lines.len();
        let lines = block.bytes.split(|byte| *byte == b'\n').enumerate();
        for (at, line) in lines.filter(|(_, line)| !line.is_empty()) {
            let line = line[..line.len().min(LONGEST)].trim_ascii_end();
            if patterns.is_match(line) {
                self.keep(block.numbers.of(at), &String::from_utf8_lossy(line));
            }
        }
        self.lines.len() > before
    }

    fn keep(&mut self, number: u64, text: &str) {
        let key = masked(text.trim());
        if let Some(at) = self.known.get(&key) {
            self.lines[*at].count += 1;
        } else if self.lines.len() < MOST {
            self.known.insert(key, self.lines.len());
            self.lines.push(PatternLine { number, text: text.to_owned(), count: 1 });
        }
    }

    /// Those before a line.
    pub fn before(&self, number: u64) -> PatternLines {
        let lines = self.lines.iter().filter(|line| line.number < number).cloned().collect();
        PatternLines { lines, known: HashMap::new() }
    }

    /// Adds them to what the rules have found: those within a problem belong to that, and what only
    /// looks like a problem makes way for them.
    pub fn add_to(self, findings: &mut Vec<Finding>) {
        for PatternLine { number, text, count } in self.lines {
            let has = |finding: &Finding| (finding.extent.0..=finding.extent.1).contains(&number);
            let is_sure = |finding: &Finding| finding.confidence > Confidence::Low && finding.rule != EXIT_ONLY;
            let is_error = |finding: &Finding| finding.severity == Severity::Error;
            let within = |finding: &&mut Finding| has(finding) && is_error(finding) && is_sure(finding);
            if let Some(known) = findings.iter_mut().find(within) {
                if known.lines.len() < MOST_BESIDE && !known.lines.contains(&text) {
                    known.lines.push(text);
                }
                continue;
            }
            findings.retain(|finding| !has(finding) || is_sure(finding) || finding.rule == EXIT_ONLY);
            findings.push(finding(number, text, count));
        }
    }
}

fn finding(line: u64, text: String, count: u64) -> Finding {
    let message = text.trim().to_owned();
    Finding {
        tool: "hook".to_owned(),
        category: "log".to_owned(),
        count,
        ..Finding::of_line(line, PATTERN, message, vec![text])
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnose::finding::Severity;
    use crate::diagnose::rules::Rules;
    use crate::diagnose::{Context, diagnose};

    fn found(patterns: &[&str], text: &str, exit_code: i32) -> Vec<(u64, String, u64)> {
        let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        let rules = Rules::with(Vec::new()).and_lines(&patterns);
        let context = Context { exit_code: Some(exit_code), command: None };
        let diagnosis = diagnose(&rules, text.as_bytes(), &context).expect("read");
        let errors = diagnosis.findings.into_iter().filter(|finding| finding.severity == Severity::Error);
        errors.map(|finding| (finding.line, finding.rule, finding.count)).collect()
    }

    #[test]
    fn a_line_that_matches_is_a_problem_unless_it_is_part_of_one() {
        let own = |line, count| vec![(line, "hook/pattern".to_owned(), count)];
        assert_eq!(found(&["deadlock"], "fine\ndeadlock of 1\ndeadlock of 22\n", 0), own(2, 2));
        assert_eq!(found(&["ERROR|FATAL"], "\u{1b}[31mFATAL\u{1b}[0m: no\n", 0), own(1, 1));
        assert_eq!(found(&["^é+$"], "x\néé\n", 0), own(2, 1));
        assert_eq!(found(&["deadlock"], "fine\n", 0), []);
        let block =
            "Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\n    f()\nValueError: x\n";
        let known = found(&["Traceback", "Value"], block, 1);
        assert_eq!(known.len(), 1, "{known:?}");
        assert_ne!(known[0].1, "hook/pattern");
    }
}

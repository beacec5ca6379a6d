//! What no rule knows, and other runs of the same command tell: lines that stand in each run that
//! failed, and in none that went well.

use super::finding::{Confidence, Finding, Severity};
use super::novelty::{KnownLines, NewLines};
use super::{Context, Diagnosis, EXIT_ONLY, program};

/// What such a finding is called by.
pub const LEARNED: &str = "learned/line";
/// So many runs must have failed, the one that is looked at among them.
pub const LEAST_FAILED: usize = 3;
/// So many must have gone well.
pub const LEAST_GOOD: usize = 2;
/// So many of the others are looked at, of each kind.
pub const MOST_COMPARED: usize = 3;
/// No more are told.
const MOST: usize = 3;

impl Diagnosis {
    /// Whether it takes other runs to tell what is wrong: no rule is sure of anything.
    pub fn is_unexplained(&self) -> bool {
        let errors = self.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let mut kinds = errors.map(|finding| finding.confidence).peekable();
        kinds.peek().is_some() && kinds.all(|confidence| confidence == Confidence::Low)
    }

    /// Takes in which lines are new against runs that went well, and what other runs that failed
    /// printed. What stands in each of those takes the place of what only looks like a problem, and
    /// of the bare exit code.
    pub fn learn(&mut self, new: &NewLines, failed: &[KnownLines], good: usize, context: &Context) {
        if failed.len() + 1 < LEAST_FAILED || good < LEAST_GOOD {
            return;
        }
        let is_in_all = |text: &str| failed.iter().all(|known| known.has(text));
        let mut last = 0;
        let told: Vec<Finding> = new
            .lines
            .iter()
            .filter(|(_, text)| text.chars().any(char::is_alphabetic) && is_in_all(text))
            .filter(|(number, _)| {
                // Of lines that follow each other the first one is told.
                let is_next = last > 0 && *number == last + 1;
                last = *number;
                !is_next
            })
            .take(MOST)
            .map(|(number, text)| finding(*number, text, failed.len() + 1, good, context))
            .collect();
        if told.is_empty() {
            return;
        }
        let is_told = |finding: &Finding| told.iter().any(|known| known.line == finding.line);
        // A rule that has the same line says more of it.
        let is_known = self.findings.iter().any(|finding| finding.rule != EXIT_ONLY && is_told(finding));
        if is_known {
            return;
        }
        self.findings.retain(|finding| finding.severity == Severity::Warning);
        self.findings.splice(0..0, told);
    }
}

fn finding(number: u64, text: &str, failed: usize, good: usize, context: &Context) -> Finding {
    let note = format!("it stands in each of {failed} runs that failed, and in none of {good} that went well");
    Finding {
        tool: context.command.as_deref().and_then(program).unwrap_or("learned").to_owned(),
        category: "learned".to_owned(),
        notes: vec![note],
        ..Finding::of_line(number, LEARNED, text.trim().to_owned(), vec![text.to_owned()])
    }
}

#[cfg(test)]
mod tests {
    use super::super::novelty::KnownLines;
    use super::super::rules::Rules;
    use super::super::{Context, diagnose};
    use super::LEARNED;

    #[test]
    fn what_stands_in_failing_runs_alone_is_told() {
        let rules = Rules::with(Vec::new());
        let context = Context { exit_code: Some(3), command: Some("./deploy.sh".into()) };
        let bad = "12:00:01 begin\nthe moon is full\nand the tide is high\nend 7\n";
        let (good, other) = ("12:03:09 begin\nend 9\n", "12:09:00 begin\nno wind\nthe moon is full\nend 3\n");
        let lines = |log: &str| KnownLines::of(log.as_bytes()).expect("read");
        let told = |failed: &[&str], is_good: usize| {
            let mut diagnosis = diagnose(&rules, bad.as_bytes(), &context).expect("read");
            assert!(diagnosis.is_unexplained());
            let new = lines(good).new_in(bad.as_bytes()).expect("read");
            let failed: Vec<KnownLines> = failed.iter().map(|log| lines(log)).collect();
            diagnosis.learn(&new, &failed, is_good, &context);
            let first = &diagnosis.findings[0];
            (first.rule.clone(), first.line, first.message.clone(), diagnosis.findings.len())
        };
        assert_eq!(told(&[bad, other], 2), (LEARNED.into(), 2, "the moon is full".into(), 1));
        assert_eq!(told(&[bad], 2).0, super::EXIT_ONLY);
        assert_eq!(told(&[bad, other], 1).0, super::EXIT_ONLY);
        assert_eq!(told(&[bad, good], 2).0, super::EXIT_ONLY);
    }
}

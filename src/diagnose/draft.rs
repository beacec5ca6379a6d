//! A finding while its block is being read.

use regex::bytes::Captures;

use super::captured::{captured, place, shown};
use super::finding::{Confidence, Finding, Place, Severity};
use super::ownership;
use super::pack::{Role, Which};
use super::rule::{Patterns, Rule};

/// So many places, notes and hints are kept of one.
const MOST: usize = 40;
/// So many of its lines are kept.
const LINES: usize = 16;
/// So many blank lines may stand before what goes on.
const BLANKS: u32 = 3;

/// A finding in the making.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its rule.
    pub rule: usize,
    finding: Finding,
    lines: usize,
    has_head: bool,
    has_message: bool,
    /// Whether a line says that it is told elsewhere.
    is_dropped: bool,
    /// Whether its head has closed it, unless something follows; and how many blank lines did.
    blanks: Option<u32>,
    /// Whether a line has said since its head that what follows belongs to it.
    is_linked: bool,
    at: Option<Place>,
    frames: Vec<StackFrame>,
    /// Where it is, if nothing tells better.
    fallback: Option<Place>,
}

/// A place on the way, and whether it may be in the user's own code.
#[derive(Clone, Debug)]
struct StackFrame {
    place: Place,
    is_own: bool,
}

/// What a line is to a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It belongs to it.
    On,
    /// It is its last one.
    Last,
    /// It does not belong to it: it was over before.
    Over,
}

impl Draft {
    /// Begins with what its first line says; `None` if that says it is no problem.
    pub fn new(
        index: usize,
        rule: &Rule,
        text: &[u8],
        found: &Captures<'_>,
        number: u64,
        stream: &[u8],
    ) -> Option<Draft> {
        let word = found.name("severity").map(|word| word.as_bytes());
        let severity = match (word, rule.severity.as_deref()) {
            (Some(word), _) => severity(word),
            (None, Some("note")) => None,
            (None, Some("warning")) => Some(Severity::Warning),
            (None, _) => Some(Severity::Error),
        };
        // What is only said beside something else is read to its end, and dropped.
        if severity.is_none() && !rule.is_block() {
            return None;
        }
        let finding = Finding {
            line: number,
            extent: (number, number),
            severity: severity.unwrap_or(Severity::Warning),
            confidence: confidence(rule.role),
            tool: if severity.is_none() {
                String::new()
            } else {
                captured(found, "tool").unwrap_or_else(|| rule.tool.clone())
            },
            category: rule.category.clone(),
            rule: rule.name.clone(),
            code: captured(found, "code").or_else(|| rule.code.clone()),
            message: captured(found, "message").unwrap_or_else(|| shown(text)),
            test: captured(found, "test"),
            place: None,
            frames: Vec::new(),
            notes: Vec::new(),
            hints: Vec::new(),
            lines: vec![shown(text)],
            count: 1,
            stream: shown(stream),
        };
        let mut draft = Draft {
            rule: index,
            finding,
            lines: 0,
            has_head: false,
            has_message: false,
            is_dropped: false,
            blanks: None,
            is_linked: false,
            at: None,
            frames: Vec::new(),
            fallback: None,
        };
        match place(found) {
            Some(place) if place.line.is_none() && !rule.frame.is_empty() => draft.fallback = Some(place),
            Some(place) if rule.frame.is_empty() => draft.at = Some(place),
            Some(place) => draft.frames.push(StackFrame::new(place, found)),
            None => {}
        }
        // Its first line may be all there is.
        draft.absorb(rule, text, false);
        Some(draft)
    }

    /// Whether it is known what is wrong, as far as its rule looks for that.
    pub fn has_head(&self, rule: &Rule) -> bool {
        self.has_head || rule.head.is_empty()
    }

    /// Which stream it is on.
    pub fn stream(&self) -> &[u8] {
        self.finding.stream.as_bytes()
    }

    /// The first line that belongs to it.
    pub fn first_line(&self) -> u64 {
        self.finding.extent.0
    }

    /// The last line that belonged to it.
    pub fn last_line(&self) -> u64 {
        self.finding.extent.1
    }

    /// What a line before it told.
    pub fn learn(&mut self, found: &Captures<'_>) {
        let finding = &mut self.finding;
        finding.test = finding.test.take().or_else(|| captured(found, "test"));
        finding.code = finding.code.take().or_else(|| captured(found, "code"));
        finding.message = captured(found, "message").unwrap_or_else(|| std::mem::take(&mut finding.message));
        match place(found) {
            Some(place) if place.line.is_none() => self.fallback = Some(place),
            Some(place) if self.at.as_ref().is_none_or(|at| !ownership::is_own(&at.file)) => self.at = Some(place),
            Some(_) | None => {}
        }
        if let Some(file) = captured(found, "header") {
            // The rows below a file's name have only lines and columns.
            self.at = Some(match self.at.take() {
                Some(place) => Place { file, ..place },
                None => Place { file, line: None, column: None },
            });
        }
    }

    /// It begins with a line before its own, which says what is wrong.
    pub fn begin_at(&mut self, number: u64) {
        self.finding.line = number;
        self.finding.extent.0 = number;
    }

    /// The next line of its stream.
    pub fn go_on(&mut self, rule: &Rule, text: &[u8], number: u64) -> Step {
        self.lines += 1;
        if self.lines > rule.max {
            return Step::Over;
        }
        if let Some(blanks) = self.blanks {
            if text.is_empty() && blanks < BLANKS {
                self.blanks = Some(blanks + 1);
                return Step::On;
            }
            // What begins without a word of what came before is another problem.
            let is_start = rule.start.is_match(text);
            let goes_on = self.is_linked && (is_start || rule.body.is_match(text));
            if !goes_on && !rule.chain.is_match(text) {
                return Step::Over;
            }
            // Blank lines may follow until the next one begins.
            self.blanks = (!goes_on && !is_start).then_some(0);
            self.is_linked = true;
            (self.frames, self.at) = (Vec::new(), None);
            if !self.finding.message.is_empty() && self.has_head {
                let cause = std::mem::take(&mut self.finding.message);
                keep(&mut self.finding.notes, cause);
            }
            self.finding.extent.1 = number;
            return Step::On;
        }
        if rule.until.is_match(text) {
            return Step::Over;
        }
        if rule.takes_all() && self.has_head && rule.chain.is_match(text) {
            // What was told so far is the cause of what follows.
            self.has_head = false;
            (self.frames, self.at) = (Vec::new(), None);
            let cause = self.finding.message.clone();
            keep(&mut self.finding.notes, cause);
            self.finding.extent.1 = number;
            return Step::On;
        }
        if text.is_empty() {
            let goes_on = rule.blank || rule.blank_before_frame && self.frames.is_empty();
            return if goes_on { Step::On } else { Step::Over };
        }
        if let Some(found) = rule.head.captures(text).filter(|_| !(self.has_head && rule.heads == Which::First)) {
            self.take_head(&found, text, number);
            self.absorb(rule, text, true);
            self.finding.extent.1 = number;
            return match (rule.head_closes, rule.chain.is_empty()) {
                (false, _) => Step::On,
                (true, true) => Step::Last,
                (true, false) => {
                    self.blanks = Some(0);
                    Step::On
                }
            };
        }
        if rule.end.is_match(text) {
            self.absorb(rule, text, true);
            self.finding.extent.1 = number;
            return Step::Last;
        }
        let is_body = rule.body.is_match(text) || rule.takes_all() || self.lines <= rule.takes;
        if !is_body {
            return Step::Over;
        }
        self.absorb(rule, text, true);
        self.finding.extent.1 = number;
        Step::On
    }

    /// The finding; `None` if it was only said beside something else, or never came to its point.
    pub fn finish(mut self, rule: &Rule) -> Option<Finding> {
        if self.finding.tool.is_empty()
            || self.is_dropped
            || rule.head_closes && !rule.head.is_empty() && !self.has_head
        {
            return None;
        }
        let own = |frame: &&StackFrame| frame.is_own;
        let deepest = match rule.frames {
            Which::First => self.frames.iter().find(own).or(self.frames.first()),
            Which::Last => self.frames.iter().rev().find(own).or(self.frames.last()),
        };
        let at = self.at.take();
        self.finding.place = match (at, deepest) {
            (Some(at), Some(frame)) if !ownership::is_own(&at.file) => Some(frame.place.clone()),
            (Some(at), _) => Some(at),
            (None, Some(frame)) if frame.is_own => Some(frame.place.clone()),
            (None, Some(frame)) => self.fallback.or_else(|| Some(frame.place.clone())),
            (None, None) => self.fallback,
        };
        if self.finding.message.is_empty() {
            // Nothing came of what it was said to be the cause of.
            self.finding.message = self.finding.notes.pop().unwrap_or_default();
        }
        self.finding.frames = self.frames.into_iter().map(|frame| frame.place).collect();
        Some(self.finding)
    }

    fn take_head(&mut self, found: &Captures<'_>, text: &[u8], number: u64) {
        (self.has_head, self.is_linked) = (true, false);
        let finding = &mut self.finding;
        finding.line = number;
        finding.message = captured(found, "message").unwrap_or_else(|| shown(text));
        finding.code = captured(found, "code").or(finding.code.take());
        finding.test = captured(found, "test").or(finding.test.take());
        if let Some(place) = place(found) {
            self.at = Some(place);
        }
    }

    /// What a line of the block tells beside its head.
    fn absorb(&mut self, rule: &Rule, text: &[u8], is_body: bool) {
        self.is_dropped |= rule.drop.is_match(text);
        if self.fallback.is_none() {
            self.fallback = rule.fallback.captures(text).as_ref().and_then(place);
        }
        if let Some(place) = rule.at.captures(text).as_ref().and_then(place) {
            self.take_place(rule, place);
        }
        let frame = rule.frame.captures(text).and_then(|found| Some(StackFrame::new(place(&found)?, &found)));
        if let Some(frame) = frame {
            if self.frames.len() < MOST {
                self.frames.push(frame);
            } else if rule.frames == Which::Last {
                self.frames.remove(MOST / 2);
                self.frames.push(frame);
            }
        }
        if !is_body {
            return;
        }
        if self.finding.lines.len() < LINES {
            self.finding.lines.push(shown(text));
        }
        if let Some(found) = rule.message.captures(text).filter(|_| !self.has_message) {
            self.has_message = true;
            self.finding.message = captured(&found, "message").unwrap_or_else(|| shown(text));
            self.finding.code = captured(&found, "code").or(self.finding.code.take());
        }
        let notes = [(&rule.hint, &mut self.finding.hints), (&rule.note, &mut self.finding.notes)];
        for (patterns, texts) in notes {
            let patterns: &Patterns = patterns;
            if let Some(found) = patterns.captures(text) {
                keep(texts, captured(&found, "message").unwrap_or_else(|| shown(text)));
            }
        }
    }

    /// A place that a line tells: of the file that an earlier one names, if it has only a line.
    fn take_place(&mut self, rule: &Rule, place: Place) {
        if let Some(at) = self.at.as_mut().filter(|at| at.line.is_none() && place.file.is_empty()) {
            (at.line, at.column) = (place.line, place.column);
            return;
        }
        let is_better =
            self.at.as_ref().is_none_or(|at| !ownership::is_own(&at.file) && ownership::is_own(&place.file));
        if is_better || rule.ats == Which::Last {
            self.at = Some(place);
        }
    }
}

impl StackFrame {
    fn new(place: Place, found: &Captures<'_>) -> StackFrame {
        let class = captured(found, "class");
        let is_own = ownership::is_own(&place.file) && class.is_none_or(|class| ownership::is_own_class(&class));
        StackFrame { place, is_own }
    }
}

fn keep(texts: &mut Vec<String>, text: String) {
    if texts.len() < MOST && !texts.contains(&text) {
        texts.push(text);
    }
}

/// Whether a finding is one for sure.
fn confidence(role: Role) -> Confidence {
    match role {
        Role::Level | Role::Summary => Confidence::Medium,
        Role::Generic => Confidence::Low,
        Role::Ignore | Role::Problem | Role::Test | Role::Counts | Role::Tests | Role::Build | Role::Cycle => {
            Confidence::High
        }
    }
}

/// How bad a word says it is; `None` for what is only said beside something else.
fn severity(word: &[u8]) -> Option<Severity> {
    let word = word.to_ascii_lowercase();
    let is = |part: &str| memchr::memmem::find(&word, part.as_bytes()).is_some();
    if is("warn") || is("suggest") {
        Some(Severity::Warning)
    } else if word.is_empty() || is("note") || is("info") || is("hint") || is("help") || is("remark") || is("debug") {
        None
    } else {
        Some(Severity::Error)
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnose::rules::Rules;
    use crate::diagnose::{Context, diagnose};

    fn traceback(line: usize, message: &str) -> String {
        format!("Traceback (most recent call last):\n  File \"/srv/a.py\", line {line}, in f\n    f()\n{message}\n")
    }

    fn found(text: &str) -> Vec<(u64, u64, String)> {
        let read = diagnose(&Rules::with(Vec::new()), text.as_bytes(), &Context::default()).expect("read");
        read.findings.iter().map(|finding| (finding.line, finding.count, finding.message.clone())).collect()
    }

    #[test]
    fn one_problem_that_comes_again_and_again_is_one_that_came_so_often() {
        let bad = traceback(7, "ValueError: bad id");
        let one = |count: u64| vec![(4, count, "ValueError: bad id".to_owned())];
        assert_eq!(found(&bad.repeat(3)), one(3));
        assert_eq!(found(&bad.repeat(2000)), one(2000), "longer than any block");
        assert_eq!(found(&(bad.clone() + "\n\n").repeat(3)), one(3));
        let other = traceback(9, "KeyError: 'x'");
        assert_eq!(found(&(bad + &other)).len(), 2, "each is told");
    }

    #[test]
    fn an_endless_chain_of_causes_has_a_message() {
        let linked = traceback(7, "ValueError: bad id")
            + "\nDuring handling of the above exception, another exception occurred:\n\n";
        let found = found(&linked.repeat(2000));
        assert!(!found.is_empty() && found.iter().all(|(_, _, message)| message == "ValueError: bad id"), "{found:?}");
    }
}

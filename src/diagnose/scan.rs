//! The rules, put to each line that may be of interest, and what they found.

use std::collections::HashMap;

use super::counts::Counts;
use super::draft::Draft;
use super::matched::PatternLines;
use super::pack::Role;
use super::prefix::{self, Split};
use super::reading::Block;
use super::rule::Rule;
use super::rules::Rules;
use super::scanned::{Hit, Scanned};
use super::window::{BEHIND, Window};
use super::{fingerprint, structured};

/// Lines that are kept for what looks ahead.
const AHEAD: usize = 8;
/// A block whose stream says nothing for so many lines of others is over.
const SILENCE: u64 = 200;
/// No more different ones are kept: what comes then is counted only.
const MOST: usize = 4000;
/// So many of the last lines that say anything are kept.
const LAST: usize = 40;

/// Puts the rules to a log, block by block.
#[derive(Clone)]
pub struct Scanner<'r> {
    rules: &'r Rules,
    /// Whether what only looks like a problem may be one.
    is_suspicious: bool,
    /// The rules of tools that the command names: of those that fit a line they come first.
    favoured: Vec<bool>,
    window: Window,
    open: Vec<Draft>,
    known: HashMap<u64, usize>,
    found: Scanned,
    /// How often something new was found, or all was forgotten.
    changes: u64,
    cycles: u64,
}

impl<'r> Scanner<'r> {
    /// Begins with the first line; it may be known that something failed.
    pub fn new(rules: &'r Rules, is_suspicious: bool) -> Scanner<'r> {
        Scanner {
            rules,
            is_suspicious,
            favoured: Vec::new(),
            window: Window::default(),
            open: Vec::new(),
            known: HashMap::new(),
            found: Scanned::default(),
            changes: 0,
            cycles: 0,
        }
    }

    /// What printed the log is known.
    pub fn of_command(mut self, command: Option<&str>) -> Scanner<'r> {
        self.favoured = command.map_or_else(Vec::new, |command| self.rules.of_tools_in(command));
        self
    }

    /// How often something new was found, or all was forgotten.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// How often a watcher has begun anew.
    pub fn cycles(&self) -> u64 {
        self.cycles
    }

    /// What was found so far, without what may still become something else: what only looks like a
    /// problem, and what came last.
    pub fn settled(&self) -> Scanned {
        let last = self.window.lines.get(self.window.at).map_or(u64::MAX, |line| line.1);
        let is_settled = |hit: &Hit| hit.role != Role::Generic && hit.finding.extent.1 + (AHEAD as u64) < last;
        let hits = self.found.hits.iter().filter(|hit| is_settled(hit)).cloned().collect();
        let (counts, regions) = (self.found.counts.clone(), self.found.regions.clone());
        // A line may belong to what is still being read.
        let open = self.open.iter().map(Draft::first_line).min().unwrap_or(u64::MAX);
        let matched = self.found.matched.before(open.min(last.saturating_sub(AHEAD as u64)));
        let (build, lines, unkept) = (self.found.build, self.found.lines, self.found.unkept);
        Scanned { hits, unkept, counts, regions, build, last: Vec::new(), lines, matched }
    }

    /// Takes in the next lines.
    pub fn feed(&mut self, block: &Block) {
        self.window.push(block);
        self.changes += u64::from(self.found.matched.look(block, &self.rules.lines));
        self.look(self.window.lines.len().saturating_sub(AHEAD));
    }

    /// Looks at the last lines, and tells what was found.
    pub fn finish(mut self) -> Scanned {
        self.look(self.window.lines.len());
        for draft in std::mem::take(&mut self.open) {
            self.close(draft);
        }
        let window = &self.window;
        let from = window.lines.len().saturating_sub(LAST * 2);
        let said = (from..window.lines.len()).filter(|at| !window.line(*at).is_empty());
        let text = |at: usize| String::from_utf8_lossy(window.line(at)).into_owned();
        self.found.last = said.map(|at| (window.lines[at].1, text(at))).collect();
        self.found.lines = window.lines.last().map_or(0, |line| line.1);
        self.found.hits.sort_by_key(|hit| hit.finding.line);
        self.found
    }

    fn look(&mut self, end: usize) {
        while self.window.at < end {
            let mut first = 0;
            if self.open.is_empty() {
                let from = self.window.lines[self.window.at].0;
                let Some(found) = self.rules.next_candidate(&self.window.bytes[from..]) else {
                    self.window.at = end;
                    return;
                };
                let line = self.window.lines.partition_point(|line| line.0 <= from + found) - 1;
                self.window.at = line.min(end);
                if line >= end {
                    return;
                }
                first = from + found - self.window.lines[line].0;
            }
            let at = self.window.at;
            self.line(at, first);
            self.window.at += 1;
        }
    }

    /// Looks at a line in which no literal stands before a place.
    fn line(&mut self, at: usize, first: usize) {
        let number = self.window.lines[at].1;
        let raw = self.window.line(at).to_vec();
        let split = prefix::split(&raw);
        let open = self.open_rule(split.stream);
        if !self.open.is_empty() && self.go_on(&split, number) {
            return open.into_iter().for_each(|open| self.count_within(open, &split, at));
        }
        if raw.is_empty() {
            return;
        }
        let mut candidates = self.rules.candidates_from(&raw, first);
        // What begins where a block is over is likely to be another of the same.
        if !self.favoured.is_empty() || open.is_some_and(|open| candidates.contains(&open)) {
            let is_named = |at: usize| self.favoured.get(at).is_some_and(|is_named| *is_named);
            candidates.sort_by_key(|at| (self.rules.role(*at), open != Some(*at), !is_named(*at)));
        }
        if let Some(hit) = candidates
            .iter()
            .any(|at| self.rules.role(*at) == Role::Level)
            .then(|| structured::find(split.text, number))
            .flatten()
        {
            candidates.retain(|at| self.rules.role(*at) == Role::Ignore);
            if !candidates.iter().any(|at| self.rules.get(*at).start.is_match(split.text)) {
                self.keep(Hit {
                    finding: hit,
                    role: Role::Level,
                    rank: 0,
                    is_loose: false,
                    is_certain: false,
                    is_row: false,
                });
            }
            return;
        }
        if self.begins_anew(&candidates, split.text) {
            return self.forget(split.stream);
        }
        self.count(&candidates, &split, at);
        for candidate in candidates {
            if matches!(self.rules.role(candidate), Role::Counts | Role::Tests | Role::Build | Role::Cycle) {
                continue;
            }
            let rule = self.rules.get(candidate);
            if rule.loose && !self.is_suspicious {
                continue;
            }
            if rule.role == Role::Ignore && !rule.is_block() && rule.before.is_empty() {
                let is_it = |text: &[u8]| rule.start.is_match(text) && !rule.unless.is_match(text);
                if (is_it(split.text) || is_it(&raw)) && (rule.next.is_empty() || self.is_followed(rule, &split, at)) {
                    return;
                }
                continue;
            }
            let begun = self.begin(candidate, rule, split.text, &split, at).or_else(|| {
                (split.text.len() < raw.len()).then(|| self.begin(candidate, rule, &raw, &split, at)).flatten()
            });
            match begun {
                Some(draft) if rule.is_block() => return self.open.push(draft),
                Some(_) if rule.role == Role::Ignore => return,
                Some(draft) => return self.close(draft),
                None => {}
            }
        }
    }

    /// Whether a watcher begins another cycle.
    fn begins_anew(&self, candidates: &[usize], text: &[u8]) -> bool {
        let is_cycle = |at: &&usize| self.rules.role(**at) == Role::Cycle;
        let mut rules = candidates.iter().filter(is_cycle).map(|at| self.rules.get(*at));
        rules.any(|rule| rule.start.is_match(text) && !rule.unless.is_match(text))
    }

    /// What was found on a stream is of the past; a watcher that has a name speaks for what has
    /// none.
    fn forget(&mut self, stream: &[u8]) {
        (self.changes, self.cycles) = (self.changes + 1, self.cycles + 1);
        let is_past = |name: &str| name.is_empty() || name.as_bytes() == stream;
        self.open.retain(|draft| draft.stream() != stream && !draft.stream().is_empty());
        self.found.hits.retain(|hit| !is_past(&hit.finding.stream));
        self.known.clear();
        let kept = self.found.hits.iter().enumerate();
        self.known.extend(kept.map(|(at, hit)| (fingerprint::identity(&hit.finding), at)));
        (self.found.counts, self.found.build) = (Counts::default(), None);
        self.found.matched = PatternLines::default();
    }

    /// Counts of tests, and what a build came to. A line may be that and a summary.
    fn count(&mut self, candidates: &[usize], split: &Split<'_>, at: usize) {
        let (text, number) = (split.text, self.window.lines[at].1);
        let mut counted: Vec<&str> = Vec::new();
        let tells = |at: &&usize| matches!(self.rules.role(**at), Role::Counts | Role::Tests | Role::Build);
        for rule in candidates.iter().filter(tells).map(|at| self.rules.get(*at)) {
            if counted.contains(&rule.tool.as_str()) {
                continue;
            }
            let Some(found) = rule.start.captures(text).filter(|_| !rule.unless.is_match(text)) else { continue };
            if !rule.next.is_empty() && !self.is_followed(rule, split, at) {
                continue;
            }
            match rule.role {
                Role::Tests if rule.succeeded => self.found.regions.end(&rule.tool, number, true),
                Role::Tests => self.found.regions.begin(&rule.tool, number),
                Role::Build => self.found.build = Some(rule.succeeded),
                _ => {
                    let has_passed = self.found.counts.add(rule, &found);
                    self.found.regions.end(&rule.tool, number, has_passed);
                    counted.push(&rule.tool);
                }
            }
        }
    }

    /// The rule of the block that is open on a stream.
    fn open_rule(&self, stream: &[u8]) -> Option<usize> {
        self.open.iter().find(|draft| draft.stream() == stream).map(|draft| draft.rule)
    }

    /// A block that goes on to its end may have the totals of its tests in it.
    fn count_within(&mut self, open: usize, split: &Split<'_>, at: usize) {
        let is_count = |at: &usize| {
            let rule = || self.rules.get(*at);
            self.rules.role(*at) == Role::Counts && rule().adds.is_none() && rule().tool == self.rules.get(open).tool
        };
        let candidates: Vec<usize> = self.rules.candidates(split.text).into_iter().filter(is_count).collect();
        if !candidates.is_empty() {
            self.count(&candidates, split, at);
        }
    }

    /// Gives a line to the block that is open on its stream; says whether it belongs to that.
    fn go_on(&mut self, split: &Split<'_>, number: u64) -> bool {
        let mut at = 0;
        while at < self.open.len() {
            if number.saturating_sub(self.open[at].last_line()) > SILENCE {
                let draft = self.open.remove(at);
                self.close(draft);
            } else {
                at += 1;
            }
        }
        let Some(at) = self.open.iter().position(|draft| draft.stream() == split.stream) else { return false };
        let rule = self.rules.get(self.open[at].rule);
        let is_own_start = rule.takes_all() && self.open[at].has_head(rule) && self.is_other_start(rule, split.text);
        let step = if is_own_start { super::draft::Step::Over } else { self.open[at].go_on(rule, split.text, number) };
        match step {
            super::draft::Step::On => true,
            super::draft::Step::Last => {
                let draft = self.open.remove(at);
                self.close(draft);
                true
            }
            super::draft::Step::Over => {
                let draft = self.open.remove(at);
                self.close(draft);
                false
            }
        }
    }

    /// Whether another problem of the same kind begins, or the tests are over.
    fn is_other_start(&self, rule: &Rule, text: &[u8]) -> bool {
        if text.is_empty() {
            return false;
        }
        let is_counts = |at: usize| {
            let counts = self.rules.get(at);
            counts.role == Role::Counts && counts.adds.is_none() && counts.start.is_match(text)
        };
        rule.start.is_match(text)
            || !text[0].is_ascii_whitespace() && self.rules.candidates(text).into_iter().any(is_counts)
    }

    fn begin(&self, index: usize, rule: &Rule, text: &[u8], split: &Split<'_>, at: usize) -> Option<Draft> {
        let found = rule.start.captures(text).filter(|_| !rule.unless.is_match(text))?;
        if !rule.next.is_empty() && !self.is_followed(rule, split, at) {
            return None;
        }
        let mut draft = Draft::new(index, rule, text, &found, self.window.lines[at].1, split.stream)?;
        if !rule.before.is_empty() {
            let before = self.before(rule, split, at);
            if rule.needs_before && before.is_none() {
                return None;
            }
            if let Some((number, line)) = before
                && let Some(found) = rule.before.captures(&line)
            {
                draft.learn(&found);
                if rule.head_before {
                    draft.begin_at(number);
                }
            }
        }
        Some(draft)
    }

    fn is_followed(&self, rule: &Rule, split: &Split<'_>, at: usize) -> bool {
        let following =
            (at + 1..self.window.lines.len()).take(AHEAD - 1).map(|next| prefix::split(self.window.line(next)));
        following
            .filter(|next| next.stream == split.stream)
            .take(rule.next_lines)
            .any(|next| rule.next.is_match(next.text))
    }

    /// The nearest line before that tells more, and its number.
    fn before(&self, rule: &Rule, split: &Split<'_>, at: usize) -> Option<(u64, Vec<u8>)> {
        let earlier = (0..at).rev().take(BEHIND.min(rule.before_lines));
        earlier
            .map(|line| (self.window.lines[line].1, prefix::split(self.window.line(line))))
            .filter(|(_, line)| line.stream == split.stream)
            .find(|(_, line)| rule.before.is_match(line.text))
            .map(|(number, line)| (number, line.text.to_vec()))
    }

    fn close(&mut self, draft: Draft) {
        let rule = self.rules.get(draft.rule);
        let finding = draft.finish(rule).filter(|_| rule.role != Role::Ignore);
        let Some(finding) = finding else { return };
        let Rule { role, rank, loose: is_loose, certain: is_certain, every: is_row, .. } = *rule;
        self.keep(Hit { finding, role, rank, is_loose, is_certain, is_row });
    }

    /// Keeps it, or counts it with the same one that is there already.
    fn keep(&mut self, hit: Hit) {
        let key = fingerprint::identity(&hit.finding);
        if let Some(known) = self.known.get(&key) {
            let same = &mut self.found.hits[*known].finding;
            same.count += 1;
            same.severity = same.severity.max(hit.finding.severity);
        } else if self.found.hits.len() < MOST {
            self.changes += 1;
            self.known.insert(key, self.found.hits.len());
            self.found.hits.push(hit);
        } else if matches!(hit.role, Role::Problem | Role::Test | Role::Level) {
            self.found.unkept += 1;
        }
    }
}

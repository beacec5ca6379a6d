//! A group of a file of hooks: which tasks its handlers are for.

use regex::{Regex, RegexBuilder};

use super::FileReader;
use crate::hooks::json_tree::{Position, Tree, TreeNode};
use crate::hooks::matcher::Matcher;
use crate::hooks::rule::{HookCondition, HookRule};
use crate::task::expression::Expression;
use crate::task::hook_event::HookEvent;

const GROUP_KEYS: [&str; 4] = ["matcher", "pattern", "if", "hooks"];
/// A pattern takes no more: those of an error are asked beside the rules of what is wrong, which
/// take no more either. *Units*: bytes.
const LARGEST_PATTERN: usize = 1 << 20;

impl FileReader<'_> {
    pub(super) fn groups(&mut self, event: HookEvent, groups: &Tree) {
        let Some(all) = groups.as_list() else {
            return self.error(groups.at, format!("`{event}` must be a list of objects with `hooks`"));
        };
        all.iter().for_each(|group| self.group(event, group));
    }

    pub(super) fn group(&mut self, event: HookEvent, group: &Tree) {
        if !matches!(group.node, TreeNode::Object(_)) {
            return self.error(group.at, "an object with `matcher` and `hooks` should stand here");
        }
        let Ok(matcher) = self.matcher(group) else { return };
        let Ok(pattern) = self.pattern(group) else { return };
        let Ok(condition) = self.condition(group) else { return };
        let handlers = match group.get("hooks") {
            Some(hooks) => {
                self.unknown_keys(group, &[&GROUP_KEYS[..], &["description"]].concat(), "a group of hooks");
                match hooks.as_list() {
                    Some(all) => all.iter().collect(),
                    None => return self.error(hooks.at, "`hooks` must be a list of handlers"),
                }
            }
            // A handler without a group around it.
            None if group.get("command").is_some() => vec![group],
            None => return self.error(group.at, "this has no `hooks`"),
        };
        for tree in handlers {
            let Some(handler) = self.handler(tree, 0) else { continue };
            let is_group = std::ptr::eq(tree, group);
            let (own_matcher, own_pattern) = match is_group {
                true => (Ok(Matcher::Any), Ok(None)),
                false => (self.matcher(tree), self.pattern(tree)),
            };
            let (Ok(own_matcher), Ok(own_pattern)) = (own_matcher, own_pattern) else { continue };
            let matcher = if matches!(own_matcher, Matcher::Any) { matcher.clone() } else { own_matcher };
            let group_condition = condition.clone().filter(|_| !is_group);
            let conditions = group_condition.into_iter().chain(handler.condition.clone()).collect();
            self.file.rules.push(HookRule {
                event,
                matcher,
                pattern: own_pattern.or_else(|| pattern.clone()),
                conditions,
                handler,
                source: self.origin.path.to_owned(),
                at: tree.at,
                is_trusted: self.origin.is_trusted,
                is_own: self.origin.is_own,
            });
        }
    }

    pub(super) fn matcher(&mut self, tree: &Tree) -> Result<Matcher, ()> {
        let Some(found) = tree.get("matcher") else { return Ok(Matcher::Any) };
        let parsed = found
            .as_text()
            .ok_or("`matcher` must be a text".to_owned())
            .and_then(|text| Matcher::parse(text).map_err(|why| format!("`matcher` is no regular expression: {why}")));
        parsed.map_err(|what| self.error(found.at, what))
    }

    pub(super) fn pattern(&mut self, tree: &Tree) -> Result<Option<Regex>, ()> {
        let Some(found) = tree.get("pattern") else { return Ok(None) };
        let why = |e: regex::Error| e.to_string().lines().last().unwrap_or_default().trim().to_owned();
        let parsed = found.as_text().ok_or("`pattern` must be a text".to_owned()).and_then(|text| {
            RegexBuilder::new(text)
                .size_limit(LARGEST_PATTERN)
                .build()
                .map_err(|e| format!("`pattern` is no regular expression: {}", why(e)))
        });
        parsed.map(Some).map_err(|what| self.error(found.at, what))
    }

    pub(super) fn condition(&mut self, tree: &Tree) -> Result<Option<HookCondition>, ()> {
        let Some(found) = tree.get("if") else { return Ok(None) };
        let Some(text) = found.as_text() else {
            self.error(found.at, "`if` must be a text");
            return Err(());
        };
        match Expression::parse(text) {
            Ok(expression) => Ok(Some(HookCondition { text: text.to_owned(), expression })),
            Err(bad) => {
                // Behind the quote; what is escaped before it moves it further.
                let at = Position { column: found.at.column + bad.column, ..found.at };
                self.error(at, format!("`if` is no condition: {}", bad.why));
                Err(())
            }
        }
    }
}

//! A handler of a file of hooks: what is run, and how.

use super::FileReader;
use crate::hooks::json_tree::{Tree, TreeNode};
use crate::hooks::rule::{Concurrency, Handler};
use crate::units::span::Span;

/// How long a handler may take where nothing is said.
const USUAL_TIMEOUT: Span = Span(60_000);
/// No handler may take longer.
const LONGEST_TIMEOUT: f64 = 24.0 * 60.0 * 60.0;
/// Longer chains are refused.
const LONGEST_CHAIN: usize = 16;

const HANDLER_KEYS: [&str; 14] = [
    "type",
    "command",
    "args",
    "timeout",
    "async",
    "statusMessage",
    "if",
    "then",
    "debounce",
    "once",
    "concurrency",
    "matcher",
    "pattern",
    "description",
];

impl FileReader<'_> {
    pub(super) fn handler(&mut self, tree: &Tree, depth: usize) -> Option<Handler> {
        if !matches!(tree.node, TreeNode::Object(_)) {
            self.error(tree.at, "a handler `{\"type\": \"command\", \"command\": …}` should stand here");
            return None;
        }
        self.unknown_keys(tree, &HANDLER_KEYS, "a handler");
        match tree.get("type") {
            Some(kind) if kind.as_text() != Some("command") => {
                let told = kind.as_text().map_or("this kind of handler".to_owned(), |kind| format!("type `{kind}`"));
                self.error(kind.at, format!("{told} is not supported, only `command` is"));
                return None;
            }
            Some(_) | None => {}
        }
        let command = match tree.get("command") {
            Some(found) => match found.as_text().filter(|text| !text.trim().is_empty()) {
                Some(text) => text.to_owned(),
                None => {
                    self.error(found.at, "`command` must be a text that is not empty");
                    return None;
                }
            },
            None => {
                self.error(tree.at, "this handler has no `command`");
                return None;
            }
        };
        let args = match tree.get("args") {
            None => None,
            Some(found) => {
                let words =
                    found.as_list().and_then(|all| all.iter().map(|word| word.as_text().map(str::to_owned)).collect());
                let Some(words) = words else {
                    self.error(found.at, "`args` must be a list of texts");
                    return None;
                };
                Some(words)
            }
        };
        let condition = self.condition(tree).ok()?;
        let concurrency = match tree.get("concurrency") {
            None => Concurrency::default(),
            Some(found) => match found.as_text().and_then(Concurrency::of_word) {
                Some(concurrency) => concurrency,
                None => {
                    self.error(found.at, format!("`concurrency` is one of {}", Concurrency::WORDS.join(", ")));
                    return None;
                }
            },
        };
        Some(Handler {
            command,
            args,
            timeout: self.seconds(tree, "timeout").unwrap_or(USUAL_TIMEOUT),
            is_async: self.flag(tree, "async"),
            status_message: tree.get("statusMessage").and_then(Tree::as_text).map(str::to_owned),
            condition,
            then: self.chain(tree, depth)?,
            debounce: self.seconds(tree, "debounce"),
            is_once: self.flag(tree, "once"),
            concurrency,
            runs_aos: false,
        })
    }

    pub(super) fn chain(&mut self, tree: &Tree, depth: usize) -> Option<Vec<Handler>> {
        let Some(found) = tree.get("then") else { return Some(Vec::new()) };
        if depth >= LONGEST_CHAIN {
            self.error(found.at, format!("a chain has at most {LONGEST_CHAIN} links"));
            return None;
        }
        match found.as_list() {
            Some(all) => all.iter().map(|one| self.handler(one, depth + 1)).collect(),
            None => self.handler(found, depth + 1).map(|one| vec![one]),
        }
    }

    pub(super) fn flag(&mut self, tree: &Tree, key: &str) -> bool {
        let Some(found) = tree.get(key) else { return false };
        found.as_bool().unwrap_or_else(|| {
            self.tell(Some(found.at), format!("`{key}` must be true or false"), None, false);
            false
        })
    }

    /// A length of time, in seconds or as `500ms`.
    pub(super) fn seconds(&mut self, tree: &Tree, key: &str) -> Option<Span> {
        let found = tree.get(key)?;
        let number = found.as_number().filter(|seconds| (0.0..=LONGEST_TIMEOUT).contains(seconds));
        let span = number
            .map(|seconds| Span((seconds * 1000.0) as u64))
            .or_else(|| found.as_text()?.parse().ok().filter(|span: &Span| span.0 as f64 <= LONGEST_TIMEOUT * 1000.0));
        if span.is_none() {
            let what = format!("`{key}` must be a number of seconds up to {LONGEST_TIMEOUT}, or a text like \"500ms\"");
            self.tell(Some(found.at), what, None, false);
        }
        span
    }
}

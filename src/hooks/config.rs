//! What a file of hooks says: text in, hooks and problems out.

use std::path::Path;

use regex::Regex;

use super::json_tree::{Position, Tree, TreeNode};
use super::matcher::Matcher;
use super::problem::HookProblem;
use super::rule::{Concurrency, Handler, HookCondition, HookRule};
use crate::task::expression::Expression;
use crate::task::hook_event::HookEvent;
use crate::units::span::Span;

/// How long a handler may take where nothing is said.
const USUAL_TIMEOUT: Span = Span(60_000);
/// No handler may take longer.
const LONGEST_TIMEOUT: f64 = 24.0 * 60.0 * 60.0;
/// Longer chains are refused.
const LONGEST_CHAIN: usize = 16;

const FILE_KEYS: [&str; 5] = ["hooks", "description", "disableAllHooks", "version", "$schema"];
const GROUP_KEYS: [&str; 4] = ["matcher", "pattern", "if", "hooks"];
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
/// Events of coding agents whose files have the same shape: those are theirs.
const EVENTS_ELSEWHERE: [&str; 13] = [
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "PermissionRequest",
    "Notification",
    "UserPromptSubmit",
    "Stop",
    "SubagentStart",
    "SubagentStop",
    "PreCompact",
    "SessionStart",
    "SessionEnd",
    "Setup",
];

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookFileKind {
    /// `hooks.json`: all of it is hooks.
    Hooks,
    /// `settings.json`: only its key `hooks` is ours.
    Settings,
}

/// What a file says.
#[derive(Debug, Default)]
pub struct HookFile {
    /// Its hooks.
    pub rules: Vec<HookRule>,
    /// What is wrong in it.
    pub problems: Vec<HookProblem>,
    /// Whether it switches all hooks off.
    pub disables_all: bool,
}

/// Where a file stands, for what is made of it.
#[derive(Clone, Copy, Debug)]
pub struct HookOrigin<'a> {
    /// The file.
    pub path: &'a Path,
    /// What kind it is.
    pub kind: HookFileKind,
    /// Whether what it says may run.
    pub is_trusted: bool,
    /// Whether it is the user's own.
    pub is_own: bool,
}

impl HookFile {
    /// Reads a file's text.
    pub fn parse(text: &str, origin: HookOrigin<'_>) -> HookFile {
        let mut reader = FileReader { origin, file: HookFile::default() };
        match Tree::parse(text) {
            Ok(tree) => reader.read(&tree),
            Err(bad) => {
                let hint = "mend the JSON; until then no hook of this file runs";
                reader.tell(Some(bad.at), format!("this is no JSON: {}", bad.why), Some(hint.into()), true);
            }
        }
        reader.file
    }
}

struct FileReader<'a> {
    origin: HookOrigin<'a>,
    file: HookFile,
}

impl FileReader<'_> {
    fn tell(&mut self, at: Option<Position>, what: String, hint: Option<String>, is_error: bool) {
        self.file.problems.push(HookProblem { path: self.origin.path.to_owned(), at, what, hint, is_error });
    }

    fn error(&mut self, at: Position, what: impl Into<String>) {
        self.tell(Some(at), what.into(), None, true);
    }

    fn unknown_keys(&mut self, tree: &Tree, known: &[&str], of_what: &str) {
        for (key, at, _) in tree.entries() {
            if !known.contains(&key.as_str()) {
                let hint = near(key, known).map(|near| format!("did you mean `{near}`?"));
                self.tell(Some(*at), format!("unknown key `{key}` of {of_what}"), hint, false);
            }
        }
    }

    fn read(&mut self, tree: &Tree) {
        if !matches!(tree.node, TreeNode::Object(_)) {
            return self.error(tree.at, "an object `{\"hooks\": {…}}` should stand here");
        }
        self.file.disables_all = tree.get("disableAllHooks").and_then(Tree::as_bool).unwrap_or(false);
        let is_bare =
            tree.get("hooks").is_none() && tree.entries().iter().any(|(key, ..)| key.parse::<HookEvent>().is_ok());
        let events = match (tree.get("hooks"), self.origin.kind) {
            (Some(events), _) => events,
            (None, HookFileKind::Hooks) if is_bare => tree,
            (None, _) => {
                if self.origin.kind == HookFileKind::Hooks {
                    self.unknown_keys(tree, &FILE_KEYS, "the file");
                }
                return;
            }
        };
        if self.origin.kind == HookFileKind::Hooks && !is_bare {
            self.unknown_keys(tree, &FILE_KEYS, "the file");
        }
        if !matches!(events.node, TreeNode::Object(_)) {
            return self.error(events.at, "`hooks` must be an object with an event's name for each key");
        }
        for (name, at, groups) in events.entries() {
            match name.parse::<HookEvent>() {
                Ok(event) => self.groups(event, groups),
                Err(_)
                    if EVENTS_ELSEWHERE.contains(&name.as_str()) || is_bare && FILE_KEYS.contains(&name.as_str()) => {}
                Err(no_event) => {
                    let names = HookEvent::ALL.map(HookEvent::name);
                    let hint = match near(name, &names) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("events are {}", names.join(", ")),
                    };
                    self.tell(Some(*at), no_event.to_string(), Some(hint), false);
                }
            }
        }
    }

    fn groups(&mut self, event: HookEvent, groups: &Tree) {
        let Some(all) = groups.as_list() else {
            return self.error(groups.at, format!("`{event}` must be a list of objects with `hooks`"));
        };
        all.iter().for_each(|group| self.group(event, group));
    }

    fn group(&mut self, event: HookEvent, group: &Tree) {
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

    fn matcher(&mut self, tree: &Tree) -> Result<Matcher, ()> {
        let Some(found) = tree.get("matcher") else { return Ok(Matcher::Any) };
        let parsed = found
            .as_text()
            .ok_or("`matcher` must be a text".to_owned())
            .and_then(|text| Matcher::parse(text).map_err(|why| format!("`matcher` is no regular expression: {why}")));
        parsed.map_err(|what| self.error(found.at, what))
    }

    fn pattern(&mut self, tree: &Tree) -> Result<Option<Regex>, ()> {
        let Some(found) = tree.get("pattern") else { return Ok(None) };
        let why = |e: regex::Error| e.to_string().lines().last().unwrap_or_default().trim().to_owned();
        let parsed = found
            .as_text()
            .ok_or("`pattern` must be a text".to_owned())
            .and_then(|text| Regex::new(text).map_err(|e| format!("`pattern` is no regular expression: {}", why(e))));
        parsed.map(Some).map_err(|what| self.error(found.at, what))
    }

    fn condition(&mut self, tree: &Tree) -> Result<Option<HookCondition>, ()> {
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

    fn handler(&mut self, tree: &Tree, depth: usize) -> Option<Handler> {
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
        })
    }

    fn chain(&mut self, tree: &Tree, depth: usize) -> Option<Vec<Handler>> {
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

    fn flag(&mut self, tree: &Tree, key: &str) -> bool {
        let Some(found) = tree.get(key) else { return false };
        found.as_bool().unwrap_or_else(|| {
            self.tell(Some(found.at), format!("`{key}` must be true or false"), None, false);
            false
        })
    }

    /// A length of time, in seconds or as `500ms`.
    fn seconds(&mut self, tree: &Tree, key: &str) -> Option<Span> {
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

/// The word that a slip of the hand leads to.
pub fn near<'w>(word: &str, words: &[&'w str]) -> Option<&'w str> {
    let most = (word.chars().count() / 3).max(1);
    let distance = |other: &&str| strsim::osa_distance(&word.to_lowercase(), &other.to_lowercase());
    words.iter().copied().min_by_key(distance).filter(|other| distance(other) <= most)
}

#[cfg(test)]
mod tests {
    use super::{HookFile, HookFileKind, HookOrigin};
    use crate::task::hook_event::HookEvent;
    use crate::units::span::Span;
    use std::path::Path;

    fn parse(text: &str) -> HookFile {
        let path = Path::new("/h/hooks.json");
        HookFile::parse(text, HookOrigin { path, kind: HookFileKind::Hooks, is_trusted: true, is_own: true })
    }

    #[test]
    fn every_key_is_read() {
        let file = parse(
            r#"{"description": "mine", "hooks": {"TestResult": [{"matcher": "web", "pattern": "x+", "if": "run == 1",
            "hooks": [{"type": "command", "command": "a", "args": ["b c"], "timeout": 5, "async": true,
            "statusMessage": "s", "if": "tests.failed == 0", "then": {"command": "d"}, "debounce": "500ms",
            "once": true, "concurrency": "restart"}]}]}}"#,
        );
        assert!(file.problems.is_empty(), "{:?}", file.problems);
        let rule = &file.rules[0];
        assert_eq!((rule.event, rule.conditions.len(), rule.handler.then.len()), (HookEvent::TestResult, 2, 1));
        assert_eq!((rule.handler.timeout, rule.handler.debounce), (Span(5000), Some(Span(500))));
        assert_eq!(rule.handler.typed(), "a 'b c'");
        assert_eq!(rule.to_json()["if"], "run == 1 && tests.failed == 0");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_what_is_right_works() {
        for (text, line, column, part, rules) in [
            ("{\n \"hoks\": {}\n}", 2, 2, "unknown key `hoks`", 0),
            (r#"{"hooks": {"TestResults": []}}"#, 1, 12, "no event `TestResults`", 0),
            (r#"{"hooks": {"TestResult": [{"hooks": [{"command": "a", "timout": 1}]}]}}"#, 1, 55, "`timout`", 1),
            (r#"{"hooks": {"TestResult": [{"matcher": "(", "hooks": []}]}}"#, 1, 39, "no regular expression", 0),
            (r#"{"hooks": {"TestResult": [{"hooks": [{"command": "a", "if": "b = 1"}]}]}}"#, 1, 64, "`==`", 0),
            (r#"{"hooks": {"TestResult": [{"hooks": [{"type": "prompt"}, {"command": "a"}]}]}}"#, 1, 47, "prompt", 1),
            (r#"{"hooks": {"TestResult": [{"hooks": [{"command": " "}]}]}}"#, 1, 50, "`command`", 0),
            (r#"{"hooks": {"TestResult": [{"hooks": [{}]}]}}"#, 1, 38, "no `command`", 0),
            (r#"{"hooks": {"TestResult": {}}}"#, 1, 26, "a list", 0),
            (r#"{"hooks": []}"#, 1, 11, "an object", 0),
            (r#"{"hooks": {},}"#, 1, 14, "no JSON", 0),
            ("[]", 1, 1, "an object", 0),
        ] {
            let file = parse(text);
            let problem = file.problems.first().unwrap_or_else(|| panic!("{text}"));
            let told = problem.to_string();
            assert!(told.starts_with(&format!("/h/hooks.json:{line}:{column}: ")), "{text}: {told}");
            assert!(told.contains(part) && file.rules.len() == rules, "{text}: {told} {}", file.rules.len());
        }
        let near = parse(r#"{"hooks": {"TestResults": []}}"#).problems[0].hint.clone();
        assert_eq!(near.as_deref(), Some("did you mean `TestResult`?"));
    }

    #[test]
    fn events_of_others_are_theirs_and_a_file_may_have_no_frame() {
        let file = parse(r#"{"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": 7}]}}"#);
        assert!(file.problems.is_empty() && file.rules.is_empty());
        let file = parse(r#"{"LogError": [{"pattern": "ERROR|FATAL", "command": "a"}]}"#);
        assert!(file.problems.is_empty() && file.rules.len() == 1, "{:?}", file.problems);
    }
}

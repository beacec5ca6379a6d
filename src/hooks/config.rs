//! What a file of hooks says: text in, hooks and problems out.

mod group;
mod handler;

use std::path::Path;

use super::json_tree::{Position, Tree, TreeNode};
use super::problem::HookProblem;
use super::rule::HookRule;
use crate::task::hook_event::HookEvent;
use crate::task::near_words::nearest;

const FILE_KEYS: [&str; 5] = ["hooks", "description", "disableAllHooks", "version", "$schema"];

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
                let hint = nearest(key, known).map(|near| format!("did you mean `{near}`?"));
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
                    let hint = match nearest(name, &names) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("events are {}", names.join(", ")),
                    };
                    self.tell(Some(*at), no_event.to_string(), Some(hint), false);
                }
            }
        }
    }
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

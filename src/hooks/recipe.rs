//! Recipes: hooks that many want, written out as configuration that one can read and change.

use super::json_tree::Tree;
use crate::task::hook_event::HookEvent;

/// A recipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipe {
    /// Says when a task is ready.
    NotifyWhenReady,
    /// Says when a task failed.
    NotifyOnFailure,
    /// Formats what has changed.
    AutoFormat,
    /// Commits what was tested, if it passed.
    AutoCommitIfPass,
    /// Begins a task again when its files change.
    RestartOnChange,
}

impl Recipe {
    /// All of them.
    pub const ALL: [Recipe; 5] = [
        Recipe::NotifyWhenReady,
        Recipe::NotifyOnFailure,
        Recipe::AutoFormat,
        Recipe::AutoCommitIfPass,
        Recipe::RestartOnChange,
    ];

    /// What is typed.
    pub fn name(self) -> &'static str {
        match self {
            Recipe::NotifyWhenReady => "notify-when-ready",
            Recipe::NotifyOnFailure => "notify-on-failure",
            Recipe::AutoFormat => "auto-format",
            Recipe::AutoCommitIfPass => "auto-commit-if-pass",
            Recipe::RestartOnChange => "restart-on-change",
        }
    }

    /// The recipe of a name; the specification's spelling does as well (`NotifyWhenReady`).
    pub fn called(name: &str) -> Option<Recipe> {
        let plain = |name: &str| name.replace('-', "").to_lowercase();
        Recipe::ALL.into_iter().find(|recipe| plain(recipe.name()) == plain(name))
    }

    /// The event it is for.
    pub fn event(self) -> HookEvent {
        match self {
            Recipe::NotifyWhenReady => HookEvent::BackgroundTaskReady,
            Recipe::NotifyOnFailure => HookEvent::BackgroundTaskComplete,
            Recipe::AutoFormat | Recipe::RestartOnChange => HookEvent::FileChange,
            Recipe::AutoCommitIfPass => HookEvent::TestResult,
        }
    }

    /// What is written for it.
    pub fn group(self, matcher: Option<&str>) -> Tree {
        let (condition, command) = match self {
            Recipe::NotifyWhenReady => (None, "aos notify \"$AOS_TASK_NAME is ready\""),
            Recipe::NotifyOnFailure => (
                Some("task.status in ['failed', 'timed-out', 'lost']"),
                "aos notify \"$AOS_TASK_NAME failed (aos debug $AOS_TASK_ID)\"",
            ),
            Recipe::AutoFormat => (
                None,
                "if [ -f Cargo.toml ]; then cargo fmt; elif [ -f package.json ]; then npx --no-install prettier \
                 --write .; elif command -v ruff >/dev/null; then ruff format .; fi",
            ),
            Recipe::AutoCommitIfPass => (Some("exit_code == 0 && tests.failed == 0"), "aos commit --if-passing"),
            Recipe::RestartOnChange => (None, "aos restart \"$AOS_TASK_ID\""),
        };
        let mut group = command_group(command, matcher, None, condition);
        let settles = match self {
            Recipe::AutoFormat | Recipe::RestartOnChange => true,
            Recipe::NotifyWhenReady | Recipe::NotifyOnFailure | Recipe::AutoCommitIfPass => false,
        };
        let handler = group.entry("hooks", || Tree::list(Vec::new())).and_then(|hooks| hooks.list_mut()?.first_mut());
        if let Some(handler) = handler.filter(|_| settles) {
            handler.entry("debounce", || Tree::text("500ms"));
            handler.entry("concurrency", || Tree::text("skip"));
        }
        group
    }
}

/// A group with one handler, as it is written.
pub fn command_group(command: &str, matcher: Option<&str>, pattern: Option<&str>, condition: Option<&str>) -> Tree {
    let mut group = Tree::object([]);
    for (key, value) in [("matcher", matcher), ("pattern", pattern), ("if", condition)] {
        if let Some(value) = value {
            group.entry(key, || Tree::text(value));
        }
    }
    let handler = Tree::object([("type", Tree::text("command")), ("command", Tree::text(command))]);
    group.entry("hooks", || Tree::list(vec![handler]));
    group
}

#[cfg(test)]
mod tests {
    use super::Recipe;
    use crate::hooks::config::{HookFile, HookFileKind, HookOrigin};
    use serde_json::json;
    use std::path::Path;

    #[test]
    fn each_is_configuration_without_a_mistake() {
        assert_eq!(Recipe::called("NotifyWhenReady"), Some(Recipe::NotifyWhenReady));
        for recipe in Recipe::ALL {
            let text = json!({ "hooks": { recipe.event().name(): [recipe.group(Some("web")).value()] } }).to_string();
            let path = Path::new("x");
            let kind = HookFileKind::Hooks;
            let file = HookFile::parse(&text, HookOrigin { path, kind, is_trusted: true, is_own: true });
            assert!(file.problems.is_empty() && file.rules.len() == 1, "{}: {:?}", recipe.name(), file.problems);
            assert_eq!(Recipe::called(recipe.name()), Some(recipe));
        }
    }
}

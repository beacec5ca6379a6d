//! Files of hooks, conditions, and the commands that matchers are asked of.

use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::run;
use crate::hooks::command_line::{launched, parts, words};
use crate::hooks::config::{HookFile, HookFileKind, HookOrigin};
use crate::hooks::json_tree::Tree;
use crate::hooks::matcher::candidates;
use crate::hooks::runner;
use crate::task::command::Command;
use crate::task::expression::Expression;

/// A name that files of hooks have for something.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(
            &[
                "hooks",
                "LogError",
                "TestResult",
                "PreToolUse",
                "matcher",
                "pattern",
                "if",
                "then",
                "command",
                "args",
                "timeout",
                "debounce",
                "once",
                "concurrency",
                "type",
                "async",
                "disableAllHooks",
            ][..]
        )
        .prop_map(str::to_owned),
        "[a-zA-Z$]{0,8}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(
            &["command", "a|b", "(", "[a-", "(?x)#", "skip", "500ms", "exit_code == 0", "a ~ '('"][..]
        )
        .prop_map(str::to_owned),
        "\\PC{0,12}",
    ]
}

/// Something of the shape of such a file, or of none.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(key(), inner, 0..6).prop_map(|all| Value::Object(all.into_iter().collect())),
        ]
    })
}

#[test]
fn fuzz_hooks_files() {
    let cut = (json_value(), any::<prop::sample::Index>(), any::<bool>(), json_value());
    run("hooks_files", cut, |(file, at, is_cut, payload)| {
        let mut text = serde_json::to_string_pretty(&file).expect("JSON");
        if is_cut {
            let end = (0..=at.index(text.len() + 1)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            text.truncate(end);
        } else {
            let tree = Tree::parse(&text).expect("it is JSON");
            prop_assert_eq!(Tree::parse(&tree.pretty()).expect("it is JSON").value(), tree.value());
        }
        for kind in [HookFileKind::Hooks, HookFileKind::Settings] {
            let origin = HookOrigin { path: Path::new("/h"), kind, is_trusted: true, is_own: true };
            let read = HookFile::parse(&text, origin);
            for rule in &read.rules {
                let _ = rule.conditions.iter().filter(|condition| condition.expression.holds(&payload)).count();
                let _ = (rule.to_json(), rule.identity(), rule.matcher.is_match(&[text.clone()]));
            }
            read.problems.iter().for_each(|problem| drop(problem.to_string()));
        }
        Ok(())
    });
}

#[test]
fn fuzz_hooks_conditions() {
    let any_line = prop_oneof!["\\PC{0,60}", "[a-z.0-9=!<>&|~()\\[\\]'\", ]{0,60}", "[a-z'\"\\\\;&|()$ \n=/]{0,60}"];
    run("hooks_conditions", any_line, |line| {
        if let Ok(expression) = Expression::parse(&line) {
            expression.holds(&json!({ "a": [1, "x", { "b": null }], "exit_code": 0 }));
        }
        for part in parts(&line) {
            let words = words(&part);
            let _ = launched(&words).count();
        }
        let command = Command::Shell { shell: "/bin/sh".into(), line: line.as_str().into() };
        let _ = (candidates(&command, "name", &[]), runner::of_command(&command), runner::is_build(&command));
        let _ = runner::of_output(&line);
        Ok(())
    });
}

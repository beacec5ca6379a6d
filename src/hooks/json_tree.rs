//! JSON whose every value knows where it stands, so that a mistake is told with its place.

use serde_json::{Map, Value};

/// Deeper nesting is refused.
const DEEPEST: usize = 64;

/// A place in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The line, the first being 1.
    pub line: usize,
    /// The column in characters, the first being 1.
    pub column: usize,
}

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// Where it begins.
    pub at: Position,
    /// What it is.
    pub node: TreeNode,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum TreeNode {
    /// `null`, `true` or a text.
    Plain(Value),
    /// A number, and how it was written.
    Number(Value, String),
    /// An array.
    List(Vec<Tree>),
    /// An object: keys with their places, in order.
    Object(Vec<(String, Position, Tree)>),
}

/// Why a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NoJson {
    /// Where.
    pub at: Position,
    /// Why.
    pub why: String,
}

impl Tree {
    /// Parses a text.
    pub fn parse(text: &str) -> Result<Tree, NoJson> {
        // What serde_json takes, this takes; it words mistakes well.
        if let Err(e) = serde_json::from_str::<Value>(text) {
            let why = e.to_string();
            let why = why.split(" at line ").next().unwrap_or_default().to_owned();
            return Err(NoJson { at: Position { line: e.line(), column: e.column() }, why });
        }
        let mut parser = JsonParser { rest: text, at: Position { line: 1, column: 1 }, depth: 0 };
        parser.value().ok_or(NoJson { at: parser.at, why: "it is nested too deeply".into() })
    }

    /// The value of a key, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Tree> {
        self.entries().iter().find(|(name, ..)| name == key).map(|(.., value)| value)
    }

    /// Keys with their places and values; none, where this is no object.
    pub fn entries(&self) -> &[(String, Position, Tree)] {
        match &self.node {
            TreeNode::Object(entries) => entries,
            TreeNode::Plain(_) | TreeNode::Number(..) | TreeNode::List(_) => &[],
        }
    }

    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        match &self.node {
            TreeNode::Plain(value) => value.as_str(),
            TreeNode::Number(..) | TreeNode::List(_) | TreeNode::Object(_) => None,
        }
    }

    /// The boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.node {
            TreeNode::Plain(value) => value.as_bool(),
            TreeNode::Number(..) | TreeNode::List(_) | TreeNode::Object(_) => None,
        }
    }

    /// The number, if this is one.
    pub fn as_number(&self) -> Option<f64> {
        match &self.node {
            TreeNode::Number(value, _) => value.as_f64(),
            TreeNode::Plain(_) | TreeNode::List(_) | TreeNode::Object(_) => None,
        }
    }

    /// The elements, if this is a list.
    pub fn as_list(&self) -> Option<&[Tree]> {
        match &self.node {
            TreeNode::List(all) => Some(all),
            TreeNode::Plain(_) | TreeNode::Number(..) | TreeNode::Object(_) => None,
        }
    }
}

/// What is made to be written: it has no place yet.
impl Tree {
    /// A text.
    pub fn text(text: impl Into<String>) -> Tree {
        Tree { at: Position::default(), node: TreeNode::Plain(Value::String(text.into())) }
    }

    /// A list.
    pub fn list(all: Vec<Tree>) -> Tree {
        Tree { at: Position::default(), node: TreeNode::List(all) }
    }

    /// An object with its keys in this order.
    pub fn object<const N: usize>(entries: [(&str, Tree); N]) -> Tree {
        let entries = entries.into_iter().map(|(key, value)| (key.to_owned(), Position::default(), value));
        Tree { at: Position::default(), node: TreeNode::Object(entries.collect()) }
    }

    /// The keys and values, if this is an object.
    pub fn entries_mut(&mut self) -> Option<&mut Vec<(String, Position, Tree)>> {
        match &mut self.node {
            TreeNode::Object(entries) => Some(entries),
            TreeNode::Plain(_) | TreeNode::Number(..) | TreeNode::List(_) => None,
        }
    }

    /// The elements, if this is a list.
    pub fn list_mut(&mut self) -> Option<&mut Vec<Tree>> {
        match &mut self.node {
            TreeNode::List(all) => Some(all),
            TreeNode::Plain(_) | TreeNode::Number(..) | TreeNode::Object(_) => None,
        }
    }

    /// The value of a key, which this object has from now on; `None` where it is no object.
    pub fn entry(&mut self, key: &str, new: impl FnOnce() -> Tree) -> Option<&mut Tree> {
        let entries = self.entries_mut()?;
        let known = entries.iter().position(|(name, ..)| name == key);
        let at = known.unwrap_or_else(|| {
            entries.push((key.to_owned(), Position::default(), new()));
            entries.len() - 1
        });
        entries.get_mut(at).map(|(.., value)| value)
    }

    /// The same without places and order.
    pub fn value(&self) -> Value {
        match &self.node {
            TreeNode::Plain(value) | TreeNode::Number(value, _) => value.clone(),
            TreeNode::List(all) => all.iter().map(Tree::value).collect(),
            TreeNode::Object(entries) => {
                entries.iter().map(|(key, _, value)| (key.clone(), value.value())).collect::<Map<_, _>>().into()
            }
        }
    }

    /// The text of it, indented, in its order.
    pub fn pretty(&self) -> String {
        let mut text = String::new();
        self.write(1, &mut text);
        text.push('\n');
        text
    }

    fn write(&self, depth: usize, text: &mut String) {
        let (inner, outer) = (format!("\n{}", "  ".repeat(depth)), format!("\n{}", "  ".repeat(depth - 1)));
        let mut between = "";
        match &self.node {
            TreeNode::Plain(value) => text.push_str(&value.to_string()),
            TreeNode::Number(_, written) => text.push_str(written),
            TreeNode::List(all) if all.is_empty() => text.push_str("[]"),
            TreeNode::Object(entries) if entries.is_empty() => text.push_str("{}"),
            TreeNode::List(all) => {
                text.push('[');
                for value in all {
                    text.push_str(between);
                    text.push_str(&inner);
                    value.write(depth + 1, text);
                    between = ",";
                }
                text.push_str(&outer);
                text.push(']');
            }
            TreeNode::Object(entries) => {
                text.push('{');
                for (key, _, value) in entries {
                    text.push_str(between);
                    text.push_str(&inner);
                    text.push_str(&Value::from(key.as_str()).to_string());
                    text.push_str(": ");
                    value.write(depth + 1, text);
                    between = ",";
                }
                text.push_str(&outer);
                text.push('}');
            }
        }
    }
}

/// Walks through text that is known to be JSON.
struct JsonParser<'t> {
    rest: &'t str,
    at: Position,
    depth: usize,
}

impl JsonParser<'_> {
    fn skip(&mut self, length: usize) {
        let (passed, rest) = self.rest.split_at(length);
        for c in passed.chars() {
            let Position { line, column } = self.at;
            self.at =
                if c == '\n' { Position { line: line + 1, column: 1 } } else { Position { line, column: column + 1 } };
        }
        self.rest = rest;
    }

    fn skip_blanks(&mut self) {
        let length = self.rest.len() - self.rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        self.skip(length);
    }

    fn takes(&mut self, sign: char) -> bool {
        self.skip_blanks();
        let is_it = self.rest.starts_with(sign);
        self.skip(if is_it { 1 } else { 0 });
        is_it
    }

    /// `None` where it is nested too deeply.
    fn value(&mut self) -> Option<Tree> {
        self.skip_blanks();
        let at = self.at;
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let node = if self.takes('{') {
            let mut entries = Vec::new();
            while !self.takes('}') {
                self.takes(',');
                self.skip_blanks();
                let place = self.at;
                let key = self.plain().as_str().unwrap_or_default().to_owned();
                self.takes(':');
                entries.push((key, place, self.value()?));
            }
            TreeNode::Object(entries)
        } else if self.takes('[') {
            let mut all = Vec::new();
            while !self.takes(']') {
                self.takes(',');
                all.push(self.value()?);
            }
            TreeNode::List(all)
        } else {
            let text = self.rest;
            let value = self.plain();
            let written = &text[..text.len() - self.rest.len()];
            if value.is_number() { TreeNode::Number(value, written.to_owned()) } else { TreeNode::Plain(value) }
        };
        self.depth -= 1;
        Some(Tree { at, node })
    }

    fn plain(&mut self) -> Value {
        let length = match self.rest.strip_prefix('"') {
            Some(inner) => {
                let mut is_escaped = false;
                let end = inner.char_indices().find(|(_, c)| {
                    let is_end = *c == '"' && !is_escaped;
                    is_escaped = *c == '\\' && !is_escaped;
                    is_end
                });
                end.map_or(self.rest.len(), |(end, _)| end + 2)
            }
            None => self.rest.find([',', ']', '}', ' ', '\t', '\n', '\r', ':']).unwrap_or(self.rest.len()),
        };
        let value = serde_json::from_str(&self.rest[..length]).unwrap_or_default();
        // Something at least, so that a walk always ends.
        self.skip(length.max(self.rest.chars().next().map_or(0, char::len_utf8)));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::{Position, Tree};
    use proptest::prelude::*;

    #[test]
    fn values_know_where_they_stand() {
        let tree = Tree::parse("{\n  \"a\": [1, {\"b\\\"\": \"ü\"}],\n  \"c\": null\n}").expect("JSON");
        let (key, at, list) = &tree.entries()[0];
        assert_eq!(
            (key.as_str(), *at, list.at),
            ("a", Position { line: 2, column: 3 }, Position { line: 2, column: 8 })
        );
        let inner = &list.as_list().expect("a list")[1];
        assert_eq!((inner.get("b\"").and_then(Tree::as_text), inner.at.column), (Some("ü"), 12));
        assert_eq!(tree.get("c").expect("there").at, Position { line: 3, column: 8 });
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        let bad = Tree::parse("{\n  \"a\": 1,\n}").expect_err("a comma too many");
        assert_eq!((bad.at.line, bad.why.as_str()), (3, "trailing comma"));
        assert!(Tree::parse(&"[".repeat(100_000)).is_err());
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert!(Tree::parse(&deep).expect_err("deep").why.contains("too deeply"));
    }

    #[test]
    fn what_is_written_is_what_was_read_in_its_order() {
        let text =
            "{\n  \"z\": [\n    1.50e3,\n    \"a\\\"ü\"\n  ],\n  \"a\": {},\n  \"m\": {\n    \"x\": null\n  }\n}\n";
        let mut tree = Tree::parse(text).expect("JSON");
        assert_eq!(tree.pretty(), text);
        assert_eq!(tree.value(), serde_json::from_str::<serde_json::Value>(text).expect("JSON"));
        tree.entry("a", || unreachable!()).and_then(|a| a.entry("b", || Tree::list(vec![Tree::text("t")])));
        assert_eq!(tree.value()["a"]["b"][0], "t");
    }

    proptest! {
        #[test]
        fn any_text_is_json_or_not(text in "[\\[\\]{}\",:a1 \\\\nul]{0,30}") {
            let _ = Tree::parse(&text);
        }
    }
}

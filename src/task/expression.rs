//! What stands behind `if` of a hook: an expression over the event's payload.
//!
//! *Shape*: paths (`tests.failed`, `findings.0.message`), numbers, strings in either quotes,
//! `true false null`, `== != < <= > >=`, `~` (the right side is a regular expression), `in [a, b]`,
//! `&& || !`, parentheses. A path that is not there is null.

use std::cmp::Ordering;

use regex::Regex;
use serde_json::Value;

/// Deeper nesting is refused.
const DEEPEST: usize = 50;

/// An expression.
#[derive(Clone, Debug)]
pub struct Expression {
    root: Node,
}

#[derive(Clone, Debug)]
enum Node {
    Literal(Value),
    Path(Vec<String>),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Compare(Box<Node>, Comparison, Box<Node>),
    Matches(Box<Node>, Regex),
    In(Box<Node>, Vec<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}, at character {column}")]
pub struct BadExpression {
    /// What is wrong.
    pub why: String,
    /// Where: the first character is 1.
    pub column: usize,
}

impl Expression {
    /// Parses a text.
    pub fn parse(text: &str) -> Result<Expression, BadExpression> {
        let tokens = tokens(text)?;
        let mut parser = Parser { tokens, at: 0, depth: 0, end: text.chars().count() + 1 };
        let root = parser.any()?;
        match parser.tokens.get(parser.at) {
            None => Ok(Expression { root }),
            Some((column, token)) => {
                let why = format!("{} stands where the expression should end", token.words());
                Err(BadExpression { why, column: *column })
            }
        }
    }

    /// Whether it holds.
    pub fn holds(&self, payload: &Value) -> bool {
        is_true(&value(&self.root, payload))
    }
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(all) => !all.is_empty(),
        Value::Object(_) => true,
    }
}

fn value(node: &Node, payload: &Value) -> Value {
    let holds = |node: &Node| is_true(&value(node, payload));
    match node {
        Node::Literal(literal) => literal.clone(),
        Node::Path(parts) => at_path(payload, parts),
        Node::Not(inner) => Value::Bool(!holds(inner)),
        Node::And(all) => Value::Bool(all.iter().all(holds)),
        Node::Or(all) => Value::Bool(all.iter().any(holds)),
        Node::Compare(one, how, other) => Value::Bool(compare(&value(one, payload), *how, &value(other, payload))),
        Node::Matches(inner, regex) => Value::Bool(match value(inner, payload) {
            Value::String(text) => regex.is_match(&text),
            Value::Number(number) => regex.is_match(&number.to_string()),
            Value::Array(all) => all.iter().filter_map(Value::as_str).any(|text| regex.is_match(text)),
            Value::Null | Value::Bool(_) | Value::Object(_) => false,
        }),
        Node::In(inner, all) => {
            let wanted = value(inner, payload);
            Value::Bool(all.iter().any(|one| compare(&wanted, Comparison::Equal, &value(one, payload))))
        }
    }
}

fn at_path(payload: &Value, parts: &[String]) -> Value {
    let mut found = payload;
    for part in parts {
        let next = match found {
            Value::Array(all) => part.parse::<usize>().ok().and_then(|at| all.get(at)),
            other => other.get(part),
        };
        let Some(next) = next else { return Value::Null };
        found = next;
    }
    found.clone()
}

fn compare(one: &Value, how: Comparison, other: &Value) -> bool {
    let order = match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64().partial_cmp(&other.as_f64()),
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        (one, other) if one == other => Some(Ordering::Equal),
        _ => None,
    };
    match how {
        Comparison::Equal => order == Some(Ordering::Equal),
        Comparison::Unequal => order != Some(Ordering::Equal),
        Comparison::Less => order == Some(Ordering::Less),
        // Two paths that are not there are both null, and neither is at most the other.
        Comparison::AtMost => order.is_some_and(Ordering::is_le) && one != &Value::Null,
        Comparison::Greater => order == Some(Ordering::Greater),
        Comparison::AtLeast => order.is_some_and(Ordering::is_ge) && one != &Value::Null,
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Number(f64),
    Text(String),
    Sign(&'static str),
}

impl Token {
    fn words(&self) -> String {
        match self {
            Token::Word(word) => format!("`{word}`"),
            Token::Number(number) => format!("`{number}`"),
            Token::Text(text) => format!("`\"{text}\"`"),
            Token::Sign(sign) => format!("`{sign}`"),
        }
    }
}

/// The longer ones first.
const SIGNS: [&str; 15] = ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "~", "(", ")", "[", "]", ","];

/// Each with its column.
fn tokens(text: &str) -> Result<Vec<(usize, Token)>, BadExpression> {
    let all: Vec<char> = text.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while at < all.len() {
        let (c, column) = (all[at], at + 1);
        let bad = |why: String| Err(BadExpression { why, column });
        let while_in = |from: usize, fits: fn(char) -> bool| all[from..].iter().take_while(|c| fits(**c)).count();
        if c.is_whitespace() {
            at += 1;
        } else if c == '"' || c == '\'' {
            let Some(length) = all[at + 1..].iter().position(|other| *other == c) else {
                return bad("this text does not end".into());
            };
            tokens.push((column, Token::Text(all[at + 1..at + 1 + length].iter().collect())));
            at += length + 2;
        } else if c.is_ascii_digit() || c == '-' && all.get(at + 1).is_some_and(char::is_ascii_digit) {
            let length = 1 + while_in(at + 1, |c| c.is_ascii_digit() || c == '.');
            let written: String = all[at..at + length].iter().collect();
            let Ok(number) = written.parse() else { return bad(format!("`{written}` is no number")) };
            tokens.push((column, Token::Number(number)));
            at += length;
        } else if c.is_alphabetic() || c == '_' {
            let length = while_in(at, |c| c.is_alphanumeric() || c == '_' || c == '.');
            tokens.push((column, Token::Word(all[at..at + length].iter().collect())));
            at += length;
        } else {
            let begins = |sign: &&&str| sign.chars().enumerate().all(|(n, c)| all.get(at + n) == Some(&c));
            match SIGNS.iter().find(begins) {
                Some(sign) => {
                    tokens.push((column, Token::Sign(sign)));
                    at += sign.len();
                }
                None if c == '=' => return bad("`=` compares nothing: write `==`".into()),
                None => return bad(format!("`{c}` means nothing here")),
            }
        }
    }
    Ok(tokens)
}

/// One alone is itself. As many as there are stand beside each other: an expression may be as long
/// as its file, and is to be no deeper for that.
fn joined(mut nodes: Vec<Node>, join: impl FnOnce(Vec<Node>) -> Node) -> Node {
    if nodes.len() == 1 { nodes.remove(0) } else { join(nodes) }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
    end: usize,
}

impl Parser {
    fn takes(&mut self, sign: &str) -> bool {
        let is_it = matches!(self.tokens.get(self.at), Some((_, Token::Sign(found))) if *found == sign);
        self.at += usize::from(is_it);
        is_it
    }

    fn column(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |(column, _)| *column)
    }

    fn bad<T>(&self, why: impl Into<String>) -> Result<T, BadExpression> {
        Err(BadExpression { why: why.into(), column: self.column() })
    }

    fn any(&mut self) -> Result<Node, BadExpression> {
        let mut nodes = vec![self.all()?];
        while self.takes("||") {
            nodes.push(self.all()?);
        }
        Ok(joined(nodes, Node::Or))
    }

    fn all(&mut self) -> Result<Node, BadExpression> {
        let mut nodes = vec![self.negated()?];
        while self.takes("&&") {
            nodes.push(self.negated()?);
        }
        Ok(joined(nodes, Node::And))
    }

    fn negated(&mut self) -> Result<Node, BadExpression> {
        // Every way deeper leads through here: parentheses as well as `!`.
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.bad("the expression is nested too deeply");
        }
        let node = if self.takes("!") { Node::Not(Box::new(self.negated()?)) } else { self.compared()? };
        self.depth -= 1;
        Ok(node)
    }

    fn compared(&mut self) -> Result<Node, BadExpression> {
        let one = self.single()?;
        let comparisons = [
            ("==", Comparison::Equal),
            ("!=", Comparison::Unequal),
            ("<=", Comparison::AtMost),
            (">=", Comparison::AtLeast),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        for (sign, how) in comparisons {
            if self.takes(sign) {
                return Ok(Node::Compare(Box::new(one), how, Box::new(self.single()?)));
            }
        }
        if self.takes("~") {
            let column = self.column();
            let Some((_, Token::Text(text))) = self.tokens.get(self.at).cloned() else {
                return self.bad("a regular expression in quotes must follow `~`");
            };
            self.at += 1;
            let why = |e: regex::Error| e.to_string().lines().last().unwrap_or_default().trim().to_owned();
            return match Regex::new(&text) {
                Ok(regex) => Ok(Node::Matches(Box::new(one), regex)),
                Err(e) => Err(BadExpression { why: format!("`{text}` is no regular expression: {}", why(e)), column }),
            };
        }
        if matches!(self.tokens.get(self.at), Some((_, Token::Word(word))) if word == "in") {
            self.at += 1;
            return Ok(Node::In(Box::new(one), self.list()?));
        }
        Ok(one)
    }

    fn list(&mut self) -> Result<Vec<Node>, BadExpression> {
        if !self.takes("[") {
            return self.bad("a list `[…]` must follow `in`");
        }
        let mut all = Vec::new();
        while !self.takes("]") {
            if !all.is_empty() && !self.takes(",") {
                return self.bad("a `,` or the list's `]` is missing");
            }
            all.push(self.single()?);
        }
        Ok(all)
    }

    fn single(&mut self) -> Result<Node, BadExpression> {
        if self.takes("(") {
            let node = self.any()?;
            return if self.takes(")") { Ok(node) } else { self.bad("a `)` is missing") };
        }
        if self.takes("!") {
            // Given back: it is taken where nesting is counted.
            self.at -= 1;
            return self.negated();
        }
        let Some((_, token)) = self.tokens.get(self.at).cloned() else {
            return self.bad("a value is missing");
        };
        let node = match token {
            Token::Word(word) => match word.as_str() {
                "true" => Node::Literal(Value::Bool(true)),
                "false" => Node::Literal(Value::Bool(false)),
                "null" => Node::Literal(Value::Null),
                "in" => return self.bad("a value is missing before `in`"),
                path if path.split('.').any(str::is_empty) => {
                    return self.bad(format!("`{path}` is no path: a name is missing"));
                }
                path => Node::Path(path.split('.').map(str::to_owned).collect()),
            },
            Token::Number(number) => Node::Literal(number.into()),
            Token::Text(text) => Node::Literal(text.into()),
            Token::Sign(sign) => return self.bad(format!("a value should stand where `{sign}` does")),
        };
        self.at += 1;
        Ok(node)
    }
}

#[cfg(test)]
mod tests {
    use super::Expression;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn it_is_asked_of_the_payload() {
        let payload = json!({
            "exit_code": 0, "tests": { "failed": 0, "passed": 12 }, "previous": { "failed": true },
            "task": { "name": "web", "command": "npm run dev" }, "changed": ["src/a.rs", "b.txt"],
            "findings": [{ "message": "boom" }],
        });
        for (text, holds) in [
            ("exit_code == 0 && tests.failed == 0 && previous.failed", true),
            ("exit_code != 0", false),
            ("tests.passed >= 12 && !(tests.passed > 12)", true),
            ("task.name in ['api', \"web\"]", true),
            ("task.command ~ '^npm'", true),
            ("changed ~ '\\.rs$'", true),
            ("findings.0.message == 'boom'", true),
            ("nothing.at.all == null && !nothing", true),
            ("nothing < 1 || nothing >= null", false),
            ("exit_code == '0'", false),
            ("false || true && true", true),
            ("!exit_code", true),
            ("-1 < 0", true),
        ] {
            assert_eq!(Expression::parse(text).expect(text).holds(&payload), holds, "{text}");
        }
    }

    #[test]
    fn mistakes_are_told_with_their_column() {
        for (text, column, part) in [
            ("", 1, "a value is missing"),
            ("exit_code = 0", 11, "write `==`"),
            ("exit_code == ", 14, "a value is missing"),
            ("(a", 3, "`)` is missing"),
            ("a b", 3, "should end"),
            ("a ~ b", 5, "in quotes"),
            ("a ~ '('", 5, "no regular expression"),
            ("a == 'x", 6, "does not end"),
            ("a in b", 6, "a list"),
            ("a..b", 1, "no path"),
            ("a $ b", 3, "means nothing"),
        ] {
            let bad = Expression::parse(text).expect_err(text);
            assert!(bad.column == column && bad.why.contains(part), "{text}: {bad}");
        }
        assert!(Expression::parse(&"(".repeat(10_000)).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_an_expression_or_not(text in "[a-z0-9!=<>&|~()\\[\\]'\", .]{0,40}") {
            if let Ok(expression) = Expression::parse(&text) {
                expression.holds(&json!({ "a": [1, "x"] }));
            }
        }
    }
}

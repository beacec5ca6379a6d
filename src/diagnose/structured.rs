//! Lines that say themselves how bad they are: JSON objects and `key=value` pairs.

use memchr::memmem;
use serde_json::{Map, Value};

use super::finding::{Confidence, Finding, Place, Severity};
use crate::logs::text::level::Level;

const LEVELS: [&str; 6] = ["level", "severity", "lvl", "levelname", "log.level", "loglevel"];
const MESSAGES: [&str; 7] = ["msg", "message", "error", "err", "event", "text", "reason"];
const FILES: [&str; 6] = ["file", "filename", "pathname", "source", "caller", "logger.file"];

/// What such a line tells, if it is one and tells of a problem.
pub fn find(text: &[u8], number: u64) -> Option<Finding> {
    let is_json = text.trim_ascii_start().starts_with(b"{");
    if !is_json && memchr::memchr(b'=', text).is_none() {
        return None;
    }
    if is_json && is_fine(text) {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?.trim();
    let fields = if is_json { json(text) } else { pairs(text) }?;
    let level = LEVELS.iter().find_map(|name| fields.get(*name))?;
    let severity = severity(level)?;
    let said = |names: &[&str]| names.iter().find_map(|name| fields.get(*name).and_then(words));
    let error = said(&["err", "error", "exception", "exc_info"]);
    let message = match (said(&["msg", "message", "event", "text"]), error) {
        (Some(message), Some(error)) if !message.contains(&error) => format!("{message}: {error}"),
        (Some(message), _) => message,
        (None, Some(error)) => error,
        (None, None) => said(&MESSAGES)?,
    };
    Some(Finding {
        line: number,
        extent: (number, number),
        severity,
        confidence: Confidence::Medium,
        tool: "log".to_owned(),
        category: "log".to_owned(),
        rule: "log/structured".to_owned(),
        code: said(&["code"]),
        message: message.chars().take(400).collect(),
        test: None,
        place: place(&fields),
        frames: Vec::new(),
        notes: Vec::new(),
        hints: Vec::new(),
        lines: Vec::new(),
        count: 1,
        stream: String::new(),
    })
}

/// Whether each level that an object names says that all is well, which most do: such an object is
/// not read.
fn is_fine(text: &[u8]) -> bool {
    let ends: [&[u8]; 4] = [b"level\"", b"levelname\"", b"severity\"", b"lvl\""];
    let mut values =
        ends.iter().flat_map(|end| memmem::find_iter(text, end).map(|at| &text[at + end.len()..])).peekable();
    let is_fine = |behind: &[u8]| {
        let value = behind.trim_ascii_start().strip_prefix(b":").map(<[u8]>::trim_ascii_start);
        match value {
            Some([b'"', first, ..]) => b"iIdDtTnNvV".contains(first),
            Some([b'1'..=b'3', b'0'..=b'9', next, ..]) => !next.is_ascii_digit(),
            _ => false,
        }
    };
    values.peek().is_some() && values.all(is_fine)
}

fn json(text: &str) -> Option<Map<String, Value>> {
    match serde_json::from_str(text).ok()? {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}

/// `level=error msg="no route" err=x`: three pairs at least, or two that name level and message.
fn pairs(text: &str) -> Option<Map<String, Value>> {
    if !["level=", "lvl=", "severity="].iter().any(|name| text.contains(name)) {
        return None;
    }
    let mut fields = Map::new();
    let mut rest = text;
    while let Some(equals) = rest.find('=') {
        let name = rest[..equals].rsplit(' ').next().unwrap_or_default();
        let value = &rest[equals + 1..];
        let (value, length) = match value.strip_prefix('"') {
            Some(quoted) => {
                let mut is_escaped = false;
                let end = quoted.find(|c| {
                    let ends = c == '"' && !is_escaped;
                    is_escaped = c == '\\' && !is_escaped;
                    ends
                })?;
                (quoted[..end].replace("\\\"", "\""), end + 2)
            }
            None => {
                let end = value.find(' ').unwrap_or(value.len());
                (value[..end].to_owned(), end)
            }
        };
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) {
            fields.entry(name).or_insert(Value::String(value));
        }
        rest = &rest[equals + 1 + length..];
    }
    (fields.contains_key("level") || fields.contains_key("lvl") || fields.contains_key("severity")).then_some(fields)
}

/// Numbers are pino's and bunyan's: 50 is an error, 40 a warning.
fn severity(level: &Value) -> Option<Severity> {
    match level {
        Value::Number(number) => match number.as_u64()? {
            50.. => Some(Severity::Error),
            40..50 => Some(Severity::Warning),
            _ => None,
        },
        Value::String(word) => match word.parse::<Level>().ok()? {
            Level::Error | Level::Fatal => Some(Severity::Error),
            Level::Warn => Some(Severity::Warning),
            Level::Trace | Level::Debug | Level::Info => None,
        },
        Value::Object(nested) => nested.get("name").or_else(|| nested.get("level")).and_then(severity),
        Value::Null | Value::Bool(_) | Value::Array(_) => None,
    }
}

fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => {
            let first = text.lines().find(|line| !line.trim().is_empty())?;
            Some(first.trim().to_owned())
        }
        Value::Object(fields) => {
            let message = ["message", "msg", "reason"].iter().find_map(|name| fields.get(*name)?.as_str())?;
            let kind = ["type", "name", "class"].iter().find_map(|name| fields.get(*name)?.as_str());
            Some(kind.map_or_else(|| message.to_owned(), |kind| format!("{kind}: {message}")))
        }
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) => None,
    }
}

/// `"caller":"api/main.go:12"`, `"file":"a.py","line":3`, `"source":{"file":…,"line":…}`.
fn place(fields: &Map<String, Value>) -> Option<Place> {
    let named = FILES.iter().find_map(|name| fields.get(*name))?;
    if let Value::Object(nested) = named {
        return place(nested);
    }
    let number = |value: &Value| match value {
        Value::Number(number) => number.as_u64().map(|number| number as u32),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let text = named.as_str()?;
    let line = ["line", "lineno", "line_number"].iter().find_map(|name| fields.get(*name).and_then(number));
    if let Some(line) = line {
        return Some(Place { file: text.to_owned(), line: Some(line), column: None });
    }
    let (file, line) = text.rsplit_once(':')?;
    Some(Place { file: file.to_owned(), line: Some(line.parse().ok()?), column: None })
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::diagnose::finding::Severity;

    #[test]
    fn levels_of_structured_logs_are_known() {
        for (line, severity, message) in [
            (r#"{"level":50,"time":1,"pid":2,"msg":"no db"}"#, Severity::Error, "no db"),
            (
                r#"{"level":"error","ts":1.5,"caller":"a/b.go:12","msg":"gone","error":"EOF"}"#,
                Severity::Error,
                "gone: EOF",
            ),
            (r#"{"of":{"level":"info"},"level":"error","msg":"gone"}"#, Severity::Error, "gone"),
            (r#"{"level":300,"msg":"gone"}"#, Severity::Error, "gone"),
            (r#"{"level":"warn","message":"slow"}"#, Severity::Warning, "slow"),
            (r#"{"severity":"CRITICAL","message":"x"}"#, Severity::Error, "x"),
            (
                r#"time=2026-01-01T00:00:00Z level=error msg="cannot \"open\"" err=EOF"#,
                Severity::Error,
                "cannot \"open\": EOF",
            ),
            (
                r#"{"level":50,"err":{"type":"TypeError","message":"x is null"},"msg":""}"#,
                Severity::Error,
                "TypeError: x is null",
            ),
        ] {
            let found = find(line.as_bytes(), 1).unwrap_or_else(|| panic!("{line}"));
            assert_eq!((found.severity, found.message.as_str()), (severity, message), "{line}");
        }
        for line in [
            r#"{"level":30,"msg":"error rate: 0"}"#,
            r#"{ "level" : "INFO", "msg":"level\":50"}"#,
            r#"{"level":"info","msg":"x","error":null}"#,
            "level=info msg=\"no error\"",
            "error=1 count=2",
            r#"["level","error"]"#,
        ] {
            assert_eq!(find(line.as_bytes(), 1), None, "{line}");
        }
    }
}

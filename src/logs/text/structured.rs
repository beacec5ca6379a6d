//! Lines that programs write for programs: JSON (pino, bunyan, zap, structlog, tracing, ECS) and
//! logfmt. What is common to them is a level, a time and a message, under names that differ.

use serde_json::{Map, Value};

use crate::logs::text::level::Level;
use crate::logs::text::severity::{self, Severity};
use crate::units::wall_time::WallTime;

/// Names of the level, the likeliest first; `a.b` is also `b` in `a`.
const LEVEL: [&str; 9] = ["level", "lvl", "severity", "levelname", "log.level", "loglevel", "level_name", "@l", "at"];
/// Names of the message.
const MESSAGE: [&str; 7] = ["msg", "message", "event", "fields.message", "@m", "@mt", "text"];
/// Names of the time.
const TIME: [&str; 9] = ["time", "ts", "timestamp", "@timestamp", "t", "@t", "asctime", "datetime", "date"];

/// What a line says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StructuredLine {
    /// How much it matters.
    pub level: Option<Level>,
    /// When it was written.
    pub time: Option<WallTime>,
    /// What it says.
    pub message: Option<String>,
}

impl StructuredLine {
    /// The fields of a line without colours and its end; `None` where it has none.
    pub fn of(line: &str) -> Option<StructuredLine> {
        let line = line.trim();
        if line.starts_with('{') {
            return of_json(&serde_json::from_str(line).ok()?);
        }
        // What has no `=` is no logfmt.
        memchr::memchr(b'=', line.as_bytes())?;
        of_logfmt(line)
    }
}

/// The level of any line: its own, or that of the words in it.
pub fn level(line: &str) -> Option<Level> {
    let own = StructuredLine::of(line).and_then(|fields| fields.level);
    own.or_else(|| match severity::guess(line.as_bytes())? {
        Severity::Error => Some(Level::Error),
        Severity::Warning => Some(Level::Warn),
    })
}

fn of_json(object: &Map<String, Value>) -> Option<StructuredLine> {
    let fields = StructuredLine {
        level: LEVEL.iter().filter_map(|name| find(object, name)).find_map(level_of),
        time: TIME.iter().filter_map(|name| find(object, name)).find_map(time_of),
        message: MESSAGE.iter().filter_map(|name| find(object, name)?.as_str()).next().map(str::to_owned),
    };
    (fields != StructuredLine::default()).then_some(fields)
}

fn find<'o>(object: &'o Map<String, Value>, name: &str) -> Option<&'o Value> {
    object.get(name).or_else(|| {
        let (outer, inner) = name.split_once('.')?;
        object.get(outer)?.as_object()?.get(inner)
    })
}

fn level_of(value: &Value) -> Option<Level> {
    match value {
        Value::String(name) => name.parse().ok(),
        Value::Number(number) => Level::of_number(number.as_u64()?),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn time_of(value: &Value) -> Option<WallTime> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => Some(WallTime(millis(number.as_f64()?)?)),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A count since 1970 of seconds, milliseconds, microseconds or nanoseconds, by its size: all are
/// of this century.
fn millis(count: f64) -> Option<i64> {
    let factor = match count {
        1e8..1e11 => 1e3,
        1e11..1e14 => 1.0,
        1e14..1e17 => 1e-3,
        1e17..1e20 => 1e-6,
        _ => return None,
    };
    Some((count * factor).round() as i64)
}

/// Pairs and nothing else, among them a level, or a message that is not alone.
fn of_logfmt(line: &str) -> Option<StructuredLine> {
    let pairs = pairs(line)?;
    let find = |names: &[&str]| names.iter().find_map(|name| pairs.iter().find(|(key, _)| key == name));
    let fields = StructuredLine {
        level: find(&LEVEL).and_then(|(_, value)| value.parse().ok()),
        time: find(&TIME).and_then(|(_, value)| time_of(&Value::String(value.clone()))),
        message: find(&MESSAGE).map(|(_, value)| value.clone()),
    };
    // A single pair may be any assignment, whatever its name.
    let is_logfmt = fields.level.is_some() || fields.message.is_some() && pairs.len() > 1;
    is_logfmt.then_some(fields)
}

fn pairs(line: &str) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let is_key = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-.@/".contains(c));
        if !is_key {
            return None;
        }
        let (value, after) = match after.strip_prefix('=') {
            Some(after) => value(after)?,
            // A key without a value is logfmt, too: a flag.
            None => (String::new(), after),
        };
        pairs.push((key.to_owned(), value));
        rest = after.trim_start();
    }
    Some(pairs)
}

/// A value, quoted or not, and what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut is_escaped = false;
    let end = quoted.find(|c| {
        let is_end = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_end
    })?;
    // Go quotes with escapes that JSON does not have (`\x1b`): these stay as they stand.
    let value = serde_json::from_str(&text[..end + 2]).unwrap_or_else(|_| quoted[..end].to_owned());
    Some((value, &quoted[end + 1..]))
}

#[cfg(test)]
mod tests {
    use crate::logs::text::level::Level;
    use crate::logs::text::structured::{StructuredLine, level};

    fn fields(line: &str) -> Option<(Option<Level>, Option<String>, Option<String>)> {
        StructuredLine::of(line).map(|f| (f.level, f.time.map(|t| t.to_string()), f.message))
    }

    #[test]
    fn lines_of_real_libraries_say_level_time_and_message() {
        for (line, level, time, message) in [
            // pino
            (
                r#"{"level":30,"time":1763820303123,"pid":4242,"hostname":"h","msg":"listening"}"#,
                Level::Info,
                Some("2025-11-22T14:05:03.123Z"),
                "listening",
            ),
            // bunyan
            (
                r#"{"name":"app","hostname":"h","pid":1,"level":50,"msg":"gone","time":"2025-11-22T14:05:03.123Z","v":0}"#,
                Level::Error,
                Some("2025-11-22T14:05:03.123Z"),
                "gone",
            ),
            // zap, production
            (
                r#"{"level":"warn","ts":1763820303.5,"caller":"a/b.go:12","msg":"slow","took":1.5}"#,
                Level::Warn,
                Some("2025-11-22T14:05:03.500Z"),
                "slow",
            ),
            // structlog
            (
                r#"{"event": "user logged in", "level": "info", "timestamp": "2025-11-22T14:05:03.123456Z", "user": 7}"#,
                Level::Info,
                Some("2025-11-22T14:05:03.123Z"),
                "user logged in",
            ),
            // tracing-subscriber, json
            (
                r#"{"timestamp":"2025-11-22T14:05:03.123456Z","level":"ERROR","fields":{"message":"no"},"target":"app"}"#,
                Level::Error,
                Some("2025-11-22T14:05:03.123Z"),
                "no",
            ),
            // slog (Go)
            (
                r#"{"time":"2025-11-22T15:05:03.1+01:00","level":"DEBUG","msg":"x"}"#,
                Level::Debug,
                Some("2025-11-22T14:05:03.100Z"),
                "x",
            ),
            // ECS
            (
                r#"{"@timestamp":"2025-11-22T14:05:03.123Z","log.level":"error","message":"m"}"#,
                Level::Error,
                Some("2025-11-22T14:05:03.123Z"),
                "m",
            ),
            // Google Cloud
            (r#"{"severity":"CRITICAL","message":"m"}"#, Level::Fatal, None, "m"),
            // logrus
            (
                r#"time="2025-11-22T14:05:03Z" level=warning msg="a \"b\" c" n=1"#,
                Level::Warn,
                Some("2025-11-22T14:05:03.000Z"),
                r#"a "b" c"#,
            ),
            // go-kit
            (
                "ts=2025-11-22T14:05:03.1Z caller=main.go:1 level=info msg=up",
                Level::Info,
                Some("2025-11-22T14:05:03.100Z"),
                "up",
            ),
        ] {
            let wanted = (Some(level), time.map(str::to_owned), Some(message.to_owned()));
            assert_eq!(fields(line), Some(wanted), "{line}");
        }
    }

    #[test]
    fn plain_lines_have_no_fields_and_the_level_of_their_words() {
        for line in [
            "",
            "hello",
            "a = b",
            "GET /?a=b 200",
            "{not json}",
            r#"{"a":1}"#,
            "a=1 b=2",
            "export FOO=bar",
            "level=unclosed msg=\"x",
        ] {
            assert_eq!(fields(line), None, "{line}");
        }
        assert_eq!(level("error: no"), Some(Level::Error));
        assert_eq!(level("warning: no"), Some(Level::Warn));
        assert_eq!(level(r#"{"level":"info","msg":"error: none of ours"}"#), Some(Level::Info));
        assert_eq!(level("fine"), None);
    }
}

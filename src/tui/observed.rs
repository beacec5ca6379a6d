//! What an older Agent OS noted of commands at a prompt (`logs/observed-bash.jsonl`): its newest
//! records, each on a line. A record may go over several lines.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use serde_json::Value;

use crate::ansi::command;
use crate::sys::regular;

/// So much of the file's end is read. *Units*: bytes.
const MOST_READ: u64 = 256 << 10;
/// So many records are shown.
const MOST: usize = 500;
/// What such a record may call them.
const TIMES: [&str; 6] = ["timestamp", "time", "ts", "started", "started_at", "at"];
const COMMANDS: [&str; 3] = ["command", "cmd", "line"];
const CODES: [&str; 4] = ["exit_code", "exit", "code", "status"];

/// The records, the newest last; `None` where there is no such file.
pub fn read(path: &Path) -> Option<Vec<String>> {
    let mut file = regular::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    let skipped = length.saturating_sub(MOST_READ);
    file.seek(SeekFrom::Start(skipped)).ok()?;
    let mut bytes = Vec::new();
    file.take(MOST_READ).read_to_end(&mut bytes).ok()?;
    let mut lines = records(&String::from_utf8_lossy(&bytes));
    lines.drain(..lines.len().saturating_sub(MOST));
    Some(lines)
}

/// The records of a text, of which the first may be torn. What begins no record is passed over.
fn records(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let is_line_start = at == 0 || rest.as_bytes().get(at - 1) == Some(&b'\n');
        rest = &rest[at..];
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match values.next().filter(|_| is_line_start) {
            Some(Ok(Value::Object(record))) => {
                found.extend(words(&record));
                rest = &rest[values.byte_offset()..];
            }
            _ => rest = rest.find("\n{").map_or("", |next| &rest[next + 1..]),
        }
    }
    found
}

/// When, what, and how it ended.
fn words(record: &serde_json::Map<String, Value>) -> Option<String> {
    let of = |names: &[&str]| names.iter().find_map(|name| record.get(*name)).map(text);
    let line = of(&COMMANDS)?;
    let time = of(&TIMES).map(|time| format!("{time}  ")).unwrap_or_default();
    let code = of(&CODES).filter(|code| code != "0").map(|code| format!("  ({code})")).unwrap_or_default();
    Some(command(&format!("{time}{line}{code}")))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::records;
    use proptest::prelude::*;

    #[test]
    fn records_of_one_line_and_of_several() {
        let text = concat!(
            "torn\", \"exit\": 1}\n",
            "{\"timestamp\":\"10:00\",\"command\":\"make\",\"exit_code\":2}\n",
            "{\n  \"cmd\": \"echo {\",\n  \"exit\": 0\n}\n",
            "{\"command\": broken\n",
            "{\"command\":\"ls\\u001b[2J\"}\n{\"command\":\"to"
        );
        assert_eq!(records(text), ["10:00  make  (2)", "echo {", "ls\\x1b[2J"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[{}\\n\":a,]{0,60}") {
            records(&text);
        }
    }
}

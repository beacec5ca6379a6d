//! What patterns capture of a line: texts and places, as they are kept.

use regex::bytes::Captures;

use super::finding::Place;

/// Of a longer text only the beginning is kept. *Units*: bytes.
const LONGEST: usize = 600;

/// The text of a group; `None` where it has none.
pub fn captured(found: &Captures<'_>, name: &str) -> Option<String> {
    let text = found.name(name).map(|text| shown(text.as_bytes()))?;
    (!text.is_empty()).then_some(text)
}

/// The place that is captured.
pub fn place(found: &Captures<'_>) -> Option<Place> {
    let file = captured(found, "file").or_else(|| captured(found, "file2"));
    let file = file.map(|file| cleaned(&file)).filter(|file| !file.is_empty());
    // `sh: line 1: ` tells of what was typed, not of a file.
    if file.as_deref().is_some_and(is_shell) {
        return None;
    }
    let number = |name: &str| captured(found, name).and_then(|number| number.parse().ok());
    match (file, number("line").or(number("line2")).or(number("line3"))) {
        (Some(file), line) => Some(Place { file, line, column: number("column") }),
        // The file's name stands in another line.
        (None, Some(line)) => Some(Place { file: String::new(), line: Some(line), column: number("column") }),
        (None, None) => None,
    }
}

fn is_shell(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file).trim_start_matches('-');
    ["sh", "bash", "zsh", "dash", "ksh", "fish", "ash"].contains(&name)
}

/// A file's name as it is opened.
fn cleaned(file: &str) -> String {
    let file = file.strip_prefix("file://").unwrap_or(file);
    let file = file.strip_prefix("webpack://").map_or(file, |rest| rest.split_once('/').map_or(rest, |parts| parts.1));
    let file = file.strip_prefix("./").unwrap_or(file);
    file.trim_matches(['"', '\'', '`', '(']).to_owned()
}

/// A text of a log, as it is kept.
pub fn shown(text: &[u8]) -> String {
    let text = &text[..text.len().min(LONGEST)];
    let is_plain = |byte: &u8| (b' '..0x7f).contains(byte);
    if text.iter().all(is_plain) {
        return String::from_utf8_lossy(text.trim_ascii()).into_owned();
    }
    let text = String::from_utf8_lossy(text);
    text.trim().chars().filter(|c| !c.is_control()).collect()
}

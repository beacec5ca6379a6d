//! Whether a line looks like an error or a warning: a rule of thumb, by the words that programs
//! use. It knows no program's format, and counts no line that says there was none.

use std::sync::LazyLock;

use regex::bytes::{Match, Regex};

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Something went wrong.
    Error,
    /// Something may.
    Warning,
}

/// Stands in every line that can look like anything; quick to find in megabytes that have none.
static ANY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?i)err|warn|fatal|panic|traceback|exception|failed|"level":\s?[456]0"#));
static ERROR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r#"(?:^|[\s\[("'<|=])(?:(?i:error|fatal|panic)(?:[\]\[>!,;)|]|:(?:[^:]|$)|\s|["'](?:[^:]|$)|$)|FAILED\b|ERR!)"#,
        r#"|panicked at |\b[A-Z]\w*(?:Error|Exception):|"level":\s?[56]0\b"#
    ))
});
static WARNING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r#"(?:^|[\s\[("'<|=])(?i:warning|warn)(?:[\]\[>!,;)|]|:(?:[^:]|$)|\s|["'](?:[^:]|$)|$)"#,
        r#"|\b[A-Z]\w*Warning:|"level":\s?40\b"#
    ))
});
/// What after `error` says that there was none.
static NONE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^:?\s*(?:0|null|nil|none|false)\b"));

/// What a line looks like, without colours and its end.
pub fn guess(line: &[u8]) -> Option<Severity> {
    next_candidate(line, 0)?;
    // Behind `no error` in the same line there may be one.
    let looks = |rule: &Regex| rule.find_iter(line).any(|found| !is_none(line, found));
    if looks(&ERROR) {
        Some(Severity::Error)
    } else if looks(&WARNING) {
        Some(Severity::Warning)
    } else {
        None
    }
}

/// Where the next line may be, from a place on, that looks like anything.
pub fn next_candidate(text: &[u8], from: usize) -> Option<usize> {
    ANY.find_at(text, from).map(|found| found.start())
}

/// `0 error`, `no warning`, `error: none`.
fn is_none(line: &[u8], found: Match<'_>) -> bool {
    let before = line[..found.start()].trim_ascii_end();
    let word = before.rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
    let is_denied = [&b"0"[..], b"no", b"No", b"without"].contains(&word);
    // The match may have taken the colon and the blank along.
    let end =
        found.as_bytes().iter().rposition(u8::is_ascii_alphabetic).map_or(found.end(), |at| found.start() + at + 1);
    is_denied || NONE.is_match(&line[end..])
}

fn pattern(text: &str) -> Regex {
    // A log has bytes that are no UTF-8, and `[^:]` is to match these as well.
    regex::bytes::RegexBuilder::new(text).unicode(false).build().expect("a pattern of ours is one")
}

#[cfg(test)]
mod tests {
    use crate::logs::text::severity::{Severity, guess, next_candidate};

    fn looks(line: &str) -> Option<Severity> {
        let guessed = guess(line.as_bytes());
        assert!(guessed.is_none() || next_candidate(line.as_bytes(), 0).is_some(), "{line} is found");
        guessed
    }

    #[test]
    fn errors_of_many_programs_look_like_errors() {
        for line in [
            "error: could not compile `x`",
            "error[E0308]: mismatched types",
            "ERROR in ./src/app.js",
            "[error] no route",
            "2026-01-01 12:00:00 ERROR db: gone",
            "time=12 level=error msg=gone",
            r#"{"level":"error","msg":"gone"}"#,
            r#"{"level":50,"time":1}"#,
            r#"{"severity": "ERROR"}"#,
            "thread 'main' panicked at src/main.rs:2:5:",
            "test result: FAILED. 1 passed; 1 failed",
            "FAILED tests/test_a.py::test_b",
            "TypeError: x is not a function",
            "Exception in thread \"main\" java.lang.NullPointerException: no",
            "npm ERR! code ELIFECYCLE",
            "fatal: not a git repository",
            "panic: runtime error: index out of range",
            "src/a.c:3:1: error: expected ';'",
            "Error",
        ] {
            assert_eq!(looks(line), Some(Severity::Error), "{line}");
        }
    }

    #[test]
    fn warnings_look_like_warnings() {
        for line in [
            "warning: unused variable",
            "npm WARN deprecated x",
            "level=warn msg=slow",
            r#"{"level":40}"#,
            "x.py:1: DeprecationWarning: y",
            "[WARNING] y",
            "src/a.c:3:1: warning: unused",
        ] {
            assert_eq!(looks(line), Some(Severity::Warning), "{line}");
        }
    }

    #[test]
    fn what_only_speaks_of_errors_is_none() {
        for line in [
            "0 errors, 0 warnings",
            "Found 0 error in 3 files",
            "no error",
            "finished without error",
            "error: none",
            "compiling error.rs",
            "GET /error 200",
            "--error-format=json",
            r#"{"level":"info","error":null}"#,
            "handling error_code",
            "terrors of the warned",
            "3 passed, 0 failed",
            "std::error::Error is a trait",
        ] {
            assert_eq!(looks(line), None, "{line}");
        }
    }
}

//! What stands before a line because several streams share one log: a name, a time, a runner's
//! mark.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

/// A line apart from what stands before it.
#[derive(Debug, PartialEq, Eq)]
pub struct Split<'t> {
    /// Which stream it came on; empty where there is one.
    pub stream: &'t [u8],
    /// The line of that stream.
    pub text: &'t [u8],
}

/// Names of streams that runners put before a line.
static STREAM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        // foreman, overmind, honcho, docker compose, kubetail
        r"^(?:\d\d:\d\d:\d\d )?(?P<a>[A-Za-z0-9][\w./@:-]{0,40}?) +\| ",
        // concurrently, kubectl --prefix, npm-run-all -l, stern
        r"|^\[(?P<b>[A-Za-z0-9][\w./@:-]{0,40})\] ?",
        // turbo, pnpm -r, lerna
        r"|^(?P<c>@?[a-z][\w./@-]{0,40}[:#][a-z][\w:-]{0,20}): ",
        r"|^(?P<d>(?:\.|[a-z][\w.-]*(?:/[\w.@-]+)+) [a-z][\w:-]*)[:$|] ",
        // systemd's journal and syslog
        r"|^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?P<e>[\w.-]+ [\w./@-]+)(?:\[\d+\])?: ",
        r"|^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d) (?P<f>[a-z][\w.-]* [\w./@-]+)(?:\[\d+\])?: ",
        // docker buildkit
        r"|^(?P<g>#\d{1,3}) (?:\d+\.\d+ )?",
    ))
});
/// Marks and times before a line, of no stream.
static MARK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?(?: |$)",
        r"|\d+\.\d{3} ",
        r"|\[\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\] +",
        r"|\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]? +",
        r"|##\[(?:error|warning|debug|group|command)\]|::(?:error|warning)(?: [^:]*)?::",
        r"|(?:│|╷|╵|┃|\|) ",
        r"|\xef\xbb\xbf)"
    ))
});
/// Words in brackets or before a bar that are no stream's name.
const WORDS: [&str; 42] = [
    "error",
    "warning",
    "warn",
    "info",
    "debug",
    "trace",
    "fatal",
    "critical",
    "severe",
    "notice",
    "fail",
    "failed",
    "pass",
    "passed",
    "ok",
    "emerg",
    "alert",
    "crit",
    "err",
    "e",
    "w",
    "i",
    "f",
    "c",
    "d",
    "skip",
    "skipped",
    "note",
    "help",
    "main",
    "eslint",
    "vite",
    "plugin",
    "webpack",
    "typescript",
    "commonjs",
    "rollup",
    "babel",
    "postcss",
    "vue",
    "sass",
    "error]",
];

/// Takes off the name of a stream, and marks and times.
pub fn split(line: &[u8]) -> Split<'_> {
    let (mut stream, mut text) = (&line[..0], line);
    // A time may stand before the stream's name, and another behind it.
    for _ in 0..3 {
        if let Some(mark) = may_be_mark(text).then(|| MARK.find(text)).flatten() {
            text = &text[mark.end()..];
            continue;
        }
        if !stream.is_empty() || !may_be_stream(text) || !STREAM.is_match(text) {
            break;
        }
        let Some(found) = STREAM.captures(text) else { break };
        let name = found.iter().skip(1).flatten().next().map_or(&line[..0], |name| name.as_bytes());
        let is_number = name.iter().all(|byte| byte.is_ascii_digit() || b"/:.".contains(byte));
        // `[PARSE_ERROR] ` is a code.
        let is_code = !name.iter().any(u8::is_ascii_lowercase) && name.iter().any(u8::is_ascii_uppercase);
        if is_code && found.name("b").is_some() {
            break;
        }
        if WORDS.iter().any(|word| name.eq_ignore_ascii_case(word.as_bytes()))
            || is_number && (name.len() > 2 || found.name("a").is_some())
        {
            break;
        }
        // `First    | FAIL |` is a row of results.
        let behind = &text[found.get(0).map_or(0, |whole| whole.end())..];
        if behind.starts_with(b"FAIL |") || behind.starts_with(b"PASS |") {
            break;
        }
        stream = name;
        text = behind;
    }
    Split { stream, text }
}

/// Whether [`MARK`] may match: most lines are told by their first byte.
fn may_be_mark(text: &[u8]) -> bool {
    text.first().is_some_and(|first| first.is_ascii_digit() || b"[#:|\xe2\xef".contains(first))
}

/// Whether [`STREAM`] may match.
fn may_be_stream(text: &[u8]) -> bool {
    let Some(first) = text.first() else { return false };
    let has_bar = || memchr::memmem::find(text, b" | ").is_some();
    let is = |at: usize, byte: u8| text.get(at) == Some(&byte);
    match first {
        b'[' | b'#' => true,
        b'0'..=b'9' => is(4, b'-') || has_bar(),
        b'A'..=b'Z' => is(3, b' ') && is(9, b':') || has_bar(),
        b'a'..=b'z' | b'@' | b'.' => {
            let ends = memchr::memchr3_iter(b':', b'|', b'$', text);
            ends.into_iter().any(|end| is(end + 1, b' '))
        }
        _ => false,
    }
}

fn pattern(text: &str) -> Regex {
    RegexBuilder::new(text).unicode(false).build().expect("a pattern of ours is one")
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn names_of_streams_and_marks_are_taken_off() {
        for (line, stream, text) in [
            ("[api] error: no", "api", "error: no"),
            ("[0] src/a.ts(1,2): error TS1: x", "0", "src/a.ts(1,2): error TS1: x"),
            ("12:09:59 worker.1 | Traceback", "worker.1", "Traceback"),
            ("web-1  | Error: x", "web-1", "Error: x"),
            ("web:build: Error: x", "web:build", "Error: x"),
            ("packages/a test: FAIL x", "packages/a test", "FAIL x"),
            ("2026-01-01T10:00:00.1234567Z ##[error]Process completed", "", "Process completed"),
            ("Nov 28 01:23:57 host app[123]: panic: x", "host app", "panic: x"),
            ("#12 3.456 error: x", "#12", "error: x"),
            ("│ Error: Invalid reference", "", "Error: Invalid reference"),
            ("[ERROR] COMPILATION ERROR :", "", "[ERROR] COMPILATION ERROR :"),
            ("[ 50%] Building", "", "[ 50%] Building"),
            ("[1/3] Linking", "", "[1/3] Linking"),
            ("error: x", "", "error: x"),
            ("First    | FAIL |", "", "First    | FAIL |"),
            ("  12 | let x = 1;", "", "  12 | let x = 1;"),
            ("12 | let x = 1;", "", "12 | let x = 1;"),
            ("main.c:3:1: error: x", "", "main.c:3:1: error: x"),
        ] {
            let found = split(line.as_bytes());
            assert_eq!((found.stream, found.text), (stream.as_bytes(), text.as_bytes()), "{line}");
        }
    }
}

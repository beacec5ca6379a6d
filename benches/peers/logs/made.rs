//! Logs of a gibibyte, written by real tasks.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use super::clock;
use crate::place::{Place, time};

/// The home whose log is one segment.
pub const PLAIN: &str = "one-segment";
/// The home whose log is kept as it is by default: in segments, the complete ones compressed.
pub const SEGMENTS: &str = "segments";

/// The text that a log repeats. *Units*: bytes.
const TEXT: usize = 61 << 20;
const TIMES: usize = 17;
/// How long a log is in which nothing is wrong. *Units*: bytes.
const CLEAN: usize = 200 << 20;

/// What was made.
pub struct Long {
    /// The file of the log that is one segment.
    pub plain: String,
    /// The files of the other one, in order; the newest is not compressed.
    pub segments: Vec<String>,
    /// How long it is.
    pub mebibytes: usize,
}

impl Long {
    /// Lets tasks print the text, and waits until all is compressed.
    pub fn make(place: &Place) -> Long {
        let text = place.path("text");
        write_text(&text);
        let line = format!("for i in $(seq {TIMES}); do cat {text}; done");
        for (home, settings) in [(PLAIN, "[logs]\nsegment = \"4GiB\"\nper_task = \"4GiB\"\n"), (SEGMENTS, "")] {
            time(&mut place.aos(home, &["tasks"]));
            let config = File::create(place.path(&format!("{home}/config.toml")));
            config.and_then(|mut file| file.write_all(settings.as_bytes())).expect("settings");
            time(&mut place.aos(home, &["run", "-b", "--no-pty", "-n", "long", &line]));
            time(&mut place.aos(home, &["wait", "1"]));
        }
        fs::remove_file(text).expect("it was there");
        while files(place, SEGMENTS)
            .iter()
            .any(|file| file.rsplit('.').next().is_some_and(|e| e.parse::<u32>().is_ok()))
        {
            let _ = nix::poll::poll(&mut [], 50u8);
        }
        for home in [PLAIN, SEGMENTS] {
            clock::spread(&dir(place, home));
        }
        let mut segments = files(place, SEGMENTS);
        segments.retain(|file| file.ends_with(".zst"));
        segments.sort_by_key(|file| file.rsplit('.').nth(1).and_then(|number| number.parse::<u32>().ok()));
        let newest =
            files(place, SEGMENTS).into_iter().find(|file| file.ends_with(".log")).expect("the newest segment");
        segments.push(newest);
        let plain = files(place, PLAIN).into_iter().find(|file| file.ends_with(".log")).expect("a log");
        Long { plain, segments, mebibytes: (TEXT * TIMES) >> 20 }
    }
}

/// Where a home's logs are.
pub fn dir(place: &Place, home: &str) -> PathBuf {
    place.path(&format!("{home}/logs/tasks")).into()
}

fn files(place: &Place, home: &str) -> Vec<String> {
    let entries = fs::read_dir(dir(place, home)).expect("logs");
    entries.map(|entry| entry.expect("a file").path().to_string_lossy().into_owned()).collect()
}

/// Writes lines in which nothing is wrong: of servers, of a log of objects, of builds and tests.
/// *Units*: gives bytes.
pub fn write_clean(path: &str) -> usize {
    let mut file = BufWriter::new(File::create(path).expect("a file"));
    let (mut written, mut at) = (0, 0_u64);
    while written < CLEAN {
        at += 1;
        // No two lines are the same, and all kinds come alike.
        let (long, short) = (at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40, at % 60);
        let line = match (at * 7 + at / 11) % 6 {
            0 => {
                format!("10.0.0.{short} - - [28/Nov/2026:13:00:{short:02}] \"GET /api/items/{long} HTTP/1.1\" 200 484")
            }
            1 => format!("{{\"level\":\"info\",\"time\":{at},\"msg\":\"request {long} completed\",\"ms\":{short}}}"),
            2 => format!("2026-11-28 13:00:{short:02} INFO server: request {long} handled in {short} ms"),
            3 => format!("   Compiling crate-{short} v1.{long}.{at}"),
            4 => format!("[ {short:02}%] Building CXX object src/CMakeFiles/app.dir/file{long}.cpp.o"),
            _ => format!("tests/unit/test_{long}.py::test_case_{short} PASSED [ {short:02}%]"),
        };
        writeln!(file, "{line}").expect("written");
        written += line.len() + 1;
    }
    file.flush().expect("written");
    written
}

/// Lines of a server's day, of 60 to 90 bytes: one in 60 an error, and numbers in which little
/// repeats.
fn write_text(path: &str) {
    let mut file = BufWriter::new(File::create(path).expect("a file"));
    let (mut written, mut state, mut ms) = (0, 7_u64, 0_u64);
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let rooms = ["db", "http", "cache", "auth", "worker", "scheduler", "mailer", "vite", "router"];
    while written < TEXT {
        ms += next(40);
        let (h, m, s) = (ms / 3_600_000 % 24, ms / 60_000 % 60, ms / 1000 % 60);
        let room = rooms[next(rooms.len() as u64) as usize];
        let what = match next(60) {
            0 => format!("ERROR {room}: connection refused by peer {:08x}, retrying", next(1 << 31)),
            1..=2 => format!("WARN  {room}: slow response from upstream 10.{}.{}.7", next(256), next(256)),
            3..=14 => format!("DEBUG {room}: query {:08x} took {}.{:03} ms", next(1 << 31), next(40), next(1000)),
            15..=23 => format!("INFO  {room}: job {:08x} is done, {} left in the queue", next(1 << 31), next(64)),
            _ => format!("INFO  {room}: GET /api/v2/orders/{} {} {} ms", next(100_000), 200 + next(2) * 104, next(900)),
        };
        let line = format!("2026-11-22T{h:02}:{m:02}:{s:02}.{:03}Z {what}\n", ms % 1000);
        file.write_all(line.as_bytes()).expect("written");
        written += line.len();
    }
    file.flush().expect("written");
}

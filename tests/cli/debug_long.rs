//! Long logs: what stands at either end is found, in little memory, and what was not read is said.

use std::fs::File;
use std::io::{BufWriter, Write};

use serde_json::{Value, json};

use crate::world::{World, until};

const RUSTC: &str = "error[E0308]: mismatched types\n --> src/main.rs:4:18\n  |\n4 |     let x: i32 = \"a\";\n";
const PYTEST: &str = "\
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert total([1, 2]) == 4
E       assert 3 == 4

tests/test_total.py:5: AssertionError
=========================== short test summary info ============================
FAILED tests/test_total.py::test_total - assert 3 == 4
========================= 1 failed, 12 passed in 0.12s =========================
";
const TRACEBACK: &str = "\
Traceback (most recent call last):
  File \"/srv/app/views.py\", line 77, in view
    raise ValueError(\"bad id\")
ValueError: bad id
";

/// What is found in a log by a process that has 16 MiB for all of its data: line, count, message.
fn found_in_little_memory(w: &World) -> Vec<(u64, u64, String)> {
    let aos = env!("CARGO_BIN_EXE_aos");
    let said = w.sh(&format!("ulimit -d 16384; exec {aos} debug --json --file log -x 1"));
    assert_eq!((said.err.as_str(), said.code), ("", 1));
    let found: Value = serde_json::from_str(&said.out).expect("JSON");
    let number = |of: &Value| of.as_u64().expect("a number");
    let all = found["diagnostics"].as_array().expect("a list").iter();
    all.map(|one| (number(&one["line"]), number(&one["count"]), one["message"].as_str().expect("a text").to_owned()))
        .collect()
}

fn log(w: &World, write: impl Fn(&mut BufWriter<File>) -> std::io::Result<()>) {
    let mut file = BufWriter::new(File::create(w.join("log")).expect("a file"));
    write(&mut file).and_then(|()| file.flush()).expect("written");
}

#[test]
fn both_ends_of_a_long_log_are_found_and_it_costs_little_memory() {
    let w = World::new();
    let clean = |file: &mut BufWriter<File>, lines: u32| {
        (0..lines).try_for_each(|at| writeln!(file, "2026-11-28 13:00:11 INFO server: request {at} handled in 27 ms"))
    };
    log(&w, |file| {
        clean(file, 50)?;
        file.write_all(RUSTC.as_bytes())?;
        clean(file, 300_000)?;
        file.write_all(PYTEST.as_bytes())?;
        clean(file, 50)
    });
    let found = found_in_little_memory(&w);
    let wanted = [(51, 1, "mismatched types".to_owned()), (300_060, 1, "assert 3 == 4".to_owned())];
    assert_eq!(found, wanted);
}

#[test]
fn a_line_of_any_length_costs_little_memory() {
    let w = World::new();
    log(&w, |file| {
        file.write_all(b"begin\n")?;
        let piece = [b'x'; 64 << 10];
        (0..400).try_for_each(|_| file.write_all(&piece))?;
        file.write_all(b" error: inside\nsrc/a.c:3:5: error: expected ';' before 'return'\n{\"a\": \"")?;
        (0..400).try_for_each(|_| file.write_all(&piece))
    });
    assert_eq!(found_in_little_memory(&w), [(3, 1, "expected ';' before 'return'".to_owned())]);
}

#[test]
fn one_problem_that_fills_a_log_is_one() {
    let w = World::new();
    log(&w, |file| (0..20_000).try_for_each(|_| file.write_all(TRACEBACK.as_bytes())));
    assert_eq!(found_in_little_memory(&w), [(4, 20_000, "ValueError: bad id".to_owned())]);
}

/// Nobody reads more than 256 MiB at the end of a run. What was told before is still so.
#[test]
fn what_a_very_long_output_told_while_it_ran_is_counted_at_its_end() {
    let w = World::new();
    for (name, text) in [("rustc", RUSTC), ("pytest", PYTEST)] {
        File::create(w.join(name)).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
    }
    File::create(w.join("sparse")).and_then(|file| file.set_len(300 << 20)).expect("a file");
    let line = "cat rustc; echo; until [ -e go ]; do sleep 0.05; done; cat sparse; echo; cat pytest; exit 1";
    let id = w.begin(&["--no-pty", line]);
    until(|| w.row(id)["findings"]["errors"] == 1).expect("it is told while it runs");
    File::create(w.join("go")).expect("a file");
    w.ended(id);
    until(|| w.row(id)["findings"]["unread"].is_u64()).expect("a verdict");
    let row = w.row(id);
    assert_eq!((&row["findings"]["errors"], &row["tests"]["failed"]), (&json!(2), &json!(1)), "{row}");
    assert_eq!(row["first_finding"]["message"], "mismatched types", "{row}");
    let shown = w.ok(&["show", "1"]);
    assert!(shown.contains("unread  the first 44.0 MiB of the output"), "{shown}");
    let found = w.aos(&["debug", "1"]).out;
    assert!(found.contains("2 errors") && found.contains("src/main.rs:4:18"), "it reads all: {found}");
}

#[test]
fn more_different_problems_than_are_kept_are_counted() {
    let w = World::new();
    let mut log = BufWriter::new(File::create(w.join("log")).expect("a log"));
    for line in 1..=4025 {
        writeln!(log, "src/main.c:{line}:9: error: unknown type name 'word'").expect("written");
    }
    log.into_inner().expect("written");
    let told = w.aos(&["debug", "--json", "--file", "log", "-x", "1"]);
    let told: Value = serde_json::from_str(&told.out).expect("JSON");
    assert_eq!((told["diagnostics"].as_array().map(Vec::len), &told["unkept"]), (Some(4000), &json!(25)));
    let said = w.aos(&["debug", "--file", "log", "-x", "1", "--budget", "100"]).out;
    assert!(said.contains("; 25 later ones are not told apart\n"), "{said}");
}

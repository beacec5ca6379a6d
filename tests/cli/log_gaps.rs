//! Logs of which something is missing: the rest is read, and what is missing is told, however it is
//! read.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::world::{World, until};

/// A world with a task whose log has several compressed segments, lines of a hundred bytes.
fn with_log() -> World {
    let w = World::new();
    w.aos(&["tasks"]);
    let config = "[logs]\nsegment = \"64KiB\"\n";
    File::create(w.home().join("config.toml")).and_then(|mut f| f.write_all(config.as_bytes())).expect("settings");
    let id = w.begin(&["-n", "x", "--shell", "seq -f '%099.0f' 1 4000"]);
    w.ended(id);
    until(|| !segment(&w, 1).exists() && !segment(&w, 5).exists()).expect("all are compressed");
    w
}

fn segment(w: &World, number: u32) -> PathBuf {
    w.home().join(format!("logs/tasks/task-001-x.log.{number}"))
}

fn compressed(w: &World, number: u32) -> PathBuf {
    w.home().join(format!("logs/tasks/task-001-x.log.{number}.zst"))
}

/// Reads the log in every way; each gives so many lines, and tells this.
fn assert_told(w: &World, lines: usize, told: &str) {
    let ways: [&[&str]; 12] = [
        &[],
        &["-n", "9999"],
        &["--head", "9999"],
        &["--since", "1h"],
        &["--until", "2999-01-01"],
        &["--grep", "0"],
        &["--grep", "0", "-n", "9999"],
        &["--json"],
        &["--merge"],
        &["--timestamps"],
        &["-f"],
        &["--raw"],
    ];
    for way in ways {
        let said = w.aos(&[&["logs", "1"], way].concat());
        assert_eq!((said.err.lines().count(), said.code), (1, 0), "{way:?}: {}", said.err);
        assert!(said.err.starts_with("aos: ") && said.err.trim_end().ends_with(told), "{way:?}: {}", said.err);
        let found = said.out.lines().count();
        // The lines at both ends of what is missing are torn, or make one.
        assert!(found.abs_diff(lines) <= 1, "{way:?}: {found} lines, not {lines}");
        assert!(said.out.trim_end().trim_end_matches(['"', '}']).ends_with("04000"), "{way:?}: the rest is read");
    }
}

/// How many lines there are in a segment.
fn lines_in(w: &World, number: u32) -> usize {
    let lines = w.sh(&format!("zstd -qdc {} | wc -c", compressed(w, number).display())).out;
    lines.trim().parse::<usize>().expect("a number") / 100
}

fn rewrite(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).expect("a segment");
    change(&mut bytes);
    File::create(path).and_then(|mut file| file.write_all(&bytes)).expect("written");
}

#[test]
fn a_segment_that_somebody_removed() {
    let w = with_log();
    let left = 4000 - lines_in(&w, 2);
    fs::remove_file(compressed(&w, 2)).expect("removed");
    assert_told(&w, left, " of the log are no longer kept (task-001-x.log.2)");
}

#[test]
fn the_first_segments_were_dropped() {
    let w = with_log();
    let left = 4000 - lines_in(&w, 1) - lines_in(&w, 2);
    fs::remove_file(compressed(&w, 1)).expect("removed");
    fs::remove_file(compressed(&w, 2)).expect("removed");
    assert_told(&w, left, " of the log are no longer kept");
    let first: serde_json::Value =
        serde_json::from_str(w.aos(&["logs", "--json", "--head", "1"]).out.trim()).expect("a line");
    assert_eq!(first["run"], 1);
}

#[test]
fn a_segment_in_which_bytes_went_bad() {
    let w = with_log();
    let left = 4000 - lines_in(&w, 3);
    rewrite(&compressed(&w, 3), |bytes| bytes[20..40].fill(0xff));
    assert_told(&w, left, " of the log are damaged and left out (task-001-x.log.3.zst)");
}

#[test]
fn a_segment_that_was_cut_short_or_is_something_else() {
    let w = with_log();
    let left = 4000 - lines_in(&w, 2);
    let told = " of the log are damaged and left out (task-001-x.log.2.zst)";
    rewrite(&compressed(&w, 2), |bytes| bytes.truncate(bytes.len() / 2));
    assert_told(&w, left, told);
    rewrite(&compressed(&w, 2), |bytes| *bytes = b"something else".to_vec());
    assert_told(&w, left, told);
    rewrite(&compressed(&w, 2), Vec::clear);
    assert_told(&w, left, told);
}

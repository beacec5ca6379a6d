//! Logs of which somebody compressed a part by another tool: it is read as any other, or told.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

use crate::world::{Said, World, until};

/// No reader takes more. *Units*: KiB.
const MEMORY: &str = "16384";

/// A world with a task whose log has an older segment of 12 MiB, lines of five hundred bytes.
fn with_log() -> World {
    let w = World::new();
    w.aos(&["tasks"]);
    let config = b"[logs]\nsegment = \"12MiB\"\n";
    File::create(w.home().join("config.toml")).and_then(|mut file| file.write_all(config)).expect("settings");
    let id = w.begin(&["-n", "x", "--shell", "seq -f 'error: %0492.0f' 1 26000"]);
    w.ended(id);
    until(|| !older(&w).with_extension("").exists()).expect("it is compressed");
    w.sh(&format!("zstd -qdc {} > older", older(&w).display()));
    w
}

fn older(w: &World) -> PathBuf {
    w.home().join("logs/tasks/task-001-x.log.1.zst")
}

/// Compresses the older segment by a command that reads `older` and writes `made`.
fn made_by(w: &World, command: &str) {
    let said = w.sh(command);
    assert_eq!((said.err.as_str(), said.code), ("", 0), "{command}");
    fs::rename(w.join("made"), older(w)).expect("put in its place");
}

/// What may be read of the log, with as much memory as a reader may take.
fn read(w: &World, options: &str) -> Said {
    w.sh(&format!("ulimit -d {MEMORY}; aos logs {options} 1"))
}

fn lines(from: u32, to: u32) -> String {
    (from..=to).map(|line| format!("error: {line:0492}\n")).collect()
}

#[test]
fn a_segment_by_plain_zstd_reads_as_any_other() {
    let w = with_log();
    let all = lines(1, 26_000);
    let ways = [
        "zstd -q older -o made",
        "zstd -q < older > made",
        "zstd -q -5 --long=23 older -o made",
        "head -c 7000001 older | zstd -q > made; tail -c +7000002 older | zstd -q >> made",
    ];
    for way in ways {
        made_by(&w, way);
        for option in ["", "--raw", "-n 26000", "--grep 0"] {
            let said = read(&w, option);
            assert_eq!((said.err.as_str(), said.code), ("", 0), "{way}, {option}");
            assert!(said.out == all, "{way}, {option}: {} bytes", said.out.len());
        }
        assert_eq!(read(&w, "--grep '00077[0-1]$'").out, lines(770, 771), "{way}");
        assert!(read(&w, "-n 12000").out == lines(14_001, 26_000), "{way}");
        assert_eq!(read(&w, "--head 2").out, lines(1, 2), "{way}");
    }
}

#[test]
fn a_segment_that_takes_too_much_memory_is_told() {
    let w = with_log();
    let told =
        " of the log are left out, as they are compressed with a window of more than 8 MiB (task-001-x.log.1.zst)\n";
    for way in ["zstd -q --long=24 older -o made", "zstd -q --long=24 < older > made"] {
        made_by(&w, way);
        for option in ["", "--grep 0", "--json", "-n 26000"] {
            let said = read(&w, option);
            assert!(said.err.ends_with(told) && said.err.lines().count() == 1, "{way}, {option}: {}", said.err);
            assert!(said.out.contains(&format!("{:0492}", 26_000)), "{way}, {option}: the rest is read");
        }
    }
}

#[test]
fn a_large_frame_that_is_cut_is_read_as_far_as_it_goes() {
    let w = with_log();
    made_by(&w, "zstd -q older -o made; truncate -s $(($(stat -c %s made) / 2)) made");
    let said = read(&w, "");
    assert!(said.err.ends_with(" of the log are damaged and left out (task-001-x.log.1.zst)\n"), "{}", said.err);
    assert!(said.out.starts_with(&lines(1, 6_000)) && said.out.ends_with(&lines(25_800, 26_000)));
}

#[test]
fn many_last_lines_that_are_wanted_take_no_more_memory_than_few() {
    let w = with_log();
    assert!(read(&w, "--level error -n 20000").out == lines(6_001, 26_000));
    assert_eq!(read(&w, "--level error -n 3").out, lines(25_998, 26_000));
    assert_eq!(read(&w, "--json -n 20000").out.lines().count(), 20_000);
    assert_eq!(read(&w, "--merge --timestamps -n 20000 --grep 0").out.lines().count(), 20_000);
    let near = read(&w, "--level error -n 4000 --grep '[05]$' -A 1");
    let far = read(&w, "--level error -n 3 --grep '[05]$' -A 1");
    assert!(near.out.ends_with(&far.out), "with what is near them: {}", far.out);
}

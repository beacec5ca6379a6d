//! Logs on disk: in segments, compressed, within their budget, whole.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;

use crate::world::{World, kill, until};

/// A world in which segments are as small as they may be.
fn with_segments(settings: &str) -> World {
    let w = World::new();
    w.aos(&["tasks"]);
    let config = format!("[logs]\nsegment = \"64KiB\"\n{settings}");
    fs::File::create(w.home().join("config.toml")).and_then(|mut f| f.write_all(config.as_bytes())).expect("settings");
    w
}

fn files(w: &World) -> Vec<PathBuf> {
    let dir = w.home().join("logs/tasks");
    let mut files: Vec<_> = fs::read_dir(dir).expect("logs").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.to_string_lossy().ends_with(ending)
}

/// Waits until nobody has anything to compress any more.
fn until_compressed(w: &World) {
    let is_plain = |path: &PathBuf| path.to_string_lossy().rsplit('.').next().is_some_and(|e| e.parse::<u32>().is_ok());
    until(|| !files(w).iter().any(is_plain)).unwrap_or_else(|| panic!("{:#?}", files(w)));
}

fn remove(path: &PathBuf) {
    fs::remove_file(path).expect("removed");
}

fn numbers(from: u32, to: u32) -> String {
    (from..=to).map(|n| format!("{n}\n")).collect()
}

#[test]
fn a_long_log_is_kept_in_segments_and_reads_as_one() {
    let w = with_segments("");
    let id = w.begin(&["--", "seq", "1", "100000"]);
    w.ended(id);
    let all = numbers(1, 100_000);
    assert!(w.ok(&["logs", "1"]) == all);
    until_compressed(&w);
    assert!(w.ok(&["logs", "1"]) == all && w.ok(&["logs", "--raw", "1"]) == all);
    assert_eq!(w.ok(&["logs", "-n", "20000", "1"]), numbers(80_001, 100_000), "the last lines are in several segments");
    assert_eq!(w.ok(&["logs", "--grep", "^5000[0-2]$", "1"]), numbers(50_000, 50_002));
    let segments = files(&w).iter().filter(|path| has_ending(path, ".zst")).count();
    assert!(segments >= 7, "{:#?}", files(&w));
    for file in files(&w) {
        assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    let shown = w.ok(&["show", "1"]);
    assert!(shown.contains(&format!("in {} segments", segments + 1)) && shown.contains("575.1 KiB"), "{shown}");
    let tools = w.sh("cd home/logs/tasks; zstd -qdc task-001-*.log.1.zst | head -n 3");
    assert_eq!(tools.out, "1\n2\n3\n", "ordinary tools read them");
    w.ok(&["rm", "1"]);
    assert_eq!(files(&w), Vec::<PathBuf>::new());
}

#[test]
fn a_follower_goes_from_segment_to_segment() {
    let w = with_segments("");
    let id = w.begin(&["until [ -e go ]; do sleep 0.01; done; seq 1 60000; echo end"]);
    let follower = {
        let mut aos = w.command(env!("CARGO_BIN_EXE_aos"));
        aos.args(["logs", "-f", "1"]).stdout(std::process::Stdio::piped()).spawn().expect("a follower")
    };
    fs::File::create(w.join("go")).expect("the sign to go on");
    let said = follower.wait_with_output().expect("its output");
    assert!(said.stdout == (numbers(1, 60_000) + "end\n").as_bytes(), "{} bytes", said.stdout.len());
    w.ended(id);
    until_compressed(&w);
}

#[test]
fn what_is_too_much_is_dropped_and_told() {
    let w = with_segments("per_task = \"64KiB\"\n");
    let id = w.begin(&["head -c 1000000 /dev/urandom | base64; until [ -e go ]; do sleep 0.01; done; echo end"]);
    until(|| w.ok(&["why", "1"]).contains("of the log were dropped to make room")).expect("something is dropped");
    fs::File::create(w.join("go")).expect("the sign to go on");
    w.ended(id);
    // Until then what is dropped may be dropped under a reader's eyes, who then tells of a second
    // gap.
    until(|| w.survivors().is_empty()).expect("who tidies up is done");
    let size: u64 = files(&w).iter().filter_map(|path| fs::metadata(path).ok()).map(|file| file.len()).sum();
    assert!(size < 256 * 1024, "{:#?}", files(&w));
    let shown = w.ok(&["show", "1"]);
    assert!(shown.contains("of it dropped"), "{shown}");
    let said = w.aos(&["logs", "1"]);
    assert!(said.out.ends_with("end\n") && said.code == 0);
    assert!(said.err.starts_with("aos: ") && said.err.ends_with("of the log are no longer kept\n"), "{}", said.err);
}

#[test]
fn a_run_is_found_after_the_log_was_rotated() {
    let w = with_segments("");
    let id = w.begin(&["seq 1 30000; echo run=$AOS_RUN"]);
    w.ended(id);
    w.ok(&["restart", "1"]);
    w.ended(id);
    let run = numbers(1, 30_000);
    assert!(w.ok(&["logs", "1#1"]) == format!("{run}run=1\n"));
    assert!(w.ok(&["logs", "1#2"]) == format!("{run}run=2\n"));
    until_compressed(&w);
    assert!(w.ok(&["logs", "1#2"]) == format!("{run}run=2\n"));
}

#[test]
fn a_killed_supervisor_leaves_a_log_that_goes_on() {
    let w = with_segments("");
    let id = w.begin(&["i=0; while :; do i=$((i + 1)); echo $i; done"]);
    until(|| files(&w).iter().any(|path| has_ending(path, ".idx") && has_ending(path, ".2.idx"))).expect("it rotates");
    kill(w.row(id)["supervisor_pid"].as_i64().expect("a pid") as i32, Signal::SIGKILL);
    until(|| w.row(id)["status"] == "lost" && w.survivors().is_empty()).expect("lost");
    let before = String::from_utf8(w.log(id)).expect("text");
    let whole = &before[..before.rfind('\n').map_or(0, |end| end + 1)];
    assert!(whole == numbers(1, whole.lines().count() as u32), "{} bytes", before.len());
    w.ok(&["restart", "1"]);
    until(|| w.log(id).len() > before.len() + 200_000).expect("it goes on");
    w.ok(&["stop", "1"]);
    let after = String::from_utf8(w.log(id)).expect("text");
    assert!(after.starts_with(&before));
    assert!(w.ok(&["logs", "1#2"]).starts_with("1\n2\n3\n"));
    until_compressed(&w);
    assert!(w.log(id) == after.as_bytes());
}

#[test]
fn a_log_that_lost_its_newest_files_and_its_first_goes_on_and_is_removed_whole() {
    let w = with_segments("");
    let id = w.begin(&["seq 1 30000; echo run=$AOS_RUN"]);
    w.ended(id);
    until_compressed(&w);
    until(|| w.survivors().is_empty()).expect("who tidies up is done");
    let lost = [".log", ".log.idx", ".log.1.zst", ".log.1.idx"];
    let remove_lost = || files(&w).iter().filter(|path| lost.iter().any(|end| has_ending(path, end))).for_each(remove);
    remove_lost();
    let kept = files(&w).len();
    w.ok(&["restart", "1"]);
    w.ended(id);
    assert!(w.ok(&["logs", "1#2"]) == format!("{}run=2\n", numbers(1, 30_000)));
    until(|| w.survivors().is_empty()).expect("who tidies up is done");
    assert!(files(&w).len() >= 2 * kept && !files(&w).iter().any(|path| has_ending(path, ".log.1.zst")));
    remove_lost();
    w.ok(&["rm", "1"]);
    assert_eq!(files(&w), Vec::<PathBuf>::new());
}

#[test]
fn a_log_that_is_cut_while_it_is_written_goes_on_and_says_so() {
    let w = World::new();
    let id = w.begin(&["echo one; until [ -e go ]; do sleep 0.01; done; echo two"]);
    w.until_logged(id, "one");
    let path = w.ok(&["logs", "--path", "1"]);
    fs::File::create(path.trim()).expect("cut");
    fs::File::create(w.join("go")).expect("the sign to go on");
    w.ended(id);
    let said = w.aos(&["logs", "1"]);
    assert_eq!((said.out.as_str(), said.err.as_str()), ("two\n", "aos: 4 bytes of the log are no longer kept\n"));
    assert!(w.ok(&["why", "1"]).contains("the log was cut short by somebody else"));
}

#[test]
fn a_damaged_segment_is_told_and_the_rest_is_read() {
    let w = with_segments("");
    let id = w.begin(&["--", "seq", "1", "40000"]);
    w.ended(id);
    until_compressed(&w);
    let log = files(&w).into_iter().find(|path| has_ending(path, ".log.2.zst")).expect("a segment");
    let mut bytes = fs::read(&log).expect("a segment");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0xff);
    fs::File::create(&log).and_then(|mut file| file.write_all(&bytes)).expect("damaged");
    let said = w.aos(&["logs", "1"]);
    assert!(said.err.ends_with("of the log are damaged and left out (task-001-seq-1.log.2.zst)\n"), "{}", said.err);
    assert!(said.out.starts_with("1\n2\n") && said.out.ends_with("40000\n") && said.code == 0);
    assert!(said.out.len() > numbers(1, 40_000).len() - 70_000);
}

#[test]
fn a_task_does_not_feed_on_its_own_log() {
    let w = World::new();
    let id = w.begin(&["echo one; aos logs -f $AOS_TASK_ID; aos logs $AOS_TASK_ID; echo end"]);
    w.ended(id);
    let log = String::from_utf8(w.log(id)).expect("text");
    assert!(log.contains("task-001 cannot follow its own log"), "{log}");
    assert!(log.ends_with("end\n") && log.len() < 1000, "{log}");
}

#[test]
fn settings_that_make_no_sense_lose_nothing() {
    let w = with_segments("per_task = \"lots\"\n");
    let id = w.begin(&["--", "seq", "1", "60000"]);
    assert_eq!(w.ended(id)["status"], "succeeded");
    assert!(w.log(id) == numbers(1, 60_000).as_bytes());
}

#[test]
fn a_log_that_cannot_be_rotated_grows_on() {
    let w = with_segments("");
    // There is room for the directory, a log and its index, and for no file more.
    let script = r#"
        mkdir -p -m 700 home/logs && mount -t tmpfs -o size=8m,nr_inodes=4,mode=700 tmpfs home/logs || exit 9
        aos run -b 'seq 1 60000; exit 3'
        aos wait 1 || echo "code $?"
        aos logs 1 | md5sum
        aos logs -n 1 1
        aos logs -g '^59999$' 1
        ls home/logs/tasks
        aos why 1
        aos tasks -a --json
    "#;
    let flags = if nix::unistd::geteuid().is_root() { "-m" } else { "-rm" };
    let said = w.command("unshare").args([flags, "sh", "-c", script]).output().expect("unshare runs");
    let out = String::from_utf8_lossy(&said.stdout);
    let sum = w.sh("seq 1 60000 | md5sum").out;
    assert!(out.starts_with(&format!("task-001\ncode 3\n{sum}60000\n59999\n")), "{said:?}");
    assert_eq!(out.lines().filter(|line| line.ends_with(".log") || line.contains(".log.")).count(), 2, "{out}");
    assert!(out.contains("problem: the log grows on in one part: No space left on device"), "{out}");
    assert!(out.contains("\"status\":\"failed\"") && !out.contains("lost"), "{out}");
}

//! `aos logs --since` and `--until`, which cut a log anywhere: in the newest segment and in
//! compressed ones.

use std::fs::File;
use std::io::Write;

use serde_json::Value;

use crate::world::{World, until};

/// A world whose task has printed 3000 lines over some tenths of a second, in segments as small as
/// they may be.
fn with_log() -> World {
    let w = World::new();
    w.aos(&["tasks"]);
    let config = "[logs]\nsegment = \"64KiB\"\n";
    File::create(w.home().join("config.toml")).and_then(|mut f| f.write_all(config.as_bytes())).expect("settings");
    let id = w.begin(&["-n", "x", "--shell", "for i in 1 2 3 4 5 6; do seq -f \"$i%098.0f\" 1 500; sleep 0.1; done"]);
    w.ended(id);
    until(|| w.ok(&["logs", "--path=all", "1"]).lines().filter(|path| path.ends_with(".zst")).count() >= 3)
        .expect("older segments are compressed");
    w
}

/// Every line with its time.
fn timed(w: &World) -> Vec<(String, String)> {
    let row = |line: &str| {
        let row: Value = serde_json::from_str(line).expect("an object");
        (row["time"].as_str().expect("a time").to_owned(), row["text"].as_str().expect("a text").to_owned() + "\n")
    };
    w.ok(&["logs", "--json", "1"]).lines().map(row).collect()
}

#[test]
fn a_time_cuts_a_log_in_two_wherever_it_falls() {
    let w = with_log();
    let all = timed(&w);
    assert_eq!(all.len(), 3000);
    let mut times: Vec<&str> = all.iter().map(|(time, _)| time.as_str()).collect();
    times.dedup();
    assert!(times.len() >= 6 && times.is_sorted(), "{times:?}");
    for time in times {
        let part = |is_of_it: &dyn Fn(&str) -> bool| -> String {
            all.iter().filter(|(time, _)| is_of_it(time)).map(|(_, text)| text.as_str()).collect()
        };
        let (before, after) = (part(&|other| other < time), part(&|other| other >= time));
        assert!(w.ok(&["logs", "--since", time, "1"]) == after, "since {time}");
        assert!(w.ok(&["logs", "--until", time, "1"]) == before, "until {time}");
        assert!(w.ok(&["logs", "--timestamps", "--until", time, "1"]).lines().count() == before.lines().count());
        let found = w.aos(&["logs", "--since", time, "-g", "1$", "-c", "1"]).out;
        assert_eq!(found.trim(), after.lines().filter(|line| line.ends_with('1')).count().to_string());
        assert_eq!(w.ok(&["logs", "--since", time, "--until", time, "1"]), "", "{time}");
        assert!(after.ends_with(&w.ok(&["logs", "--since", time, "-n", "3", "1"])));
    }
}

#[test]
fn a_time_that_is_none_is_told_with_what_there_is() {
    let w = World::new();
    for time in ["soon", "25:00", "2026-13-01", "-5m", ""] {
        let said = w.aos(&["logs", &format!("--since={time}")]);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{time}");
        assert!(said.err.contains("is no time: write 10m or 1h30m (ago), 14:05"), "{time}: {}", said.err);
    }
}

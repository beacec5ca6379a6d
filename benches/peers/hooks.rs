//! What hooks cost where there are none, and how soon one runs.

use std::fs::{self, OpenOptions};
use std::io::Write;

use nix::sys::stat::Mode;

use crate::cost::of_all;
use crate::place::{Place, clock, read_stamp, time};
use crate::table::{Pace, contender, measure, measure_at, rest};

const ROUNDS: usize = 60;
const ROUNDS_OF_ERRORS: usize = 20;

/// A home with these hooks.
fn configure(place: &Place, home: &str, hooks: &str) {
    time(&mut place.aos(home, &["tasks"]));
    fs::create_dir_all(place.path(home)).expect("a home");
    let path = format!("{}/hooks.json", place.path(home));
    fs::File::create(path).and_then(|mut file| file.write_all(hooks.as_bytes())).expect("written");
}

/// A background `true` where nothing is configured, where something is that is not for it, and
/// where something is.
pub fn where_there_are_none(place: &Place) {
    let floor = place.floor();
    configure(place, "hooks-other", r#"{"hooks": {"TaskWaitingInput": [{"hooks": [{"command": "true"}]}]}}"#);
    configure(place, "hooks-some", r#"{"hooks": {"BackgroundTaskComplete": [{"hooks": [{"command": "true"}]}]}}"#);
    let homes =
        [("no hooks", "hooks-none"), ("hooks of another event", "hooks-other"), ("a hook of its end", "hooks-some")];
    let mut contenders = vec![contender("fork + setsid + exec (C, static)", || {
        time(&mut place.command(&floor, &["launch", "/bin/true"]))
    })];
    for (name, home) in homes {
        contenders.push(contender(&format!("aos run -b, {name}"), move || {
            time(&mut place.aos(home, &["run", "-b", "--", "true"]))
        }));
    }
    measure_at(&place.paces, "until a background `true` gives the prompt back", "ms", ROUNDS, contenders);
    let mut contenders = vec![contender("true", || time(&mut place.command("true", &[])))];
    for (name, home) in homes {
        contenders.push(contender(&format!("aos run -b and wait, {name}"), move || {
            time(&mut place.aos(home, &["run", "-b", "--wait", "--", "true"]))
        }));
    }
    measure_at(&place.paces, "until its end is told", "ms", ROUNDS, contenders);
    nix::sys::prctl::set_child_subreaper(true).expect("a subreaper");
    let mut contenders =
        vec![contender("fork + setsid + exec (C, static)", || of_all(place.command(&floor, &["launch", "/bin/true"])))];
    for (name, home) in homes {
        contenders.push(contender(&format!("aos run -b, {name}"), move || {
            of_all(place.aos(home, &["run", "-b", "--", "true"]))
        }));
    }
    measure("processor time of it, all processes", "ms", ROUNDS, contenders);
    nix::sys::prctl::set_child_subreaper(false).expect("none any more");
}

/// From what happens to the first instruction of the hook.
pub fn first_instruction(place: &Place) {
    let (floor, hooked, happened, gate) =
        (place.floor(), place.path("hooked"), place.path("happened"), place.path("hook-gate"));
    nix::unistd::mkfifo(gate.as_str(), Mode::S_IRWXU).expect("a fifo");
    let handler = format!(r#""hooks": [{{"command": "{floor}", "args": ["stamp", "{hooked}"]}}]"#);
    configure(place, "hooks-end", &format!(r#"{{"hooks": {{"BackgroundTaskComplete": [{{{handler}}}]}}}}"#));
    configure(place, "hooks-error", &format!(r#"{{"hooks": {{"LogError": [{{{handler}}}]}}}}"#));
    let pattern = format!(r#"{{"hooks": {{"LogError": [{{"pattern": "deadlock", {handler}}}]}}}}"#);
    configure(place, "hooks-pattern", &pattern);
    // What follows shows that the problem is told to its end: a program may draw over its last 64
    // lines, and where nothing follows a second has to pass.
    let says = |line: &str| {
        let rest = (1..=200).map(|at| format!("'line {at}' ")).collect::<String>();
        format!("read -r x < {gate}; {floor} stamp {happened}; printf '%s\\n' '{line}' {rest}; exec sleep 600")
    };
    let round = |home: &str, line: &str, is_left: bool| {
        let _ = (fs::remove_file(&hooked), fs::remove_file(&happened));
        time(&mut place.aos(home, &["run", "-b", "--", "sh", "-c", line]));
        // Opening returns once the task reads; closing lets it go.
        let held = OpenOptions::new().write(true).open(&gate).expect("the gate");
        rest(Pace::Cold);
        drop(held);
        let took = (read_stamp(&hooked) - read_stamp(&happened)) as f64 / 1e6;
        if is_left {
            time(&mut place.aos(home, &["kill", "@last"]));
        }
        took
    };
    let ends = format!("read -r x < {gate}; exec {floor} stamp {happened}");
    let (known, own) = (says("a.c:1:2: error: no such thing"), says("a deadlock of 2 threads"));
    let contenders = vec![
        contender("fork + exec (C, static)", || {
            let _ = fs::remove_file(&hooked);
            let began = clock();
            time(&mut place.command(&floor, &["launch", &floor, "stamp", &hooked]));
            (read_stamp(&hooked) - began) as f64 / 1e6
        }),
        contender("from a task's end", || round("hooks-end", &ends, false)),
        contender("from an error's line, a rule's", || round("hooks-error", &known, true)),
        contender("from an error's line, a pattern's", || round("hooks-pattern", &own, true)),
    ];
    measure("until the hook's first instruction", "ms", ROUNDS_OF_ERRORS, contenders);
}

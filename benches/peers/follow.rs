//! A line's way to whoever follows the log.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::place::{Place, clock, time};
use crate::table::{Pace, contender, measure_at, median};

const ROUNDS: usize = 7;
/// Lines in a round.
const LINES: usize = 60;

/// The task prints the clock every few milliseconds; the follower's reader compares.
pub fn delay(place: &Place) {
    for pace in &place.paces {
        every(place, *pace);
    }
}

fn every(place: &Place, pace: Pace) {
    let ms = match pace {
        Pace::Warm => "1",
        Pace::Cold => "15",
    };
    let (floor, count) = (place.floor(), LINES.to_string());
    let ticks = [&floor[..], "ticks", &count, ms];
    let begin = || time(&mut place.aos("follow", &[&["run", "-b", "--"], &ticks[..]].concat()));
    let follow = |words: &[&str]| {
        begin();
        median_delay(&mut place.aos("follow", words))
    };
    let mut contenders = vec![
        contender("a pipe", || median_delay(&mut place.command(&floor, &ticks[1..]))),
        contender("C to a file, tail -F", || {
            let out = place.path("followed");
            let _ = std::fs::remove_file(&out);
            let mut copying = place.command(&floor, &[&["copy", &out], &ticks[..]].concat()).spawn().expect("a copy");
            let delay = median_delay(&mut place.command("tail", &["-n", "+1", "-F", &out]));
            copying.wait().expect("copied");
            delay
        }),
        contender("aos, tail -f", || {
            begin();
            let asked = place.aos("follow", &["logs", "--path", "@last"]).stdout(Stdio::piped()).output();
            let path = String::from_utf8(asked.expect("a path").stdout).expect("text");
            median_delay(&mut place.command("tail", &["-n", "+1", "-f", path.trim()]))
        }),
        contender("aos logs -f", || follow(&["logs", "-f", "@last"])),
        contender("aos logs -f --raw", || follow(&["logs", "-f", "--raw", "@last"])),
    ];
    if !place.has("tail") {
        contenders.drain(1..3);
    }
    measure_at(&[pace], &format!("a line's way to a follower, a line every {ms} ms"), "ms", ROUNDS, contenders);
}

/// The median of a run's lines. *Units*: milliseconds.
fn median_delay(command: &mut Command) -> f64 {
    let mut child = command.stdout(Stdio::piped()).spawn().expect("a follower");
    let reader = child.stdout.take().expect("its output");
    let mut delays = delays(reader);
    end(&mut child);
    median(&mut delays)
}

fn delays(reader: ChildStdout) -> Vec<f64> {
    let lines = BufReader::new(reader).lines().take(LINES);
    lines
        .map(|line| {
            let printed: i64 = line.expect("a line").trim().parse().expect("a clock");
            (clock() - printed) as f64 / 1e6
        })
        .collect()
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

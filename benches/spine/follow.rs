//! A line's way to whoever follows the log.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::place::{Place, clock, time};

const LINES: usize = 300;

/// The task prints the clock every few milliseconds; the follower's reader compares.
pub fn delay(place: &Place) {
    println!("\na line's way to a follower (median of {LINES})");
    let floor = place.floor();
    let count = LINES.to_string();
    let pipe = median_delay(place.command(&floor, &["ticks", &count, "5"]));
    let begin = || time(&mut place.aos("follow", &["run", "-b", "--", &floor, "ticks", &count, "5"]));
    begin();
    let aos = median_delay(place.aos("follow", &["logs", "-f", "--raw", "@last"]));
    begin();
    let path =
        place.aos("follow", &["logs", "--path", "@last"]).stdout(Stdio::piped()).output().expect("a path").stdout;
    let path = String::from_utf8(path).expect("text");
    let mut tail = place.command("tail", &["-n", "+1", "-f", path.trim()]);
    let tail = median_delay_of(&mut tail, LINES);
    for (name, ms) in [("a pipe", pipe), ("aos logs -f", aos), ("tail -f", tail)] {
        println!("  {name:<34} {ms:>10.3} ms     {:>7.2}x {}", ms / pipe, if name == "a pipe" { "floor" } else { "" });
    }
}

fn median_delay(mut command: Command) -> f64 {
    median_delay_of(&mut command, LINES)
}

fn median_delay_of(command: &mut Command, lines: usize) -> f64 {
    let mut child = command.stdout(Stdio::piped()).spawn().expect("a follower");
    let reader = BufReader::new(child.stdout.take().expect("its output"));
    let mut delays: Vec<f64> = reader
        .lines()
        .take(lines)
        .map(|line| {
            let printed: i64 = line.expect("a line").trim().parse().expect("a clock");
            (clock() - printed) as f64 / 1e6
        })
        .collect();
    let _ = child.kill();
    let _ = child.wait();
    delays.sort_by(f64::total_cmp);
    delays[delays.len() / 2]
}

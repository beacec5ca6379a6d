//! Output into the log, to the last byte.

use std::time::Instant;

use crate::place::{Place, time};
use crate::table::{contender, measure};

const ROUNDS: usize = 5;
const BYTES: [(u64, u64); 2] = [(80, 256 << 20), (8, 64 << 20)];

/// How long a program that only prints takes until its output is in a file.
pub fn throughput(place: &Place) {
    let (floor, out) = (place.floor(), place.path("copied"));
    for (length, bytes) in BYTES {
        let (count, text) = ((bytes / length).to_string(), length.to_string());
        let script = format!("{floor} lines {count} {length}");
        let copy = || time(&mut place.command(&floor, &["copy", &out, &floor, "lines", &count, &text]));
        let aos = || {
            let began = Instant::now();
            time(&mut place.aos("capture", &["run", "-b", "-n", "lines", "--", &floor, "lines", &count, &text]));
            time(&mut place.aos("capture", &["wait", "@last"]));
            let took = began.elapsed().as_secs_f64() * 1000.0;
            let log = place.aos("capture", &["logs", "--raw", "@last"]).stdout(std::process::Stdio::piped()).output();
            let size = log.expect("the log").stdout.len() as u64;
            assert_eq!(size, bytes / length * length, "bytes are missing");
            time(&mut place.aos("capture", &["rm", "@last"]));
            took
        };
        let mut contenders =
            vec![contender("terminal to file (C, OPOST off)", copy), contender("aos run -b; aos wait", aos)];
        if place.has("script") {
            contenders.push(contender("script", || time(&mut place.command("script", &["-qfc", &script, &out]))));
        }
        measure(&format!("capture of {} MiB in {length}-byte lines", bytes >> 20), "ms", ROUNDS, contenders);
    }
}

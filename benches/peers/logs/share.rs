//! What an index takes, beside its log.

use std::fs;

use super::made::dir;
use crate::place::{Place, time};

/// Of logs that real tasks write; that of a line a second is `src/logs/indexing.rs`'s own test.
pub fn of_indexes(place: &Place) {
    println!("\nan index, beside its log");
    let floor = place.floor();
    for (name, words) in [
        ("80-byte lines, as fast as may be", ["lines", "2000000", "80"]),
        ("8-byte lines, as fast as may be", ["lines", "4000000", "8"]),
        ("20-byte lines, one in 2 ms", ["ticks", "5000", "2"]),
        ("20-byte lines, one in 60 ms", ["ticks", "200", "60"]),
    ] {
        let home = words.join("-");
        time(&mut place.aos(&home, &[&["run", "-b", "--", &floor], &words[..]].concat()));
        time(&mut place.aos(&home, &["wait", "1"]));
        let (mut log, mut index) = (0, 0);
        for entry in fs::read_dir(dir(place, &home)).expect("logs").map(|entry| entry.expect("a file")) {
            let size = entry.metadata().expect("a size").len();
            let is_index = entry.path().extension().is_some_and(|end| end == "idx");
            *(if is_index { &mut index } else { &mut log }) += size;
        }
        println!("  {name:<38} {index:>9} of {log:>11} bytes {:>7.3} %", index as f64 / log as f64 * 100.0);
    }
}

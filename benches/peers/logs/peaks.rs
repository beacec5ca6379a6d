//! The most memory that readers take, whatever the log.

use super::cost;
use super::made::{PLAIN, SEGMENTS};
use crate::place::{Place, time};

const MERGED: usize = 20;

/// *Source*: wait4(2), `ru_maxrss`.
pub fn of_readers(place: &Place) {
    println!("\nmemory of readers at its peak (static binary, its touched pages counted)");
    time(&mut place.aos("line", &["run", "-b", "--no-pty", "head -c 100000000 /dev/zero | tr '\\0' x; echo"]));
    time(&mut place.aos("line", &["wait", "1"]));
    for _ in 0..MERGED {
        let lines = "seq -f '%.0f a line as programs print them, of some sixty bytes or so' 200000";
        time(&mut place.aos("merged", &["run", "-b", "--no-pty", lines]));
    }
    time(&mut place.aos("merged", &["wait", "@all"]));
    for (home, words) in [
        (PLAIN, "1"),
        (PLAIN, "-g ERROR 1"),
        (PLAIN, "-g ERROR -n 1000 -C 5 1"),
        (PLAIN, "--json 1"),
        (PLAIN, "--level error 1"),
        (SEGMENTS, "1"),
        (SEGMENTS, "-n 20 1"),
        (SEGMENTS, "-i -g refused|timeout|panic|upstream|denied 1"),
        (SEGMENTS, "--json --level warn 1"),
        ("line", "1"),
        ("line", "-n 20 1"),
        ("line", "-g y|x$ -c 1"),
        ("line", "-g x 1"),
        ("line", "--json 1"),
        ("line", "--level error 1"),
        ("merged", "--merge @all"),
        ("merged", "--merge --json -g 7 @all"),
        ("merged", "--merge -n 1000 @all"),
    ] {
        let words: Vec<&str> = ["logs"].into_iter().chain(words.split(' ')).collect();
        let peak = cost::of(place, &place.aos(home, &words)).peak / 1024.0;
        println!("  {:<60} {peak:>6.1} MiB", format!("{home}: aos {}", words.join(" ")));
    }
}

//! Reading logs of a gibibyte, beside the tools that people would take otherwise.
//!
//! Rounds alternate, and the least of each row counts: it is what other work on the machine
//! disturbed least.

mod clock;
mod cost;
mod made;
mod peaks;
mod share;

use cost::{Row, row};
use made::{Long, PLAIN, SEGMENTS};

use crate::place::Place;
use crate::table::missing;

/// How often each row is taken: searches of everything, short answers, and everything line by line.
const SEARCHES: usize = 7;
const ANSWERS: usize = 40;
const LINES: usize = 3;

const LITERAL: &str = "ERROR";
const RARE: &str = "0123beef";
const WORDS: &str = "refused|timeout|panic|upstream|denied";
const BAD_WORDS: &str = "error|exception|traceback|panic|fatal|failed";

/// All of it, over logs that are made once.
pub fn all(place: &Place) {
    let peers = ["rg", "zstd", "tail"].into_iter().filter(|peer| !place.has(peer)).collect::<Vec<_>>();
    missing(&peers);
    if peers.is_empty() {
        let long = Long::make(place);
        search(place, &long);
        search_segments(place, &long);
        answers(place, &long);
        lines(place);
        diagnosis(place, &long);
        peaks::of_readers(place);
        share::of_indexes(place);
    }
}

fn search(place: &Place, long: &Long) {
    for (what, flags, pattern) in
        [("a literal", &[][..], LITERAL), ("a rare one", &[], RARE), ("5 words", &["-i"], WORDS)]
    {
        let rg = [&["--no-mmap", "-N"], flags, &["-e", pattern, &long.plain]].concat();
        let aos = [&["logs"], flags, &["-g", pattern, "1"]].concat();
        cost::is_same(place.command("rg", &rg), place.aos(PLAIN, &aos));
        let title = format!("{what} in {} MiB: {} {pattern}", long.mebibytes, flags.concat());
        let rows = vec![
            row("rg --no-mmap", || place.command("rg", &rg)),
            row("aos logs -g", || place.aos(PLAIN, &aos)),
            row("aos logs -c -g", || place.aos(PLAIN, &[&aos[..], &["-c"]].concat())),
        ];
        cost::compare(place, &title, SEARCHES, rows);
    }
}

fn search_segments(place: &Place, long: &Long) {
    let segments = long.segments.join(" ");
    for (what, flags, pattern) in [("a literal", "", LITERAL), ("5 words", "-i", WORDS)] {
        // `-f`: what is not compressed is passed on.
        let piped = format!("zstd -dcqf {segments} | rg --no-mmap -N {flags} -e '{pattern}'");
        let words: Vec<&str> =
            ["logs", flags, "-g", pattern, "1"].into_iter().filter(|word| !word.is_empty()).collect();
        cost::is_same(place.command("sh", &["-c", &piped]), place.aos(SEGMENTS, &words));
        let rows = vec![
            row("zstd -dc | rg --no-mmap", || place.command("sh", &["-c", &piped])),
            row("aos logs -g", || place.aos(SEGMENTS, &words)),
        ];
        cost::compare(
            place,
            &format!("{what} in {} zstd segments: {flags} {pattern}", long.segments.len()),
            SEARCHES,
            rows,
        );
    }
}

/// What is to be there at once, however long the log.
fn answers(place: &Place, long: &Long) {
    let kinds: [(&str, &[&str]); 6] = [
        ("-n 20", &["-n", "20"]),
        ("--head 20", &["--head", "20"]),
        ("--since 5m", &["--since", "5m"]),
        ("--since 5m --head 20", &["--since", "5m", "--head", "20"]),
        ("--since 5m -n 20 --timestamps", &["--since", "5m", "-n", "20", "--timestamps"]),
        ("--new, nothing being new", &["--new=bench"]),
    ];
    for (title, home) in [("one segment", PLAIN), ("segments of 64 MiB, compressed", SEGMENTS)] {
        cost::is_well(place.aos(home, &["logs", "--new=bench", "1"]));
        let mut rows: Vec<Row<'_>> = vec![
            row("tail -n 20", || place.command("tail", &["-n", "20", &long.plain])),
            row("aos --version", || place.aos(home, &["--version"])),
        ];
        for (name, words) in kinds {
            rows.push(row(&format!("aos logs {name}"), move || place.aos(home, &[&["logs"], words, &["1"]].concat())));
        }
        cost::compare(place, &format!("{} MiB over a day, in {title}", long.mebibytes), ANSWERS, rows);
    }
}

/// What is wrong, of a short log and of a long one: beside the search for a word that every line is
/// looked at for as well.
fn diagnosis(place: &Place, long: &Long) {
    let short = |name: &str| format!("{}/tests/logs/{name}", env!("CARGO_MANIFEST_DIR"));
    let (wrong, fine) = (short("py-chain.pipe.log"), short("clean-server.pipe.log"));
    let debug = |file: &str| place.aos(PLAIN, &["debug", "--json", "--file", file]);
    let rows = vec![
        row("aos --version", || place.aos(PLAIN, &["--version"])),
        row("aos debug --file, a traceback", || debug(&wrong)),
        row("aos debug --file, nothing wrong", || debug(&fine)),
    ];
    cost::compare(place, "what is wrong, of a short log", ANSWERS, rows);
    let rows = vec![
        row("rg --no-mmap", || place.command("rg", &["--no-mmap", "-c", LITERAL, &long.plain])),
        row("aos debug --file", || debug(&long.plain)),
    ];
    cost::compare(place, &format!("what is wrong, of {} MiB", long.mebibytes), LINES, rows);
}

/// A log in which nothing is wrong: beside the least that reading lines takes, and the search for
/// the words that whoever has no `aos debug` would search for.
pub fn clean(place: &Place) {
    let path = place.path("clean.log");
    let mebibytes = made::write_clean(&path) as f64 / f64::from(1 << 20);
    cost::is_well(place.aos(PLAIN, &["debug", "--file", &path]));
    let grep = |words: &[&str]| place.command("grep", &[words, &[BAD_WORDS, &path]].concat());
    let rows = vec![
        row("grep -ciE (floor)", || grep(&["-ciE"])),
        row("grep -niE, all of Unicode's cases", || {
            let mut command = grep(&["-niE"]);
            command.env("LC_ALL", "C.UTF-8");
            command
        }),
        row("wc -l", || place.command("wc", &["-l", &path])),
        row("aos debug --file", || place.aos(PLAIN, &["debug", "--file", &path])),
        row("aos debug --file -x 1", || place.aos(PLAIN, &["debug", "--file", &path, "-x", "1"])),
    ];
    cost::compare_reading(place, &format!("{mebibytes:.0} MiB in which nothing is wrong"), mebibytes, SEARCHES, rows);
    std::fs::remove_file(path).expect("it was there");
}

/// Everything, line by line.
fn lines(place: &Place) {
    let kinds: [(&str, &[&str]); 4] = [
        ("(plain)", &[]),
        ("--level error", &["--level", "error"]),
        ("--json -n 20", &["--json", "-n", "20"]),
        ("--timestamps -g", &["--timestamps", "-g", LITERAL]),
    ];
    for home in [PLAIN, SEGMENTS] {
        let rows = kinds.into_iter().map(|(name, words)| {
            row(&format!("aos logs {name}"), move || place.aos(home, &[&["logs"], words, &["1"]].concat()))
        });
        cost::compare(place, &format!("all of {home}, line by line"), LINES, rows.collect());
    }
}

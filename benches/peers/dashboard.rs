//! The dashboard beside a monitor of processes: its first frame, a key, and what it costs to leave
//! it open.

use std::io::{Read, Write};
use std::num::NonZero;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::attach::{OnTerminal, drain, end, on_terminal_of};
use crate::launch::fill;
use crate::memory::pss;
use crate::place::{Place, time};
use crate::table::{contender, measure, settle};

const ROWS: u16 = 50;
const COLS: u16 = 160;
const FINISHED: u32 = 10_000;
const LIVING: usize = 100;
const ROUNDS: usize = 20;
const KEYS: usize = 200;
/// So many tasks print, each so many lines in a twentieth of a second: 10,000 a second together.
const PRINTING: usize = 20;
const LINES: usize = 25;
/// A dashboard rests once its tasks are older than a minute.
const UNTIL_REST: Duration = Duration::from_secs(100);
const MEASURED: Duration = Duration::from_secs(60);
/// The last that is drawn of a frame, and of the help.
const FOOT: &str = "q leave";
const HELP_FOOT: &str = "? back";
/// What btop has above its processes.
const OF_BTOP: &str = "Program:";

/// From the start to the first frame.
pub fn first_frame(place: &Place) {
    fill(place, "board", FINISHED);
    begin(place, "board");
    let frame = |words: &[&str]| until_shown(&place.aos("board", words), FOOT);
    let mut contenders = vec![
        contender("aos dashboard", || frame(&["dashboard"])),
        contender("aos dashboard --all", || frame(&["dashboard", "--all"])),
    ];
    if place.has("btop") {
        contenders.push(contender("btop", || until_shown(&btop(place), OF_BTOP)));
    } else {
        println!("  btop: not installed");
    }
    let title = format!("the first frame with {FINISHED} finished and {LIVING} living tasks, {COLS}x{ROWS}");
    measure(&title, "ms", ROUNDS, contenders);
    time(&mut place.aos("board", &["kill", "@all"]));
}

/// From a key to its frame, while tasks print.
pub fn key(place: &Place) {
    let line = format!("while :; do seq {LINES}; sleep 0.05; done");
    for _ in 0..PRINTING {
        time(&mut place.aos("board-key", &["run", "-b", "--", &line]));
    }
    let shown = on_terminal_of(&place.aos("board-key", &["dashboard"]), ROWS, COLS);
    let mut keys = shown.master.take_writer().expect("a keyboard");
    let mut screen = Screen::of(&shown);
    screen.read_until(FOOT);
    let mut taken: Vec<f64> = (0..KEYS)
        .map(|number| {
            // Not in step with the frames.
            let _ = nix::poll::poll(&mut [], 20 + (number % 13) as u16);
            let began = Instant::now();
            keys.write_all(b"?").expect("typed");
            screen.read_until(if number % 2 == 0 { HELP_FOOT } else { FOOT });
            began.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    end(shown);
    time(&mut place.aos("board-key", &["kill", "@all"]));
    taken.sort_by(f64::total_cmp);
    println!("\na key's way to its frame, with {PRINTING} tasks printing 10,000 lines a second (of {KEYS})");
    println!("  {:<34} {:>10.3} ms   p90 {:>10.3} ms", "aos dashboard", taken[KEYS / 2], taken[KEYS * 9 / 10]);
}

/// What it costs to leave it open, once nothing moves.
pub fn idle(place: &Place) {
    println!("\na monitor that is left open: processor and memory (PSS), with {LIVING} sleeping tasks");
    begin(place, "board-idle");
    let of_aos = left_open(&place.aos("board-idle", &["dashboard"]), UNTIL_REST);
    time(&mut place.aos("board-idle", &["kill", "@all"]));
    let mut rows = vec![("aos dashboard", of_aos)];
    if place.has("btop") {
        rows.push(("btop", left_open(&btop(place), Duration::from_secs(10))));
    } else {
        println!("  btop: not installed");
    }
    for (name, (share, kib)) in rows {
        println!("  {name:<34} {share:>10.3} %  {:>10.1} MiB", kib / 1024.0);
    }
}

fn begin(place: &Place, home: &str) {
    for _ in 0..LIVING {
        time(&mut place.aos(home, &["run", "-b", "--", "sleep", "6000"]));
    }
}

fn btop(place: &Place) -> Command {
    let mut command = place.command("btop", &["--utf-force"]);
    command.env("LC_ALL", "C.UTF-8").env("XDG_CONFIG_HOME", place.path("btop"));
    command
}

/// *Units*: milliseconds.
fn until_shown(command: &Command, text: &str) -> f64 {
    let began = Instant::now();
    let shown = on_terminal_of(command, ROWS, COLS);
    Screen::of(&shown).read_until(text);
    let took = began.elapsed().as_secs_f64() * 1000.0;
    end(shown);
    took
}

/// Which share of a processor it takes, and how much memory. *Units*: per cent, KiB.
fn left_open(command: &Command, until_rest: Duration) -> (f64, f64) {
    let shown = on_terminal_of(command, ROWS, COLS);
    drain(&shown);
    settle();
    let pid = shown.child.process_id().expect("a process") as i32;
    rest(until_rest);
    let before = used(pid);
    rest(MEASURED);
    let share = used(pid).saturating_sub(before) as f64 * 100.0 / MEASURED.as_nanos() as f64;
    let kib = pss(pid);
    end(shown);
    (share, kib)
}

fn rest(span: Duration) {
    let most = nix::poll::PollTimeout::try_from(span).expect("a time to wait");
    let _ = nix::poll::poll(&mut [], most);
}

/// The processor time of all threads. *Units*: nanoseconds. *Source*: Linux
/// Documentation/scheduler/sched-stats.rst.
fn used(pid: i32) -> u64 {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).expect("its threads");
    let of_thread = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(path.join("schedstat")).unwrap_or_default();
        text.split_ascii_whitespace().next().and_then(|field| field.parse::<u64>().ok()).unwrap_or(0)
    };
    threads.flatten().map(|thread| of_thread(thread.path())).sum()
}

/// What is shown: of a frame only the cells come that have changed.
struct Screen {
    reader: Box<dyn Read + Send>,
    parser: vt100::Parser,
}

impl Screen {
    fn of(shown: &OnTerminal) -> Screen {
        let reader = shown.master.try_clone_reader().expect("a screen");
        Screen { reader, parser: vt100::Parser::new(cells(ROWS), cells(COLS), 0) }
    }

    fn read_until(&mut self, text: &str) {
        let mut buffer = [0; 64 * 1024];
        while !self.parser.screen().contents().contains(text) {
            let length = self.reader.read(&mut buffer).expect("what is shown");
            assert!(length > 0, "it ended before it showed {text}");
            self.parser.process(&buffer[..length]);
        }
    }
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a size")
}

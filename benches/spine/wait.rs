//! From a task's end to the return of whoever waits for it.

use std::fs::OpenOptions;
use std::process::Command;

use nix::sys::stat::Mode;

use crate::place::{Place, clock, read_stamp, time};
use crate::table::{contender, measure_at};

const ROUNDS: usize = 60;

/// A waiter is blocked; the task is let go, stamps the clock and exits; the waiter returns.
pub fn until_return(place: &Place) {
    let floor = place.floor();
    let (fifo, file) = (place.path("gate"), place.path("ended"));
    nix::unistd::mkfifo(fifo.as_str(), Mode::S_IRWXU).expect("a fifo");
    let gated = |begin: &dyn Fn() -> Command| {
        let _ = std::fs::remove_file(&file);
        let mut waiter = begin().spawn().expect("a waiter");
        // Opening returns once the task reads; closing lets it go.
        let gate = OpenOptions::new().write(true).open(&fifo).expect("the gate");
        wait_until_blocked(waiter.id());
        drop(gate);
        waiter.wait().expect("the waiter returns");
        (clock() - read_stamp(&file)) as f64 / 1e6
    };
    let words = ["gate", &fifo, &file];
    let mut contenders = vec![
        contender("waitpid (the command itself)", || gated(&|| place.command(&floor, &words))),
        contender("aos wait", || {
            gated(&|| {
                time(&mut place.aos("wait", &["run", "-b", "--", &floor, "gate", &fifo, &file]));
                place.aos("wait", &["wait", "@last"])
            })
        }),
    ];
    if place.has("tsp") {
        contenders.push(contender("tsp -w", || {
            gated(&|| {
                time(&mut place.command("tsp", &[&floor, "gate", &fifo, &file]));
                place.command("tsp", &["-w"])
            })
        }));
    }
    if place.has("nq") {
        contenders.push(contender("nq -w", || {
            gated(&|| {
                time(&mut place.command("nq", &[&floor, "gate", &fifo, &file]));
                place.command("nq", &["-w"])
            })
        }));
    }
    measure_at(&place.paces, "from a task's end to the waiter's return", "ms", ROUNDS, contenders);
    if place.has("tsp") {
        time(&mut place.command("tsp", &["-K"]));
    }
}

/// A waiter that has not come to wait yet would be measured by its start.
fn wait_until_blocked(pid: u32) {
    let state = || std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?.rsplit(')').next()?.trim().chars().next();
    let mut asleep = 0;
    while asleep < 50 {
        asleep = if state() == Some('S') { asleep + 1 } else { 0 };
        std::thread::yield_now();
    }
}

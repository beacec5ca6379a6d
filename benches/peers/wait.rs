//! From a task's end to the return of whoever waits for it.

use std::fs::OpenOptions;
use std::process::Command;

use nix::sys::stat::Mode;

use crate::place::{Place, clock, read_stamp, time};
use crate::table::{Pace, contender, measure_at, rest};

const ROUNDS: usize = 40;

/// A waiter is blocked; the task is let go, stamps the clock and exits; the waiter returns.
pub fn until_return(place: &Place) {
    nix::unistd::mkfifo(place.path("gate").as_str(), Mode::S_IRWXU).expect("a fifo");
    place.paces.iter().for_each(|pace| after_a_rest(place, *pace));
    if place.has("tsp") {
        time(&mut place.command("tsp", &["-K"]));
    }
}

/// The pause is before the end: whoever waits has done so for a while.
fn after_a_rest(place: &Place, pace: Pace) {
    let floor = place.floor();
    let (fifo, file) = (place.path("gate"), place.path("ended"));
    let gated = |begin: &dyn Fn() -> Command| {
        loop {
            let _ = std::fs::remove_file(&file);
            let mut waiter = begin().spawn().expect("a waiter");
            // Opening returns once the task reads; closing lets it go.
            let gate = OpenOptions::new().write(true).open(&fifo).expect("the gate");
            let is_blocked = becomes_blocked(waiter.id());
            rest(pace);
            drop(gate);
            waiter.wait().expect("the waiter returns");
            let took = (clock() - read_stamp(&file)) as f64 / 1e6;
            // `nq -w` looks for a job that may not hold its lock yet, and then waits for nothing.
            if is_blocked {
                return took;
            }
        }
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
    measure_at(&[pace], "from a task's end to the waiter's return", "ms", ROUNDS, contenders);
}

/// A waiter that has not come to wait yet would be measured by its start; `false` where it has
/// ended instead.
fn becomes_blocked(pid: u32) -> bool {
    let state = || std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?.rsplit(')').next()?.trim().chars().next();
    let mut asleep = 0;
    while asleep < 50 {
        asleep = match state() {
            Some('S') => asleep + 1,
            Some('Z') => return false,
            _ => 0,
        };
        std::thread::yield_now();
    }
    true
}

//! What a start costs the machine, whoever does the work.

use std::process::Command;

use nix::sys::prctl::set_child_subreaper;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use nix::sys::wait::waitpid;

use crate::place::{Place, time};
use crate::table::{contender, measure_at};

const ROUNDS: usize = 80;

/// The processor time of all processes that a background `true` takes: whoever begins it, whoever
/// stays with it, and `true`. What a server does is not seen from here, so peers that have one are
/// left out.
pub fn of_a_start(place: &Place) {
    let floor = place.floor();
    let (socket, mut serial) = (place.path("dtach-cost"), 0);
    set_child_subreaper(true).expect("a subreaper");
    let mut contenders = vec![
        contender("fork + setsid + exec (C, static)", || of_all(place.command(&floor, &["launch", "/bin/true"]))),
        contender("aos run -b -- true", || of_all(place.aos("cost", &["run", "-b", "--", "true"]))),
    ];
    if place.has("dtach") {
        contenders.push(contender("dtach -n", || {
            serial += 1;
            of_all(place.command("dtach", &["-n", &format!("{socket}-{serial}"), "true"]))
        }));
    }
    if place.has("nq") {
        contenders.push(contender("nq", || of_all(place.command("nq", &["true"]))));
    }
    measure_at(&place.paces, "processor time of a background `true`, all processes", "ms", ROUNDS, contenders);
    set_child_subreaper(false).expect("none any more");
}

/// What a command and everything below it take until all of them have ended. *Units*: milliseconds.
pub fn of_all(mut command: Command) -> f64 {
    let before = used();
    time(&mut command);
    // Orphans come to this process.
    while waitpid(None, None).is_ok() {}
    used() - before
}

/// What all children that were collected took. *Units*: milliseconds.
fn used() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("what children took");
    (usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1000.0
}

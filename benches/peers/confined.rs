//! What limits and a sandbox add to a start.

use std::fs;

use crate::place::{Place, time};
use crate::table::{contender, measure_at, missing};

const ROUNDS: usize = 80;
const BWRAP: [&str; 8] = ["--dev-bind", "/", "/", "--unshare-pid", "--unshare-net", "--proc", "/proc", "true"];

/// A background `true` within limits, and in a sandbox, beside one without.
pub fn until_return(place: &Place) {
    let of = |words: &'static [&'static str]| {
        move || time(&mut place.aos("confined", &[&["run", "-b"], words, &["--", "true"]].concat()))
    };
    let repository = place.path("repository");
    fs::create_dir_all(format!("{repository}/.git/hooks")).expect("a repository");
    fs::File::create(format!("{repository}/.git/config")).expect("its configuration");
    let within = || time(&mut place.aos("confined", &["run", "-b", "--sandbox", "-C", &repository, "--", "true"]));
    let mut contenders = vec![
        contender("aos run -b -- true", of(&[])),
        contender("--mem 64M", of(&["--mem", "64M"])),
        contender("--mem 64M --cpu 1 --pids 100", of(&["--mem", "64M", "--cpu", "1", "--pids", "100"])),
        contender("--sandbox", of(&["--sandbox"])),
        contender("--sandbox, in a repository", within),
        contender("--sandbox=strict", of(&["--sandbox=strict"])),
    ];
    if place.has("bwrap") {
        contenders.push(contender("bwrap true", || time(&mut place.command("bwrap", &BWRAP))));
    }
    measure_at(&place.paces, "the same within limits, and in a sandbox", "ms", ROUNDS, contenders);
    missing(&["bwrap"].into_iter().filter(|peer| !place.has(peer)).collect::<Vec<_>>());
}

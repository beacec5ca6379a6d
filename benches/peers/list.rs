//! Listing many tasks.

use crate::launch::fill;
use crate::place::{Place, time, time_to};
use crate::table::{contender, measure};

/// Ten thousand finished tasks.
pub fn ten_thousand(place: &Place) {
    fill(place, "list", 10_000);
    let index = place.path("list/logs/index.json");
    measure(
        "a list with 10,000 finished tasks",
        "ms",
        40,
        vec![
            contender("cat of the registry's file", || time(&mut place.command("cat", &[&index]))),
            contender("aos tasks", || time(&mut place.aos("list", &["tasks"]))),
            contender("aos __complete any, for Tab", || time(&mut place.aos("list", &["__complete", "any", "--", ""]))),
            contender("aos show 2", || time(&mut place.aos("list", &["show", "2"]))),
            contender("aos show NAME", || time(&mut place.aos("list", &["show", "true"]))),
            contender("aos, and nothing else", || time(&mut place.aos("list", &[]))),
            contender("aos logs NAME TEXT", || time_to(1, &mut place.aos("list", &["logs", "true", "x"]))),
            contender("aos tasks -a", || time(&mut place.aos("list", &["tasks", "-a"]))),
            contender("aos tasks -a --json", || time(&mut place.aos("list", &["tasks", "-a", "--json"]))),
        ],
    );
}

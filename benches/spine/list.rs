//! Listing many tasks.

use crate::launch::fill;
use crate::place::{Place, time};
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
            contender("aos tasks -a", || time(&mut place.aos("list", &["tasks", "-a"]))),
            contender("aos tasks -a --json", || time(&mut place.aos("list", &["tasks", "-a", "--json"]))),
        ],
    );
}

//! Listing many tasks.

use std::fs;
use std::time::Instant;

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

/// Fifty thousand finished tasks, and five hundred that live.
pub fn fifty_thousand(place: &Place) {
    fill(place, "list-many", 50_000);
    time(&mut place.aos("list-many", &["run", "-b", "-n", "only", "--", "true"]));
    time(&mut place.aos("list-many", &["wait", "only"]));
    let index = place.path("list-many/logs/index.json");
    measure(
        "a list with 50,000 finished tasks",
        "ms",
        20,
        vec![
            contender("cat of the registry's file", || time(&mut place.command("cat", &[&index]))),
            contender("aos tasks", || time(&mut place.aos("list-many", &["tasks"]))),
            contender("aos show NAME, of one", || time(&mut place.aos("list-many", &["show", "only"]))),
            contender("aos show NAME, of all", || time(&mut place.aos("list-many", &["show", "true"]))),
            contender("aos __complete any, task-", || {
                time(&mut place.aos("list-many", &["__complete", "any", "--", "task-"]))
            }),
        ],
    );
    let dir = place.path("list-many/tasks");
    measure(
        "the first list with 50,000 finished tasks",
        "ms",
        5,
        vec![
            contender("grep -rc in their specs and states", || {
                let line = format!("grep -rhc version --include=spec.json --include=status.json {dir}");
                time(&mut place.command("sh", &["-c", &line]))
            }),
            contender("aos tasks, without a registry", || {
                fs::remove_file(&index).expect("the registry's file");
                time(&mut place.aos("list-many", &["tasks"]))
            }),
        ],
    );
}

/// Five hundred living tasks.
pub fn five_hundred_living(place: &Place) {
    for _ in 0..500 {
        time(&mut place.aos("list-living", &["run", "-b", "--", "sleep", "100000"]));
    }
    measure(
        "a list with 500 living tasks",
        "ms",
        20,
        vec![
            contender("ps of all processes", || time(&mut place.command("ps", &["-e", "-o", "pid,stat,comm"]))),
            contender("aos tasks", || time(&mut place.aos("list-living", &["tasks"]))),
        ],
    );
    time(&mut place.aos("list-living", &["kill", "@running"]));
}

/// The removal of twenty thousand finished tasks, beside what the file system takes for as many
/// directories: until aos answers, and until the worker it leaves that to has deleted their files.
/// Once each: it takes long, and what is removed is gone.
pub fn removal(place: &Place) {
    const COUNT: u32 = 20_000;
    for home in ["directories", "remove"] {
        fill(place, home, COUNT);
    }
    let lines = format!("cd {} && printf '%s\\0' task-[0-9]* | xargs -0 rm -rf", place.path("directories/tasks"));
    let floor = time(&mut place.command("sh", &["-c", &lines]));
    let began = Instant::now();
    let taken = time(&mut place.aos("remove", &["rm", &format!("1-{COUNT}")]));
    let gone = place.path("remove/tasks/.gone");
    while fs::read_dir(&gone).is_ok_and(|mut left| left.next().is_some()) {
        nix::poll::poll(&mut [], 50u8).expect("a moment");
    }
    let cleared = began.elapsed().as_secs_f64() * 1000.0;
    println!("\nthe removal of {COUNT} finished tasks, once");
    println!("  rm -rf of their directories {floor:>10.0} ms");
    println!("  aos rm                      {taken:>10.0} ms {:>6.2}x", taken / floor);
    println!("  until all files are deleted {cleared:>10.0} ms {:>6.2}x", cleared / floor);
}

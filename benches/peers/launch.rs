//! From the keystroke to the prompt, and to the task's first instruction.

use std::fs;

use crate::place::{Place, clock, read_stamp, time};
use crate::table::{contender, measure_at, missing};

const ROUNDS: usize = 80;

/// A client backgrounds `true` and returns.
pub fn until_return(place: &Place) {
    let floor = place.floor();
    let (socket, mut serial) = (place.path("dtach"), 0);
    let mut contenders = vec![
        contender("fork + setsid + exec (C, static)", || time(&mut place.command(&floor, &["launch", "/bin/true"]))),
        contender("aos run -b -- true", || time(&mut place.aos("until-return", &["run", "-b", "--", "true"]))),
        contender("setsid nohup true & (sh)", || {
            time(&mut place.command("sh", &["-c", "setsid nohup true >/dev/null 2>&1 &"]))
        }),
    ];
    let peers = ["dtach", "tsp", "nq", "tmux"];
    if place.has("dtach") {
        contenders.push(contender("dtach -n", || {
            serial += 1;
            time(&mut place.command("dtach", &["-n", &format!("{socket}-{serial}"), "true"]))
        }));
    }
    if place.has("tsp") {
        contenders.push(contender("tsp", || time(&mut place.command("tsp", &["true"]))));
    }
    if place.has("nq") {
        contenders.push(contender("nq", || time(&mut place.command("nq", &["true"]))));
    }
    if place.has("tmux") {
        time(&mut place.command("tmux", &["new-session", "-d", "sleep 600"]));
        contenders
            .push(contender("tmux new-window -d", || time(&mut place.command("tmux", &["new-window", "-d", "true"]))));
    }
    measure_at(&place.paces, "until a background `true` gives the prompt back", "ms", ROUNDS, contenders);
    missing(&peers.into_iter().filter(|p| !place.has(p)).collect::<Vec<_>>());
    if place.has("tsp") {
        time(&mut place.command("tsp", &["-K"]));
    }
    if place.has("tmux") {
        time(&mut place.command("tmux", &["kill-server"]));
    }
}

/// The same with many tasks in the registry.
pub fn with_many_finished(place: &Place) {
    let floor = place.floor();
    let mut contenders = vec![contender("fork + setsid + exec (C, static)", || {
        time(&mut place.command(&floor, &["launch", "/bin/true"]))
    })];
    for (home, count) in [("ten-thousand", 10_000), ("hundred-thousand", 100_000)] {
        fill(place, home, count);
        contenders.push(contender(&format!("aos run -b, {count} finished"), move || {
            time(&mut place.aos(home, &["run", "-b", "--", "true"]))
        }));
    }
    measure_at(&place.paces, "the same with many finished tasks", "ms", ROUNDS, contenders);
}

/// From the client's start to the task's first instruction.
pub fn first_instruction(place: &Place) {
    let (floor, file) = (place.floor(), place.path("first"));
    let (socket, mut serial) = (place.path("dtach-first"), 0);
    let stamped = |run: &dyn Fn() -> f64| {
        let _ = fs::remove_file(&file);
        let began = clock();
        run();
        (read_stamp(&file) - began) as f64 / 1e6
    };
    let mut contenders = vec![
        contender("fork + setsid + exec (C, static)", || {
            stamped(&|| time(&mut place.command(&floor, &["launch", &floor, "stamp", &file])))
        }),
        contender("aos run -b", || {
            stamped(&|| time(&mut place.aos("first-instruction", &["run", "-b", "--", &floor, "stamp", &file])))
        }),
    ];
    if place.has("dtach") {
        contenders.push(contender("dtach -n", || {
            serial += 1;
            let socket = format!("{socket}-{serial}");
            stamped(&|| time(&mut place.command("dtach", &["-n", &socket, &floor, "stamp", &file])))
        }));
    }
    measure_at(&place.paces, "until the task's first instruction", "ms", ROUNDS, contenders);
}

/// Fills a home with finished tasks, by copying one that really ran.
pub fn fill(place: &Place, home: &str, count: u32) {
    time(&mut place.aos(home, &["run", "-b", "--", "true"]));
    time(&mut place.aos(home, &["wait", "1"]));
    let root = place.path(home);
    let model: Vec<(String, Vec<u8>)> = ["spec.json", "status.json", "exit.rec", "journal.jsonl", "lock"]
        .map(|name| (name.to_owned(), fs::read(format!("{root}/tasks/task-001/{name}")).expect("the model's file")))
        .to_vec();
    for number in 2..=count {
        let id = format!("task-{number:03}");
        let dir = format!("{root}/tasks/{id}");
        fs::create_dir(&dir).expect("a task's directory");
        for (name, bytes) in &model {
            let is_text = name.ends_with(".json");
            let own = if is_text {
                String::from_utf8_lossy(bytes).replace("task-001", &id).into_bytes()
            } else {
                bytes.clone()
            };
            fs::File::create(format!("{dir}/{name}"))
                .and_then(|mut f| std::io::Write::write_all(&mut f, &own))
                .expect("written");
        }
    }
    fs::remove_file(format!("{root}/tasks/.next")).expect("the counter, to be found anew");
    let _ = fs::remove_file(format!("{root}/logs/index.json"));
    time(&mut place.aos(home, &["tasks", "-a", "--json"]));
    // What was copied is on the disk before anything is measured: else its journal keeps everybody
    // else waiting.
    nix::unistd::sync();
}

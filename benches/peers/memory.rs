//! What an idle task costs in memory.

use std::fs;

use crate::place::{Place, time};

const TASKS: usize = 100;

/// The proportional set size of everything that stands behind a hundred idle tasks, per task.
pub fn per_task(place: &Place) {
    println!("\nmemory behind an idle task, at {TASKS} tasks (PSS: shared pages count once)");
    for _ in 0..TASKS {
        time(&mut place.aos("memory", &["run", "-b", "--", "sleep", "600"]));
    }
    // Idle is who has done nothing for a while.
    let _ = nix::poll::poll(&mut [], 3000u16);
    let own = total(&of_home(&place.path("memory"))) / TASKS as f64;
    time(&mut place.aos("memory", &["kill", "@all"]));
    let mut rows = vec![("aos, all that belongs to a task", own)];
    if place.has("dtach") {
        let pids: Vec<_> = (0..TASKS).map(|i| place.path(&format!("dtach-memory-{i}"))).collect();
        for socket in &pids {
            time(&mut place.command("dtach", &["-n", socket, "sleep", "600"]));
        }
        rows.push(("dtach", total(&matching("dtach\0-n")) / TASKS as f64));
        for pid in matching("sleep\x00600") {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGTERM);
        }
    }
    for (name, kib) in rows {
        println!("  {name:<34} {kib:>10.1} KiB");
    }
}

/// Whatever aos runs for the tasks of a home: each names what it is for in its title, `aos:
/// supervisor of HOME/…`.
fn of_home(home: &str) -> Vec<i32> {
    let is_of_home = |pid: &i32| fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|c| contains(&c, home.as_bytes()));
    matching("aos: ").into_iter().filter(is_of_home).collect()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// The sum over processes. *Units*: KiB.
fn total(pids: &[i32]) -> f64 {
    pids.iter().map(|pid| pss(*pid)).sum()
}

/// Processes whose command line begins so.
fn matching(beginning: &str) -> Vec<i32> {
    let processes = fs::read_dir("/proc").expect("/proc").filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok());
    let begins =
        |pid: &i32| fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|c| c.starts_with(beginning.as_bytes()));
    processes.filter(begins).collect()
}

/// A process's memory, what it shares counted by its part. *Units*: KiB.
pub fn pss(pid: i32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("Pss:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").trim().parse().unwrap_or(0.0)
}

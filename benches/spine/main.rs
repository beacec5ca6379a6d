//! What aos costs, as ratios to a floor and beside its peers, all in the same run.
//!
//! `cargo bench` prints the table, `cargo bench -- shell` one section of it (launch, wait, capture, memory, list,
//! follow, logs, attach, shell). Peers that are not installed are named as missing, not passed
//! over; `benches/install-peers` installs them.

#![allow(clippy::print_stdout)]

mod attach;
mod capture;
mod follow;
mod launch;
mod list;
mod logs;
mod memory;
mod place;
mod shell;
mod table;
mod wait;

/// Measures something in a place, and prints it.
type Section = fn(&place::Place);

fn main() {
    let place = place::Place::new();
    println!("aos {} · medians, ratios to the row marked `floor`", env!("CARGO_PKG_VERSION"));
    let sections: [(&str, Section); 12] = [
        ("launch", launch::until_return),
        ("launch", launch::with_many_finished),
        ("launch", launch::first_instruction),
        ("wait", wait::until_return),
        ("capture", capture::throughput),
        ("memory", memory::per_task),
        ("list", list::ten_thousand),
        ("follow", follow::delay),
        ("logs", logs::all),
        ("attach", attach::echo),
        ("attach", attach::ten_clients),
        ("shell", shell::all),
    ];
    let only: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    for (_, run) in sections.iter().filter(|(name, _)| only.is_empty() || only.iter().any(|word| word == name)) {
        run(&place);
    }
}

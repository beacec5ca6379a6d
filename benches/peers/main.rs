//! What aos costs, as ratios to a floor and beside its peers, all in the same run.
//!
//! `cargo bench` prints the tables. Words choose some of them: `cargo bench -- launch` those whose
//! names begin so, `cargo bench -- launch/return` one; `cold` or `warm` one of the two paces, where
//! a table has both. Peers that are not installed are named as missing, not passed over;
//! `benches/install-peers` installs them.

#![allow(clippy::print_stdout)]

mod attach;
mod capture;
mod confined;
mod cost;
mod dashboard;
mod follow;
mod hooks;
mod launch;
mod list;
mod logs;
mod memory;
mod place;
mod shell;
mod table;
mod wait;

use std::process::ExitCode;

use table::Pace;

/// Measures something in a place, and prints it.
type Section = fn(&place::Place);

const SECTIONS: [(&str, Section); 23] = [
    ("launch/return", launch::until_return),
    ("launch/many", launch::with_many_finished),
    ("launch/first", launch::first_instruction),
    ("launch/confined", confined::until_return),
    ("launch/processor", cost::of_a_start),
    ("wait", wait::until_return),
    ("hooks/none", hooks::where_there_are_none),
    ("hooks/first", hooks::first_instruction),
    ("capture", capture::throughput),
    ("memory", memory::per_task),
    ("list", list::ten_thousand),
    ("list/many", list::fifty_thousand),
    ("list/living", list::five_hundred_living),
    ("list/removal", list::removal),
    ("follow", follow::delay),
    ("logs", logs::all),
    ("logs/clean", logs::clean),
    ("attach/echo", attach::echo),
    ("attach/clients", attach::ten_clients),
    ("dashboard/first", dashboard::first_frame),
    ("dashboard/key", dashboard::key),
    ("dashboard/idle", dashboard::idle),
    ("shell", shell::all),
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let (paces, only): (Vec<&str>, Vec<&str>) =
        words.iter().map(String::as_str).partition(|word| ["warm", "cold"].contains(word));
    let known = |word: &&str| SECTIONS.iter().any(|(name, _)| is_meant(name, word));
    if let Some(unknown) = only.iter().find(|word| !known(word)) {
        let names: Vec<&str> = SECTIONS.iter().map(|(name, _)| *name).collect();
        eprintln!("there is no table `{unknown}`; there are {}, and cold, warm", names.join(", "));
        return ExitCode::from(2);
    }
    let paces = match paces[..] {
        ["warm"] => vec![Pace::Warm],
        ["cold"] => vec![Pace::Cold],
        _ => vec![Pace::Warm, Pace::Cold],
    };
    let place = place::Place::new(paces);
    println!("aos {} · medians, ratios to the row marked `floor`", env!("CARGO_PKG_VERSION"));
    let is_wanted = |name: &str| only.is_empty() || only.iter().any(|word| is_meant(name, word));
    SECTIONS.iter().filter(|(name, _)| is_wanted(name)).for_each(|(_, run)| run(&place));
    ExitCode::SUCCESS
}

/// Whether a word means a table: its whole name, or what stands before the slash.
fn is_meant(name: &str, word: &str) -> bool {
    name.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

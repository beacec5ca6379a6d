//! What aos costs, as ratios to a floor and beside its peers, all in the same run.
//!
//! `cargo bench` prints the table. Peers that are not installed are named as missing, not passed
//! over; `benches/install-peers` installs them.

#![allow(clippy::print_stdout)]

mod capture;
mod follow;
mod launch;
mod list;
mod memory;
mod place;
mod table;
mod wait;

fn main() {
    let place = place::Place::new();
    println!("aos {} · medians, ratios to the row marked `floor`", env!("CARGO_PKG_VERSION"));
    launch::until_return(&place);
    launch::with_many_finished(&place);
    launch::first_instruction(&place);
    wait::until_return(&place);
    capture::throughput(&place);
    memory::per_task(&place);
    list::ten_thousand(&place);
    follow::delay(&place);
}

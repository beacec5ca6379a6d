//! A terminal that somebody is at: a key's way to its echo, and what it costs the task to be looked
//! at.

use std::io::{Read, Write};
use std::process::Command;
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::place::{Place, time};
use crate::table::{contender, measure, settle};

const KEYS: usize = 500;
const CLIENTS: usize = 10;
const BYTES: u64 = 256 << 20;
const LENGTH: u64 = 80;
const ROUNDS: usize = 5;

/// A program on a terminal.
pub struct OnTerminal {
    /// It.
    pub child: Box<dyn Child + Send + Sync>,
    /// Its terminal's other side.
    pub master: Box<dyn MasterPty + Send>,
}

/// From a key to its echo, through whoever stands between.
pub fn echo(place: &Place) {
    println!("\na key's way to its echo (median of {KEYS})");
    let mut rows = vec![("a terminal", median_echo(on_terminal(&place.command("cat", &[]))))];
    time(&mut place.aos("echo", &["run", "-b", "cat"]));
    rows.push(("aos attach", median_echo(on_terminal(&place.aos("echo", &["attach", "@last"])))));
    time(&mut place.aos("echo", &["kill", "@last"]));
    rows.push(("aos run", median_echo(on_terminal(&place.aos("echo", &["run", "cat"])))));
    time(&mut place.aos("echo", &["kill", "@last"]));
    let socket = place.path("dtach-echo");
    for (peer, words) in [("dtach", ["-c", &socket, "cat"]), ("abduco", ["-c", "echo", "cat"])] {
        match place.has(peer) {
            true => rows.push((peer, median_echo(on_terminal(&place.command(peer, &words))))),
            false => println!("  {peer}: not installed"),
        }
    }
    for (name, us) in rows {
        println!("  {name:<34} {us:>10.1} us");
    }
}

/// What ten clients, one of them stopped, leave of a task's throughput.
pub fn ten_clients(place: &Place) {
    measure(
        &format!("output of {} MiB to {CLIENTS} attached clients, one of them stopped", BYTES >> 20),
        "ms",
        ROUNDS,
        vec![
            contender("unattached", || through_clients(place, 0)),
            contender("ten clients", || through_clients(place, CLIENTS)),
        ],
    );
}

/// How long the task prints. *Units*: milliseconds.
fn through_clients(place: &Place, count: usize) -> f64 {
    let (floor, sign, done) = (place.floor(), place.path("sign"), place.path("done"));
    for file in [&sign, &done] {
        let _ = std::fs::remove_file(file);
    }
    let lines = BYTES / LENGTH;
    let line =
        format!("until [ -e {sign} ]; do sleep 0.01; done; {floor} lines {lines} {LENGTH}; : > {done}; sleep 600");
    time(&mut place.aos("clients", &["run", "-b", &line]));
    let clients: Vec<OnTerminal> =
        (0..count).map(|_| on_terminal(&place.aos("clients", &["attach", "@last"]))).collect();
    settle();
    for (at, client) in clients.iter().enumerate() {
        if at == 0 {
            let pid = client.child.process_id().expect("a process") as i32;
            let _ = kill(Pid::from_raw(pid), Signal::SIGSTOP);
        } else {
            drain(client);
        }
    }
    std::fs::File::create(&sign).expect("the sign to go on");
    let began = Instant::now();
    while !std::path::Path::new(&done).exists() {
        let _ = nix::poll::poll(&mut [], 1u8);
    }
    let took = began.elapsed().as_secs_f64() * 1000.0;
    clients.into_iter().for_each(end);
    time(&mut place.aos("clients", &["kill", "@last"]));
    time(&mut place.aos("clients", &["rm", "@all"]));
    took
}

fn on_terminal(command: &Command) -> OnTerminal {
    on_terminal_of(command, 24, 80)
}

/// Runs a command on a terminal of this size.
pub fn on_terminal_of(command: &Command, rows: u16, cols: u16) -> OnTerminal {
    let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a terminal");
    let mut builder = CommandBuilder::new(command.get_program());
    builder.args(command.get_args());
    command.get_envs().for_each(|(name, value)| builder.env(name, value.expect("a value")));
    builder.env("TERM", "xterm");
    builder.env("HOME", command.get_current_dir().expect("a directory"));
    builder.cwd(command.get_current_dir().expect("a directory"));
    let child = pair.slave.spawn_command(builder).expect("a program");
    OnTerminal { child, master: pair.master }
}

/// *Units*: microseconds.
fn median_echo(at: OnTerminal) -> f64 {
    let mut keys = at.master.take_writer().expect("a keyboard");
    let mut screen = at.master.try_clone_reader().expect("a screen");
    let mut buffer = [0; 4096];
    settle();
    // What it greets with.
    keys.write_all(b"~").expect("typed");
    loop {
        let length = screen.read(&mut buffer).expect("an answer");
        if buffer[..length].contains(&b'~') {
            break;
        }
    }
    let mut delays: Vec<f64> = (0..KEYS)
        .map(|at| {
            // Now and then a new line, as a terminal takes in only so much of one.
            let key: &[u8] = if at % 50 == 49 { b"\r" } else { b"x" };
            let began = Instant::now();
            keys.write_all(key).expect("typed");
            let _ = screen.read(&mut buffer).expect("an echo");
            let took = began.elapsed().as_secs_f64() * 1e6;
            if key == b"\r" {
                settle();
            }
            took
        })
        .collect();
    end(at);
    delays.sort_by(f64::total_cmp);
    delays[delays.len() / 2]
}

/// Reads on whatever it shows.
pub fn drain(at: &OnTerminal) {
    let mut screen = at.master.try_clone_reader().expect("a screen");
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while matches!(screen.read(&mut buffer), Ok(1..)) {}
    });
}

/// Ends it.
pub fn end(mut at: OnTerminal) {
    let _ = at.child.kill();
    let _ = at.child.wait();
}

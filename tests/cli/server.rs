//! A server to be run as a task: this very test binary, executed anew with a script of what it is
//! to do.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::world::until;

const SCRIPT: &str = "AOS_TEST_SERVER";

/// A port that nobody uses, and that the system gives to nobody by itself.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let port = 20_000
            + (std::process::id() as u16).wrapping_mul(97).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000;
        if TcpListener::bind(("0.0.0.0", port)).is_ok() {
            return port;
        }
    }
}

/// Listens on a port that was free. What this process had open a moment ago a child of another
/// test may still have, as it was begun just then and has not executed anything yet: until then the
/// port is refused.
pub fn listen(port: u16) -> TcpListener {
    let mut listener = None;
    let bound = until(|| {
        listener = TcpListener::bind(("127.0.0.1", port)).ok();
        listener.is_some()
    });
    bound.unwrap_or_else(|| panic!("port {port} does not become free"));
    listener.expect("bound")
}

/// The words after `aos run` that begin a server which does this, `;` after `;`, and then stays:
/// `listen PORT`, `serve` (200 once there is a file `ok`, else 503), `print TEXT`, `await FILE`.
pub fn server(script: &str) -> Vec<String> {
    let program = std::env::current_exe().expect("this program").to_string_lossy().into_owned();
    let words = ["-e", &format!("{SCRIPT}={script}"), &program, "server::is_one", "--exact", "--nocapture"];
    words.map(str::to_owned).to_vec()
}

#[test]
fn is_one() {
    let Ok(script) = std::env::var(SCRIPT) else { return };
    let mut listeners = Vec::new();
    for step in script.split(';') {
        let (verb, rest) = step.trim().split_once(' ').unwrap_or((step.trim(), ""));
        match verb {
            "listen" => listeners.push(listen(rest.parse().expect("a port"))),
            "serve" => answer(listeners.pop().expect("one listens")),
            "print" => writeln!(std::io::stdout(), "{rest}").expect("printed"),
            "await" => while until(|| Path::new(rest).exists()).is_none() {},
            other => panic!("`{other}` is nothing to do"),
        }
    }
    loop {
        std::thread::park();
    }
}

fn answer(listener: TcpListener) {
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let _ = client.read(&mut [0; 1024]);
            let code = if Path::new("ok").exists() { "200 OK" } else { "503 Not Yet" };
            let _ = write!(client, "HTTP/1.1 {code}\r\nContent-Length: 0\r\n\r\n");
        }
    });
}

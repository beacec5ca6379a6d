//! `aos notify`: where a message goes.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::Value;

use crate::shell::BOTH;
use crate::world::{World, until};

fn config(w: &World, text: &str) {
    fs::create_dir_all(w.home()).expect("the home");
    let written = fs::File::create(w.home().join("config.toml")).and_then(|mut file| file.write_all(text.as_bytes()));
    written.expect("written");
}

fn went(w: &World, words: &[&str]) -> Vec<(String, Option<String>)> {
    let said = w.aos(&[&["notify", "--json"], words].concat());
    let told: Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"));
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let went = told["went"].as_array().expect("ways");
    went.iter().map(|way| (text(&way["way"]).expect("a way"), text(&way["why"]))).collect()
}

#[test]
fn the_next_prompt_tells_it() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        shell.type_line("true &aos");
        shell.until("[task-001]");
        w.ended(1);
        w.ok(&["notify", "-t", "deploy", "done", "and \u{1b}[31mred"]);
        shell.line("echo here");
        shell.until("deploy: done and \\x1b[31mred");
        shell.end();
    }
}

#[test]
fn a_message_comes_from_words_from_standard_input_or_from_the_task_of_a_hook() {
    let w = World::new();
    config(&w, "notify = { desktop = false, command = 'cat >>said; echo \"$AOS_TITLE\" >>said' }\n");
    w.begin(&["-n", "web", "exit 3"]);
    w.ended(1);
    w.ok(&["notify", "two", "words"]);
    assert!(w.sh("echo piped | aos notify -t build -").code == 0 && w.sh("echo on | aos notify").code == 0);
    assert_eq!(w.sh("AOS_HOOK_EVENT=x AOS_TASK_ID=task-001 aos notify </dev/null").code, 0);
    let said = fs::read_to_string(w.join("said")).expect("said");
    assert!(said.starts_with("two words\naos\npiped\nbuild\non\naos\n[task-001] failed  exit 3  exit 3  "), "{said}");
    assert!(said.ends_with("\nweb\n"), "{said}");
    let none = w.sh("aos notify </dev/null");
    assert!(none.code == 2 && none.err.contains("there is no message"), "{none:?}");
}

#[test]
fn where_nobody_is_told_it_says_so_and_no_hook_fails_of_it() {
    let w = World::new();
    let none = w.sh("unset DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR; aos notify hello");
    assert_eq!(
        (none.code, none.err.as_str()),
        (1, "aos: nobody was told: no desktop, no shell that has loaded aos, and nothing set in [notify] took it\n")
    );
    assert_eq!(w.sh("AOS_HOOK_EVENT=x aos notify hello").code, 0);
    config(&w, "notify = { desktop = false, command = 'echo no luck >&2; exit 3', webhook = 'http://127.0.0.1:1/' }\n");
    let ways = went(&w, &["hello"]);
    assert_eq!(ways[1], ("command".into(), Some("no luck".into())));
    assert!(ways[0].1.as_ref().is_some_and(|why| why.contains("curl: (7)")), "{ways:?}");
}

#[test]
fn an_address_gets_json() {
    let w = World::new();
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = server.local_addr().expect("an address").port();
    config(&w, &format!("notify = {{ desktop = false, webhook = 'http://127.0.0.1:{port}/x?secret=1' }}\n"));
    let asked = std::thread::spawn(move || {
        let (mut client, _) = server.accept().expect("a client");
        let mut asked = Vec::new();
        let mut some = [0; 4096];
        while !String::from_utf8_lossy(&asked).contains('}') {
            let length = client.read(&mut some).expect("a request");
            asked.extend_from_slice(&some[..length]);
        }
        client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").expect("answered");
        String::from_utf8_lossy(&asked).into_owned()
    });
    assert_eq!(went(&w, &["-u", "critical", "line \"one\"\nline two"]), [("webhook".into(), None)]);
    let asked = asked.join().expect("a request");
    assert!(asked.starts_with("POST /x?secret=1 HTTP/1.1\r\n"), "{asked}");
    let body: Value = serde_json::from_str(asked.rsplit("\r\n\r\n").next().expect("a body")).expect("JSON");
    assert_eq!((&body["message"], &body["urgency"]), (&"line \"one\"\nline two".into(), &"critical".into()));
}

#[test]
fn the_desktop_is_asked_over_its_bus() {
    let w = World::new();
    let said = w.sh("exec 2>&1; dbus-run-session -- sh -c '
            dbus-monitor >seen & monitor=$!
            until grep -q NameAcquired seen; do sleep 0.01; done
            aos notify -u low -t tests \"5 < 6\"
            until grep -q \"int32 -1\" seen; do sleep 0.01; done
            kill $monitor'");
    assert!(said.out.contains("org.freedesktop.Notifications was not provided"), "nobody shows it here: {said:?}");
    let seen = fs::read_to_string(w.join("seen")).expect("what went over the bus");
    for part in ["member=Notify", "string \"tests\"", "string \"5 &lt; 6\"", "byte 0"] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
}

#[test]
fn tmux_shows_it_in_its_status_line() {
    let w = World::new();
    config(&w, "notify = { desktop = false }\n");
    let tmux = "tmux -S sock -f /dev/null";
    let screen = crate::terminal::Screen::open(&w, &["sh", "-c", &format!("exec {tmux} new -s t bash --norc")], 24, 80);
    screen.until("bash-");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/shell/aos.bash");
    w.sh(&format!("{tmux} send-keys -t t 'source {script}; echo lo\\aded' Enter"));
    screen.until("loaded");
    w.sh(&format!("{tmux} send-keys -t t 'true &aos' Enter"));
    screen.until("[task-001]");
    until(|| went(&w, &["deployed #(touch made) 5%H"]).iter().any(|(way, why)| way == "terminal" && why.is_none()))
        .expect("tmux takes it");
    screen.until("aos: deployed #(touch made) 5%H");
    assert!(!w.join("made").exists(), "nothing of it is executed");
    w.sh(&format!("{tmux} kill-server"));
    screen.end();
}

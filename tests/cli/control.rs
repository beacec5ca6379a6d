//! The control socket: whatever a client does, the task and its log go on.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use crate::world::{World, read_all, until};

fn connect(w: &World, id: u32) -> UnixStream {
    UnixStream::connect(w.task(id, "control")).expect("the control socket")
}

fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![1, kind];
    frame.extend_from_slice(&(body.len() as u32).to_le_bytes());
    frame.extend_from_slice(body);
    frame
}

/// The next frame: kind and body.
fn next(from: &mut UnixStream) -> (u8, Vec<u8>) {
    let mut head = [0; 6];
    from.read_exact(&mut head).expect("a frame");
    assert_eq!(head[0], 1, "the version comes first");
    let mut body = vec![0; u32::from_le_bytes([head[2], head[3], head[4], head[5]]) as usize];
    from.read_exact(&mut body).expect("its body");
    (head[1], body)
}

fn info(w: &World, id: u32) -> String {
    let mut client = connect(w, id);
    client.write_all(&frame(1, b"\"info\"")).expect("sent");
    String::from_utf8(next(&mut client).1).expect("text")
}

#[test]
fn info_is_answered_and_watchers_get_the_output() {
    let w = World::new();
    let id = w.begin(&["until [ -e go ]; do sleep 0.01; done; echo watched"]);
    assert!(info(&w, id).starts_with("{\"info\":{\"phase\":\"running\",\"processes\":[{"));
    let mut watcher = connect(&w, id);
    watcher.write_all(&frame(1, b"\"watch\"")).expect("sent");
    watcher.write_all(&frame(1, b"\"info\"")).expect("sent");
    assert_eq!(next(&mut watcher).0, 2, "a watcher is answered too: now it watches");
    std::fs::File::create(w.join("go")).expect("the sign to go on");
    assert_eq!(next(&mut watcher), (3, b"watched\n".to_vec()));
    w.ended(id);
    assert_eq!(read_all(watcher), b"");
}

#[test]
fn garbage_is_refused_with_a_reason() {
    let w = World::new();
    let id = w.begin(&["sleep", "1000"]);
    let cases: [(&[u8], &str); 6] = [
        (b"GET / HTTP/1.1\r\n\r\n", "protocol version 71 is not spoken here, only 1"),
        (&frame(9, b""), "frame kind 9 is not known"),
        (&frame(1, b"not json"), "not a query"),
        (&frame(1, b"\"dance\""), "not a query"),
        (&frame(3, b"output"), "clients send queries only"),
        (&[1, 1, 255, 255, 255, 255], "is too long"),
    ];
    for (bytes, why) in cases {
        let mut client = connect(&w, id);
        client.write_all(bytes).expect("sent");
        let (kind, body) = next(&mut client);
        let body = String::from_utf8(body).expect("text");
        assert!(kind == 2 && body.starts_with("{\"refused\":") && body.contains(why), "{body}");
        assert_eq!(client.read(&mut [0; 16]).unwrap_or(0), 0, "and cut off");
    }
    assert!(info(&w, id).contains("running"));
    w.ok(&["stop", "1"]);
}

#[test]
fn half_messages_and_silence_hold_up_nobody() {
    let w = World::new();
    let id = w.begin(&["sleep", "1000"]);
    let silent = connect(&w, id);
    let mut half = connect(&w, id);
    half.write_all(&frame(1, b"\"info\"")[..7]).expect("sent");
    let dead = connect(&w, id);
    drop(dead);
    assert!(info(&w, id).contains("running"));
    half.write_all(&frame(1, b"\"info\"")[7..]).expect("sent");
    assert_eq!(next(&mut half).0, 2, "the other half comes later");
    drop(silent);
    w.ok(&["stop", "1"]);
}

#[test]
fn more_clients_than_there_is_room_for_are_turned_away() {
    let w = World::new();
    let id = w.begin(&["sleep", "1000"]);
    let mut crowd: Vec<UnixStream> = (0..64).map(|_| connect(&w, id)).collect();
    crowd[63].write_all(&frame(1, b"\"info\"")).expect("sent");
    assert_eq!(next(&mut crowd[63]).0, 2);
    let mut late = connect(&w, id);
    assert!(String::from_utf8(next(&mut late).1).expect("text").contains("too many clients"));
    drop(crowd);
    until(|| {
        let mut client = connect(&w, id);
        client.write_all(&frame(1, b"\"info\"")).is_ok()
            && String::from_utf8(next(&mut client).1).is_ok_and(|t| t.contains("running"))
    })
    .expect("room again");
    w.ok(&["stop", "1"]);
}

#[test]
fn a_watcher_that_does_not_read_stalls_neither_task_nor_log() {
    let w = World::new();
    let id = w.begin(&["until [ -e go ]; do sleep 0.01; done; seq 1 500000"]);
    let mut lazy = connect(&w, id);
    lazy.write_all(&frame(1, b"\"watch\"")).expect("sent");
    lazy.write_all(&frame(1, b"\"info\"")).expect("sent");
    next(&mut lazy);
    std::fs::File::create(w.join("go")).expect("the sign to go on");
    assert_eq!(w.ended(id)["status"], "succeeded");
    let wanted: String = (1..=500_000).map(|n| format!("{n}\n")).collect();
    assert!(w.log(id) == wanted.as_bytes());
}

#[test]
fn asking_without_ever_reading_is_cut_off() {
    let w = World::new();
    let id = w.begin(&["sleep", "1000"]);
    let mut greedy = connect(&w, id);
    let many = frame(1, b"\"info\"").repeat(1000);
    until(|| greedy.write_all(&many).is_err()).expect("cut off");
    assert!(info(&w, id).contains("running"));
    w.ok(&["stop", "1"]);
}

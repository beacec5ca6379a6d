//! The control socket: whatever a client sends to a supervisor, and whatever a supervisor answers.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use proptest::collection::vec;
use proptest::prelude::*;

use super::damage::any_bytes;
use super::output::any_size;
use crate::client::connection::Connection;
use crate::supervisor::{Client, Demand, OutputStream};
use crate::wire::{Access, AttachRequest, Flow, Frame, FrameKind, KINDS, Query, Reply};

/// What a client is told in between.
#[derive(Clone, Copy, Debug)]
enum Told {
    Output(usize),
    Reply,
    Log(u64),
    Nothing,
}

fn any_query() -> impl Strategy<Value = Query> {
    let access = prop_oneof![Just(Access::Full), Just(Access::ReadOnly)];
    let flow = prop_oneof![Just(Flow::Screen), Just(Flow::Streams)];
    let attach = (proptest::option::of(any_size()), access, flow).prop_map(|(size, access, flow)| AttachRequest {
        size,
        access,
        flow,
    });
    prop_oneof![
        Just(Query::Info),
        Just(Query::Watch),
        attach.prop_map(Query::Attach),
        any_size().prop_map(Query::Resize),
        Just(Query::Screen),
        Just(Query::Type),
        Just(Query::End),
        Just(Query::Typed),
    ]
}

fn any_sent() -> impl Strategy<Value = Vec<u8>> {
    let framed = |kind| {
        move |body: Vec<u8>| {
            let mut bytes = Vec::new();
            Frame { kind, body }.encode(&mut bytes);
            bytes
        }
    };
    let kind = proptest::sample::select(&KINDS[..]);
    prop_oneof![
        6 => any_query().prop_map(|query| Frame::query(&query).body).prop_map(framed(FrameKind::Query)),
        4 => any_bytes().prop_map(framed(FrameKind::Input)),
        2 => (kind, any_bytes()).prop_map(move |(kind, body)| framed(kind)(body)),
        2 => any_bytes().prop_map(framed(FrameKind::Query)),
        1 => any_bytes(),
        1 => (any::<u8>(), any::<u32>()).prop_map(|(kind, length)| [&[1, kind][..], &length.to_le_bytes()].concat()),
    ]
}

fn any_told() -> impl Strategy<Value = Told> {
    prop_oneof![
        1 => (0usize..200_000).prop_map(Told::Output),
        1 => Just(Told::Reply),
        1 => any::<u64>().prop_map(Told::Log),
        3 => Just(Told::Nothing),
    ]
}

/// Sends the parts to a supervisor's client, and does as it demands; gives the demands.
fn demands(parts: &[&[u8]], told: &[Told], takes_input: bool) -> Vec<String> {
    let (theirs, ours) = UnixStream::pair().expect("a pair");
    let ends = [&theirs, &ours];
    ends.iter().for_each(|end| end.set_nonblocking(true).expect("set"));
    let (mut client, mut theirs) = (Client::new(ours), theirs);
    let (mut found, mut told) = (Vec::new(), told.iter().cycle());
    for part in parts {
        let mut rest = *part;
        while !rest.is_empty() {
            match theirs.write(rest) {
                Ok(sent) => rest = &rest[sent..],
                // It has gone, or listens to nothing any more.
                Err(_) if client.is_held || !client.is_here() => break,
                Err(_) => {}
            }
            while let Some(demand) = client.demand(takes_input) {
                match demand {
                    Demand::Query(Query::Watch) => client.begin_to_watch(),
                    Demand::Query(Query::Type) => client.begin_to_type(),
                    Demand::Query(Query::Attach(how)) => client.attach(how),
                    Demand::Query(_) | Demand::Input(_) => {}
                }
                found.push(format!("{demand:?}"));
                match told.next() {
                    Some(Told::Output(length)) => client.show(OutputStream::Terminal, &vec![b'x'; *length], 7),
                    Some(Told::Reply) => client.tell(&Reply::Live),
                    Some(Told::Log(end)) => client.send(*end),
                    Some(Told::Nothing) | None => {}
                }
            }
        }
        if matches!(told.next(), Some(Told::Reply)) {
            let _ = theirs.read(&mut [0; 1 << 16]);
        }
    }
    found
}

/// What a verb makes of what a supervisor sends.
fn heard(parts: &[&[u8]]) -> Vec<String> {
    let (mut theirs, ours) = UnixStream::pair().expect("a pair");
    ours.set_nonblocking(true).expect("set");
    let (mut connection, mut found) = (Connection::new(ours, Vec::new()).expect("a connection"), Vec::new());
    for part in parts {
        for piece in part.chunks(16 * 1024) {
            theirs.write_all(piece).expect("sent");
            if connection.hear().is_err() {
                return found;
            }
            loop {
                match connection.ready() {
                    Ok(Some(message)) => found.push(format!("{message:?}")),
                    Ok(None) => break,
                    Err(_) => return found,
                }
            }
        }
    }
    found
}

#[test]
fn fuzz_wire() {
    let parts = vec(any_sent(), 0..8);
    let input = (parts, vec(any_told(), 1..6), any::<bool>(), 1usize..400);
    super::run("wire", input, |(parts, told, takes_input, step)| {
        let sent = parts.concat();
        let whole: Vec<&[u8]> = parts.iter().map(|part| &part[..]).collect();
        demands(&whole, &told, takes_input);
        // However it is cut, the same is demanded.
        let quiet = [Told::Nothing];
        let pieces: Vec<&[u8]> = sent.chunks(step).collect();
        prop_assert_eq!(demands(&pieces, &quiet, true), demands(&whole, &quiet, true));
        prop_assert_eq!(heard(&pieces), heard(&whole));
        Ok(())
    });
}

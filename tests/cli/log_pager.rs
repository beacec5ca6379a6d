//! `aos logs` on a terminal: what is longer than the screen goes through a pager.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::terminal::Screen;
use crate::world::{World, until, write_program};

const AOS: &str = env!("CARGO_BIN_EXE_aos");

/// A world with a task that has printed this.
fn printed(script: &str) -> World {
    let w = World::new();
    let id = w.begin(&["--shell", script]);
    w.ended(id);
    w
}

/// A pager that keeps what it was given, under its own name.
fn pager(w: &World, name: &str, script: &str) -> String {
    let path = w.join(name);
    write_program(&path, &format!("#!/bin/sh\n{script} > {}.got\n", path.display()));
    path.to_string_lossy().into_owned()
}

fn write(path: &Path, text: &str) {
    fs::File::create(path).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
}

/// What a pager was given, if it was begun at all.
fn got(w: &World, name: &str) -> Option<String> {
    fs::read_to_string(w.join(&format!("{name}.got"))).ok()
}

/// aos on a terminal of 10 rows and 40 columns, to its end; its exit code and what is on the
/// screen.
fn on_terminal(w: &World, environment: &[&str], words: &[&str]) -> (u32, String) {
    let shell = ["sh", "-c", "env \"$@\"; printf code=$?.", "sh"];
    let screen = Screen::open(w, &[&shell, environment, &[AOS, "logs"], words].concat(), 10, 40);
    screen.until_so("ended", |screen| screen.contents().trim_end().ends_with('.'));
    let text = screen.text();
    let (text, code) = text.rsplit_once("code=").expect("an exit code");
    (code.trim_end_matches(['.', '\n']).parse().expect("a number"), text.to_owned())
}

fn numbers(to: u32) -> String {
    (1..=to).map(|n| format!("{n}\n")).collect()
}

#[test]
fn what_is_longer_than_the_screen_is_paged() {
    let w = printed("seq 1 100");
    let ours = format!("AOS_PAGER={}", pager(&w, "ours", "cat"));
    for (words, lines) in [(&["1"][..], 100), (&["--head", "10", "1"], 10), (&["--timestamps", "-n", "50", "1"], 50)] {
        assert_eq!(on_terminal(&w, &[&ours], words).0, 0, "{words:?}");
        assert_eq!(got(&w, "ours").map(|text| text.lines().count()), Some(lines), "{words:?}");
        fs::remove_file(w.join("ours.got")).expect("removed");
    }
    let (code, text) = on_terminal(&w, &[&ours], &["--head", "9", "1"]);
    assert_eq!((code, text.trim_end(), got(&w, "ours")), (0, numbers(9).trim_end(), None), "the prompt has its row");
    on_terminal(&w, &[&ours], &["-g", "0", "1"]);
    let found = got(&w, "ours").expect("found");
    assert!(found.starts_with("1\x1b[1m\x1b[31m0\x1b[0m\n"), "what is found stands out: {found:?}");
    assert_eq!(on_terminal(&w, &[&ours], &["--json", "1"]).0, 0);
    assert_eq!(got(&w, "ours").map(|rows| rows.lines().count()), Some(100));
}

#[test]
fn long_lines_take_their_rows() {
    let w = printed("for i in 1 2 3 4; do printf '%0100d\\n' $i; done");
    let ours = format!("AOS_PAGER={}", pager(&w, "ours", "cat"));
    on_terminal(&w, &[&ours], &["-n", "3", "1"]);
    assert_eq!(got(&w, "ours"), None, "nine rows");
    on_terminal(&w, &[&ours], &["-n", "4", "1"]);
    assert_eq!(got(&w, "ours").map(|text| text.lines().count()), Some(4), "twelve");
}

#[test]
fn no_pager_where_none_is_wanted_or_could_be_used() {
    let w = printed("seq 1 100");
    let ours = format!("AOS_PAGER={}", pager(&w, "ours", "cat"));
    let shown = |environment: &[&str], words: &[&str]| {
        let (code, text) = on_terminal(&w, environment, words);
        assert_eq!((code, got(&w, "ours")), (0, None), "{environment:?} {words:?}");
        assert!(text.trim_end().ends_with("\n99\n100"), "{environment:?} {words:?}: {text}");
    };
    for environment in [&["AOS_PAGER=cat"][..], &["AOS_PAGER="], &["AOS_PAGER=nonesuch"], &[&ours, "TERM=dumb"]] {
        shown(environment, &["1"]);
    }
    for words in [&["--no-pager"][..], &["-f"], &["--raw"]] {
        shown(&[&ours], words);
    }
    let piped = w.command("env").args([&ours, AOS, "logs", "1"]).output().expect("aos runs");
    assert_eq!(String::from_utf8_lossy(&piped.stdout), numbers(100));
    let id = w.begin(&["--shell", &format!("{ours} aos logs 1")]);
    assert_eq!(w.ended(id)["exit_code"], 0, "nobody may be looking at a task");
    assert_eq!((w.log(id), got(&w, "ours")), (numbers(100).into_bytes(), None));
}

#[test]
fn the_pager_is_that_of_aos_then_the_configured_one_then_everybodys() {
    let w = printed("seq 1 100");
    let ours = format!("AOS_PAGER={}", pager(&w, "ours", "cat"));
    let all = format!("PAGER={} -x 'a b' | cat", pager(&w, "all", "cat; echo \"$2\""));
    on_terminal(&w, &[&all], &["1"]);
    assert!(got(&w, "all").is_some(), "a line of shell");
    fs::remove_file(w.join("all.got")).expect("removed");
    let config = format!("[logs]\npager = \"{}\"\n", pager(&w, "configured", "cat"));
    write(&w.home().join("config.toml"), &config);
    on_terminal(&w, &[&all], &["1"]);
    assert_eq!((got(&w, "all"), got(&w, "configured")), (None, Some(numbers(100))));
    fs::remove_file(w.join("configured.got")).expect("removed");
    on_terminal(&w, &[&all, &ours], &["1"]);
    assert_eq!((got(&w, "ours"), got(&w, "configured")), (Some(numbers(100)), None));
}

#[test]
fn a_pager_that_has_seen_enough_ends_it_quietly() {
    let w = printed("seq 1 200000; echo found");
    let ours = format!("AOS_PAGER={}", pager(&w, "ours", "head -n 3"));
    for words in [&["1"][..], &["-g", "0", "1"], &["--timestamps", "1"], &["--json"]] {
        assert_eq!(on_terminal(&w, &[&ours], words), (0, String::new()), "{words:?}");
        assert_eq!(got(&w, "ours").map(|text| text.lines().count()), Some(3), "{words:?}");
    }
    assert_eq!(on_terminal(&w, &[&ours], &["-g", "nothing", "1"]), (1, String::new()));
}

#[test]
fn less_pages_with_colours_and_leaves_on_q() {
    let w = printed("printf '\\033[31mred\\033[0m \\033]0;title\\007\\n'; seq 1 100");
    let mut screen = Screen::open(&w, &["env", "LESS=", "LESSHISTFILE=-", "PAGER=less", AOS, "logs", "1"], 10, 40);
    screen.until(":");
    assert_eq!((screen.line(0).trim_end(), screen.colour_at(0, 0)), ("red", vt100::Color::Idx(1)));
    screen.keys(b"G");
    screen.until("(END)");
    screen.keys(b"\x03");
    until(|| {
        // The terminal drops what was typed before ^C came through.
        screen.keys(b"g");
        screen.text().contains("red")
    })
    .expect("^C ends nothing");
    screen.keys(b"q");
    assert_eq!(screen.exit_code(), 0);

    let mut screen = Screen::open(&w, &["env", "LESSHISTFILE=-", "PAGER=less", AOS, "logs", "-e"], 10, 40);
    screen.until("(END)");
    assert!(screen.text().contains("\n100\n"), "{}", screen.text());
    screen.keys(b"q");
    assert_eq!(screen.exit_code(), 0);
}

#[test]
fn the_end_is_a_thousand_lines() {
    let w = printed("seq 1 2000");
    let end = w.ok(&["logs", "-e"]);
    assert_eq!((end.lines().next(), end.lines().count()), (Some("1001"), 1000));
    assert_eq!(w.ok(&["logs", "-e", "-n", "2"]), "1999\n2000\n");
    assert_eq!(w.ok(&["logs", "-eg", "1$"]).lines().count(), 200);
}

#[test]
fn bad_settings_are_told_and_the_log_is_read() {
    let w = printed("echo here");
    write(&w.home().join("config.toml"), "[logs]\nsegmant = '1MiB'\n");
    let said = w.aos(&["logs", "1"]);
    assert_eq!((said.out.as_str(), said.code, said.err.lines().count()), ("here\n", 0, 1), "{}", said.err);
    assert!(said.err.contains("config.toml, line 2: ") && said.err.contains("segmant"), "{}", said.err);
}

#[test]
fn what_repeats_is_folded_and_what_is_found_stands_out_where_somebody_looks() {
    let w = printed("echo begin; yes tick | head -n 5; printf '10%%\\r\\033[32m100%%\\033[0m\\n'");
    let screen = Screen::open(&w, &[AOS, "logs", "1"], 10, 40);
    screen.until("100%");
    assert_eq!(screen.text().trim_end(), "begin\ntick\n… 5 times\n100%");
    assert_eq!(screen.colour_at(3, 0), vt100::Color::Idx(2));
    screen.end();
    let screen = Screen::open(&w, &[AOS, "logs", "-g", "eg", "1"], 10, 40);
    screen.until("begin");
    let colours = [0, 1, 2, 3].map(|col| screen.colour_at(0, col));
    assert_eq!(colours, [vt100::Color::Default, vt100::Color::Idx(1), vt100::Color::Idx(1), vt100::Color::Default]);
    screen.end();
    let id = w.begin(&["-n", "other", "echo over there"]);
    w.ended(id);
    for way in ["--merge", "--timestamps"] {
        let screen = Screen::open(&w, &["env", "AOS_PAGER=", AOS, "logs", way, "1", "other"], 10, 80);
        screen.until("over there");
        screen.until("100%");
        let label_of = |text: &str| {
            let row = (0..10).find(|row| screen.line(*row).contains(text)).expect("its line");
            screen.colour_at(row, 0)
        };
        let labels = [label_of("100%"), label_of("over there")];
        assert!(labels[0] != labels[1] && !labels.contains(&vt100::Color::Default), "{way}: {labels:?}");
        screen.end();
    }
}

#[test]
fn what_is_missing_is_told_in_the_pager() {
    let w = World::new();
    w.aos(&["tasks"]);
    write(&w.home().join("config.toml"), "[logs]\nsegment = \"64KiB\"\n");
    let id = w.begin(&["-n", "x", "--shell", "seq 1 40000"]);
    w.ended(id);
    until(|| w.join("home/logs/tasks/task-001-x.log.2.zst").exists()).expect("it is compressed");
    fs::remove_file(w.join("home/logs/tasks/task-001-x.log.2.zst")).expect("removed");
    let ours = format!("AOS_PAGER={}", pager(&w, "ours", "cat"));
    for words in [&["1"][..], &["-g", "0", "1"], &["--timestamps", "1"]] {
        assert_eq!(on_terminal(&w, &[&ours], words).0, 0, "{words:?}");
        let got = got(&w, "ours").expect("paged");
        let told = "of the log are no longer kept (task-001-x.log.2)\n";
        assert!(got.contains(told), "{words:?}");
    }
}

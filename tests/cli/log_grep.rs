//! `aos logs --grep`, beside grep and ripgrep on the same file.

use std::fs::{File, read_dir};
use std::io::Write;

use crate::world::{World, until};

/// A task whose log is this; gives the log's path.
fn with_log(w: &World, bytes: &[u8]) -> String {
    File::create(w.join("bytes")).and_then(|mut file| file.write_all(bytes)).expect("written");
    let id = w.begin(&["--no-pty", "--", "cat", "bytes"]);
    w.ended(id);
    w.ok(&["logs", "--path", &id.to_string()]).trim().to_owned()
}

/// The same in segments as small as they may be, the complete ones compressed. Gives the path of
/// the bytes.
fn with_segments(w: &World, bytes: &[u8]) -> String {
    w.aos(&["tasks"]);
    let mut config = File::create(w.home().join("config.toml")).expect("settings");
    config.write_all(b"[logs]\nsegment = \"64KiB\"\n").expect("settings");
    with_log(w, bytes);
    let is_packed = || {
        let names = read_dir(w.home().join("logs/tasks")).expect("logs").map(|file| file.expect("a file").file_name());
        !names.into_iter().any(|name| name.to_string_lossy().ends_with(|last: char| last.is_ascii_digit()))
    };
    until(is_packed).expect("all is compressed");
    w.join("bytes").to_string_lossy().into_owned()
}

/// Bytes that no text has, and ends of lines of two kinds.
fn odd() -> Vec<u8> {
    let parts: [&[u8]; 8] = [
        b"error\r\n",
        b"a\0b error\n",
        b"\xff\xfe Error \x80\n",
        b"\r\n",
        b"\n",
        b"warn\xc3\n",
        b"GET /a.b\r\n",
        b"axb\0\n",
    ];
    (0..40_000usize).flat_map(|n| [format!("{n} ").as_bytes(), parts[n * 7919 % 101 % 8]].concat()).collect()
}

/// Lines as programs print them, none of them with anything hidden.
fn text() -> String {
    let words = ["error", "Error", "warning: x", "GET /a.b 200", "déjà vu", "", "a.b", "axb", "\tindented", "fin"];
    (0..3000usize).map(|n| format!("{n} {}\n", words[n * 7919 % 101 % words.len()])).collect()
}

#[test]
fn answers_are_those_of_grep_and_ripgrep_to_the_byte() {
    let w = World::new();
    let path = with_log(&w, (text() + "the last error has no end").as_bytes());
    let has_ripgrep = w.sh("rg --version").code == 0;
    for options in [
        &["error"][..],
        &["-i", "error"],
        &["-v", "error"],
        &["-iv", "e"],
        &["-c", "error"],
        &["-c", "-v", "error"],
        &["-o", "e[a-z]*r"],
        &["-F", "a.b"],
        &["a.b"],
        &["-oi", "ERR"],
        &["^7.*vu$"],
        &["-A1", "vu"],
        &["-B2", "fin"],
        &["-C1", "[0-9]*99 "],
        &["-C3", "last"],
        &["-A1", "-B2", "-i", "GET|nothing"],
        &["-c", "nothing of this"],
        &["nothing of this"],
        &[" $"],
        &["é"],
    ] {
        let (pattern, flags) = options.split_last().expect("a pattern");
        let ours = w.aos(&[&["logs"], flags, &["-g", pattern, "1"]].concat());
        for (program, own) in
            [("grep", if flags.contains(&"-F") { &["-a"][..] } else { &["-aE"] }), ("rg", &["--no-mmap", "-N", "-a"])]
        {
            if program == "rg" && (!has_ripgrep || *pattern == "nothing of this") {
                continue;
            }
            let theirs = w.command(program).args(own).args(flags).args(["-e", pattern, &path]).output().expect("runs");
            assert!(ours.out == String::from_utf8_lossy(&theirs.stdout), "{program} {options:?}");
            assert_eq!(Some(ours.code), theirs.status.code(), "{program} {options:?}");
        }
        assert_eq!(ours.err, "", "{options:?}");
    }
}

#[test]
fn raw_bytes_are_searched_as_grep_does() {
    let w = World::new();
    let bytes: Vec<u8> = (0..200_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 11) as u8)
        .flat_map(|byte| if byte == 7 { b"need\x1b[31mle\n".to_vec() } else { vec![byte] })
        .collect();
    let path = with_log(&w, &bytes);
    for flags in [&["-F"][..], &["-c"], &["-v"]] {
        let words = [&["logs", "--raw"], flags, &["-g", "need\u{1b}[31m", "1"]].concat();
        let words: Vec<&str> = words.iter().map(|w| if *w == "need\u{1b}[31m" { "need" } else { w }).collect();
        let ours = w.command(env!("CARGO_BIN_EXE_aos")).args(&words).output().expect("aos runs").stdout;
        let theirs = w.command("grep").env("LC_ALL", "C").arg("-a").args(flags).args(["need", &path]).output();
        assert!(ours == theirs.expect("grep runs").stdout, "{flags:?}");
    }
}

#[test]
fn compressed_segments_are_searched_as_grep_and_ripgrep_search_the_file() {
    let w = World::new();
    let path = with_segments(&w, &odd());
    let has_ripgrep = w.sh("rg --version").code == 0;
    for options in [
        &["error"][..],
        &["-i", "error"],
        &["-v", "error"],
        &["-c", "-i", "error"],
        &["-c", "-v", "error"],
        &["-o", "1[0-9]* [A-Z]*"],
        &["-F", "a.b"],
        &["a.b"],
        &["-A2", "99 GET"],
        &["-B1", "00 warn"],
        &["-C3", "777 "],
        &["-i", "-A1", "-B2", "error|warn"],
    ] {
        let (pattern, flags) = options.split_last().expect("a pattern");
        let words = [&["logs", "--raw"], flags, &["-g", pattern, "1"]].concat();
        let ours = w.command(env!("CARGO_BIN_EXE_aos")).args(words).output().expect("aos runs").stdout;
        let syntax = if flags.contains(&"-F") { "-a" } else { "-aE" };
        for (program, own) in [("grep", &[syntax][..]), ("rg", &["--no-mmap", "-N", "-a"])] {
            if program == "grep" || has_ripgrep {
                let mut theirs = w.command(program);
                let theirs = theirs.env("LC_ALL", "C").args(own).args(flags).args(["-e", pattern, &path]).output();
                assert!(ours == theirs.expect("it runs").stdout, "{program} {options:?}");
            }
        }
    }
}

#[test]
fn lines_have_the_numbers_that_grep_gives_them() {
    let w = World::new();
    let path = with_segments(&w, &odd());
    let rows = w.ok(&["logs", "--json", "-g", "error", "1"]);
    let ours: Vec<u64> = rows
        .lines()
        .map(|row| serde_json::from_str::<serde_json::Value>(row).expect("a row")["line"].as_u64().expect("a number"))
        .collect();
    let theirs = w.sh(&format!("LC_ALL=C grep -an error {path} | cut -d: -f1"));
    let theirs: Vec<u64> = theirs.out.lines().map(|number| number.parse().expect("a number")).collect();
    assert!(ours == theirs && theirs.len() > 5000, "{} and {}", ours.len(), theirs.len());
}

#[test]
fn the_last_lines_that_matter_are_the_last_however_many() {
    let w = World::new();
    with_log(&w, text().as_bytes());
    let all = w.ok(&["logs", "--level", "warn", "1"]);
    for lines in [1, 7, 200] {
        let last: Vec<&str> = all.lines().rev().take(lines).collect();
        let wanted: String = last.into_iter().rev().map(|line| format!("{line}\n")).collect();
        assert_eq!(w.ok(&["logs", "--level", "warn", "-n", &lines.to_string(), "1"]), wanted);
        let rows = w.ok(&["logs", "--json", "-n", &lines.to_string(), "1"]);
        let first = rows.lines().next().expect("a row");
        assert!(rows.lines().count() == lines && first.contains(&format!("\"line\":{},", 3001 - lines)), "{first}");
    }
}

#[test]
fn what_is_visible_is_found_whatever_is_hidden_in_it() {
    let w = World::new();
    with_log(&w, b"\x1b[31mer\x1b[1mror\x1b[0m: a\nerr\rover\na\0b error\n\xffok error");
    assert_eq!(w.ok(&["logs", "-g", "error", "1"]), "error: a\na\\x00b error\n\\xffok error\n");
    assert_eq!(w.ok(&["logs", "-g", "^over$", "1"]), "over\n");
    assert_eq!(w.ok(&["logs", "-c", "-g", "err", "1"]), "3\n", "what was overwritten is not there");
}

#[test]
fn the_first_and_the_last_matches() {
    let w = World::new();
    with_log(&w, b"x 1\na\nb\nx 2\nc\nd\nx 3\ne\n");
    assert_eq!(w.ok(&["logs", "-g", "x", "--head", "2", "1"]), "x 1\nx 2\n");
    assert_eq!(w.ok(&["logs", "-g", "x", "-n", "2", "1"]), "x 2\nx 3\n");
    assert_eq!(w.ok(&["logs", "-g", "x", "-n", "1", "-C1", "1"]), "d\nx 3\ne\n");
    assert_eq!(w.ok(&["logs", "--head", "2", "1"]), "x 1\na\n");
    assert_eq!(w.aos(&["logs", "--head", "2", "-n", "2", "1"]).code, 2);
}

#[test]
fn both_orders_of_words_and_several_tasks() {
    let w = World::new();
    for line in ["printf 'a\\nfind me\\nb\\n'", "echo nothing", "echo find me too"] {
        let id = w.begin(&["--shell", line]);
        w.ended(id);
    }
    for words in [&["1", "--grep", "find"][..], &["--grep", "find", "1"], &["--grep", "1", "find"]] {
        assert_eq!(w.ok(&[&["logs"], words].concat()), "find me\n", "{words:?}");
    }
    assert_eq!(w.ok(&["logs", "-g", "find", "@all"]), "task-001: find me\ntask-003: find me too\n");
    assert_eq!(w.ok(&["logs", "-A1", "-g", "find", "1,2"]), "task-001: find me\ntask-001- b\n");
    assert_eq!(w.ok(&["logs", "-c", "-g", "find", "1-3"]), "task-001: 1\ntask-002: 0\ntask-003: 1\n");
}

#[test]
fn a_bad_pattern_says_what_is_wrong_and_where() {
    let w = World::new();
    with_log(&w, b"x\n");
    let said = w.aos(&["logs", "-g", "ab(c", "1"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("unclosed group, at character 3 (`(c`)"), "{}", said.err);
    assert!(said.err.contains("hint: -F"), "{}", said.err);
    assert_eq!(w.aos(&["logs", "-F", "-g", "ab(c", "1"]).code, 1);
}

#[test]
fn a_line_of_many_megabytes_takes_little_memory() {
    let w = World::new();
    let id = w.begin(&["--no-pty", "--shell", "head -c 60000000 /dev/zero | tr '\\0' x; echo needle"]);
    w.ended(id);
    let aos = env!("CARGO_BIN_EXE_aos");
    for words in ["-c -g needle 1", "-g needle 1", "1"] {
        let said = w.sh(&format!("ulimit -v 60000; {aos} logs {words} | tail -c 7"));
        assert!(["1\n", "needle\n"].contains(&said.out.as_str()), "{words}: {said:?}");
    }
}

#[test]
fn a_pattern_with_a_line_end_is_told_as_that() {
    let w = World::new();
    with_log(&w, b"one\n");
    for words in [&["--grep", "(\n", "-F"][..], &["--grep", "a\nb"]] {
        let said = w.aos(&[&["logs", "1"], words].concat());
        assert_eq!((said.out.as_str(), said.code), ("", 2));
        assert!(said.err.contains("cannot be looked for") && !said.err.contains("group"), "{}", said.err);
        assert!(
            said.err.ends_with("  hint: each line is searched by itself: leave the line end out\n"),
            "{}",
            said.err
        );
    }
}

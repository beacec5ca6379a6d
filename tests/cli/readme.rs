//! The README's examples, run as they stand there.

use std::fs;
use std::io::Write;

use regex::Regex;

use crate::shell::Kind;
use crate::world::{World, until};

fn block(kind: &str) -> Vec<String> {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("the README");
    let fence = format!("```{kind}\n");
    let block = readme.split(&fence).nth(1).and_then(|rest| rest.split("```").next()).expect("a block");
    block.lines().map(str::to_owned).collect()
}

/// The same wherever lengths of time and pids differ.
fn without_numbers(text: &str) -> String {
    let times = Regex::new(r"\b(\d+(\.\d+)?[smh])+\b").expect("a pattern");
    let pids = Regex::new(r"(\[task-\d+\]) \d+ ").expect("a pattern");
    pids.replace_all(&times.replace_all(text, "TIME"), "$1 PID ").into_owned()
}

#[test]
fn the_console_block_is_true() {
    let w = World::new();
    let mut steps: Vec<(String, String)> = Vec::new();
    for line in block("console") {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push((command.to_owned(), String::new())),
            (None, Some((_, wanted))) => *wanted += &format!("{line}\n"),
            (None, None) => panic!("output before any command: {line}"),
        }
    }
    assert!(steps.len() > 5);
    for (command, wanted) in steps {
        let said = w.sh(&format!("{{ {command}\n}} 2>&1"));
        assert_eq!(without_numbers(&said.out), without_numbers(&wanted), "$ {command}");
    }
}

/// What the first block's npm does.
const NPM: &str = "#!/bin/sh\n\
    [ \"$1\" = test ] || exec sleep 1000\n\
    until [ -e ../go ]; do sleep 0.01; done\n\
    echo '1 failed, 41 passed'\n\
    exit 1\n";

/// Types what the block has typed, and gives what the screen shows then.
fn shown_by(kind: Kind, block: &[String]) -> Vec<String> {
    let w = World::new();
    w.sh("mkdir shop bin");
    fs::File::create(w.join("bin/npm")).and_then(|mut npm| npm.write_all(NPM.as_bytes())).expect("npm");
    w.sh("chmod +x bin/npm");
    let mut shell = kind.with_aos(&w, "PATH=$HOME/bin:$PATH\ncd ~/shop");
    match kind {
        // Else it may tell of the end before Enter, and after that.
        Kind::Zsh => shell.type_line("unsetopt notify; PROMPT='%~ %% '; clear"),
        Kind::Bash => shell.type_line("PS1='\\w % '; clear"),
    }
    let prompts: Vec<&str> = block.iter().filter_map(|line| Some(line.split_once(" %")?.1.trim())).collect();
    for (at, typed) in prompts.iter().enumerate() {
        let is_there = || {
            let rows = shell.text().lines().filter(|line| line.contains("~/shop %")).count();
            rows > at && shell.last_line().trim_end().ends_with("~/shop %")
        };
        until(is_there).unwrap_or_else(|| panic!("no prompt for `{typed}`:\n{}", shell.text()));
        match *typed {
            // Somebody sits there until the task ends, and presses Enter.
            "" if at + 1 < prompts.len() => {
                fs::File::create(w.join("go")).expect("the sign to end");
                w.ended(2);
                shell.type_line("");
            }
            "" => {}
            typed => shell.type_line(typed),
        }
    }
    let screen = shell.text().lines().map(|line| without_numbers(line.trim_end())).collect();
    shell.end();
    screen
}

#[test]
fn the_first_block_is_what_shells_show() {
    let block = block("text");
    for kind in [Kind::Zsh, Kind::Bash] {
        let line = |line: &String| match (kind, line.split_once(" % ")) {
            // The README says so below the block.
            (Kind::Bash, Some((before, typed))) if typed.contains(" &aos") => {
                let (command, options) = typed.split_once(" &aos").expect("a command");
                without_numbers(&format!("{before} % aos run -b{options} -- '{command}'"))
            }
            (Kind::Zsh | Kind::Bash, _) => without_numbers(line),
        };
        let wanted: Vec<String> = block.iter().map(line).collect();
        // zsh's counts change while the prompt stands.
        let live: Vec<String> = wanted.iter().map(|line| line.replace("2& ~/shop %", "1& 1! ~/shop %")).collect();
        let is_so = |shown: &Vec<String>| {
            let is_live = |at: usize| kind == Kind::Zsh && wanted[at].ends_with('%') && shown[at] == live[at];
            shown.len() == wanted.len() && (0..wanted.len()).all(|at| shown[at] == wanted[at] || is_live(at))
        };
        // A prompt may stand before its task is counted, on a busy machine.
        let mut shown = shown_by(kind, &block);
        for _ in 0..4 {
            if is_so(&shown) {
                break;
            }
            shown = shown_by(kind, &block);
        }
        assert!(is_so(&shown), "{kind:?} shows {shown:#?}, not {wanted:#?}");
    }
}

//! Source files that a log names are told of as they are now: gone, changed, anything.

use std::fs;

use serde_json::{Value, json};

use crate::world::World;

/// A log of an error of the compiler in each of these files, in its third line.
fn log_of(world: &World, files: &[&str]) {
    let one = |file: &&str| format!("{file}:3:1: error: no such thing {}\n", file.replace('/', "-"));
    fs::create_dir_all(world.join("p/.git")).expect("a directory");
    put(world, "p/log", &files.iter().map(one).collect::<String>());
}

fn put(world: &World, name: &str, text: &str) {
    let made = world.sh(&format!("cat > {name} <<'END'\n{text}END\n"));
    assert_eq!(made.code, 0, "{made:?}");
}

/// What `--json` tells of the source of each finding, by its file.
fn sources(world: &World) -> Vec<(String, Value)> {
    let said = world.sh("cd p && timeout 20 aos debug --json --file log -x 1");
    let told: Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"));
    let all = told["diagnostics"].as_array().cloned().unwrap_or_default();
    all.into_iter().map(|one| (one["file"].as_str().unwrap_or_default().to_owned(), one["source"].clone())).collect()
}

const LINES: &str = "one\ntwo\nthree\nfour\n";

#[test]
fn a_file_that_is_gone_or_is_none_is_told_and_not_waited_for() {
    let world = World::new();
    let files = [
        "fine.c",
        "gone.c",
        "dir.c",
        "fifo.c",
        "short.c",
        "binary.c",
        "huge.c",
        "link.c",
        "/etc/outside.c",
        "x/../../out.c",
    ];
    log_of(&world, &files);
    for name in ["p/fine.c", "out.c"] {
        put(&world, name, LINES);
    }
    put(&world, "p/short.c", "one\n");
    let made = world.sh("cd p && mkdir dir.c x && mkfifo fifo.c && printf 'a\\0b\\nc\\nd\\n' > binary.c && \
         head -c 5000000 /dev/zero | tr '\\0' '\\n' > huge.c && ln -s ../out.c link.c && touch -d 2020-01-01 *.c");
    assert_eq!(made.code, 0, "{made:?}");
    let state = |(file, source): (String, Value)| (file, source["state"].as_str().unwrap_or_default().to_owned());
    let told: Vec<(String, String)> = sources(&world).into_iter().map(state).collect();
    let wanted = ["there", "gone", "unfit", "unfit", "short", "unfit", "unfit", "outside", "gone", "outside"];
    let wanted: Vec<(String, String)> =
        files.iter().zip(wanted).map(|(file, state)| ((*file).to_owned(), state.to_owned())).collect();
    assert_eq!(told, wanted);
    let text = world.sh("cd p && timeout 20 aos debug --file log -x 1").out;
    for part in [
        ">     3 | three",
        "at gone.c:3:1 (not there)",
        "at dir.c:3:1 (it is a directory, not a regular file)",
        "at fifo.c:3:1 (it is a FIFO, not a regular file)",
        "at short.c:3:1 (has only 1 lines: it changed, or is another file)",
        "at binary.c:3:1 (it is no text)",
        "at huge.c:3:1 (it is longer than 4",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(text.matches(" | three").count(), 1, "nothing outside of the project is read: {text}");
}

#[test]
fn a_file_that_changed_since_the_run_is_said_to_have() {
    let world = World::new();
    log_of(&world, &["a.c", "b.c"]);
    for name in ["p/a.c", "p/b.c"] {
        put(&world, name, LINES);
    }
    let begun =
        world.sh("cd p && touch -d 2020-01-01 a.c b.c && aos run --shell 'cat log; exit 1'; touch -d tomorrow b.c");
    assert_eq!(begun.code, 0, "{begun:?}");
    world.aos(&["wait", "1"]);
    let said = world.aos(&["debug", "1", "--json"]);
    let told: Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"));
    let source = |at: usize| told["diagnostics"][at]["source"].clone();
    assert_eq!(source(0), json!({ "state": "there", "text": "three" }));
    let remark = "changed since: another line may stand there now";
    assert_eq!(source(1), json!({ "state": "changed", "text": "three", "remark": remark }));
    let text = world.aos(&["debug", "1"]).out;
    assert!(text.contains("at a.c:3:1\n") && text.contains(&format!("at b.c:3:1 ({remark})\n")), "{text}");
    let quickfix = world.aos(&["debug", "1", "--quickfix"]).out;
    let lines: Vec<&str> = quickfix.lines().collect();
    assert!(lines[0].ends_with("a.c") && lines[1].ends_with(&format!("(b.c {remark})")), "{quickfix}");
    let sarif: Value = serde_json::from_str(&world.aos(&["debug", "1", "--sarif"]).out).expect("JSON");
    let results = &sarif["runs"][0]["results"];
    let state = |at: usize| results[at]["properties"]["sourceState"].clone();
    assert_eq!((state(0), state(1)), (json!("there"), json!("changed")));
}

#[test]
fn a_secret_in_a_line_of_source_is_hidden() {
    let world = World::new();
    log_of(&world, &["a.c"]);
    put(&world, "p/a.c", "one\ntwo\ntoken = s3cr3t_value\n");
    world.sh("cd p && API_TOKEN=s3cr3t_value aos run --shell 'cat log; exit 1'");
    world.aos(&["wait", "1"]);
    for words in [&["debug", "1"][..], &["debug", "1", "--json"]] {
        let said = world.aos(words).out;
        assert!(!said.contains("s3cr3t") && said.contains("token = ***"), "{said}");
    }
}

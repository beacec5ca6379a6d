//! `tasks`, `show`, `why`, selectors, `rm`, `clean`, and a bare `aos`.

use std::fs;

use crate::server::{free_port, server};
use crate::world::{World, until};

#[test]
fn the_list_shows_how_each_task_stands() {
    let w = World::new();
    w.begin(&["-n", "web", "sleep", "1000"]);
    for line in ["true", "exit 3", "kill -SEGV $$"] {
        let id = w.begin(&[line]);
        w.ended(id);
    }
    w.begin(&["-n", "halted", "sleep", "1000"]);
    w.ok(&["pause", "halted"]);
    let out = w.ok(&["tasks"]);
    let columns: Vec<Vec<&str>> =
        out.lines().map(|l| l.split("  ").map(str::trim).filter(|c| !c.is_empty()).collect()).collect();
    assert_eq!(columns[0], ["ID", "NAME", "STATUS", "TIME", "COMMAND"]);
    let told: Vec<(&str, &str, &str)> = columns[1..].iter().map(|c| (c[0], c[1], c[2])).collect();
    assert_eq!(
        told,
        [
            ("task-001", "web", "running"),
            ("task-002", "true", "succeeded"),
            ("task-003", "exit-3", "failed (3)"),
            ("task-004", "kill", "failed (SIGSEGV)"),
            ("task-005", "halted", "paused"),
        ]
    );
    assert_eq!(columns[1][4], "sleep 1000");
    assert!(!out.contains('\u{1b}'), "no colour in a pipe");
    w.ok(&["stop", "web,halted"]);
}

#[test]
fn json_has_the_contracts_fields() {
    let w = World::new();
    w.begin(&["-n", "web", "--", "false"]);
    w.ended(1);
    let row = w.json(&["tasks", "--json"])[0].clone();
    let wanted =
        ["id", "name", "command", "cwd", "status", "exit_code", "pid", "supervisor_pid", "started", "ended", "log"];
    assert!(wanted.iter().all(|field| row.get(field).is_some()), "{row}");
    assert_eq!(
        (&row["id"], &row["name"], &row["command"], &row["exit_code"]),
        (&"task-001".into(), &"web".into(), &"false".into(), &1.into())
    );
    assert_eq!(row["cwd"], w.path().to_string_lossy().as_ref());
    let stamp = row["started"].as_str().expect("a stamp");
    assert!(stamp.len() == 24 && stamp.ends_with('Z'), "{stamp}");
    assert!(row.get("signal").is_none() && row.get("reason").is_none(), "what is not so is not there: {row}");
}

#[test]
fn the_list_can_be_narrowed() {
    let w = World::new();
    fs::create_dir(w.join("sub")).expect("a directory");
    for words in [&["true"][..], &["false"], &["-C", "sub", "sleep", "1000"]] {
        w.begin(words);
    }
    w.aos(&["wait", "1", "2"]);
    let ids = |words: &[&str]| {
        let rows = w.json(&[&["tasks", "--json"], words].concat());
        rows.as_array().expect("rows").iter().map(|r| r["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&["--status", "failed"]), ["task-002"]);
    assert_eq!(ids(&["--status", "running", "--status", "succeeded"]), ["task-001", "task-003"]);
    assert_eq!(w.sh("cd sub; aos tasks --here --json").out.matches("\"id\"").count(), 1);
    assert_eq!(w.aos(&["ls", "--status", "nonsense"]).code, 2);
    w.ok(&["stop", "3"]);
}

#[test]
fn show_tells_everything_of_the_living_and_the_dead() {
    let w = World::new();
    w.begin(&["sleep 1000 & sleep 1001 & wait"]);
    let is_sleep = |process: &&serde_json::Value| process["name"] == "sleep";
    until(|| w.row(1)["processes"].as_array().is_some_and(|all| all.iter().filter(is_sleep).count() == 2))
        .expect("three processes, of which two were executed");
    let text = w.ok(&["show", "1"]);
    for part in ["task-001", "sleep 1000 & sleep 1001 & wait", "running", "80 x 24", "bash (pid ", "sleep (pid "] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    w.ok(&["stop", "1"]);
    w.begin(&["x=0; while [ $x -lt 100000 ]; do x=$((x+1)); done"]);
    let row = w.ended(2);
    let end = &row["end"];
    assert!(end["user_time"].as_u64().expect("cpu") > 0 && end["wall"].as_u64() >= end["user_time"].as_u64(), "{end}");
    assert!(end["peak_memory"].as_u64().expect("memory") > 100_000, "{end}");
    assert!(w.ok(&["show", "2"]).contains("succeeded (exit 0) after "));
    w.begin(&["head -c 100000000 /dev/zero | tail -c 99999999 >/dev/null"]);
    let end = &w.ended(3)["end"];
    assert!(end["peak_memory"].as_u64().expect("memory") > 90_000_000 && end["peak_is_bound"].is_null(), "{end}");
    // It takes less than whoever began it, which the kernel counts as its own.
    w.begin(&["true"]);
    assert_eq!(w.ended(4)["end"]["peak_is_bound"], true);
    assert!(w.ok(&["show", "4"]).contains("at most "));
}

#[test]
fn show_has_no_empty_rows_and_the_address_as_it_was_printed() {
    let w = World::new();
    let port = free_port();
    let script = format!("listen {port}; print Local:   http://LOCALHOST:{port}");
    let words = server(&script);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    w.aos(&[&["run", "-b", "-n", "web", "--ready", "auto", "--wait=ready"], &words[..]].concat());
    w.begin(&["-n", "later", "--after", "web", "true"]);
    for words in [&["show", "1"][..], &["show", "2"], &["show", "1", "2"]] {
        let shown = w.ok(words);
        let empty = |line: &&str| line.trim_end().len() < 12;
        let between = usize::from(words.len() > 2);
        assert_eq!(shown.lines().filter(empty).count(), between, "{shown}");
        assert!(!shown.ends_with("\n\n"), "{shown:?}");
    }
    let shown = w.ok(&["show", "1"]);
    assert!(shown.contains(&format!(": it printed http://LOCALHOST:{port} and listens there\n")), "{shown}");
    assert!(shown.contains(&format!("  url  http://localhost:{port}\n")), "{shown}");
    w.ok(&["stop", "web"]);
}

#[test]
fn processor_time_of_adopted_descendants_counts() {
    let w = World::new();
    let burn = "(x=0; while [ $x -lt 200000 ]; do x=$((x+1)); done; touch burnt) & disown; until [ -e burnt ]; do sleep 0.01; done; sleep 0.05";
    let id = w.begin(&[&format!("({burn})")]);
    let end = w.ended(id)["end"].clone();
    assert!(end["user_time"].as_u64().expect("cpu") >= 50, "{end}");
}

#[test]
fn why_tells_the_story() {
    let w = World::new();
    w.begin(&["sleep", "1000"]);
    w.ok(&["stop", "1"]);
    let story = w.ok(&["why", "1"]);
    let told: Vec<&str> = story.lines().skip(1).map(|l| l.rsplit("  ").next().expect("an event")).collect();
    assert!(told[0].starts_with("born as pid "), "{story}");
    assert_eq!(told[1], "the command was executed");
    assert!(told[2].starts_with("aos stop (pid ") && told[2].ends_with("asked for a stop"), "{story}");
    assert_eq!(told[3], "SIGTERM to 1 process");
    assert_eq!(told[4], "the leader ended: killed by SIGTERM");
    assert!(told[5].starts_with("over after "), "{story}");
    assert_eq!(w.json(&["why", "1", "--json"])["events"].as_array().expect("events").len(), 6);
}

#[test]
fn verbs_that_look_take_the_only_running_task_or_the_newest() {
    let w = World::new();
    assert_eq!(w.aos(&["logs"]).err, "aos: there are no tasks yet\n  hint: aos run -b COMMAND begins one\n");
    for line in ["echo first; sleep 1000", "echo second", "echo third"] {
        w.begin(&[line]);
    }
    w.aos(&["wait", "2", "3"]);
    w.until_logged(1, "first");
    assert_eq!(w.ok(&["logs"]), "first\n");
    w.ok(&["stop", "1"]);
    assert_eq!(w.ok(&["logs"]), "third\n");
    assert_eq!(w.aos(&["stop"]).code, 2, "verbs that destroy want an id");
}

#[test]
fn selectors_choose_and_refuse() {
    let w = World::new();
    for name in ["web", "web", "db"] {
        w.begin(&["-n", name, "sleep", "1000"]);
    }
    let unknown = w.aos(&["show", "webb"]);
    assert_eq!(
        (unknown.err.as_str(), unknown.code),
        ("aos: there is no task webb\n  hint: near: task-002 (web), task-001 (web)\n", 3)
    );
    assert_eq!(w.aos(&["show", "99"]).code, 3);
    let ambiguous = w.aos(&["stop", "web"]);
    assert_eq!(ambiguous.err, "aos: web could be any of task-001 (web), task-002 (web)\n  hint: name one by its id\n");
    assert_eq!(ambiguous.code, 4);
    assert_eq!(w.aos(&["stop", "a b"]).code, 2);
    assert_eq!(w.ok(&["stop", "w*"]).lines().count(), 2);
    assert!(w.ok(&["stop", "%%"]).starts_with("[task-003]"));
    let error: serde_json::Value = serde_json::from_str(&w.aos(&["show", "99", "--json"]).err).expect("JSON");
    assert_eq!((&error["code"], error["hint"].is_string()), (&3.into(), true));
}

#[test]
fn hostile_names_and_commands_do_not_drive_the_terminal() {
    let w = World::new();
    let command = "true \u{1b}]0;title\u{7}\u{1b}[2J\n\u{202e}x";
    let id = w.begin(&["--", "true", command]);
    w.ended(id);
    for words in [&["tasks"][..], &["show", "1"], &["why", "1"], &["overview"], &[]] {
        let out = w.ok(words);
        assert!(!out.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{out:?}");
    }
    assert!(w.ok(&["show", "1"]).contains("\\x1b]0;title\\x07\\x1b[2J\\n\\xe2\\x80\\xaex"));
}

#[test]
fn rm_removes_what_is_over_and_nothing_else() {
    let w = World::new();
    w.begin(&["true"]);
    w.begin(&["sleep", "1000"]);
    w.ended(1);
    let log = w.ok(&["logs", "--path", "1"]);
    w.ok(&["tasks"]);
    let refused = w.aos(&["rm", "1", "2"]);
    assert_eq!(
        (refused.err.as_str(), refused.code),
        ("aos: task-002 is not removed: it is running\n  hint: aos stop task-002 first\n", 1)
    );
    assert!(!std::path::Path::new(log.trim()).exists());
    assert!(!w.task(1, "").exists());
    assert_eq!(w.json(&["tasks", "-a", "--json"]).as_array().expect("rows").len(), 1);
    assert_eq!(w.aos(&["show", "1"]).code, 3);
    w.ok(&["stop", "2"]);
}

#[test]
fn rm_of_a_range_or_a_class_removes_what_it_can_and_names_both() {
    let w = World::new();
    w.begin(&["true"]);
    w.begin(&["-n", "web", "sleep", "1000"]);
    w.begin(&["-n", "web", "true"]);
    w.aos(&["wait", "1", "3"]);
    let said = w.aos(&["rm", "1-3"]);
    assert_eq!(said.out, "[task-001] removed: true\n[task-003] removed: true\n");
    let refused = "aos: task-002 is not removed: it is running\n  hint: aos stop task-002 first\n";
    assert_eq!((said.err.as_str(), said.code), (refused, 1));
    for (class, id) in [("@all", 4), ("w*", 5)] {
        w.ended(w.begin(&["-n", "web", "true"]));
        let said = w.aos(&["rm", class]);
        assert_eq!(said.out, format!("[task-00{id}] removed: true\n"));
        assert_eq!((said.err.as_str(), said.code), ("aos: task-002 is kept: it is running\n", 0), "{class}");
    }
    let none = w.aos(&["rm", "@done"]);
    assert_eq!((none.err.as_str(), none.code), ("aos: no finished task matches @done\n", 1));
    w.ended(w.begin(&["true"]));
    assert_eq!(
        w.json(&["rm", "@all", "--json"]),
        serde_json::json!({ "version": 1, "removed": ["task-006"], "uncleared": 0 })
    );
    w.ok(&["stop", "2"]);
}

#[test]
fn a_class_or_glob_means_the_tasks_that_a_verb_can_do_something_with() {
    let w = World::new();
    for (name, command) in [("web", "sleep 1000"), ("web-test", "true"), ("db", "sleep 1000")] {
        w.begin(&["-n", name, command]);
    }
    w.begin(&["-n", "later", "--after", "web", "true"]);
    w.ended(2);
    for words in [["pause", "@all"], ["resume", "@all"], ["pause", "w*"], ["resume", "@here"]] {
        assert_eq!(w.ok(&words), "", "{words:?}");
    }
    assert_eq!(w.ok(&["signal", "WINCH", "@all"]), "", "one that is queued gets no signal");
    assert_eq!(w.row(1)["status"], "running");
    let none = w.aos(&["resume", "@all"]);
    assert_eq!((none.err.as_str(), none.code), ("aos: no paused task matches @all\n", 1));
    assert_eq!(w.ok(&["stop", "@all"]).lines().count(), 3);
    let none = w.aos(&["stop", "@all"]);
    assert_eq!((none.err.as_str(), none.code), ("aos: no living task matches @all\n", 1));
    let range = w.aos(&["stop", "1-2"]);
    assert_eq!(
        (range.err.lines().filter(|line| line.starts_with("aos: task-00")).count(), range.code),
        (2, 1),
        "{range:?}"
    );
}

#[test]
fn clean_removes_what_ended_long_ago() {
    let w = World::new();
    w.begin(&["true"]);
    w.begin(&["sleep", "1000"]);
    w.ended(1);
    assert_eq!(w.ok(&["clean"]), "");
    let said = w.ok(&["clean", "--older", "0s", "--dry-run"]);
    assert!(said.starts_with("[task-001] would be removed: true\n1 task would be removed, "), "{said}");
    let foretold = w.json(&["clean", "--older", "0s", "--dry-run", "--json"]);
    assert_eq!(foretold["removed"], serde_json::json!(["task-001"]));
    let done = w.json(&["clean", "--older", "0s", "--json"]);
    assert_eq!((&done["removed"], &done["freed"]), (&foretold["removed"], &foretold["freed"]));
    assert_eq!(w.json(&["tasks", "-a", "--json"]).as_array().expect("rows").len(), 1);
    w.ok(&["stop", "2"]);
}

#[test]
fn a_bare_aos_tells_what_goes_on_here() {
    let w = World::new();
    assert_eq!(w.ok(&[]), "No tasks in this directory. `aos run -b COMMAND` begins one; `aos --help` tells more.\n");
    fs::create_dir(w.join("sub")).expect("a directory");
    w.begin(&["-C", "sub", "-n", "web", "sleep", "1000"]);
    assert!(w.ok(&[]).contains("web"));
    assert!(w.sh("cd /; aos").out.contains("task-001"), "/ is above all");
    fs::create_dir(w.join("other")).expect("a directory");
    assert!(w.sh("cd other; aos").out.ends_with("1 running elsewhere: aos tasks\n"));
    w.ok(&["stop", "1"]);
}

#[test]
fn help_names_every_verb_and_an_unknown_one_is_refused() {
    let w = World::new();
    let help = w.ok(&["--help"]);
    for verb in [
        "run", "tasks", "show", "why", "logs", "monitor", "wait", "stop", "kill", "restart", "pause", "resume",
        "signal", "rm", "clean", "init", "doctor",
    ] {
        assert!(help.lines().any(|l| l.trim_start().starts_with(verb)), "{verb}: {help}");
        assert!(w.ok(&[verb, "--help"]).contains("Usage: aos "), "{verb}");
    }
    let said = w.aos(&["stpo", "1"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("stop"), "{}", said.err);
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let w = World::new();
    w.begin(&["seq", "1", "100000"]);
    w.ended(1);
    assert_eq!(w.sh("aos logs 1 | head -n 1; aos tasks | true").err, "");
}

#[test]
fn completions_are_those_that_are_checked_in() {
    let w = World::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for (shell, file) in
        [("bash", "completions/aos.bash"), ("zsh", "completions/_aos"), ("fish", "completions/aos.fish")]
    {
        let checked_in = fs::read_to_string(root.join(file)).unwrap_or_default();
        assert!(w.ok(&["completions", shell]) == checked_in, "{file} is not what `aos completions {shell}` prints");
    }
}

#[test]
fn rows_stand_below_each_other_whatever_their_characters_take() {
    let w = World::new();
    for name in ["日本語", "web"] {
        let id = w.begin(&["-n", name, "true"]);
        w.ended(id);
    }
    let tasks = w.ok(&["tasks", "-a"]);
    let before = |line: &str, text: &str| line[..line.find(text).expect(text)].to_owned();
    let starts: Vec<String> = tasks.lines().skip(1).map(|line| before(line, "succeeded")).collect();
    assert_eq!(starts, ["task-001  日本語  ", "task-002  web     "], "{tasks}");
    let rows = w.ok(&["__complete", "--columns", "31", "any", "--", ""]);
    assert!(
        rows.starts_with(
            "task-002  succeeded  web     t…\ntask-001  succeeded  日本語  t…\n@last     the newest task\n"
        ),
        "{rows}"
    );
}

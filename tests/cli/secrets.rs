//! What a task's environment names as secret is not shown.

use crate::terminal::Screen;
use crate::world::World;

const TOKEN: &str = "ghp_abcdef0123456789";

/// A task that prints a secret in several ways, over.
fn leaky(w: &World) {
    let script = "echo plain $GITHUB_TOKEN end; printf ghp_abcdef; sleep 0.1; echo 0123456789; \
                  printf '\\033[31m%s\\033[0m\\n' $GITHUB_TOKEN; echo $KEYBOARD $DEBUG_TOKEN; printf 'open %s' $GITHUB_TOKEN";
    let variables = [format!("GITHUB_TOKEN={TOKEN}"), "KEYBOARD=german-layout".into(), "DEBUG_TOKEN=1".into()];
    let mut words: Vec<&str> = variables.iter().flat_map(|variable| ["-e", variable]).collect();
    words.extend(["--shell", script]);
    let id = w.begin(&words);
    w.ended(id);
}

#[test]
fn secrets_are_shown_only_to_who_asks_for_them() {
    let w = World::new();
    leaky(&w);
    let shown = "plain *** end\n***\n***\ngerman-layout 1\nopen ***";
    assert_eq!(w.ok(&["logs", "1"]), shown);
    assert_eq!(w.ok(&["logs", "-f", "1"]), shown);
    assert_eq!(w.ok(&["logs", "-n", "1", "1"]), "open ***");
    assert_eq!(w.ok(&["logs", "-g", "end|open", "1"]), "plain *** end\nopen ***\n");
    assert_eq!(w.ok(&["logs", "-o", "-g", "o?pen \\w+|n ghp\\w*|end", "1"]), "end\n", "what is hidden does not match");
    assert_eq!(w.ok(&["logs", "--raw", "1"]), shown.replacen("\n***\n***", "\n***\n\u{1b}[31m***\u{1b}[0m", 1));
    assert!(w.ok(&["logs", "--raw", "--unmask", "1"]).into_bytes() == w.log(1));
    assert_eq!(w.ok(&["logs", "--unmask", "-g", "end", "1"]), format!("plain {TOKEN} end\n"));
    assert!(String::from_utf8_lossy(&w.log(1)).contains(TOKEN), "the log itself is whole");
}

#[test]
fn other_views_do_not_show_them_either() {
    let w = World::new();
    leaky(&w);
    for words in [&["peek", "1"][..], &["peek", "--json", "1"], &["monitor", "--logs", "1"]] {
        let said = w.ok(words);
        assert!(said.contains("***") && !said.contains(TOKEN), "{words:?}: {said}");
    }
    let said = w.aos(&[
        "run",
        "-b",
        "--wait=ready",
        "-e",
        &format!("GITHUB_TOKEN={TOKEN}"),
        "--shell",
        "echo $GITHUB_TOKEN; exit 3",
    ]);
    assert!(said.err.contains("***") && !said.err.contains(TOKEN), "{said:?}");
}

#[test]
fn what_shows_that_a_task_is_ready_shows_no_secret() {
    let w = World::new();
    let variables = ["-e", "GH_PAT=ghp_abcdef0123456789", "-e", "DB_CONNECTION_STRING=Server=db;Password=hunter22"];
    // The second ends within a secret.
    for (id, script) in [
        (1, "echo listening $GH_PAT ${DB_CONNECTION_STRING##*=} $DB_CONNECTION_STRING; sleep 1000"),
        (2, "printf 'listening %s %s' ${DB_CONNECTION_STRING##*=} ${GH_PAT%0*}; sleep 1000"),
    ] {
        let options = ["run", "-b", "--ready", "log:listening", "--wait=ready"];
        let begun = w.aos(&[&options[..], &variables, &["--shell", script]].concat());
        let id = id.to_string();
        let mut told = vec![begun.out, begun.err];
        for words in [
            &["why", &id][..],
            &["why", &id, "--json"],
            &["show", &id],
            &["show", &id, "--json"],
            &["tasks", "--json"],
            &["wait", &id, "--for", "ready"],
            &["wait", &id, "--for", "ready", "--json"],
            &["wait", &id, "--for", "/listening/"],
            &["wait", &id, "--for", "/listening/", "--json"],
        ] {
            let said = w.aos(words);
            assert_eq!(said.code, 0, "{words:?}: {said:?}");
            told.extend([said.out, said.err]);
        }
        let number = id.parse().expect("a number");
        for file in ["status.json", "journal.jsonl"] {
            told.push(std::fs::read_to_string(w.task(number, file)).expect(file));
        }
        for text in &told {
            assert!(!text.contains("ghp_ab") && !text.contains("hunter"), "{text}");
        }
        assert!(told.iter().filter(|text| text.contains("listening ***")).count() >= 5, "{told:#?}");
    }
    w.ok(&["kill", "1", "2"]);
}

/// Every way in which a line of a log leaves.
const VIEWS: [&[&str]; 14] = [
    &["logs", "1"],
    &["logs", "--raw", "1"],
    &["logs", "--json", "1"],
    &["logs", "--timestamps", "1"],
    &["logs", "--level", "error", "1"],
    &["logs", "-g", "end", "1"],
    &["logs", "-o", "-g", ".*", "1"],
    &["logs", "-o", "-g", ".*", "--timestamps", "1"],
    &["logs", "-f", "1"],
    &["logs", "--merge", "1", "2"],
    &["logs", "-n", "3", "1"],
    &["peek", "1"],
    &["peek", "--json", "1"],
    &["monitor", "--logs", "1"],
];

#[test]
fn variables_of_the_shell_are_hidden_though_they_are_not_exported() {
    let w = World::new();
    let state = format!(
        "#aos-shell-state 1 bash /bin/bash\ndeclare -- API_TOKEN=\"{TOKEN}\"\ndeclare -a DB_PASS=([0]=\"hunter 22\")\n"
    );
    std::fs::File::create(w.join("state"))
        .and_then(|mut file| std::io::Write::write_all(&mut file, state.as_bytes()))
        .expect("a file");
    let line = "echo error $API_TOKEN end; echo error ${DB_PASS[0]} end";
    w.begin(&["--shell-state", "state", "--", line]);
    w.ended(1);
    w.begin(&["echo other"]);
    w.ended(2);
    assert!(String::from_utf8_lossy(&w.log(1)).contains(TOKEN), "it had the state");
    for words in VIEWS {
        let said = w.aos(words);
        assert!(said.out.contains("***") && !said.out.contains("ghp_"), "{words:?}: {said:?}");
        assert!(!said.out.contains("hunter 22"), "{words:?}: {said:?}");
    }
}

#[test]
fn what_is_not_seen_within_a_secret_shows_it_to_nobody() {
    let w = World::new();
    let line = r"printf 'error ghp_abc\033[31mdef\033[0m012\033]0;t\0073456789 end\nerror ghp_abc\342\200\213def0123456789 end\n'";
    w.begin(&["-e", &format!("GITHUB_TOKEN={TOKEN}"), "--shell", line]);
    w.ended(1);
    w.begin(&["echo other"]);
    w.ended(2);
    for words in VIEWS {
        let said = w.aos(words);
        assert!(said.out.contains("***") && !said.out.contains("ghp_"), "{words:?}: {said:?}");
        let words = [&[env!("CARGO_BIN_EXE_aos")][..], words].concat();
        if words[1] == "monitor" {
            continue;
        }
        let mut screen = Screen::open(&w, &words, 24, 100);
        screen.until("***");
        assert!(!screen.text().contains("ghp_"), "{words:?}: {}", screen.text());
        screen.until_ended();
    }
}

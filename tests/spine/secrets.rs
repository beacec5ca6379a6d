//! What a task's environment names as secret is not shown.

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
    for words in [&["peek", "1"][..], &["peek", "--json", "1"], &["monitor", "1"]] {
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

//! Words that are not aos's: those of other tools, mistyped ones, and whether colours are wanted.

use crate::world::World;

#[test]
fn the_words_of_other_tools_lead_to_the_verb_that_does_it() {
    let w = World::new();
    let id = w.begin(&["-n", "web", "true"]);
    w.ended(id);
    for (words, hint) in [
        (&["tail"][..], "aos logs -n 20 ID"),
        (&["tail", "-f", "web"], "aos logs -f ID"),
        (&["status"], "aos tasks lists all"),
        (&["top"], "aos monitor"),
        (&["jobs"], "aos tasks"),
        (&["fg", "1"], "aos attach ID"),
        (&["start", "npm", "run", "dev"], "aos run -b COMMAND"),
        (&["help", "tail"], "aos logs -n 20 ID"),
        (&["kill", "-9", "1"], "aos kill ID does that"),
        (&["kill", "-TERM", "1"], "aos stop -s TERM ID ends a task with it, aos signal TERM ID only sends it"),
        (&["stop", "-HUP", "1"], "aos stop -s HUP ID"),
        (&["signal", "-USR1", "1"], "aos signal USR1 ID"),
        (&["logs", "-20", "1"], "aos logs -n 20 ID"),
        (&["logs", "--tail=20", "1"], "aos logs -n 20 ID"),
        (&["rm", "-rf", "1"], "aos stop ID first"),
        (&["run", "-d", "true"], "aos run -b COMMAND"),
        (&["ps", "-ef"], "aos tasks -a lists all"),
        (&["ps", "aux"], "aos tasks -a"),
    ] {
        let said = w.aos(words);
        assert_eq!((said.out.as_str(), said.code), ("", 2), "{words:?}: {said:?}");
        assert!(said.err.starts_with("aos: ") && said.err.contains(hint), "{words:?}: {}", said.err);
        assert!(!said.err.contains("tip:"), "{words:?}: {}", said.err);
    }
    assert_eq!(w.json(&["ls", "-a", "--json"]), w.json(&["tasks", "--all", "--json"]));
    assert_eq!(w.json(&["ps", "--json"]), w.json(&["tasks", "list", "--json"]));
    assert_eq!(w.row(1)["status"], "succeeded", "and nothing was done");
}

#[test]
fn only_what_is_near_is_offered() {
    let w = World::new();
    for name in ["web", "web", "database"] {
        let id = w.begin(&["-n", name, "true"]);
        w.ended(id);
    }
    let unknown = |word: &str| w.aos(&["show", word]).err;
    assert_eq!(unknown("webb"), "aos: there is no task webb\n  hint: near: task-002 (web), task-001 (web)\n");
    assert_eq!(unknown("databsae"), "aos: there is no task databsae\n  hint: near: task-003 (database)\n");
    for far in ["nginx", "x", "99"] {
        let text = if far == "99" { "task-099" } else { far };
        assert_eq!(unknown(far), format!("aos: there is no task {text}\n  hint: aos tasks -a lists all\n"));
    }
    let verb = |word: &str| w.aos(&[word]);
    assert_eq!(verb("tsks").err, "aos: there is no verb `tsks`\n  hint: near: tasks; aos --help lists all\n");
    for far in ["xyzzy", "a1", "--"] {
        let said = verb(far);
        assert!(said.code == 2 && !said.err.contains("near"), "{far}: {said:?}");
    }
    let status = w.aos(&["tasks", "--status", "a,b"]);
    assert!(status.code == 2 && status.err.contains("`a`") && !status.err.contains("near"), "{status:?}");
    let status = w.aos(&["tasks", "--status", "faild"]);
    assert!(status.err.contains("near: failed"), "{status:?}");
}

#[test]
fn an_unknown_option_before_a_verb_is_an_error() {
    let w = World::new();
    for (words, hint) in [
        (&["--verison"][..], "near: --version"),
        (&["-v"], "near: -V"),
        (&["--hlep"], "near: --help"),
        (&["--colr=always", "tasks"], "near: --color"),
        (&["--nosuch", "tasks"], "aos --help lists what may stand there"),
        (&["--json", "tasks"], "there is no option `--json` before a verb"),
        (&["-b", "tasks"], "there is no option `-b` before a verb"),
        (&["--", "tasks"], "aos --help"),
        (&["--color=mauve", "tasks"], "it is one of auto, always, never"),
        (&["--color"], "it is one of auto, always, never"),
    ] {
        let said = w.aos(words);
        assert_eq!((said.out.as_str(), said.code), ("", 2), "{words:?}: {said:?}");
        assert!(said.err.contains(hint), "{words:?}: {}", said.err);
    }
    // What `aos run` has may be the rest of `command &aos -n web` where no shell saw that.
    for words in [&["-n", "web"][..], &["-nweb"], &["--name=web"], &["--timeout", "1s"]] {
        let said = w.aos(words);
        assert!(said.code == 0 && said.err.contains("was not seen by a shell"), "{words:?}: {said:?}");
    }
}

#[test]
fn what_is_no_number_no_status_and_not_there_is_said() {
    let w = World::new();
    for (words, part) in [
        (&["logs", "-n", "abc"][..], "aos: --lines abc: it is not a whole number"),
        (&["logs", "-n", "99999999999999999999"], "the number is too large"),
        (&["logs", "-C", "x", "-g", "y"], "it is not a whole number"),
        (&["run", "-b", "--retries", "few", "true"], "it is not a whole number"),
        (&["run", "-b", "--watch", "typo_dir", "true"], "aos: cannot watch typo_dir: it is not there\n  hint: "),
        (&["run", "-b", "--watch", "typo/**/*.rs", "true"], "aos: cannot watch typo: it is not there\n  hint: "),
    ] {
        let said = w.aos(words);
        assert_eq!((said.out.as_str(), said.code), ("", 2), "{words:?}: {said:?}");
        assert!(said.err.contains(part), "{words:?}: {}", said.err);
    }
    assert_eq!(w.json(&["tasks", "-a", "--json"]), serde_json::json!([]), "nothing was begun");
    for line in ["exit 3", "true", "kill -9 $$"] {
        let id = w.begin(&[line]);
        w.ended(id);
    }
    let of = |status: &str| w.json(&["tasks", "-a", "--json", "--status", status]).as_array().map(Vec::len);
    assert_eq!((of("failed"), of("failed,succeeded"), of("stopped,lost")), (Some(2), Some(3), Some(0)));
}

/// Every way of printing colours, as lines of sh.
const COLOURING: [&str; 12] = [
    "aos tasks",
    "aos",
    "aos show 1",
    "aos why 1",
    "aos logs 1",
    "aos logs -n 1 1",
    "aos logs -g red 1",
    "aos logs --timestamps 1",
    "aos logs 1 2",
    "aos monitor --logs 1 2",
    "aos doctor",
    "aos nosuch 2>&1",
];

#[test]
fn colours_are_as_they_are_wanted() {
    let w = World::new();
    let id = w.begin(&["printf '\\033[31mred\\033[0m\\n'"]);
    w.ended(id);
    let id = w.begin(&["exit 3"]);
    w.ended(id);
    let is_coloured = |line: &str| w.sh(line).out.contains("\u{1b}[");
    for line in COLOURING {
        let with = |option: &str| line.replacen("aos", &format!("aos {option}"), 1);
        assert!(!is_coloured(line), "{line}: not in a pipe");
        assert!(is_coloured(&format!("CLICOLOR_FORCE=1 {line}")), "{line}: forced");
        assert!(!is_coloured(&format!("NO_COLOR=1 CLICOLOR_FORCE=1 {line}")), "{line}: NO_COLOR is stronger");
        assert!(is_coloured(&with("--color=always")), "{line}: always");
        assert!(is_coloured(&format!("NO_COLOR=1 {}", with("--color always"))), "{line}: what is typed is stronger");
        assert!(!is_coloured(&format!("CLICOLOR_FORCE=1 {}", with("--color=never"))), "{line}: never");
    }
    assert!(is_coloured("aos tasks --color always") && is_coloured("aos logs 1 --color=always"), "after the verb");
    for line in ["aos tasks --json", "aos show 1 --json", "aos logs 1 --json", "aos monitor 1 --json"] {
        let (plain, forced) = (w.sh(line).out, w.sh(&format!("CLICOLOR_FORCE=1 {line}")).out);
        assert!(!forced.contains("\\u001b[1m") && !forced.contains('\u{1b}'), "{line}: {forced}");
        assert_eq!(plain.len(), forced.len(), "{line}: JSON has no colours of ours");
    }
    let help = w.ok(&["--help"]);
    for word in ["--color", "NO_COLOR", "CLICOLOR_FORCE"] {
        assert!(help.contains(word), "{word}: {help}");
    }
}

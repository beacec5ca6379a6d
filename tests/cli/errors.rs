//! What errors say. Each is a reviewed text, so that a changed sentence shows in a diff.

use std::fmt::Write;

use crate::help::assert_text;
use crate::world::World;

/// What a person gets wrong. `web` and `web-api` run, `task-001` has ended.
const MISTAKES: &[&str] = &[
    // The verb.
    "tsaks",
    "tasks now",
    "tasks --colour",
    "tasks --status done",
    // Which task.
    "show 9",
    "show wbe",
    "show 7#x",
    "show 5-3",
    "show 1#9",
    "logs w",
    "attach 1",
    "attach 'web*'",
    "send 1 text",
    "stop",
    "stop 1",
    "stop 'db*'",
    "kill nobody",
    "pause 1",
    "resume web",
    "restart 9",
    "rm",
    "rm web",
    "signal web LOUD",
    "stop web -s LOUD",
    // Lengths of time, conditions, sizes.
    "wait web --for soon",
    "wait web --for idle:x",
    "wait web --for '/a(b/'",
    "wait web --timeout soon",
    "clean --older x",
    "logs web --since yesterdayish",
    "logs web --level loud",
    "logs web -n many",
    "logs web --run 9",
    "logs web -g 'a(b'",
    "logs web --follow --head 3",
    // A command.
    "run -b ''",
    "run -b",
    "run -b --tiemout 3s true",
    "run -b --timeout soon true",
    "run -b -n 7 true",
    "run -b -n a/b true",
    "run -b -e NOVALUE true",
    "run -b -C /nowhere true",
    "run -b --no-such-option -- true",
    "run -b -- no-such-program",
    "run -b --shell --no-shell true",
    "run -b --no-shell 'echo '\"'\"'a'",
    "run -b --after 9 true",
    "run -b --after web:never true",
    "run -b --restart often true",
    "run -b --ready tcp:x true",
    "run -b --watch 'a[' true",
    // Other things.
    "adopt 0",
    "adopt x",
    "debug --file /nowhere",
    "debug 9",
    "init tcsh",
    "completions tcsh",
];

#[test]
fn every_error_reads_as_it_was_reviewed() {
    let w = World::new();
    w.begin(&["true"]);
    w.ended(1);
    for name in ["web", "web-api"] {
        w.ok(&["run", "-b", "-n", name, "--", "sleep", "1000"]);
    }
    let mut texts = String::new();
    for line in MISTAKES {
        let said = w.sh(&format!("aos {line}"));
        assert_ne!(said.code, 0, "aos {line}: {}", said.out);
        let text = said.err.replace(&w.join("").display().to_string(), "~/");
        writeln!(texts, "$ aos {line}    # {}\n{}{text}", said.code, said.out).expect("a string");
    }
    assert_text("errors", &texts);
}

//! `command &aos`: what it means at a prompt.

use crate::shell::{BOTH, Kind, Shell};
use crate::world::World;

/// Settings under which everything is to go as without them.
fn settings(kind: Kind) -> Vec<&'static str> {
    let mut all = vec!["", "set -u", "set -e", "set -C", "set -o vi", "alias local=false printf=false echo2=echo"];
    match kind {
        Kind::Bash => all.extend([
            "shopt -s failglob",
            "shopt -s nullglob extglob",
            "set -f",
            "PROMPT_COMMAND='true; false'",
            "trap ': \"$_\"' DEBUG",
            "HISTCONTROL=ignoreboth:erasedups",
            "IFS=:",
            "set -o posix",
            "set -k",
        ]),
        Kind::Zsh => all.extend([
            "setopt ksharrays",
            "setopt shwordsplit globsubst",
            "setopt errreturn",
            "setopt nomatch nullglob extendedglob",
            "setopt promptsubst nopromptcr",
            "alias -g T='| tail' G='| grep'",
            "setopt histignorealldups histignorespace",
            "IFS=:",
            "setopt noautocd warncreateglobal",
            "setopt shglob ignorebraces rcquotes",
            "setopt localtraps nodebugbeforecmd",
            "setopt nohashlistall nohashcmds",
        ]),
    }
    all
}

fn began(shell: &mut Shell, line: &str, id: u32) {
    shell.type_line(line);
    shell.until(&format!("[task-{id:03}]"));
}

#[test]
fn it_begins_a_task_under_all_settings() {
    for kind in BOTH {
        for setting in settings(kind) {
            let w = World::new();
            let mut shell = kind.with_aos(&w, setting);
            shell.line("echo first");
            began(&mut shell, "sh -c 'echo from $0; exit 3' 'a shell' &aos -n web", 1);
            let row = w.ended(1);
            assert_eq!((&row["name"], &row["exit_code"]), (&"web".into(), &3.into()), "{kind:?} {setting}");
            assert_eq!(String::from_utf8_lossy(&w.log(1)), "from a shell\n", "{kind:?} {setting}");
            shell.type_line("echo still here");
            shell.until("\nstill here");
            shell.until("[task-001] failed");
            assert!(!shell.text().contains("not found"), "{kind:?} {setting}:\n{}", shell.text());
            shell.end();
        }
    }
}

/// What people have beside it, sourced before and after.
#[test]
fn it_lives_beside_plugins_in_any_order() {
    let suggestions = "source /usr/share/zsh-autosuggestions/zsh-autosuggestions.zsh";
    let highlighting = "source /usr/share/zsh-syntax-highlighting/zsh-syntax-highlighting.zsh";
    let prompts = "PROMPT_COMMAND=\"${PROMPT_COMMAND:+$PROMPT_COMMAND;}PS1='<\\#> '\"";
    let title = "trap 'printf \"\\033]0;%s\\007\" \"$BASH_COMMAND\"' DEBUG";
    let cases = [
        (Kind::Zsh, format!("{suggestions}\n{highlighting}")),
        (Kind::Zsh, "preexec() { : $1 }; precmd() { PS1='<%h> ' }; setopt promptsubst".to_owned()),
        (Kind::Zsh, "autoload -Uz add-zsh-hook vcs_info; add-zsh-hook precmd vcs_info".to_owned()),
        (Kind::Bash, prompts.to_owned()),
        (Kind::Bash, title.to_owned()),
    ];
    for (kind, plugin) in cases {
        for rc in [format!("{plugin}\n{}", kind.source()), format!("{}\n{plugin}", kind.source())] {
            let w = World::new();
            let mut shell = kind.open(&w, &rc);
            shell.line("echo first");
            began(&mut shell, "echo a b | cat &aos -n web", 1);
            w.ended(1);
            assert_eq!(w.log(1), b"a b\n", "{kind:?} {rc}");
            shell.type_line("echo still here");
            shell.until("\nstill here");
            shell.end();
        }
    }
}

#[test]
fn only_the_element_before_it_goes_to_the_background() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        shell.line("echo before; cd / && echo in $PWD | cat &aos -n one; echo after");
        let text = shell.text();
        assert!(text.contains("\nbefore\n") && text.contains("\nafter\n"), "{kind:?}:\n{text}");
        w.ended(1);
        assert_eq!(w.log(1), b"in /\n", "{kind:?}");
        assert_eq!(w.row(1)["name"], "one");
        shell.type_line("pwd");
        shell.until(&format!("\n{}", w.path().display()));
        shell.end();
    }
}

#[test]
fn several_stand_on_one_line() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        began(&mut shell, "echo a &aos -n first; echo b &aos --name second", 2);
        w.ended(1);
        w.ended(2);
        assert_eq!((w.log(1), w.log(2)), (b"a\n".to_vec(), b"b\n".to_vec()), "{kind:?}");
        assert_eq!((&w.row(1)["name"], &w.row(2)["name"]), (&"first".into(), &"second".into()), "{kind:?}");
        shell.end();
    }
}

#[test]
fn it_means_nothing_in_quotes_comments_and_redirections() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, if kind == Kind::Zsh { "setopt interactivecomments" } else { "" });
        for line in [
            "echo 'x &aos'",
            "echo \"y &aos\"",
            "echo z \\&aos",
            "echo c # &aos",
            "echo r >&aos; cat aos",
            "echo $(echo 'sub &aos')",
            "echo e &>aos",
        ] {
            shell.line(line);
        }
        let text = shell.text();
        for said in ["\nx &aos\n", "\ny &aos\n", "\nz &aos\n", "\nc\n", "\nr\n", "\nsub &aos\n"] {
            assert!(text.contains(said), "{kind:?} {said:?}:\n{text}");
        }
        assert_eq!(w.ok(&["tasks", "--json"]), "[]\n", "{kind:?}");
        shell.end();
    }
}

#[test]
fn a_here_document_goes_along() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        shell.keys("cat <<END &aos -n doc\rsome $HOME &aos\rEND\r");
        shell.until("[task-001]");
        w.ended(1);
        assert_eq!(String::from_utf8_lossy(&w.log(1)), format!("some {} &aos\n", w.path().display()), "{kind:?}");
        shell.end();
    }
}

#[test]
fn a_block_goes_as_a_whole() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        began(&mut shell, "for i in 1 2; do { echo \"i $i\"; }; done &aos", 1);
        w.ended(1);
        assert_eq!(w.log(1), b"i 1\ni 2\n", "{kind:?}");
        shell.end();
    }
}

/// Each stops within braces or parentheses when it is cut at an operator, as bash does to find the
/// element.
#[test]
fn a_group_goes_as_a_whole_and_the_next_line_keeps_its_words() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        let groups = [
            "{ echo a; echo b; }",
            "{ echo a; echo b; } | cat",
            "true && { echo a; echo b; }",
            "time { echo a; echo b; }",
            "! { echo a; echo b; }",
            "( echo a; echo b )",
            "{ (echo a; { echo b; }); }",
            "if { true; }; then echo a; echo b; fi",
        ];
        for (id, group) in (1..).zip(groups) {
            began(&mut shell, &format!("{group} &aos"), id);
            shell.type_line(&format!("echo the next words {id}"));
            shell.until(&format!("\nthe next words {id}"));
            w.ended(id);
            let log = String::from_utf8(w.log(id)).expect("text");
            assert!(log.starts_with("a\nb\n"), "{kind:?} {group}: {log}");
        }
        // What does not parse at all leaves the next line alone as well.
        shell.keys("{ echo a; &aos\r");
        shell.until(if kind == Kind::Bash { "syntax error near" } else { "parse error near" });
        shell.keys("echo the last words\r");
        shell.until("\nthe last words");
        shell.end();
    }
}

#[test]
fn zsh_takes_blocks_of_several_lines() {
    let w = World::new();
    let mut shell = Kind::Zsh.with_aos(&w, "");
    shell.keys("for i in 1 2\rdo echo \"i $i\"\rdone &aos\r");
    shell.until("[task-001]");
    w.ended(1);
    assert_eq!(w.log(1), b"i 1\ni 2\n");
    shell.end();
}

#[test]
fn where_it_cannot_act_it_says_so() {
    for (kind, keys) in [
        (Kind::Bash, "if true; then\rsleep 0 &aos -n web\rfi\r"),
        (Kind::Zsh, "if true; then\rsleep 0 &aos -n web\rfi\r"),
    ] {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        shell.keys(keys);
        shell.until("was begun as an ordinary job of this shell, not as a task");
        shell.until("hint: aos run -b -n web -- 'COMMAND'");
        assert_eq!(w.ok(&["tasks", "--json"]), "[]\n", "{kind:?}");
        shell.end();
    }
}

/// bash has read the first lines by then. What it says is what was seen, and what it advises works.
#[test]
fn bash_says_that_it_came_on_a_later_line_and_up_and_enter_do_it() {
    for keys in ["for i in 1 2\rdo echo \"i $i\"\rdone &aos -n later\r", "printf 'i %s\\n' \\\r1 2 &aos -n later\r"] {
        let w = World::new();
        let mut shell = Kind::Bash.with_aos(&w, "");
        shell.keys(keys);
        shell.until("was begun as an ordinary job of this shell, not as a task: &aos came on a later line");
        shell.until("hint: Up and Enter begin the command once more, as a task");
        shell.keys("\x10\r");
        shell.until("[task-001]");
        w.ended(1);
        assert_eq!(w.log(1), b"i 1\ni 2\n", "{keys:?}");
        assert_eq!(w.row(1)["name"], "later");
        shell.end();
    }
    // Where the history has left the command out, Up would be another one.
    let w = World::new();
    let mut shell = Kind::Bash.with_aos(&w, "HISTCONTROL=ignorespace");
    shell.keys(" for i in 1\rdo :\rdone &aos\r");
    shell.until("not as a task: &aos is not seen here");
    shell.end();
}

#[test]
fn a_blank_between_the_two_is_named() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        shell.type_line("true & aos -n web");
        shell.until("not as a task: there is a blank between & and aos");
        shell.until("hint: write &aos, with no blank");
        assert_eq!(w.ok(&["tasks", "--json"]), "[]\n", "{kind:?}");
        shell.end();
    }
}

#[test]
fn an_escaped_line_end_separates_nothing_and_a_here_document_ends_where_it_ends() {
    let paste = |text: &str| format!("\x1b[200~{text}\x1b[201~\r");
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, if kind == Kind::Bash { "bind 'set enable-bracketed-paste on'" } else { "" });
        shell.keys(&paste("printf '<%s>' \\\n  -p 80:80 \\\n  nginx &aos -n d"));
        shell.until("[task-001]");
        w.ended(1);
        assert_eq!(String::from_utf8_lossy(&w.log(1)), "<-p><80:80><nginx>", "{kind:?}");
        shell.keys(&paste("cat <<X &aos\nhi\nX\necho aft''er"));
        shell.until("[task-002]");
        shell.until("\nafter");
        w.ended(2);
        assert_eq!(String::from_utf8_lossy(&w.log(2)), "hi\n", "{kind:?}");
        shell.keys(&paste("cat <<X\nas text &aos -n q\nX"));
        shell.until("\nas text &aos -n q\n");
        shell.keys(&paste("echo a\\; b &aos; echo by the 's''hell'"));
        shell.until("by the shell");
        shell.until("[task-003]");
        w.ended(3);
        assert_eq!(String::from_utf8_lossy(&w.log(3)), "a; b\n", "{kind:?}");
        shell.end();
    }
}

#[test]
fn a_suspended_aos_is_called_by_what_was_typed() {
    for kind in BOTH {
        let w = World::new();
        let id = w.begin(&["sleep", "1000"]);
        let mut shell = kind.with_aos(&w, "");
        shell.keys("aos monitor\r");
        shell.until("q leave");
        shell.keys("\x1a");
        shell.until(if kind == Kind::Bash { "Stopped" } else { "suspended" });
        shell.keys("\x0c\x15jobs | grep -c '  aos monitor$'\r");
        shell.until("\n1\n");
        // The function is there again.
        shell.keys("true & aos\r");
        shell.until("not as a task: there is a blank");
        shell.keys("fg %1\r");
        shell.until("q leave");
        shell.keys("q");
        shell.type_on("echo left\r");
        w.ok(&["stop", &id.to_string()]);
        shell.end();
    }
}

#[test]
fn a_pasted_block_is_taken_whole() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, if kind == Kind::Bash { "bind 'set enable-bracketed-paste on'" } else { "" });
        shell.keys("\x1b[200~for i in 1 2\ndo echo \"i $i\"\ndone &aos -n pasted\x1b[201~");
        shell.until("pasted");
        shell.keys("\r");
        shell.until("[task-001]");
        w.ended(1);
        assert_eq!(w.log(1), b"i 1\ni 2\n", "{kind:?}");
        shell.end();
    }
}

#[test]
fn history_keeps_what_was_typed() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        shell.line("echo one");
        began(&mut shell, "!! &aos -n again", 1);
        w.ended(1);
        assert_eq!(w.log(1), b"one\n", "{kind:?}");
        shell.keys("\x10");
        shell.until("echo one &aos -n again");
        shell.keys("\x15");
        shell.type_line("fc -ln -3 | cat -A | head -2");
        shell.until("echo one &aos -n again$");
        shell.end();
    }
}

#[test]
fn functions_aliases_variables_and_options_go_along() {
    for kind in BOTH {
        let w = World::new();
        let options = match kind {
            Kind::Bash => "shopt -s extglob; limit() { ulimit -Sn 77; }",
            Kind::Zsh => "setopt extendedglob; limit() { ulimit -Sn 77; }",
        };
        let mut shell = kind.with_aos(&w, options);
        shell.line("greet() { echo \"$greeting, $1\"; }; greeting='good day'; list=(a 'b c'); umask 027; limit");
        shell.line("alias hello='greet '");
        shell.line("export SECRET=exported");
        let last = if kind == Kind::Bash { "${list[1]}" } else { "$list[2]" };
        began(&mut shell, &format!("hello you; echo \"{last}\" $(umask) $(ulimit -Sn) $SECRET &aos -n none"), 1);
        // The first element ran here.
        shell.until("\ngood day, you\n");
        w.ended(1);
        let log = String::from_utf8(w.log(1)).expect("text");
        assert_eq!(log.replace("0027", "027"), "b c 027 77 exported\n", "{kind:?}");
        began(&mut shell, "hello you &aos", 2);
        w.ended(2);
        assert_eq!(w.log(2), b"good day, you\n", "{kind:?}");
        // A restart is the same, whatever became of the shell.
        shell.end();
        w.ok(&["restart", "2"]);
        w.ended(2);
        assert_eq!(w.log(2), b"good day, you\ngood day, you\n", "{kind:?}");
    }
}

#[test]
fn a_plain_command_takes_nothing_along_and_a_state_is_private() {
    use std::os::unix::fs::PermissionsExt;
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "f() { :; }");
        shell.line("export TOKEN=not-in-the-state");
        began(&mut shell, "ls /dev/null &aos", 1);
        began(&mut shell, "f &aos", 2);
        began(&mut shell, "f x &aos", 3);
        assert!(!w.task(1, "shell-state").exists(), "{kind:?}");
        let state = std::fs::read(w.task(2, "shell-state")).expect("a state");
        assert!(!String::from_utf8_lossy(&state).contains("not-in-the-state"), "{kind:?}");
        let found = std::fs::metadata(w.task(2, "shell-state")).expect("a state");
        assert_eq!(found.permissions().mode() & 0o777, 0o600, "{kind:?}");
        w.ended(2);
        w.ended(3);
        w.ok(&["rm", "2", "3"]);
        let kept = std::fs::read_dir(w.home().join("tasks/.states")).expect("the states").count();
        assert_eq!(kept, 0, "{kind:?}: no state is kept without a task");
        shell.end();
    }
}

#[test]
fn a_key_makes_the_line_a_task() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        shell.keys("echo by key\x18&");
        shell.until("[task-001]");
        w.ended(1);
        assert_eq!(w.log(1), b"by key\n", "{kind:?}");
        shell.end();
    }
}

#[test]
fn a_script_may_say_it_too() {
    let w = World::new();
    for shell in ["sh", "bash", "zsh"] {
        let said = w.sh(&format!("{shell} -ec 'true &aos -n web --mem 1G; wait; echo goes on' 2>&1"));
        assert!(said.out.ends_with("goes on\n") && said.code == 0, "{shell}: {said:?}");
    }
    assert_eq!(w.ok(&["tasks", "--json"]), "[]\n");
}

#[test]
fn a_job_of_the_shell_can_be_adopted() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        shell.line("sleep 1000 | cat &");
        shell.type_line("aos adopt %1 -n job");
        shell.until("tracked only");
        let row = w.row(1);
        assert_eq!((&row["name"], &row["status"]), (&"job".into(), &"running".into()), "{kind:?}");
        shell.type_line("aos adopt %7");
        shell.until("no such job");
        shell.type_line("aos stop 1");
        shell.until("[task-001] stopped");
        shell.end();
    }
}

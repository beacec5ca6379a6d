//! Ordinary typing: what stands on the screen is the same with the integration and without.

use crate::shell::{BOTH, Kind, Shell};
use crate::world::{World, until};

/// Lines as people type them. What `$?`, `$_`, `$!` and PIPESTATUS say is part of what is compared.
const LINES: [&str; 17] = [
    "echo hello",
    "false",
    "echo status $?",
    "echo under a b; echo $_",
    "echo $_",
    "true | false | true; echo ${PIPESTATUS[*]}${pipestatus[*]}",
    "false | true",
    "echo ${PIPESTATUS[*]}${pipestatus[*]}",
    "",
    "echo \"$((1 + 1)) ${HOME##*/home}\"",
    "cd / && pwd; cd - >/dev/null",
    "echo 'a &' b; set +m; { : & } 2>/dev/null; wait; set -m",
    "echo bang ${!:+is set}",
    "ls /nowhere",
    "x=3; echo $x $#",
    "no-such-command-at-all",
    "echo a very long line that goes on and on until it wraps at the end of the screen and then some more",
];

/// Keys beyond plain lines. Each makes the cursor go on to another row.
fn keys(kind: Kind, is_vi: bool) -> Vec<&'static str> {
    let mut all = vec![
        "for i in a b\r",
        "do echo block-$i\r",
        "done\r",
        "cat <<X\r",
        "text &here\r",
        "X\r",
        "read line\r",
        "typed & read\r",
        "echo read-$line\r",
        "echo lost\x03",
        "echo after-interrupt\r",
    ];
    match is_vi {
        false => all.extend(["\x10\r", "\x12block-\r", "echo wrong\x15echo right\x01\x05\r"]),
        true => all.push("echo wrnog\x1bhhxp\r"),
    }
    if kind == Kind::Bash && !is_vi {
        all.extend(["read -e line\r", "edited\r", "echo read-$line\r"]);
    }
    all
}

fn type_all(mut shell: Shell, kind: Kind, is_vi: bool) -> String {
    for line in LINES {
        shell.type_on(&format!("{line}\r"));
    }
    for keys in keys(kind, is_vi) {
        if keys.starts_with("read ") { shell.type_to_reader(keys) } else { shell.type_on(keys) }
    }
    shell.type_on("echo THE END\r");
    shell.until("\nTHE END");
    let text = shell.text();
    shell.end();
    text.split("\nTHE END").next().unwrap_or_default().to_owned()
}

/// Compares what the screen shows under these settings, `before` and `after` the place of the
/// integration.
fn same(kind: Kind, before: &str, after: &str) {
    let w = World::new();
    let is_vi = before.contains("vi");
    let without = type_all(kind.open_sized(&w, &format!("{before}\n{after}"), 200, 80), kind, is_vi);
    let source = kind.source();
    let with = type_all(kind.open_sized(&w, &format!("{before}\n{source}\n{source}\n{after}"), 200, 80), kind, is_vi);
    let differing = with.lines().zip(without.lines()).find(|(a, b)| a != b);
    assert_eq!(differing, None, "{kind:?} with {before} and then {after}");
    assert_eq!(with.len(), without.len(), "{kind:?} with {before} and then {after}");
}

#[test]
fn bash_is_typed_in_as_before() {
    for settings in [
        "",
        "set -u",
        "set -C",
        "set -o vi",
        "set +o history",
        r"PS1='two\nlines <\#> '",
        "PROMPT_COMMAND='true; false'",
    ] {
        same(Kind::Bash, settings, "");
    }
}

#[test]
fn zsh_is_typed_in_as_before() {
    for settings in [
        "",
        "set -u",
        "setopt ksharrays",
        "setopt noclobber shwordsplit",
        "bindkey -v",
        "setopt promptsubst",
        "PS1=$'two\\nlines <%h> '",
    ] {
        same(Kind::Zsh, settings, "");
    }
}

/// As VS Code's integration does it: the first command after a prompt is taken for what was typed.
const DEBUG_TRAP: &str = r#"
seen() { if [ "$typing" = 1 ]; then typing=0; printf '%s\n' "$BASH_COMMAND" >>"$HOME/seen"; fi; }
trap 'seen "$_"' DEBUG
before=${PROMPT_COMMAND-}
prompted() { local status=$?; eval "$before"; typing=1; return $status; }
PROMPT_COMMAND=prompted
"#;

#[test]
fn somebody_elses_debug_trap_sees_what_was_typed() {
    let w = World::new();
    let rc = format!("PROMPT_COMMAND='true'\n{}\n{DEBUG_TRAP}", Kind::Bash.source());
    let mut shell = Kind::Bash.open(&w, &rc);
    for line in ["true first", "echo second", "aos tasks", "false third", "echo $_"] {
        shell.line(line);
    }
    let seen = std::fs::read_to_string(w.join("seen")).expect("what was seen");
    // The trap is found on the first Enter, and passed over from then on.
    assert!(seen.ends_with("echo second\naos tasks\nfalse third\necho $_\n"), "{seen}");
    shell.until("\nthird\n");
    shell.type_line("sleep 0 &aos");
    shell.until("[task-001]");
    shell.end();
}

#[test]
fn an_interactive_shell_without_a_terminal_is_as_quiet_as_before() {
    let w = World::new();
    for (shell, kind) in [("bash --norc -ic", Kind::Bash), ("zsh -f -ic", Kind::Zsh)] {
        let with = w.sh(&format!("setsid {shell} '{}; echo $?; exit 3'", kind.source()));
        let without = w.sh(&format!("setsid {shell} 'echo 0; exit 3'"));
        let plain = |err: &str| err.lines().filter(|line| !line.contains("terminal process group")).count();
        assert_eq!(
            (&with.out, plain(&with.err), with.code),
            (&without.out, plain(&without.err), 3),
            "{shell}: {with:?}"
        );
    }
}

#[test]
fn the_scripts_leave_no_names_of_their_own_behind() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "f() { :; }");
        let names = match kind {
            Kind::Bash => "compgen -v; compgen -A function",
            Kind::Zsh => "print -rl ${(k)parameters} ${(k)functions}",
        };
        // Once before, as the first use of a name can make others.
        for file in ["first", "before"] {
            shell.line(&format!("{{ {names}; }} >{file}"));
        }
        shell.line("f; f x | cat &aos -n one; f &aos");
        shell.line("aos tasks >list; aos doctor >said");
        shell.line(&format!("{{ {names}; }} >after"));
        let read = |file: &str| {
            let text = std::fs::read_to_string(w.join(file)).expect("the names");
            let is_ours = |name: &&str| !name.starts_with("__aos_") && !name.starts_with("AOS_");
            text.lines().filter(is_ours).map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
        };
        let (before, after) = (read("before"), read("after"));
        // zsh's own, of its module for the bell.
        let zshs = ["is-at-least", "errnos", "sysparams"];
        let new: Vec<_> = after.difference(&before).filter(|name| !zshs.contains(&name.as_str())).collect();
        assert!(new.is_empty(), "{kind:?}: {new:?}");
        shell.end();
    }
}

#[test]
fn an_alias_called_aos_stays_what_it_is() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "alias aos='echo older tool'");
        shell.line("aos notify me");
        shell.until("\nolder tool notify me");
        shell.end();
    }
}

#[test]
fn without_aos_and_without_a_home_nothing_is_said() {
    for kind in BOTH {
        for rc in [
            "PATH=/usr/bin:/bin",
            "export AOS_HOME=/nowhere/at/all",
            "unset HOME; export AOS_HOME=/nowhere/at/all",
            "export AOS_HOME=",
        ] {
            let w = World::new();
            let mut shell = kind.with_aos(&w, rc);
            shell.line("echo 1");
            shell.line("echo 2");
            assert_eq!(shell.text().trim_end(), "<1> echo 1\n1\n<2> echo 2\n2\n<3>", "{kind:?} {rc}");
            if rc.starts_with("PATH") {
                // What the shell itself makes of it.
                shell.type_line("echo native &aos -n web");
                // Beside what was typed; before the next prompt, or behind it.
                until(|| shell.text().matches("native").count() > 1).expect("it ran");
                shell.until("command not found");
                assert!(!shell.text().contains("hint"), "{kind:?}:\n{}", shell.text());
            }
            shell.end();
        }
    }
}

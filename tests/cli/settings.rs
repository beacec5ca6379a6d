//! What else a user's shell may have set: exported, readonly, switched off. Nothing of it is in the
//! way, or is put in a way.

use crate::prompt::{until_bell, until_prompt_says};
use crate::shell::{BOTH, Kind};
use crate::world::World;

/// A shell below has what was exported, and not what it names.
#[test]
fn a_shell_below_is_as_quiet_as_without_aos() {
    for exported in ["export PROMPT_COMMAND=:", "export PS1", "set -a", "export PROMPT_COMMAND PS1 AOS_PROMPT"] {
        let w = World::new();
        w.begin(&["exit 3"]);
        w.ended(1);
        let mut shell = Kind::Bash.with_aos(&w, exported);
        shell.until("1! <1>");
        shell.line("printf '%s\\n' 'set -u' 'echo said' | setsid bash --norc -i >below 2>&1");
        let below = std::fs::read_to_string(w.join("below")).expect("what was said below");
        assert!(below.contains("said"), "{exported}: {below}");
        assert!(!below.contains("__aos") && !below.contains("1!"), "{exported}: {below}");
        shell.end();
    }
}

/// What cannot be set stays, and nothing is said about it; what does not need it goes on.
#[test]
fn bash_leaves_what_is_readonly() {
    for (readonly, is_told) in [
        ("readonly PROMPT_COMMAND", false),
        ("readonly PROMPT_COMMAND=:", false),
        ("PROMPT_COMMAND=(true false); readonly PROMPT_COMMAND", false),
        ("readonly PS1", true),
    ] {
        let w = World::new();
        let mut shell = Kind::Bash.with_aos(&w, readonly);
        shell.line("echo first");
        shell.line("exit_3() { return 3; }; exit_3 &aos -n web");
        assert_eq!(w.ended(1)["exit_code"], 3, "{readonly}");
        // The line before it is over for aos.
        shell.line("aos run -b true");
        w.ended(2);
        shell.line("echo still here");
        shell.until("\nstill here");
        let text = shell.text();
        assert!(!text.contains("readonly") || !text.contains("variable"), "{readonly}:\n{text}");
        assert_eq!(text.contains("[task-001] failed"), is_told, "{readonly}:\n{text}");
        assert!(!w.task(2, "shell-state").exists(), "{readonly}");
        shell.end();
    }
    let w = World::new();
    let mut shell = Kind::Bash.with_aos(&w, "readonly PROMPT_COMMAND PS1");
    // Nothing tells aos of a prompt: it stands aside, and says so.
    shell.line("true &aos");
    shell.until("was begun as an ordinary job of this shell, not as a task");
    assert!(!shell.text().contains("readonly variable"), "{}", shell.text());
    shell.end();
}

#[test]
fn bash_keeps_no_history_where_none_is_kept() {
    let w = World::new();
    let mut shell = Kind::Bash.with_aos(&w, "IFS=:");
    let mut id = 0;
    for (lines, kept) in [
        (&["set +o history", "echo hidden &aos"][..], "set +o history\n"),
        (&["set +o history; echo in the line &aos"], "set +o history; echo in the line &aos\n"),
        (&["echo before &aos; set +o history"], "echo before &aos; set +o history\n"),
    ] {
        shell.line("history -c");
        for line in lines {
            shell.line(line);
        }
        id += 1;
        w.ended(id);
        shell.line("echo hidden too");
        shell.line("fc -ln 1 2>/dev/null | sed 's/^[[:space:]]*//' >list; set -o history");
        assert_eq!(std::fs::read_to_string(w.join("list")).expect("a list"), kept, "{lines:?}");
    }
    shell.end();
}

/// As venv and conda do it: the prompt is kept, one with a name in front is set, and later the kept
/// one is set again.
#[test]
fn a_prompt_that_is_kept_and_set_again_keeps_no_counts() {
    let venv = "act() { kept=$PS1; PS1=\"(venv) $PS1\"; }; deact() { PS1=$kept; }";
    // Before each prompt, behind aos.
    let hook = "keep() { if [ -e act ] && [ -z \"${kept-}\" ]; then act; fi; }";
    for kind in BOTH {
        let settings: &[&str] = match kind {
            Kind::Bash => &["PROMPT_COMMAND=keep", "PROMPT_COMMAND=keep; shopt -u promptvars"],
            Kind::Zsh => {
                &["", "setopt promptsubst", "setopt ksharrays shwordsplit", "unsetopt promptpercent; PS1='<1> '"]
            }
        };
        for setting in settings {
            let w = World::new();
            let late = if kind == Kind::Zsh { "precmd_functions+=(keep)" } else { ":" };
            let rc = format!("{venv}\n{hook}\n{setting}\n{}\n{late}", kind.source());
            let mut shell = kind.open(&w, &rc);
            let is_shown = !["promptvars", "promptpercent"].iter().any(|off| setting.contains(off));
            for begin in ["act", ": >act; unset kept"] {
                let before = shell.last_line().replace(char::is_numeric, "");
                assert!(before.starts_with('<'), "{kind:?} {setting}: {before}");
                let id = w.begin(&["sleep", "1000"]);
                shell.type_on("\r");
                assert_eq!(shell.last_line().starts_with("1& <"), is_shown, "{kind:?} {setting}:\n{}", shell.text());
                shell.type_on(&format!("{begin}\r"));
                let line = shell.last_line();
                assert_eq!(line.matches("1&").count(), usize::from(is_shown), "{kind:?} {setting}: {line}");
                assert!(line.contains("(venv) "), "{kind:?} {setting}: {line}");
                w.ok(&["stop", &id.to_string()]);
                until_prompt_says(&mut shell, "(venv) <");
                shell.type_on("rm -f act; deact\r");
                until_prompt_says(&mut shell, "<");
            }
            shell.end();
        }
    }
}

/// As where another line of the rc file puts it on PATH.
#[test]
fn what_needs_aos_comes_when_aos_is_there() {
    for kind in BOTH {
        let w = World::new();
        w.begin(&["exit 0"]);
        w.ended(1);
        let completion = if kind == Kind::Zsh { "autoload -Uz compinit; compinit -u -D" } else { ":" };
        let rc = format!("{completion}; AOS_NOTICES=any\nwith=$PATH; PATH=/usr/bin:/bin\n{}", kind.source());
        let mut shell = kind.open(&w, &rc);
        shell.line("echo first");
        shell.keys("aos resu\t");
        shell.keys("\x15");
        shell.line("PATH=$with");
        shell.line("echo second");
        if kind == Kind::Zsh {
            until_bell(&w);
            shell.line("echo third");
        }
        let running = w.begin(&["sleep", "1000"]);
        if kind == Kind::Zsh {
            // By itself.
            shell.until("1& <");
        } else {
            until_prompt_says(&mut shell, "1& <");
        }
        shell.keys("aos resu\t");
        shell.until("aos resume");
        shell.keys("\x15");
        let failing = w.begin(&["exit 3"]);
        w.ended(failing);
        if kind == Kind::Bash {
            until_prompt_says(&mut shell, "1& 1! <");
        }
        shell.until(&format!("[task-{failing:03}] failed"));
        w.ok(&["stop", &running.to_string()]);
        shell.end();
    }
}

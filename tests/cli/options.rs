//! Every option of both shells, toggled one by one: the screen and what comes of a line are the
//! same with aos and without.

use std::panic;
use std::sync::Mutex;
use std::thread;

use crate::shell::{Kind, Shell};
use crate::world::{World, until};

/// What ends or blinds a shell, what cannot be toggled in one that runs, and what prints whatever a
/// shell reads or runs, its hooks with it. Without `promptpercent` the test would not know a
/// prompt; `settings` has it.
const LEFT_OUT: [&str; 24] = [
    "exec",
    "noexec",
    "onecmd",
    "restricted",
    "restricted_shell",
    "login_shell",
    "login",
    "interactive",
    "shinstdin",
    "stdin",
    "singlecommand",
    "privileged",
    "emacs",
    "vi",
    "zle",
    "rcs",
    "globalrcs",
    "verbose",
    "xtrace",
    "monitor",
    "history",
    "sourcetrace",
    "singlelinezle",
    "promptpercent",
];

/// The commands that toggle each option of a shell.
fn toggles(kind: Kind) -> Vec<String> {
    let w = World::new();
    let list = match kind {
        // As an interactive shell has them.
        Kind::Bash => w.sh("setsid bash --norc -ic 'set +o; shopt -p' 2>/dev/null"),
        Kind::Zsh => {
            w.sh("setsid zsh -f -ic 'print -rl -- setopt${(k)^options[(R)off]} unsetopt${(k)^options[(R)on]}'")
        }
    };
    let toggle = |line: &str| match kind {
        Kind::Bash => {
            let words: Vec<&str> = line.split(' ').collect();
            let (verb, name) = (*words.first()?, *words.last()?);
            let to = match *words.get(1)? {
                "-o" => "+o",
                "+o" => "-o",
                "-s" => "-u",
                _ => "-s",
            };
            Some((name.to_owned(), format!("{verb} {to} {name}")))
        }
        Kind::Zsh => {
            let (verb, name) = line.split_at(line.find("setopt")? + "setopt".len());
            Some((name.to_owned(), format!("{verb} {name}")))
        }
    };
    let all = list.out.lines().filter_map(toggle);
    all.filter(|(name, _)| !LEFT_OUT.contains(&name.as_str())).map(|(_, line)| line).collect()
}

/// What the screen shows of ordinary lines, typed with and without aos.
fn typed(w: &World, kind: Kind, rc: &str, toggle: &str) -> String {
    let mut shell = kind.open_sized(w, rc, 40, 100);
    shell.type_on(&format!("{toggle}\r"));
    for line in ["echo hello world", "! true", "echo $?", "f() { echo \"f $1\"; }", "f a=b", "cd / && pwd"] {
        shell.type_on(&format!("{line}\r"));
    }
    let text = shell.text();
    shell.end();
    text
}

/// Two tasks that take the shell along, and what the log of each has.
fn begun(w: &World, shell: &mut Shell) -> Result<(), String> {
    for (id, line, log) in [(1, "f x | cat &aos -n web", "f x\n"), (2, "f \"a b\" &aos; echo c", "f a b\n")] {
        shell.keys(&format!("{line}\r"));
        let is_there = until(|| shell.text().contains(&format!("[task-{id:03}]")));
        is_there.ok_or_else(|| format!("no task {id}:\n{}", shell.text()))?;
        w.ended(id);
        let found = String::from_utf8_lossy(&w.log(id)).into_owned();
        if found != log {
            return Err(format!("{found:?} in the log of {line}"));
        }
    }
    shell.keys("echo the next words\r");
    until(|| shell.text().contains("\nthe next words")).ok_or_else(|| format!("stuck:\n{}", shell.text()))?;
    let text = shell.text();
    match ["parse error", "not found", "ordinary job", "syntax error"].iter().find(|said| text.contains(*said)) {
        Some(said) => Err(format!("{said}:\n{text}")),
        None => Ok(()),
    }
}

fn one(kind: Kind, toggle: &str) -> Result<(), String> {
    let w = World::new();
    let source = kind.source();
    // As the rc file has it, before and after aos.
    for (without, with) in [(toggle.to_owned(), format!("{toggle}\n{source}")), (String::new(), source.clone())] {
        let late = if without.is_empty() { toggle } else { ":" };
        let (without, with) = (typed(&w, kind, &without, late), typed(&w, kind, &with, late));
        if without != with {
            return Err(format!("without aos:\n{without}\nwith it:\n{with}"));
        }
    }
    let mut shell = kind.with_aos(&w, "f() { echo \"f $1\"; }");
    shell.type_on(&format!("{toggle}\r"));
    let is_so = begun(&w, &mut shell);
    shell.end();
    is_so
}

fn all(kind: Kind) {
    let toggles = toggles(kind);
    assert!(toggles.len() > 60, "{kind:?}: {toggles:?}");
    let (left, wrong) = (Mutex::new(toggles), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(toggle) = { left.lock().expect("the list").pop() } {
                    let found = panic::catch_unwind(|| one(kind, &toggle));
                    if let Err(what) = found.unwrap_or_else(|_| Err("stuck".to_owned())) {
                        wrong.lock().expect("the list").push(format!("---- {toggle}\n{what}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("the list");
    assert!(wrong.is_empty(), "{kind:?}, {} of them:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn bash_goes_on_as_before_under_each_of_its_options() {
    all(Kind::Bash);
}

#[test]
fn zsh_goes_on_as_before_under_each_of_its_options() {
    all(Kind::Zsh);
}

//! `aos doctor`: what it says of each thing that can be wrong.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::world::{World, kill, until, write_program};

const AOS: &str = env!("CARGO_BIN_EXE_aos");
/// A shell in which all is well.
const WELL: &str = concat!(
    "shell=bash\nversion=5.2.15(1)-release\nscript=",
    env!("CARGO_PKG_VERSION"),
    "\nsourced=1\nenter=ours\nprompt=ours\nsegment=shown\nblesh=no\ncompletion=ours\n"
);

fn put(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
    fs::File::create(path).and_then(|mut file| file.write_all(bytes.as_ref())).expect("written");
}

/// What the doctor says of one thing: `state: message / hint`.
fn of(checks: &Value, name: &str) -> String {
    let all = checks["checks"].as_array().expect("checks");
    let check = all.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name}: {checks}"));
    let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
    format!("{}: {} / {}", text("state"), text("message"), text("hint"))
}

/// The doctor's JSON and exit code, with what the shell says of itself.
fn doctor(w: &World, facts: Option<&str>) -> (Value, i32) {
    let mut command = w.command(AOS);
    command.args(["doctor", "--json"]);
    facts.map(|facts| command.env("AOS_SHELL_FACTS", facts));
    let output = command.output().expect("aos runs");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    (serde_json::from_slice(&output.stdout).expect("JSON"), output.status.code().expect("a code"))
}

/// The facts of a healthy shell with one of them otherwise.
fn but(key: &str, value: &str) -> String {
    let kept = WELL.lines().filter(|line| !line.starts_with(&format!("{key}=")));
    kept.map(|line| format!("{line}\n")).collect::<String>() + &format!("{key}={value}\n")
}

#[test]
fn all_is_well_where_it_is() {
    let w = World::new();
    w.ok(&["init", "--install"]);
    let (checks, code) = doctor(&w, Some(WELL));
    assert_eq!(checks["version"], 1);
    let all = checks["checks"].as_array().expect("checks");
    assert!(all.iter().all(|check| check["state"] == "ok" && check.get("hint").is_none()), "{checks:#}");
    assert_eq!(code, 0);
    assert_eq!(of(&checks, "rc"), format!("ok: {}/.bashrc:1 loads the integration / ", w.path().display()));
}

#[test]
fn the_text_says_the_same_without_colour() {
    let w = World::new();
    let said = {
        let output =
            w.command(AOS).arg("doctor").env("AOS_SHELL_FACTS", but("segment", "absent")).output().expect("runs");
        String::from_utf8(output.stdout).expect("text")
    };
    assert!(said.contains("ok       `cmd &aos` begins a task\n"), "{said}");
    assert!(
        said.contains("warn     the prompt does not show tasks\n         hint: in .bashrc: PS1='${AOS_PROMPT-}'$PS1\n"),
        "{said}"
    );
    assert!(!said.contains('\u{1b}'));
}

#[test]
fn each_fact_has_its_verdict() {
    let w = World::new();
    let zsh = "shell=zsh\nversion=5.9\nenter=other\nprompt=missing\nsegment=absent\ndebug_trap=other\nlive=no\ncompletion=none\n";
    let cases = [
        (but("version", "3.2"), "shell", "ok: the integration is loaded in this bash 3.2", 0),
        (but("script", "0.0.1"), "script", "warn: its script is of aos 0.0.1, and this aos is ", 0),
        (
            but("sourced", "2"),
            "sourced",
            "warn: it was loaded 2 times, which does no harm / one line is enough; none",
            0,
        ),
        (but("alias", "~/x"), "alias", "bad: an alias hides aos: ~/x / unalias aos, and take out the line", 1),
        (but("enter", "other"), "enter", "bad: `cmd &aos` does nothing: Enter is bound to something else / let", 1),
        (but("enter", "off"), "enter", "warn: `cmd &aos` is switched off in this shell / aos run -b COMMAND", 0),
        (
            but("enter", "unsupported"),
            "enter",
            "warn: `cmd &aos` cannot work here: this bash is older than 4.4 / aos run -b COMMAND does the same",
            0,
        ),
        (
            but("prompt", "missing"),
            "prompt",
            "bad: ends of tasks are not told: the hook before the prompt is gone / ",
            1,
        ),
        (but("segment", "absent"), "segment", "warn: the prompt does not show tasks / in .bashrc: PS1=", 0),
        (but("blesh", "yes"), "blesh", "warn: ble.sh reads the keys in bash's place / load aos after ble.sh", 0),
        (but("completion", "other"), "completion", "warn: Tab completes aos by something that is not of aos / ", 0),
        (but("completion", "none"), "completion", "warn: Tab does not complete aos / let the line", 0),
        (but("debug_trap", "other"), "debug-trap", "ok: there is a DEBUG trap, and aos gets along with it / ", 0),
        (zsh.into(), "enter", "bad: `cmd &aos` does nothing: the hook before a command is gone / ", 1),
        (
            zsh.into(),
            "prompt",
            "bad: ends of tasks are not told: the hook before the prompt is gone / something resets precmd",
            1,
        ),
        (zsh.into(), "segment", "warn: the prompt does not show tasks / in .zshrc: setopt prompt_subst; PROMPT=", 1),
        (zsh.into(), "debug-trap", "warn: there is a DEBUG trap, and `cmd &aos` stands aside for it / trap - DEBUG", 1),
        (zsh.into(), "live", "ok: the prompt shows changes when it is next drawn / ", 1),
        (
            zsh.into(),
            "completion",
            "warn: Tab does not complete aos / let the line that loads aos come after compinit",
            1,
        ),
    ];
    for (facts, name, wanted, code) in cases {
        let (checks, exited) = doctor(&w, Some(&facts));
        let told = of(&checks, name);
        assert!(told.starts_with(wanted), "{told}");
        assert_eq!(exited, code, "{checks:#}");
    }
}

#[test]
fn what_the_shell_does_not_say_is_not_known() {
    let w = World::new();
    let (checks, code) = doctor(&w, Some("shell=zsh\ncolour=blue\nenter=sometimes\n"));
    for name in ["shell", "script", "sourced", "enter", "prompt", "segment", "completion", "debug-trap", "live"] {
        assert!(of(&checks, name).starts_with("unknown: not known: "), "{name}");
    }
    assert!(of(&checks, "alias").starts_with("ok: "), "no alias is nothing to say");
    assert_eq!(code, 0);
}

#[test]
fn what_comes_from_the_environment_does_not_drive_the_terminal() {
    let w = World::new();
    let facts = but("alias", "\u{1b}]0;title\u{7}\u{202e}") + "version=\u{1b}[2J\nscript=\u{9b}2J\n";
    let output = w.command(AOS).arg("doctor").env("AOS_SHELL_FACTS", facts).env("AGENT_OS_HOME", "\u{1b}c").output();
    let said = String::from_utf8(output.expect("runs").stdout).expect("text");
    assert!(said.contains("\\x1b]0;title\\x07") && said.contains("wins over $AGENT_OS_HOME, \\x1bc"), "{said}");
    assert!(!said.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{9b}']), "{said:?}");
}

#[test]
fn without_the_integration_it_says_where_the_line_is_and_where_not() {
    let w = World::new();
    let rc = w.join(".bashrc").display().to_string();
    let (checks, code) = doctor(&w, None);
    assert_eq!(
        of(&checks, "integration"),
        format!(
            "bad: the integration is not loaded in this shell / {rc} does not load it: aos init --install bash adds the line"
        )
    );
    assert_eq!(code, 1);
    w.ok(&["init", "--install"]);
    let (checks, code) = doctor(&w, None);
    assert!(of(&checks, "integration").ends_with(&format!(" / {rc}:1 loads it: open a new bash")), "{checks:#}");
    assert_eq!(code, 1);
    put(w.join(".bash_aliases"), "alias ll='ls -l'\nalias aos=\"$HOME/.agent-os/tools/aos\"\n");
    let (checks, _) = doctor(&w, None);
    let aliases = w.join(".bash_aliases").display().to_string();
    assert!(
        of(&checks, "integration").ends_with(&format!("take out the alias that hides aos: {aliases}:2")),
        "{checks:#}"
    );
    assert!(
        of(&checks, "rc-alias").starts_with(&format!(
            "bad: {aliases}:2 makes an alias that hides aos: \"$HOME/.agent-os/tools/aos\", the older Agent OS's tool / "
        )),
        "{checks:#}"
    );
    assert!(of(&doctor(&w, Some(WELL)).0, "rc-alias").starts_with("warn: "), "the shell says that there is none");
}

#[test]
fn a_shell_that_is_neither_gets_both_files_told() {
    let w = World::new();
    let said = w.sh("SHELL=/usr/bin/fish aos doctor --json");
    let checks: Value = serde_json::from_str(&said.out).expect("JSON");
    let told = of(&checks, "integration");
    assert!(told.contains("aos init --install bash adds") && told.contains("aos init --install zsh adds"), "{told}");
}

#[test]
fn a_line_that_is_there_twice_is_told_with_its_places() {
    let w = World::new();
    w.ok(&["init", "--install"]);
    put(w.join(".profile"), "source ~/src/aos/shell/aos.bash\n");
    symlink(".profile", w.join(".bash_profile")).expect("a link");
    let (checks, code) = doctor(&w, Some(&but("sourced", "2")));
    let places = format!("one is enough; found: {0}/.bashrc:1, {0}/.bash_profile:1", w.path().display());
    assert_eq!(of(&checks, "rc"), format!("warn: 2 lines load the integration / {places}"));
    assert!(of(&checks, "sourced").contains("/.bash_profile:1"));
    assert_eq!(code, 0);
}

#[test]
fn the_script_that_the_line_names_is_looked_at() {
    let w = World::new();
    w.ok(&["init", "--install"]);
    let script = w.home().join("shell/aos.bash");
    put(&script, "older\n");
    assert_eq!(
        of(&doctor(&w, Some(WELL)).0, "script-file"),
        format!("warn: {} is of another aos / aos init --install bash", script.display())
    );
    fs::remove_file(&script).expect("removed");
    let (checks, code) = doctor(&w, Some(WELL));
    assert!(of(&checks, "script-file").starts_with("bad: "), "{checks:#}");
    assert_eq!(code, 1);
}

#[test]
fn another_aos_on_the_path_is_told() {
    let w = World::new();
    fs::create_dir(w.join("bin")).expect("a directory");
    write_program(&w.join("bin/aos"), "#!/bin/sh\n");
    let other = w.join("bin/aos").display().to_string();
    let told = |line: &str| {
        let said = w.sh(line);
        of(&serde_json::from_str(&said.out).expect("JSON"), "path")
    };
    assert_eq!(told("aos doctor --json"), format!("ok: {AOS} is the only aos on PATH / "));
    assert_eq!(
        told("PATH=$PATH:$HOME/bin:$HOME/bin/; aos doctor --json"),
        format!("warn: {AOS} is the first of several aos on PATH / also there: {other}")
    );
    assert_eq!(
        told(&format!("PATH=$HOME/bin:$PATH; {AOS} doctor --json")),
        format!(
            "warn: a shell finds {other}, not this {AOS} / let its directory come first in PATH, or remove: {other}"
        )
    );
    assert!(
        told(&format!("PATH=/usr/bin; {AOS} doctor --json")).starts_with(&format!("warn: {AOS} is not on PATH / "))
    );
    symlink(AOS, w.join("link")).expect("a link");
    assert!(
        told("mkdir l; mv link l/aos; PATH=$HOME/l:$PATH; aos doctor --json").starts_with("ok: "),
        "one file is one aos"
    );
}

#[test]
fn a_home_that_aos_would_refuse_is_bad() {
    let w = World::new();
    let (checks, _) = doctor(&w, Some(WELL));
    let home = w.home().display().to_string();
    assert_eq!(of(&checks, "home"), format!("ok: tasks will be in {home}, made by the first ($AOS_HOME says so) / "));
    assert!(!w.home().exists(), "looking makes nothing");
    fs::create_dir(w.home()).expect("a directory");
    assert!(of(&doctor(&w, Some(WELL)).0, "tasks").starts_with("ok: there are no tasks yet"));
    fs::set_permissions(w.home(), fs::Permissions::from_mode(0o777)).expect("a mode");
    let (checks, code) = doctor(&w, Some(WELL));
    assert_eq!(of(&checks, "home"), format!("bad: {home} can be written by others (mode 0777) / chmod go-w {home}"));
    assert_eq!(code, 1);
    fs::set_permissions(w.home(), fs::Permissions::from_mode(0o700)).expect("a mode");
    let said = w.sh("export AGENT_OS_HOME=$HOME/b; aos doctor; unset AOS_HOME; aos doctor");
    assert!(said.out.contains("($AOS_HOME says so, and wins over $AGENT_OS_HOME, "), "{}", said.out);
    assert!(said.out.contains("/b, made by the first ($AGENT_OS_HOME says so)"), "{}", said.out);
}

#[test]
fn without_any_home_it_still_answers() {
    let w = World::new();
    let Some(said) = w.with_accounts("nobody:x:65534:65534::/:/bin/sh\n", "aos doctor") else { return };
    assert_eq!((said.err.as_str(), said.code), ("", 1));
    assert!(
        said.out.contains("bad      no home directory: $HOME is not set, and /etc/passwd has none\n"),
        "{}",
        said.out
    );
}

#[test]
fn an_agent_os_beside_is_told_as_a_fact() {
    let w = World::new();
    fs::create_dir_all(w.home().join("tools")).expect("directories");
    put(w.home().join("VERSION"), "1.4.2\nmore\n");
    put(w.home().join("tools/aos"), "#!/bin/bash\n");
    assert_eq!(
        of(&doctor(&w, Some(WELL)).0, "agent-os"),
        format!(
            "ok: an Agent OS 1.4.2 is installed in the same place, and left alone; its own aos is {} / ",
            w.home().join("tools/aos").display()
        )
    );
}

#[test]
fn lost_tasks_are_named() {
    let w = World::new();
    let id = w.begin(&["sleep", "1000"]);
    assert!(of(&doctor(&w, Some(WELL)).0, "tasks").starts_with("ok: no task is lost"));
    kill(w.row(id)["supervisor_pid"].as_i64().expect("a pid") as i32, Signal::SIGKILL);
    until(|| w.row(id)["status"] == "lost").expect("lost");
    let (checks, code) = doctor(&w, Some(WELL));
    assert_eq!(
        of(&checks, "tasks"),
        "warn: lost, for their supervisor is gone: task-001 / aos why task-001 tells more; aos restart task-001 begins it \
         again, aos rm task-001 forgets it"
    );
    assert_eq!(code, 0);
}

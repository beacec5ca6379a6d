//! What a prompt shows of tasks, and what a shell says of their ends.

use std::fs;
use std::io::Write;

use nix::sys::signal::Signal;

use crate::shell::{BOTH, Kind, Shell};
use crate::terminal::Screen;
use crate::world::{World, kill, parent, until};

/// Presses Enter until the prompt says this. Where no event reaches the shell itself, a person
/// would do the same.
pub fn until_prompt_says(shell: &mut Shell, text: &str) {
    until(|| {
        if shell.screen.row() > 15 {
            shell.keys("\x0c");
            shell.screen.until_so("clear", |screen| screen.cursor_position().0 == 0);
        }
        shell.type_on("\r");
        shell.last_line().starts_with(text)
    })
    .unwrap_or_else(|| panic!("no prompt `{text}`:\n{}", shell.text()));
}

fn supervisor(w: &World, id: u32) -> i32 {
    i32::try_from(w.row(id)["supervisor_pid"].as_i64().expect("a pid")).expect("a pid")
}

#[test]
fn it_counts_the_running_and_the_failed() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        assert!(shell.last_line().starts_with('<'), "nothing when there is nothing to tell");
        let running = w.begin(&["sleep", "1000"]);
        until_prompt_says(&mut shell, "1& <");
        w.begin(&["exit 3"]);
        w.ended(2);
        until_prompt_says(&mut shell, "1& 1! <");
        // A list that nobody sees is no look.
        w.ok(&["tasks"]);
        until_prompt_says(&mut shell, "1& 1! <");
        shell.type_line("aos tasks");
        shell.until("failed (3)");
        until_prompt_says(&mut shell, "1& <");
        w.ok(&["stop", &running.to_string()]);
        until_prompt_says(&mut shell, "<");
        shell.end();
    }
}

#[test]
fn it_counts_the_tasks_whose_output_has_errors_while_they_live() {
    let w = World::new();
    let log = "echo 'error[E0425]: cannot find value `x`'; echo ' --> src/main.rs:3:5'; echo";
    let id = w.begin(&["--shell", &format!("{log}; while [ ! -e end ]; do sleep 0.1; done")]);
    w.begin(&["sleep", "1000"]);
    let mut shells: Vec<Shell> = BOTH.iter().map(|kind| kind.with_aos(&w, "")).collect();
    shells.iter_mut().for_each(|shell| until_prompt_says(shell, "2& 1* <"));
    assert_eq!(w.ok(&["prompt"]), "2& 1* \n");
    fs::File::create(w.join("end")).expect("a file");
    w.ended(id);
    shells.iter_mut().for_each(|shell| until_prompt_says(shell, "1& <"));
    // What somebody was too late to take away counts for nobody.
    fs::File::create(w.home().join("tasks/active/task-001.errors")).expect("a file");
    assert_eq!(w.ok(&["prompt"]), "1& \n");
    shells.iter_mut().for_each(|shell| until_prompt_says(shell, "1& <"));
    shells.into_iter().for_each(Shell::end);
}

#[test]
fn it_is_true_after_a_crash_though_no_aos_has_run_since() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        w.begin(&["sleep", "1000"]);
        until_prompt_says(&mut shell, "1& <");
        let supervisor = supervisor(&w, 1);
        let watchdog = parent(supervisor);
        // The watchdog first, so that nobody at all is left to say what happened.
        kill(watchdog, Signal::SIGKILL);
        until_prompt_says(&mut shell, "1& <");
        kill(supervisor, Signal::SIGKILL);
        until_prompt_says(&mut shell, "<");
        assert_eq!(w.row(1)["status"], "lost");
        until_prompt_says(&mut shell, "1! <");
        shell.end();
    }
}

#[test]
fn a_lost_task_is_a_failure_and_is_told() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        shell.type_line("sleep 1000 &aos");
        shell.until("[task-001]");
        kill(supervisor(&w, 1), Signal::SIGKILL);
        until_prompt_says(&mut shell, "1! <");
        shell.until("[task-001] lost  sleep 1000  its supervisor was ended by SIGKILL");
        shell.end();
    }
}

#[test]
fn it_survives_a_deleted_home() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        let id = w.begin(&["sleep", "1000"]);
        until_prompt_says(&mut shell, "1& <");
        let supervisor = supervisor(&w, id);
        if kind == Kind::Zsh {
            until_bell(&w);
        }
        fs::remove_dir_all(w.home()).expect("deleted");
        until_prompt_says(&mut shell, "<");
        assert!(!shell.text().contains("o such file"), "{}", shell.text());
        assert!(!w.home().exists(), "and the shell does not make it again");
        shell.end();
        kill(supervisor, Signal::SIGTERM);
    }
}

#[test]
fn the_format_is_the_users() {
    for kind in BOTH {
        let w = World::new();
        w.begin(&["exit 3"]);
        w.ended(1);
        w.begin(&["sleep", "1000"]);
        let shell = kind.with_aos(&w, "AOS_PROMPT_FORMAT=$'\\e[31m(%r up{, %f bad} 100%%)\\e[0m '");
        shell.until("(1 up, 1 bad 100%%) <1>");
        assert_eq!(shell.screen.colour_at(0, 1), vt100::Color::Idx(1));
        // Colours take no room: the cursor knows where it is.
        let mut shell = shell;
        shell.keys("abc\x01X");
        shell.until("<1> Xabc");
        let rendered = w.ok(&["prompt", "--format", "(%r up{, %f bad} 100%%) "]);
        assert_eq!(rendered, "(1 up, 1 bad 100%%) \n", "aos prompt says the same");
        shell.end();
        w.ok(&["stop", "2"]);
    }
}

#[test]
fn it_stands_where_the_user_puts_it() {
    for kind in BOTH {
        let w = World::new();
        w.begin(&["sleep", "1000"]);
        let own = match kind {
            Kind::Bash => "PS1='${AOS_PROMPT-}at my place <\\#> '",
            Kind::Zsh => "setopt promptsubst; PS1='${AOS_PROMPT-}at my place <%h> '",
        };
        let shell = kind.with_aos(&w, own);
        assert_eq!(shell.last_line().trim_end(), "1& at my place <1>", "{kind:?}");
        shell.end();
        let shell = kind.with_aos(&w, "AOS_PROMPT_PLACE=none");
        assert_eq!(shell.last_line().trim_end(), "<1>", "{kind:?}");
        shell.end();
        w.ok(&["stop", "1"]);
    }
}

#[test]
fn an_end_is_told_in_the_shell_that_began_it() {
    for kind in BOTH {
        let w = World::new();
        let mut other = kind.with_aos(&w, "");
        let mut shell = kind.with_aos(&w, "");
        let mut any = kind.with_aos(&w, "AOS_NOTICES=any");
        let mut off = kind.with_aos(&w, "AOS_NOTICES=off");
        shell.line("printf '' &aos -n first");
        w.ended(1);
        any.line("echo enters");
        off.type_line("sh -c 'exit 4' &aos -n off");
        off.until("[task-002]");
        shell.type_line("sh -c 'exit 5' &aos -n second");
        shell.until("[task-003]");
        w.ended(2);
        w.ended(3);
        shell.line("echo here");
        shell.until("[task-001] succeeded  printf ''");
        shell.until("[task-003] failed  sh -c 'exit 5'  exit 5");
        shell.until("(aos logs 3)");
        any.line("echo here");
        any.until("[task-002] failed");
        any.until("[task-003] failed");
        other.line("echo here");
        off.line("echo here");
        for quiet in [&other, &off] {
            assert!(!quiet.text().contains("] failed"), "{kind:?}:\n{}", quiet.text());
        }
        // Each is told once.
        assert_eq!(shell.text().matches("[task-003] failed").count(), 1);
        for shell in [other, shell, any, off] {
            shell.end();
        }
    }
}

#[test]
fn what_this_shell_has_stopped_it_need_not_be_told() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        shell.line("sleep 1000 &aos");
        shell.line("sleep 1001 &aos");
        shell.line("aos stop 1");
        w.ok(&["stop", "2"]);
        shell.line("echo here");
        shell.until("[task-002] stopped  sleep 1001  asked by aos stop");
        assert_eq!(shell.text().matches("[task-001] stopped").count(), 1, "only by `aos stop`:\n{}", shell.text());
        shell.end();
    }
}

#[test]
fn zsh_shows_changes_without_enter_and_keeps_what_is_typed() {
    let w = World::new();
    w.begin(&["true"]);
    w.ended(1);
    let mut shell = Kind::Zsh.with_aos(&w, "");
    // The bell is hung up while the prompt stands.
    until_bell(&w);
    shell.keys("half typ");
    shell.until("<1> half typ");
    let id = w.begin(&["until [ -e go ]; do sleep 0.01; done; exit 3"]);
    shell.until("1& <1> half typ");
    fs::File::create(w.join("go")).expect("the sign to go on");
    w.ended(id);
    shell.until("1! <1> half typ");
    shell.keys("ed\x15echo goes on\r");
    shell.until("\ngoes on");
    shell.end();
}

#[test]
fn zsh_tells_of_ends_without_enter() {
    let w = World::new();
    let mut shell = Kind::Zsh.with_aos(&w, "");
    shell.type_line("until [ -e go ]; do sleep 0.01; done &aos");
    shell.until("[task-001]");
    until_bell(&w);
    // No key is typed between the beginning of the first task in this home and its end.
    fs::File::create(w.join("go")).expect("the sign to go on");
    shell.until("[task-001] succeeded  until [ -e go ]; do sleep 0.01; done");
    shell.type_line("until [ -e on ]; do sleep 0.01; done &aos");
    shell.until("[task-002]");
    shell.keys("half typ");
    fs::File::create(w.join("on")).expect("the sign to go on");
    shell.until("[task-002] succeeded  until [ -e on ]; do sleep 0.01; done");
    until(|| shell.last_line().ends_with("> half typ")).unwrap_or_else(|| panic!("{}", shell.text()));
    shell.end();
}

/// Waits until a zsh has hung up its bell, which it does once its prompt stands.
pub fn until_bell(w: &World) {
    let is_bell =
        |entry: std::io::Result<fs::DirEntry>| entry.is_ok_and(|e| e.path().extension() == Some("bell".as_ref()));
    until(|| fs::read_dir(w.home().join("shells")).is_ok_and(|mut dir| dir.any(is_bell))).expect("a bell");
}

#[test]
fn a_shell_that_closes_says_what_goes_on() {
    for kind in BOTH {
        let w = World::new();
        let theirs = match kind {
            Kind::Bash => "trap 'echo theirs too' EXIT",
            Kind::Zsh => "zshexit() { echo theirs too }",
        };
        let mut shell = kind.with_aos(&w, theirs);
        w.begin(&["sleep", "999"]);
        shell.line("sleep 1000 &aos -n mine");
        shell.type_line("exit 7");
        shell.until("aos: task-002 (mine) goes on in the background");
        shell.until("theirs too");
        assert_eq!(shell.screen.exit_code(), 7, "{kind:?}");
        assert_eq!(w.row(2)["status"], "running");
        let left = fs::read_dir(w.home().join("shells")).map_or(0, Iterator::count);
        assert_eq!(left, 0, "{kind:?}: nothing of the shell is kept");
        w.ok(&["stop", "1", "2"]);
    }
}

#[test]
fn of_many_each_birth_and_end_is_counted() {
    const MANY: u32 = 66;
    let w = World::new();
    for _ in 0..MANY {
        w.begin(&["sleep", "1000"]);
    }
    let mut shells: Vec<Shell> = BOTH.iter().map(|kind| kind.with_aos(&w, "")).collect();
    let mut all_say = |count: u32| {
        for shell in &mut shells {
            // Listed, listed again with a file that is as old as the list, and not listed.
            (0..4).for_each(|_| until_prompt_says(shell, &format!("{count}& <")));
        }
    };
    all_say(MANY);
    let looks = fs::read_dir(w.home().join("shells")).expect("a list").flatten();
    assert_eq!(looks.filter(|look| look.path().extension() == Some("look".as_ref())).count(), BOTH.len());
    w.begin(&["sleep", "1000"]);
    all_say(MANY + 1);
    w.ok(&["stop", "1", "2"]);
    all_say(MANY - 1);
    w.begin(&["exit 3"]);
    w.ended(MANY + 2);
    shells.iter_mut().for_each(|shell| until_prompt_says(shell, &format!("{}& 1! <", MANY - 1)));
    // One whose supervisor and watchdog were killed is found within some prompts.
    let supervisor = supervisor(&w, 40);
    let watchdog = parent(supervisor);
    kill(watchdog, Signal::SIGKILL);
    kill(supervisor, Signal::SIGKILL);
    shells.iter_mut().for_each(|shell| until_prompt_says(shell, &format!("{}& 1! <", MANY - 2)));
    shells.into_iter().for_each(Shell::end);
    w.ok(&["kill", "@running"]);
}

/// The forks of a shell whose prompt stands, while somebody presses Enter.
#[test]
fn a_prompt_and_enter_fork_nothing() {
    for kind in BOTH {
        let w = World::new();
        w.begin(&["exit 3"]);
        w.ended(1);
        w.begin(&["sleep", "1000"]);
        let mut shell = kind.with_aos(&w, "");
        until_prompt_says(&mut shell, "1& 1! <");
        if kind == Kind::Zsh {
            until_bell(&w);
        }
        let trace = w.join("trace");
        let trace = trace.to_string_lossy();
        let pid = shell.screen.pid().to_string();
        let mut strace = w.command("strace");
        strace.args(["-q", "-e", "trace=clone,clone3,fork,vfork,getppid", "-o", &trace, "-p", &pid]);
        let mut strace = strace.spawn().expect("strace");
        until(|| fs::read_to_string(format!("/proc/{pid}/status")).is_ok_and(|s| !s.contains("TracerPid:\t0")))
            .expect("traced");
        for line in ["", "echo one", "", "false", "echo two", "cd /", "cd -"] {
            shell.type_on(&format!("{line}\r"));
        }
        // That a fork would be seen.
        let before = fs::read_to_string(&*trace).expect("a trace");
        shell.type_on("ls /dev/null\r");
        let after = until(|| fs::read_to_string(&*trace).is_ok_and(|t| t.lines().any(is_fork)));
        assert!(after.is_some() && !before.lines().any(is_fork), "{kind:?}: {before}");
        crate::world::end(&mut strace);
        shell.end();
        w.ok(&["stop", "2"]);
    }
}

fn is_fork(line: &str) -> bool {
    ["clone", "fork", "vfork"].iter().any(|call| line.contains(call))
}

#[test]
fn tmux_and_others_ask_aos() {
    let w = World::new();
    assert_eq!(w.ok(&["prompt"]), "");
    w.begin(&["sleep", "1000"]);
    assert_eq!(w.ok(&["prompt"]), "1& \n");
    assert_eq!(
        w.json(&["prompt", "--json"]),
        serde_json::json!({ "version": 1, "running": 1, "queued": 0, "waiting": 0, "failed": 0, "with_errors": 0 })
    );
    w.begin(&["exit 3"]);
    w.ended(2);
    assert_eq!(w.ok(&["prompt"]), "1& 1! \n");
    // Looking at it in a terminal is what makes it old news.
    let screen = Screen::open(&w, &[env!("CARGO_BIN_EXE_aos"), "why", "2"], 24, 100);
    screen.until("failed");
    until(|| w.ok(&["prompt"]) == "1& \n").expect("seen");
    screen.end();
    w.ok(&["stop", "1"]);
}

#[test]
fn an_end_that_a_verb_tells_at_the_prompt_is_told_once() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        shell.type_line("sh -c 'until [ -e go ]; do sleep 0.01; done; exit 3' &aos");
        shell.until("[task-001]");
        shell.type_line("aos wait 1");
        until(|| w.sh("ls home/shells").out.contains(".tells-1.")).expect("somebody waits");
        fs::File::create(w.join("go")).expect("the sign to end");
        shell.until("[task-001] failed (exit 3) after ");
        shell.line("echo here");
        assert_eq!(shell.text().matches("] failed").count(), 1, "{kind:?}:\n{}", shell.text());
        assert!(!w.sh("ls home/shells").out.contains("tells"), "it is over");
        // Who waited and was ended before has told nothing.
        fs::remove_file(w.join("go")).expect("removed");
        shell.type_line("sh -c 'until [ -e go ]; do sleep 0.01; done; exit 4' &aos");
        shell.until("[task-002]");
        shell.type_line("aos wait 2");
        until(|| w.sh("ls home/shells").out.contains(".tells-2.")).expect("somebody waits");
        shell.keys("\x03");
        until(|| w.sh("pgrep -f '^aos wait 2$'").out.is_empty()).expect("it is gone");
        fs::File::create(w.join("go")).expect("the sign to end");
        w.ended(2);
        shell.line("echo again");
        shell.until("[task-002] failed  sh -c ");
        shell.end();
    }
}

#[test]
fn a_restart_is_told_as_no_stop() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        shell.type_line("sleep 1000 &aos -n web");
        shell.until("[task-001]");
        let attached = Screen::open(&w, &[env!("CARGO_BIN_EXE_aos"), "attach", "1"], 24, 100);
        attached.until("leaves)");
        w.ok(&["restart", "1"]);
        attached.until("[task-001] run 1 ended (killed by SIGTERM) after ");
        assert!(w.ok(&["why", "1"]).contains(") asked for the next run"), "{}", w.ok(&["why", "1"]));
        shell.line("echo here");
        assert!(!shell.text().contains("stopped"), "{kind:?}:\n{}", shell.text());
        w.ok(&["stop", "1"]);
        shell.line("echo there");
        shell.until("[task-001] stopped  sleep 1000  asked by aos stop");
        shell.end();
        attached.end();
    }
}

#[test]
fn a_notice_of_a_task_that_was_removed_meanwhile_names_no_log() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        let begin = "aos run -b 'exit 3'; aos run -b --after 1 true; aos run -b 'exit 4'";
        // No prompt comes before they are removed.
        shell.type_line(&format!("{begin}; echo be''gun; read -r x"));
        shell.until("begun");
        (1..=3).for_each(|id| drop(w.ended(id)));
        w.ok(&["rm", "1", "2"]);
        shell.keys("\r");
        shell.until("[task-003] failed  exit 4  exit 4  0.0s  (aos logs 3)");
        let text = shell.text();
        for told in ["[task-001] failed  exit 3  exit 3  0.0s", "[task-002] cancelled  true  task-001 failed (exit 3)"]
        {
            assert!(text.lines().any(|line| line.trim_end() == told), "{kind:?}: `{told}`:\n{text}");
        }
        shell.end();
    }
}

#[test]
fn a_file_of_notices_of_any_size_holds_no_prompt_up() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "unsetopt notify 2>/dev/null");
        let ends = |shell: &mut Shell, id: u32, code: u32| {
            shell.type_line(&format!("sh -c 'exit {code}' &aos"));
            shell.until(&format!("[task-{id:03}]"));
            w.ended(id);
        };
        ends(&mut shell, 1, 3);
        shell.line("echo here");
        shell.until("[task-001] failed  sh -c 'exit 3'");
        let named = w.sh("ls -d $PWD/home/shells/*").out;
        let file = named.lines().find(|path| !path.ends_with(".bell")).expect("the shell's file").to_owned();
        // A hole of 64 GiB.
        let told = fs::read(&file).expect("notices");
        fs::File::options().write(true).open(&file).and_then(|f| f.set_len(1 << 36)).expect("grown");
        shell.line("echo sparse");
        shell.until("aos: and others: aos tasks");
        assert!(fs::metadata(&file).expect("a file").len() < 4096, "{kind:?}: it is begun anew");
        // It may be told at the very next prompt: nothing clears the screen after it has begun.
        shell.line("clear");
        ends(&mut shell, 2, 4);
        shell.line("echo two");
        shell.until("[task-002] failed  sh -c 'exit 4'");
        assert_eq!(shell.text().matches("[task-001]").count(), 0, "{kind:?}:\n{}", shell.text());
        // More at once than is read in one go: none that was told is told again.
        let mut many = fs::File::options().append(true).open(&file).expect("the file");
        many.write_all(&told.repeat(2000)).expect("written");
        drop(many);
        shell.line("echo many");
        shell.until("aos logs 1)");
        for _ in 0..8 {
            shell.line("clear");
        }
        ends(&mut shell, 3, 5);
        shell.line("echo three");
        shell.until("[task-003] failed  sh -c 'exit 5'");
        shell.line("clear");
        assert!(!shell.text().contains("] failed"), "{kind:?}:\n{}", shell.text());
        shell.end();
    }
}

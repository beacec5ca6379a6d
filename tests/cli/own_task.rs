//! A verb that has to do with the task that it is itself a part of.

use std::fs::File;

use crate::terminal::Screen;
use crate::world::World;

fn go(w: &World) {
    File::create(w.join("go")).expect("the sign to go on");
}

fn log(w: &World, id: u32) -> String {
    String::from_utf8(w.log(id)).expect("text")
}

#[test]
fn a_monitor_within_a_task_does_not_show_what_it_prints_itself() {
    let w = World::new();
    w.begin(&["-n", "lines", "aos monitor --logs | cat"]);
    w.until_logged(1, "the log of task-001 is left out");
    w.begin(&["-n", "other", "echo from the other; until [ -e go ]; do sleep 0.01; done; echo its end"]);
    w.until_logged(1, "from the other");
    go(&w);
    w.until_logged(1, "task-002 other succeeded");
    w.ok(&["stop", "1"]);
    let log = log(&w, 1);
    assert_eq!((log.matches("from the other").count(), log.matches("its end").count()), (1, 1), "{log}");
    assert!(!log.contains("lines │") && log.lines().count() < 20, "{log}");
}

#[test]
fn a_live_monitor_within_a_task_says_that_its_own_log_is_left_out() {
    let w = World::new();
    let mut screen = Screen::open(&w, &["aos", "run", "-n", "mine", "--", "aos", "monitor"], 16, 100);
    screen.until("its log is left out");
    screen.keys(b"q");
    assert_eq!(screen.exit_code(), 0);
}

#[test]
fn tasks_do_not_follow_each_other() {
    let w = World::new();
    let waits = "until [ -e go ]; do sleep 0.01; done";
    w.begin(&[&format!("echo first; {waits}; aos logs -f 3; aos monitor --logs 3 1 2 | cat; echo end")]);
    w.begin(&["aos logs -f 1"]);
    w.until_logged(2, "first");
    // By way of a third one.
    w.begin(&["aos logs -f 2 | cat"]);
    w.until_logged(3, "first");
    go(&w);
    w.until_logged(3, "task-001 cannot follow the log of task-003");
    for id in 1..=3 {
        w.until_logged(1, &format!("the log of task-00{id} is left out"));
    }
    w.ok(&["stop", "1"]);
    for id in 1..=3 {
        w.ended(id);
        assert!(w.log(id).len() < 5000, "{}", log(&w, id));
    }
}

#[test]
fn a_task_within_another_one_knows_both() {
    let w = World::new();
    let id = w.begin(&["aos run -- sh -c 'aos logs -f 1; aos logs -f 2; aos logs -f 1,2; echo \"code $?\"'; echo end"]);
    w.ended(id);
    let log = log(&w, id);
    assert!(log.contains("task-002 cannot follow the log of task-001"), "{log}");
    assert!(log.contains("task-002 cannot follow its own log"), "{log}");
    assert!(log.contains("code 1") && log.contains("end\n") && log.len() < 2000, "{log}");
}

#[test]
fn a_task_that_waits_for_itself_is_told_so() {
    let w = World::new();
    w.begin(&["true"]);
    let line = "aos wait 2; echo code $?; aos wait @all; echo code $?; aos wait 2 --for idle:1ms; echo code $?; \
                aos run --after 2:any true; echo code $?; aos restart 2; echo code $?";
    w.begin(&["-e", "NO_COLOR=1", line]);
    w.ended(2);
    let expected = "aos: this is a part of task-002: it does not end while it is waited for\n  hint: aos tasks lists others\n\
        code 2\n\
        aos: this is a part of task-002, which is not waited for\n[task-001] succeeded";
    let log = log(&w, 2);
    assert!(log.starts_with(expected), "{log}");
    assert_eq!(log.matches("code 0\n").count(), 2, "{log}");
    assert!(
        log.contains("this is a part of task-002: it does not end while it waits for what begins after it"),
        "{log}"
    );
    assert!(
        log.contains("this is a part of task-002: it would be stopped, and nobody left to begin it again"),
        "{log}"
    );
    assert!(log.ends_with("code 2\n"), "{log}");
    assert_eq!(w.row(2)["run"], 1);
}

#[test]
fn who_acts_on_his_own_task_is_told_what_becomes_of_it() {
    let w = World::new();
    let id = w.begin(&["trap : USR1; aos signal USR1 1; aos send 1 x; aos stop 1; sleep 1000"]);
    assert_eq!(w.ended(id)["status"], "stopped");
    let log = log(&w, id);
    for what in ["gets SIGUSR1", "reads what is typed there at this terminal", "is ended, and this with it"] {
        assert!(log.contains(&format!("aos: this is a part of task-001, which {what}\n")), "{log}");
    }
    let id = w.begin(&["aos pause 2; echo goes on"]);
    w.until_logged(id, "this is a part of task-002, which stands still until somebody else resumes it");
    w.aos(&["wait", "--for", "idle:50ms", "2"]);
    w.ok(&["resume", "2"]);
    assert_eq!(w.ended(id)["status"], "succeeded");
    // A task that is not ours is none of this.
    assert_eq!(w.aos(&["wait", "2"]).err, "");
}

//! Logs of several runs, and which log is shown where none is named.

use std::fs;

use crate::terminal::Screen;
use crate::world::World;

/// What a verb leaves on a screen.
fn seen(w: &World, words: &[&str], last: &str) -> Vec<String> {
    let mut screen = Screen::open(w, &[&["aos"], words].concat(), 24, 80);
    screen.until(last);
    screen.until_ended();
    (0..24).map(|row| screen.line(row).trim_end().to_owned()).filter(|row| !row.is_empty()).collect()
}

/// The rows, with the time of a mark as `TIME`.
fn timeless(rows: &[String]) -> Vec<String> {
    let timeless = |row: &String| match row.split_once("--- run ") {
        Some((before, rest)) => {
            let (run, time) = rest.split_once(", ").expect("a time");
            let digits = time.trim_end_matches(" ---");
            assert!(digits.len() == 8 && digits.split(':').count() == 3, "{row}");
            format!("{before}--- run {run}, TIME ---")
        }
        None => row.clone(),
    };
    rows.iter().map(timeless).collect()
}

/// Three runs, each of which leaves its last line open.
fn three_runs(w: &World) {
    let id = w.begin(&[
        "-n",
        "thrice",
        "--restart",
        "on-failure",
        "--retries",
        "2",
        "--backoff",
        "0",
        "echo run $AOS_RUN; printf end; false",
    ]);
    w.ended(id);
}

#[test]
fn a_terminal_shows_where_another_run_begins_and_a_pipe_does_not() {
    let w = World::new();
    three_runs(&w);
    let whole = ["run 1", "end", "--- run 2, TIME ---", "run 2", "end", "--- run 3, TIME ---", "run 3", "end"];
    assert_eq!(timeless(&seen(&w, &["logs", "1"], "run 3")), whole);
    assert_eq!(w.ok(&["logs", "1"]), "run 1\nendrun 2\nendrun 3\nend");
    assert_eq!(timeless(&seen(&w, &["logs", "--head", "1", "1"], "run 1")), ["run 1"]);
    assert_eq!(timeless(&seen(&w, &["logs", "1#2"], "run 2")), ["run 2", "end"]);
    let followed = seen(&w, &["logs", "-f", "1"], "run 3");
    assert_eq!(timeless(&followed), whole, "a task that is over is followed to its end");
    let marks = seen(&w, &["logs", "--timestamps", "1"], "run 3").into_iter().filter(|row| row.starts_with("--- run "));
    assert_eq!(timeless(&marks.collect::<Vec<_>>()), ["--- run 2, TIME ---", "--- run 3, TIME ---"]);
    assert!(!w.ok(&["logs", "--timestamps", "1"]).contains("---"));
    assert!(!w.ok(&["logs", "--json", "1"]).contains("---"));
}

#[test]
fn the_mark_comes_with_the_first_line_of_a_run_that_is_followed() {
    let w = World::new();
    fs::create_dir(w.join("src")).expect("a directory");
    w.begin(&["--watch", "src", "echo run $AOS_RUN; exec sleep 1000"]);
    w.until_logged(1, "run 1");
    let mut screen = Screen::open(&w, &["aos", "logs", "-f", "1"], 24, 80);
    screen.until("run 1");
    assert!(!screen.text().contains("---"), "{}", screen.text());
    fs::File::create(w.join("src/new")).expect("a change");
    screen.until(" ---\nrun 2");
    let rows: Vec<String> = (0..3).map(|row| screen.line(row)).collect();
    assert_eq!(timeless(&rows), ["run 1", "--- run 2, TIME ---", "run 2"]);
    w.ok(&["stop", "1"]);
    screen.until_ended();
}

#[test]
fn without_an_id_it_is_said_whose_log_it_is_and_a_failure_goes_before_an_old_server() {
    let w = World::new();
    w.begin(&["-n", "web", "echo from web; exec sleep 1000"]);
    w.until_logged(1, "from web");
    assert_eq!(w.ok(&["logs"]), "from web\n");
    assert_eq!(seen(&w, &["logs"], "from web"), ["==> task-001 web: echo from web; exec sleep 1000 <==", "from web"]);
    w.ended(w.begin(&["-n", "test", "echo from test; exit 3"]));
    w.ended(w.begin(&["-n", "fine", "echo from fine"]));
    assert_eq!(w.ok(&["logs"]), "from test\n");
    assert!(w.ok(&["show"]).contains("task  task-002 (test)\n"));
    assert!(w.ok(&["why"]).contains("exit 3"));
    // Somebody looks: it is no news any more.
    let heading = "==> task-002 test: echo from test; exit 3 <==";
    assert_eq!(seen(&w, &["logs"], "from test"), [heading, "from test"]);
    assert_eq!(w.ok(&["logs"]), "from web\n");
    // What began after a failure is newer than it.
    w.ok(&["stop", "web"]);
    w.ended(w.begin(&["-n", "again", "echo from again; exit 4"]));
    w.begin(&["-n", "web", "echo from web again; exec sleep 1000"]);
    w.until_logged(5, "from web again");
    assert_eq!(w.ok(&["logs"]), "from web again\n");
    assert_eq!(seen(&w, &["logs", "-n", "1", "web"], "again"), ["from web again"], "it was named");
    w.ok(&["stop", "web"]);
}

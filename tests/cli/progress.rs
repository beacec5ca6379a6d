//! How far tasks are, by what their programs draw, or by how long such runs take.

use serde_json::{Value, json};

use crate::stats::remember;
use crate::world::{World, until};

/// The progress of a task in the list, once it is as wanted.
#[track_caller]
fn until_shown(w: &World, id: u32, wanted: &Value) {
    let of = || {
        let rows = w.json(&["tasks", "--json"]);
        let row =
            rows.as_array().and_then(|rows| rows.iter().find(|row| row["id"] == format!("task-{id:03}")).cloned());
        let mut progress = row.expect("a row")["progress"].clone();
        if let Some(fields) = progress.as_object_mut() {
            fields.remove("left_ms");
        }
        progress
    };
    until(|| of() == *wanted).unwrap_or_else(|| panic!("{} instead of {wanted}", of()));
}

#[test]
fn what_programs_draw_is_how_far_they_are() {
    let w = World::new();
    for (output, wanted) in [
        (r"\rcopy 44%%\rcopy 45%%", json!({"done": 45, "total": 100, "unit": "%"})),
        (r"[1/20] cc a.c\n[3/20] cc b.c\nb.c:3: warning: x\n", json!({"done": 3, "total": 20})),
        (
            r"  Building [==>  ] 45/120: a\r\033[K  Compiling b\n  Building [==>  ] 46/120: b\r",
            json!({"done": 46, "total": 120}),
        ),
        (r"  Building [==>  ] 46/120: b\r\033[K  Finished in 3s\n", Value::Null),
        (r"\r 50%%|##   | 1.0M/2.0M [00:12<00:15, 9kB/s]", json!({"done": 1 << 20, "total": 2 << 20, "unit": "bytes"})),
        (r"we are 100%% sure\nTOTAL 100 3 97%%\n/dev/sda1 50G 20G 28G 42%% /\n", Value::Null),
        (r"tests/a.py::x PASSED   [ 45%%]\n", json!({"done": 45, "total": 100, "unit": "%"})),
    ] {
        // What stands behind it takes no room on a screen.
        let id = w.begin(&["--shell", &format!(r"printf '{output}'; printf '\033[0m'; sleep 1000")]);
        until(|| w.log(id).ends_with(b"\x1b[0m")).expect("all of it");
        until_shown(&w, id, &wanted);
        w.ok(&["stop", "--now", &id.to_string()]);
        assert!(w.row(id).get("progress").is_none(), "what is over is nowhere any more");
    }
}

#[test]
fn it_is_shown_wherever_tasks_are() {
    let w = World::new();
    let id = w.begin(&["-n", "copy", "--shell", r"printf '\rcopy 45%% eta 0:02:00'; sleep 1000"]);
    until_shown(&w, id, &json!({"done": 45, "total": 100, "unit": "%"}));
    assert!(w.ok(&["tasks"]).contains("████░░░░░░ 45% 2m left"), "{}", w.ok(&["tasks"]));
    assert!(w.ok(&["show", "copy"]).contains("progress  ████░░░░░░ 45%, 2m left"), "{}", w.ok(&["show", "copy"]));
    assert_eq!(w.row(id)["progress"], json!({"done": 45, "total": 100, "unit": "%", "left_ms": 120_000}));
    let svg = w.join("x.svg");
    w.ok(&["dashboard", "--snapshot", &svg.display().to_string(), "--size", "100x20"]);
    let picture = std::fs::read_to_string(svg).expect("a picture");
    assert!(picture.contains("45%"), "{picture}");
    let plain = w.command(env!("CARGO_BIN_EXE_aos")).arg("tasks").env("LC_ALL", "C").output().expect("aos runs");
    assert!(String::from_utf8_lossy(&plain.stdout).contains("####...... 45% 2m left"));
}

#[test]
fn the_next_run_is_not_as_far_as_the_one_before() {
    let w = World::new();
    let id = w.begin(&["--shell", r"[ -e n ] && { printf 'again\n'; sleep 1000; }; touch n; printf '[3/20] cc\n'"]);
    w.ended(id);
    w.ok(&["restart", &id.to_string()]);
    until(|| w.log(id).ends_with(b"again\r\n") || w.log(id).ends_with(b"again\n")).expect("the second run");
    until_shown(&w, id, &Value::Null);
}

#[test]
fn where_a_program_shows_nothing_the_usual_time_tells_and_is_marked() {
    let w = World::new();
    w.begin(&["true"]);
    w.ended(1);
    remember(&w, "sleep 1000", &[2_000_000; 4]);
    let id = w.begin(&["sleep", "1000"]);
    assert!(w.row(id).get("progress").is_none(), "few runs are no statistics");
    remember(&w, "sleep 1000", &[2_000_000; 4]);
    let progress = &w.row(id)["progress"];
    assert_eq!(
        (&progress["estimated"], &progress["unit"], &progress["total"]),
        (&json!(true), &json!("ms"), &json!(2_000_000))
    );
    assert!(w.ok(&["tasks"]).contains("░░░░░░░░░░ ~0% ~33m left"), "{}", w.ok(&["tasks"]));
    let shown = w.ok(&["show", &id.to_string()]);
    assert!(shown.contains("~0% of the usual 33m20s, ~33m left"), "{shown}");
    w.ok(&["pause", &id.to_string()]);
    until(|| w.row(id).get("progress").is_none()).expect("what is paused gets no further");
}

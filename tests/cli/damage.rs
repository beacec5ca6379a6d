//! Files of a home that are not what they should be: each may cost its own task's facts, and never
//! the rest, nor a hang, nor memory.
//!
//! `AOS_DAMAGE_ROUNDS=40 cargo test --test cli damage` asks every verb of every damage; the suite
//! asks some.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};

use serde_json::Value;

use crate::world::{World, end, until};

/// A verb that takes more memory fails. *Units*: KiB of address space.
const MOST_MEMORY: u32 = 640 << 10;

/// What can become of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Damage {
    Empty,
    Cut,
    Garbage,
    Huge,
    Sparse,
    DeepJson,
    WrongVersion,
    WrongTypes,
    Directory,
    Fifo,
    Socket,
    Link,
    Unreadable,
}

const DAMAGES: [Damage; 13] = [
    Damage::Empty,
    Damage::Cut,
    Damage::Garbage,
    Damage::Huge,
    Damage::Sparse,
    Damage::DeepJson,
    Damage::WrongVersion,
    Damage::WrongTypes,
    Damage::Directory,
    Damage::Fifo,
    Damage::Socket,
    Damage::Link,
    Damage::Unreadable,
];

impl Damage {
    /// Puts something else in the place of a file with these bytes.
    fn put(self, path: &Path, bytes: &[u8]) {
        let _ = fs::remove_file(path);
        let write = |bytes: &[u8]| fs::File::create(path).and_then(|mut f| f.write_all(bytes)).expect("written");
        match self {
            Damage::Empty => write(b""),
            Damage::Cut => write(&bytes[..bytes.len() / 2]),
            Damage::Garbage => write(&(0..5000_u32).map(|n| ((n * n) >> 3) as u8).collect::<Vec<_>>()),
            Damage::Huge => write(&vec![b'x'; 8 << 20]),
            Damage::Sparse => {
                write(bytes);
                fs::File::options().write(true).open(path).and_then(|f| f.set_len(1 << 36)).expect("grown");
            }
            Damage::DeepJson => write(format!("{{\"version\":1,\"x\":{}", "[".repeat(1 << 20)).as_bytes()),
            Damage::WrongVersion => write(with_version_99(bytes).as_bytes()),
            Damage::WrongTypes => {
                write(b"{\"version\":1,\"id\":[],\"run\":\"x\",\"tasks\":{},\"seen\":7,\"event\":{}}\n")
            }
            Damage::Directory => fs::create_dir(path).expect("a directory"),
            Damage::Fifo => {
                let mode = nix::sys::stat::Mode::from_bits_truncate(0o600);
                nix::unistd::mkfifo(path, mode).expect("a FIFO");
            }
            Damage::Socket => bind_beside(path),
            Damage::Link => symlink("/etc/passwd", path).expect("a link"),
            Damage::Unreadable => {
                write(bytes);
                fs::set_permissions(path, fs::Permissions::from_mode(0o000)).expect("a mode");
            }
        }
    }
}

/// A socket's path is short: it is made in a short place and moved.
fn bind_beside(path: &Path) {
    let place = tempfile::tempdir().expect("a directory");
    let short = place.path().join("socket");
    drop(std::os::unix::net::UnixListener::bind(&short).expect("a socket"));
    fs::rename(&short, path).expect("moved");
}

fn with_version_99(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (from, to) = (text.find("\"version\":"), text.find("\"version\":").and_then(|at| text[at..].find([',', '}'])));
    match from.zip(to) {
        Some((from, length)) => format!("{}\"version\":99{}", &text[..from], &text[from + length..]),
        None => "{\"version\":99}".into(),
    }
}

fn write(path: &Path, text: &str) {
    fs::File::create(path).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
}

/// Runs aos within the bounds of time and memory; gives what it printed, if that is wanted.
fn bounded(w: &World, words: &[&str], is_output_wanted: bool) -> (ExitStatus, String, String) {
    let mut command = w.command("sh");
    command.args(["-c", &format!("ulimit -v {MOST_MEMORY}; exec aos \"$@\""), "sh"]).args(words);
    let out = if is_output_wanted { Stdio::piped() } else { Stdio::null() };
    let mut child: Child = command.stdout(out).stderr(Stdio::piped()).spawn().expect("aos runs");
    let errors = child.stderr.take().expect("its errors");
    let errors = std::thread::spawn(move || crate::world::read_all(errors));
    let output = child.stdout.take().map(|out| std::thread::spawn(move || crate::world::read_all(out)));
    let mut status = None;
    // Ten seconds, as nothing here is to wait for anything.
    if until(|| {
        status = child.try_wait().expect("a child");
        status.is_some()
    })
    .is_none()
    {
        end(&mut child);
        panic!("aos {words:?} hangs");
    }
    let status = status.expect("it has ended");
    let errors = String::from_utf8_lossy(&errors.join().expect("read")).into_owned();
    let code = status.code();
    assert!(code.is_some_and(|code| code != 101), "aos {words:?} fails: {status:?} {errors}");
    assert!(!errors.contains("memory allocation"), "aos {words:?}: {errors}");
    let output = output.map(|out| String::from_utf8_lossy(&out.join().expect("read")).into_owned());
    (status, output.unwrap_or_default(), errors)
}

/// The regular files below a directory, without markers, whose names alone say something.
fn files(below: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(below).expect("a directory") {
        let path = entry.expect("an entry").path();
        let kind = fs::symlink_metadata(&path).expect("a file").file_type();
        match () {
            () if kind.is_dir() => found.extend(files(&path)),
            () if kind.is_socket() || kind.is_fifo() => {}
            () => found.push(path),
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a directory");
    fs::set_permissions(to, fs::metadata(from).expect("a directory").permissions()).expect("a mode");
    for entry in fs::read_dir(from).expect("a directory") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() { copy(&path, &target) } else { fs::copy(&path, target).map(drop).expect("copied") }
    }
}

/// How many verbs are asked of each damage.
fn rounds() -> usize {
    std::env::var("AOS_DAMAGE_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// The ids that a list has.
fn listed(w: &World) -> Vec<String> {
    let (status, out, errors) = bounded(w, &["tasks", "-a", "--json"], true);
    assert!(status.success(), "a list fails: {status:?} {errors}");
    let rows: Vec<Value> = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}"));
    rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
}

const OF_FINISHED: &[&[&str]] = &[
    &["show", "1"],
    &["why", "1"],
    &["logs", "1"],
    &["logs", "-n", "3", "1"],
    &["logs", "--grep", "999", "1"],
    &["logs", "--new", "1"],
    &["wait", "--timeout", "5s", "1"],
    &["restart", "1"],
    &["stop", "1"],
    &["run", "-b", "true"],
    &["show", "--json", "1", "2"],
    &["rm", "1"],
    &["tasks"],
    &["logs", "--json", "-n", "2", "1"],
    &["clean", "--older", "0s"],
    &["run", "-b", "--once", "--name", "seq-1", "true"],
    &["doctor"],
    &["logs", "--since", "1h", "1"],
    &["prompt"],
    &["restart", "2"],
    &["debug", "2"],
    &["logs", "--raw", "1#1"],
    &["debug", "--diff", "2"],
    &["debug", "--solved", "x", "2"],
    &[],
];

#[test]
fn no_file_of_what_is_over_costs_more_than_its_own_facts() {
    let w = World::for_long(1 + rounds() as u32);
    fs::create_dir(w.home()).expect("a directory");
    fs::set_permissions(w.home(), fs::Permissions::from_mode(0o700)).expect("a mode");
    write(&w.home().join("config.toml"), "[logs]\nsegment = \"64KiB\"\n[groups.build]\nslots = 1\n");
    write(&w.join("state"), "#aos-shell-state 1 bash /bin/bash\nx=1\n");
    w.begin(&["seq 1 14000"]);
    w.ended(1);
    w.ok(&["run", "-b", "--group", "build", "--shell-state", "state", "echo 'a.c:3:5: error: bad'; exit 3"]);
    w.ended(2);
    w.ok(&["logs", "--new", "1"]);
    w.ok(&["tasks", "-a"]);
    until(|| w.survivors().is_empty()).expect("nothing is left");
    let pristine = w.join("pristine");
    copy(&w.home(), &pristine);
    let paths = files(&pristine);
    assert!(paths.len() > 20, "{paths:#?}");
    let mut verb = 0;
    for path in &paths {
        let name = path.strip_prefix(&pristine).expect("below");
        let bytes = fs::read(path).expect("its bytes");
        for damage in DAMAGES {
            for round in 0..rounds() {
                // Whoever is still about to end has the old one open.
                let old = w.join("old");
                fs::rename(w.home(), &old).expect("renamed");
                copy(&pristine, &w.home());
                until(|| fs::remove_dir_all(&old).is_ok()).expect("removed");
                damage.put(&w.home().join(name), &bytes);
                let is_refused = damage == Damage::WrongVersion && name.ends_with("index.json");
                if !is_refused && round == 0 {
                    let ids = listed(&w);
                    assert!(
                        ["task-001", "task-002"].iter().all(|id| ids.iter().any(|i| i == id)),
                        "{name:?} {damage:?}: {ids:?}"
                    );
                }
                let words = OF_FINISHED[verb % OF_FINISHED.len()];
                verb += 1;
                let started = std::time::Instant::now();
                bounded(&w, words, false);
                if std::env::var_os("AOS_DAMAGE_TOLD").is_some() {
                    eprintln!("{name:?} {damage:?} {words:?} {:?}", started.elapsed());
                }
                until(|| w.survivors().is_empty())
                    .unwrap_or_else(|| panic!("{name:?} {damage:?} {words:?} goes on: {:?}", w.survivors()));
            }
        }
        // The next file in the list begins with another verb.
        verb += 1;
    }
    fs::remove_dir_all(w.home()).expect("removed");
}

const OF_LIVING: &[&[&str]] = &[
    &["signal", "WINCH", "1"],
    &["show", "1"],
    &["why", "1"],
    &["show", "2"],
    &["logs", "-n", "3", "1"],
    &["tasks"],
    &["wait", "--timeout", "1ms", "1"],
    &["peek", "1"],
    &["wait", "--for", "ready", "--timeout", "1ms", "1"],
    &["send", "1", "x"],
    &["rm", "1"],
    &["clean", "--older", "0s"],
    &["logs", "--grep", "up", "1"],
    &["wait", "--timeout", "1ms", "2", "3"],
    &["prompt"],
    &["restart", "99"],
    &[],
];

#[test]
fn no_file_of_the_living_hides_them_or_keeps_a_request_from_them() {
    let w = World::for_long(1 + rounds() as u32);
    w.begin(&["--name", "web", "--group", "build", "echo up; exec sleep 1000"]);
    w.begin(&["--group", "build", "true"]);
    w.begin(&["--after", "1", "true"]);
    w.until_logged(1, "up");
    let supervisors: Vec<Value> = (1..4).map(|id| w.row(id)["supervisor_pid"].clone()).collect();
    w.ok(&["tasks", "-a"]);
    let (aside, mut verb, mut is_paused) = (w.join("aside"), 0, false);
    // The third is as the second. A file that is to become the state goes with the next change of
    // it.
    let is_usual = |path: &PathBuf| {
        !path.to_string_lossy().contains("task-003") && path.extension().is_none_or(|end| end != "tmp")
    };
    for path in files(&w.home()).into_iter().filter(is_usual) {
        let bytes = fs::read(&path).expect("its bytes");
        for damage in DAMAGES {
            for round in 0..rounds() {
                let what = format!("{} {damage:?}", path.display());
                fs::rename(&path, &aside).unwrap_or_else(|e| panic!("{what}: {e}"));
                damage.put(&path, &bytes);
                let is_refused = damage == Damage::WrongVersion && path.ends_with("index.json");
                if !is_refused && round == 0 {
                    assert_eq!(listed(&w), ["task-001", "task-002", "task-003"], "{what}");
                }
                // A request must reach a task whatever its files say, and be carried out.
                if !path.ends_with("lock") && !path.starts_with(w.home().join("tasks/active")) {
                    let words = [if is_paused { "resume" } else { "pause" }, "1"];
                    let (status, _, errors) = bounded(&w, &words, false);
                    assert!(status.success(), "{what}: aos {words:?}: {errors}");
                    is_paused = !is_paused;
                }
                let words = OF_LIVING[verb % OF_LIVING.len()];
                verb += 1;
                bounded(&w, words, false);
                if path.is_dir() && !path.is_symlink() {
                    fs::remove_dir_all(&path).expect("removed")
                }
                fs::rename(&aside, &path).expect("put back");
            }
        }
        verb += 1;
    }
    let rows: Vec<Value> = (1..4).map(|id| w.row(id)["supervisor_pid"].clone()).collect();
    assert_eq!(rows, supervisors, "all live on");
    w.ok(&["stop", "3", "2", "1"]);
}

fn fifo(path: &Path) {
    Damage::Fifo.put(path, b"");
}

#[test]
fn a_registry_that_is_no_file_is_moved_aside_and_made_again() {
    let w = World::new();
    w.begin(&["true"]);
    w.ended(1);
    let whole = w.ok(&["tasks", "-a", "--json"]);
    let index = w.home().join("logs/index.json");
    for damage in [Damage::Directory, Damage::Fifo, Damage::Socket, Damage::Link, Damage::Sparse] {
        damage.put(&index, &fs::read(&index).expect("the registry"));
        assert_eq!(w.ok(&["tasks", "-a", "--json"]), whole, "{damage:?}");
        assert!(fs::symlink_metadata(&index).expect("the registry").is_file(), "{damage:?}");
    }
    let aside =
        |name: &str| fs::symlink_metadata(w.home().join("logs").join(name)).expect("what was there").file_type();
    let told = w.aos(&["doctor"]);
    assert!((told.out.clone() + &told.err).contains("moved aside: logs/index.json.damaged, "), "{told:?}");
    assert!(aside("index.json.damaged").is_dir() && aside("index.json.damaged.2").is_fifo());
}

#[test]
fn a_living_task_is_listed_and_stopped_whatever_can_be_read_of_it() {
    let w = World::new();
    for (file, part) in [
        ("spec.json", "spec.json of task-001 is damaged: "),
        ("status.json", "status.json of task-002 is damaged: "),
        ("lock", "sleep"),
    ] {
        let id = w.begin(&["--name", "web", "echo up; exec sleep 1000"]);
        w.until_logged(id, "up");
        let supervisor = w.row(id)["supervisor_pid"].clone();
        let damage = if file == "lock" { Damage::Fifo } else { Damage::Empty };
        damage.put(&w.task(id, file), b"");
        let rows = w.json(&["tasks", "-a", "--json"]);
        let row = &rows[id as usize - 1];
        assert_eq!((row["status"].as_str(), row["name"].as_str()), (Some("running"), Some("web")), "{row}");
        assert!(row.to_string().contains(part), "{row}");
        if file != "status.json" {
            assert_eq!(row["supervisor_pid"], supervisor);
        }
        let table = w.ok(&["tasks"]);
        assert!(
            table.contains("web") && (file != "spec.json" || table.contains("? (spec.json of task-001 is damaged"))
        );
        if file != "spec.json" {
            assert_eq!(w.aos(&["wait", "--timeout", "10ms", &id.to_string()]).code, 124);
        }
        w.ok(&["stop", &id.to_string()]);
        let rows = w.json(&["tasks", "-a", "--json"]);
        assert_eq!(rows[id as usize - 1]["status"], "stopped", "{rows}");
    }
    // What cannot be read of it now stays in every list, also where the registry is made again.
    let ids = || w.json(&["tasks", "-a", "--json"]).as_array().expect("rows").len();
    assert_eq!(ids(), 3);
    fs::remove_file(w.home().join("logs/index.json")).expect("removed");
    assert_eq!((ids(), ids()), (3, 3));
    w.ok(&["rm", "1", "2", "3"]);
    assert_eq!(ids(), 0);
}

#[test]
fn what_stands_in_the_place_of_a_state_to_come_costs_nothing() {
    let w = World::new();
    let damages = [Damage::Fifo, Damage::Directory, Damage::Socket, Damage::Link, Damage::Sparse, Damage::Unreadable];
    for damage in damages {
        let id = w.begin(&["echo up; exec sleep 1000"]);
        w.until_logged(id, "up");
        let name = id.to_string();
        for spare in [".status.json.1.tmp", ".status.json.2.tmp"] {
            damage.put(&w.task(id, spare), b"");
        }
        w.ok(&["pause", &name]);
        assert_eq!(w.row(id)["status"], "paused", "{damage:?}");
        w.ok(&["stop", &name]);
        assert_eq!(w.row(id)["status"], "stopped", "{damage:?}");
        let state = fs::symlink_metadata(w.task(id, "status.json")).expect("a state");
        assert!(state.is_file() && state.len() < 4096, "{damage:?}: {state:?}");
    }
}

#[test]
fn a_list_says_of_a_task_whose_spec_is_newer_what_that_is() {
    let w = World::new();
    let id = w.begin(&["echo up; exec sleep 1000"]);
    w.until_logged(id, "up");
    let spec = fs::read(w.task(1, "spec.json")).expect("the spec");
    Damage::WrongVersion.put(&w.task(1, "spec.json"), &spec);
    let row = w.json(&["tasks", "--json"])[0].clone();
    assert_eq!(row["reason"], "spec.json of task-001 has version 99, which is newer than this aos");
    w.ok(&["stop", "1"]);
}

#[test]
fn one_task_that_cannot_be_read_does_not_keep_the_others_from_being_shown() {
    let w = World::new();
    for id in [1, 2] {
        w.begin(&["true"]);
        w.ended(id);
    }
    Damage::Directory.put(&w.task(1, "spec.json"), b"");
    for verb in ["show", "why"] {
        let said = w.aos(&[verb, "1", "2"]);
        assert_eq!(said.code, 125);
        let line = "aos: cannot read spec.json of task-001: it is a directory, not a regular file\n  hint: ";
        assert!(said.err.starts_with(line), "{}", said.err);
        assert!(said.out.contains("task-001") && said.out.contains("task-002"), "{}", said.out);
    }
}

#[test]
fn a_task_whose_spec_is_damaged_tells_what_its_other_files_know() {
    let w = World::new();
    let id = w.begin(&["-n", "web", "echo hi; exit 3"]);
    w.ended(id);
    w.begin(&["-n", "live", "echo up; exec sleep 1000"]);
    w.until_logged(2, "up");
    let specs = [1, 2].map(|id| fs::read(w.task(id, "spec.json")).expect("the spec"));
    for damage in [Damage::Garbage, Damage::Empty, Damage::Cut, Damage::Fifo, Damage::Sparse, Damage::Directory] {
        for (id, spec) in [1, 2].into_iter().zip(&specs) {
            damage.put(&w.task(id, "spec.json"), spec);
        }
        for (words, out, code) in [
            (&["show", "1"][..], "failed (exit 3) after ", 125),
            (&["show", "web"], "task  task-001 (web)", 125),
            (&["show", "2"], "status  running", 125),
            (&["why", "1"], "over after ", 125),
            (&["why", "2"], "the command was executed", 125),
            (&["logs", "1"], "hi\n", 0),
            (&["logs", "-n", "1", "1"], "hi\n", 0),
            (&["logs", "--grep", "h.", "web"], "hi\n", 0),
            (&["logs", "--json", "1"], "\"text\":\"hi\"", 0),
            (&["logs", "-f", "1"], "hi\n", 0),
            (&["logs", "live"], "up\n", 0),
            (&["wait", "1"], "", 3),
            (&["wait", "1", "--json"], "\"exit_code\":3", 3),
            (&["wait", "2", "--for", "/up/"], "", 0),
            (&["wait", "2", "--timeout", "10ms"], "", 124),
        ] {
            let said = w.aos(words);
            assert!(said.code == code && said.out.contains(out), "{damage:?}: {words:?}: {said:?}");
            let is_told = said.err.contains("spec.json of task-00");
            assert!(is_told, "{damage:?}: {words:?}: what could not be read is told: {said:?}");
        }
    }
    w.ok(&["stop", "2"]);
    let said = w.aos(&["wait", "2"]);
    assert_eq!(said.code, 143, "{said:?}");
    assert_eq!(w.aos(&["restart", "1"]).code, 125, "what it was to run is not known");
}

#[test]
fn an_end_stands_in_the_state_where_its_record_is_gone() {
    for damage in [None, Some(Damage::Empty), Some(Damage::Garbage), Some(Damage::Directory), Some(Damage::Fifo)] {
        let w = World::new();
        w.begin(&["exit 7"]);
        w.ended(1);
        match damage {
            Some(damage) => damage.put(&w.task(1, "exit.rec"), b""),
            None => fs::remove_file(w.task(1, "exit.rec")).expect("removed"),
        }
        let _ = fs::remove_file(w.home().join("logs/index.json"));
        for words in [&["tasks", "--json"][..], &["tasks", "-a", "--json"], &["show", "1", "--json"]] {
            let said = w.aos(words);
            let has_end = said.out.contains("\"status\":\"failed\"") && said.out.contains("\"exit_code\":7");
            assert!(has_end, "{damage:?}: {words:?}: {said:?}");
        }
        assert_eq!(w.aos(&["wait", "1"]).code, 7, "{damage:?}");
    }
}

#[test]
fn an_end_that_cannot_be_read_is_not_made_up() {
    let w = World::new();
    w.begin(&["exit 7"]);
    w.ended(1);
    // It stands in the state as well.
    for damage in [Damage::Garbage, Damage::Fifo, Damage::Sparse, Damage::Empty] {
        damage.put(&w.task(1, "exit.rec"), b"");
        let row = w.row(1);
        assert_eq!((&row["status"], &row["exit_code"]), (&"failed".into(), &7.into()), "{damage:?}: {row}");
        let _ = fs::remove_file(w.task(1, "exit.rec"));
    }
    Damage::Fifo.put(&w.task(1, "exit.rec"), b"");
    Damage::Garbage.put(&w.task(1, "status.json"), b"");
    let why = w.ok(&["why", "1"]);
    assert!(why.starts_with("task-001 lost: how it ended is not known: status.json of task-001 is damaged: "), "{why}");
}

#[test]
fn a_fifo_among_rules_of_what_is_left_out_keeps_no_watch_waiting() {
    let w = World::new();
    fs::create_dir(w.join("src")).expect("a directory");
    write(&w.join("src/a"), "one\n");
    fifo(&w.join(".gitignore"));
    fifo(&w.join("src/.ignore"));
    w.begin(&["--watch", "src", "cat src/a; exec sleep 1000"]);
    w.until_logged(1, "one");
    write(&w.join("src/a"), "two\n");
    w.until_logged(1, "two");
    w.ok(&["stop", "1"]);
}

#[test]
fn a_fifo_in_the_place_of_settings_holds_no_supervisor_up_at_a_rotation() {
    let w = World::new();
    let id = w.begin(&["read x; seq 1 30000; echo end; exec sleep 1000"]);
    fifo(&w.home().join("config.toml"));
    w.ok(&["send", "1", "go"]);
    w.until_logged(id, "end");
    w.ok(&["stop", "1"]);
    let said = w.aos(&["clean"]);
    assert!(said.err.contains("cannot read config.toml: it is a FIFO, not a regular file"), "{said:?}");
}

#[test]
fn a_fifo_in_the_place_of_a_shells_state_keeps_no_restart_waiting() {
    let w = World::new();
    write(&w.join("state"), "#aos-shell-state 1 bash /bin/bash\nx=1\n");
    w.ok(&["run", "-b", "--shell-state", "state", "echo $x"]);
    w.ended(1);
    for (damage, part) in [(Damage::Fifo, "it is a FIFO"), (Damage::Sparse, "it is longer than 64.0 MiB")] {
        damage.put(&w.task(1, "shell-state"), b"x");
        let (_, _, errors) = bounded(&w, &["restart", "1"], false);
        assert!(errors.contains("cannot read the shell state") && errors.contains(part), "{errors}");
    }
}

#[test]
fn holes_in_a_log_are_told_and_cost_nothing() {
    let w = World::new();
    w.begin(&["--name", "x", "--no-pty", "--", "seq", "1", "3"]);
    w.ended(1);
    let log = w.home().join("logs/tasks/task-001-x.log");
    fs::File::options().write(true).open(&log).and_then(|file| file.set_len(1 << 36)).expect("grown");
    for words in [&["logs", "1"][..], &["logs", "-n", "3", "1"], &["logs", "--grep", "[123]", "1"]] {
        let (status, out, errors) = bounded(&w, words, true);
        assert!(status.success() && out.contains("3\n") && out.len() < 20_000, "{words:?} {errors}");
        let told = " of the log are damaged and left out (task-001-x.log)\n";
        assert!(errors.starts_with("aos: 6") && errors.ends_with(told), "{words:?} {errors}");
    }
}

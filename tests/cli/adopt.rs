//! `aos adopt`: what somebody else began is tracked and reached, and nothing is said of it that is
//! not known.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use nix::sys::signal::Signal;

use crate::shell::Kind;
use crate::terminal::Screen;
use crate::world::{Said, World, end, is_alive, kill, parent, state, until};

const AOS: &str = env!("CARGO_BIN_EXE_aos");

/// Processes of one group, as a shell makes them of a job; children of this test.
struct Job(Vec<Child>);

impl Job {
    /// One process for each command, the first of which leads.
    fn begin(w: &World, commands: &[&[&str]]) -> Job {
        let mut job = Job(Vec::new());
        for words in commands {
            let leader = job.0.first().map_or(0, |child| child.id() as i32);
            let mut command = w.command(words[0]);
            job.0.push(command.args(&words[1..]).process_group(leader).spawn().expect("a process"));
        }
        job
    }

    fn sh(w: &World, line: &str) -> Job {
        Job::begin(w, &[&["sh", "-c", line]])
    }

    fn pid(&self) -> i32 {
        self.0[0].id() as i32
    }

    fn pids(&self) -> Vec<i32> {
        self.0.iter().map(|child| child.id() as i32).collect()
    }

    /// Collects the first one once it has ended: its exit code.
    fn code(&mut self) -> Option<i32> {
        self.0[0].wait().expect("it ends").code()
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(end);
    }
}

fn adopt(w: &World, pid: i32, options: &[&str]) -> String {
    w.ok(&[&["adopt", &pid.to_string()], options].concat())
}

/// The pid that a program has written into a file.
fn pid_in(file: &Path) -> i32 {
    let read = || fs::read_to_string(file).ok().filter(|text| text.ends_with('\n'));
    until(|| read().is_some()).expect("a pid");
    read().expect("it").trim().parse().expect("a number")
}

fn touch(file: &Path) {
    fs::File::create(file).expect("a file");
}

fn names(pids: &[i32], row: &serde_json::Value) -> bool {
    pids.iter().all(|pid| row["processes"].as_array().expect("processes").iter().any(|p| p["pid"] == *pid))
}

#[test]
fn what_is_adopted_is_tracked_and_its_end_is_told_without_its_exit_code() {
    let w = World::new();
    let mut job = Job::sh(&w, "until [ -e go ]; do sleep 0.01; done; exit 7");
    assert_eq!(adopt(&w, job.pid(), &["-n", "mine"]), "task-001\n");
    let row = w.row(1);
    assert_eq!((&row["status"], &row["name"], &row["pid"]), (&"running".into(), &"mine".into(), &job.pid().into()));
    assert_eq!(row["command"], "sh -c 'until [ -e go ]; do sleep 0.01; done; exit 7'");
    assert_eq!(row["cwd"], w.path().canonicalize().expect("a path").to_string_lossy().as_ref());
    assert_eq!(w.ok(&["prompt"]), "1& \n");
    touch(&w.join("go"));
    let unknown = "aos: the exit code of task-001 is not known to aos: it went to the process that had started it\n";
    assert_eq!(w.aos(&["wait", "mine"]), Said { out: String::new(), err: unknown.into(), code: 1 });
    let row = w.row(1);
    assert_eq!(row["status"], "unknown");
    assert_eq!(row["reason"], "it ended; its exit code went to the process that had started it");
    for absent in ["exit_code", "signal", "cpu_ms", "peak_memory", "log", "log_bytes"] {
        assert!(row.get(absent).is_none(), "{absent} is not known: {row}");
    }
    assert_eq!(w.ok(&["prompt"]), "", "it is no failure");
    assert!(w.ok(&["why", "1"]).contains(&format!("adopted pid {}", job.pid())));
    assert_eq!(job.code(), Some(7), "its parent was told");
}

#[test]
fn it_is_said_plainly_that_it_is_only_tracked() {
    let w = World::new();
    let job = Job::begin(&w, &[&["sleep", "1000"]]);
    let screen = Screen::open(&w, &[AOS, "adopt", &job.pid().to_string()], 24, 120);
    let told =
        format!("[task-001] {} sleep 1000  (tracked only: it keeps its terminal, and aos has no log of it)", job.pid());
    screen.until(&told);
    screen.end();
    let shown = w.ok(&["show", "1"]);
    assert!(shown.contains("terminal  its own: tracked only\n") && shown.contains("log  none: tracked only\n"));
    for words in [&["logs", "1"][..], &["logs", "-f", "1"], &["logs", "--path", "1"], &["logs", "-g", "x", "1"]] {
        let none =
            "aos: there is no log of task-001: it was adopted, keeps its terminal, and is only tracked\n".to_owned();
        assert_eq!(w.aos(words), Said { out: String::new(), err: none, code: 1 }, "{words:?}");
    }
    assert_eq!(fs::read_dir(w.home().join("logs/tasks")).map_or(0, Iterator::count), 0, "no log is made");
    w.ok(&["stop", "1"]);
}

#[test]
fn json_names_what_was_adopted() {
    let w = World::new();
    let job = Job::begin(&w, &[&["sleep", "1000"], &["sleep", "1001"]]);
    let told: serde_json::Value = serde_json::from_str(&adopt(&w, job.pid(), &["--json"])).expect("JSON");
    assert_eq!((&told["id"], &told["pid"]), (&"task-001".into(), &job.pid().into()));
    let pids: Vec<_> = told["processes"].as_array().expect("them").iter().map(|p| p["pid"].clone()).collect();
    assert_eq!((pids, &told["tracked_only"]), (job.pids().into_iter().map(Into::into).collect(), &true.into()));
    w.ok(&["stop", "1"]);
    let said = w.aos(&["wait", "1", "--json"]);
    let error: serde_json::Value = serde_json::from_str(&said.err).expect("JSON");
    assert_eq!((&error["code"], said.code), (&1.into(), 1), "a stopped one's exit code is not known either");
}

#[test]
fn stop_ends_every_part_of_an_adopted_pipeline_and_proves_it() {
    let w = World::new();
    let mut job = Job::begin(&w, &[&["sleep", "1000"], &["sh", "-c", "trap '' TERM; echo > ready; sleep 1001; :"]]);
    until_there(&w.join("ready"));
    adopt(&w, job.pid(), &["--grace", "300ms"]);
    assert!(names(&job.pids(), &w.row(1)));
    let out = w.ok(&["stop", "1"]);
    assert!(out.starts_with("[task-001] stopped (exit code not known) after "), "{out}");
    assert!(job.pids().iter().all(|pid| !is_alive(*pid)));
    assert_eq!(w.row(1)["status"], "stopped");
    assert_eq!(job.code(), None, "killed by a signal, as only its parent knows");
    let again = w.aos(&["stop", "1"]);
    assert_eq!((again.err.as_str(), again.code), ("aos: task-001 is not running (stopped)\n", 1));
}

fn until_there(file: &Path) {
    until(|| file.exists()).expect("the program is ready");
}

#[test]
fn a_job_whose_first_process_is_gone_is_adopted_by_its_number() {
    let w = World::new();
    let mut job = Job::begin(&w, &[&["cat"], &["sleep", "1000"]]);
    job.code();
    adopt(&w, job.pid(), &[]);
    let row = w.row(1);
    assert_eq!((&row["command"], &row["pid"]), (&"sleep 1000".into(), &job.pids()[1].into()));
    w.ok(&["stop", "1"]);
    assert!(!is_alive(job.pids()[1]));
}

#[test]
fn who_joins_the_group_later_belongs_to_it() {
    let w = World::new();
    let mut job = Job::sh(&w, "until [ -e go ]; do sleep 0.01; done; sh -c 'echo $$ > late; exec sleep 1000' & exit");
    adopt(&w, job.pid(), &[]);
    touch(&w.join("go"));
    let late = pid_in(&w.join("late"));
    job.code();
    assert_eq!(w.row(1)["status"], "running", "the job is not over");
    w.ok(&["stop", "1"]);
    assert!(!is_alive(late));
}

#[test]
fn stop_reaches_what_left_the_group_and_lost_its_parent_after_it_was_seen() {
    let w = World::new();
    let line = "sh -c 'setsid sh -c \"echo \\$\\$ > deep; exec sleep 1000\" & until [ -e go ]; do sleep 0.01; done' & \
                echo $! > middle; exec sleep 1001";
    let job = Job::sh(&w, line);
    let (deep, middle) = (pid_in(&w.join("deep")), pid_in(&w.join("middle")));
    adopt(&w, job.pid(), &[]);
    until(|| names(&[deep], &w.row(1))).expect("it is seen");
    touch(&w.join("go"));
    until(|| !is_alive(middle)).expect("its parent ends");
    until(|| parent(deep) != middle).expect("and leaves it to others");
    assert!(names(&[deep], &w.row(1)));
    w.ok(&["stop", "1"]);
    assert!(!is_alive(deep) && !is_alive(job.pid()));
}

#[test]
fn a_process_that_leads_no_group_is_adopted_alone_with_what_it_starts() {
    let w = World::new();
    let job = Job::begin(&w, &[&["sleep", "1000"], &["sh", "-c", "sleep 1001 & echo $! > below; wait"]]);
    let below = pid_in(&w.join("below"));
    adopt(&w, job.pids()[1], &[]);
    w.ok(&["stop", "1"]);
    assert!(!is_alive(job.pids()[1]) && !is_alive(below));
    assert!(is_alive(job.pid()), "the others of its group are none of this task");
}

#[test]
fn what_outlives_it_by_itself_is_left_alone_and_named() {
    let w = World::new();
    let line = "setsid sh -c 'echo $$ > below; exec sleep 1000' & until [ -e go ]; do sleep 0.01; done";
    let mut job = Job::sh(&w, line);
    let below = pid_in(&w.join("below"));
    adopt(&w, job.pid(), &[]);
    touch(&w.join("go"));
    job.code();
    let reason = w.ended(1)["reason"].as_str().expect("a reason").to_owned();
    let lives_on = is_alive(below);
    if lives_on {
        kill(below, Signal::SIGKILL);
    }
    assert!(lives_on);
    assert!(reason.ends_with(&format!("; sleep (pid {below}) left alive")), "{reason}");
}

#[test]
fn pause_and_resume_reach_all_of_it() {
    let w = World::new();
    let job = Job::begin(&w, &[&["sleep", "1000"], &["sleep", "1001"]]);
    adopt(&w, job.pid(), &[]);
    w.ok(&["pause", "1"]);
    assert_eq!(w.row(1)["status"], "paused");
    until(|| job.pids().iter().all(|pid| state(*pid) == Some('T'))).expect("both are stopped");
    w.ok(&["resume", "1"]);
    until(|| job.pids().iter().all(|pid| state(*pid) == Some('S'))).expect("both go on");
    w.ok(&["pause", "1"]);
    w.ok(&["kill", "1"]);
    assert!(job.pids().iter().all(|pid| !is_alive(*pid)));
}

#[test]
fn a_signal_reaches_its_group_and_not_what_has_a_group_of_its_own() {
    let w = World::new();
    let listen = |name: &str| {
        format!(
            "exec 2>/dev/null; trap 'echo > {name}-heard' USR1; echo > {name}-ready; until [ -e end ]; do sleep 0.01; done"
        )
    };
    let apart = listen("apart").replace('\'', "'\\''");
    let line = format!("setsid sh -c '{apart}' & {}; wait", listen("first"));
    let job = Job::begin(&w, &[&["sh", "-c", &line], &["sh", "-c", &listen("second")]]);
    ["first", "second", "apart"].iter().for_each(|name| until_there(&w.join(&format!("{name}-ready"))));
    adopt(&w, job.pid(), &[]);
    w.ok(&["signal", "USR1", "1"]);
    ["first", "second"].iter().for_each(|name| until_there(&w.join(&format!("{name}-heard"))));
    assert!(!w.join("apart-heard").exists());
    touch(&w.join("end"));
    w.ended(1);
    until(|| w.survivors().len() <= job.pids().len()).expect("the one apart ends too");
}

#[test]
fn a_job_that_stands_still_is_said_to() {
    let w = World::new();
    let job = Job::begin(&w, &[&["sleep", "1000"]]);
    kill(job.pid(), Signal::SIGSTOP);
    until(|| state(job.pid()) == Some('T')).expect("stopped");
    let said = w.aos(&["adopt", &job.pid().to_string()]);
    let hint = "task-001 is stopped where it is: bg in its shell, or aos signal CONT 1\n";
    assert_eq!(said, Said { out: "task-001\n".into(), err: hint.into(), code: 0 });
    w.ok(&["signal", "CONT", "1"]);
    until(|| state(job.pid()) == Some('S')).expect("it goes on");
    w.ok(&["stop", "1"]);
}

#[test]
fn a_time_limit_counts_from_the_adoption() {
    let w = World::new();
    let job = Job::begin(&w, &[&["sleep", "1000"]]);
    adopt(&w, job.pid(), &["--timeout", "200ms"]);
    let row = w.ended(1);
    assert_eq!((&row["status"], &row["reason"]), (&"timed-out".into(), &"ran longer than 0.2s".into()));
    assert_eq!(w.aos(&["wait", "1"]).code, 124);
    assert!(!is_alive(job.pid()));
}

#[test]
fn what_is_adopted_can_be_looked_after_and_is_ended_as_a_failure_when_it_is_unhealthy() {
    let w = World::new();
    let job = Job::begin(&w, &[&["sleep", "1000"]]);
    touch(&w.join("ok"));
    // With the caller's environment, as far as commands can be found by it.
    let check = format!("cmd:test -n \"$PATH\" && test -e {}", w.join("ok").display());
    adopt(&w, job.pid(), &["--health", &check, "--every", "100ms", "--failures", "2"]);
    until(|| w.row(1)["health"]["healthy"] == true).unwrap_or_else(|| panic!("{}", w.row(1)));
    assert!(w.ok(&["tasks"]).contains("running, healthy"), "{}", w.ok(&["tasks"]));
    fs::remove_file(w.join("ok")).expect("removed");
    let row = w.ended(1);
    let reason = row["reason"].as_str().expect("a reason");
    assert_eq!(row["status"], "failed", "{row}");
    assert!(reason.starts_with("unhealthy: ") && reason.ends_with(", 2 times in a row"), "{reason}");
    assert!(!is_alive(job.pid()), "it was stopped");
    until(|| w.row(1)["findings"]["errors"] == 1).unwrap_or_else(|| panic!("{}", w.row(1)));
}

#[test]
fn a_port_of_what_is_adopted_is_looked_for_among_its_own() {
    let w = World::new();
    let job = Job::begin(&w, &[&["sleep", "1000"]]);
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port of somebody else's");
    let port = port.local_addr().expect("its number").port();
    adopt(&w, job.pid(), &["--health", &format!("port:{port}"), "--every", "100ms", "--failures", "1"]);
    let row = w.ended(1);
    assert_eq!(row["status"], "failed", "{row}");
    let said = w.aos(&["adopt", &std::process::id().to_string(), "--health", "auto"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("does not say whether a task is still healthy"), "{said:?}");
}

#[test]
fn a_killed_supervisor_leaves_what_it_had_adopted_alone() {
    let w = World::new();
    let job = Job::begin(&w, &[&["sleep", "1000"], &["sleep", "1001"]]);
    adopt(&w, job.pid(), &[]);
    let supervisor = w.row(1)["supervisor_pid"].as_i64().expect("a pid") as i32;
    let watchdog = parent(supervisor);
    kill(supervisor, Signal::SIGKILL);
    until(|| !is_alive(watchdog)).expect("the watchdog is done");
    let row = w.row(1);
    let reason = row["reason"].as_str().expect("a reason");
    assert_eq!(row["status"], "lost");
    assert!(reason.starts_with("its supervisor was ended by SIGKILL at "), "{reason}");
    assert!(reason.ends_with("; what it had adopted was left alone"), "{reason}");
    assert!(job.pids().iter().all(|pid| is_alive(*pid)));
    assert_eq!(adopt(&w, job.pid(), &[]), "task-002\n", "and can be adopted again");
    w.ok(&["stop", "2"]);
}

#[test]
fn a_task_that_was_adopted_is_not_run_again_but_can_be_removed() {
    let w = World::new();
    for id in ["1", "2", "3"] {
        let mut job = Job::begin(&w, &[&["sh", "-c", "until [ -e go ]; do sleep 0.01; done"]]);
        adopt(&w, job.pid(), &["-n", "mine"]);
        let refused = format!(
            "aos: task-00{id} is not run again: it was adopted, and only tracked\n  \
             hint: aos run -b -- sh -c 'until [ -e go ]; do sleep 0.01; done' begins it anew\n"
        );
        assert_eq!(w.aos(&["restart", id]), Said { out: String::new(), err: refused.clone(), code: 1 });
        assert_eq!(w.row(id.parse().expect("an id"))["status"], "running", "and is not stopped for it");
        assert_eq!(w.aos(&["rm", id]).code, 1);
        touch(&w.join("go"));
        w.aos(&["wait", id]);
        job.code();
        assert_eq!(w.aos(&["restart", id]).err, refused);
        fs::remove_file(w.join("go")).expect("removed");
    }
    w.ok(&["rm", "1"]);
    w.ok(&["rm", "@done", "2"]);
    let job = Job::begin(&w, &[&["sleep", "1000"]]);
    adopt(&w, job.pid(), &[]);
    w.ok(&["kill", "@running"]);
    w.ok(&["clean", "--older", "0s"]);
    assert_eq!(w.json(&["tasks", "-a", "--json"]), serde_json::json!([]));
}

#[test]
fn what_cannot_be_adopted_is_refused_with_the_reason() {
    let w = World::new();
    let refused = |pid: i32, why: &str, hint: &str| {
        let said = w.aos(&["adopt", &pid.to_string()]);
        let err = format!("aos: {pid} is not adopted: {why}\n  hint: {hint}\n");
        assert_eq!(said, Said { out: String::new(), err, code: 1 });
    };
    refused(1, "all other processes come from it", "name a program that you have begun");
    refused(std::process::id() as i32, "this very aos runs below it", "name a job of the shell, not the shell");
    let id = w.begin(&["sh -c 'echo child=$$; exec sleep 1000' & echo leader=$$; wait"]);
    refused(w.pid_logged(id, "leader"), "task-001 has it already", "aos show task-001");
    refused(w.pid_logged(id, "child"), "task-001 has it already", "aos show task-001");
    let supervisor = w.row(id)["supervisor_pid"].as_i64().expect("a pid") as i32;
    refused(supervisor, "it is a part of aos", "aos tasks lists what it runs");
    refused(parent(supervisor), "it is a part of aos", "aos tasks lists what it runs");
    match fs::read_to_string("/proc/2/comm") {
        Ok(name) if name == "kthreadd\n" && nix::unistd::geteuid().is_root() => {
            refused(2, "it is a part of the kernel", "name a program that you have begun")
        }
        _ => eprintln!("NOT TESTED HERE: the kernel's own processes are not seen"),
    }
    let job = Job::sh(&w, "sleep 1000 & echo $! > below; wait");
    adopt(&w, job.pid(), &[]);
    refused(job.pid(), "task-002 has it already", "aos show task-002");
    refused(pid_in(&w.join("below")), "task-002 has it already", "aos show task-002");
    w.ok(&["stop", "1", "2"]);
    assert_eq!(w.json(&["tasks", "-a", "--json"]).as_array().map(Vec::len), Some(2), "what is refused is no task");
}

#[test]
fn what_is_no_process_is_told_from_what_has_ended() {
    let w = World::new();
    let mut job = Job::begin(&w, &[&["true"]]);
    until(|| state(job.pid()) == Some('Z')).expect("it ends");
    for is_collected in [false, true] {
        let said = w.aos(&["adopt", &job.pid().to_string()]);
        let err =
            format!("aos: there is no process {}\n  hint: jobs -l lists a shell's jobs with their pids\n", job.pid());
        assert_eq!(said, Said { out: String::new(), err, code: 3 }, "{is_collected}");
        job.code();
    }
    for word in ["%1", "0", "-5", "web", ""] {
        assert_eq!(w.aos(&["adopt", word]).code, 2, "{word}");
    }
}

/// Somebody who is not root, with an aos of their own; `None`, which is said, where nobody can be
/// made to be one.
struct Other {
    dir: PathBuf,
}

const OTHER: u32 = 65534;

impl Other {
    fn in_world(w: &World) -> Option<Other> {
        let dir = w.join("other");
        fs::create_dir(&dir).expect("a directory");
        // Not by this process: a child of another test's could hold the copy open for writing as it
        // is executed.
        assert_eq!(w.sh(&format!("cp '{AOS}' other/aos")).err, "");
        fs::set_permissions(w.path(), fs::Permissions::from_mode(0o711)).expect("a mode");
        if !nix::unistd::geteuid().is_root() || chown(&dir, Some(OTHER), Some(OTHER)).is_err() {
            eprintln!("NOT TESTED HERE: only root can be somebody else");
            return None;
        }
        Some(Other { dir })
    }

    fn command(&self, w: &World, program: &str) -> Command {
        let mut command = w.command(program);
        command.env("AOS_HOME", self.dir.join("home")).current_dir(&self.dir).uid(OTHER).gid(OTHER);
        command
    }

    fn aos(&self, w: &World, words: &[&str]) -> (String, Option<i32>) {
        let said = self.command(w, &self.dir.join("aos").to_string_lossy()).args(words).output().expect("aos runs");
        (String::from_utf8_lossy(&said.stderr).into_owned(), said.status.code())
    }
}

#[test]
fn somebody_elses_process_is_refused() {
    let w = World::new();
    let Some(other) = Other::in_world(&w) else { return };
    let job = Job::begin(&w, &[&["sleep", "1000"]]);
    let wanted = format!(
        "aos: {0} is not adopted: it belongs to user 0, and you may not signal it\n  \
         hint: ask as that user, or as root: aos adopt {0}\n",
        job.pid()
    );
    assert_eq!(other.aos(&w, &["adopt", &job.pid().to_string()]), (wanted, Some(1)));
}

/// What is said after a second.
fn waits(pid: i32) -> String {
    format!("aos: task-001 waits for sleep (pid {pid}) to end; KILL was sent\n")
}

#[test]
fn what_has_become_somebody_elses_is_named_when_it_cannot_be_stopped() {
    let w = World::new();
    let Some(other) = Other::in_world(&w) else { return };
    // What sudo is: executed by anybody, it becomes root's.
    assert_eq!(w.sh("install -m 4755 \"$(command -v setpriv)\" other/sudo").err, "");
    let line = "sleep 1001 & until [ -e go ]; do sleep 0.01; done; exec ./sudo --reuid=0 sleep 1000";
    let job = Job(vec![other.command(&w, "sh").args(["-c", line]).process_group(0).spawn().expect("a process")]);
    assert_eq!(other.aos(&w, &["adopt", &job.pid().to_string()]), (String::new(), Some(0)));
    touch(&other.dir.join("go"));
    let name = || fs::read_to_string(format!("/proc/{}/comm", job.pid())).unwrap_or_default();
    if until(|| name() == "sleep\n" || state(job.pid()) == Some('Z')).is_none() || name() != "sleep\n" {
        other.aos(&w, &["kill", "1"]);
        return eprintln!("NOT TESTED HERE: no program can be executed as root");
    }
    let wanted = format!("{}aos: task-001 is over, but could not end sleep (pid {})\n", waits(job.pid()), job.pid());
    assert_eq!(other.aos(&w, &["kill", "1"]), (wanted, Some(1)));
    assert!(is_alive(job.pid()));
}

#[test]
fn a_leader_that_cannot_be_stopped_is_named_and_goes_on() {
    let w = World::new();
    let Some(other) = Other::in_world(&w) else { return };
    assert_eq!(w.sh("install -m 4755 \"$(command -v setpriv)\" other/sudo").err, "");
    assert_eq!(other.aos(&w, &["run", "-b", "--", "./sudo", "--reuid=0", "sleep", "1000"]), (String::new(), Some(0)));
    let show = other.command(&w, &other.dir.join("aos").to_string_lossy()).args(["show", "1", "--json"]).output();
    let row: serde_json::Value = serde_json::from_slice(&show.expect("aos runs").stdout).expect("JSON");
    let pid = row["pid"].as_i64().expect("a pid") as i32;
    let name = || fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    if until(|| name() == "sleep\n" || state(pid) == Some('Z')).is_none() || name() != "sleep\n" {
        other.aos(&w, &["kill", "1"]);
        return eprintln!("NOT TESTED HERE: no program can be executed as root");
    }
    let why = format!("could not end sleep 1000 (pid {pid}), which belongs to user 0 and may not be signalled");
    let wanted =
        format!("{}aos: task-001 goes on: {why}\n  hint: its owner, or root, may end it: kill -9 PID\n", waits(pid));
    assert_eq!(other.aos(&w, &["kill", "1"]), (wanted, Some(1)));
    let told = other.command(&w, &other.dir.join("aos").to_string_lossy()).args(["why", "1"]).output();
    let told = String::from_utf8(told.expect("aos runs").stdout).expect("text");
    assert!(told.starts_with("task-001 running\n") && told.contains(&why), "{told}");
    assert!(told.lines().count() < 10, "what is tried again and again is told once: {told}");
    crate::world::kill(pid, nix::sys::signal::Signal::SIGKILL);
    assert_eq!(other.aos(&w, &["wait", "1"]).1, Some(137));
}

#[test]
fn two_who_adopt_the_same_get_one_task() {
    let w = World::new();
    let job = Job::begin(&w, &[&["sleep", "1000"]]);
    let mut codes: Vec<i32> = std::thread::scope(|s| {
        let threads: Vec<_> = (0..5).map(|_| s.spawn(|| w.aos(&["adopt", &job.pid().to_string()]).code)).collect();
        threads.into_iter().map(|t| t.join().expect("an adoption")).collect()
    });
    codes.sort();
    assert_eq!(codes, [0, 1, 1, 1, 1]);
    w.ok(&["stop", "@running"]);
}

#[test]
fn whatever_ends_while_it_is_adopted_the_truth_is_told() {
    let w = World::new();
    for round in 0..20 {
        let mut job = Job::begin(&w, &[&["sleep", &format!("0.0{round:02}")]]);
        let said = w.aos(&["adopt", &job.pid().to_string()]);
        job.code();
        match said.code {
            0 => assert_eq!(w.ended(said.out.trim()[5..].parse().expect("an id"))["status"], "unknown"),
            3 => assert!(said.err.contains("no process") || said.err.contains("ended before it could be"), "{said:?}"),
            _ => panic!("{said:?}"),
        }
    }
    let rows = w.json(&["tasks", "-a", "--json"]);
    let is_true = |row: &serde_json::Value| row["status"] == "unknown" || row["exit_code"] == 3;
    assert!(rows.as_array().expect("rows").iter().all(is_true), "{rows}");
}

#[test]
fn a_shell_is_told_of_the_end_as_of_any_other() {
    let w = World::new();
    let session = format!("{}-adopt", std::process::id());
    // A shell enters only where there is a home.
    w.aos(&["tasks"]);
    w.ok(&["__join", &session]);
    let mut job = Job::begin(&w, &[&["sh", "-c", "until [ -e go ]; do sleep 0.01; done; exit 3"]]);
    let adopted = w.command(AOS).args(["adopt", &job.pid().to_string()]).env("AOS_SESSION", &session).output();
    assert!(adopted.expect("aos runs").status.success());
    touch(&w.join("go"));
    job.code();
    w.aos(&["wait", "1"]);
    let told = fs::read_to_string(w.home().join("shells").join(&session)).expect("a notice");
    let begins = "[task-001] unknown  sh -c 'until [ -e go ]; do sleep 0.01; done; exit 3'  ";
    assert!(told.starts_with(begins) && told.ends_with("s  (exit code not known)\n"), "{told}");
    w.ok(&["__leave", &session]);
}

#[test]
fn its_supervisor_sleeps_while_nothing_happens() {
    let w = World::new();
    let job = Job::begin(&w, &[&["sleep", "1000"], &["sleep", "1001"]]);
    adopt(&w, job.pid(), &[]);
    w.assert_asleep(1);
    w.ok(&["stop", "1"]);
}

#[test]
fn a_real_shells_job_is_adopted_and_stopped() {
    let w = World::new();
    let mut shell = Kind::Bash.with_aos(&w, "");
    shell.line("sleep 1000 | cat | sleep 1001 &");
    shell.type_line("aos adopt $(jobs -p %1)");
    shell.until("(tracked only: it keeps its terminal");
    let row = w.row(1);
    assert_eq!(row["processes"].as_array().map(Vec::len), Some(3), "{row}");
    shell.type_line("aos stop 1");
    shell.until("[task-001] stopped (exit code not known)");
    shell.type_line("");
    shell.until("Terminated");
    shell.end();
}

#[test]
fn a_spec_that_this_aos_cannot_know_says_so() {
    let w = World::new();
    let job = Job::begin(&w, &[&["sleep", "1000"]]);
    adopt(&w, job.pid(), &[]);
    w.ok(&["stop", "1"]);
    let spec = fs::read_to_string(w.task(1, "spec.json")).expect("the spec");
    assert!(spec.starts_with("{\"version\":3,"), "an aos that knows of no adopted tasks can tell: {spec}");
    fs::File::create(w.task(1, "spec.json")).and_then(|mut f| f.write_all(b"{\"version\":4}")).expect("written");
    let newer = "aos: spec.json of task-001 has version 4, which is newer than this aos\n  \
                 hint: install the newer aos again\n";
    assert_eq!(w.aos(&["show", "1"]).err, newer);
}

#[test]
fn stop_is_proved_against_an_adopted_storm_of_forks() {
    let w = World::new();
    let line = "storm() { for i in 1 2 3 4; do (trap '' TERM; while :; do (sleep 0.01) & sleep 0.01; done) & done; }; \
                storm; echo > ready; wait";
    let job = Job::begin(&w, &[&["bash", "-c", line]]);
    until_there(&w.join("ready"));
    adopt(&w, job.pid(), &["--grace", "100ms"]);
    w.ok(&["stop", "1"]);
    // The supervisor itself may be about to end.
    let left: Vec<String> = w.survivors().into_iter().filter(|process| !process.contains(" aos: ")).collect();
    assert!(left.is_empty(), "{left:?}");
}

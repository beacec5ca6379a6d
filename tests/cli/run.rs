//! `aos run -b`: what the task gets, what the caller keeps, what is said at once.

use std::fs;

use crate::world::{World, parent, write_program};

#[test]
fn prints_the_bare_id_and_runs_the_command() {
    let w = World::new();
    assert_eq!(w.ok(&["run", "-b", "echo hi there"]), "task-001\n");
    assert_eq!(w.ended(1)["status"], "succeeded");
    assert_eq!(w.log(1), b"hi there\n");
    assert_eq!(w.ok(&["run", "-b", "--", "printf", "%s|", "a b", "*"]), "task-002\n");
    w.ended(2);
    assert_eq!(w.log(2), b"a b|*|");
}

#[test]
fn the_quoted_string_of_the_older_tool_is_run() {
    let w = World::new();
    assert_eq!(w.logged("echo \"hi\" | tr h H"), "Hi\n");
}

#[test]
fn a_line_is_run_by_the_users_shell() {
    let w = World::new();
    let out = w.sh("SHELL=/bin/sh aos run -b 'readlink /proc/$$/exe; echo $0'");
    assert_eq!((out.err.as_str(), out.code), ("", 0));
    w.ended(1);
    let log = String::from_utf8(w.log(1)).expect("text");
    assert!(log.ends_with("/bin/sh\n") || log.contains("sh\n"), "{log}");
    assert_eq!(w.logged("echo ${BASH_VERSION:+bash}"), "bash\n");
}

#[test]
fn command_substitution_returns_at_once() {
    let w = World::new();
    let said = w.sh("x=$(aos run -b sleep 1000 2>&1); echo \"got $x\"");
    assert_eq!(said.out, "got task-001\n");
    w.ok(&["stop", "1"]);
}

#[test]
fn the_task_leads_its_own_group_in_front_of_its_own_terminal_in_its_supervisors_session() {
    let w = World::new();
    for (pipes, has_terminal) in [(false, true), (true, false)] {
        let words: &[&str] =
            if pipes { &["--no-pty", "--", "cat", "/proc/self/stat"] } else { &["--", "cat", "/proc/self/stat"] };
        let id = w.begin(words);
        w.ended(id);
        let log = String::from_utf8(w.log(id)).expect("text");
        let fields: Vec<&str> = log.rsplit(')').next().expect("fields").split_whitespace().collect();
        let pid = log.split(' ').next().expect("the pid");
        let supervisor = w.row(id)["supervisor_pid"].to_string();
        assert_eq!((fields[2], fields[3]), (pid, supervisor.as_str()), "process group and session");
        assert_eq!((fields[4] != "0", fields[5] == pid), (has_terminal, has_terminal), "terminal, and its foreground");
    }
}

#[test]
fn without_a_terminal_there_are_pipes_and_nothing_to_read() {
    let w = World::new();
    let id = w.begin(&["--no-pty", "[ -t 0 ] || [ -t 1 ] || [ -t 2 ] && echo terminal; cat; echo end"]);
    w.ended(id);
    assert_eq!(w.log(id), b"end\n");
}

#[test]
fn directory_environment_umask_and_signals_are_the_callers_and_clean() {
    let w = World::new();
    fs::create_dir(w.join("sub")).expect("a directory");
    let report = "pwd; echo $GREETING; umask; grep -E 'Sig(Blk|Ign)' /proc/self/status";
    let line = format!(
        "umask 027; trap '' HUP INT PIPE; exec aos run -b -C sub -e GREETING=hello --no-pty -- sh -c \"{report}\""
    );
    assert_eq!(w.sh(&line.replace('$', "\\$")).err, "");
    w.ended(1);
    let log = String::from_utf8(w.log(1)).expect("text");
    let sub = w.join("sub").canonicalize().expect("a path");
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines[0], sub.to_string_lossy());
    assert_eq!(lines[1], "hello");
    assert_eq!(lines[2], "0027");
    assert_eq!(lines[3], "SigBlk:\t0000000000000000");
    assert_eq!(lines[4], "SigIgn:\t0000000000000000");
}

#[test]
fn an_agents_own_variables_stay_behind_and_its_session_is_noted() {
    let w = World::new();
    let said = w.sh(
        "CLAUDECODE=1 CLAUDE_CODE_CHILD_SESSION=1 CLAUDE_CODE_SESSION_ID=s-1 aos run -b 'env | grep -c ^CLAUDECODE='",
    );
    assert_eq!(said.code, 0);
    w.ended(1);
    assert_eq!(w.log(1), b"0\n");
    let spec = fs::read_to_string(w.task(1, "spec.json")).expect("the spec");
    assert!(spec.contains("\"agent_session\":\"s-1\""), "{spec}");
}

#[test]
fn no_descriptor_leaks_into_the_task() {
    let w = World::new();
    let line = "exec 7<>shared 8>other; aos run -b -- ls -l /proc/self/fd";
    assert_eq!(w.sh(line).code, 0);
    w.ended(1);
    let log = String::from_utf8(w.log(1)).expect("text");
    let fds: Vec<&str> = log.lines().filter_map(|l| l.split(" -> ").nth(1)).collect();
    assert_eq!(fds.len(), 4, "standard three and ls's own: {log}");
    assert!(fds[..3].iter().all(|fd| fd.starts_with("/dev/pts/")), "{log}");
}

#[test]
fn the_supervisor_holds_none_of_the_callers_files_directory_or_terminal() {
    let w = World::new();
    fs::create_dir(w.join("mounted")).expect("a directory");
    assert_eq!(w.sh("cd mounted; exec 7<>held; aos run -b -C / sleep 1000").code, 0);
    let row = w.row(1);
    let supervisor = row["supervisor_pid"].as_i64().expect("a pid");
    let watchdog = parent(supervisor as i32).into();
    let own = w.sh(&format!("readlink /proc/{}/fd/0", row["pid"])).out;
    for pid in [supervisor, watchdog] {
        let links =
            || w.sh(&format!("readlink /proc/{pid}/fd/* /proc/{pid}/cwd")).out.replace(&own, "the task's terminal\n");
        let holds_nothing = || !links().contains("mounted") && !links().contains("/dev/pts/");
        crate::world::until(holds_nothing).unwrap_or_else(|| panic!("{}", links()));
        let is_blank = || !fs::read(format!("/proc/{pid}/environ")).expect("environ").contains(&b'=');
        crate::world::until(is_blank).expect("nothing of the callers environment is left");
    }
    w.ok(&["stop", "1"]);
}

#[test]
fn supervisors_have_telling_names_in_ps() {
    let w = World::new();
    let id = w.begin(&["sleep", "1000"]);
    let supervisor = w.row(id)["supervisor_pid"].as_i64().expect("a pid");
    let titled = || w.sh(&format!("ps -o comm=,args= -p {supervisor}")).out.contains("aos: supervisor of ");
    crate::world::until(titled).expect("a title");
    assert!(w.sh(&format!("ps -o comm= -p {supervisor}")).out.starts_with("aos:task-001"));
    w.ok(&["stop", "1"]);
}

#[test]
fn the_task_survives_the_end_of_its_callers_session() {
    let w = World::new();
    let line = "setsid sh -c 'aos run -b sleep 1000; kill -HUP 0; kill -9 $$'";
    w.sh(line);
    assert_eq!(w.row(1)["status"], "running");
    w.ok(&["stop", "1"]);
}

#[test]
fn what_cannot_be_executed_is_said_and_recorded() {
    let w = World::new();
    fs::create_dir(w.join("dir")).expect("a directory");
    for (name, text) in [("lost", "#!/no/such/interpreter\n"), ("bare", "echo bare\n")] {
        write_program(&w.join(name), text);
    }
    w.sh("printf x > plain");
    let cases = [
        ("nosuchprogram --flag", 127, "nosuchprogram: command not found"),
        ("./missing", 127, "./missing: no such file"),
        ("./plain", 126, "./plain is not executable"),
        ("./dir", 126, "./dir is a directory"),
        ("./lost", 126, "./lost: bad interpreter /no/such/interpreter: no such file"),
    ];
    for (i, (line, code, why)) in cases.iter().enumerate() {
        let said = w.aos(&["run", "-b", line]);
        let id = i as u32 + 1;
        assert_eq!(said.err, format!("aos: {why} (task-{id:03})\n"));
        assert_eq!((said.out.as_str(), said.code), ("", *code));
        let row = w.row(id);
        assert_eq!(
            (&row["status"], &row["exit_code"], &row["reason"]),
            (&"failed".into(), &(*code).into(), &(*why).into())
        );
        assert_eq!(w.aos(&["wait", &id.to_string()]).code, *code);
    }
    let id = w.begin(&["./bare"]);
    w.ended(id);
    assert_eq!(w.log(id), b"bare\n", "a script without #! is for sh");
}

#[test]
fn a_missing_directory_is_an_error_and_never_home() {
    let w = World::new();
    let said = w.aos(&["run", "-b", "-C", "nowhere", "true"]);
    assert_eq!(said.code, 2);
    assert_eq!(said.err, format!("aos: cannot run in {}: there is no such directory\n", w.join("nowhere").display()));
    fs::create_dir(w.join("gone")).expect("a directory");
    let id = w.begin(&["-C", "gone", "pwd"]);
    w.ended(id);
    fs::remove_dir(w.join("gone")).expect("removed");
    let said = w.aos(&["restart", "1"]);
    assert_eq!(said.code, 125);
    assert!(said.err.contains("cannot enter") && said.err.contains("gone: no such file or directory"), "{}", said.err);
    assert_eq!(w.row(id)["status"], "failed");
}

#[test]
fn a_name_is_taken_and_checked() {
    let w = World::new();
    let id = w.begin(&["-n", "web", "sleep", "1000"]);
    assert!(w.ok(&["logs", "--path", "web"]).ends_with("task-001-web.log\n"));
    for bad in ["7", "a b", "@all", "task-001"] {
        let said = w.aos(&["run", "-b", "-n", bad, "true"]);
        assert_eq!(said.code, 2, "{bad}");
        assert!(said.err.contains("cannot be a task's name"), "{}", said.err);
    }
    w.ok(&["stop", &id.to_string()]);
}

#[test]
fn once_gives_the_running_one_however_many_ask() {
    let w = World::new();
    let ids: Vec<String> = std::thread::scope(|s| {
        let begin = || w.ok(&["run", "-b", "--once", "-n", "web", "sleep", "1000"]);
        let threads: Vec<_> = (0..8).map(|_| s.spawn(begin)).collect();
        threads.into_iter().map(|t| t.join().expect("a run")).collect()
    });
    assert!(ids.iter().all(|id| id == "task-001\n"), "{ids:?}");
    w.ok(&["stop", "web"]);
    assert_eq!(w.ok(&["run", "-b", "--once", "-n", "web", "true"]), "task-002\n");
    w.ended(2);
}

#[test]
fn time_limits_end_the_task_and_say_so() {
    let w = World::new();
    let id = w.begin(&["--timeout", "200ms", "sleep", "1000"]);
    let row = w.ended(id);
    assert_eq!((&row["status"], &row["reason"]), (&"timed-out".into(), &"ran longer than 0.2s".into()));
    assert_eq!(w.aos(&["wait", "1"]).code, 124);
    let id = w.begin(&["--idle-timeout", "300ms", "echo begun; sleep 1000"]);
    let row = w.ended(id);
    assert_eq!((&row["status"], &row["reason"]), (&"timed-out".into(), &"printed nothing for 0.3s".into()));
}

#[test]
fn a_supervisor_sleeps_while_nothing_happens() {
    let w = World::new();
    let id = w.begin(&["--timeout", "10m", "--idle-timeout", "10m", "sleep", "1000"]);
    w.assert_asleep(id);
    w.ok(&["stop", "1"]);
}

#[test]
fn a_task_killed_for_memory_says_so_and_one_killed_by_hand_does_not() {
    let w = World::new();
    let id = w.begin(&["kill -9 $$"]);
    assert_eq!(w.ended(id)["reason"], "killed by SIGKILL, which aos did not send");
    let group = match MemoryGroup::make() {
        Ok(group) => group,
        // An ordinary user without a cgroup of their own. Said, so that nobody takes it for tested.
        Err(e) => return eprintln!("NOT TESTED HERE: no memory cgroup can be made ({e}); root can"),
    };
    let said = w.sh(&format!("echo $$ > {}/cgroup.procs && exec aos run -b -- tail /dev/zero", group.0.display()));
    assert_eq!((said.out.as_str(), said.code), ("task-002\n", 0), "{}", said.err);
    let row = w.ended(2);
    assert_eq!((&row["status"], &row["signal"]), (&"failed".into(), &9.into()), "{row}");
    let reason = row["reason"].as_str().expect("a reason");
    assert!(reason.starts_with("out of memory: the kernel killed 1 process in its cgroup"), "{reason}");
}

/// A memory cgroup of 64 MiB, of either version.
struct MemoryGroup(std::path::PathBuf);

impl MemoryGroup {
    fn make() -> std::io::Result<MemoryGroup> {
        let name = format!("aos-test-{}", std::process::id());
        let (root, limit) = match std::path::Path::new("/sys/fs/cgroup/memory").exists() {
            true => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            false => ("/sys/fs/cgroup", "memory.max"),
        };
        let group = MemoryGroup(std::path::Path::new(root).join(name));
        fs::create_dir(&group.0)?;
        std::io::Write::write_all(&mut fs::OpenOptions::new().write(true).open(group.0.join(limit))?, b"67108864")?;
        Ok(group)
    }
}

impl Drop for MemoryGroup {
    fn drop(&mut self) {
        crate::world::until(|| fs::remove_dir(&self.0).is_ok());
    }
}

#[test]
fn in_the_foreground_output_and_exit_code_pass_through() {
    let w = World::new();
    let said = w.aos(&["run", "echo out; exit 7"]);
    assert_eq!((said.out.as_str(), said.err.as_str(), said.code), ("out\n", "", 7));
}

#[test]
fn json_names_the_task() {
    let w = World::new();
    let begun = w.json(&["run", "-b", "--json", "-n", "web", "sleep", "1000"]);
    assert_eq!(
        (&begun["id"], &begun["name"], &begun["command"]),
        (&"task-001".into(), &"web".into(), &"sleep 1000".into())
    );
    assert_eq!(begun["pid"], w.row(1)["pid"]);
    w.ok(&["stop", "1"]);
    let said = w.aos(&["run", "-b", "--json", "nosuchprogram"]);
    let error: serde_json::Value = serde_json::from_str(&said.err).expect("JSON");
    assert_eq!((&error["code"], said.code), (&127.into(), 127));
}

#[test]
fn a_directory_that_was_removed_is_told_by_every_verb() {
    let w = World::new();
    w.begin(&["true"]);
    w.ended(1);
    std::fs::create_dir(w.join("gone")).expect("made");
    for verb in [
        "run -b true",
        "run true",
        "run -b -C . true",
        "run --watch x -b true",
        "wait @here",
        "logs @here",
        "tasks --here",
        "",
        "overview",
    ] {
        let said = w.sh(&format!("mkdir -p gone; cd gone && rmdir ../gone && aos {verb}"));
        assert_eq!((said.out.as_str(), said.code), ("", 2), "{verb}: {said:?}");
        assert!(
            said.err.starts_with("aos: the current directory was removed\n  hint: cd to another one"),
            "{verb}: {}",
            said.err
        );
    }
    assert_eq!(
        w.sh("mkdir -p gone; cd gone && rmdir ../gone && aos run -b -C / true && aos wait 1,2 && aos tasks -a").code,
        0
    );
}

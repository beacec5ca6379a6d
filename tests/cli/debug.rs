//! What is wrong is told, for a task and for any log.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::process::Stdio;

use serde_json::Value;

use crate::world::World;

const TRACEBACK: &str = "\
start
Traceback (most recent call last):
  File \"app.py\", line 2, in <module>
    import yaml
ModuleNotFoundError: No module named 'yaml'
";

fn write(w: &World, name: &str, text: &str) {
    fs::File::create(w.join(name)).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
}

/// What `--json` prints of a log, and the exit code.
fn debugged(w: &World, words: &[&str]) -> (Value, i32) {
    let said = w.aos(&[&["debug", "--json"], words].concat());
    assert_eq!(said.err, "");
    (serde_json::from_str(&said.out).expect("json"), said.code)
}

#[test]
fn debug_tells_what_a_task_failed_of() {
    let w = World::new();
    write(&w, "app.py", "# first\nimport yaml\n");
    write(&w, "log", TRACEBACK);
    let id = w.begin(&["--shell", "cat log; exit 1"]).to_string();
    w.aos(&["wait", &id]);
    let (found, code) = debugged(&w, &[&id]);
    assert_eq!(code, 1);
    assert_eq!((found["version"].as_u64(), found["task"].as_str()), (Some(1), Some("task-001")));
    assert_eq!((found["outcome"].as_str(), found["verdict"]["exit_code"].as_i64()), (Some("failed"), Some(1)));
    let first = &found["diagnostics"][0];
    assert_eq!(
        (first["line"].as_u64(), first["file"].as_str(), first["source_line"].as_u64()),
        (Some(5), Some("app.py"), Some(2))
    );
    assert_eq!((first["severity"].as_str(), first["tool"].as_str()), (Some("error"), Some("python")));
    assert_eq!(found["diagnostics"].as_array().map(Vec::len), Some(1));
    let help = &found["suggestions"][0];
    assert_eq!((help["command"].as_str(), help["safe"].as_bool()), (Some("pip install PyYAML"), Some(false)));

    let said = w.aos(&["debug", &id]);
    assert_eq!((said.err.as_str(), said.code), ("", 1));
    assert!(said.out.starts_with("task-001 failed (exit 1); 1 error\n"), "{}", said.out);
    assert!(said.out.contains("at app.py:2\n") && said.out.contains(">     2 | import yaml\n"), "{}", said.out);
    assert!(said.out.contains("pip install PyYAML"), "{}", said.out);
}

#[test]
fn what_runs_or_was_stopped_has_not_failed_whatever_it_printed() {
    let w = World::new();
    write(&w, "log", TRACEBACK);
    let id = w.begin(&["--shell", "cat log; echo up; exec sleep 1000"]).to_string();
    w.ok(&["wait", &id, "--for", "/^up/"]);
    let said = w.aos(&["debug", &id]);
    assert!(said.out.starts_with("task-001 is running; 1 error\n"), "{}", said.out);
    w.ok(&["stop", &id]);
    let said = w.aos(&["debug", &id]);
    assert!(said.out.starts_with("task-001 was stopped; 1 error\n"), "{}", said.out);
    let quiet = w.begin(&["--shell", "echo up; exec sleep 1000"]).to_string();
    w.ok(&["stop", &quiet]);
    let said = w.aos(&["debug", &quiet]);
    assert!(said.out.starts_with("task-002 was stopped; nothing found"), "{}", said.out);
    let slow = w.begin(&["--timeout", "100ms", "--shell", "echo up; exec sleep 1000"]).to_string();
    w.aos(&["wait", &slow]);
    let said = w.aos(&["debug", &slow]);
    assert!(said.out.starts_with("task-003 was ended: it ran longer than 0.1s; nothing found"), "{}", said.out);
    let ill = ["--health", "port:1", "--every", "1s", "--failures", "1", "--shell", "echo up; exec sleep 1000"];
    let ill = w.begin(&ill).to_string();
    w.aos(&["wait", &ill]);
    let said = w.aos(&["debug", &ill]);
    assert!(said.out.starts_with("task-004 was ended, as it was unhealthy: nobody listens"), "{}", said.out);
    assert!(said.out.contains("; 1 error\n\nerror: unhealthy: nobody listens on port 1  (health)\n"), "{}", said.out);
    assert_eq!(said.code, 1);
    let ill = ["--health", "port:1", "--every", "100ms", "--failures", "9999", "--shell", "echo up; exec sleep 1000"];
    let ill = w.begin(&ill);
    crate::world::until(|| w.row(ill)["health"]["healthy"] == false).expect("it is looked at");
    let said = w.aos(&["debug", &ill.to_string()]);
    assert!(said.out.contains(" is running; 1 error\n\nerror: unhealthy: nobody listens"), "{}", said.out);
    w.ok(&["stop", &ill.to_string()]);
}

#[test]
fn debug_tells_the_runs_of_a_task_apart() {
    let w = World::new();
    write(&w, "log", TRACEBACK);
    let id = w.begin(&["--shell", "if [ -e once ]; then echo fine; else : > once; cat log; exit 1; fi"]);
    w.ended(id);
    w.ok(&["restart", "1"]);
    w.ended(id);
    let (found, code) = debugged(&w, &["1"]);
    assert_eq!(
        (code, found["outcome"].as_str(), found["diagnostics"].as_array().map(Vec::len)),
        (0, Some("succeeded"), Some(0))
    );
    let (found, code) = debugged(&w, &["1#1"]);
    assert_eq!((code, found["diagnostics"][0]["file"].as_str()), (1, Some("app.py")));
}

#[test]
fn debug_reads_any_log() {
    let w = World::new();
    write(
        &w,
        "make.log",
        "cc -c a.c\na.c:3:5: error: expected ';' before 'return'\nmake: *** [Makefile:2: all] Error 1\n",
    );
    let (found, code) = debugged(&w, &["--file", "make.log", "--exit-code", "2", "--command", "make"]);
    assert_eq!((code, found["task"].is_null()), (1, true));
    assert_eq!(found["diagnostics"].as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!(found["diagnostics"][0]["column"].as_u64(), Some(5));

    let mut aos = w.command(env!("CARGO_BIN_EXE_aos"));
    let mut aos =
        aos.args(["debug", "--file", "-", "--json"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("aos");
    aos.stdin.take().expect("its input").write_all(b"fatal: not a git repository\n").expect("written");
    let said = aos.wait_with_output().expect("an end");
    let found: Value = serde_json::from_slice(&said.stdout).expect("json");
    assert_eq!((found["diagnostics"][0]["tool"].as_str(), said.status.code()), (Some("git"), Some(1)));

    let said = w.aos(&["debug", "--file", "nothere"]);
    assert_eq!((said.out.as_str(), said.code), ("", 2));
    assert!(said.err.contains("cannot read nothere"), "{}", said.err);
}

#[test]
fn debug_of_a_log_that_went_well_finds_nothing() {
    let w = World::new();
    write(&w, "log", "test fails_when_empty ... ok\n0 errors\nGET /error 200\nDone.\n");
    let (found, code) = debugged(&w, &["--file", "log"]);
    assert_eq!((code, found["diagnostics"].as_array().map(Vec::len)), (0, Some(0)));
    // That something failed without a word is a finding of its own.
    write(&w, "silent", "");
    let (found, code) = debugged(&w, &["--file", "silent", "--exit-code", "139"]);
    assert_eq!((code, found["verdict"]["signal"].as_str()), (1, Some("SIGSEGV")));
    assert_eq!(found["diagnostics"][0]["category"].as_str(), Some("exit"));
}

#[test]
fn debug_prints_what_editors_and_scanners_read() {
    let w = World::new();
    write(&w, "log", "a b.c:3:5: error: no\nsrc/a.c:7:2: error: bad\nfatal: not a git repository\n");
    let said = w.aos(&["debug", "--file", "log", "--quickfix"]);
    assert!(said.out.contains("src/a.c:7:2: error: bad\n"), "{}", said.out);
    assert!(said.out.contains("log:3:1: error: not a git repository\n"), "{}", said.out);
    let said = w.aos(&["debug", "--file", "log", "--sarif"]);
    let sarif: Value = serde_json::from_str(&said.out).expect("json");
    assert_eq!(sarif["version"].as_str(), Some("2.1.0"));
    let result = &sarif["runs"][0]["results"];
    let places = result.as_array().expect("results").iter().map(|one| &one["locations"][0]["physicalLocation"]);
    assert!(places.into_iter().any(|place| place["region"]["startLine"].as_u64() == Some(7)), "{sarif}");
}

#[test]
fn debug_keeps_to_a_budget() {
    let w = World::new();
    let many: String = (1..200).map(|at| format!("src/a.c:{at}:1: error: number {at} is wrong\n")).collect();
    write(&w, "log", &many);
    let said = w.aos(&["debug", "--file", "log", "--budget", "200"]);
    assert!(said.out.len() < 200 * 4 + 100 && said.out.contains("number 1 is wrong"), "{}", said.out);
    assert!(said.out.ends_with(" more\n"), "{}", said.out);
}

#[test]
fn debug_takes_rules_of_the_users_own_and_names_what_is_wrong_with_them() {
    let w = World::new();
    fs::create_dir_all(w.home().join("packs")).expect("a directory");
    write(&w, "log", "start\n@@ the frobnicator is jammed in src/x.y line 12\n");
    let pack = "name = \"mine\"\n[[rule]]\nname = \"jam\"\nliterals = \"@@ \"\nstart = '^@@ (?P<message>.* in (?P<file>\\S+) line (?P<line>\\d+))$'\n";
    write(&w, "home/packs/mine.toml", pack);
    let (found, code) = debugged(&w, &["--file", "log"]);
    let first = &found["diagnostics"][0];
    assert_eq!((code, first["rule"].as_str(), first["source_line"].as_u64()), (1, Some("mine/jam"), Some(12)));

    write(&w, "home/packs/mine.toml", &pack.replace("literals", "litterals"));
    let said = w.aos(&["debug", "--file", "log", "--json"]);
    assert!(said.err.contains("mine.toml") && said.err.contains("did you mean `literals`?"), "{}", said.err);
    write(&w, "home/packs/mine.toml", &pack.replace("^@@ (", "^@@ (("));
    let said = w.aos(&["debug", "--file", "log", "--json"]);
    assert!(said.err.contains("rule `jam`, start") && said.err.contains("unclosed group"), "{}", said.err);
    assert_eq!(said.code, 0);
}

#[test]
fn a_projects_packs_count_only_once_they_are_allowed_and_not_when_they_have_changed() {
    let w = World::new();
    fs::create_dir_all(w.join("p/.agent-os/packs")).expect("a directory");
    fs::create_dir_all(w.join("p/src")).expect("a directory");
    write(&w, "p/log", "start\n@@ jammed, src/x.y, 12\n");
    let pack = "name = \"ours\"\n[[rule]]\nname = \"jam\"\nliterals = \"@@ \"\nstart = '^@@ (?P<message>.*), (?P<file>\\S+), (?P<line>\\d+)$'\n";
    write(&w, "p/.agent-os/packs/ours.toml", pack);
    let told = || {
        let said = w.sh("cd p/src && aos debug --file ../log --json");
        let found: Value = serde_json::from_str(&said.out).expect("json");
        (found["diagnostics"][0]["rule"].as_str().map(str::to_owned), said.err)
    };
    let (rule, err) = told();
    assert!(rule.is_none() && err.lines().count() == 1 && err.contains("not used until `aos hooks allow`"), "{err}");
    let allowed = w.sh("cd p && aos hooks allow --yes");
    assert!(allowed.out.contains("ours.toml\n  rule  jam  ^@@ ") && allowed.code == 0, "{allowed:?}");
    assert_eq!(told(), (Some("ours/jam".to_owned()), String::new()));
    write(&w, "p/.agent-os/packs/ours.toml", &pack.replace("jam\"", "jammed\""));
    assert_eq!(told().0, None);
    let changed = w.sh("cd p && aos hooks allow </dev/null");
    assert!(changed.out.contains("it was allowed, and has changed since") && changed.code == 1, "{changed:?}");
    assert_eq!(w.sh("cd p && aos hooks deny").code, 0);
    assert_eq!(told(), (None, String::new()));
}

#[test]
fn lines_that_stand_in_failing_runs_alone_are_told() {
    let w = World::new();
    let script =
        "echo begin; [ -e good ] || { echo the moon is full; echo and the tide is high; }; echo end; [ -e good ]";
    let run = |is_good: bool| {
        if is_good {
            fs::File::create(w.join("good")).expect("a file");
        } else {
            let _ = fs::remove_file(w.join("good"));
        }
        let id = w.begin(&["--shell", script]);
        w.ended(id);
        id.to_string()
    };
    let (first, _, _, _) = (run(false), run(true), run(true), run(false));
    let last = run(false);
    let rule = |id: &str| debugged(&w, &[id]).0["diagnostics"][0]["rule"].as_str().map(str::to_owned);
    assert_eq!(rule(&first).as_deref(), Some("exit/status"));
    let found = debugged(&w, &[&last]).0;
    let told = &found["diagnostics"][0];
    assert_eq!(
        (told["rule"].as_str(), told["line"].as_u64(), told["message"].as_str(), told["confidence"].as_str()),
        (Some("learned/line"), Some(2), Some("the moon is full"), Some("low")),
        "{found}"
    );
}

#[test]
fn a_hostile_pack_costs_little() {
    let w = World::new();
    fs::create_dir_all(w.home().join("packs")).expect("a directory");
    write(&w, "log", &format!("@@ {}\n", "a".repeat(60_000)).repeat(20));
    let rule = |name: &str, start: &str| format!("[[rule]]\nname = \"{name}\"\nliterals = \"@@\"\nstart = '{start}'\n");
    let pack = ["name = \"bad\"\n".to_owned(), rule("a", "^@@ (a*)*b$"), rule("b", "(?:a?){200}a{200}c")].concat();
    write(&w, "home/packs/bad.toml", &pack);
    let said = w.sh("ulimit -v 400000; ulimit -t 20; aos debug --json --file log");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let huge = rule("c", "((((a{100}){100}){100}){100})");
    write(&w, "home/packs/bad.toml", &["name = \"bad\"\n", &huge].concat());
    let said = w.sh("aos debug --json --file log");
    assert!(said.err.contains("rule `c`, start") && said.err.contains("size limit"), "{}", said.err);
    write(&w, "home/packs/bad.toml", &["name = \"bad\"\n", &huge.replace("\"@@\"", "[\"\", \"x\"]")].concat());
    let said = w.sh("aos debug --json --file log");
    assert!(said.err.contains("has no literals"), "{}", said.err);
}

#[test]
fn debug_reads_a_log_without_end_in_little_memory() {
    let w = World::for_long(3);
    // One line of 100 MB, and a traceback that never ends.
    let line = "(head -c 100000000 /dev/zero | tr '\\0' x; echo; echo 'fatal: not a git repository') > long";
    assert_eq!(w.sh(line).code, 0);
    let frames =
        "(echo 'Traceback (most recent call last):'; yes '  File \"a.py\", line 1, in f' | head -n 500000) > loop";
    assert_eq!(w.sh(frames).code, 0);
    let said = w.sh("ulimit -v 400000; aos debug --json --file long");
    let found: Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {}", said.err));
    assert_eq!(found["diagnostics"][0]["line"].as_u64(), Some(2));
    let said = w.sh("ulimit -v 400000; aos debug --json --file loop");
    let _: Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {}", said.err));
}

#[test]
fn debug_hides_secrets_and_lets_no_log_drive_the_terminal() {
    let w = World::new();
    let mut aos = w.command(env!("CARGO_BIN_EXE_aos"));
    let line = "printf 'fatal: not a git repository: %s \\033]0;title\\007\\033[31m\\n' \"$API_TOKEN\"; exit 1";
    let begun = aos.env("API_TOKEN", "s3cr3t-value").args(["run", "-b", "--shell", line]).output().expect("aos runs");
    assert!(begun.status.success());
    w.aos(&["wait", "1"]);
    for words in
        [&["debug", "1"][..], &["debug", "1", "--json"], &["debug", "1", "--quickfix"], &["debug", "1", "--sarif"]]
    {
        let said = w.aos(words);
        assert!(!said.out.contains("s3cr3t") && said.out.contains("***"), "{words:?}: {}", said.out);
        assert!(!said.out.contains('\u{1b}') && !said.out.contains('\u{7}'), "{words:?}: {}", said.out);
    }
}

/// A log in which a secret stands wherever a finding can have text of it: file, frame, test, note,
/// message, and what may help.
const SECRET_EVERYWHERE: &str = r#"cat >log <<X
============================= test session starts ==============================
=================================== FAILURES ===================================
___________________________ test_${API_TOKEN} ___________________________
Traceback (most recent call last):
  File "/app/$API_TOKEN/main.py", line 3, in <module>
    run()
  File "/app/$API_TOKEN/lib.py", line 9, in run
    import $API_TOKEN
ModuleNotFoundError: No module named '$API_TOKEN'
FAILED tests/${API_TOKEN}_test.py::test_$API_TOKEN - AssertionError: $API_TOKEN
X
cat log; exit 1"#;

#[test]
fn debug_hides_secrets_in_every_text_of_a_finding() {
    let w = World::new();
    let mut aos = w.command(env!("CARGO_BIN_EXE_aos"));
    let line = SECRET_EVERYWHERE;
    let begun = aos.env("API_TOKEN", "s3cr3t_value").args(["run", "-b", "--shell", line]).output().expect("aos runs");
    assert!(begun.status.success());
    w.aos(&["wait", "1"]);
    for words in
        [&["debug", "1"][..], &["debug", "1", "--json"], &["debug", "1", "--quickfix"], &["debug", "1", "--sarif"]]
    {
        let said = w.aos(words);
        assert!(!said.out.contains("s3cr3t") && said.out.contains("***"), "{words:?}: {}", said.out);
    }
}

#[test]
fn a_place_is_a_link_on_a_terminal_and_nowhere_else() {
    let w = World::new();
    write(&w, "app.py", "# first\nimport yaml\n");
    write(&w, "log", TRACEBACK);
    let link = format!("\u{1b}]8;;file://{}\u{1b}\\app.py:2\u{1b}]8;;\u{1b}\\", w.join("app.py").display());
    let on_a_terminal = w.sh("TERM=xterm script -qec 'aos debug --file log' /dev/null").out;
    assert!(on_a_terminal.contains(&link), "{on_a_terminal:?}");
    for line in ["TERM=dumb script -qec 'aos debug --file log' /dev/null", "aos debug --file log"] {
        let said = w.sh(line).out;
        assert!(said.contains("app.py:2") && !said.contains("\u{1b}]8"), "{line}: {said:?}");
    }
}

/// What `debug` proposes: titles and commands.
fn proposed(w: &World, words: &[&str]) -> Vec<(String, String)> {
    let (found, _) = debugged(w, words);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = found["suggestions"].as_array().expect("a list").iter();
    all.map(|made| (text(&made["title"]), text(&made["command"]))).collect()
}

#[test]
fn a_command_that_is_not_there_is_told_by_its_name_and_the_near_one_proposed() {
    let w = World::new();
    let id = w.begin(&["--shell", "gti status"]).to_string();
    w.aos(&["wait", &id]);
    assert_eq!(proposed(&w, &[&id]).first().map(|(_, run)| run.as_str()), Some("git status"));
    // Nothing was printed where nothing was executed.
    w.aos(&["run", "-b", "-n", "none", "--", "gti", "status"]);
    let said = w.aos(&["debug", "none"]).out;
    assert!(said.contains("gti: command not found  (gti)\n") && said.contains("    git status\n"), "{said}");
}

#[test]
fn who_holds_a_port_is_told_and_a_free_one() {
    const SERVER: &str = "\
import socket, sys, time
server = socket.socket()
server.bind(('127.0.0.1', int(sys.argv[1])))
server.listen()
print('up', flush=True)
time.sleep(600)
";
    let w = World::new();
    write(&w, "server.py", SERVER);
    // Its own: nobody else gets it meanwhile.
    let ours = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = ours.local_addr().expect("an address").port().to_string();
    let fails = |w: &World| {
        let id = w.begin(&["--", "python3", "server.py", &port]).to_string();
        w.aos(&["wait", &id]);
        proposed(w, &[&id])
    };
    let found = fails(&w);
    let (title, run) = found.first().expect("something");
    let pid = std::process::id();
    assert!(title.ends_with(&format!("(pid {pid}) listens on port {port}")), "{found:?}");
    assert_eq!(run, &format!("kill {pid}"));
    assert!(found.iter().any(|(title, run)| title.ends_with(" is free") && run.is_empty()), "{found:?}");

    drop(ours);
    w.aos(&["run", "-b", "-n", "api", "--ready", &format!("port:{port}"), "--", "python3", "server.py", &port]);
    assert_eq!(w.aos(&["wait", "api", "--for", "ready"]).code, 0);
    let found = fails(&w);
    let (title, run) = found.first().expect("something");
    assert_eq!((title.as_str(), run.as_str()), (&*format!("task-002 (api) listens on port {port}"), "aos stop 2"));
    w.aos(&["stop", "api"]);
    // It is free now: who had it is not known any more.
    assert!(proposed(&w, &["@last"]).iter().all(|(title, _)| !title.contains("listens on port")), "{found:?}");
}

#[test]
fn a_module_that_is_to_be_run_and_is_not_there_is_installed() {
    let w = World::new();
    let log = "/usr/bin/python3: No module named pytest\n";
    write(&w, "log", log);
    let found = proposed(&w, &["--file", "log", "-x", "1", "--command", "python3 -m pytest"]);
    assert_eq!(found.first().map(|(_, run)| run.as_str()), Some("pip install pytest"), "{found:?}");
    // A file that is not there is not looked for under a second `.py`.
    write(&w, "log", "python3: can't open file '/x/app.py': [Errno 2] No such file or directory\n");
    let found = proposed(&w, &["--file", "log", "-x", "2", "--command", "python3 app.py"]);
    assert!(found.iter().all(|(_, run)| !run.contains(".py.py")), "{found:?}");
}

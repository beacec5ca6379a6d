//! Bad input gets a clear error that says what to do, and nothing is lost.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::world::{World, until};

#[test]
fn an_empty_command_is_refused() {
    let w = World::new();
    for words in [&["run", "-b", ""][..], &["run", "-b", "   "], &["run", "-b", "--", ""]] {
        let said = w.aos(words);
        assert_eq!(said.code, 2, "{words:?}");
        assert!(said.err.starts_with("aos: the command is empty\n  hint: "), "{}", said.err);
    }
    assert_eq!(w.aos(&["run", "-b"]).code, 2);
    assert!(!w.home().join("tasks/task-001").exists());
}

#[test]
fn bad_options_say_what_is_expected() {
    let w = World::new();
    for (words, part) in [
        (&["run", "-b", "--timeout", "soon", "true"][..], "is not a length of time"),
        (&["run", "-b", "--stop-signal", "LOUD", "true"], "is no signal"),
        (&["run", "-b", "-e", "NOVALUE", "true"], "sets no variable"),
        (&["run", "-b", "--shell", "--no-shell", "true"], "--shell and --no-shell contradict each other"),
        (&["run", "-b", "--no-shell", "echo 'a"], "does not split into words"),
    ] {
        let said = w.aos(words);
        assert_eq!(said.code, 2, "{words:?}");
        assert!(said.err.contains(part), "{}", said.err);
    }
}

#[test]
fn a_mistyped_word_does_not_drive_the_terminal() {
    let w = World::new();
    let word = "\u{1b}]52;c;cm0gLXJmCg==\u{7}\u{9b}2J\u{202e}x";
    // An option's name ends at the first `=`.
    let shown = "\\x1b]52;c;cm0gLXJmCg";
    let option = format!("--{word}");
    let valued = format!("--older={word}");
    let switch = format!("--json={word}");
    for words in [
        &[word][..],
        &["tasks", &option],
        &["tasks", &switch],
        &["clean", &valued],
        &["init", word],
        &["tasks", "--status", word],
        &["run", "-n", word, "true"],
        &["run", "--after", word, "true"],
        &["stop", "1", "-s", word],
        &["wait", "1", "--for", word],
        &["help", word],
    ] {
        let said = w.aos(words);
        assert!(said.code != 0 && said.out.is_empty(), "{said:?}");
        let harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!said.err.contains(harmful), "{words:?}: {said:?}");
        assert!(said.err.contains(shown), "{words:?}: {said:?}");
    }
    let coloured = w.sh("CLICOLOR_FORCE=1 aos tasks --nosuch");
    assert!(coloured.err.starts_with("\u{1b}[1m\u{1b}[31maos:"), "{coloured:?}");
    assert_eq!(w.sh("aos tasks --help 2>&1 >/dev/full; aos tasks --help 2>/dev/full | grep -c Usage").out, "1\n");
}

#[test]
fn a_home_that_is_not_ours_alone_is_refused() {
    let w = World::new();
    fs::create_dir(w.home()).expect("a directory");
    fs::set_permissions(w.home(), fs::Permissions::from_mode(0o777)).expect("a mode");
    let said = w.aos(&["run", "-b", "true"]);
    assert_eq!(said.code, 125);
    assert_eq!(
        said.err,
        format!("aos: {0} can be written by others (mode 0777)\n  hint: chmod go-w {0}\n", w.home().display())
    );
    fs::set_permissions(w.home(), fs::Permissions::from_mode(0o700)).expect("a mode");
    // /proc belongs to root, and to nobody's self: for root another owner is made up.
    if nix::unistd::geteuid().is_root() {
        std::os::unix::fs::chown(w.home(), Some(4242), None).expect("another owner");
        assert!(w.aos(&["tasks"]).err.contains("belongs to user 4242, not to you"));
    } else {
        assert!(w.sh("AOS_HOME=/proc aos tasks").err.contains("belongs to user 0, not to you"));
    }
}

#[test]
fn a_home_that_cannot_be_is_refused() {
    let w = World::new();
    fs::File::create(w.join("file")).expect("a file");
    for (home, part) in [("$PWD/file", "cannot use"), ("/proc/nowhere", "cannot use")] {
        let said = w.sh(&format!("AOS_HOME={home} aos run -b true"));
        assert_eq!(said.code, 125, "{home}");
        assert!(said.err.contains(part), "{}", said.err);
    }
}

#[test]
fn planted_links_are_never_written_through() {
    let w = World::new();
    fs::create_dir(w.join("victim")).expect("a directory");
    for link in ["", "tasks", "logs", "logs/tasks", "tasks/active"] {
        let _ = fs::remove_dir_all(w.home());
        let path = if link.is_empty() { w.home() } else { w.home().join(link) };
        fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
        symlink(w.join("victim"), &path).expect("a link");
        let said = w.aos(&["run", "-b", "true"]);
        assert_eq!(said.code, 125, "{link}: {said:?}");
        assert_eq!(fs::read_dir(w.join("victim")).expect("a directory").count(), 0, "{link}");
        let _ = fs::remove_file(&path);
    }
}

#[test]
fn a_home_that_is_a_link_is_refused_however_it_is_written() {
    let w = World::new();
    fs::create_dir(w.join("victim")).expect("a directory");
    symlink(w.join("victim"), w.join("link")).expect("a link");
    for home in ["link", "link/", "link//", "link/.", "./link/./"] {
        for verb in ["run -b true", "tasks", "doctor"] {
            let said = w.sh(&format!("AOS_HOME={home} aos {verb}"));
            assert!(said.code != 0, "{home} {verb}: {said:?}");
            assert!(format!("{}{}", said.out, said.err).contains("link"), "{home} {verb}: {said:?}");
        }
    }
    assert_eq!(fs::read_dir(w.join("victim")).expect("a directory").count(), 0);
    assert_eq!(w.sh("mkdir -m 700 real; AOS_HOME=real/ aos run -b true; AOS_HOME=real aos wait 1").code, 0);
}

#[test]
fn a_name_is_as_long_as_a_file_system_takes() {
    let w = World::new();
    fs::create_dir(w.home()).expect("a directory");
    fs::set_permissions(w.home(), fs::Permissions::from_mode(0o700)).expect("a mode");
    fs::File::create(w.home().join("config.toml"))
        .and_then(|mut file| std::io::Write::write_all(&mut file, b"[logs]\nsegment = \"64KiB\"\n"))
        .expect("a file");
    for (letter, most) in [("x", 64), ("日", 64), ("𝒜", 48)] {
        let said = w.aos(&["run", "-b", "-n", &letter.repeat(most + 1), "true"]);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.err.contains("64 at most (192 bytes)"), "{}", said.err);
        let id = w.begin(&["-n", &letter.repeat(most), "--", "seq", "1", "60000"]);
        assert_eq!(w.ended(id)["status"], "succeeded");
        let numbers: String = (1..=60_000).map(|number| format!("{number}\n")).collect();
        assert!(w.log(id) == numbers.as_bytes(), "{letter}");
        w.ok(&["rm", &letter.repeat(most)]);
    }
}

#[test]
fn planted_file_links_are_never_written_through() {
    let w = World::new();
    fs::File::create(w.join("victim")).expect("a file");
    w.begin(&["true"]);
    w.ended(1);
    let log = w.ok(&["logs", "--path", "1"]);
    for path in
        [w.home().join("tasks/.next"), log.trim().into(), w.task(1, "journal.jsonl"), w.home().join("logs/index.json")]
    {
        let _ = fs::remove_file(&path);
        symlink(w.join("victim"), &path).expect("a link");
        w.aos(&["restart", "1"]);
        w.aos(&["run", "-b", "echo text"]);
        w.aos(&["wait", "@all"]);
        w.aos(&["tasks", "-a"]);
        assert_eq!(fs::read(w.join("victim")).expect("the victim"), b"", "{}", path.display());
        let _ = fs::remove_file(&path);
    }
}

#[test]
fn a_home_of_three_hundred_characters_works() {
    let w = World::new();
    let long = format!("$PWD/{}", ["x".repeat(100).as_str(); 3].join("/"));
    let line = format!(
        "export AOS_HOME={long}; aos run -b 'echo hi; sleep 1000' && aos show --json && aos stop 1 && aos logs 1"
    );
    let said = w.sh(&line);
    assert_eq!((said.err.as_str(), said.code), ("", 0));
    assert!(said.out.contains("\"processes\":[") && said.out.ends_with("hi\n"), "the socket answers: {}", said.out);
}

#[test]
fn arguments_as_long_as_the_system_takes_reach_the_task() {
    let w = World::new();
    let id = w.sh("aos run -b -- sh -c 'echo $# ${#1}' sh $(yes 0123456789 | head -n 100000 | tr '\\n' ' ')");
    assert_eq!(id.out, "task-001\n", "{}", id.err);
    w.ended(1);
    assert_eq!(w.log(1), b"100000 10\n");
}

#[test]
fn arguments_that_are_not_text_reach_the_task() {
    let w = World::new();
    assert_eq!(
        w.sh("aos run -b --no-pty -e \"V=$(printf '\\351')\" -- sh -c 'printf %s \"$1$V\"' sh \"$(printf 'a\\377b')\"")
            .code,
        0
    );
    w.ended(1);
    assert_eq!(w.log(1), b"a\xffb\xe9");
    w.ok(&["restart", "1"]);
    w.ended(1);
    assert_eq!(w.log(1), b"a\xffb\xe9a\xffb\xe9");
}

#[test]
fn closed_standard_descriptors_are_no_trap() {
    let w = World::new();
    let said = w.sh("aos run -b 'echo hi' <&- >&- 2>&-; aos wait 1; aos logs 1");
    assert_eq!(said.out, "hi\n", "{}", said.err);
    assert_eq!(fs::read_to_string(w.home().join("tasks/.next")).expect("the counter"), "0000000002\n");
}

#[test]
fn what_cannot_be_put_among_the_living_is_ended_and_told() {
    let w = World::new();
    w.logged("true");
    let active = w.home().join("tasks/active");
    fs::remove_dir_all(&active).expect("removed");
    fs::File::create(&active).expect("something else in its place");
    let said = w.aos(&["run", "-b", "--", "sleep", "1000"]);
    assert_eq!((said.code, said.out.as_str()), (125, ""));
    assert!(said.err.contains("tasks/active: Not a directory"), "{}", said.err);
    until(|| w.survivors().is_empty()).expect("nothing is left of it");
    fs::remove_file(&active).expect("removed");
    assert_eq!(w.row(2)["status"], "lost");
}

#[test]
fn an_unknown_option_is_no_command() {
    let w = World::new();
    for (words, near) in [
        (&["run", "-b", "--memo", "1G", "true"][..], "`--memo`\n  hint: near: --mem\n"),
        (&["run", "-b", "--nam", "web", "true"], "`--nam`\n  hint: near: --name\n"),
        (&["run", "--bakground", "true"], "`--bakground`\n  hint: near: --background\n"),
        (&["run", "-b", "-x", "true"], "aos run -- -x"),
        (&["run", "-b", "-n", "web", "--ready-timeot", "3s", "--", "true"], "near: --ready-timeout"),
    ] {
        let said = w.aos(words);
        assert_eq!((said.out.as_str(), said.code), ("", 2), "{words:?}");
        assert!(said.err.starts_with("aos: aos run has no option `-") && said.err.contains(near), "{}", said.err);
    }
    assert!(!w.home().join("tasks/task-001").exists(), "nothing was begun");
    // Behind the command, and behind `--`, all words are its own.
    let id = w.begin(&["printf", "%s|", "--mem", "-b", "--", "x"]);
    w.ended(id);
    assert_eq!(w.log(id), b"--mem|-b|--|x|");
    assert_eq!(w.aos(&["run", "-b", "--", "--mem"]).code, 127);
}

#[test]
fn a_line_that_makes_no_sense_is_told_as_json_where_that_was_asked_for() {
    let w = World::new();
    for (words, message, hint) in [
        (&["stop", "--json"][..], "aos stop needs ID…", "aos stop --help"),
        (&["tasks", "--json", "--sttaus", "failed"], "aos tasks has no option `--sttaus`", "near: --status"),
        (&["logs", "--json", "-n", "many", "1"], "--lines many: it is not a whole number", "aos logs --help"),
    ] {
        let said = w.aos(words);
        let told: serde_json::Value = serde_json::from_str(&said.err).expect("JSON");
        let expected = serde_json::json!({ "version": 1, "code": 2, "message": message, "hint": hint });
        assert_eq!((told, said.out.as_str(), said.code), (expected, "", 2), "{words:?}");
    }
}

#[test]
fn without_a_home_directory_that_of_the_password_file_serves() {
    let w = World::new();
    let accounts = format!("root:x:0:0:root:{}:/bin/sh\n", w.join("me").display());
    let Some(run) = w.with_accounts(&accounts, "aos run -b false; aos wait 1") else { return };
    assert_eq!((run.out.lines().next(), run.code), (Some("task-001"), 1), "{run:?}");
    assert!(w.join("me/.agent-os/tasks/task-001").exists());
    let nobody = "nobody:x:65534:65534::/nonexistent:/bin/sh\n";
    let said = w.with_accounts(nobody, "aos tasks").expect("as before");
    let what = "no home directory: neither $AOS_HOME, $AGENT_OS_HOME nor $HOME is set, and /etc/passwd has none";
    assert_eq!(said.err, format!("aos: {what}\n  hint: set AOS_HOME to a directory of yours\n"));
}

#[test]
fn a_command_of_several_lines_is_shown_on_one() {
    let w = World::new();
    w.begin(&["-n", "loop", "for i in 1 2\ndo\n  echo \"a\n  b\" # twice\ndone"]);
    w.begin(&["-n", "words", "printf", "%s", "one\ntwo"]);
    w.ended(1);
    w.ended(2);
    let tasks = w.ok(&["tasks", "-a"]);
    assert!(tasks.contains("  for i in 1 2; do echo \"a\\n  b\"; done\n"), "{tasks}");
    assert!(tasks.contains("  printf '%s' 'one\\ntwo'\n") || tasks.contains("  printf %s 'one\\ntwo'\n"), "{tasks}");
    assert_eq!(w.log(1), b"a\n  b\na\n  b\n");
}

#[test]
fn without_a_terminal_left_a_task_says_so_and_another_does_without() {
    let w = World::new();
    let line =
        "mount -t devpts -o newinstance,ptmxmode=666,max=1 devpts /dev/pts && mount --bind /dev/pts/ptmx /dev/ptmx
        aos run -b -- sleep 1000
        aos run -b true; echo $?
        aos run -b --delay 500ms true; aos wait 3; echo $?
        aos run true | cat
        aos run -b --no-pty true; aos wait 5; echo $?
        aos tasks -a --json | grep -o '\"status\":\"[a-z]*\"'
        aos stop 1 >/dev/null";
    let said = said_in_mounts(&w, line);
    let why = "no terminal is left on this system (sysctl kernel.pty.max)";
    assert_eq!(
        said.out,
        "task-001\n125\ntask-003\n125\ntask-005\n0\n\"status\":\"running\"\n\"status\":\"failed\"\n\"status\":\"failed\"\n\"status\":\"failed\"\n\"status\":\"succeeded\"\n"
    );
    assert_eq!(said.err, format!("aos: {why} (task-002)\naos: {why} (task-004)\n"));
}

/// A line of sh in a mount namespace of its own.
fn said_in_mounts(w: &World, line: &str) -> crate::world::Said {
    let output =
        w.command("unshare").args(["-m", "--propagation", "private", "sh", "-c", line]).output().expect("unshare runs");
    crate::world::Said {
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code().unwrap_or(-1),
    }
}

#[test]
fn nothing_hides_in_names_and_commands_or_drives_the_terminal_whatever_the_verb_and_format() {
    let w = World::new();
    let hidden =
        ["\u{200b}", "\u{2060}", "\u{feff}", "\u{e0041}", "\u{202e}", "\u{2066}", "\u{9b}31m", "\u{1b}[2J", "\u{7f}"];
    let word = format!("a{}z", hidden.join("b"));
    std::fs::create_dir(w.join(&word)).expect("a directory");
    let id = w.begin(&["-C", &word, "--", "sh", "-c", "exit 3", &word]);
    w.ended(id);
    let harmful = |text: &str| {
        let is_harmful = |c: char| {
            c.is_control() && !"\n\t".contains(c) || "\u{200b}\u{2060}\u{feff}\u{e0041}\u{202e}\u{2066}".contains(c)
        };
        text.chars().find(|c| is_harmful(*c))
    };
    let mut shown = 0;
    for words in [
        &["tasks"][..],
        &["tasks", "-a"],
        &["tasks", "-a", "--json"],
        &["tasks", "--json"],
        &["show", "1"],
        &["show", "1", "--json"],
        &["why", "1"],
        &["why", "1", "--json"],
        &["wait", "1"],
        &["wait", "1", "--json"],
        &["monitor", "1"],
        &["restart", "1"],
        &["stop", &word],
        &["logs", &word],
        &["stop", "--json", &word],
        &["run", "-b", "-C", &word, "--", "./missing", &word],
        &["run", "-b", "--json", "-C", &word, "--", "./missing", &word],
        &["doctor"],
        &["rm", "1", "--json"],
    ] {
        let said = w.aos(words);
        for text in [&said.out, &said.err] {
            assert_eq!(harmful(text), None, "{words:?}: {text:?}");
            shown += usize::from(text.contains("\\xe2\\x80\\x8b") || text.contains("\\u200b"));
        }
        w.aos(&["wait", "1"]);
    }
    assert!(shown > 8, "{shown}");
    // What a program reads is the same data.
    let id = w.begin(&["-C", &word, "--", "true", &word]);
    w.ended(id);
    assert!(w.row(id)["cwd"].as_str().expect("a path").ends_with(&word));
}

//! `aos debug --auto-fix`: what is safe is done, it is looked whether it helped, and files are put
//! back where it did not.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use crate::world::World;

fn write(w: &World, name: &str, text: &str) {
    fs::File::create(w.join(name)).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
}

/// A task that is not formatted, in a directory of its own, with a formatter that does this.
fn unformatted(w: &World, formatter: &str) -> u32 {
    for dir in ["bin", "code"] {
        fs::create_dir_all(w.join(dir)).expect("a directory");
    }
    write(w, "bin/black", &format!("#!/bin/sh\n{formatter}\n"));
    fs::set_permissions(w.join("bin/black"), fs::Permissions::from_mode(0o755)).expect("set");
    write(w, "code/a.py", "x=1\n");
    let path = format!("PATH={}:/usr/bin:/bin", w.join("bin").display());
    let check = "if grep -q 'x=1' a.py; then echo 'would reformat a.py'; echo 'Oh no!'; exit 1; else echo fine; fi";
    let code = w.join("code").to_string_lossy().into_owned();
    let id = w.begin(&["-C", &code, "-e", &path, check]);
    assert_eq!(w.ended(id)["exit_code"], 1);
    id
}

fn code(w: &World) -> String {
    fs::read_to_string(w.join("code/a.py")).expect("the file")
}

#[test]
fn what_is_safe_is_done_and_the_task_run_again() {
    let w = World::new();
    unformatted(&w, "sed -i 's/x=1/x = 1/' a.py");
    let said = w.aos(&["debug", "1", "--auto-fix", "--dry-run"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.starts_with("would run in ") && said.out.ends_with(": black .\n"), "{}", said.out);
    assert_eq!(code(&w), "x=1\n");
    // Nobody can be asked.
    let said = w.aos(&["debug", "1", "--auto-fix"]);
    assert!(said.code == 2 && said.err.contains("--yes agrees"), "{}", said.err);
    let said = w.aos(&["debug", "1", "--auto-fix", "--yes", "--only", "prettier"]);
    assert!(said.code == 1 && said.err.contains("nothing that is safe"), "{}", said.err);
    let said = w.aos(&["debug", "1", "--auto-fix", "--yes"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{}", said.out);
    assert!(
        said.out.starts_with("black .\ndone in ") && said.out.contains("; changed a.py\ntask-001: succeeded"),
        "{}",
        said.out
    );
    assert_eq!((code(&w).as_str(), w.row(1)["run"].as_u64()), ("x = 1\n", Some(2)));
    let said = w.aos(&["debug", "1", "--auto-fix", "--yes"]);
    assert_eq!((said.code, said.out.as_str()), (0, "task-001: nothing is wrong\n"));
}

#[test]
fn what_did_not_help_is_undone() {
    let w = World::new();
    unformatted(&w, "echo '# more' >> a.py; echo new > new.py");
    let said = w.aos(&["debug", "1", "--auto-fix", "--yes"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(
        said.out.contains("it did not help: task-001: failed") && said.out.contains("; put back a.py, new.py\n"),
        "{}",
        said.out
    );
    assert_eq!((code(&w).as_str(), w.join("code/new.py").exists()), ("x=1\n", false));
}

#[test]
fn a_fix_that_fails_is_undone() {
    let w = World::new();
    unformatted(&w, "rm a.py; exit 3");
    let said = w.aos(&["debug", "1", "--auto-fix", "--yes"]);
    assert!(
        said.code == 1 && said.out.contains("it failed (exit status: 3); put back a.py\n"),
        "{}{}",
        said.out,
        said.err
    );
    assert_eq!((code(&w).as_str(), w.row(1)["run"].as_u64()), ("x=1\n", Some(1)));
}

#[test]
fn a_hook_needs_the_users_own_word() {
    let w = World::new();
    unformatted(&w, "sed -i 's/x=1/x = 1/' a.py");
    // A project's configuration has no say.
    fs::create_dir_all(w.join("code/.agent-os")).expect("a directory");
    write(&w, "code/.agent-os/config.toml", "[debug]\nauto_fix = true\n");
    let hook = |w: &World| {
        w.command(env!("CARGO_BIN_EXE_aos"))
            .args(["debug", "--auto-fix", "--yes"])
            .env("AOS_HOOK_EVENT", "BackgroundTaskComplete")
            .env("AOS_TASK_ID", "task-001")
            .current_dir(w.join("code"))
            .output()
            .expect("aos runs")
    };
    let said = hook(&w);
    let err = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.status.code() == Some(5) && err.contains("auto_fix = true"), "{err}");
    assert_eq!(code(&w), "x=1\n");
    write(&w, "home/config.toml", "[debug]\nauto_fix = true\n");
    assert_eq!(hook(&w).status.code(), Some(0));
    assert_eq!(code(&w), "x = 1\n");
}

#[test]
fn what_would_mend_a_sandboxed_task_is_not_run_outside_of_its_sandbox() {
    let w = World::new();
    unformatted(&w, "sed -i 's/x=1/x = 1/' a.py");
    let code_dir = w.join("code").to_string_lossy().into_owned();
    let check = "if grep -q 'x=1' a.py; then echo 'would reformat a.py'; echo 'Oh no!'; exit 1; fi";
    let id = w.begin(&["-C", &code_dir, "--sandbox", check]);
    assert_eq!(w.ended(id)["exit_code"], 1);
    let said = w.aos(&["debug", &id.to_string(), "--auto-fix", "--yes"]);
    assert!(said.code != 0 && said.err.contains("runs in a sandbox"), "{}: {} {}", said.code, said.out, said.err);
    assert_eq!(code(&w), "x=1\n");
}

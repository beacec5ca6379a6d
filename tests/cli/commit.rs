//! `aos commit --if-passing`: what was tested is committed, and nothing else.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::world::{Said, World, until, write_program};

/// A repository with one commit, in which aos was asked to commit once.
struct Tested {
    w: World,
    root: PathBuf,
}

fn write(path: &Path, text: &str) {
    fs::File::create(path).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
}

impl Tested {
    fn new() -> Tested {
        let w = World::new();
        let root = w.join("my project");
        fs::create_dir(&root).expect("a directory");
        let t = Tested { w, root };
        t.sh("git init -q -b main . && git config user.name me && git config user.email me@host");
        t.edit("a file", "one\n");
        write(&t.root.join(".gitignore"), "ignored\n");
        t.sh("git add . && git commit -qm first");
        t.run("true");
        let first = t.commit(&[]);
        assert_eq!(first.code, 5, "{first:?}");
        assert!(first.err.contains("it was not noted what"), "{first:?}");
        t
    }

    /// A line of sh in the repository, which succeeds.
    fn sh(&self, line: &str) -> String {
        let said = self.try_sh(line);
        assert_eq!(said.code, 0, "{line}: {said:?}");
        said.out
    }

    fn try_sh(&self, line: &str) -> Said {
        self.w.sh(&format!("cd '{}' && {line}", self.root.display()))
    }

    /// Changes a file, and waits until the kernel's clock says that this was before.
    fn edit(&self, name: &str, text: &str) {
        let path = self.root.join(name);
        write(&path, text);
        settled(&path);
    }

    /// A task in the repository, to its end; its id.
    fn run(&self, line: &str) -> u32 {
        let said = self.try_sh(&format!("aos run -b -n tests '{line}'"));
        assert_eq!(said.code, 0, "{said:?}");
        let id = said.out.trim().trim_start_matches("task-").split_whitespace().next().map(str::to_owned);
        let id: u32 = id.and_then(|id| id.trim_start_matches('0').parse().ok()).expect("an id");
        self.w.ended(id);
        if id > 1 {
            until(|| self.w.task(id, "tree.json").exists()).expect("what there is to be tested");
        }
        id
    }

    fn commit(&self, words: &[&str]) -> Said {
        let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        self.try_sh(&format!("aos commit --if-passing {}", words.join(" ")))
    }

    /// That a commit is refused so, and changes nothing.
    fn assert_refused(&self, why: &str) {
        let state = || self.sh("cat .git/index | sha1sum; git rev-parse HEAD; git ls-files -s; cat 'a file'");
        let before = state();
        let said = self.commit(&[]);
        assert_eq!((said.code, said.out.as_str()), (5, ""), "{said:?}");
        assert!(said.err.contains(why), "{why}: {said:?}");
        assert_eq!(state(), before);
        assert!(!self.root.join(".git/index.lock").exists());
    }
}

/// Waits until what changes from now on has a later time than this file.
pub fn settled(path: &Path) {
    let found = fs::metadata(path).expect("the file");
    let changed = found.ctime() * 1000 + found.ctime_nsec() / 1_000_000;
    let now = || i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_millis());
    until(|| now().expect("milliseconds") > changed + 20).expect("time goes on");
}

#[test]
fn what_passed_is_committed_and_nothing_else() {
    let t = Tested::new();
    t.edit("a file", "two\n");
    t.edit("staged", "new\n");
    t.sh("git add staged");
    t.edit("staged", "new, and changed\n");
    t.edit("ignored", "x");
    t.edit("untracked", "x");
    let id = t.run("echo === 3 passed, 1 skipped in 0.1s ===; cat staged >ignored");
    let dry: Value = serde_json::from_str(&t.commit(&["--dry-run", "--json"]).out).expect("JSON");
    assert_eq!((&dry["committed"], &dry["commit"]), (&json!(false), &Value::Null), "{dry}");
    assert_eq!(dry["files"], json!(["a file", "staged"]));
    assert_eq!(t.sh("git log --format=%s"), "first\n");
    let said = t.commit(&["--json"]);
    let told: Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"));
    assert_eq!((&told["committed"], &told["untracked"], &told["branch"]), (&json!(true), &json!(1), &json!("main")));
    assert_eq!(told["tree"], dry["tree"]);
    assert_eq!(told["id"], json!(format!("task-{id:03}")));
    assert_eq!(t.sh("git rev-parse HEAD").trim(), told["commit"]);
    assert_eq!(t.sh("git rev-parse HEAD^{tree}").trim(), told["tree"]);
    assert_eq!(t.sh("git show HEAD:staged"), "new, and changed\n");
    assert_eq!(t.sh("git status --porcelain"), "?? untracked\n", "the index is up to date");
    let message = t.sh("git log -1 --format=%B");
    assert!(message.starts_with("tests: ") && message.contains("succeeded with just this"), "{message}");
    t.assert_refused("there is nothing to commit");
    assert_eq!(fs::read_dir(t.w.home().join("tasks/.trees")).expect("the directory").count(), 1, "no look is left");
}

#[test]
fn what_was_not_tested_is_not_committed() {
    let t = Tested::new();
    t.edit("a file", "two\n");
    t.run("true");
    t.edit("a file", "three\n");
    t.assert_refused("is not what it was when task-002 began; written since: a file");
    t.edit("a file", "two\n");
    t.sh("git rm -q --cached .gitignore");
    t.assert_refused("not tested: ");
    t.sh("git add .gitignore");
    let said = t.commit(&["-m", "as it was"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
    assert!(said.out.contains("on main: as it was\n  a file\n"), "{said:?}");
    t.edit("a file", "four\n");
    t.run("echo five >\"a file\"");
    t.assert_refused("a file");
    t.run("false");
    t.assert_refused("task-004 has not passed: failed");
    let id = t.w.begin(&["--cwd", "my project", "read x"]);
    t.assert_refused("task-005 is running");
    t.w.ok(&["kill", &id.to_string()]);
}

#[test]
fn nothing_is_committed_to_a_repository_in_the_middle_of_something() {
    let t = Tested::new();
    t.sh("git checkout -qb other && echo theirs >'a file' && git commit -qam theirs && git checkout -q main");
    t.edit("a file", "ours\n");
    t.run("true");
    t.sh("git checkout -q --detach");
    t.assert_refused("its HEAD is detached");
    t.sh("git checkout -q main");
    assert_eq!(t.commit(&[]).code, 0);
    t.try_sh("git merge -q other");
    t.assert_refused("a merge is not finished");
    t.sh("git merge --abort");
    t.edit("a file", "again\n");
    t.run("true");
    fs::File::create(t.root.join(".git/index.lock")).expect("a lock");
    let said = t.commit(&[]);
    assert_eq!(said.code, 5);
    assert!(said.err.contains("somebody else is at it"), "{said:?}");
    assert!(t.root.join(".git/index.lock").exists(), "it is somebody else's");
}

#[test]
fn hooks_of_git_stay_in_force() {
    let t = Tested::new();
    let hook = t.root.join(".git/hooks/pre-commit");
    let set = |text: &str| {
        fs::create_dir_all(hook.parent().expect("a directory")).expect("made");
        write_program(&hook, text);
    };
    set("#!/bin/sh\necho no way\nexit 1\n");
    t.edit("a file", "two\n");
    t.run("true");
    t.assert_refused("git refused the commit");
    assert!(t.commit(&[]).err.contains("no way"), "what it says is seen");
    // An edit during the commit is not in it.
    set("#!/bin/sh\necho later >'a file'\n");
    let said = t.commit(&[]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(
        (t.sh("git show HEAD:'a file'"), t.sh("git status --porcelain")),
        ("two\n".into(), " M \"a file\"\n".into())
    );
    settled(&t.root.join("a file"));
    t.run("true");
    set("#!/bin/sh\necho formatted >'a file'; git add -u\n");
    let said = t.commit(&[]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("a hook of git has changed"), "{said:?}");
    assert_eq!((t.sh("git show HEAD:'a file'"), t.sh("git status --porcelain")), ("formatted\n".into(), String::new()));
}

#[test]
fn a_submodule_counts_with_what_is_committed_in_it() {
    let t = Tested::new();
    t.sh("git init -q ../sub && git -C ../sub -c user.name=m -c user.email=m@h commit -q --allow-empty -m x");
    t.sh("echo x >../sub/file && git -C ../sub add . && git -C ../sub -c user.name=m -c user.email=m@h commit -qm y");
    t.sh("git -c protocol.file.allow=always submodule --quiet add ../sub sub");
    settled(&t.root.join(".gitmodules"));
    t.run("true");
    t.edit("sub/file", "changed\n");
    t.assert_refused("submodules have changes");
    t.run("true");
    t.sh("git -C sub checkout -q file");
    t.assert_refused("changed while task-003 began: sub");
    t.run("true");
    assert_eq!(t.commit(&[]).code, 0);
    assert_eq!(t.sh("git status --porcelain"), "");
}

#[test]
fn in_a_hook_it_is_for_the_task_of_the_hook() {
    let t = Tested::new();
    t.edit("a file", "two\n");
    let id = t.run("true");
    t.run("false");
    let said = t.try_sh(&format!("AOS_TASK_ID=task-{id:03} aos commit --if-passing"));
    assert_eq!(said.code, 0, "{said:?}");
    let said = t.w.aos(&["commit", "--if-passing"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    assert_eq!(t.w.aos(&["commit"]).code, 2, "what passes only");
}

use std::ffi::CString;
use std::path::{Path, PathBuf};

use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

use super::{Broken, PreparedSandbox, Tell, probes};
use crate::sys::spawn::{Image, vfork_exec};
use crate::task::sandbox::guarantee::Guarantee;
use crate::task::sandbox::profile::{Place, Profile};
use crate::task::sandbox::{Network, Sandbox};

fn of(home: &Path) -> Sandbox {
    let place = Place { home, state: &home.join(".agent-os"), project: &home.join("p"), temporary: home };
    // No worker can be begun by what runs tests.
    Profile { network: Some(Network::None), ..Profile::default() }.at("default", &place)
}

fn exit_code(sandbox: &PreparedSandbox, line: &str) -> (Option<Broken>, i32) {
    let words = ["sh", "-c", line].map(|word| CString::new(word).expect("no NUL"));
    let image = Image::new(words.into(), vec![c"PATH=/usr/local/bin:/usr/bin:/bin".to_owned()]);
    let (pid, failed) = vfork_exec((sandbox, &image), |(sandbox, image)| match sandbox.enter() {
        Ok(()) => {
            image.execute(c"/bin/sh");
            None
        }
        Err(broken) => Some(broken),
    })
    .expect("made");
    match waitpid(Pid::from_raw(pid), None).expect("a child") {
        WaitStatus::Exited(_, code) => (failed.flatten(), code),
        other => panic!("{other:?}"),
    }
}

fn home() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    for path in [".ssh", "p/.git", "q"] {
        std::fs::create_dir_all(dir.path().join(path)).expect("a directory");
    }
    for path in [".ssh/key", ".bashrc", "p/.git/config", "p/file", "q/file"] {
        let file = std::fs::File::create(dir.path().join(path));
        file.and_then(|mut file| std::io::Write::write_all(&mut file, b"text\n")).expect("a file");
    }
    dir
}

#[test]
fn a_program_reads_no_secret_and_writes_only_the_project() {
    let dir = home();
    let at = std::fs::canonicalize(dir.path()).expect("there");
    let project: PathBuf = at.join("p");
    let (sandbox, _) = PreparedSandbox::of(&of(&at), &project, Vec::new(), None, Tell::Nothing).expect("prepared");
    for (line, code) in [
        ("cat file ../q/file > /dev/null", 0),
        ("cat ../.ssh/key", 1),
        ("echo x > new && mkdir -p a/b && mv new a/b/ && rm -r a", 0),
        ("echo x >> ../.bashrc", 2),
        ("echo x > ../q/file", 2),
        ("echo x > .git/config", 2),
        ("echo x > .git/hooks/pre-commit", 2),
        ("mv .git gone", 1),
        ("echo x > .git/index", 0),
        ("ln ../.ssh/key key && cat key", 1),
        ("unshare -r true", 1),
        ("grep -q 'NoNewPrivs:.1' /proc/self/status", 0),
        ("cat /proc/1/environ > /dev/null", 1),
    ] {
        assert_eq!(exit_code(&sandbox, &format!("{{ {line}; }} 2> /dev/null")), (None, code), "{line}");
    }
    assert_eq!(std::fs::read_to_string(at.join(".bashrc")).expect("there"), "text\n");
    assert!(!project.join(".git/hooks/pre-commit").exists());
}

#[test]
fn each_promise_is_tried_by_doing() {
    let dir = home();
    let sandbox = Sandbox { network: Network::None, ..of(dir.path()) };
    let found = probes::all(&sandbox);
    assert_eq!(found.len(), Guarantee::ALL.len());
    for finding in found {
        assert!(finding.found.is_ok(), "{finding:?}");
    }
}

//! Sandboxes: what a hostile program tries, and what must still work.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;

use serde_json::Value;

use crate::world::{Said, World, until};

/// A world with a home in which there are secrets, and a project beside the state of aos.
struct Box(World);

fn write(path: PathBuf, text: &str) {
    fs::create_dir_all(path.parent().expect("a directory")).expect("made");
    fs::File::create(path).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
}

impl Box {
    fn new() -> Box {
        let world = World::new();
        write(world.join(".ssh/id_ed25519"), "SECRET\n");
        write(world.join(".bashrc"), "# mine\n");
        write(world.join("other/file"), "text\n");
        write(world.join("project/.git/config"), "[core]\n");
        Box(world)
    }

    fn project(&self) -> PathBuf {
        self.0.join("project")
    }

    /// A line of sh in the sandbox, attached.
    fn run(&self, sandbox: &str, line: &str) -> Said {
        let dir = self.project();
        self.0.aos(&["run", "--no-pty", sandbox, "-C", dir.to_str().expect("text"), "--", "sh", "-c", line])
    }

    fn python(&self, sandbox: &str, program: &str) -> Said {
        write(self.project().join("try.py"), program);
        self.run(sandbox, "python3 try.py")
    }
}

#[test]
fn a_hostile_program_reads_no_secret_and_writes_nothing_outside() {
    let it = Box::new();
    for (line, refused) in [
        ("cat ~/.ssh/id_ed25519", "Permission denied"),
        ("cat $AOS_HOME/tasks/task-001/spec.json", "Permission denied"),
        ("cp ~/.ssh/id_ed25519 mine", "Permission denied"),
        ("ln ~/.ssh/id_ed25519 mine && cat mine", "link"),
        ("ln -s ~/.ssh s && cat s/id_ed25519", "Permission denied"),
        ("echo evil >> ~/.bashrc", "Permission denied"),
        ("mv ~/.bashrc ~/gone", "denied"),
        ("echo evil > ~/.zshrc", "Permission denied"),
        ("echo evil > ../other/file", "Permission denied"),
        ("echo evil > $AOS_HOME/config.toml", "Permission denied"),
        ("echo evil > .git/config", "Read-only"),
        ("echo evil > .git/hooks/pre-commit", "Read-only"),
        ("mv .git gone", "busy"),
        ("mv .git/hooks .git/gone", "busy"),
        ("rm -rf .git/hooks && test -e .git/hooks", "busy"),
        ("unshare -r true", "not permitted"),
        ("unshare -rm true", "not permitted"),
        ("cat /proc/$PPID/environ", "denied"),
        ("echo > /dev/pts/0", "/dev/pts/0"),
    ] {
        let said = it.run("--sandbox", line);
        assert!(said.code != 0 && said.err.contains(refused), "{line}: {said:?}");
        assert!(!said.out.contains("SECRET"), "{line}: {said:?}");
    }
    assert_eq!(fs::read_to_string(it.0.join(".bashrc")).expect("there"), "# mine\n");
    assert_eq!(fs::read_to_string(it.0.join("other/file")).expect("there"), "text\n");
    assert!(!it.project().join(".git/hooks/pre-commit").exists());
}

/// Opens each disk, and says which of them no rule kept it from.
const DISKS: &str = "\
import os, stat
def is_let(path):
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        return True
    except OSError as e:
        return e.errno != 13
disks = [e.path for e in os.scandir('/dev') if stat.S_ISBLK(e.stat(follow_symlinks=False).st_mode)]
print([disk for disk in disks if is_let(disk)])
";

#[test]
fn no_disk_can_be_read_on_which_the_secrets_lie() {
    let said = Box::new().python("--sandbox", DISKS);
    assert_eq!((said.out.as_str(), said.code), ("[]\n", 0), "{said:?}");
}

/// Calls by number, as no library has them all.
const CALLS: &str = "\
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *words):
    ctypes.set_errno(0)
    done = libc.syscall(*[ctypes.c_long(w) for w in words])
    print(name, done if done >= 0 else errno.errorcode[ctypes.get_errno()])
call('ptrace', 101, 0, 0, 0, 0)
call('io_uring', 425, 0, 0)
call('keyctl', 250, 0, -3, 0)
call('bpf', 321, 0, 0, 0)
call('userfaultfd', 323, 0)
call('perf', 298, 0, 0, 0, 0, 0)
call('mount', 165, 0, 0, 0, 0, 0)
call('x32', 0x40000000 + 39)
call('clone3', 435, 0, 0)
";

#[cfg(target_arch = "x86_64")]
#[test]
fn calls_that_undo_a_sandbox_are_refused() {
    let it = Box::new();
    let said = it.python("--sandbox", CALLS);
    let expected = "ptrace EPERM\nio_uring EPERM\nkeyctl EPERM\nbpf EPERM\nuserfaultfd EPERM\nperf EPERM\nmount EPERM\n\
                    x32 ENOSYS\nclone3 ENOSYS\n";
    assert_eq!((said.out.as_str(), said.code), (expected, 0), "{said:?}");
}

const SOCKETS: &str = "\
import os, socket
def tries(name, what):
    try:
        what()
        print(name, 'works')
    except OSError as e:
        print(name, 'fails')
def unix():
    socket.socket(socket.AF_UNIX).connect(os.environ['SOCKET'])
tries('unix', unix)
tries('udp', lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53)))
tries('tcp', lambda: socket.create_connection(('192.0.2.1', 80), 2))
tries('tcp6', lambda: socket.create_connection(('2001:db8::1', 80), 2))
tries('mapped', lambda: socket.create_connection(('::ffff:192.0.2.1', 80), 2))
tries('fastopen', lambda: socket.socket().sendto(b'x', socket.MSG_FASTOPEN, ('192.0.2.1', 80)))
tries('routed', lambda: socket.socket().setsockopt(0, 4, b'\\x83\\x07\\x04\\xc0\\x00\\x02\\x01\\x00'))
tries('packets', lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
server = socket.create_server(('127.0.0.1', 0))
tries('loopback', lambda: socket.create_connection(server.getsockname(), 2))
tries('pair', lambda: socket.socketpair())
";

#[test]
fn the_network_is_this_machine_and_unix_sockets_are_closed() {
    let it = Box::new();
    let path = it.0.join("agent.sock");
    let _listener = UnixListener::bind(&path).expect("bound");
    write(it.project().join("try.py"), SOCKETS);
    let line = format!("SOCKET={} python3 try.py", path.display());
    let works = |said: &Said| -> Vec<String> {
        said.out.lines().filter_map(|line| line.strip_suffix(" works")).map(str::to_owned).collect()
    };
    let said = it.run("--sandbox", &line);
    assert_eq!(works(&said), ["loopback", "pair"], "{said:?}");
    let strict = it.run("--sandbox=strict", "python3 try.py; test -d ../other");
    assert!(!strict.out.contains("loopback works"), "{strict:?}");
}

#[test]
fn secrets_in_the_environment_are_left_out() {
    let it = Box::new();
    let dir = it.project();
    let mut command = it.0.command(env!("CARGO_BIN_EXE_aos"));
    for name in ["SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS", "TMUX", "NPM_TOKEN", "CLAUDECODE", "PLAIN"] {
        command.env(name, "x");
    }
    command.args(["run", "--no-pty", "--sandbox", "-e", "MY_TOKEN=given", "-C"]).arg(&dir).args(["--", "env"]);
    let out = String::from_utf8(command.output().expect("it runs").stdout).expect("text");
    let has = |name: &str| out.lines().any(|line| line.starts_with(&format!("{name}=")));
    assert!(has("PLAIN") && has("MY_TOKEN") && has("PATH"), "{out}");
    for name in ["SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS", "TMUX", "NPM_TOKEN", "CLAUDECODE"] {
        assert!(!has(name), "{name}: {out}");
    }
    let temporary = out.lines().find_map(|line| line.strip_prefix("TMPDIR=")).expect("one of its own");
    let temporary = PathBuf::from(temporary);
    assert!(until(|| !temporary.exists()).is_some());
}

#[test]
fn work_goes_on_in_a_sandbox() {
    let it = Box::new();
    let said = it
        .run("--sandbox", "t=$(mktemp) && echo x > $t && mkdir -p a/b && mv $t a/b/f && cat a/b/f && touch .git/index");
    assert_eq!((said.out.as_str(), said.code), ("x\n", 0), "{said:?}");
    write(
        it.project().join("test_it.py"),
        "import unittest, subprocess\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(subprocess.check_output(['echo', 'hi']), b'hi\\n')\n",
    );
    let said = it.run("--sandbox", "python3 -m unittest -q test_it && git --version");
    assert_eq!(said.code, 0, "{said:?}");
}

#[test]
fn a_server_in_a_sandbox_is_reached_from_outside_and_starts_again_in_it() {
    let it = Box::new();
    let dir = it.project();
    let dir = dir.to_str().expect("text");
    write(it.project().join("page"), "hello\n");
    write(
        it.project().join("serve.py"),
        "import http.server\ns = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)\n\
         print('port', s.server_port, flush=True)\ntry:\n    open('../.ssh/id_ed25519')\nexcept OSError as e:\n    print('closed', flush=True)\n\
         s.serve_forever()\n",
    );
    let world = &it.0;
    world.ok(&["run", "-b", "--sandbox", "-n", "web", "-C", dir, "--", "python3", "serve.py"]);
    for run in 1..=2 {
        world.ok(&["wait", "web", "--for", "/closed/"]);
        let log = world.ok(&["logs", &format!("web#{run}")]);
        let port = log.split_whitespace().nth(1).and_then(|port| port.parse::<u16>().ok()).expect("a port");
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).expect("it is reached");
        stream.write_all(b"GET /page HTTP/1.0\r\n\r\n").expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        assert!(answer.ends_with("hello\n"), "{answer}");
        let rows: Value = serde_json::from_str(&world.ok(&["tasks", "--json"])).expect("JSON");
        let held = &rows[0]["sandbox"];
        assert_eq!((&held["profile"], &held["network"]), (&"default".into(), &"loopback".into()), "{rows}");
        assert_eq!(held["holds"].as_array().map(Vec::len), Some(8), "{rows}");
        if run == 1 {
            world.ok(&["restart", "web"]);
        }
    }
    world.ok(&["stop", "web"]);
    assert!(world.ok(&["show", "web"]).contains("default (network loopback)"));
}

#[test]
fn an_older_aos_would_refuse_the_task() {
    let it = Box::new();
    it.run("--sandbox", "true");
    let spec: Value =
        serde_json::from_str(&fs::read_to_string(it.0.task(1, "spec.json")).expect("there")).expect("JSON");
    assert_eq!(spec["must_understand"], serde_json::json!(["sandbox"]));
}

#[test]
fn a_profile_is_read_from_a_file_or_refused_with_the_key() {
    let it = Box::new();
    let home = it.0.home();
    write(home.join("sandbox/wide.toml"), "[filesystem]\nallow_write = ['../other']\n[network]\nmode = 'none'\n");
    write(it.0.join("agent.json"), r#"{"sandbox": {"filesystem": {"denyRead": ["~/other"]}}}"#);
    assert_eq!(it.run("--sandbox=wide", "echo new > ../other/file").code, 0);
    assert_eq!(fs::read_to_string(it.0.join("other/file")).expect("there"), "new\n");
    let said = it.run("--sandbox=../agent.json", "true");
    assert_eq!(said.code, 2, "{said:?}");
    let agent = it.0.join("agent.json");
    let said = it.run(&format!("--sandbox={}", agent.display()), "cat ../other/file");
    assert!(said.code == 1 && said.err.contains("denied"), "{said:?}");
    for (name, text, part) in [
        (
            "near.toml",
            "[filesystem]\nallow_wrte = []\n",
            "filesystem.allow_wrte: there is no such key; near: allow_write",
        ),
        ("locks.toml", "[filesystem]\ndeny_read = ['.']\n", "locks out its own command"),
        ("home.toml", "[filesystem]\nallow_write = ['~']\n", "start files of your shells"),
        ("text.toml", "[filesystem\n", "line 1"),
    ] {
        write(it.0.join(name), text);
        let said = it.run(&format!("--sandbox={}", it.0.join(name).display()), "true");
        assert!(said.err.contains(part), "{name}: {said:?}");
        assert!(said.code == 2 || said.code == 78, "{name}: {said:?}");
    }
    let said = it.run("--sandbox=wid", "true");
    assert!(said.code == 2 && said.err.contains("near: wide"), "{said:?}");
    let said = it.0.aos(&["run", "--sandbox", "-C", it.0.path().to_str().expect("text"), "true"]);
    assert!(said.code == 78 && said.err.contains("start files"), "{said:?}");
    // Nothing of all that was begun.
    let rows: Value = serde_json::from_str(&it.0.ok(&["tasks", "-a", "--json"])).expect("JSON");
    assert_eq!(rows.as_array().map(Vec::len), Some(2), "{rows}");
}

#[test]
fn check_tries_each_promise_and_try_lists_what_was_refused() {
    let it = Box::new();
    let checked: Value = serde_json::from_str(&it.0.ok(&["sandbox", "check", "--json"])).expect("JSON");
    assert!(
        checked["guarantees"].as_array().is_some_and(|all| all.iter().all(|one| one["holds"] == true)),
        "{checked}"
    );
    let mut command = it.0.command(env!("CARGO_BIN_EXE_aos"));
    command.current_dir(it.project()).args([
        "sandbox",
        "try",
        "--",
        "sh",
        "-c",
        "cat ~/.ssh/id_ed25519; echo x > ../other/file; echo out",
    ]);
    let done = command.output().expect("it runs");
    let err = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!((String::from_utf8_lossy(&done.stdout).as_ref(), done.status.code()), ("out\n", Some(0)), "{err}");
    for part in ["read ", "/.ssh/id_ed25519", "write ", "/other/file"] {
        assert!(err.contains(part), "{part}: {err}");
    }
}

#[test]
fn what_is_missing_is_named_and_nothing_starts() {
    let it = Box::new();
    let line = |sandbox: &str| {
        // No new namespaces for anybody below.
        let aos = env!("CARGO_BIN_EXE_aos");
        format!(
            "echo 0 > /proc/sys/user/max_mnt_namespaces; cd project; {aos} run --no-pty {sandbox} -- sh -c 'echo ran'"
        )
    };
    let within = |line: &str| {
        let mut command = it.0.command("unshare");
        command.args(["-r", "--fork", "sh", "-c", line]);
        let done = command.output().expect("it runs");
        (
            String::from_utf8_lossy(&done.stdout).into_owned(),
            String::from_utf8_lossy(&done.stderr).into_owned(),
            done.status.code(),
        )
    };
    let (out, err, code) = within(&line("--sandbox"));
    if err.contains("max_mnt_namespaces") {
        eprintln!("NOT TESTED HERE: namespaces cannot be limited: {err}");
        return;
    }
    assert!(code == Some(78) && !out.contains("ran"), "{code:?} {out} {err}");
    assert!(err.contains("protected") && err.contains("mount namespace"), "{err}");
    let (out, err, code) = within(&line("--sandbox=best-effort"));
    assert!(code == Some(0) && out.contains("ran"), "{code:?} {out} {err}");
    assert!(it.0.ok(&["show"]).contains("not held: protected"));
}

#[test]
fn what_would_die_with_a_sandbox_of_others_is_refused() {
    let it = Box::new();
    let mut command = it.0.command(env!("CARGO_BIN_EXE_aos"));
    let done = command.env("SANDBOX_RUNTIME", "1").args(["run", "-b", "true"]).output().expect("it runs");
    let err = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.code() == Some(78) && err.contains("ends with it"), "{err}");
    let mut command = it.0.command(env!("CARGO_BIN_EXE_aos"));
    let done =
        command.env("SANDBOX_RUNTIME", "1").args(["run", "--no-pty", "--", "echo", "hi"]).output().expect("it runs");
    assert_eq!(String::from_utf8_lossy(&done.stdout), "hi\n");
    let mut command = it.0.command(env!("CARGO_BIN_EXE_aos"));
    let done = command.env("SANDBOX_RUNTIME", "1").args(["doctor"]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&done.stdout).contains("a task that is begun in it ends with it"));
}

#[test]
fn a_profile_that_others_can_exchange_is_refused() {
    let it = Box::new();
    let dir = it.0.join("shared");
    write(dir.join("box.toml"), "[network]\nmode = 'none'\n");
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o777)).expect("set");
    let said = it.run(&format!("--sandbox={}", dir.join("box.toml").display()), "true");
    assert!(said.code == 2 && said.err.contains("shared can be written by others"), "{said:?}");
    assert!(said.err.contains("chmod go-w"), "{said:?}");
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).expect("set");
    assert_eq!(it.run(&format!("--sandbox={}", dir.join("box.toml").display()), "true").code, 0);
}

#[test]
fn a_readiness_command_leaves_no_process_behind() {
    let it = Box::new();
    let dir = it.project();
    let dir = dir.to_str().expect("text");
    let probe = "cmd:echo x >> looks; false";
    it.0.ok(&["run", "-b", "--sandbox", "--ready", probe, "-C", dir, "--", "sleep", "1000"]);
    let looks = || fs::read_to_string(it.project().join("looks")).map_or(0, |text| text.lines().count());
    until(|| looks() >= 5).expect("it looks again and again");
    let supervisor = it.0.row(1)["supervisor_pid"].clone();
    let line = format!("for pid in $(pgrep -P {supervisor}); do ps -o stat= --ppid $pid; done | grep -c Z");
    let left = it.0.sh(&line).out.trim().parse::<u32>().expect("a number");
    // The one of the last look may have ended a moment ago.
    assert!(left <= 2, "{left}");
    it.0.ok(&["stop", "1"]);
}

#[test]
fn programs_make_terminals_of_their_own_and_see_no_others() {
    let it = Box::new();
    let program = "import os, pty\nprint(pty.spawn(['echo', 'within']), os.listdir('/dev/pts'))\n";
    let said = it.python("--sandbox", program);
    assert_eq!((said.out.replace('\r', "").as_str(), said.code), ("within\n0 ['ptmx']\n", 0), "{said:?}");
    // Also where nothing is covered.
    let plain = it.0.join("plain");
    fs::create_dir(&plain).expect("made");
    let words = ["run", "--no-pty", "--sandbox=strict", "-C", plain.to_str().expect("text"), "--", "sh", "-c"];
    let said = it.0.aos(&[&words[..], &["ls /dev/pts"]].concat());
    assert_eq!((said.out.as_str(), said.code), ("ptmx\n", 0), "{said:?}");
}

#[test]
fn aos_in_a_sandbox_says_in_one_line_that_its_state_is_closed() {
    let it = Box::new();
    for verb in ["tasks", "show 1", "logs 1", "run -b true", "stop 1", ""] {
        let said = it.run("--sandbox", &format!("{} {verb}", env!("CARGO_BIN_EXE_aos")));
        let lines: Vec<&str> = said.err.lines().collect();
        assert!(said.code == 125 && said.out.is_empty() && lines.len() == 2, "{verb}: {said:?}");
        assert!(lines[0].contains("cannot be read here: permission denied"), "{verb}: {said:?}");
        assert_eq!(lines[1], "  hint: this task runs in a sandbox; use aos outside of it");
    }
}

#[test]
fn what_would_end_with_its_pid_namespace_is_refused() {
    let it = Box::new();
    let aos = env!("CARGO_BIN_EXE_aos");
    for (how, part) in [
        (format!("unshare -pf --mount-proc {aos} run -b true"), "the first process of a pid namespace"),
        (format!("unshare -pf sh -c '{aos} run -b true; true'"), "with the /proc of another one"),
        (format!("bwrap --dev-bind / / --unshare-pid --proc /proc {aos} run -b true"), "a sandbox of bwrap"),
    ] {
        let said = it.0.sh(&how);
        if said.err.contains("unshare:") || said.err.contains("not found") || said.err.contains("bwrap:") {
            eprintln!("NOT TESTED HERE: {}", said.err.trim());
            continue;
        }
        assert!(said.err.contains(part) && said.err.contains("nobody is told"), "{how}: {said:?}");
    }
    assert_eq!(it.0.ok(&["tasks", "-a", "--json"]).trim(), "[]");
}

//! `aos init`: the scripts to the byte, and a start file that loses nothing.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::terminal::Screen;
use crate::world::{Said, World};

const AOS: &str = env!("CARGO_BIN_EXE_aos");
/// Bytes that no rewrite may touch: CR LF, no UTF-8, a NUL, tabs, blank lines.
const ODD: &[u8] = b"a=1\r\n\n\tb='\xff\xfe\0'\n# c \\\n\n";

fn put(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
    use std::io::Write;
    fs::File::create(path).and_then(|mut file| file.write_all(bytes.as_ref())).expect("written");
}

/// Where a user's own man pages are.
const MAN: &str = ".local/share/man/man1";

fn pages(w: &World) -> usize {
    fs::read_dir(w.join(MAN)).expect("the man pages").count()
}

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).expect("a file").mode() & 0o7777
}

fn said(command: &mut Command) -> Said {
    let output = command.output().expect("runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { out: text(&output.stdout), err: text(&output.stderr), code: output.status.code().unwrap_or(-1) }
}

/// A world whose shell has an rc file, and that file's path.
fn world_with(rc: &[u8]) -> (World, PathBuf) {
    let w = World::new();
    let path = w.join(".bashrc");
    put(&path, rc);
    (w, path)
}

#[test]
fn init_prints_the_scripts_byte_for_byte() {
    let w = World::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("shell");
    for shell in ["bash", "zsh"] {
        let output = w.command(AOS).args(["init", shell]).output().expect("aos runs");
        let script = fs::read(root.join(format!("aos.{shell}"))).expect("the script");
        assert!(output.stdout == script && output.stderr.is_empty(), "{shell}");
    }
    assert!(!w.home().exists(), "printing needs no home");
}

#[test]
fn init_without_anything_tells_both_forms() {
    let said = World::new().aos(&["init"]);
    assert_eq!((said.out.as_str(), said.code), ("", 2));
    assert_eq!(
        said.err,
        "aos: which shell, and what for?\n  hint: aos init --install sets up your shell; aos init bash, or zsh, prints the \
         script for eval \"$(…)\"\n"
    );
}

#[test]
fn an_unknown_shell_is_told_what_to_do() {
    let w = World::new();
    let named = w.aos(&["init", "fish"]);
    assert_eq!(named.code, 2);
    assert!(named.err.contains("`fish` is no value of SHELL: bash, zsh"), "{}", named.err);
    let own = w.sh("SHELL=/usr/bin/fish aos init --install");
    assert_eq!(own.code, 2);
    assert!(own.err.starts_with(
        "aos: there is no shell integration for fish, which is your $SHELL\n  hint: aos init --install bash"
    ));
    let none = w.sh("unset SHELL; aos init --install");
    assert!(none.err.starts_with("aos: cannot tell which shell is yours: $SHELL is not set\n  hint: "), "{}", none.err);
}

#[test]
fn install_shows_file_and_line_and_writes_both() {
    let (w, rc) = world_with(b"PS1='> '\n");
    let line =
        "if [ -r \"$HOME/home/shell/aos.bash\" ]; then . \"$HOME/home/shell/aos.bash\"; fi  # aos shell integration";
    let script = w.home().join("shell/aos.bash");
    assert_eq!(
        w.ok(&["init", "--install"]),
        format!(
            "{rc} gets this as line 2:\n  {line}\n{script} written: that of aos {version}\n{rc}:2 written\n\
             {man}: {pages} man pages written\nnew shells have it; this one after: . \"$HOME/home/shell/aos.bash\"\n",
            rc = rc.display(),
            script = script.display(),
            man = w.join(MAN).display(),
            pages = pages(&w),
            version = env!("CARGO_PKG_VERSION")
        )
    );
    assert_eq!(fs::read_to_string(&rc).expect("the rc"), format!("PS1='> '\n{line}\n"));
    assert_eq!(fs::read_to_string(&script).expect("the script"), w.ok(&["init", "bash"]));
    assert_eq!((mode(&script), mode(w.home().join("shell"))), (0o600, 0o700));
}

#[test]
fn install_again_only_refreshes_the_script() {
    let (w, rc) = world_with(b"a\n");
    w.ok(&["init", "--install"]);
    let (before, inode) = (fs::read(&rc).expect("the rc"), fs::metadata(&rc).expect("the rc").ino());
    let script = w.home().join("shell/aos.bash");
    put(&script, "an older one");
    assert_eq!(
        w.ok(&["init", "--install", "bash"]),
        format!(
            "{}:2 loads aos already\n{} refreshed: that of aos {}\n{}: {} man pages written\n",
            rc.display(),
            script.display(),
            env!("CARGO_PKG_VERSION"),
            w.join(MAN).display(),
            pages(&w)
        )
    );
    assert_eq!((fs::read(&rc).expect("the rc"), fs::metadata(&rc).expect("the rc").ino()), (before, inode));
    assert_eq!(fs::read_to_string(&script).expect("the script"), w.ok(&["init", "bash"]));
}

#[test]
fn uninstall_gives_back_the_very_bytes() {
    for original in [b"" as &[u8], b"a\n", b"a", b"a\r\n", b"\n\n", ODD] {
        let (w, rc) = world_with(original);
        w.ok(&["init", "--install"]);
        assert!(fs::read(&rc).expect("the rc").starts_with(original));
        let out = w.ok(&["init", "--uninstall"]);
        assert!(out.contains(&format!("{}:", rc.display())) && out.contains("# aos shell integration"), "{out}");
        assert!(out.ends_with("`exec bash`, or zsh, begins one without it\n"), "{out}");
        assert_eq!(fs::read(&rc).expect("the rc"), original);
        assert!(!w.home().join("shell").exists());
        assert_eq!(w.ok(&["init", "--uninstall"]), "nothing is installed\n");
    }
}

#[test]
fn a_missing_rc_is_made_and_goes_again() {
    let w = World::new();
    w.ok(&["init", "--install", "zsh"]);
    let rc = w.join(".zshrc");
    assert_eq!((mode(&rc), fs::read(&rc).expect("the rc").iter().filter(|b| **b == b'\n').count()), (0o600, 1));
    w.ok(&["init", "--uninstall"]);
    assert!(!rc.exists());
}

#[test]
fn what_others_add_behind_the_line_is_kept() {
    let (w, rc) = world_with(b"a");
    w.ok(&["init", "--install"]);
    w.sh("echo b >> .bashrc");
    w.ok(&["init", "--uninstall"]);
    assert_eq!(fs::read_to_string(rc).expect("the rc"), "a\nb\n");
}

#[test]
fn uninstall_takes_every_line_of_both_shells() {
    let (w, rc) = world_with(b"a\n");
    w.ok(&["init", "--install"]);
    w.ok(&["init", "--install", "zsh"]);
    w.sh("tail -n 1 .bashrc > line; cat line line >> .bashrc; echo 'eval \"$(aos init bash)\"' >> .bashrc");
    let out = w.ok(&["init", "--uninstall"]);
    assert_eq!(out.matches(" goes:\n").count(), 4, "{out}");
    assert!(
        out.starts_with(&format!("{}:5 loads aos too, and stays: it is a line of your own\n", rc.display())),
        "{out}"
    );
    assert_eq!(fs::read_to_string(rc).expect("the rc"), "a\neval \"$(aos init bash)\"\n");
    assert!(!w.join(".zshrc").exists() && !w.home().join("shell").exists());
}

#[test]
fn one_shell_can_be_uninstalled_alone() {
    let (w, rc) = world_with(b"");
    w.ok(&["init", "--install"]);
    w.ok(&["init", "--install", "zsh"]);
    w.ok(&["init", "--uninstall", "zsh"]);
    assert!(w.home().join("shell/aos.bash").exists() && !w.home().join("shell/aos.zsh").exists());
    assert!(!fs::read(rc).expect("the rc").is_empty());
}

#[test]
fn a_linked_rc_is_changed_where_it_is() {
    let w = World::new();
    fs::create_dir_all(w.join("dot files/bash")).expect("directories");
    let target = w.join("dot files/bash/rc");
    put(&target, "a\n");
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).expect("a mode");
    symlink("bash/rc", w.join("dot files/link")).expect("a link");
    symlink("dot files/link", w.join(".bashrc")).expect("a link");
    w.ok(&["init", "--install"]);
    assert!(w.join(".bashrc").is_symlink() && w.join("dot files/link").is_symlink());
    assert_eq!(mode(&target), 0o640);
    assert!(fs::read_to_string(&target).expect("the rc").contains("# aos shell integration\n"));
    w.ok(&["init", "--uninstall"]);
    assert_eq!(fs::read_to_string(&target).expect("the rc"), "a\n");
    assert_eq!(fs::read_dir(w.join("dot files/bash")).expect("a directory").count(), 1, "no temporary file is left");
}

#[test]
fn a_link_to_nothing_gets_its_file() {
    let w = World::new();
    fs::create_dir(w.join("dotfiles")).expect("a directory");
    symlink("dotfiles/bashrc", w.join(".bashrc")).expect("a link");
    w.ok(&["init", "--install"]);
    assert!(w.join("dotfiles/bashrc").is_file() && w.join(".bashrc").is_symlink());
}

#[test]
fn the_owner_stays() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let (w, rc) = world_with(b"a\n");
    chown(&rc, Some(4242), Some(4343)).expect("another owner");
    fs::set_permissions(&rc, fs::Permissions::from_mode(0o664)).expect("a mode");
    w.ok(&["init", "--install"]);
    let found = fs::metadata(&rc).expect("the rc");
    assert_eq!((found.uid(), found.gid(), found.mode() & 0o7777), (4242, 4343, 0o664));
}

#[test]
fn an_rc_that_is_another_tools_is_left_and_the_line_told() {
    for (locked, bits) in [("store/bashrc", 0o444), ("store", 0o555)] {
        let w = World::new();
        fs::create_dir(w.join("store")).expect("a directory");
        put(w.join("store/bashrc"), "a\n");
        symlink("store/bashrc", w.join(".bashrc")).expect("a link");
        fs::set_permissions(w.join(locked), fs::Permissions::from_mode(bits)).expect("a mode");
        let said = w.aos(&["init", "--install"]);
        assert_eq!(said.code, 125);
        assert_eq!(
            said.err,
            format!(
                "aos: {}/.bashrc is not changed: {} is read-only\n  hint: add this line by hand: if [ -r \
                 \"$HOME/home/shell/aos.bash\" ]; then . \"$HOME/home/shell/aos.bash\"; fi  # aos shell integration\n",
                w.path().display(),
                w.join(locked).canonicalize().expect("a path").display()
            )
        );
        assert_eq!(fs::read(w.join(".bashrc")).expect("the rc"), b"a\n");
        assert!(w.home().join("shell/aos.bash").exists(), "the line needs it");
        fs::set_permissions(w.join("store"), fs::Permissions::from_mode(0o755)).expect("a mode");
    }
}

#[test]
fn an_rc_that_cannot_take_a_line_is_left() {
    for (prepare, part) in [
        ("mkdir .bashrc", ".bashrc is not a file\n"),
        ("mkfifo .bashrc", ".bashrc is not a file\n"),
        ("ln -s .bashrc .bashrc", ".bashrc: Too many levels of symbolic links"),
        ("ln -s nowhere/bashrc .bashrc", "cannot write "),
        ("echo a > .bashrc; ln .bashrc other", "it has other hard links"),
        ("echo 'a \\' > .bashrc", "its last line ends with a backslash"),
    ] {
        let w = World::new();
        assert_eq!(w.sh(prepare).code, 0, "{prepare}");
        let said = w.aos(&["init", "--install"]);
        assert_eq!(said.code, 125, "{prepare}");
        assert!(
            said.err.contains(part) && said.err.contains("\n  hint: add this line by hand: if [ -r "),
            "{}",
            said.err
        );
    }
}

#[test]
fn zdotdir_is_where_zsh_reads() {
    let w = World::new();
    fs::create_dir(w.join("z")).expect("a directory");
    let out = w.sh("ZDOTDIR=$HOME/z aos init --install zsh").out;
    assert!(out.contains("/z/.zshrc gets this as line 1:"), "{out}");
    assert!(w.join("z/.zshrc").exists() && !w.join(".zshrc").exists());
}

#[test]
fn a_moved_home_moves_the_line() {
    let (w, rc) = world_with(b"a\n");
    w.ok(&["init", "--install"]);
    w.sh("echo b >> .bashrc; AOS_HOME=$HOME/new aos init --install");
    let text = fs::read_to_string(rc).expect("the rc");
    assert_eq!(text.matches("# aos shell integration").count(), 1);
    assert!(text.starts_with("a\nif [ -r \"$HOME/new/shell/aos.bash\"") && text.ends_with("\nb\n"), "{text}");
}

#[test]
fn own_lines_that_are_one_too_many_are_told() {
    let (w, rc) = world_with(b"alias aos=~/.agent-os/tools/aos\nsource ~/src/aos/shell/aos.bash\n");
    let out = w.ok(&["init", "--install"]);
    let rc = rc.display();
    assert!(out.contains(&format!("{rc}:1 makes an alias that hides aos: take it out\n")), "{out}");
    assert!(out.contains(&format!("{rc}:2 loads aos too, and is not needed any more\n")), "{out}");
}

#[test]
fn real_shells_load_the_script_wherever_it_is() {
    let shells: [(&str, &[&str]); 3] = [
        ("bash", &["-eu"]),
        ("zsh", &["-f", "-e", "-u"]),
        ("zsh", &["-f", "-e", "-u", "-o", "rcquotes", "-o", "ksharrays"]),
    ];
    for (shell, options) in shells {
        for dir in [
            "plain",
            "with space",
            "it's",
            "a''b'",
            "$(false)",
            "`x`",
            "\"!",
            "a\\$HOME",
            "tab\tline\n1",
            "\\",
            "näh",
            "~",
        ] {
            let w = World::new();
            let home = w.join(dir);
            let said_install = said(w.command(AOS).args(["init", "--install", shell]).env("AOS_HOME", &home));
            assert_eq!((said_install.err.as_str(), said_install.code), ("", 0), "{dir:?}");
            assert_eq!(
                fs::read_to_string(w.join(&format!(".{shell}rc"))).expect("the rc").lines().count(),
                1,
                "{dir:?}"
            );
            let script = home.join(format!("shell/aos.{shell}"));
            let source = format!(". \"$HOME/.{shell}rc\"; echo \"on ${{loaded-without}}\"");
            let run = || said(w.command(shell).args(options).args(["-c", &source]));
            put(&script, "loaded=with");
            let loaded = run();
            assert_eq!((loaded.out.as_str(), loaded.err.as_str()), ("on with\n", ""), "{shell} {dir:?}");
            fs::remove_file(&script).expect("removed");
            let without = run();
            assert_eq!((without.out.as_str(), without.err.as_str()), ("on without\n", ""), "{shell} {dir:?}");
        }
    }
}

#[test]
fn a_home_that_is_not_text_is_named_too() {
    let w = World::new();
    let home = w.path().join(std::ffi::OsStr::from_bytes(b"l\xe4"));
    assert_eq!(said(w.command(AOS).args(["init", "--install"]).env("AOS_HOME", &home)).code, 0);
    put(home.join("shell/aos.bash"), "echo loaded");
    assert_eq!(said(w.command("bash").args(["-euc", ". ~/.bashrc"])).out, "loaded\n");
}

#[test]
fn the_real_script_is_loaded_by_an_interactive_shell() {
    let (w, _) = world_with(b"PS1='ready> '\n");
    w.ok(&["init", "--install"]);
    let mut screen = Screen::open(&w, &["bash", "-i"], 24, 100);
    screen.until("ready> ");
    screen.keys(b"aos resu\t");
    screen.until("aos resume");
    screen.end();
}

#[test]
fn on_a_terminal_it_asks_first() {
    for (answer, is_done) in [("n\r", false), ("\x04", false), ("what?\r", false), ("\r", true), ("Yes\r", true)] {
        let (w, rc) = world_with(b"a\n");
        let mut screen = Screen::open(&w, &[AOS, "init", "--install"], 24, 300);
        screen.until("Go ahead? [Y/n] ");
        assert_eq!(fs::read(&rc).expect("the rc"), b"a\n");
        screen.keys(answer.as_bytes());
        screen.until(if is_done { "new shells have it" } else { "nothing was changed" });
        assert_eq!(fs::read(&rc).expect("the rc") != b"a\n", is_done, "{answer:?}");
        assert_eq!(w.home().join("shell/aos.bash").exists(), is_done, "{answer:?}");
        screen.end();
    }
}

#[test]
fn yes_is_not_asked_for_twice() {
    let (w, rc) = world_with(b"a\n");
    let screen = Screen::open(&w, &[AOS, "init", "--install", "--yes"], 24, 300);
    screen.until("new shells have it");
    screen.end();
    let mut screen = Screen::open(&w, &[AOS, "init", "--uninstall"], 24, 300);
    screen.until("Go ahead? [Y/n] ");
    screen.keys(b"n\r");
    screen.until("nothing was changed");
    screen.end();
    assert_ne!(fs::read(&rc).expect("the rc"), b"a\n");
    let screen = Screen::open(&w, &[AOS, "init", "--uninstall", "-y"], 24, 300);
    screen.until("begins one without it");
    screen.end();
    assert_eq!(fs::read(&rc).expect("the rc"), b"a\n");
}

#[test]
fn what_was_written_while_it_asked_is_not_lost() {
    let (w, rc) = world_with(b"a\n");
    let mut screen = Screen::open(&w, &[AOS, "init", "--install"], 24, 300);
    screen.until("Go ahead? [Y/n] ");
    put(&rc, "somebody's\n");
    screen.keys(b"\r");
    screen.until("another program has just written it");
    screen.end();
    assert_eq!(fs::read_to_string(&rc).expect("the rc"), "somebody's\n");
}

#[test]
fn the_older_tool_is_never_written() {
    let w = World::new();
    fs::create_dir_all(w.home().join("tools")).expect("directories");
    put(w.home().join("tools/aos"), "older");
    w.ok(&["init", "--install"]);
    w.ok(&["init", "--uninstall"]);
    assert_eq!(fs::read(w.home().join("tools/aos")).expect("the tool"), b"older");
}

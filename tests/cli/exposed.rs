//! A home or a configuration that others can exchange between the look and the use is not used.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;

use crate::terminal::Screen;
use crate::world::{World, end, until};

const AOS: &str = env!("CARGO_BIN_EXE_aos");
const OTHER: u32 = 65534;

fn mode(path: &std::path::Path, bits: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(bits)).expect("a mode");
}

#[test]
fn a_home_that_others_can_exchange_is_refused_by_every_verb_and_the_reason_is_told() {
    let w = World::new();
    let above = w.join("above");
    fs::create_dir_all(above.join("home")).expect("directories");
    fs::create_dir(w.join("own")).expect("a directory");
    std::os::unix::fs::symlink(above.join("home"), w.join("own/link")).expect("a link");
    let said = |verb: &str, home: &str| w.sh(&format!("AOS_HOME=$PWD/{home} aos {verb}"));
    for bits in [0o777, 0o707] {
        mode(&above, bits);
        let (home, above) = (above.join("home"), above.display());
        let wanted = format!(
            "aos: {} is not used, as others can exchange it: {above} can be written by others (mode {bits:04o})\n  \
             hint: chmod go-w {above}\n",
            home.display()
        );
        for verb in ["run -b true", "tasks", "logs 1", "clean", "stop 1", "prompt"] {
            let said = said(verb, "above/home");
            assert_eq!((said.err.as_str(), said.code), (wanted.as_str(), 125), "{verb}");
        }
        let doctor = said("doctor", "above/home");
        assert!(doctor.out.contains("can be written by others") && doctor.code != 0, "{doctor:?}");
        assert!(said("tasks", "own/../above/home").err.contains("can be written by others"));
    }
    for bits in [0o1777, 0o755, 0o700] {
        mode(&above, bits);
        assert_eq!(said("tasks", "above/home").code, 0, "{bits:o}");
    }
    if nix::unistd::geteuid().is_root() {
        chown(&above, Some(OTHER), Some(OTHER)).expect("another's");
        assert!(said("tasks", "above/home").err.contains("belongs to user 65534"));
        chown(&above, Some(0), Some(OTHER)).expect("ours again");
        mode(&above, 0o775);
        assert!(said("tasks", "above/home").err.contains("(mode 0775)"), "another's group");
    }
}

/// Somebody exchanges the home again and again, as fast as he can.
#[test]
fn what_another_user_puts_in_the_homes_place_is_never_heeded() {
    if !nix::unistd::geteuid().is_root() {
        return eprintln!("NOT TESTED HERE: only root can be somebody else");
    }
    let w = World::new();
    mode(w.path(), 0o711);
    let above = w.join("above");
    fs::create_dir_all(above.join("home")).expect("directories");
    mode(&above, 0o777);
    let plant =
        format!("mkdir above/evil && echo planted=1 >above/evil/config.toml && chown -R {OTHER}:{OTHER} above/evil");
    assert_eq!(w.sh(&plant).err, "");
    let line = "while :; do mv -T home kept && mv -T evil home; mv -T home evil && mv -T kept home; done 2>/dev/null";
    let mut attacker =
        w.command("sh").args(["-c", line]).current_dir(&above).uid(OTHER).gid(OTHER).spawn().expect("an attacker");
    for _ in 0..40 {
        let said = w.sh("AOS_HOME=$PWD/above/home aos clean; true");
        assert!(!said.err.contains("planted") && !said.err.is_empty(), "{said:?}");
    }
    end(&mut attacker);
}

#[test]
fn a_pager_is_run_only_from_a_file_that_nobody_else_can_have_written() {
    let w = World::new();
    w.begin(&["seq 200"]);
    w.ended(1);
    let config = w.home().join("config.toml");
    let set = r#"printf '%s\n' '[logs]' "pager = \"sh -c 'echo ran >ran; cat >/dev/null'\"" >home/config.toml"#;
    assert_eq!(w.sh(set).err, "");
    let line = ["env", "-u", "PAGER", "PAGER=cat", AOS, "logs", "1"];
    let ran = || {
        let mut screen = Screen::open(&w, &line, 10, 80);
        screen.until_ended();
        fs::remove_file(w.join("ran")).is_ok()
    };
    assert!(ran(), "the user's own");
    mode(&config, 0o666);
    assert!(!ran(), "a file that anybody can write");
    mode(&config, 0o600);
    let elsewhere = w.join("elsewhere");
    fs::create_dir(&elsewhere).expect("a directory");
    fs::rename(&config, elsewhere.join("aos.toml")).expect("moved");
    std::os::unix::fs::symlink(elsewhere.join("aos.toml"), &config).expect("a link");
    assert!(ran(), "a link to a file of the user's");
    mode(&elsewhere, 0o777);
    assert!(!ran(), "a link through a directory where anybody can exchange it");
    let said = w.aos(&["clean"]);
    assert!(said.err.contains("config.toml is not used, as others can exchange it") && said.code == 125, "{said:?}");
    mode(&elsewhere, 0o700);
    until(ran).expect("closed again");
}

//! The scripts in `shell/`, sourced by real shells on a real terminal.

use crate::terminal::Screen;
use crate::world::World;

fn completes(shell: &[&str], source: &str) {
    let w = World::new();
    let mut screen = Screen::open(&w, shell, 24, 100);
    screen.keys(format!("{source}; {source}; PS1='ready> '\r").as_bytes());
    screen.until("\nready> ");
    screen.keys(b"aos resu\t");
    screen.until("aos resume");
    screen.keys(b"\x15aos logs --inv\t");
    screen.until("aos logs --invert-match");
    screen.end();
}

#[test]
fn tab_completes_in_bash() {
    completes(&["bash", "--norc", "-i"], &format!("source {}/shell/aos.bash", env!("CARGO_MANIFEST_DIR")));
}

#[test]
fn tab_completes_in_zsh() {
    let source = format!("autoload -Uz compinit; compinit -u -D; source {}/shell/aos.zsh", env!("CARGO_MANIFEST_DIR"));
    completes(&["zsh", "-f", "-i"], &source);
}

#[test]
fn without_aos_a_shell_is_not_disturbed() {
    let w = World::new();
    for shell in ["bash -eu", "zsh -f -e -u"] {
        let (program, file) = if shell.starts_with("bash") { ("bash", "aos.bash") } else { ("zsh", "aos.zsh") };
        let line = format!(
            "PATH=/usr/bin:/bin {shell} -c 'source {}/shell/{file}; echo {program} goes on'",
            env!("CARGO_MANIFEST_DIR")
        );
        let said = w.sh(&line);
        assert_eq!((said.out, said.err), (format!("{program} goes on\n"), String::new()));
    }
}

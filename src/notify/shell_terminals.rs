//! Terminals of shells that show notifications of their own, asked by an escape sequence; tmux
//! shows them in its status line. Which one it is, the shell's environment says.
//!
//! *Source*: kitty, "Desktop notifications" (OSC 99); iTerm2, "Proprietary Escape Codes" (OSC 9);
//! urxvt's notify (OSC 777), which foot, Ghostty and terminals of VTE know.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::notice::{Delivery, Notice, Way};
use super::programs::PATIENCE;
use crate::ansi::printable;
use crate::sys::{proc, process};
use crate::task::session::Session;

/// By which sequence a terminal is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sequence {
    Osc9,
    Osc99,
    Osc777,
}

/// Asks the terminals of these shells; those that would not know what is meant are left alone.
pub fn show(notice: &Notice, shells: &[Session], rings: bool) -> Vec<Delivery> {
    let mut asked: Vec<PathBuf> = Vec::new();
    let mut went = Vec::new();
    for shell in shells {
        let Some(terminal) = terminal_of(shell.pid()) else { continue };
        if asked.contains(&terminal) {
            continue;
        }
        went.extend(ask(notice, shell.pid(), &terminal, rings));
        asked.push(terminal);
    }
    went
}

fn ask(notice: &Notice, shell: i32, terminal: &Path, rings: bool) -> Option<Delivery> {
    let variable = |name: &str| {
        proc::variable(shell, name).map(|value| String::from_utf8_lossy(&value).into_owned()).filter(|v| !v.is_empty())
    };
    let place = terminal.display().to_string();
    if let (Some(tmux), Some(pane)) = (variable("TMUX"), variable("TMUX_PANE")) {
        return match tell_tmux(notice, &tmux, &pane) {
            Ok(()) => Some(Delivery::to(Way::Terminal, format!("{place} (tmux)"))),
            Err(why) => Some(Delivery::failed(Way::Terminal, format!("tmux: {why}"))),
        };
    }
    let sequence = sequence_of(variable);
    let mut text = sequence.map(|sequence| drawn(sequence, notice)).unwrap_or_default();
    if rings {
        text.push('\x07');
    }
    if text.is_empty() {
        return None;
    }
    // Without waiting: a terminal that is stopped by ^S takes nothing.
    let opened = File::options().write(true).custom_flags(libc::O_NOCTTY | libc::O_NONBLOCK).open(terminal);
    Some(match opened.and_then(|mut terminal| terminal.write_all(text.as_bytes())) {
        Ok(()) => Delivery::to(Way::Terminal, place),
        Err(why) => Delivery::failed(Way::Terminal, format!("{place}: {why}")),
    })
}

/// The terminal at which a process reads.
fn terminal_of(pid: i32) -> Option<PathBuf> {
    let target = proc::standard_input(pid)?;
    target.starts_with("/dev/pts").then_some(target)
}

fn sequence_of(variable: impl Fn(&str) -> Option<String>) -> Option<Sequence> {
    let program = variable("TERM_PROGRAM").unwrap_or_default().to_lowercase();
    let term = variable("TERM").unwrap_or_default();
    match () {
        () if variable("KITTY_WINDOW_ID").is_some() || term.contains("kitty") => Some(Sequence::Osc99),
        () if ["iterm.app", "wezterm", "ghostty"].contains(&program.as_str()) => Some(Sequence::Osc9),
        () if variable("WT_SESSION").is_some() || variable("ConEmuPID").is_some() => Some(Sequence::Osc9),
        () if variable("VTE_VERSION").is_some() || term.starts_with("foot") || term.starts_with("rxvt-unicode") => {
            Some(Sequence::Osc777)
        }
        () => None,
    }
}

/// Nothing in the text ends the sequence or begins another.
fn drawn(sequence: Sequence, notice: &Notice) -> String {
    let (title, message) = (printable(&notice.title), printable(&notice.message));
    match sequence {
        Sequence::Osc9 => format!("\x1b]9;{title}: {message}\x1b\\"),
        Sequence::Osc99 => {
            format!("\x1b]99;i=aos:d=0:p=title;{title}\x1b\\\x1b]99;i=aos:d=1:p=body;{message}\x1b\\")
        }
        // What is behind a semicolon in the title would be the text.
        Sequence::Osc777 => format!("\x1b]777;notify;{};{message}\x1b\\", title.replace(';', ",")),
    }
}

/// `tmux` is the value of `$TMUX`: the socket, and more behind commas.
fn tell_tmux(notice: &Notice, tmux: &str, pane: &str) -> std::io::Result<()> {
    let socket = tmux.rsplitn(3, ',').last().unwrap_or(tmux);
    let text = for_tmux(&format!("{}: {}", printable(&notice.title), printable(&notice.message)));
    let mut tmux = Command::new("tmux")
        .args(["-S", socket, "display-message", "-t", pane, "--", &text])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let has_ended = process::end_within(&mut tmux, PATIENCE)?;
    let is_taken = has_ended && tmux.wait()?.success();
    if is_taken { Ok(()) } else { Err(std::io::Error::other("it did not take the message")) }
}

/// In tmux's formats a `#` begins what is to be filled in or even executed, and a `%` a time.
fn for_tmux(text: &str) -> String {
    text.replace('#', "##").replace('%', "%%")
}

#[cfg(test)]
mod tests {
    use super::{Sequence, drawn, for_tmux, sequence_of};
    use crate::notify::notice::{Notice, Urgency};

    fn notice(title: &str, message: &str) -> Notice {
        Notice { title: title.into(), message: message.into(), urgency: Urgency::Normal }
    }

    #[test]
    fn a_terminal_is_known_by_its_environment() {
        let of = |set: &[(&str, &str)]| {
            sequence_of(|name| set.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(of(&[("TERM", "xterm-kitty")]), Some(Sequence::Osc99));
        assert_eq!(of(&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm")]), Some(Sequence::Osc9));
        assert_eq!(of(&[("TERM", "foot")]), Some(Sequence::Osc777));
        assert_eq!(of(&[("VTE_VERSION", "7600")]), Some(Sequence::Osc777));
        assert_eq!((of(&[("TERM", "xterm")]), of(&[("TERM", "linux")])), (None, None));
    }

    #[test]
    fn no_text_ends_the_sequence_or_begins_another() {
        let hostile = notice("a;b\x1b\\", "x\x07\x1b]52;c;aGk=\x07\u{9c}\n");
        for sequence in [Sequence::Osc9, Sequence::Osc99, Sequence::Osc777] {
            let text = drawn(sequence, &hostile);
            let ends = text.matches("\x1b\\").count();
            let begins = text.matches("\x1b]").count();
            assert_eq!((ends, text.matches('\x1b').count()), (begins, 2 * begins), "{text:?}");
            assert!(!text.contains(['\x07', '\u{9c}', '\n']), "{text:?}");
        }
        assert!(drawn(Sequence::Osc777, &hostile).starts_with("\x1b]777;notify;a,b"));
    }

    #[test]
    fn tmux_fills_nothing_in() {
        assert_eq!(for_tmux("#(touch x) #{pane} 5%H"), "##(touch x) ##{pane} 5%%H");
    }
}

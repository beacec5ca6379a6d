//! Terminals: size, modes, and who is looking. *Source*: tty_ioctl(4), termios(3).
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use nix::sys::termios::{
    InputFlags, LocalFlags, OutputFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr,
};

use crate::units::size::Size;
use crate::units::tty_modes::Modes;

/// The size of the terminal behind `fd`; `None` if it is none, or does not know its size.
pub fn size(fd: impl AsFd) -> Option<Size> {
    let mut w = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCGWINSZ writes one winsize, which `w` is.
    let asked = unsafe { libc::ioctl(fd.as_fd().as_raw_fd(), libc::TIOCGWINSZ, &mut w) };
    (asked == 0 && w.ws_row > 0 && w.ws_col > 0).then_some(Size { rows: w.ws_row, cols: w.ws_col })
}

/// The size of the terminal that this process was started from, through whichever of its standard
/// descriptors is one.
pub fn callers_size() -> Size {
    size(io::stderr()).or_else(|| size(io::stdout())).or_else(|| size(io::stdin())).unwrap_or(Size::USUAL)
}

/// The modes of that terminal, if there is one.
pub fn callers_modes() -> Option<Modes> {
    let modes =
        tcgetattr(io::stderr()).or_else(|_| tcgetattr(io::stdout())).or_else(|_| tcgetattr(io::stdin())).ok()?;
    Some(Modes {
        input: modes.input_flags.bits(),
        output: modes.output_flags.bits(),
        local: modes.local_flags.bits(),
        keys: modes.control_chars.to_vec(),
    })
}

/// Has a terminal begin in these modes, but for output processing as a whole. Of the modes of
/// somebody who reads keys one by one only the encoding is taken: the rest is his own business.
pub fn begin_in(fd: impl AsFd, begun: &Modes) -> io::Result<()> {
    let mut modes = tcgetattr(&fd)?;
    let (input, local) = (InputFlags::from_bits_truncate(begun.input), LocalFlags::from_bits_truncate(begun.local));
    if local.contains(LocalFlags::ICANON) {
        let processing = modes.output_flags & OutputFlags::OPOST;
        modes.output_flags = (OutputFlags::from_bits_truncate(begun.output) - OutputFlags::OPOST) | processing;
        (modes.input_flags, modes.local_flags) = (input, local);
        modes.control_chars.iter_mut().zip(&begun.keys).for_each(|(key, begun)| *key = *begun);
    }
    modes.input_flags.set(InputFlags::IUTF8, input.contains(InputFlags::IUTF8));
    Ok(tcsetattr(&fd, SetArg::TCSANOW, &modes)?)
}

/// Turns output processing off, so that bytes come out as the program wrote them (no CR is put
/// before LF), and two to eight times as fast. Programs that set modes of their own keep them.
pub fn pass_output_through(fd: impl AsFd) -> io::Result<()> {
    let mut modes = tcgetattr(&fd)?;
    modes.output_flags.remove(OutputFlags::OPOST);
    Ok(tcsetattr(&fd, SetArg::TCSANOW, &modes)?)
}

/// Whether an LF is to come out as CR LF. Tells what the program wants, though output processing as
/// a whole is off (see [`pass_output_through`]): who draws for himself turns this off, too.
pub fn adds_returns(fd: impl AsFd) -> bool {
    tcgetattr(fd).map_or(true, |modes| modes.output_flags.contains(OutputFlags::ONLCR))
}

/// Turns echo off, for input that the user's own terminal has shown already.
pub fn stop_echo(fd: impl AsFd) -> io::Result<()> {
    let mut modes = tcgetattr(&fd)?;
    modes.local_flags.remove(LocalFlags::ECHO);
    Ok(tcsetattr(&fd, SetArg::TCSANOW, &modes)?)
}

/// Whether input comes line by line.
pub fn is_canonical(fd: impl AsFd) -> bool {
    tcgetattr(fd).map_or(true, |modes| modes.local_flags.contains(LocalFlags::ICANON))
}

/// Of a line that has not ended a terminal that reads lines keeps so much, and drops the rest.
/// *Units*: bytes. *Source*: termios(3), "canonical mode".
pub const LONGEST_LINE: u64 = 4095;

/// The keys by which a terminal that reads lines ends or drops one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineKeys(Vec<u8>);

impl LineKeys {
    /// Those of a terminal; `None` where it does not read lines.
    pub fn of(fd: impl AsFd) -> Option<LineKeys> {
        use SpecialCharacterIndices::{VEOF, VEOL, VEOL2, VINTR, VKILL, VQUIT, VSUSP};
        let modes = tcgetattr(fd).ok().filter(|modes| modes.local_flags.contains(LocalFlags::ICANON))?;
        let mut keys = vec![b'\n'];
        keys.extend(modes.input_flags.contains(InputFlags::ICRNL).then_some(b'\r'));
        keys.extend([VEOF, VEOL, VEOL2, VKILL].iter().filter_map(|which| special(&modes, *which)));
        let drops = modes.local_flags.contains(LocalFlags::ISIG) && !modes.local_flags.contains(LocalFlags::NOFLSH);
        keys.extend([VINTR, VQUIT, VSUSP].iter().filter_map(|which| special(&modes, *which)).filter(|_| drops));
        Some(LineKeys(keys))
    }

    /// Whether this is one.
    pub fn has(&self, byte: u8) -> bool {
        self.0.contains(&byte)
    }
}

/// The character that ends input on a line of its own, where one does.
pub fn end_key(fd: impl AsFd) -> Option<u8> {
    let modes = tcgetattr(fd).ok().filter(|modes| modes.local_flags.contains(LocalFlags::ICANON))?;
    special(&modes, SpecialCharacterIndices::VEOF)
}

fn special(modes: &Termios, which: SpecialCharacterIndices) -> Option<u8> {
    // 0 stands for none: _POSIX_VDISABLE.
    Some(modes.control_chars[which as usize]).filter(|key| *key != 0)
}

/// Gives a terminal a size; its foreground process group hears SIGWINCH if that is new.
pub fn resize(fd: impl AsFd, size: Size) -> io::Result<()> {
    let w = libc::winsize { ws_row: size.rows, ws_col: size.cols, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCSWINSZ reads one winsize, which `w` is.
    let set = unsafe { libc::ioctl(fd.as_fd().as_raw_fd(), libc::TIOCSWINSZ, &w) };
    if set < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Whether this process has a terminal, and is in its foreground.
pub fn is_ours() -> bool {
    open("/dev/tty".as_ref()).is_ok_and(is_in_foreground)
}

/// Whether this process is in the foreground of a terminal.
pub fn is_in_foreground(fd: impl AsFd) -> bool {
    foreground_group(fd) == Some(nix::unistd::getpgrp().as_raw())
}

/// The foreground process group of a terminal; asked of a pty's master, that of the terminal behind
/// it.
pub fn foreground_group(fd: impl AsFd) -> Option<i32> {
    let mut group = 0;
    // SAFETY: TIOCGPGRP writes one pid_t, which `group` is.
    let asked = unsafe { libc::ioctl(fd.as_fd().as_raw_fd(), libc::TIOCGPGRP, &mut group) };
    (asked == 0 && group > 0).then_some(group)
}

/// Makes a terminal the controlling one of this process's session, which it leads and which has
/// none yet.
pub fn make_controlling(terminal: impl AsFd) -> io::Result<()> {
    // SAFETY: TIOCSCTTY takes a descriptor and an integer.
    let made = unsafe { libc::ioctl(terminal.as_fd().as_raw_fd(), libc::TIOCSCTTY, 0) };
    if made < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Gives the foreground of this session's terminal to this process's group, as a shell does for its
/// job. The caller's group may be in the background: SIGTTOU has to be ignored or blocked.
/// *Source*: tcsetpgrp(3).
pub fn take_foreground(terminal: impl AsFd) -> io::Result<()> {
    Ok(nix::unistd::tcsetpgrp(terminal, nix::unistd::getpgrp())?)
}

/// Opens a terminal by its path, without making it anybody's controlling one.
pub fn open(path: &std::path::Path) -> io::Result<OwnedFd> {
    use nix::fcntl::OFlag;
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    Ok(nix::fcntl::open(path, flags, nix::sys::stat::Mode::empty())?)
}

/// The device number of the terminal behind a pty's master. *Source*: pts(4), TIOCGPTN.
pub fn device_behind(master: impl AsFd) -> Option<u64> {
    /// *Source*: Linux, fs/devpts/inode.c: one major for all of them, whatever their number.
    const MAJOR: u32 = 136;
    let mut number: libc::c_uint = 0;
    // SAFETY: TIOCGPTN writes one unsigned int, which `number` is.
    let asked = unsafe { libc::ioctl(master.as_fd().as_raw_fd(), libc::TIOCGPTN, &mut number) };
    (asked == 0).then(|| libc::makedev(MAJOR, number))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;
    use std::path::PathBuf;

    use nix::fcntl::OFlag;
    use nix::pty::{posix_openpt, ptsname_r, unlockpt};

    use super::device_behind;

    #[test]
    fn a_terminal_is_known_by_its_device_though_there_are_hundreds() {
        let mut all = Vec::new();
        for _ in 0..300 {
            let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY).expect("a terminal");
            unlockpt(&master).expect("unlocked");
            let path = PathBuf::from(ptsname_r(&master).expect("its name"));
            let device = path.metadata().expect("its other end").rdev();
            assert_eq!(device_behind(&master), Some(device), "{}", path.display());
            all.push(master);
        }
    }
}

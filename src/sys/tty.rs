//! Terminals: size, modes, and who is looking. *Source*: tty_ioctl(4), termios(3).
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use nix::sys::termios::{OutputFlags, SetArg, tcgetattr, tcsetattr};

use crate::units::size::Size;

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

/// Turns output processing off, so that bytes come out as the program wrote them (no CR is put
/// before LF), and two to eight times as fast. Programs that set modes of their own keep them.
pub fn pass_output_through(fd: impl AsFd) -> io::Result<()> {
    let mut modes = tcgetattr(&fd)?;
    modes.output_flags.remove(OutputFlags::OPOST);
    Ok(tcsetattr(&fd, SetArg::TCSANOW, &modes)?)
}

/// Makes a terminal the controlling one of this process's session, which it leads and which has none yet.
pub fn make_controlling(terminal: impl AsFd) -> io::Result<()> {
    // SAFETY: TIOCSCTTY takes a descriptor and an integer.
    let made = unsafe { libc::ioctl(terminal.as_fd().as_raw_fd(), libc::TIOCSCTTY, 0) };
    if made < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Opens a terminal by its path, without making it anybody's controlling one.
pub fn open(path: &std::path::Path) -> io::Result<OwnedFd> {
    use nix::fcntl::OFlag;
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    Ok(nix::fcntl::open(path, flags, nix::sys::stat::Mode::empty())?)
}

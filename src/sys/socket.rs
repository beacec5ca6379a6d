//! Connecting to a socket without waiting for whoever listens. *Source*: connect(2), unix(7).

use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, socket};

/// Connects; what comes of it does not block. *Errors*: WouldBlock, where as many wait already as
/// the kernel lets.
pub fn connect(path: &str) -> io::Result<UnixStream> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let made = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
    nix::sys::socket::connect(made.as_raw_fd(), &UnixAddr::new(path)?)?;
    Ok(made.into())
}

#[cfg(test)]
mod tests {
    use super::connect;
    use nix::sys::socket::{AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, listen, socket};
    use std::io::ErrorKind;
    use std::os::fd::AsRawFd;

    #[test]
    fn whoever_listens_and_takes_nobody_in_is_not_waited_for() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("socket");
        let path = path.to_str().expect("text");
        let made = socket(AddressFamily::Unix, SockType::Stream, SockFlag::empty(), None).expect("a socket");
        bind(made.as_raw_fd(), &UnixAddr::new(path).expect("short")).expect("bound");
        listen(&made, Backlog::new(1).expect("few")).expect("listens");
        let taken: Vec<_> = (0..100).map_while(|_| connect(path).ok()).collect();
        assert!((1..100).contains(&taken.len()), "{}", taken.len());
        assert_eq!(connect(path).expect_err("full").kind(), ErrorKind::WouldBlock);
    }
}

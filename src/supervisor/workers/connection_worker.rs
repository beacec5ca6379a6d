//! The worker that decides of connections: it sees where each of them leads, and makes those that
//! stay on this machine, with a copy of the socket. It lives as long as anything lives that asks;
//! without it every connection fails.

use std::ffi::{OsStr, OsString};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::launch::sandbox::decider::Refusal;
use crate::launch::sandbox::{calls, files};
use crate::supervisor::workers::worker::{say, take_name};
use crate::sys::fds;
use crate::sys::notifier::{self, Answer, Asked, Listener};
use crate::task::sandbox::{Network, Sandbox};

/// What it is called in `ps`.
const NAME: &str = "connects?";
/// No address is longer (sockaddr_storage).
const LONGEST_ADDRESS: usize = 128;
const LONGEST_PATH: usize = 4096;

/// Is the process that decides; the sandbox is the word after the verb.
pub fn decide(words: &[OsString]) -> i32 {
    let sandbox = words.get(1).and_then(|word| serde_json::from_str(word.to_str()?).ok());
    let Some(sandbox) = sandbox else { return 2 };
    i32::from(decide_by(&files::real(&sandbox)).is_err())
}

fn decide_by(sandbox: &Sandbox) -> io::Result<()> {
    take_name(NAME)?;
    let _ = std::env::set_current_dir("/");
    let Some(listener) = receive_listener()? else { return Ok(()) };
    let listener = Arc::new(listener);
    // Whoever waits for the sender's end is not to wait for this.
    fds::keep_only(&[1, listener.as_raw_fd()]);
    loop {
        let mut ready = [PollFd::new(std::os::fd::AsFd::as_fd(&*listener), PollFlags::POLLIN)];
        match poll(&mut ready, PollTimeout::NONE) {
            Err(Errno::EINTR) => continue,
            Err(e) => return Err(e.into()),
            Ok(_) => {}
        }
        let events = ready[0].revents().unwrap_or(PollFlags::empty());
        if events.contains(PollFlags::POLLIN) {
            if let Some(asked) = listener.receive()? {
                answer(&listener, sandbox, asked);
            }
        } else if events.intersects(PollFlags::POLLHUP | PollFlags::POLLERR) {
            return Ok(());
        }
    }
}

fn receive_listener() -> io::Result<Option<Listener>> {
    use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg};
    let (mut byte, mut room) = ([0u8; 1], nix::cmsg_space!(i32));
    let mut parts = [io::IoSliceMut::new(&mut byte)];
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let message = recvmsg::<()>(0, &mut parts, Some(&mut room), flags)?;
    let sent = message.cmsgs()?.find_map(|part| match part {
        ControlMessageOwned::ScmRights(fds) => fds.first().copied(),
        _ => None,
    });
    Ok(sent.map(|fd| Listener::new(fds::received(fd))))
}

fn answer(listener: &Arc<Listener>, sandbox: &Sandbox, asked: Asked) {
    match asked.call {
        libc::SYS_connect => connect(listener, sandbox, asked),
        libc::SYS_openat => {
            look_at_file(sandbox, asked, asked.args[0] as i32, asked.args[1], asked.args[2]);
            listener.answer(asked, Answer::GoesOn);
        }
        #[cfg(target_arch = "x86_64")]
        libc::SYS_open => {
            look_at_file(sandbox, asked, libc::AT_FDCWD, asked.args[0], asked.args[1]);
            listener.answer(asked, Answer::GoesOn);
        }
        libc::SYS_socket => {
            let _ = say(&Refusal::Socket { family: family(asked.args[0] as i32, asked.args[1] as i32) });
            listener.answer(asked, Answer::Fails(Errno::EPERM));
        }
        call => {
            let _ = say(&Refusal::Call { name: calls::name(call).to_owned() });
            listener.answer(asked, Answer::Fails(Errno::EPERM));
        }
    }
}

fn connect(listener: &Arc<Listener>, sandbox: &Sandbox, asked: Asked) {
    let (fd, at) = (asked.args[0] as i32, asked.args[1]);
    // The kernel takes 32 bits for it, whatever the register holds above them.
    let length = usize::try_from(asked.args[2] & 0xffff_ffff).unwrap_or(usize::MAX);
    if length > LONGEST_ADDRESS {
        return listener.answer(asked, Answer::Fails(Errno::EINVAL));
    }
    let found =
        notifier::read_memory(asked.pid, at, length).and_then(|bytes| Ok((bytes, notifier::copy_of(asked.pid, fd)?)));
    let (address, socket) = match found {
        // Asked after both were looked up: until here the thread could have ended, and its pid been
        // another's (seccomp_unotify(2)).
        Ok(found) if listener.is_waiting(asked) => found,
        Ok(_) => return,
        Err(errno) => return listener.answer(asked, Answer::Fails(errno)),
    };
    if !is_allowed(sandbox, &address) {
        let _ = say(&Refusal::Connect { to: describe(&address) });
        return listener.answer(asked, Answer::Fails(Errno::EACCES));
    }
    let is_at_once = notifier::is_nonblocking(&socket);
    let listener = Arc::clone(listener);
    let make = move || {
        let made = notifier::connect(&socket, &address);
        listener.answer(asked, made.map_or_else(Answer::Fails, |()| Answer::Gives(0)));
    };
    if is_at_once {
        return make();
    }
    // One that waits is not to have all others wait. Where no thread is had it fails by the
    // question's own end.
    let _ = thread::Builder::new().name("connect".into()).stack_size(64 * 1024).spawn(make);
}

/// Whether an address, as the kernel takes it, is within reach.
fn is_allowed(sandbox: &Sandbox, address: &[u8]) -> bool {
    if sandbox.network == Network::Full {
        return true;
    }
    match family_of(address) {
        // It dissolves an association, and leads nowhere (connect(2)).
        Some(libc::AF_UNSPEC) => true,
        Some(libc::AF_UNIX) => sandbox.unix_sockets,
        Some(_) => sandbox.network == Network::Loopback && parse(address).is_some_and(|address| is_here(address.ip())),
        None => false,
    }
}

/// Whether it is this machine's own: what stands for any address leads here, too.
fn is_here(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_unspecified(),
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => ip.is_loopback() || ip.is_unspecified(),
            None => ip.is_loopback() || ip.is_unspecified(),
        },
    }
}

fn family_of(address: &[u8]) -> Option<i32> {
    address.first_chunk::<2>().map(|family| i32::from(u16::from_ne_bytes(*family)))
}

fn parse(address: &[u8]) -> Option<SocketAddr> {
    let port = u16::from_be_bytes(*address.get(2..)?.first_chunk::<2>()?);
    match family_of(address)? {
        libc::AF_INET => Some((Ipv4Addr::from(*address.get(4..)?.first_chunk::<4>()?), port).into()),
        libc::AF_INET6 => Some((Ipv6Addr::from(*address.get(8..)?.first_chunk::<16>()?), port).into()),
        _ => None,
    }
}

fn describe(address: &[u8]) -> String {
    match (parse(address), family_of(address)) {
        (Some(address), _) => address.to_string(),
        (None, Some(libc::AF_UNIX)) => String::from_utf8_lossy(&address[2..]).trim_matches('\0').to_owned(),
        (None, family) => format!("an address of family {}", family.unwrap_or(-1)),
    }
}

fn family(family: i32, kind: i32) -> String {
    let kind = match kind & 0xf {
        libc::SOCK_STREAM => "stream",
        libc::SOCK_DGRAM => "datagram",
        _ => "other",
    };
    match family {
        libc::AF_UNIX => format!("unix {kind}"),
        libc::AF_INET => format!("IPv4 {kind}"),
        libc::AF_INET6 => format!("IPv6 {kind}"),
        other => format!("family {other} {kind}"),
    }
}

/// Tells of a file that the rules keep closed. They are enforced by the kernel, which gets the call
/// next: this looks at the same rules.
fn look_at_file(sandbox: &Sandbox, asked: Asked, dir: i32, at: u64, flags: u64) {
    let Ok(bytes) = notifier::read_memory(asked.pid, at, LONGEST_PATH).or_else(|_| read_page_rest(asked.pid, at))
    else {
        return;
    };
    let name = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let name = Path::new(OsStr::from_bytes(name));
    let Some(path) = find(asked.pid, dir, name) else { return };
    let flags = flags as i32;
    let writes = flags & libc::O_ACCMODE != libc::O_RDONLY || flags & libc::O_CREAT != 0;
    if writes && !sandbox.may_write(&path) {
        // What is not there has not been refused.
        let is_there = path.exists() || flags & libc::O_CREAT != 0;
        if is_there {
            let _ = say(&Refusal::Write { path: path.display().to_string() });
        }
    // Names may be seen: only contents are kept closed.
    } else if !sandbox.may_read(&path) && flags & (libc::O_PATH | libc::O_DIRECTORY) == 0 && path.exists() {
        let _ = say(&Refusal::Read { path: path.display().to_string() });
    }
}

fn read_page_rest(pid: i32, at: u64) -> Result<Vec<u8>, Errno> {
    // A name near the end of what is mapped: a read beyond that may fail as a whole
    // (process_vm_readv(2)).
    const PAGE: u64 = 4096;
    notifier::read_memory(pid, at, (PAGE - at % PAGE) as usize)
}

fn find(pid: i32, dir: i32, name: &Path) -> Option<PathBuf> {
    let base = match (name.is_absolute(), dir) {
        (true, _) => PathBuf::from("/"),
        (false, libc::AT_FDCWD) => std::fs::read_link(format!("/proc/{pid}/cwd")).ok()?,
        (false, fd) => std::fs::read_link(format!("/proc/{pid}/fd/{fd}")).ok()?,
    };
    let path = base.join(name);
    // What begins here is about whoever looks.
    if path.starts_with("/proc") { None } else { Some(files::real_path(&path)) }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::{is_here, parse};

    #[test]
    fn what_leads_to_this_machine() {
        for (text, here) in [
            ("127.0.0.1:80", true),
            ("127.9.9.9:80", true),
            ("0.0.0.0:1", true),
            ("10.0.0.1:80", false),
            ("8.8.8.8:53", false),
            ("[::1]:80", true),
            ("[::]:80", true),
            ("[::ffff:127.0.0.1]:80", true),
            ("[::ffff:8.8.8.8]:80", false),
            ("[::127.0.0.1]:80", false),
            ("[2001:db8::1]:80", false),
        ] {
            let address: SocketAddr = text.parse().expect("an address");
            assert_eq!(is_here(address.ip()), here, "{text}");
        }
    }

    #[test]
    fn an_address_is_read_as_the_kernel_does() {
        let mut v4 = vec![0u8; 16];
        v4[..2].copy_from_slice(&(libc::AF_INET as u16).to_ne_bytes());
        v4[2..8].copy_from_slice(&[0, 80, 10, 0, 0, 1]);
        assert_eq!(parse(&v4).map(|a| a.to_string()).as_deref(), Some("10.0.0.1:80"));
        assert_eq!(parse(&v4[..7]), None);
        assert_eq!(parse(&[]), None);
    }
}

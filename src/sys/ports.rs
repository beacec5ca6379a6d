//! Who listens on which TCP port. *Source*: proc(5), /proc/PID/net/tcp and tcp6;
//! network_namespaces(7).

use std::collections::{HashMap, HashSet};
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use nix::fcntl::readlinkat;

use super::listing;

/// The state of a socket that listens, in hexadecimal. *Source*: linux/include/net/tcp_states.h.
const LISTEN: &str = "0A";
/// A process's tables of sockets, as its network namespace has them.
const TABLES: [&str; 2] = ["tcp", "tcp6"];

/// A socket that listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Listener {
    /// Where.
    pub address: SocketAddr,
    /// What tells it from every other: a socket that is closed and opened again has a new number.
    pub inode: u64,
}

/// The TCP ports on which these processes listen, in order, each once. What cannot be read
/// (somebody else's process, one that has ended) is passed over.
pub fn listening(pids: &[i32]) -> Vec<u16> {
    let mut ports: Vec<u16> = listeners(pids).iter().map(|listener| listener.address.port()).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// The same with where each socket listens. One that several processes hold is there once.
pub fn listeners(pids: &[i32]) -> Vec<Listener> {
    let mut held: HashMap<Option<PathBuf>, (i32, HashSet<u64>)> = HashMap::new();
    for &pid in pids {
        let sockets = sockets(pid);
        if !sockets.is_empty() {
            let namespace = fs::read_link(format!("/proc/{pid}/ns/net")).ok();
            held.entry(namespace).or_insert_with(|| (pid, HashSet::new())).1.extend(sockets);
        }
    }
    let mut found: Vec<Listener> = Vec::new();
    for (witness, sockets) in held.into_values() {
        found.extend(all(witness).into_iter().filter(|listener| sockets.contains(&listener.inode)));
    }
    found.sort_unstable();
    found
}

/// Whether anybody at all listens on this port, as far as this process's network goes.
pub fn is_taken(port: u16) -> bool {
    all(std::process::id() as i32).iter().any(|listener| listener.address.port() == port)
}

/// The ports of which the system gives one to whoever asks for any. *Source*: ip-sysctl,
/// ip_local_port_range.
pub fn given_out() -> RangeInclusive<u16> {
    let text = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let mut ends = text.split_ascii_whitespace().filter_map(|end| end.parse().ok());
    ends.next().unwrap_or(32768)..=ends.next().unwrap_or(60999)
}

/// Every listening socket of the network in which this process is.
fn all(pid: i32) -> Vec<Listener> {
    let mut found = Vec::new();
    for table in TABLES {
        let text = fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        found.extend(text.lines().filter_map(parse));
    }
    found
}

/// The numbers of the sockets that a process holds.
fn sockets(pid: i32) -> Vec<u64> {
    let Ok(descriptors) = fs::File::open(format!("/proc/{pid}/fd")) else { return Vec::new() };
    let mut found = Vec::new();
    let listed = listing::each_descriptor(&descriptors, |name| {
        let target = readlinkat(&descriptors, name).ok();
        found.extend(target.and_then(|target| socket(target.to_str()?)));
    });
    if listed.is_ok() { found } else { Vec::new() }
}

/// The number of a socket, as what a descriptor leads to.
fn socket(target: &str) -> Option<u64> {
    target.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …`
fn parse(line: &str) -> Option<Listener> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let local = fields.next()?;
    if fields.nth(1)? != LISTEN {
        return None;
    }
    let inode = fields.nth(5)?.parse().ok()?;
    let (address, port) = local.split_once(':')?;
    let address = SocketAddr::new(parse_address(address)?, u16::from_str_radix(port, 16).ok()?);
    Some(Listener { address, inode })
}

/// Words of 32 bits: the bytes of each are in the order of the network, and shown as this machine
/// reads them.
fn parse_address(hex: &str) -> Option<IpAddr> {
    let word = |at: usize| u32::from_str_radix(hex.get(at..at + 8)?, 16).ok().map(u32::to_ne_bytes);
    match hex.len() {
        8 => Some(Ipv4Addr::from(word(0)?).into()),
        32 => {
            let words = [word(0)?, word(8)?, word(16)?, word(24)?];
            Some(Ipv6Addr::from(<[u8; 16]>::try_from(words.concat()).ok()?).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_taken, listeners, listening, parse};
    use std::net::{TcpListener, TcpStream};

    fn own() -> [i32; 1] {
        [std::process::id() as i32]
    }

    #[test]
    fn what_this_process_listens_on_is_found() {
        let first = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = first.local_addr().expect("an address").port();
        assert!(listening(&own()).contains(&port) && is_taken(port));
        assert!(listeners(&own()).iter().any(|l| l.address == first.local_addr().expect("an address")));
        assert!(listening(&[]).is_empty());
        drop(first);
        assert!(!listening(&own()).contains(&port), "no longer");
    }

    #[test]
    fn a_port_of_ipv6_is_found_and_one_of_both_is_there_once() {
        let Ok(six) = TcpListener::bind("[::1]:0") else { return };
        let address = six.local_addr().expect("an address");
        assert!(listeners(&own()).iter().any(|l| l.address == address));
        let _four = TcpListener::bind(("127.0.0.1", address.port()));
        assert_eq!(listening(&own()).iter().filter(|port| **port == address.port()).count(), 1);
    }

    #[test]
    fn a_connection_is_no_listener() {
        let server = TcpListener::bind("127.0.0.1:0").expect("a port");
        let client = TcpStream::connect(server.local_addr().expect("an address")).expect("a connection");
        let port = client.local_addr().expect("an address").port();
        assert!(!listening(&own()).contains(&port));
    }

    #[test]
    fn nobody_and_somebody_elses_are_passed_over() {
        assert!(listening(&[-1, 0, i32::MAX]).is_empty());
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn lines_of_the_kernel_are_read() {
        let line = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4321 1 0 100 0 0 10 0";
        let found = parse(line).expect("a listener");
        assert_eq!((found.address.to_string().as_str(), found.inode), ("127.0.0.1:8080", 4321));
        let line = "   1: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0 100 0 0 10 0";
        assert_eq!(parse(line).expect("a listener").address.to_string(), "[::1]:22");
        assert_eq!(parse(&line.replace(" 0A ", " 01 ")), None);
        assert_eq!(parse("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"), None);
    }
}

//! Asking a server, over plain HTTP and nothing else.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::readiness::ProbeResult;
use crate::sys::errno_text;
use crate::task::http_url::HttpUrl;
use crate::task::ready::Evidence;

/// How long a server may take to accept, and then to begin its answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The first line of an answer is not longer. *Units*: bytes.
const LONGEST: usize = 1024;
/// Names of this machine by its own addresses.
const HOSTS: &str = "/etc/hosts";

/// Whether it answers with success, 2xx or 3xx.
pub fn look(url: &HttpUrl, own: Vec<u16>) -> ProbeResult {
    match ask(url) {
        Ok(code) if (200..400).contains(&code) => {
            let whose = if own.contains(&url.port) { "" } else { ", from no process of its own" };
            let how = format!("{url} answered {code}{whose}");
            ProbeResult::Seen(Evidence { how, url: Some(url.to_string()), ports: own, line: None })
        }
        Ok(code) => ProbeResult::NotYet(format!("{url} answered {code}")),
        Err(why) => ProbeResult::NotYet(format!("{url}: {why}")),
    }
}

/// Whether anybody accepts connections on this port of this machine.
pub fn is_answered(port: u16) -> bool {
    locals().into_iter().any(|ip| TcpStream::connect_timeout(&SocketAddr::new(ip, port), PATIENCE).is_ok())
}

/// The status of the answer.
fn ask(url: &HttpUrl) -> Result<u16, String> {
    let ips = addresses(&url.host);
    if ips.is_empty() {
        return Err(format!("nobody knows {}: it is no address, not localhost and not in {HOSTS}", url.host));
    }
    let mut failed: Vec<(SocketAddr, io::Error)> = Vec::new();
    for address in ips.into_iter().map(|ip| SocketAddr::new(ip, url.port)) {
        match ask_at(address, url) {
            Ok(code) => return Ok(code),
            Err(e) => failed.push((address, e)),
        }
    }
    Err(why(&failed))
}

/// Why nobody answered. An address at which nobody listens says less than one that accepted, or did
/// not refuse.
fn why(failed: &[(SocketAddr, io::Error)]) -> String {
    let is_refusal = |e: &io::Error| match e.kind() {
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::AddrNotAvailable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::HostUnreachable => true,
        _ => e.raw_os_error() == Some(libc::EAFNOSUPPORT),
    };
    let told = failed.iter().find(|(_, e)| !is_refusal(e)).or(failed.first());
    match told {
        Some((address, e)) if failed.len() > 1 && !is_refusal(e) => format!("{} ({address})", plain(e)),
        Some((_, e)) => plain(e),
        None => String::new(),
    }
}

/// Whether anybody of this name could be asked.
pub fn is_known(host: &str) -> bool {
    !addresses(host).is_empty()
}

/// What this name stands for. A static binary asks no name service.
fn addresses(host: &str) -> Vec<IpAddr> {
    if let Ok(ip) = host.parse() {
        return vec![ip];
    }
    let known = fs::read_to_string(HOSTS).unwrap_or_default();
    let of_host = |line: &str| {
        let mut words = line.split('#').next()?.split_ascii_whitespace();
        let ip: IpAddr = words.next()?.parse().ok()?;
        words.any(|name| name.eq_ignore_ascii_case(host)).then_some(ip)
    };
    let mut found: Vec<IpAddr> = known.lines().filter_map(of_host).collect();
    if host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost") {
        found.extend(locals());
    }
    found.dedup();
    found
}

fn locals() -> [IpAddr; 2] {
    [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
}

fn ask_at(address: SocketAddr, url: &HttpUrl) -> io::Result<u16> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let (path, authority) = (&url.path, url.authority());
    let asked = format!(
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: aos/{}\r\nAccept: */*\r\nConnection: close\r\n\r\n",
        env!("CARGO_PKG_VERSION")
    );
    stream.write_all(asked.as_bytes())?;
    status(&mut stream)
}

/// Reads until the first line is whole, and for no longer than it may take.
fn status(stream: &mut TcpStream) -> io::Result<u16> {
    let until = Instant::now() + PATIENCE;
    let (mut heard, mut buffer) = (Vec::new(), [0; 256]);
    while !heard.contains(&b'\n') && heard.len() < LONGEST {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut buffer)? {
            0 => break,
            n => heard.extend_from_slice(&buffer[..n]),
        }
    }
    code(&heard).ok_or_else(|| io::Error::other("it does not speak HTTP"))
}

/// `HTTP/1.1 200 OK`
fn code(line: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(line.split(|byte| *byte == b'\r' || *byte == b'\n').next()?).ok()?;
    let (version, rest) = text.split_once(' ')?;
    version.strip_prefix("HTTP/")?;
    rest.get(..3)?.parse().ok().filter(|code| (100..600).contains(code))
}

/// Why nobody answered, in words.
fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => format!("no answer within {}s", PATIENCE.as_secs()),
        _ => errno_text::of(error),
    }
}

#[cfg(test)]
mod tests {
    use crate::readiness::ProbeResult;
    use crate::readiness::http::{addresses, ask, code, is_answered, look, why};
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// A server that gives one answer.
    fn serve(answer: &'static [u8]) -> u16 {
        let server = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = server.local_addr().expect("an address").port();
        std::thread::spawn(move || {
            let (mut client, _) = server.accept().expect("a client");
            let _ = client.read(&mut [0; 512]);
            let _ = client.write_all(answer);
        });
        port
    }

    #[test]
    fn success_and_redirections_are_an_answer_and_all_else_is_none() {
        for (answer, is_ready) in [
            (&b"HTTP/1.1 200 OK\r\n\r\n"[..], true),
            (b"HTTP/1.0 302 Found\r\n", true),
            (b"HTTP/1.1 503 Busy\r\n", false),
            (b"HTTP/1.1 404 Not Found\r\n", false),
            (b"220 smtp ready\r\n", false),
            (b"", false),
        ] {
            let url = format!("127.0.0.1:{}/up", serve(answer)).parse().expect("a URL");
            assert_eq!(matches!(look(&url, Vec::new()), ProbeResult::Seen(_)), is_ready, "{answer:?}");
        }
    }

    #[test]
    fn a_closed_port_says_so() {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let url = format!("127.0.0.1:{free}").parse().expect("a URL");
        assert_eq!(ask(&url), Err("connection refused".into()));
        assert!(!is_answered(free));
    }

    #[test]
    fn of_several_addresses_the_one_that_was_silent_is_told() {
        let refused = || (([127, 0, 0, 1], 80).into(), std::io::ErrorKind::ConnectionRefused.into());
        let silent = |ip: [u8; 4]| ((ip, 80).into(), std::io::ErrorKind::TimedOut.into());
        for failed in [[refused(), silent([127, 0, 0, 2])], [silent([127, 0, 0, 2]), refused()]] {
            assert_eq!(why(&failed), "no answer within 5s (127.0.0.2:80)");
        }
        assert_eq!(why(&[silent([127, 0, 0, 2])]), "no answer within 5s");
        let refused = std::io::Error::from_raw_os_error(libc::ECONNREFUSED);
        assert_eq!(why(&[(([127, 0, 0, 1], 80).into(), refused)]), "connection refused");
    }

    #[test]
    fn names_are_this_machines_own() {
        assert!(addresses("localhost").iter().all(|ip| ip.is_loopback()) && !addresses("localhost").is_empty());
        assert!(!addresses("app.localhost").is_empty());
        assert!(addresses("no-such-host.invalid").is_empty());
    }

    #[test]
    fn first_lines_are_read() {
        assert_eq!(code(b"HTTP/1.1 204 No Content\r\nX: y"), Some(204));
        for bad in [&b"HTTP/1.1 20"[..], b"HTTP/1.1 999 x", b"HTTP 200 OK", b"\xff\xfe", b""] {
            assert_eq!(code(bad), None);
        }
    }
}

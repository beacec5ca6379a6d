//! Asking something of a bus: connect, call, hear the answer. All that is needed of D-Bus, in a
//! fraction of the time that a library takes to begin. *Source*: D-Bus Specification,
//! "Authentication Protocol", "Message Protocol", "Type System".

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// The largest answer that is read. *Units*: bytes.
const LONGEST_ANSWER: usize = 1 << 20;
/// What stands before the header fields, with how long those are. *Units*: bytes.
const FIXED: usize = 16;
/// The longest line of the authentication. *Units*: bytes.
const LONGEST_LINE: usize = 1024;

const CALL: u8 = 1;
const RETURN: u8 = 2;
const ERROR: u8 = 3;

/// Header fields, by their numbers.
const PATH: u8 = 1;
const INTERFACE: u8 = 2;
const MEMBER: u8 = 3;
const ERROR_NAME: u8 = 4;
const REPLY_SERIAL: u8 = 5;
const DESTINATION: u8 = 6;
const SIGNATURE: u8 = 8;

/// A connection to a bus.
#[derive(Debug)]
pub struct Bus {
    socket: UnixStream,
    serial: u32,
}

/// Which method of whom is called.
#[derive(Clone, Copy, Debug)]
pub struct Method<'a> {
    /// The name of whoever is asked.
    pub destination: &'a str,
    /// Of which object.
    pub path: &'a str,
    /// The interface.
    pub interface: &'a str,
    /// The method.
    pub member: &'a str,
}

/// Values, laid out as the bus wants them.
#[derive(Clone, Debug, Default)]
pub struct Body {
    bytes: Vec<u8>,
}

/// Where an array has begun.
#[derive(Clone, Copy, Debug)]
pub struct ArrayStart {
    length_at: usize,
    first_at: usize,
}

impl Bus {
    /// Connects to the bus at this socket as this user, who waits no longer than this for anything
    /// it says.
    pub fn connect(socket: &Path, patience: Duration) -> io::Result<Bus> {
        let socket = UnixStream::connect(socket)?;
        socket.set_read_timeout(Some(patience))?;
        socket.set_write_timeout(Some(patience))?;
        let mut bus = Bus { socket, serial: 0 };
        let uid: String = nix::unistd::geteuid().to_string().bytes().map(|digit| format!("{digit:02x}")).collect();
        bus.socket.write_all(format!("\0AUTH EXTERNAL {uid}\r\n").as_bytes())?;
        let answer = bus.line()?;
        if !answer.starts_with("OK ") {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the bus does not take this user"));
        }
        bus.socket.write_all(b"BEGIN\r\n")?;
        let (name, path) = ("org.freedesktop.DBus", "/org/freedesktop/DBus");
        bus.call(Method { destination: name, path, interface: name, member: "Hello" }, "", &Body::default())?;
        Ok(bus)
    }

    /// Calls a method with values of these types, and gives the bytes of what it returns. *Errors*:
    /// also when the method does, with what it says.
    pub fn call(&mut self, method: Method<'_>, types: &str, values: &Body) -> io::Result<Vec<u8>> {
        self.serial += 1;
        self.socket.write_all(&message(self.serial, method, types, &values.bytes))?;
        loop {
            let answer = self.answer()?;
            if answer.reply_to != Some(self.serial) {
                continue;
            }
            match answer.kind {
                RETURN => return Ok(answer.body),
                ERROR => {
                    let text = string_at(&answer.body, 0).or(answer.error).unwrap_or_else(|| "it failed".into());
                    return Err(io::Error::other(text));
                }
                _ => {}
            }
        }
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            let mut byte = [0];
            self.socket.read_exact(&mut byte)?;
            line.push(byte[0]);
            if line.len() > LONGEST_LINE {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    fn answer(&mut self) -> io::Result<Answer> {
        let mut fixed = [0; FIXED];
        self.socket.read_exact(&mut fixed)?;
        let number = |at: usize| u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]) as usize;
        let (body, fields) = (number(4), number(12));
        let all = fields.checked_next_multiple_of(8).and_then(|fields| fields.checked_add(body));
        if fixed[0] != b'l' || all.is_none_or(|all| all > LONGEST_ANSWER) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut rest = vec![0; fields.next_multiple_of(8) + body];
        self.socket.read_exact(&mut rest)?;
        let body = rest.split_off(fields.next_multiple_of(8));
        rest.truncate(fields);
        let (reply_to, error) = read_fields(&rest);
        Ok(Answer { kind: fixed[1], reply_to, error, body })
    }
}

/// What came over the bus.
struct Answer {
    kind: u8,
    reply_to: Option<u32>,
    error: Option<String>,
    body: Vec<u8>,
}

fn message(serial: u32, method: Method<'_>, types: &str, body: &[u8]) -> Vec<u8> {
    let mut out = Body { bytes: vec![b'l', CALL, 0, 1] };
    out.u32(u32::try_from(body.len()).unwrap_or(u32::MAX));
    out.u32(serial);
    let fields = out.begin_array(8);
    for (number, kind, text) in [
        (PATH, "o", method.path),
        (INTERFACE, "s", method.interface),
        (MEMBER, "s", method.member),
        (DESTINATION, "s", method.destination),
    ] {
        out.align(8);
        out.bytes.push(number);
        out.signature(kind);
        out.string(text);
    }
    if !types.is_empty() {
        out.align(8);
        out.bytes.push(SIGNATURE);
        out.signature("g");
        out.signature(types);
    }
    out.end_array(fields);
    out.align(8);
    out.bytes.extend_from_slice(body);
    out.bytes
}

/// The serial that is answered, and an error's name: as far as fields of known types go.
fn read_fields(bytes: &[u8]) -> (Option<u32>, Option<String>) {
    let (mut at, mut serial, mut error) = (0_usize, None, None);
    while let Some(&number) = bytes.get(at) {
        // A signature of one type: its length, the type, NUL.
        let Some(&kind) = bytes.get(at + 2) else { break };
        at += 4;
        match kind {
            b'u' => {
                at = at.next_multiple_of(4);
                serial = number_at(bytes, at).filter(|_| number == REPLY_SERIAL).or(serial);
                at += 4;
            }
            b's' | b'o' => {
                at = at.next_multiple_of(4);
                let Some(text) = string_at(bytes, at) else { break };
                at += 4 + text.len() + 1;
                error = Some(text).filter(|_| number == ERROR_NAME).or(error);
            }
            b'g' => at += bytes.get(at).map_or(0, |length| usize::from(*length)) + 2,
            _ => break,
        }
        at = at.next_multiple_of(8);
    }
    (serial, error)
}

fn number_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

/// A string that stands in an answer.
pub fn string_at(bytes: &[u8], at: usize) -> Option<String> {
    let length = number_at(bytes, at)? as usize;
    let text = bytes.get(at + 4..)?.get(..length)?;
    Some(String::from_utf8_lossy(text).into_owned())
}

impl Body {
    /// Fills up to a multiple of this.
    pub fn align(&mut self, to: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(to), 0);
    }

    /// Adds a number (`u`), or `1` or `0` for a truth (`b`).
    pub fn u32(&mut self, number: u32) {
        self.align(4);
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    /// Adds a small number (`y`).
    pub fn byte(&mut self, number: u8) {
        self.bytes.push(number);
    }

    /// Adds a text (`s`), or the path of an object (`o`).
    pub fn string(&mut self, text: &str) {
        self.u32(u32::try_from(text.len()).unwrap_or(u32::MAX));
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0);
    }

    /// Adds a signature (`g`); before any value it makes that a variant (`v`).
    pub fn signature(&mut self, types: &str) {
        self.bytes.push(types.len() as u8);
        self.bytes.extend_from_slice(types.as_bytes());
        self.bytes.push(0);
    }

    /// Begins an array of elements that are aligned to this: 8 for structures, 4 for numbers and
    /// texts.
    pub fn begin_array(&mut self, alignment: usize) -> ArrayStart {
        self.u32(0);
        let length_at = self.bytes.len() - 4;
        self.align(alignment);
        ArrayStart { length_at, first_at: self.bytes.len() }
    }

    /// Ends it.
    pub fn end_array(&mut self, start: ArrayStart) {
        let length = u32::try_from(self.bytes.len() - start.first_at).unwrap_or(u32::MAX);
        self.bytes[start.length_at..start.length_at + 4].copy_from_slice(&length.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::{Body, Bus, Method, message, read_fields, string_at};
    use crate::sys::polling;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    #[test]
    fn a_call_is_laid_out_as_the_specification_has_it() {
        let mut body = Body::default();
        body.string("hi");
        let method = Method { destination: "a.b", path: "/a", interface: "a.b", member: "Do" };
        let bytes = message(7, method, "s", &body.bytes);
        assert_eq!(bytes[..12], [b'l', 1, 0, 1, 7, 0, 0, 0, 7, 0, 0, 0]);
        assert_eq!(&bytes[16..28], b"\x01\x01o\0\x02\0\0\0/a\0\0");
        assert!(bytes.ends_with(b"\x02\0\0\0hi\0") && (bytes.len() - 7).is_multiple_of(8));
    }

    #[test]
    fn fields_that_are_cut_or_unknown_end_the_reading() {
        assert_eq!(read_fields(b"\x05\x01u\0\x09\0\0\0"), (Some(9), None));
        for cut in 0..8 {
            let _ = read_fields(&b"\x05\x01u\0\x09\0\0\0"[..cut]);
        }
        assert_eq!(read_fields(b"\x05\x01x\0"), (None, None));
        assert_eq!(string_at(b"\xff\xff\xff\xffab", 0), None);
    }

    #[test]
    fn a_real_bus_answers() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("bus");
        let address = format!("--address=unix:path={}", path.display());
        let daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", &address])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut daemon) = daemon else { return eprintln!("NOT TESTED HERE: there is no dbus-daemon") };
        let patience = Duration::from_secs(10);
        let mut tries = 0;
        let mut bus = loop {
            match Bus::connect(&path, patience) {
                Ok(bus) => break bus,
                Err(_) if tries < 500 => tries += 1,
                Err(e) => panic!("{e}"),
            }
            polling::pause(Duration::from_millis(10));
        };
        let (name, path) = ("org.freedesktop.DBus", "/org/freedesktop/DBus");
        let mut body = Body::default();
        body.string("org.freedesktop.DBus");
        let method = Method { destination: name, path, interface: name, member: "GetNameOwner" };
        let owner = bus.call(method, "s", &body).expect("an owner");
        assert_eq!(string_at(&owner, 0).as_deref(), Some("org.freedesktop.DBus"));
        let method = Method { member: "Nothing", ..method };
        let refused = bus.call(method, "", &Body::default()).expect_err("no such method");
        assert!(refused.to_string().contains("Nothing"), "{refused}");
        let _ = daemon.kill();
        let _ = daemon.wait();
    }
}

//! The desktop's notifications. *Source*: Desktop Notifications Specification, "D-BUS Protocol";
//! D-Bus Specification, "Server Addresses".

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, io};

use super::notice::{Notice, Urgency};
use crate::sys::dbus::{Body, Bus, Method};

const ADDRESS: &str = "DBUS_SESSION_BUS_ADDRESS";
const RUNTIME: &str = "XDG_RUNTIME_DIR";
const PATIENCE: Duration = Duration::from_secs(2);
/// As long as the desktop likes.
const EXPIRES: u32 = u32::MAX;

/// Shows a message; `None` where there is no desktop.
pub fn show(notice: &Notice) -> Option<io::Result<()>> {
    Some(ask(&bus()?, notice))
}

fn ask(path: &Path, notice: &Notice) -> io::Result<()> {
    let mut bus = Bus::connect(path, PATIENCE)?;
    let name = "org.freedesktop.Notifications";
    let method =
        Method { destination: name, path: "/org/freedesktop/Notifications", interface: name, member: "Notify" };
    bus.call(method, "susssasa{sv}i", &body(notice)).map(drop)
}

/// The name of whoever tells, what it replaces, an icon, title, text, actions, hints, and how long.
fn body(notice: &Notice) -> Body {
    let mut body = Body::default();
    body.string("aos");
    body.u32(0);
    body.string("");
    body.string(&notice.title);
    body.string(&escaped(&notice.message));
    let actions = body.begin_array(4);
    body.end_array(actions);
    let hints = body.begin_array(8);
    body.align(8);
    body.string("urgency");
    body.signature("y");
    body.byte(match notice.urgency {
        Urgency::Low => 0,
        Urgency::Normal => 1,
        Urgency::Critical => 2,
    });
    body.end_array(hints);
    body.u32(EXPIRES);
    body
}

/// The text may be read as markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The socket of the session's bus: the first address that is a path, else where systemd has it.
fn bus() -> Option<PathBuf> {
    let addresses = env::var(ADDRESS).unwrap_or_default();
    let named = addresses.split(';').find_map(path_of);
    named.or_else(|| Some(PathBuf::from(env::var_os(RUNTIME)?).join("bus")).filter(|path| path.exists()))
}

fn path_of(address: &str) -> Option<PathBuf> {
    let value = address.strip_prefix("unix:")?.split(',').find_map(|pair| pair.strip_prefix("path="))?;
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    Some(OsString::from_vec(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::{escaped, path_of};
    use std::path::Path;

    #[test]
    fn the_paths_of_addresses_are_read() {
        let read = |address: &str| path_of(address);
        assert_eq!(read("unix:path=/run/user/7/bus").as_deref(), Some(Path::new("/run/user/7/bus")));
        assert_eq!(read("unix:guid=1,path=/a%20b%2c").as_deref(), Some(Path::new("/a b,")));
        assert_eq!((read("unix:abstract=/x"), read("tcp:host=x"), read("unix:path=/a%2")), (None, None, None));
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(escaped("<b>&"), "&lt;b&gt;&amp;");
    }
}

//! A scope of systemd's for one task: the only way into version 2 control groups for a user who is
//! no administrator. The supervisor stands in `sup`, and each run in a group of its own beside it,
//! so that whoever counts survives what is counted. *Source*: org.freedesktop.systemd1(5),
//! systemd.resource-control(5), "Delegate=".

use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io};

use crate::sys::cgroup::places::CgroupPlaces;
use crate::sys::dbus::{Body, Bus, Method};
use crate::sys::{errno_text, polling};
use crate::task::os_bytes::OsBytes;
use crate::task::spec::Spec;

/// How long systemd may take for anything: milliseconds, but on a busy machine.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(1);
/// The supervisor's own group within the scope.
const SUPERVISOR: &str = "sup";

/// The directory of the scope that this supervisor has, or gets now: `None` where there is no
/// systemd. *Errors*: why it gets none, in words.
pub fn of(spec: &Spec) -> Option<Result<PathBuf, String>> {
    if !Path::new("/run/systemd/system").exists() {
        return None;
    }
    let unit = format!("aos-{}-{}.scope", spec.id, spec.nonce);
    let here = CgroupPlaces::here();
    let own = here.unified()?;
    if own.file_name() == Some(SUPERVISOR.as_ref()) && own.parent()?.file_name() == Some(unit.as_ref()) {
        return own.parent().map(|scope| Ok(scope.to_owned()));
    }
    // It was moved here later than anybody waited for.
    let entered = match own.file_name() == Some(unit.as_ref()) {
        true => stand_aside(own),
        false => enter(spec, &unit),
    };
    Some(entered.map_err(|e| match e.kind() {
        io::ErrorKind::WouldBlock => "systemd gives no scope: it does not answer in time".to_owned(),
        _ => format!("systemd gives no scope: {}", errno_text::of(&e)),
    }))
}

fn enter(spec: &Spec, unit: &str) -> io::Result<PathBuf> {
    begin(&bus_of(spec), unit, &format!("aos {} ({})", spec.id, spec.name))?;
    let deadline = Instant::now() + PATIENCE;
    let scope = loop {
        let here = CgroupPlaces::here();
        match here.unified() {
            Some(dir) if dir.file_name() == Some(unit.as_ref()) => break dir.to_owned(),
            Some(_) | None if Instant::now() >= deadline => {
                return Err(io::Error::other("it has not moved the supervisor in time"));
            }
            Some(_) | None => polling::pause(PAUSE),
        }
    };
    stand_aside(&scope)
}

/// Moves this process out of the way of what the scope is for.
fn stand_aside(scope: &Path) -> io::Result<PathBuf> {
    let sup = scope.join(SUPERVISOR);
    match fs::create_dir(&sup) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
        Ok(()) | Err(_) => {}
    }
    fs::File::options().write(true).open(sup.join("cgroup.procs"))?.write_all(b"0")?;
    Ok(scope.to_owned())
}

/// Where the manager of this user's units is asked; of the administrator's it is the system's.
fn bus_of(spec: &Spec) -> PathBuf {
    let uid = nix::unistd::geteuid();
    if uid.is_root() {
        return "/run/dbus/system_bus_socket".into();
    }
    let runtime = spec.variable("XDG_RUNTIME_DIR").map(OsBytes::as_path);
    let usual = PathBuf::from(format!("/run/user/{uid}"));
    runtime.filter(|dir| dir.as_os_str().as_bytes().starts_with(b"/")).unwrap_or(&usual).join("bus")
}

/// Has a scope begun with this process in it.
fn begin(bus: &Path, unit: &str, description: &str) -> io::Result<()> {
    let mut body = Body::default();
    body.string(unit);
    body.string("fail");
    let properties = body.begin_array(8);
    body.align(8);
    body.string("PIDs");
    body.signature("au");
    let pids = body.begin_array(4);
    body.u32(std::process::id());
    body.end_array(pids);
    body.align(8);
    body.string("Delegate");
    body.signature("b");
    body.u32(1);
    for (name, value) in [("Description", description), ("CollectMode", "inactive-or-failed")] {
        body.align(8);
        body.string(name);
        body.signature("s");
        body.string(value);
    }
    body.end_array(properties);
    let others = body.begin_array(8);
    body.end_array(others);
    let method = Method {
        destination: "org.freedesktop.systemd1",
        path: "/org/freedesktop/systemd1",
        interface: "org.freedesktop.systemd1.Manager",
        member: "StartTransientUnit",
    };
    Bus::connect(bus, PATIENCE)?.call(method, "ssa(sv)a(sa(sv))", &body).map(drop)
}

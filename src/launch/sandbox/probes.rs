//! Whether each promise can be kept on this machine: found by entering a sandbox that makes only
//! this one, in a process of its own, and trying what it forbids.

use std::fs;
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use super::{Broken, PreparedSandbox, Tell, missing};
use crate::launch::LaunchFailure;
use crate::sys::{confinement, landlock, spawn};
use crate::task::sandbox::guarantee::Guarantee;
use crate::task::sandbox::profile::{Place, Profile};
use crate::task::sandbox::{Network, Sandbox};

/// What was found of one promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The promise.
    pub guarantee: Guarantee,
    /// What keeps it; or why nothing does.
    pub found: Result<String, String>,
}

/// What is tried in a process that is confined.
#[derive(Clone, Copy)]
struct Trial<'a> {
    sandbox: &'a PreparedSandbox,
    /// A port of this machine on which somebody listens, if that is tried.
    port: Option<u16>,
}

/// Tries each promise that a sandbox makes.
pub fn all(asked: &Sandbox) -> Vec<Finding> {
    let room = match ProbeFiles::make() {
        Ok(room) => room,
        Err(e) => {
            let why = format!("nothing can be tried in {}: {e}", std::env::temp_dir().display());
            return asked.holds().into_iter().map(|guarantee| Finding { guarantee, found: Err(why.clone()) }).collect();
        }
    };
    asked.holds().into_iter().map(|guarantee| Finding { guarantee, found: room.try_one(asked, guarantee) }).collect()
}

/// Some files to try with, which go with this value.
struct ProbeFiles(PathBuf);

impl ProbeFiles {
    fn make() -> io::Result<ProbeFiles> {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let at = fs::canonicalize(std::env::temp_dir())?;
        let room = ProbeFiles(at.join(format!("aos-probe-{}-{:x}", std::process::id(), now.as_nanos())));
        fs::create_dir(&room.0)?;
        fs::create_dir_all(room.project().join(".git"))?;
        fs::create_dir_all(room.0.join("home/.ssh"))?;
        for file in ["home/.ssh/key", "home/.bashrc", "home/project/.git/config"] {
            fs::File::create(room.0.join(file))?;
        }
        Ok(room)
    }

    fn project(&self) -> PathBuf {
        self.0.join("home/project")
    }

    fn try_one(&self, asked: &Sandbox, guarantee: Guarantee) -> Result<String, String> {
        let home = self.0.join("home");
        let place = Place { home: &home, state: &home.join(".agent-os"), project: &self.project(), temporary: &self.0 };
        let others = Guarantee::ALL.into_iter().filter(|other| *other != guarantee).collect();
        let sandbox =
            Profile { network: Some(asked.network), ..Profile::default() }.at("probe", &place).without(others);
        let secret = match guarantee {
            Guarantee::Reads => Some(home.join(".ssh/key")),
            _ => None,
        };
        let tried = self.enter(&sandbox, secret.as_deref(), guarantee);
        tried.map(|()| means(guarantee, asked.network)).map_err(|failure| failure.why)
    }

    fn enter(&self, sandbox: &Sandbox, secret: Option<&Path>, guarantee: Guarantee) -> Result<(), LaunchFailure> {
        let failed = |e: io::Error| missing(guarantee, &e);
        let is_loopback = guarantee == Guarantee::Network && sandbox.network == Network::Loopback;
        let listener = is_loopback.then(|| TcpListener::bind(("127.0.0.1", 0))).transpose().map_err(failed)?;
        let port = listener.as_ref().map(|listener| listener.local_addr().map(|address| address.port()));
        let port = port.transpose().map_err(failed)?;
        let (mut prepared, decider) = PreparedSandbox::of(sandbox, &self.0, Vec::new(), secret, Tell::Nothing)?;
        if guarantee == Guarantee::Writes {
            prepared.trials.unwritable.extend(super::files::as_c(&self.0.join("home/.bashrc")));
        }
        let trial = Trial { sandbox: &prepared, port };
        let (pid, tried) = spawn::vfork_exec(trial, try_in_it).map_err(failed)?;
        let _ = waitpid(Pid::from_raw(pid), None);
        // Whoever decides for it ends with it.
        drop(prepared);
        if let Some(mut decider) = decider {
            let _ = decider.child.wait();
        }
        tried.unwrap_or(Ok(())).map_err(Broken::explain)
    }
}

impl Drop for ProbeFiles {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// In the new process, which takes no memory.
fn try_in_it(trial: Trial<'_>) -> Result<(), Broken> {
    /// Of a network that is there for examples alone (RFC 5737).
    const ELSEWHERE: [u8; 4] = [192, 0, 2, 1];
    trial.sandbox.enter()?;
    let of = |why| Broken { guarantee: Guarantee::Network, why };
    if let Some(port) = trial.port {
        confinement::try_connection([127, 0, 0, 1], port).map_err(of)?;
        match confinement::try_connection(ELSEWHERE, port) {
            Err(nix::errno::Errno::EACCES) => {}
            Ok(()) | Err(_) => return Err(of(nix::errno::Errno::UnknownErrno)),
        }
    }
    Ok(())
}

/// What keeps the promise, where it is kept.
fn means(guarantee: Guarantee, network: Network) -> String {
    match guarantee {
        Guarantee::Reads | Guarantee::Writes => {
            format!("Landlock, version {}", landlock::version().unwrap_or_default())
        }
        Guarantee::Protected => "a mount namespace".to_owned(),
        Guarantee::Network if network == Network::Loopback => {
            "a seccomp filter, and a process that decides of connections".to_owned()
        }
        Guarantee::UnixSockets | Guarantee::Network | Guarantee::Syscalls => "a seccomp filter".to_owned(),
        Guarantee::Environment => "variables are left out".to_owned(),
        Guarantee::Privileges => "no_new_privs".to_owned(),
    }
}

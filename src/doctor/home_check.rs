//! The place where the state lives, and what lives beside it.

use std::env;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use super::check::Check;
use super::check::CheckStatus::{Bad, Ok as Good, Unknown, Warn};
use super::retention_check;
use crate::shell::Shell;
use crate::store::StoreError;
use crate::store::layout::{AGENT_OS_HOME, AOS_HOME, Home, SHELL, TASKS, chosen_path, look};
use crate::store::registry::Registry;
use crate::sys::dir::Dir;
use crate::sys::{disk, regular};
use crate::task::status::Status;

/// With less than this, logs will soon be incomplete. *Units*: bytes.
const SCARCE: u64 = 200 << 20;
const MIB: u64 = 1 << 20;
/// A script or a version that is longer is of somebody else. *Units*: bytes.
const LONGEST_TEXT: u64 = MIB;
/// So many lost tasks are named.
const MOST_NAMED: usize = 5;

/// The checks of the home. `installed`: the shells whose start file names a script there. *Errors*:
/// the home is not one that aos would use.
pub fn checks(installed: &[Shell]) -> Result<Vec<Check>, StoreError> {
    let path = chosen_path()?;
    let root = look(&path)?;
    let mut checks = vec![place(&path, root.as_ref())];
    checks.extend(space(&path));
    checks.extend(installed.iter().map(|shell| script(&path, *shell)));
    if let Some(root) = root {
        checks.extend(neighbour(&path, &root));
        checks.push(lost(&path, &root)?);
        if root.sub(TASKS).is_ok() {
            checks.extend(retention_check::checks(&Home::at(&path)?));
        }
    }
    Ok(checks)
}

fn place(path: &Path, root: Option<&Dir>) -> Check {
    let shown = path.display();
    let whence = whence();
    if root.is_none() {
        return Check::new("home", Good, format!("tasks will be in {shown}, made by the first{whence}"));
    }
    match access(path, AccessFlags::W_OK | AccessFlags::X_OK) {
        Ok(()) => Check::new("home", Good, format!("tasks are in {shown}, which is yours alone to write{whence}")),
        Err(e) => {
            Check::new("home", Bad, format!("tasks are in {shown}, which cannot be written: {}{whence}", e.desc()))
                .hint(format!("chmod u+rwx {shown}, or set AOS_HOME to another directory"))
        }
    }
}

/// Which variables chose the home, and which did not come to.
fn whence() -> String {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(|v| v.to_string_lossy().into_owned());
    match (set(AOS_HOME), set(AGENT_OS_HOME)) {
        (Some(_), Some(other)) => format!(" (${AOS_HOME} says so, and wins over ${AGENT_OS_HOME}, {other})"),
        (Some(_), None) => format!(" (${AOS_HOME} says so)"),
        (None, Some(_)) => format!(" (${AGENT_OS_HOME} says so)"),
        (None, None) => String::new(),
    }
}

fn space(home: &Path) -> Option<Check> {
    let there = home.ancestors().find(|path| path.exists())?;
    Some(match disk::free(there) {
        Ok(free) => judge_space(free),
        Err(e) => Check::new("space", Unknown, format!("not known: how much space is left: {e}")),
    })
}

fn judge_space(free: u64) -> Check {
    match free < SCARCE {
        true => Check::new("space", Warn, format!("only {} MiB are free where logs are written", free / MIB))
            .hint("aos clean removes tasks that ended long ago, with their logs"),
        false => Check::new("space", Good, format!("{} MiB are free where logs are written", free / MIB)),
    }
}

/// The script that the start file's line names.
fn script(home: &Path, shell: Shell) -> Check {
    let path = home.join(SHELL).join(shell.script_name());
    let shown = path.display();
    let renew = format!("aos init --install {shell}");
    match regular::read(&path, LONGEST_TEXT) {
        Ok(bytes) if bytes == shell.script().as_bytes() => {
            Check::new("script-file", Good, format!("{shown} is of this aos"))
        }
        Ok(_) => Check::new("script-file", Warn, format!("{shown} is of another aos")).hint(renew),
        Err(e) => Check::new("script-file", Bad, format!("{shown} cannot be read: {e}")).hint(renew),
    }
}

/// The older Agent OS, if it is installed in the same place.
fn neighbour(home: &Path, root: &Dir) -> Option<Check> {
    let version = root.read("VERSION", LONGEST_TEXT).ok();
    let tool: Option<PathBuf> = Some(home.join("tools/aos")).filter(|tool| tool.exists());
    let version = version.map(|bytes| {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(32)]).into_owned();
        format!(" {}", text.lines().next().unwrap_or_default())
    });
    let of_tool = tool.as_ref().map(|tool| format!("; its own aos is {}", tool.display()));
    (version.is_some() || tool.is_some()).then(|| {
        let message = format!(
            "an Agent OS{} is installed in the same place, and left alone{}",
            version.unwrap_or_default(),
            of_tool.unwrap_or_default()
        );
        Check::new("agent-os", Good, message)
    })
}

fn lost(path: &Path, root: &Dir) -> Result<Check, StoreError> {
    if root.sub(TASKS).is_err() {
        return Ok(Check::new("tasks", Good, "there are no tasks yet"));
    }
    let registry = Registry::open(&Home::at(path)?)?;
    let rows = registry.rows();
    let lost: Vec<String> =
        rows.iter().filter(|row| row.status == Status::Lost).map(|row| row.id.to_string()).collect();
    let Some(newest) = lost.last() else { return Ok(Check::new("tasks", Good, "no task is lost")) };
    let named = lost.iter().rev().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if lost.len() > MOST_NAMED { ", …" } else { "" };
    Ok(Check::new("tasks", Warn, format!("lost, for their supervisor is gone: {named}{more}"))
        .hint(format!("aos why {newest} tells more; aos restart {newest} begins it again, aos rm {newest} forgets it")))
}

#[cfg(test)]
mod tests {
    use super::{MIB, SCARCE, judge_space};
    use crate::doctor::check::CheckStatus;

    #[test]
    fn little_space_is_told() {
        assert_eq!(judge_space(SCARCE).state, CheckStatus::Ok);
        let scarce = judge_space(SCARCE - 1);
        assert_eq!((scarce.state, scarce.message.contains("199 MiB")), (CheckStatus::Warn, true));
        assert!(judge_space(5 * MIB).message.contains("only 5 MiB"));
    }
}

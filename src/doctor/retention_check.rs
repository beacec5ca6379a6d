//! What is kept of tasks, beside what the user has set.

use std::io;

use super::check::Check;
use super::check::CheckStatus::{Bad, Ok as Good, Unknown, Warn};
use crate::store::disk_usage::DiskUsage;
use crate::store::layout::{Home, LOGS, TASKS};
use crate::store::{StoreError, markers, removed_files};
use crate::sys::dir::{ASIDE, Dir};
use crate::units::size;

/// The checks of the settings and of what is kept.
pub fn checks(home: &Home) -> Vec<Check> {
    let (logs, settings) = match home.config() {
        Ok(config) => (config.logs, None),
        Err(why) => (crate::config::LogSettings::default(), Some(unread(&why))),
    };
    let kept = match DiskUsage::take(home) {
        Ok(stock) => judge(stock.tasks, stock.past.len(), stock.size(), logs.total.0),
        Err(why) => Check::new("logs", Unknown, format!("not known: what logs take: {why}")),
    };
    settings.into_iter().chain([kept]).chain(removed(home)).chain(aside(home)).collect()
}

/// What removed tasks have left.
fn removed(home: &Home) -> Option<Check> {
    let count = markers::removed(home).len();
    let files = format!("the files of {count} removed task{}", if count == 1 { "" } else { "s" });
    match count {
        0 => None,
        _ if removed_files::is_being_cleared(home) => {
            Some(Check::new("removed", Good, format!("{files} are being deleted")))
        }
        _ => Some(Check::new("removed", Warn, format!("{files} are still there")).hint("aos clean deletes them")),
    }
}

/// What stood in the place of a file and was moved aside.
fn aside(home: &Home) -> Option<Check> {
    let names = |dir: io::Result<Dir>| dir.and_then(|dir| dir.names()).unwrap_or_default();
    let found = [LOGS, TASKS].into_iter().flat_map(|dir| {
        let names = names(home.root.sub(dir)).into_iter().filter(|name| name.contains(ASIDE));
        names.map(move |name| format!("{dir}/{name}"))
    });
    let mut found: Vec<String> = found.collect();
    found.sort();
    let first = found.first()?;
    let message = format!("something else stood in a file's place and was moved aside: {}", found.join(", "));
    Some(
        Check::new("aside", Warn, message)
            .hint(format!("look what it is, and remove it: {}/{first}", home.path.display())),
    )
}

fn unread(why: &StoreError) -> Check {
    Check::new("config", Bad, why.to_string())
        .hint("until that is mended, logs are kept as usual and no task is removed by itself")
}

fn judge(tasks: usize, over: usize, size: u64, budget: u64) -> Check {
    let (taken, most) = (size::of_bytes(size), size::of_bytes(budget));
    let said =
        format!("logs take {taken} on disk, of {most} that they may; tasks that are kept: {tasks}, over: {over}");
    match size > budget {
        true => Check::new("logs", Warn, said)
            .hint("aos clean removes old tasks and shortens logs; it is also done as tasks end"),
        false => Check::new("logs", Good, said),
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::doctor::check::CheckStatus;

    #[test]
    fn too_much_is_told() {
        let check = judge(2, 1, 1 << 20, 1 << 30);
        let said = "logs take 1.0 MiB on disk, of 1.0 GiB that they may; tasks that are kept: 2, over: 1";
        assert_eq!(check.message, said);
        assert_eq!((check.state, judge(2, 1, 11, 10).state), (CheckStatus::Ok, CheckStatus::Warn));
    }
}

//! What changed in a directory within a time: files, as they say themselves, and commits, as git
//! has put them down. Files are read, nothing is run.

use std::path::Path;
use std::time::{Duration, Instant};

use ignore::WalkBuilder;

use super::git_directory;
use crate::sys::regular;
use crate::units::wall_time::WallTime;

/// No more entries are looked at, and for no longer.
const MOST_LOOKED_AT: usize = 50_000;
const LONGEST_LOOK: Duration = Duration::from_millis(400);
/// No more files and commits are named.
const MOST_FILES: usize = 40;
const MOST_COMMITS: usize = 10;
/// A file with commits is no longer. *Units*: bytes.
const LARGEST: u64 = 8 << 20;

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files that are there, what git ignores left out, from the directory, newest first.
    pub files: Vec<String>,
    /// How many more.
    pub more: usize,
    /// What became the newest commit, in order: its id and what is said of it.
    pub commits: Vec<String>,
}

impl Changes {
    /// In a directory and below, `except` left out, from a time on, up to another one.
    pub fn between(dir: &Path, except: &Path, from: WallTime, to: Option<WallTime>) -> Changes {
        let is_within = |time: WallTime| time > from && to.is_none_or(|to| time <= to);
        let mut files = files(dir, except, &is_within);
        files.sort_by(|a, b| b.cmp(a));
        let more = files.len().saturating_sub(MOST_FILES);
        let files = files.into_iter().take(MOST_FILES).map(|(_, name)| name).collect();
        Changes { files, more, commits: commits(dir, &is_within) }
    }
}

fn files(dir: &Path, except: &Path, is_within: &dyn Fn(WallTime) -> bool) -> Vec<(WallTime, String)> {
    let (began, except) = (Instant::now(), except.to_owned());
    let is_source = |name: &std::ffi::OsStr| name != ".git" && name != "node_modules" && name != "__pycache__";
    let walk = WalkBuilder::new(dir)
        .hidden(false)
        .follow_links(false)
        .same_file_system(true)
        .filter_entry(move |entry| is_source(entry.file_name()) && entry.path() != except)
        .build();
    let entries = walk.take(MOST_LOOKED_AT).take_while(|_| began.elapsed() < LONGEST_LOOK).filter_map(Result::ok);
    let changed = entries.filter_map(|entry| {
        let metadata = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
        let time = WallTime::from(metadata.modified().ok()?);
        let name = entry.path().strip_prefix(dir).ok()?.to_string_lossy().into_owned();
        is_within(time).then_some((time, name))
    });
    changed.collect()
}

/// From the reference log of HEAD. *Source*: gitformat-reflog: `OLD NEW NAME <MAIL> SECONDS
/// ZONE<TAB>WHAT`.
fn commits(dir: &Path, is_within: &dyn Fn(WallTime) -> bool) -> Vec<String> {
    let Some(git) = git_directory::of(dir) else { return Vec::new() };
    let log = regular::read(&git.join("logs/HEAD"), LARGEST).unwrap_or_default();
    let log = String::from_utf8_lossy(&log).into_owned();
    let commit = |line: &str| {
        let (head, what) = line.split_once('\t')?;
        let id = head.split(' ').nth(1)?;
        let seconds: i64 = head.rsplit(' ').nth(1)?.parse().ok()?;
        let within = is_within(WallTime(seconds.checked_mul(1000)?));
        (within && id.len() >= 40 && id.is_ascii()).then(|| format!("{} {what}", &id[..10]))
    };
    let mut commits: Vec<String> = log.lines().rev().filter_map(commit).take(MOST_COMMITS).collect();
    commits.reverse();
    commits
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::Write;

    use std::path::Path;

    use super::Changes;
    use crate::units::wall_time::WallTime;

    #[test]
    fn what_changed_within_a_time_is_told() {
        let place = tempfile::tempdir().expect("a directory");
        let dir = place.path();
        fs::create_dir_all(dir.join(".git/logs")).expect("made");
        fs::create_dir_all(dir.join("node_modules/x")).expect("made");
        let write = |name: &str, text: &str, seconds: i64| {
            let mut file = File::create(dir.join(name)).expect("made");
            file.write_all(text.as_bytes()).expect("written");
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds as u64);
            file.set_modified(time).expect("set");
        };
        write(".gitignore", "built\n", 5);
        for (name, at) in [("old.c", 10), ("new.c", 20), ("later.c", 40), ("built", 20), ("node_modules/x/a.js", 20)] {
            write(name, "x", at);
        }
        let id = "0123456789abcdef0123456789abcdef01234567";
        let line = |at: i64, what: &str| format!("{id} {id} A B <a@b> {at} +0100\t{what}\n");
        write(".git/logs/HEAD", &[line(1, "commit: one"), line(22, "commit: two")].concat(), 22);
        let changes = Changes::between(dir, Path::new("/home"), WallTime(15_000), Some(WallTime(30_000)));
        assert_eq!(changes.files, ["new.c"]);
        assert_eq!(changes.commits, ["0123456789 commit: two"]);
        assert_eq!(Changes::between(dir, Path::new("/home"), WallTime(15_000), None).files, ["later.c", "new.c"]);
    }
}

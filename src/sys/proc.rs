//! What /proc says of processes and of this machine. *Source*: proc(5).

use std::collections::{HashSet, VecDeque};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::{fs, io};

use super::proc_file;

/// A kernel thread. *Source*: linux/sched.h.
const PF_KTHREAD: u32 = 0x0020_0000;

/// One process as /proc/PID/stat shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Process id.
    pub pid: i32,
    /// Parent's process id.
    pub parent: i32,
    /// Its process group.
    pub group: i32,
    /// The kernel's flags for it (PF_…).
    pub flags: u32,
    /// State letter: R, S, D, T, Z, …
    pub state: char,
    /// Name: the first 15 bytes of the program's.
    pub name: String,
    /// How many threads it has.
    pub threads: u32,
    /// When it began. *Units*: clock ticks since boot.
    pub start: u64,
}

impl Process {
    /// Whether it is a part of the kernel, which executes no program.
    pub fn is_kernels(&self) -> bool {
        self.flags & PF_KTHREAD != 0
    }

    /// Whether a signal has stopped it where it is.
    pub fn is_stopped(&self) -> bool {
        self.state == 'T'
    }

    /// Whether it has ended and only waits to be collected.
    pub fn is_zombie(&self) -> bool {
        self.state == 'Z'
    }
}

/// What the kernel says of one process, as text. *Errors*: NotFound when there is none.
pub fn stat_text(pid: i32) -> io::Result<Vec<u8>> {
    proc_file::bytes(format!("/proc/{pid}/stat"))
}

/// Reads one process. *Errors*: NotFound when there is none.
pub fn stat(pid: i32) -> io::Result<Process> {
    let text = stat_text(pid)?;
    parse_stat(&String::from_utf8_lossy(&text)).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Every process that this one can see, at one pass; some may have ended since.
pub fn all() -> io::Result<Vec<Process>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        if let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok())
            && let Ok(process) = stat(pid)
        {
            found.push(process);
        }
    }
    Ok(found)
}

/// Whether a process ignores what an interactive shell ignores: to be asked to end, and to be
/// stopped as a job. *Source*: bash(1), "SIGNALS"; POSIX, sh, `-m`.
pub fn is_interactive_shell(pid: i32) -> bool {
    let status = proc_file::text(format!("/proc/{pid}/status")).unwrap_or_default();
    let ignored = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    let bit = |signal: i32| 1_u64 << (signal - 1);
    let needed = bit(libc::SIGTERM) | bit(libc::SIGTSTP) | bit(libc::SIGTTOU);
    ignored.is_some_and(|ignored| ignored & needed == needed)
}

/// The living descendants of `root`, parents before children. `is_apart` names processes that are
/// left out together with everything below them. Costs what they number, not what runs on the
/// machine.
pub fn descendants(root: i32, is_apart: impl Fn(&Process) -> bool) -> io::Result<Vec<Process>> {
    // A list of children that changes while it is read may lack some, and an orphan goes to a list
    // that was read before.
    const MOST_WALKS: usize = 5;
    let (mut found, mut apart) = (Vec::new(), HashSet::new());
    for _ in 0..MOST_WALKS {
        let before = (found.len(), apart.len());
        match walk(root, &is_apart, &mut found, &mut apart) {
            // Not every kernel lists children.
            Err(_) => return family(|process| process.parent == root, is_apart),
            Ok(()) if (found.len(), apart.len()) == before => break,
            Ok(()) => {}
        }
    }
    Ok(found)
}

/// Adds those that are not known yet. *Errors*: when the root's children cannot be listed.
fn walk(
    root: i32,
    is_apart: impl Fn(&Process) -> bool,
    found: &mut Vec<Process>,
    apart: &mut HashSet<i32>,
) -> io::Result<()> {
    let mut inside: HashSet<i32> = found.iter().map(|process: &Process| process.pid).collect();
    let mut parents = VecDeque::from([root]);
    while let Some(parent) = parents.pop_front() {
        let children = match children(parent) {
            Err(e) if parent == root => return Err(e),
            children => children.unwrap_or_default(),
        };
        for pid in children {
            let Ok(process) = stat(pid) else { continue };
            if apart.contains(&pid) || is_apart(&process) {
                apart.insert(pid);
                continue;
            }
            parents.push_back(pid);
            if !process.is_zombie() && inside.insert(pid) {
                found.push(process);
            }
        }
    }
    Ok(())
}

/// The same for processes that are found by more than their parent, and those themselves.
pub fn family(is_root: impl Fn(&Process) -> bool, is_apart: impl Fn(&Process) -> bool) -> io::Result<Vec<Process>> {
    let mut everyone = all()?;
    let mut inside = HashSet::new();
    let mut found = Vec::new();
    loop {
        let (below, rest): (Vec<_>, Vec<_>) =
            everyone.into_iter().partition(|p| inside.contains(&p.parent) || is_root(p));
        if below.is_empty() {
            return Ok(found);
        }
        for process in below.into_iter().filter(|p| !is_apart(p)) {
            inside.insert(process.pid);
            if !process.is_zombie() {
                found.push(process);
            }
        }
        everyone = rest;
    }
}

/// The children of a process, for who only looks: those of a thread that it has begun since may be
/// missing. *Errors*: NotFound also where the kernel does not say.
pub fn children_at_a_glance(pid: i32) -> io::Result<Vec<i32>> {
    match threads(pid)? {
        0 | 1 => Ok(listed(&proc_file::bytes(format!("/proc/{pid}/task/{pid}/children"))?).collect()),
        _ => children(pid),
    }
}

/// How many threads a process has. Its `stat` says that, too, and takes several times as long, as
/// the kernel adds up all that the process has used. *Source*: linux/fs/proc/base.c,
/// `proc_task_getattr`: a link for each beside the two of any directory.
fn threads(pid: i32) -> io::Result<u64> {
    Ok(fs::metadata(format!("/proc/{pid}/task"))?.nlink().saturating_sub(2))
}

/// The children of a process, of all its threads. *Errors*: NotFound also where the kernel does not
/// say.
pub fn children(pid: i32) -> io::Result<Vec<i32>> {
    let mut found = Vec::new();
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        found.extend(listed(&proc_file::bytes(thread?.path().join("children"))?));
    }
    Ok(found)
}

fn listed(children: &[u8]) -> impl Iterator<Item = i32> {
    let pids = children.split(u8::is_ascii_whitespace);
    pids.filter_map(|pid| std::str::from_utf8(pid).ok()?.parse().ok())
}

/// Which file a process executes, by device and inode: the same also if the file was renamed,
/// replaced or removed since. `None` where it has given up its memory, as it ends, and where it is
/// closed to us.
pub fn program(pid: i32) -> Option<(u64, u64)> {
    let file = fs::metadata(format!("/proc/{pid}/exe")).ok()?;
    Some((file.dev(), file.ino()))
}

/// The file name of the program that a process executes, also if it was replaced since.
pub fn program_name(pid: i32) -> Option<String> {
    let path = fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    let name = path.file_name()?.to_string_lossy();
    Some(name.trim_end_matches(" (deleted)").to_owned())
}

/// The words that a process was executed with. None where it has blanked them, and for the kernel's
/// own.
pub fn command_line(pid: i32) -> Vec<OsString> {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let Some(words) = bytes.strip_suffix(b"\0") else { return Vec::new() };
    words.split(|b| *b == 0).map(|word| OsString::from_vec(word.to_vec())).collect()
}

/// What a process reads as its standard input.
pub fn standard_input(pid: i32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/fd/0")).ok()
}

/// The directory in which a process is. *Errors*: PermissionDenied when it is closed to us.
pub fn working_directory(pid: i32) -> io::Result<PathBuf> {
    fs::read_link(format!("/proc/{pid}/cwd"))
}

/// The user to whom a process belongs.
pub fn owner(pid: i32) -> Option<u32> {
    let status = proc_file::text(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_ascii_whitespace().next()?.parse().ok())
}

/// Whether a process was given exactly this `NAME=value` in its environment.
pub fn has_in_environment(pid: i32, entry: &str) -> bool {
    fs::read(format!("/proc/{pid}/environ")).is_ok_and(|bytes| bytes.split(|b| *b == 0).any(|e| e == entry.as_bytes()))
}

/// What a variable says in the environment that a process was given.
pub fn variable(pid: i32, name: &str) -> Option<Vec<u8>> {
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    let value = |entry: &[u8]| Some(entry.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?.to_vec());
    environment.split(|b| *b == 0).find_map(value)
}

/// The paths of what a process has open; none where it is closed to us.
pub fn open_files(pid: i32) -> Vec<PathBuf> {
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else { return Vec::new() };
    descriptors.flatten().filter_map(|descriptor| fs::read_link(descriptor.path()).ok()).collect()
}

/// A new value at each boot.
pub fn boot_id() -> String {
    trimmed("/proc/sys/kernel/random/boot_id")
}

/// The machine's own id, kept across boots; empty where there is none.
pub fn machine_id() -> String {
    trimmed("/etc/machine-id")
}

/// The inode that names this process's pid namespace; 0 when /proc does not say.
pub fn pid_namespace() -> u64 {
    fs::metadata("/proc/self/ns/pid").map_or(0, |m| m.ino())
}

/// How often the kernel has killed for want of memory in this process's memory cgroup, or, where
/// that cannot be read, on the whole machine. `None` when neither is known.
pub fn oom_kills() -> Option<OomKills> {
    let own = proc_file::text("/proc/self/cgroup").ok().and_then(|text| cgroup_oom_file(&text));
    let in_group = own.and_then(|file| proc_file::text(file).ok()).and_then(|t| counter(&t, "oom_kill"));
    let on_machine = || proc_file::text("/proc/vmstat").ok().and_then(|t| counter(&t, "oom_kill"));
    match in_group {
        Some(count) => Some(OomKills { count, scope: "its cgroup" }),
        None => on_machine().map(|count| OomKills { count, scope: "this machine" }),
    }
}

/// A reading of the kernel's out-of-memory counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OomKills {
    /// Kills so far.
    pub count: u64,
    /// What the counter counts for.
    pub scope: &'static str,
}

fn trimmed(path: &str) -> String {
    proc_file::text(path).unwrap_or_default().trim().to_owned()
}

fn counter(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

/// Where /proc/self/cgroup says the memory controller's counters are: v2 (`0::/path`) if it has
/// them, else v1 (`N:memory:/path`).
fn cgroup_oom_file(text: &str) -> Option<String> {
    let v2 = text.lines().find_map(|l| l.strip_prefix("0::")).map(|p| format!("/sys/fs/cgroup{p}/memory.events"));
    let v1 = || {
        text.lines().find_map(|line| {
            let mut parts = line.splitn(3, ':').skip(1);
            let (controllers, path) = (parts.next()?, parts.next()?);
            controllers
                .split(',')
                .any(|c| c == "memory")
                .then(|| format!("/sys/fs/cgroup/memory{path}/memory.oom_control"))
        })
    };
    v2.filter(|file| fs::metadata(file).is_ok()).or_else(v1)
}

/// `pid (name) state ppid pgrp …`; the name may hold blanks and parentheses, so the last `)` ends
/// it.
fn parse_stat(text: &str) -> Option<Process> {
    let (open, close) = (text.find('(')?, text.rfind(')')?);
    let mut fields = text.get(close + 1..)?.split_ascii_whitespace();
    Some(Process {
        pid: text[..open].trim().parse().ok()?,
        name: text.get(open + 1..close)?.to_owned(),
        state: fields.next()?.chars().next()?,
        parent: fields.next()?.parse().ok()?,
        group: fields.next()?.parse().ok()?,
        flags: fields.nth(3)?.parse().ok()?,
        threads: fields.nth(10)?.parse().ok()?,
        start: fields.nth(1)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::{counter, parse_stat, stat};

    #[test]
    fn a_name_with_parentheses_and_blanks_is_read() {
        let line = "42 (a) b (c)) S 7 41 40 0 -1 2129984 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2";
        let process = parse_stat(line).expect("a stat line");
        assert_eq!((process.pid, process.parent, process.state, process.start), (42, 7, 'S', 987_654));
        assert_eq!((process.name.as_str(), process.group), ("a) b (c)", 41));
        assert!(process.is_kernels());
    }

    #[test]
    fn this_process_can_be_read() {
        let own = stat(std::process::id() as i32).expect("own stat");
        assert!(own.start > 0 && own.parent > 0);
    }

    #[test]
    fn counters_of_both_cgroup_versions_are_read() {
        assert_eq!(counter("low 0\noom 3\noom_kill 2\n", "oom_kill"), Some(2));
        assert_eq!(counter("oom_kill_disable 0\nunder_oom 0\noom_kill 5\n", "oom_kill"), Some(5));
    }
}

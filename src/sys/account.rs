//! The user's account, as the system's files have it. *Source*: passwd(5), group(5),
//! user_namespaces(7).

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::{env, fs};

use nix::unistd::getuid;

const PASSWORD_FILE: &str = "/etc/passwd";
const GROUP_FILE: &str = "/etc/group";

/// The home directory: `$HOME`, which cron and service managers may not set, else that of the
/// password file. Accounts of other sources (LDAP) are not looked up: a static binary cannot load
/// the modules that know them.
pub fn home() -> Option<PathBuf> {
    let set = env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    set.or_else(|| home_of(getuid().as_raw(), &fs::read(PASSWORD_FILE).ok()?))
}

/// Whether nobody but this user is in a group, as far as the system's files say: it is the user's
/// own, called as the user is.
pub fn is_private_group(user: u32, group: u32) -> bool {
    let read = |path| fs::read(path).unwrap_or_default();
    is_private(user, group, &read(PASSWORD_FILE), &read(GROUP_FILE))
}

fn is_private(user: u32, group: u32, accounts: &[u8], groups: &[u8]) -> bool {
    let group = group.to_string();
    let users: Vec<&[u8]> = lines(accounts)
        .filter(|line| line.get(3) == Some(&group.as_bytes()))
        .filter_map(|line| line.first().copied())
        .collect();
    let [name] = users[..] else { return false };
    let is_users =
        lines(accounts).any(|line| line.first() == Some(&name) && line.get(2) == Some(&user.to_string().as_bytes()));
    let is_alone = |line: Vec<&[u8]>| line.get(3).is_none_or(|members| members.is_empty() || *members == name);
    let mut found = lines(groups).filter(|line| line.get(2) == Some(&group.as_bytes())).peekable();
    is_users && found.peek().is_some_and(|line| line.first() == Some(&name)) && found.all(is_alone)
}

/// The user that stands for those whom this user namespace does not know, if it is not one that it
/// does know.
pub fn unmapped() -> Option<u32> {
    let user = fs::read_to_string("/proc/sys/kernel/overflowuid").ok()?.trim().parse().ok()?;
    (!is_mapped(user, &fs::read_to_string("/proc/self/uid_map").ok()?)).then_some(user)
}

fn is_mapped(user: u32, map: &str) -> bool {
    map.lines().any(|line| {
        let numbers: Vec<u64> = line.split_ascii_whitespace().filter_map(|number| number.parse().ok()).collect();
        matches!(numbers[..], [first, _, count] if (first..first.saturating_add(count)).contains(&u64::from(user)))
    })
}

fn lines(file: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    file.split(|byte| *byte == b'\n').map(|line| line.split(|byte| *byte == b':').collect())
}

fn home_of(user: u32, accounts: &[u8]) -> Option<PathBuf> {
    let user = user.to_string();
    let home = accounts.split(|byte| *byte == b'\n').find_map(|line| {
        let fields: Vec<&[u8]> = line.split(|byte| *byte == b':').collect();
        (*fields.get(2)? == user.as_bytes()).then(|| fields.get(5).copied()).flatten()
    });
    home.filter(|home| home.starts_with(b"/")).map(|home| OsStr::from_bytes(home).into())
}

#[cfg(test)]
mod tests {
    use super::{home_of, is_mapped, is_private};
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    #[test]
    fn a_group_is_private_where_nobody_else_is_in_it() {
        let accounts =
            b"root:x:0:0::/root:/bin/sh\nme:x:10:10::/:/bin/sh\nyou:x:11:11::/:/bin/sh\nwe:x:12:11::/:/bin/sh\n";
        let groups = b"root:x:0:\nme:x:10:me\nyou:x:11:\nstaff:x:50:me\n";
        assert!(is_private(10, 10, accounts, groups) && is_private(0, 0, accounts, groups));
        assert!(!is_private(11, 11, accounts, groups), "it is another's, too");
        for (user, group) in [(10, 50), (11, 10), (10, 0), (99, 99)] {
            assert!(!is_private(user, group, accounts, groups), "{user} {group}");
        }
        assert!(!is_private(10, 10, accounts, b"me:x:10:me,you\n") && !is_private(10, 10, accounts, b""));
    }

    #[test]
    fn a_user_namespace_says_whom_it_knows() {
        assert!(is_mapped(65534, "         0          0 4294967295\n"));
        assert!(!is_mapped(65534, "         0       1000          1\n"));
        assert!(is_mapped(5, "0 1000 1\n1 100000 65536\n"));
    }

    #[test]
    fn the_password_file_is_read() {
        let accounts = b"root:x:0:0:root:/root:/bin/bash\n# 10\nme:x:10:10::/home/\xff:/bin/sh\nno:x:11:11:::/bin/sh\n";
        assert_eq!(home_of(0, accounts).as_deref(), Some(Path::new("/root")));
        assert_eq!(home_of(10, accounts).as_deref(), Some(Path::new(OsStr::from_bytes(b"/home/\xff"))));
        assert_eq!((home_of(11, accounts), home_of(1, accounts)), (None, None));
    }
}

//! The user's account, as the password file has it. *Source*: passwd(5).

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use nix::unistd::getuid;

const PASSWORD_FILE: &str = "/etc/passwd";

/// The home directory: `$HOME`, which cron and service managers may not set, else that of the password file. Accounts of
/// other sources (LDAP) are not looked up: a static binary cannot load the modules that know them.
pub fn home() -> Option<PathBuf> {
    let set = env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    set.or_else(|| home_of(getuid().as_raw(), &fs::read(PASSWORD_FILE).ok()?))
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
    use super::home_of;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    #[test]
    fn the_password_file_is_read() {
        let accounts = b"root:x:0:0:root:/root:/bin/bash\n# 10\nme:x:10:10::/home/\xff:/bin/sh\nno:x:11:11:::/bin/sh\n";
        assert_eq!(home_of(0, accounts).as_deref(), Some(Path::new("/root")));
        assert_eq!(home_of(10, accounts).as_deref(), Some(Path::new(OsStr::from_bytes(b"/home/\xff"))));
        assert_eq!((home_of(11, accounts), home_of(1, accounts)), (None, None));
    }
}

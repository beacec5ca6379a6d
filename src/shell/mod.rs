//! The shells that aos is at home in, and the scripts that they load: `shell/*`, as they were
//! when this binary was built. Knows no files of anybody's and no environment.

pub mod quote;

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// A shell with a script of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// bash.
    Bash,
    /// zsh.
    Zsh,
}

/// A word that names neither bash nor zsh.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no shell integration for {0}")]
pub struct NoSuchShell(pub String);

impl Shell {
    /// Each of them.
    pub const ALL: [Shell; 2] = [Shell::Bash, Shell::Zsh];

    /// Its name, as it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
        }
    }

    /// Its script, to the byte.
    pub fn script(self) -> &'static str {
        match self {
            Shell::Bash => include_str!("../../shell/aos.bash"),
            Shell::Zsh => include_str!("../../shell/aos.zsh"),
        }
    }

    /// What the script's file is called.
    pub fn script_name(self) -> &'static str {
        match self {
            Shell::Bash => "aos.bash",
            Shell::Zsh => "aos.zsh",
        }
    }

    /// The shell that a program is, by its file's name: `/usr/bin/zsh`.
    pub fn of_program(program: &OsStr) -> Result<Shell, NoSuchShell> {
        let name = Path::new(program).file_name().unwrap_or(program);
        name.to_string_lossy().parse()
    }
}

impl fmt::Display for Shell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Shell {
    type Err = NoSuchShell;

    fn from_str(text: &str) -> Result<Shell, NoSuchShell> {
        Shell::ALL.into_iter().find(|shell| shell.name() == text).ok_or_else(|| NoSuchShell(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{NoSuchShell, Shell};

    #[test]
    fn names_come_back() {
        for shell in Shell::ALL {
            assert_eq!(shell.to_string().parse(), Ok(shell));
            assert_eq!(Shell::of_program(format!("/usr/bin/{shell}").as_ref()), Ok(shell));
        }
        assert_eq!(Shell::of_program("/usr/bin/fish".as_ref()), Err(NoSuchShell("fish".into())));
    }
}

//! The state of a live shell (functions, aliases, variables, options), as a script that makes
//! another shell like it; so that a command typed at a prompt means as a task what it meant there.
//!
//! *Shape*: the first line is `#aos-shell-state 1 KIND PATH`, the rest is KIND's own language.

use serde::{Deserialize, Serialize};

use super::os_bytes::OsBytes;

/// A shell whose state can be passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShellKind {
    /// GNU bash.
    Bash,
    /// zsh.
    Zsh,
}

/// Why a text is no shell's state.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadState {
    /// It does not begin as it should.
    #[error("the shell state does not begin with `{MAGIC} 1 KIND PATH`")]
    NoHead,
    /// A shell that aos has no script for.
    #[error("the shell state is of version {0}, and this aos knows version 1")]
    Version(String),
    /// A shell that cannot be spoken to.
    #[error("the shell state is of `{0}`, which is neither bash nor zsh")]
    Unknown(String),
}

const MAGIC: &str = "#aos-shell-state";

/// Restores the state, and only then reads the line, as aliases and options change how it is read.
/// What is left of all this when the line begins: nothing, not even a positional parameter.
const BASH: &str = r#"builtin . "$1" 2>/dev/null; builtin eval "builtin set --"$'\n'"$2""#;
/// zsh's line has its aliases in it already; they are to work again once it is read.
const ZSH: &str = r#"builtin . "$1" 2>/dev/null
builtin setopt noaliases
builtin eval "builtin set --; builtin setopt ${AOS_STATE_ALIASES-aliases}; builtin unset AOS_STATE_ALIASES"$'\n'"$2""#;

/// Reads the head of a state: which shell it is of, and that shell's path.
pub fn head(state: &[u8]) -> Result<(ShellKind, OsBytes), BadState> {
    let line = state.split(|b| *b == b'\n').next().unwrap_or_default();
    let mut words = line.splitn(4, |b| *b == b' ').map(|word| String::from_utf8_lossy(word).into_owned());
    let mut word = || words.next().filter(|word| !word.is_empty()).ok_or(BadState::NoHead);
    if word()? != MAGIC {
        return Err(BadState::NoHead);
    }
    let version = word()?;
    if version != "1" {
        return Err(BadState::Version(version));
    }
    let kind = match word()?.as_str() {
        "bash" => ShellKind::Bash,
        "zsh" => ShellKind::Zsh,
        other => return Err(BadState::Unknown(other.to_owned())),
    };
    Ok((kind, OsBytes::from(word()?.as_str())))
}

/// The words by which `shell` runs `line` in the state that stands in the file `state`.
pub fn argv(kind: ShellKind, shell: &OsBytes, state: OsBytes, line: &OsBytes) -> Vec<OsBytes> {
    let (options, script) = match kind {
        ShellKind::Bash => (&["--norc"][..], BASH),
        // The user's own files would change the state.
        ShellKind::Zsh => (&["-f"][..], ZSH),
    };
    let mut words = vec![shell.clone()];
    words.extend(options.iter().map(|option| OsBytes::from(*option)));
    words.extend([OsBytes::from("-c"), OsBytes::from(script), shell.clone(), state, line.clone()]);
    words
}

#[cfg(test)]
mod tests {
    use super::{BadState, ShellKind, head};
    use crate::task::os_bytes::OsBytes;

    #[test]
    fn the_head_says_which_shell() {
        assert_eq!(
            head(b"#aos-shell-state 1 zsh /opt/my shells/zsh\nx=1\n"),
            Ok((ShellKind::Zsh, OsBytes::from("/opt/my shells/zsh")))
        );
    }

    #[test]
    fn what_is_no_state_is_refused() {
        assert_eq!(head(b""), Err(BadState::NoHead));
        assert_eq!(head(b"echo hi\n"), Err(BadState::NoHead));
        assert_eq!(head(b"#aos-shell-state 1 bash"), Err(BadState::NoHead));
        assert_eq!(head(b"#aos-shell-state 2 bash /x"), Err(BadState::Version("2".into())));
        assert_eq!(head(b"#aos-shell-state 1 fish /x"), Err(BadState::Unknown("fish".into())));
    }
}

//! What in a start file concerns aos: lines that load it, aliases that hide it. Pure, and by the
//! look of the text alone: what a shell really did, only the shell can tell.

use super::load_line::{is_comment, recognise};
use crate::shell::Shell;

/// What a line does to aos.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineEffect {
    /// It is the line of `aos init --install`.
    Installed,
    /// It loads the integration in another way.
    Loads,
    /// It makes an alias of the name, with this text.
    Alias(String),
}

/// The lines that concern aos, numbered from 1.
pub fn scan(text: &[u8], shell: Shell) -> Vec<(usize, LineEffect)> {
    let lines = text.split(|b| *b == b'\n').enumerate();
    lines.filter_map(|(i, line)| Some((i + 1, what(line, shell)?))).collect()
}

fn what(line: &[u8], shell: Shell) -> Option<LineEffect> {
    if is_comment(line) {
        return None;
    }
    if recognise(line).is_some() {
        return Some(LineEffect::Installed);
    }
    let line = String::from_utf8_lossy(line);
    if let Some(value) = alias(&line) {
        return Some(LineEffect::Alias(value));
    }
    loads(&line, shell).then_some(LineEffect::Loads)
}

/// The text of an alias `aos` that this line makes.
fn alias(line: &str) -> Option<String> {
    let begins = |at: usize| at == 0 || line[..at].ends_with(|c: char| c.is_whitespace() || ";&|({".contains(c));
    let (at, _) = line.match_indices("alias").find(|(at, _)| begins(*at))?;
    let after = line[at + "alias".len()..].strip_prefix(char::is_whitespace)?;
    let (at, _) = after.match_indices("aos=").find(|(at, _)| {
        let before = &after[..*at];
        // Still among this command's words, and the beginning of one.
        (before.is_empty() || before.ends_with(char::is_whitespace)) && !before.contains([';', '&', '|', '#'])
    })?;
    Some(after[at + "aos=".len()..].trim().to_owned())
}

fn loads(line: &str, shell: Shell) -> bool {
    let words: Vec<&str> = line.split(|c: char| c.is_whitespace() || ";&|()`\"'".contains(c)).collect();
    let is_sourced = words
        .iter()
        .position(|word| matches!(*word, "source" | "."))
        .is_some_and(|at| words[at..].iter().any(|word| word.rsplit('/').next() == Some(shell.script_name())));
    let printed = words
        .windows(3)
        .any(|three| three[0].rsplit('/').next() == Some("aos") && three[1] == "init" && three[2] == shell.name());
    is_sourced || printed
}

#[cfg(test)]
mod tests {
    use super::{LineEffect, scan};
    use crate::rc::load_line::{Before, compose};
    use crate::shell::Shell;

    #[test]
    fn every_way_of_loading_is_seen() {
        let ours = compose("\"$HOME/.agent-os/shell/aos.bash\"", Before::Lines);
        let text = format!(
            "{ours}\nsource /opt/aos/shell/aos.bash\n[ -f ~/a/aos.bash ] && . ~/a/aos.bash\neval \"$(aos init bash)\"\n"
        );
        let found: Vec<LineEffect> = scan(text.as_bytes(), Shell::Bash).into_iter().map(|(_, what)| what).collect();
        assert_eq!(found, [LineEffect::Installed, LineEffect::Loads, LineEffect::Loads, LineEffect::Loads]);
    }

    #[test]
    fn aliases_are_seen() {
        for (line, value) in [
            ("alias aos=~/.agent-os/tools/aos", "~/.agent-os/tools/aos"),
            ("  [ -x y ] && alias -- ll=ls aos='x'", "'x'"),
            ("if true; then alias aos=\"a b\"", "\"a b\""),
        ] {
            assert_eq!(scan(line.as_bytes(), Shell::Zsh), [(1, LineEffect::Alias(value.into()))], "{line}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_passed_over() {
        let text = "# alias aos=x\nunalias aos\nalias chaos=x\nalias x=y; aos=1\necho aos.bash\naos init zsh\n\
                    # . shell/aos.bash\nsource aos.bash.old\nalias laos=1 xaos=2\n";
        assert_eq!(scan(text.as_bytes(), Shell::Bash), []);
    }
}

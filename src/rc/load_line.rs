//! The line that loads aos: how it is written and how it is known again.

/// What makes a line ours. *Shape*: a comment at the line's end, after which only [`Before::note`]
/// stands.
pub const MARK: &str = "# aos shell integration";

/// Every line of ours names a script in this directory.
const SCRIPT: &[u8] = b"shell/aos.";

/// What stood in the line's place, so that taking it out gives back the very bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Whole lines, or nothing.
    Lines,
    /// A last line without its end.
    NoLineEnd,
    /// No file at all.
    NoFile,
}

impl Before {
    const ALL: [Before; 3] = [Before::Lines, Before::NoLineEnd, Before::NoFile];

    fn note(self) -> &'static str {
        match self {
            Before::Lines => "",
            Before::NoLineEnd => ", with a line end before it",
            Before::NoFile => ", in a file made for it",
        }
    }
}

/// The line, without its end. `script` is the script's path as a word of shell. It succeeds without
/// the script too, so that it may be the last one under `set -e`.
pub fn compose(script: &str, before: Before) -> String {
    format!("if [ -r {script} ]; then . {script}; fi  {MARK}{}", before.note())
}

/// Whether a line is one of ours, and what stood before it. It may have become a comment.
pub fn recognise(line: &[u8]) -> Option<Before> {
    let line = line.trim_ascii_end();
    let is_ended_by = |before: &Before| line.ends_with(format!("{MARK}{}", before.note()).as_bytes());
    let before = Before::ALL.into_iter().find(is_ended_by)?;
    memchr::memmem::find(line, SCRIPT).map(|_| before)
}

/// Whether a line does nothing: it is blank or a comment.
pub fn is_comment(line: &[u8]) -> bool {
    line.trim_ascii_start().first().is_none_or(|first| *first == b'#')
}

#[cfg(test)]
mod tests {
    use super::{Before, MARK, compose, is_comment, recognise};

    #[test]
    fn what_is_written_is_known_again() {
        for before in Before::ALL {
            let line = compose("\"$HOME/.agent-os/shell/aos.zsh\"", before);
            assert_eq!(recognise(line.as_bytes()), Some(before));
            assert_eq!(recognise(format!("  # {line} \r\n").as_bytes()), Some(before));
            assert!(!is_comment(line.as_bytes()));
        }
    }

    #[test]
    fn nobody_elses_line_is_ours() {
        for line in ["", MARK, "source /x/shell/aos.bash", "echo '# aos shell integration' # shell/aos."] {
            assert_eq!(recognise(line.as_bytes()), None, "{line}");
        }
    }
}

//! What a prompt shows of tasks. The shell scripts do the same with their builtins; a test compares.

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Tasks that are living.
    pub running: usize,
    /// Tasks that failed since somebody last looked.
    pub failed: usize,
}

/// The usual format: `2& 1! `, as a shell writes "in the background" and "mind this".
pub const USUAL: &str = "{%r& }{%f! }";

/// Fills in a format: `%r` and `%f` are the counts of the running and the failed; what stands in braces is left
/// out where a count in it is 0. Braces do not nest. Nothing at all when every count is 0.
pub fn render(format: &str, counts: Counts) -> String {
    if counts == (Counts { running: 0, failed: 0 }) {
        return String::new();
    }
    let mut text = String::new();
    let mut rest = format;
    while let Some((before, from)) = rest.split_once('{') {
        let Some((group, after)) = from.split_once('}') else { break };
        text.push_str(before);
        let is_left_out = [("%r", counts.running), ("%f", counts.failed)]
            .iter()
            .any(|(code, count)| *count == 0 && group.contains(code));
        if !is_left_out {
            text.push_str(group);
        }
        rest = after;
    }
    text.push_str(rest);
    text.replace("%r", &counts.running.to_string()).replace("%f", &counts.failed.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Counts, USUAL, render};

    #[test]
    fn what_is_zero_is_not_shown() {
        let shown = |format, running, failed| render(format, Counts { running, failed });
        assert_eq!(shown(USUAL, 2, 1), "2& 1! ");
        assert_eq!(shown(USUAL, 0, 1), "1! ");
        assert_eq!(shown(USUAL, 0, 0), "");
        assert_eq!(shown("[aos %r{ of them %f bad}] 100% ", 3, 0), "[aos 3] 100% ");
        assert_eq!(shown("open { %r", 3, 0), "open { 3");
    }
}

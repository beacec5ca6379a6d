//! What a prompt shows of tasks. The shell scripts do the same with their builtins; a test
//! compares.

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Tasks that are at work.
    pub running: usize,
    /// Tasks that have not begun.
    pub queued: usize,
    /// Of those at work, the ones that wait for somebody to type.
    pub waiting: usize,
    /// Of those at work, the ones whose output tells of an error.
    pub with_errors: usize,
    /// Tasks that failed since somebody last looked.
    pub failed: usize,
}

/// The usual format: `2& +3 1? 1* 1! `, as a shell writes "in the background" and "mind this"; so
/// many more are to come, so many ask something, and so many have errors.
pub const USUAL: &str = "{%r& }{+%q }{%w? }{%e* }{%f! }";

/// Fills in a format: `%r`, `%q`, `%w`, `%e` and `%f` are the counts of the running, the queued,
/// those of the running that wait for somebody to type and whose output has errors, and the failed;
/// what stands in braces is left out where a count in it is 0. Braces do not nest. Nothing at all
/// when every count is 0.
pub fn render(format: &str, counts: Counts) -> String {
    let Counts { running, queued, waiting, with_errors, failed } = counts;
    let codes = [("%r", running), ("%q", queued), ("%w", waiting), ("%e", with_errors), ("%f", failed)];
    if codes.iter().all(|(_, count)| *count == 0) {
        return String::new();
    }
    let mut text = String::new();
    let mut rest = format;
    while let Some((before, from)) = rest.split_once('{') {
        let Some((group, after)) = from.split_once('}') else { break };
        text.push_str(before);
        if !codes.iter().any(|(code, count)| *count == 0 && group.contains(code)) {
            text.push_str(group);
        }
        rest = after;
    }
    text.push_str(rest);
    codes.iter().fold(text, |text, (code, count)| text.replace(code, &count.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{Counts, USUAL, render};

    #[test]
    fn what_is_zero_is_not_shown() {
        let shown =
            |format, running, failed| render(format, Counts { running, queued: 0, waiting: 0, with_errors: 0, failed });
        assert_eq!(shown(USUAL, 2, 1), "2& 1! ");
        assert_eq!(shown(USUAL, 0, 1), "1! ");
        assert_eq!(shown(USUAL, 0, 0), "");
        assert_eq!(shown("[aos %r{ of them %f bad}] 100% ", 3, 0), "[aos 3] 100% ");
        assert_eq!(shown("open { %r", 3, 0), "open { 3");
        let all = Counts { running: 2, queued: 3, waiting: 1, with_errors: 1, failed: 1 };
        assert_eq!(render(USUAL, all), "2& +3 1? 1* 1! ");
        assert_eq!(render(USUAL, Counts { running: 0, queued: 3, waiting: 0, with_errors: 0, failed: 0 }), "+3 ");
    }
}

//! Parts of a log in which tests ran that all passed: what looks like an error there is a test's
//! own output.

/// Where tests began, and where they had passed.
#[derive(Clone, Debug, Default)]
pub struct Regions {
    open: Vec<(String, u64)>,
    passed: Vec<(u64, u64)>,
    /// Where tests had passed whose beginning nothing told.
    ends: Vec<u64>,
}

/// So many lines before the totals may be a test's own output, where nothing tells where tests
/// began.
const NEAR: u64 = 12;

impl Regions {
    /// Tests begin.
    pub fn begin(&mut self, tool: &str, line: u64) {
        self.open.retain(|(open, _)| open != tool);
        self.open.push((tool.to_owned(), line));
    }

    /// Tests are over.
    pub fn end(&mut self, tool: &str, line: u64, has_passed: bool) {
        let Some(at) = self.open.iter().position(|(open, _)| open == tool) else {
            self.ends.extend(has_passed.then_some(line));
            return;
        };
        let (_, begin) = self.open.remove(at);
        if has_passed {
            self.passed.push((begin, line));
        }
    }

    /// Whether a line stands right before the totals of tests that passed.
    pub fn is_near(&self, line: u64) -> bool {
        self.ends.iter().any(|end| (end.saturating_sub(NEAR)..*end).contains(&line))
    }

    /// Whether a line is a passing test's own output.
    pub fn has(&self, line: u64) -> bool {
        self.passed.iter().any(|(begin, end)| (*begin..=*end).contains(&line))
    }
}

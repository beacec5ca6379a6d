//! What stands around things that are wanted: lines before and after a match.

use std::collections::VecDeque;

/// Keeps what may be wanted yet.
#[derive(Debug)]
pub struct ContextLines<T> {
    before: usize,
    after: usize,
    held: VecDeque<T>,
    left: usize,
    has_passed: bool,
    has_dropped: bool,
}

/// What is passed on.
#[derive(Debug, PartialEq, Eq)]
pub enum Passed<T> {
    /// Something was left out here.
    Gap,
    /// It stands near something that is wanted.
    Near(T),
    /// It is wanted.
    Wanted(T),
}

impl<T> ContextLines<T> {
    /// So many before and after each.
    pub fn new(before: usize, after: usize) -> ContextLines<T> {
        ContextLines { before, after, held: VecDeque::new(), left: 0, has_passed: false, has_dropped: false }
    }

    /// Takes in the next one; gives what is passed on by now.
    pub fn feed(&mut self, item: T, is_wanted: bool) -> Vec<Passed<T>> {
        if is_wanted {
            // As grep has it: nothing is told apart before the first, or where no context is
            // wanted.
            let is_gap = self.has_dropped && self.has_passed && self.before + self.after > 0;
            let gap = is_gap.then_some(Passed::Gap);
            let near = self.held.drain(..).map(Passed::Near);
            let passed = gap.into_iter().chain(near).chain([Passed::Wanted(item)]).collect();
            (self.left, self.has_passed, self.has_dropped) = (self.after, true, false);
            return passed;
        }
        if self.left > 0 {
            self.left -= 1;
            return vec![Passed::Near(item)];
        }
        self.held.push_back(item);
        if self.held.len() > self.before {
            self.held.pop_front();
            self.has_dropped = true;
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use crate::logs::text::context::{ContextLines, Passed};

    #[test]
    fn groups_are_those_of_grep() {
        let mut around = ContextLines::new(1, 1);
        let items = ["x", "a", "b", "c", "x", "x", "d", "e", "x"];
        let passed: Vec<_> = items.into_iter().flat_map(|item| around.feed(item, item == "x")).collect();
        let near = Passed::Near;
        let x = || Passed::Wanted("x");
        assert_eq!(passed, [x(), near("a"), Passed::Gap, near("c"), x(), x(), near("d"), near("e"), x()]);
    }
}

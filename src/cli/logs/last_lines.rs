//! The last of the lines that are wanted, as long as they do not take much memory.

use std::collections::VecDeque;

use crate::logs::text::context::Passed;
use crate::task_log::line_stream::LogLine;

/// What is held of them at most. *Units*: bytes.
const MOST_HELD: usize = 1 << 20;

/// Such lines, with what is near them.
#[derive(Default)]
pub struct LastLines {
    held: VecDeque<Passed<LogLine>>,
    /// How many of these are wanted ones.
    wanted: u64,
    bytes: usize,
    is_too_much: bool,
}

impl LastLines {
    /// Keeps one more, and no more than so many wanted ones.
    pub fn keep(&mut self, passed: Passed<LogLine>, lines: u64) {
        if self.is_too_much {
            return;
        }
        self.wanted += u64::from(is_wanted(&passed));
        self.bytes += size(&passed);
        self.held.push_back(passed);
        while self.wanted > lines {
            while self.pop().is_some_and(|passed| !is_wanted(&passed)) {}
            self.wanted -= 1;
        }
        if self.bytes > MOST_HELD {
            *self = LastLines { is_too_much: true, ..LastLines::default() };
        }
    }

    /// Whether they were more than can be held: none is, then.
    pub fn is_too_much(&self) -> bool {
        self.is_too_much
    }

    /// The next one of them.
    pub fn pop(&mut self) -> Option<Passed<LogLine>> {
        let first = self.held.pop_front()?;
        self.bytes -= size(&first);
        Some(first)
    }
}

fn is_wanted(passed: &Passed<LogLine>) -> bool {
    matches!(passed, Passed::Wanted(_))
}

fn size(passed: &Passed<LogLine>) -> usize {
    let text = match passed {
        Passed::Gap => 0,
        Passed::Near(entry) | Passed::Wanted(entry) => entry.bytes.capacity() + entry.text.size(),
    };
    text + size_of::<Passed<LogLine>>()
}

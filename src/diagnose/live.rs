//! A log that grows: what it tells so far.

use std::io::{self, Read};

use super::reading::Reading;
use super::rules::Rules;
use super::scan::Scanner;
use super::{Context, Diagnosis, conclude};

/// A log that is read as it grows. Nobody knows yet how its command ends.
pub struct LiveLog<'r, R> {
    reading: Reading<R>,
    scanner: Scanner<'r>,
}

impl<'r, R: Read> LiveLog<'r, R> {
    /// Begins with a line, which has this number, the first being 1. The log says `WouldBlock` when
    /// there is nothing for now.
    pub fn new(rules: &'r Rules, log: R, number: u64) -> LiveLog<'r, R> {
        LiveLog { reading: Reading::from_line(log, number), scanner: Scanner::new(rules, false) }
    }

    /// What prints it is known.
    pub fn of_command(mut self, command: &str) -> LiveLog<'r, R> {
        self.scanner = self.scanner.of_command(Some(command));
        self
    }

    /// Reads on, a block at most; says whether there was anything.
    pub fn read(&mut self) -> io::Result<bool> {
        let before = self.reading.length();
        self.read_block()?;
        Ok(self.reading.length() > before)
    }

    fn read_block(&mut self) -> io::Result<()> {
        match self.reading.next() {
            Ok(Some(block)) => {
                self.scanner.feed(&block);
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(e) => Err(e),
        }
    }

    /// How much was read. *Units*: bytes.
    pub fn length(&self) -> u64 {
        self.reading.length()
    }

    /// Goes up when something was found, or all was forgotten.
    pub fn changes(&self) -> u64 {
        self.scanner.changes()
    }

    /// How often a watcher has begun anew, which clears what was found before.
    pub fn cycles(&self) -> u64 {
        self.scanner.cycles()
    }

    /// What is certain, whatever follows.
    pub fn settled(&self) -> Diagnosis {
        conclude(self.scanner.settled(), &Context::default())
    }

    /// What it tells if nothing follows.
    pub fn at_rest(&self) -> io::Result<Diagnosis> {
        let mut scanner = self.scanner.clone();
        if let Some(block) = self.reading.rest()? {
            scanner.feed(&block);
        }
        Ok(conclude(scanner.finish(), &Context::default()))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::VecDeque;
    use std::io::{self, Read};

    use super::LiveLog;
    use crate::diagnose::rules::Rules;

    /// Gives a part at a time, and says in between that there is nothing.
    struct Parts<'p>(&'p RefCell<VecDeque<Vec<u8>>>);

    impl Read for Parts<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some(part) = self.0.borrow_mut().pop_front() else { return Err(io::ErrorKind::WouldBlock.into()) };
            buffer[..part.len()].copy_from_slice(&part);
            Ok(part.len())
        }
    }

    fn errors(live: &mut LiveLog<'_, Parts<'_>>, at_rest: bool) -> usize {
        while live.read().expect("read") {}
        let told = if at_rest { live.at_rest().expect("read") } else { live.settled() };
        told.findings.len()
    }

    #[test]
    fn a_block_is_told_once_it_is_over_or_all_is_quiet() {
        let rules = Rules::with(Vec::new());
        let parts = RefCell::new(VecDeque::new());
        let more = |text: &str| parts.borrow_mut().push_back(text.as_bytes().to_vec());
        let mut live = LiveLog::new(&rules, Parts(&parts), 1);
        more("Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\n");
        assert_eq!(errors(&mut live, false), 0);
        more("    f()\nValueError: x\n");
        assert_eq!((errors(&mut live, false), errors(&mut live, true)), (0, 1));
        more(&"GET / 200\n".repeat(100));
        assert_eq!((errors(&mut live, false), errors(&mut live, true)), (1, 1));
    }

    #[test]
    fn a_clean_cycle_clears_what_was_found() {
        let rules = Rules::with(Vec::new());
        let parts = RefCell::new(VecDeque::new());
        let more = |text: &str| parts.borrow_mut().push_back(text.as_bytes().to_vec());
        let mut live = LiveLog::new(&rules, Parts(&parts), 1);
        more("src/a.ts:1:7 - error TS2322: Type 'string' is not assignable to type 'number'.\n\n");
        assert_eq!((errors(&mut live, true), live.cycles()), (1, 0));
        more("[10:00:00 AM] File change detected. Starting incremental compilation...\n\n");
        more("[10:00:01 AM] Found 0 errors. Watching for file changes.\n");
        assert_eq!((errors(&mut live, true), live.at_rest().expect("read").findings.len()), (0, 0));
    }
}

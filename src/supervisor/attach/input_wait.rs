//! Whether the task waits for input, as far as is known, and when that is to be looked at: a few
//! times after something has happened, and then no more, so that a silent task wakes nobody.

use std::time::Duration;

use crate::units::moment::Moment;
use crate::units::wall_time::WallTime;

/// When it is looked after the last output or input, each counted from the look before.
const LOOKS: [Duration; 4] =
    [Duration::from_millis(60), Duration::from_millis(100), Duration::from_secs(5), Duration::from_secs(25)];

/// What is known of it, and when it is looked at again.
#[derive(Debug, Default)]
pub struct InputWait {
    since: Option<WallTime>,
    due: Option<Moment>,
    looks: usize,
    /// Whether the last output ended within a line, as a question does.
    pub is_line_begun: bool,
}

impl InputWait {
    /// Since when it waits.
    pub fn since(&self) -> Option<WallTime> {
        self.since
    }

    /// When it is to be looked at again.
    pub fn deadline(&self) -> Option<Moment> {
        self.due
    }

    /// Whether nothing is looked at for a while now.
    pub fn is_quiet(&self, now: Moment) -> bool {
        // The first two looks follow each other closely, all others after seconds.
        self.due.is_none_or(|due| due > now + LOOKS[1])
    }

    /// Something happened.
    pub fn note(&mut self, now: Moment) {
        self.looks = 0;
        // Put off by each chunk: who goes on printing is not looked at until he stops. One that is
        // said to wait is looked at in time, as it may not wait any more.
        if self.since.is_none() || self.due.is_none() {
            self.due = Some(now + LOOKS[0]);
        }
    }

    /// The same, by printing this.
    pub fn note_output(&mut self, output: &[u8], now: Moment) {
        self.is_line_begun = output.last().is_some_and(|byte| !matches!(byte, b'\n' | b'\r'));
        self.note(now);
    }

    /// Takes in what a look has shown; says whether that is news.
    pub fn saw(&mut self, is_waiting: bool, now: Moment) -> bool {
        self.looks += 1;
        self.due = LOOKS.get(self.looks).map(|pause| now + *pause);
        self.set(is_waiting)
    }

    /// Takes in how it is; says whether that is news.
    pub fn set(&mut self, is_waiting: bool) -> bool {
        let is_news = is_waiting != self.since.is_some();
        if is_news {
            self.since = is_waiting.then(WallTime::now);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::InputWait;
    use crate::units::moment::Moment;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn looks_end_after_a_while() {
        let (mut waiting, mut now) = (InputWait::default(), Moment(1000));
        waiting.note(now);
        let mut looks = 0;
        while let Some(due) = waiting.deadline() {
            now = due;
            waiting.saw(false, now);
            looks += 1;
        }
        assert_eq!((looks, now), (4, Moment(1000 + 60 + 100 + 5_000 + 25_000)));
    }

    #[test]
    fn who_prints_on_is_looked_at_only_when_said_to_wait() {
        let mut waiting = InputWait::default();
        waiting.note_output(b"a\n", Moment(0));
        waiting.note_output(b"b\n", Moment(50));
        assert_eq!(waiting.deadline(), Some(Moment(50) + MS(60)));
        assert!(waiting.saw(true, Moment(110)));
        waiting.note_output(b"c\n", Moment(150));
        assert_eq!(waiting.deadline(), Some(Moment(110) + MS(100)));
    }
}

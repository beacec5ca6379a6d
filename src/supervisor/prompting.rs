//! Whether the task waits for input: one of the terminal's foreground processes is blocked in a read of it. Looked
//! for a few times after something has happened, and then no more: a silent task wakes nobody.

use std::time::Duration;

use super::desk::Supervisor;
use super::source::Stream;
use crate::store::home::MarkerState;
use crate::store::{markers, shells};
use crate::sys::blocked::{self, Waits};
use crate::sys::{proc, process, tty};
use crate::units::moment::Moment;
use crate::units::stamp::Stamp;
use crate::wire::Reply;

/// When it is looked after the last output or input, each counted from the look before.
const LOOKS: [Duration; 4] =
    [Duration::from_millis(60), Duration::from_millis(100), Duration::from_secs(5), Duration::from_secs(25)];

/// What is known of it, and when it is looked at again.
#[derive(Debug, Default)]
pub struct Prompting {
    since: Option<Stamp>,
    due: Option<Moment>,
    looks: usize,
    /// Whether the last output ended within a line, as a question does.
    is_line_begun: bool,
}

impl Prompting {
    /// Since when it waits.
    pub fn since(&self) -> Option<Stamp> {
        self.since
    }

    /// When it is to be looked at again.
    pub fn deadline(&self) -> Option<Moment> {
        self.due
    }

    /// Whether nothing is looked at for a while now.
    fn is_quiet(&self, now: Moment) -> bool {
        self.due.is_none_or(|due| due > now + LOOKS[1])
    }

    /// Something happened. Who goes on printing is not looked at until he stops, unless he is said to wait.
    pub fn note(&mut self, now: Moment) {
        self.looks = 0;
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
    fn saw(&mut self, is_waiting: bool, now: Moment) -> bool {
        self.looks += 1;
        self.due = LOOKS.get(self.looks).map(|pause| now + *pause);
        self.set(is_waiting)
    }

    fn set(&mut self, is_waiting: bool) -> bool {
        let is_news = is_waiting != self.since.is_some();
        if is_news {
            self.since = is_waiting.then(Stamp::now);
        }
        is_news
    }
}

impl Supervisor {
    /// Looks, if it is time, and says what has changed.
    pub fn look_whether_waiting(&mut self, now: Moment) {
        if self.prompting.deadline().is_some_and(|due| due <= now) {
            let is_waiting = self.is_waiting();
            if self.prompting.saw(is_waiting, now) {
                self.tell_whether_waiting();
            }
            if self.prompting.is_quiet(now) {
                process::shed();
            }
        }
    }

    /// Somebody answered: until the next look, it does not wait.
    pub fn note_answer(&mut self) {
        if self.prompting.set(false) {
            self.tell_whether_waiting();
        }
    }

    fn tell_whether_waiting(&mut self) {
        self.state.waiting_since = self.prompting.since();
        self.save_state();
        self.control.tell_attached(&Reply::Waiting(self.prompting.since().is_some()));
        let marker = if self.prompting.since().is_some() { MarkerState::Waiting } else { MarkerState::Active };
        let _ = markers::mark_own(&self.home, self.state.id, marker);
        shells::ring(&self.home);
    }

    fn is_waiting(&mut self) -> bool {
        let Some(terminal) = self.outputs.iter().find(|source| source.stream == Stream::Terminal) else { return false };
        let (Some(group), Some(device)) = (tty::foreground_group(terminal), tty::device_behind(terminal)) else {
            return false;
        };
        let asks = self.prompting.is_line_begun && !tty::is_canonical(terminal);
        let mut below = proc::children(std::process::id() as i32).unwrap_or_default();
        while let Some(pid) = below.pop() {
            let is_in_foreground = proc::stat(pid).is_ok_and(|process| process.group == group);
            let waits = if is_in_foreground { blocked::on_terminal(pid, device) } else { Waits::Otherwise };
            match waits {
                Waits::ForInput => return true,
                Waits::ForEvents if asks => return true,
                Waits::ForEvents | Waits::Otherwise => below.extend(proc::children(pid).unwrap_or_default()),
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Prompting;
    use crate::units::moment::Moment;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn looks_end_after_a_while() {
        let (mut waiting, mut now) = (Prompting::default(), Moment(1000));
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
        let mut waiting = Prompting::default();
        waiting.note_output(b"a\n", Moment(0));
        waiting.note_output(b"b\n", Moment(50));
        assert_eq!(waiting.deadline(), Some(Moment(50) + MS(60)));
        assert!(waiting.saw(true, Moment(110)));
        waiting.note_output(b"c\n", Moment(150));
        assert_eq!(waiting.deadline(), Some(Moment(110) + MS(100)));
    }
}

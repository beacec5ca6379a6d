//! When the live view does what: nothing while nothing happens, but for its clock.

use std::time::{Duration, Instant};

/// Times to come.
#[derive(Clone, Copy, Debug)]
pub struct FrameClock {
    /// When what tasks use is measured again, and the clock goes on. Never, while none lives.
    pub tick: Option<Instant>,
    /// When logs may be read again.
    pub read: Instant,
    /// When a drawing that is wanted may be made.
    pub draw: Instant,
    /// When an Escape is known to be one by itself.
    pub escape: Option<Instant>,
}

/// How often the clock goes on.
pub const TICK: Duration = Duration::from_secs(1);
/// The second measurement is the first that tells how much of a processor is used.
const FIRST_TICK: Duration = Duration::from_millis(300);
/// However fast a log grows, it is read and drawn no more often than this.
const FRAME: Duration = Duration::from_millis(30);
/// The bytes of one key come together.
const ESCAPE: Duration = Duration::from_millis(40);

impl FrameClock {
    /// Everything may begin.
    pub fn new(now: Instant) -> FrameClock {
        FrameClock { tick: Some(now + FIRST_TICK), read: now, draw: now, escape: None }
    }

    /// The clock has gone on.
    pub fn ticked(&mut self, now: Instant) {
        self.tick = Some(now + TICK);
    }

    /// The clock has gone on, and nothing moves: it goes on later.
    pub fn ticked_for(&mut self, now: Instant, rest: Duration) {
        self.tick = Some(now + rest);
    }

    /// Logs were read. Where that left more to do, it goes on soon: a flood takes half a processor
    /// at most.
    pub fn have_read(&mut self, now: Instant, is_all: bool) {
        self.read = now + if is_all { FRAME } else { FRAME / 2 };
    }

    /// A drawing was made.
    pub fn drew(&mut self, now: Instant) {
        self.draw = now + FRAME;
    }

    /// A key was begun, or is complete.
    pub fn pressed(&mut self, now: Instant, is_open: bool) {
        self.escape = is_open.then(|| now + ESCAPE);
    }

    /// How long to wait at most. `None`: until something happens.
    pub fn timeout(&self, now: Instant, wants: Wants) -> Option<Duration> {
        let read = (wants.read || self.read > now).then_some(self.read);
        let draw = wants.draw.then_some(self.draw);
        let next = [self.tick, self.escape, read, draw].into_iter().flatten().min();
        next.map(|time| time.saturating_duration_since(now))
    }
}

/// What there is to do.
#[derive(Clone, Copy, Debug)]
pub struct Wants {
    /// There is more of a log to read.
    pub read: bool,
    /// What is drawn is out of date.
    pub draw: bool,
}

#[cfg(test)]
mod tests {
    use crate::tui::frame_clock::{FRAME, FrameClock, TICK, Wants};
    use std::time::Instant;

    const NOTHING: Wants = Wants { read: false, draw: false };

    #[test]
    fn only_the_clock_wakes_an_idle_view() {
        let now = Instant::now();
        let mut pace = FrameClock::new(now);
        pace.ticked(now);
        assert_eq!(pace.timeout(now, NOTHING), Some(TICK));
        pace.tick = None;
        assert_eq!(pace.timeout(now, NOTHING), None);
    }

    #[test]
    fn a_fast_log_is_read_and_drawn_once_a_frame() {
        let now = Instant::now();
        let mut pace = FrameClock::new(now);
        pace.have_read(now, true);
        pace.drew(now);
        assert_eq!(pace.timeout(now, Wants { read: false, draw: true }), Some(FRAME));
        pace.have_read(now, false);
        assert_eq!(pace.timeout(now, Wants { read: true, draw: false }), Some(FRAME / 2));
    }
}

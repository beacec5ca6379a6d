//! A point on the monotonic clock: what deadlines are counted on.

use std::ops::Add;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// A reading of the monotonic clock. *Units*: milliseconds since an unspecified start (boot, on
/// Linux); does not run while the machine is suspended. *Source*: clock_gettime(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u64);

impl Moment {
    /// Reads the clock.
    pub fn now() -> Moment {
        let t = clock_gettime(ClockId::CLOCK_MONOTONIC).expect("CLOCK_MONOTONIC always exists on Linux");
        Moment(t.tv_sec() as u64 * 1000 + t.tv_nsec() as u64 / 1_000_000)
    }

    /// The time since `earlier`.
    pub fn since(self, earlier: Moment) -> Duration {
        earlier.until(self)
    }

    /// The time from `self` until `later`, zero when that has passed.
    pub fn until(self, later: Moment) -> Duration {
        Duration::from_millis(later.0.saturating_sub(self.0))
    }
}

impl Add<Duration> for Moment {
    type Output = Moment;

    fn add(self, span: Duration) -> Moment {
        Moment(self.0.saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
    }
}

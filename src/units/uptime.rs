//! A point on the clock that nobody sets: what is told of how long something took is counted on it.

use nix::time::{ClockId, clock_gettime};

use super::span::Span;

/// A reading of the clock that runs since the machine began, also while it is suspended. *Units*:
/// milliseconds. *Source*: clock_gettime(2), CLOCK_BOOTTIME.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uptime(pub u64);

impl Uptime {
    /// Reads the clock.
    pub fn now() -> Uptime {
        let t = clock_gettime(ClockId::CLOCK_BOOTTIME).expect("CLOCK_BOOTTIME exists since Linux 2.6.39");
        Uptime(t.tv_sec() as u64 * 1000 + t.tv_nsec() as u64 / 1_000_000)
    }

    /// The time since `earlier`.
    pub fn since(self, earlier: Uptime) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The reading this much later.
    pub fn after(self, span: Span) -> Uptime {
        Uptime(self.0.saturating_add(span.0))
    }
}

#[cfg(test)]
mod tests {
    use super::Uptime;
    use crate::units::span::Span;

    #[test]
    fn it_only_goes_forward() {
        let earlier = Uptime::now();
        assert!(Uptime::now() >= earlier && earlier.after(Span(5)).since(earlier) == Span(5));
        assert_eq!(earlier.since(earlier.after(Span(5))), Span(0));
    }
}

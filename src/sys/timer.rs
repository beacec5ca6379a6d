//! A time of day that can be waited for. *Source*: timerfd_create(2).

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

/// Readable from a time of day on, also when the machine slept or its clock was set.
#[derive(Debug)]
pub struct Timer(TimerFd);

impl Timer {
    /// For a time. *Units*: milliseconds since 1970, UTC.
    pub fn at(millis: i64) -> io::Result<Timer> {
        let timer = TimerFd::new(ClockId::CLOCK_REALTIME, TimerFlags::TFD_CLOEXEC | TimerFlags::TFD_NONBLOCK)?;
        // 0 would be no alarm at all.
        let millis = millis.max(1);
        let at = TimeSpec::new(millis.div_euclid(1000), millis.rem_euclid(1000) * 1_000_000);
        timer.set(Expiration::OneShot(at), TimerSetTimeFlags::TFD_TIMER_ABSTIME)?;
        Ok(Timer(timer))
    }
}

impl AsFd for Timer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

//! A time that can be waited for. *Source*: timerfd_create(2).

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

/// Readable after a while, also when the machine slept or its clock was set meanwhile.
#[derive(Debug)]
pub struct Timer(TimerFd);

impl Timer {
    /// For a moment on the clock that runs since the machine began. *Units*: milliseconds.
    pub fn at(millis: u64) -> io::Result<Timer> {
        let timer = TimerFd::new(ClockId::CLOCK_BOOTTIME, TimerFlags::TFD_CLOEXEC | TimerFlags::TFD_NONBLOCK)?;
        // 0 would be no alarm at all.
        let millis = i64::try_from(millis.max(1)).unwrap_or(i64::MAX);
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

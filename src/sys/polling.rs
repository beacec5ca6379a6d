//! Waiting for the first of several descriptors. *Source*: poll(2).

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};
use std::{io, thread};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// Waits until something can be read, or has ended, or the time is up; says of which. Nothing at
/// all also when a signal came in between.
pub fn wait_for_any<S: Copy>(sources: &[(S, BorrowedFd<'_>)], most: Option<Duration>) -> io::Result<Vec<S>> {
    let sources: Vec<_> = sources.iter().map(|(source, fd)| (*source, PollFd::new(*fd, PollFlags::POLLIN))).collect();
    wait_for_each(&sources, most)
}

/// The same where it is told of each what is waited for.
pub fn wait_for_each<S: Copy>(sources: &[(S, PollFd<'_>)], most: Option<Duration>) -> io::Result<Vec<S>> {
    let mut fds: Vec<PollFd<'_>> = sources.iter().map(|(_, fd)| fd.clone()).collect();
    // Rounded up: a millisecond early is a turn for nothing.
    let millis = most.map(|most| most.as_micros().div_ceil(1000));
    let timeout = millis.map_or(PollTimeout::NONE, |ms| PollTimeout::try_from(ms).unwrap_or(PollTimeout::MAX));
    match poll(&mut fds, timeout) {
        Err(Errno::EINTR) => return Ok(Vec::new()),
        polled => polled?,
    };
    let is_ready = |fd: &PollFd<'_>| fd.revents().is_none_or(|events| !events.is_empty());
    Ok(sources.iter().zip(&fds).filter(|(_, fd)| is_ready(fd)).map(|((source, _), _)| *source).collect())
}

/// Whether something can be read, or the other end is gone.
pub fn is_readable(fd: BorrowedFd<'_>) -> bool {
    matches!(poll(&mut [PollFd::new(fd, PollFlags::POLLIN)], PollTimeout::ZERO), Ok(1))
}

/// Whether nobody reads any more what is written to a pipe.
pub fn is_closed(pipe: BorrowedFd<'_>) -> bool {
    let mut fds = [PollFd::new(pipe, PollFlags::empty())];
    let polled = poll(&mut fds, PollTimeout::ZERO);
    polled.is_ok_and(|ready| ready > 0) && fds[0].revents().is_some_and(|events| events.contains(PollFlags::POLLERR))
}

/// Waits where the last time is not this long ago: somebody who prints without end is not looked at
/// without end.
#[expect(clippy::disallowed_methods, reason = "no event is waited for: those that come are kept apart")]
pub fn throttle(last: &mut Option<Instant>, span: Duration) {
    if let Some(left) = last.and_then(|last| span.checked_sub(last.elapsed())) {
        thread::sleep(left);
    }
    *last = Some(Instant::now());
}

/// Waits for what gives no event of its own, before it is looked at again.
pub fn pause(span: Duration) {
    let _ = wait_for_any::<()>(&[], Some(span));
}

//! Several logs as one stream of lines: one by itself, all in order of time, or as they come.

use std::time::Duration;

use crossbeam_channel::{Receiver, Select};

use super::super::failure::Failure;
use super::lines::Lines;
use crate::client::changes::changes;
use crate::client::stream::Stream;
use crate::client::until_over::ends;
use crate::store::home::Home;
use crate::task::id::TaskId;
use crate::units::stamp::Stamp;

/// A line that was printed and is drawn over is printed once more when it has stayed as it is for so long.
const AT_REST: Duration = Duration::from_millis(500);

/// One log, as it is.
pub fn whole(mut stream: Stream, lines: &mut Lines<'_>) -> Result<(), Failure> {
    while let Some(entry) = stream.next()? {
        lines.tell(stream.new_gaps())?;
        if !lines.take(&mut stream, entry)? {
            return Ok(());
        }
    }
    lines.tell(stream.new_gaps())?;
    rest(&mut stream, lines)
}

/// All together, in order of time. Of a line whose time is not known, it is known that it comes after the one before.
pub fn merged(mut streams: Vec<Stream>, lines: &mut Lines<'_>) -> Result<(), Failure> {
    let mut last = Stamp(i64::MIN);
    loop {
        let mut first: Option<(Stamp, usize)> = None;
        for (at, stream) in streams.iter_mut().enumerate() {
            let next = stream.peek()?;
            lines.tell(stream.new_gaps())?;
            let Some(time) = next else { continue };
            let time = time.unwrap_or(last).max(last);
            if first.is_none_or(|(earliest, _)| time < earliest) {
                first = Some((time, at));
            }
        }
        let Some((time, at)) = first else { break };
        last = time;
        if let Some(entry) = streams[at].next()?
            && !lines.take(&mut streams[at], entry)?
        {
            return Ok(());
        }
    }
    // What did not end comes last: nothing is added to these logs.
    streams.iter_mut().try_for_each(|stream| rest(stream, lines))
}

/// As they come, until all tasks are over.
pub fn as_they_come(home: &Home, mut streams: Vec<Stream>, lines: &mut Lines<'_>) -> Result<(), Failure> {
    let ids: Vec<TaskId> = streams.iter().map(|stream| stream.log().spec.id).collect();
    let changes: Vec<Receiver<()>> =
        streams.iter().map(|stream| changes(&[], Some(&stream.log().path))).collect::<Result<_, _>>()?;
    let ends = ends(home, &ids)?;
    let mut left = ids.len();
    while left > 0 {
        catch_up(&mut streams, lines)?;
        let mut select = Select::new();
        changes.iter().for_each(|changes| {
            select.recv(changes);
        });
        let end = select.recv(&ends);
        let is_changing = streams.iter().any(Stream::is_changing);
        let told = if is_changing { select.select_timeout(AT_REST) } else { Ok(select.select()) };
        let Ok(told) = told else {
            streams.iter_mut().for_each(Stream::give_changes);
            continue;
        };
        if told.index() == end {
            left = told.recv(&ends).map_or(0, |_| left - 1);
        } else {
            let at = told.index();
            let _ = told.recv(&changes[at]);
        }
    }
    catch_up(&mut streams, lines)?;
    streams.iter_mut().try_for_each(|stream| rest(stream, lines))
}

fn rest(stream: &mut Stream, lines: &mut Lines<'_>) -> Result<(), Failure> {
    while let Some(rest) = stream.rest()? {
        if !lines.take(stream, rest)? {
            break;
        }
    }
    Ok(())
}

fn catch_up(streams: &mut [Stream], lines: &mut Lines<'_>) -> Result<(), Failure> {
    for stream in streams {
        while let Some(entry) = stream.next()? {
            lines.tell(stream.new_gaps())?;
            lines.take(stream, entry)?;
        }
        lines.tell(stream.new_gaps())?;
    }
    Ok(lines.flush()?)
}

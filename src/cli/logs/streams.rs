//! Several logs as one stream of lines: one by itself, all in order of time, or as they come.

use crossbeam_channel::{Receiver, Select};

use super::follow_view::AT_REST;
use super::line_output::LineOutput;
use crate::actions::failure::Failure;
use crate::client::fs_events::changes;
use crate::client::wait_exit::ends;
use crate::store::layout::Home;
use crate::task::id::TaskId;
use crate::task_log::line_stream::LineStream;
use crate::units::wall_time::WallTime;

/// One log, as it is.
pub fn whole(stream: &mut LineStream, lines: &mut LineOutput<'_>) -> Result<(), Failure> {
    while let Some(entry) = stream.next()? {
        lines.tell(stream.new_gaps())?;
        if !lines.take(stream, entry)? {
            return Ok(());
        }
    }
    lines.tell(stream.new_gaps())?;
    rest(stream, lines)
}

/// All together, in order of time. Of a line whose time is not known, it is known that it comes
/// after the one before.
pub fn merged(streams: &mut [LineStream], lines: &mut LineOutput<'_>) -> Result<(), Failure> {
    let mut last = WallTime(i64::MIN);
    loop {
        let mut first: Option<(WallTime, usize)> = None;
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

/// As they come, until all tasks are over, or the one run of each that is wanted.
pub fn as_they_come(home: &Home, mut streams: Vec<LineStream>, lines: &mut LineOutput<'_>) -> Result<(), Failure> {
    let ids: Vec<TaskId> = streams.iter().map(|stream| stream.log().spec.id).collect();
    let changed = |stream: &LineStream| changes(&stream.log().directories(home), Some(&stream.log().path));
    let changes: Vec<Receiver<()>> = streams.iter().map(changed).collect::<Result<_, _>>()?;
    let ends = ends(home, &ids)?;
    let mut over: Vec<TaskId> = Vec::new();
    loop {
        let mut are_over = true;
        for stream in &mut streams {
            are_over &= stream.ends()? || over.contains(&stream.log().spec.id);
        }
        catch_up(&mut streams, lines)?;
        if are_over {
            break;
        }
        let mut select = Select::new();
        changes.iter().for_each(|changes| {
            select.recv(changes);
        });
        let end = if over.len() < ids.len() { select.recv(&ends) } else { usize::MAX };
        let is_changing = streams.iter().any(LineStream::is_changing);
        let told = if is_changing { select.select_timeout(AT_REST) } else { Ok(select.select()) };
        match told {
            Err(_) => streams.iter_mut().for_each(LineStream::give_changes),
            Ok(told) if told.index() == end => over.extend(told.recv(&ends)),
            Ok(told) => {
                let at = told.index();
                let _ = told.recv(&changes[at]);
            }
        }
    }
    streams.iter_mut().try_for_each(|stream| rest(stream, lines))
}

fn rest(stream: &mut LineStream, lines: &mut LineOutput<'_>) -> Result<(), Failure> {
    while let Some(rest) = stream.rest()? {
        if !lines.take(stream, rest)? {
            break;
        }
    }
    Ok(())
}

fn catch_up(streams: &mut [LineStream], lines: &mut LineOutput<'_>) -> Result<(), Failure> {
    for stream in streams {
        while let Some(entry) = stream.next()? {
            lines.tell(stream.new_gaps())?;
            lines.take(stream, entry)?;
        }
        lines.tell(stream.new_gaps())?;
    }
    Ok(lines.flush()?)
}

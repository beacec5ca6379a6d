//! Logs whose lines are looked at one by one.

use super::super::pager_output::PagerOutput;
use super::grep::{Prints, Share};
use super::line_output::{Labelled, LineFilter, LineFormat, LineOutput};
use super::{Logs, streams};
use crate::actions::failure::{Failure, USAGE};
use crate::ansi::printable;
use crate::logs::text::line_search::Search;
use crate::store::layout::Home;
use crate::task_log::line_stream::{Counting, LineStream};
use crate::task_log::log_range::LogRange;

impl Logs {
    /// Prints the lines that are wanted; says whether there were any.
    pub(super) fn by_line(
        &self,
        home: &Home,
        logs: Vec<LogRange>,
        search: Option<&Search>,
        out: &PagerOutput,
    ) -> Result<bool, Failure> {
        if self.raw {
            return Err(Failure::new(USAGE, "--raw takes a log as it is, and not line by line")
                .hint("leave out --raw, or what it was combined with"));
        }
        let counting = if self.json { Counting::FromStart } else { Counting::FromHere };
        let labels = self.labelled(&logs);
        if self.follow && logs.iter().any(|log| log.end.is_none()) {
            let streams = logs.into_iter().map(|log| self.growing(log, counting)).collect::<Result<_, _>>()?;
            let mut lines = LineOutput::new(self.choice(search, Share::All), self.form(), labels, out.clone());
            streams::as_they_come(home, streams, &mut lines)?;
            return lines.finish();
        }
        let logs = self.ends_of(logs, self.takes_all(search))?;
        let streams = logs.into_iter().map(|log| LineStream::of(log, counting)).collect::<Result<Vec<_>, _>>()?;
        let still = |streams: Vec<LineStream>, labels: Vec<Labelled>| -> Result<bool, Failure> {
            self.still(
                streams,
                counting,
                LineOutput::new(self.choice(search, self.share()), self.form(), labels, out.clone()),
            )
        };
        if self.merge {
            return still(streams, labels);
        }
        let mut has_printed = false;
        for (stream, labelled) in streams.into_iter().zip(labels) {
            has_printed |= still(vec![stream], vec![labelled])?;
        }
        Ok(has_printed)
    }

    /// Logs as they are: twice, where they have to be gone through to know which lines are the
    /// last, and these are many.
    fn still(
        &self,
        mut streams: Vec<LineStream>,
        counting: Counting,
        mut lines: LineOutput<'_>,
    ) -> Result<bool, Failure> {
        self.read(&mut streams, &mut lines)?;
        if lines.begins_anew() {
            streams = streams.into_iter().map(|stream| stream.again(counting)).collect::<Result<_, _>>()?;
            self.read(&mut streams, &mut lines)?;
        }
        lines.finish()
    }

    fn read(&self, streams: &mut [LineStream], lines: &mut LineOutput<'_>) -> Result<(), Failure> {
        if self.merge {
            return streams::merged(streams, lines);
        }
        streams.iter_mut().try_for_each(|stream| streams::whole(stream, lines))
    }

    /// Whether every line is as good as any other: then the last ones need not be looked for from
    /// the beginning.
    fn takes_all(&self, search: Option<&Search>) -> bool {
        search.is_none() && self.level.is_none()
    }

    /// As they are now, where only the last lines are wanted; where any will do, from where these
    /// begin, or before.
    fn ends_of(&self, logs: Vec<LogRange>, takes_all: bool) -> Result<Vec<LogRange>, Failure> {
        let Some(lines) = self.lines() else { return Ok(logs) };
        let end_of = |log: LogRange| match log.open() {
            Ok(_) if takes_all => log.until_now()?.last_left(lines).map(|(log, _)| log),
            Ok(_) => log.until_now(),
            Err(_) => Ok(log),
        };
        Ok(logs.into_iter().map(end_of).collect::<Result<_, _>>()?)
    }

    /// The lines of a log that are wanted of what is there, and all that are added.
    fn growing(&self, log: LogRange, counting: Counting) -> Result<LineStream, Failure> {
        let (log, surplus) = match self.lines() {
            Some(lines) if log.open().is_ok() => log.last_left(lines)?,
            Some(_) | None => (log, 0),
        };
        Ok(LineStream::growing(log, counting)?.passing_over(surplus))
    }

    fn choice<'a>(&self, search: Option<&'a Search>, share: Share) -> LineFilter<'a> {
        LineFilter { level: self.level, search, around: self.grep.around(), share }
    }

    fn form(&self) -> LineFormat {
        match (self.json, self.grep.prints()) {
            (true, _) => LineFormat::Json,
            (false, Prints::Lines) => LineFormat::Text(self.timestamps),
            (false, Prints::Matches) => LineFormat::Matches,
            (false, Prints::Count) => LineFormat::Count,
        }
    }

    /// What lines begin with where there are several tasks: their names, or ids where two have the
    /// same.
    fn labelled(&self, logs: &[LogRange]) -> Vec<Labelled> {
        let label = |log: &LogRange| {
            let is_only = logs.iter().filter(|other| other.spec.name == log.spec.name).count() < 2;
            if is_only { printable(&log.spec.name.to_string()) } else { log.spec.id.to_string() }
        };
        let labelled = logs.iter().enumerate().map(|(place, log)| Labelled {
            id: log.spec.id,
            place,
            label: (logs.len() > 1).then(|| label(log)),
            secrets: self.secrets(log),
        });
        labelled.collect()
    }
}

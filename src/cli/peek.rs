//! `aos peek`: a task's screen, as text.

use std::io::Write;
use std::time::{Duration, Instant};

use anstyle::Style;
use clap::Args;
use serde_json::json;

use crate::actions::failure::VerbResult;
use crate::actions::{acknowledge, output, select};
use crate::cli::verb::{Caller, Verb};
use crate::client::ClientError;
use crate::client::connection::{Connection, Message};
use crate::logs::store::segments::Segments;
use crate::logs::text::masked::Masked;
use crate::logs::text::redact::Secrets;
use crate::screen::picture::Picture;
use crate::screen::svg::{self, SvgCell};
use crate::store::layout::Home;
use crate::store::snapshot::TaskSnapshot;
use crate::store::task_dir::TaskDir;
use crate::task::id::TaskId;
use crate::task::phase::Phase;
use crate::task::spec::Terminal;
use crate::task_log::log_range::secrets;
use crate::terminal::replay;
use crate::units::size::Size;
use crate::units::tty_modes::LineFeed;
use crate::wire::{Query, Reply, Screen};

/// Print a task's screen as text
///
/// Full-screen programs too. For a finished task: what its last output left on the screen.
#[derive(Args)]
pub struct Peek {
    /// The task; default: the only running one
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Print JSON: lines, size, cursor, and whether the task waits for input
    #[arg(long)]
    json: bool,
    /// Print an SVG picture of the screen, with its colours
    #[arg(long, conflicts_with = "json")]
    svg: bool,
}

/// A supervisor answers at once, or is in trouble.
const PATIENCE: Duration = Duration::from_secs(5);
/// More than any screen that a supervisor keeps. *Units*: bytes.
const MOST: usize = 16 << 20;

impl Verb for Peek {
    const NAME: &'static str = "peek";

    fn run(self, _: &mut Caller) -> VerbResult {
        let home = Home::open()?;
        let words: Vec<String> = self.id.iter().cloned().collect();
        for id in select::tasks_or_usual(&home, &words)?.whole()? {
            let secrets = secrets(&home, &TaskDir::open(&home, id)?.spec()?);
            let failed = acknowledge::failed_of(&home, &[id]);
            let (picture, screen) = look(&home, id)?;
            let lines: Vec<Masked> = picture.lines().iter().map(|line| secrets.hide_in(line)).collect();
            acknowledge::saw(&home, &failed);
            if self.json {
                output::object(shown(id, &picture, &lines, &screen))?;
            } else if self.svg {
                write!(output::data(), "{}", drawn(&picture, &secrets, &screen))?;
            } else {
                lines.iter().try_for_each(|line| output::line(line))?;
            }
        }
        Ok(0)
    }
}

/// The screen as a picture. A line in which something is hidden has no colours.
fn drawn(picture: &Picture, secrets: &Secrets, screen: &Screen) -> String {
    let mut rows = picture.svg_cells();
    for row in &mut rows {
        let line: String = row.iter().map(|cell| cell.text.as_str()).collect();
        let hidden = secrets.hide_in(&line).to_string();
        if hidden != line {
            let cell = |c: char| SvgCell { text: c.to_string(), style: Style::new() };
            *row = hidden.chars().map(cell).collect();
        }
    }
    svg::of(&rows, usize::from(screen.size.cols))
}

fn shown(id: TaskId, picture: &Picture, lines: &[Masked], screen: &Screen) -> serde_json::Value {
    let cursor = picture.cursor();
    json!({
        "id": id,
        "rows": screen.size.rows,
        "cols": screen.size.cols,
        "cursor": { "row": cursor.row, "col": cursor.col, "visible": cursor.is_visible },
        "full_screen": screen.is_alternate,
        "waiting_for_input": screen.is_waiting,
        "lines": lines,
    })
}

/// The picture from the task's supervisor; of a task that has none any more, from its log.
fn look(home: &Home, id: TaskId) -> Result<(Picture, Screen), ClientError> {
    let log = {
        let spec = TaskDir::open(home, id)?.spec()?;
        home.log_path(id, &spec.name)
    };
    let (screen, upper) = match Connection::open(home, id) {
        Ok(connection) => ask(connection, id)?,
        Err(ClientError::NotRunning { .. }) => (last(home, id)?, Vec::new()),
        Err(other) => return Err(other),
    };
    if !screen.is_alternate {
        return Ok((replay::picture(&log, &screen)?, screen));
    }
    let mut picture = Picture::new(screen.size);
    picture.show(&upper, LineFeed::Keeps);
    Ok((picture, screen))
}

fn ask(mut connection: Connection, id: TaskId) -> Result<(Screen, Vec<u8>), ClientError> {
    connection.ask(Query::Screen)?;
    let deadline = Instant::now() + PATIENCE;
    let (mut screen, mut upper) = (None, Vec::new());
    while upper.len() <= MOST
        && let Some(message) = connection.next_until(deadline)?
    {
        match message {
            Message::Reply(Reply::Screen(told)) => screen = Some(told),
            Message::Output(_, bytes) => upper.extend_from_slice(&bytes),
            Message::Reply(Reply::Live) => return screen.map(|told| (told, upper)).ok_or(ClientError::NoAnswer(id)),
            Message::Reply(Reply::Refused(why)) => return Err(ClientError::Refused { id, why }),
            Message::Reply(_) => {}
        }
    }
    Err(ClientError::NoAnswer(id))
}

/// The screen that the last run has left.
fn last(home: &Home, id: TaskId) -> Result<Screen, ClientError> {
    let reading = TaskSnapshot::of(home, &TaskDir::open(home, id)?)?;
    let log = home.log_path(id, &reading.spec.name);
    let size = match reading.spec.terminal {
        Terminal::Pty(size) => size,
        Terminal::Pipes | Terminal::Kept => Size::USUAL,
    };
    Ok(Screen {
        size,
        log_start: reading.state.map_or(0, |state| state.log_start),
        log_end: Segments::open(&log).map_or(0, |log| log.end()),
        is_alternate: false,
        line_feed: LineFeed::Returns,
        phase: Phase::Over,
        is_waiting: false,
    })
}

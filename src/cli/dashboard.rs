//! `aos dashboard`: all tasks on one screen.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::actions::failure::{Failure, USAGE, VerbResult};
use crate::actions::{output, select};
use crate::cli::verb::{Caller, Verb};
use crate::client::reconcile::settle;
use crate::client::task_watch::{Newcomers, TaskWatch};
use crate::store::layout::Home;
use crate::store::{counter, markers};
use crate::task::task_filter::TaskFilter;
use crate::tui::board::listing::ListChoice;
use crate::tui::board_app::{BoardApp, Listed};
use crate::tui::{event_loop, picture};
use crate::units::size::Size;

/// Watch and control all tasks on one screen
///
/// Lists the running tasks and those that finished lately, by directory and group. Of the selected
/// one: its log, what is wrong, its runs and its settings. `?` lists the keys; the mouse works.
/// Leaving leaves the tasks running.
#[derive(Args)]
pub struct Dashboard {
    /// Show only these tasks
    #[arg(value_name = "ID", conflicts_with_all = ["here", "all"])]
    ids: Vec<String>,
    /// Show only tasks of this directory and below
    #[arg(long)]
    here: bool,
    /// List all finished tasks, however long ago they finished
    #[arg(short, long)]
    all: bool,
    /// Write the screen to an SVG file once, and leave
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// The size of that screen: COLUMNSxROWS
    #[arg(long, value_name = "SIZE", requires = "snapshot", value_parser = size)]
    size: Option<Size>,
}

const EXAMPLES: &str = "  aos dashboard               all tasks; ? lists the keys
  aos dashboard --here        those of this directory
  aos dashboard --snapshot tasks.svg --size 120x32";

/// The screen of a snapshot, where nothing else is said.
const USUAL: Size = Size { rows: 32, cols: 120 };

impl Verb for Dashboard {
    const NAME: &'static str = "dashboard";
    const ALIASES: &'static [&'static str] = &["dash"];
    const FIT: TaskFilter = TaskFilter::Any;
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, _: &mut Caller) -> VerbResult {
        let has_terminal = output::is_seen() && io::stdin().is_terminal() && !output::is_dumb();
        if self.snapshot.is_none() && !has_terminal {
            return Err(Failure::new(USAGE, "dashboard needs a terminal")
                .hint("without one: aos tasks, aos monitor, aos dashboard --snapshot FILE.svg"));
        }
        let home = Home::open()?;
        settle(&home)?;
        let here = self.here.then(select::here).transpose()?;
        let listed = match (self.ids.is_empty(), self.all) {
            (false, _) => Listed::Named,
            (true, true) => Listed::All,
            (true, false) => Listed::Recent,
        };
        // First, so that none comes in between.
        let newcomers = if self.ids.is_empty() { Newcomers::From(counter::next(&home)?) } else { Newcomers::Left };
        let (ids, is_search) = if self.ids.is_empty() {
            (markers::living(&home)?, true)
        } else {
            let chosen = select::tasks(&home, &self.ids)?;
            let is_search = chosen.is_search;
            (chosen.whole()?, is_search)
        };
        let mut board = BoardApp::begin(&home, listed, here)?;
        if listed == Listed::Named {
            board.board.chosen = ids.first().copied().map(ListChoice::Task);
        }
        let watching = TaskWatch::begin(home, &ids, is_search, newcomers)?;
        match &self.snapshot {
            None => event_loop::show(watching, Some(board)),
            Some(path) => self.write_snapshot(watching, board, path),
        }
    }
}

impl Dashboard {
    fn write_snapshot(&self, watching: TaskWatch, board: BoardApp, path: &Path) -> VerbResult {
        let size = self.size.or_else(output::size).unwrap_or(USUAL);
        let drawn = picture::of_board(watching, board, size)?;
        let mut file = std::fs::File::create(path).map_err(|e| unwritable(path, &e))?;
        io::Write::write_all(&mut file, drawn.as_bytes()).map_err(|e| unwritable(path, &e))?;
        Ok(0)
    }
}

fn unwritable(path: &Path, e: &io::Error) -> Failure {
    Failure::new(USAGE, format!("cannot write {}: {e}", path.display()))
}

/// `120x32`.
fn size(text: &str) -> Result<Size, String> {
    const MOST: u16 = 1000;
    let parsed = text.split_once('x').and_then(|(cols, rows)| Some((cols.parse().ok()?, rows.parse().ok()?)));
    match parsed {
        Some((cols @ 8..=MOST, rows @ 4..=MOST)) => Ok(Size { rows, cols }),
        _ => Err("use COLUMNSxROWS, from 8x4 to 1000x1000: 120x32".into()),
    }
}

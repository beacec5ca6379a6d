//! The dashboard as a picture: what its screen would show, as SVG.

use std::time::Duration;

use ratatui_core::buffer::Buffer;

use crate::actions::failure::Failure;
use crate::ansi::Colours;
use crate::client::task_watch::TaskWatch;
use crate::screen::svg::{self, SvgCell};
use crate::sys::polling;
use crate::tui::app::App;
use crate::tui::board::draw::draw;
use crate::tui::board_app::BoardApp;
use crate::tui::paint;
use crate::tui::view::frame::ViewSettings;
use crate::tui::window::Window;
use crate::units::size::Size;
use crate::units::wall_time::WallTime;

/// So often it is measured what tasks use, so that there is something to draw.
const SAMPLES: usize = 9;
const PAUSE: Duration = Duration::from_millis(100);

/// The screen of a dashboard.
pub fn of_board(watching: TaskWatch, board: BoardApp, size: Size) -> Result<String, Failure> {
    let mut app = App::begin(watching, Some(board))?;
    for _ in 1..SAMPLES {
        polling::wait_for_any::<()>(&[], Some(PAUSE))?;
        app.measure();
    }
    app.portray();
    let look = ViewSettings { size, colours: Colours::Pass, now: WallTime::now() };
    let mut buffer = Window::blank(size);
    if let Some(board) = &mut app.board {
        draw(&mut board.board, &app.model.tasks, &look, &mut buffer);
    }
    Ok(svg::of(&cells(&buffer), usize::from(size.cols)))
}

fn cells(buffer: &Buffer) -> Vec<Vec<SvgCell>> {
    let area = buffer.area;
    let cell = |col: u16, row: u16| {
        let cell = &buffer[(col, row)];
        SvgCell { text: cell.symbol().to_owned(), style: paint::sgr_of(cell) }
    };
    (0..area.height).map(|row| (0..area.width).map(|col| cell(col, row)).collect()).collect()
}

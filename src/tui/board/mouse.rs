//! What the mouse does.

use ratatui_core::layout::Position;

use crate::tui::board::listing::ListItem;
use crate::tui::board::state::Board;
use crate::tui::view::keys::{MouseEvent, MousePress};
use crate::tui::view::model::TaskView;

impl Board {
    /// Does what a click or a turn of the wheel is for.
    pub fn click(&mut self, event: MouseEvent, tasks: &[TaskView]) {
        let at = Position::new(event.col, event.row);
        match event.press {
            MousePress::Left => self.click_at(at, tasks),
            MousePress::WheelUp | MousePress::WheelDown => {
                let up = event.press == MousePress::WheelUp;
                if self.areas.list.contains(at) {
                    let place = self.place().unwrap_or(0);
                    self.choose(if up { place.saturating_sub(1) } else { place + 1 });
                } else {
                    self.roll(up);
                }
            }
        }
    }

    fn click_at(&mut self, at: Position, tasks: &[TaskView]) {
        let tab = self.areas.tabs.iter().find(|(area, _)| area.contains(at)).map(|(_, tab)| *tab);
        if let Some(tab) = tab {
            self.turn_to(tab);
            return;
        }
        if !self.areas.list.contains(at) {
            return;
        }
        let place = self.first + usize::from(at.y - self.areas.list.y);
        match self.items.get(place) {
            Some(ListItem::Section(section)) => {
                let (name, is_folded) = (section.name.clone(), section.is_folded);
                self.fold(&name, !is_folded, tasks);
            }
            Some(ListItem::Watched(..) | ListItem::Past(..)) => self.choose(place),
            None => {}
        }
    }
}

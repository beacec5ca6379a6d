//! What stands between two runs of a log, where somebody looks: `--- run 2, 14:03:11 ---`. In a
//! pipe there is none.

use crate::actions::output;
use crate::ansi::Colours;
use crate::ui::style::FAINT;
use crate::units::wall_time::WallTime;

/// Whether marks are to be shown.
pub fn is_shown() -> bool {
    output::is_seen()
}

/// The mark before a run, as a line without its end.
pub fn of(run: u32, began: Option<WallTime>) -> String {
    let began = began.map_or_else(String::new, |began| format!(", {}", began.local_near(WallTime::now())));
    let text = format!("--- run {run}{began} ---");
    match output::colours() {
        Colours::Pass => format!("{FAINT}{text}{FAINT:#}"),
        Colours::Drop => text,
    }
}

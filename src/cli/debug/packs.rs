//! The rules, and what is told of packs that cannot be used.

use crate::actions::output;
use crate::ansi::printable;
use crate::diagnose::rules::Rules;
use crate::store::layout;
use crate::task_log::rules;
use crate::ui::style::WARNING;

/// All rules. A pack of the user's that cannot be used is told on standard error, and left out.
pub fn rules() -> Rules {
    let (rules, problems) = rules::of_home(layout::chosen_path().ok().as_deref());
    problems.iter().for_each(|problem| complain(problem));
    rules
}

fn complain(what: &str) {
    use std::io::Write;
    let lines: Vec<String> = what.lines().map(printable).collect();
    // Whoever closed our standard error cannot be told anything.
    let _ = writeln!(output::talk(), "{WARNING}aos:{WARNING:#} pack left out: {}", lines.join("\n  "));
}

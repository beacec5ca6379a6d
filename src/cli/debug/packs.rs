//! The rules, and what is told of packs that cannot be used.

use std::io::Write;
use std::path::Path;

use crate::actions::output;
use crate::ansi::printable;
use crate::diagnose::rules::Rules;
use crate::task_log::rules;
use crate::ui::style::WARNING;

/// All rules for output of a directory. A pack that cannot be used is told on standard error, and
/// left out.
pub fn rules(home: Option<&Path>, directory: &Path) -> Rules {
    let (rules, problems) = rules::of_directory(home, directory);
    problems.iter().for_each(|problem| complain(problem));
    rules
}

fn complain(what: &str) {
    let lines: Vec<String> = what.lines().map(printable).collect();
    // Whoever closed our standard error cannot be told anything.
    let _ = writeln!(output::talk(), "{WARNING}aos:{WARNING:#} {}", lines.join("\n  "));
}

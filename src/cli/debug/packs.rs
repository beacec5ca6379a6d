//! The rules: those that are compiled in, and the user's own before them.

use std::path::Path;

use crate::actions::output;
use crate::ansi::printable;
use crate::diagnose::pack::Pack;
use crate::diagnose::rules::{self, Rules};
use crate::store::layout;
use crate::sys::dir::Dir;
use crate::sys::regular;
use crate::ui::style::WARNING;

/// A pack is no longer. *Units*: bytes.
const LARGEST: u64 = 1 << 20;

/// All rules. A pack of the user's that cannot be used is told on standard error, and left out.
pub fn rules() -> Rules {
    let dir = layout::chosen_path().ok().map(|home| home.join("packs"));
    let own = dir.map_or_else(Vec::new, |dir| read(&dir));
    Rules::with(own)
}

/// The packs of a directory, in the order of their names.
fn read(path: &Path) -> Vec<Pack> {
    let Ok(dir) = Dir::open(path) else { return Vec::new() };
    let mut names = dir.names().unwrap_or_default();
    names.retain(|name| name.ends_with(".toml"));
    names.sort();
    names.iter().filter_map(|name| one(&path.join(name))).collect()
}

fn one(path: &Path) -> Option<Pack> {
    let name = path.display().to_string();
    let bytes = match regular::read(path, LARGEST) {
        Ok(bytes) => bytes,
        Err(e) => return complain(&format!("cannot read {name}: {e}")),
    };
    match rules::checked(&name, &String::from_utf8_lossy(&bytes)) {
        Ok(pack) => Some(pack),
        Err(e) => complain(&e.to_string()),
    }
}

fn complain(what: &str) -> Option<Pack> {
    use std::io::Write;
    let lines: Vec<String> = what.lines().map(printable).collect();
    // Whoever closed our standard error cannot be told anything.
    let _ = writeln!(output::talk(), "{WARNING}aos:{WARNING:#} pack left out: {}", lines.join("\n  "));
    None
}

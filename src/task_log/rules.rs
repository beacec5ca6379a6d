//! The rules of what is wrong: those that are compiled in, and the user's own before them.

use std::path::Path;

use crate::diagnose::pack::Pack;
use crate::diagnose::rules::{self, Rules};
use crate::sys::dir::Dir;
use crate::sys::regular;

/// A pack is no longer. *Units*: bytes.
const LARGEST: u64 = 1 << 20;

/// Where a home has the user's own packs.
const PACKS: &str = "packs";

/// All rules, those of a home before the others; and what is wrong with a pack that is left out.
pub fn of_home(home: Option<&Path>) -> (Rules, Vec<String>) {
    let (mut packs, mut problems) = (Vec::new(), Vec::new());
    if let Some(home) = home {
        read(&home.join(PACKS), &mut packs, &mut problems);
    }
    (Rules::with(packs), problems)
}

/// The packs of a directory, in the order of their names.
fn read(path: &Path, packs: &mut Vec<Pack>, problems: &mut Vec<String>) {
    let Ok(dir) = Dir::open(path) else { return };
    let mut names = dir.names().unwrap_or_default();
    names.retain(|name| name.ends_with(".toml"));
    names.sort();
    for name in names {
        let path = path.join(name);
        let shown = path.display().to_string();
        match regular::read(&path, LARGEST) {
            Err(e) => problems.push(format!("cannot read {shown}: {e}")),
            Ok(bytes) => match rules::checked(&shown, &String::from_utf8_lossy(&bytes)) {
                Ok(pack) => packs.push(pack),
                Err(e) => problems.push(e.to_string()),
            },
        }
    }
}

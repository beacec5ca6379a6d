//! The rules of what is wrong: those that are compiled in, the project's before them once the user
//! allowed those, and the user's own before all.

use std::io;
use std::path::{Path, PathBuf};

use crate::diagnose::pack::Pack;
use crate::diagnose::rules::{self, Rules};
use crate::hooks::trust::{Trust, TrustFile};
use crate::store::layout::{Home, TASKS};
use crate::sys::dir::Dir;
use crate::sys::regular;

/// A pack is no longer. *Units*: bytes.
const LARGEST: u64 = 1 << 20;
/// No more packs of a directory are read.
const MOST: usize = 32;

/// Where packs are, below the home and below a project's own directory.
const PACKS: &str = "packs";
const PROJECT: &str = ".agent-os";

/// A pack of a project.
#[derive(Debug)]
pub struct ProjectPack {
    /// Its path, canonical.
    pub path: PathBuf,
    /// What it says.
    pub content: Vec<u8>,
    /// What the user has said of that.
    pub trust: Trust,
}

impl ProjectPack {
    /// Its rules. *Errors*: what is wrong with it.
    pub fn pack(&self) -> Result<Pack, rules::Error> {
        rules::checked(&self.path.display().to_string(), &String::from_utf8_lossy(&self.content))
    }
}

/// All rules for output of a directory; and what is told of packs that are left out.
pub fn of_directory(home: Option<&Path>, directory: &Path) -> (Rules, Vec<String>) {
    let (mut packs, mut problems) = (Vec::new(), Vec::new());
    let Some(home) = home else { return (Rules::with(packs), problems) };
    for file in read(&home.join(PACKS), &mut problems) {
        match rules::checked(&file.0.display().to_string(), &String::from_utf8_lossy(&file.1)) {
            Ok(pack) => packs.push(pack),
            Err(e) => problems.push(format!("pack left out: {e}")),
        }
    }
    let project = of_project(home, directory, &mut problems);
    let is_open = |pack: &&ProjectPack| matches!(pack.trust, Trust::Unanswered { .. });
    let unanswered: Vec<String> = project.iter().filter(is_open).map(|pack| pack.path.display().to_string()).collect();
    if !unanswered.is_empty() {
        problems.push(format!("not used until `aos hooks allow`: {}", unanswered.join(", ")));
    }
    for allowed in project.iter().filter(|pack| pack.trust == Trust::Allowed) {
        match allowed.pack() {
            Ok(pack) => packs.push(pack),
            Err(e) => problems.push(format!("pack left out: {e}")),
        }
    }
    (Rules::with(packs), problems)
}

/// The packs of the project to which a directory belongs: those that are nearest upward.
pub fn of_project(home: &Path, directory: &Path, problems: &mut Vec<String>) -> Vec<ProjectPack> {
    let places = directory.ancestors().map(|above| above.join(PROJECT)).filter(|place| *place != home);
    let Some(packs) = places.map(|place| place.join(PACKS)).find(|packs| packs.is_dir()) else { return Vec::new() };
    let files = read(&packs, problems);
    // Where no home is nothing was allowed yet.
    let home = Some(home).filter(|home| home.join(TASKS).is_dir()).and_then(|home| Home::at(home).ok());
    let trust = home.as_ref().map_or_else(TrustFile::empty, TrustFile::of);
    let asked = |(path, content): (PathBuf, Vec<u8>)| {
        let path = path.canonicalize().unwrap_or(path);
        ProjectPack { trust: trust.asked(&path, &content), path, content }
    };
    files.into_iter().map(asked).collect()
}

/// The packs of a directory, in the order of their names.
fn read(path: &Path, problems: &mut Vec<String>) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(dir) = Dir::open(path) else { return Vec::new() };
    let mut names = dir.names().unwrap_or_default();
    names.retain(|name| name.ends_with(".toml"));
    names.sort();
    if names.len() > MOST {
        problems.push(format!("{}: the first {MOST} packs are used, and not the others", path.display()));
        names.truncate(MOST);
    }
    let one = |name: String| {
        let path = path.join(name);
        let read: io::Result<Vec<u8>> = regular::read(&path, LARGEST);
        (path, read)
    };
    let mut found = Vec::new();
    for (path, read) in names.into_iter().map(one) {
        match read {
            Ok(content) => found.push((path, content)),
            Err(e) => problems.push(format!("pack left out: cannot read {}: {e}", path.display())),
        }
    }
    found
}

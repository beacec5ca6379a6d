//! Symbolic links on the way to files that are meant: where a change of what is read by a name can
//! happen.

use std::collections::{HashMap, VecDeque};
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// As many links are followed as the kernel follows. *Source*: path_resolution(7).
const MOST: usize = 40;

/// The places at which something can change for files that are read through links.
#[derive(Debug, Default)]
pub struct Links(HashMap<PathBuf, Vec<LinkPlace>>);

/// What a place is to a file that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkPlace {
    /// The file, as it was named.
    pub meant: PathBuf,
    /// Whether the way to it leads elsewhere after a change.
    pub is_turn: bool,
}

impl Links {
    /// Takes in where the way to a file leads now; gives the places that are to be watched. None
    /// where there is no link.
    pub fn follow(&mut self, meant: &Path) -> Vec<PathBuf> {
        let places = way(meant);
        for (at, place) in places.iter().enumerate() {
            let is_turn = at + 1 < places.len();
            let known = self.0.entry(place.clone()).or_default();
            let place = LinkPlace { meant: meant.to_owned(), is_turn };
            if !known.contains(&place) {
                known.push(place);
            }
        }
        places
    }

    /// What a place is to files that are meant.
    pub fn at(&self, place: &Path) -> &[LinkPlace] {
        self.0.get(place).map_or(&[], Vec::as_slice)
    }
}

/// The links on the way to a file, and last where it leads, or the first that is not there.
fn way(meant: &Path) -> Vec<PathBuf> {
    let mut left: VecDeque<OsString> = parts(meant);
    let (mut at, mut places) = (PathBuf::from("/"), Vec::new());
    while let Some(part) = left.pop_front() {
        if part == ".." {
            at.pop();
            continue;
        }
        let next = at.join(&part);
        match fs::read_link(&next) {
            Ok(target) if places.len() < MOST => {
                if target.is_absolute() {
                    at = PathBuf::from("/");
                }
                places.push(next);
                parts(&target).into_iter().rev().for_each(|part| left.push_front(part));
            }
            Ok(_) => break,
            Err(_) => {
                let is_there = next.symlink_metadata().is_ok();
                at = next;
                if !is_there {
                    break;
                }
            }
        }
    }
    if !places.is_empty() {
        places.push(at);
    }
    places
}

fn parts(path: &Path) -> VecDeque<OsString> {
    let part = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
    };
    path.components().filter_map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::way;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn the_way_leads_by_every_link_and_ends_where_nothing_is() {
        let dir = tempfile::tempdir().expect("a directory");
        let at = |name: &str| dir.path().canonicalize().expect("a path").join(name);
        fs::create_dir_all(at("real/deep")).expect("made");
        symlink("real", at("data")).expect("a link");
        symlink(at("data/../data/deep/file"), at("named")).expect("a link");
        assert_eq!(way(&at("real/deep")), [""; 0].map(std::path::PathBuf::from));
        assert_eq!(way(&at("named"))[0], at("named"));
        assert_eq!(way(&at("named")).last(), Some(&at("real/deep/file")));
        symlink("round", at("round")).expect("a link");
        assert!(way(&at("round")).len() > 3);
    }
}

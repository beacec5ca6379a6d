//! The directories in which what is meant can change, watched one by one: those that are ignored
//! cost nothing.

use std::collections::HashMap;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use nix::errno::Errno;

use super::globs::Globs;
use super::ignored::{Ignored, top_of};
use super::symlinks::Links;
use crate::sys::inotify::{DirWatcher, FsEvent, Number};
use crate::units::wall_time::WallTime;

/// What is watched.
#[derive(Debug)]
pub struct Tree {
    globs: Globs,
    ignored: Ignored,
    kernel: DirWatcher,
    watched: HashMap<Number, PathBuf>,
    /// Where files that are meant are read through links.
    links: Links,
    /// By which paths links lead to watched directories.
    aliases: HashMap<Number, Vec<PathBuf>>,
}

/// Why nothing can be watched.
#[derive(Debug, thiserror::Error)]
pub enum Blind {
    /// The user has no more instances of inotify.
    #[error("this user has no inotify instances left (fs.inotify.max_user_instances is {0})")]
    Instances(String),
    /// The user has no more watches.
    #[error("{directories} directories are too many to watch (fs.inotify.max_user_watches is {limit})")]
    Watches {
        /// How many there were when there was no more room.
        directories: usize,
        /// How many the system allows.
        limit: String,
    },
    /// Something else.
    #[error("cannot watch: {0}")]
    System(#[from] io::Error),
}

impl Tree {
    /// Watches what is meant. `except` is left out with all below it.
    pub fn new(globs: Globs, except: &Path) -> Result<Tree, Blind> {
        Tree::with_all(globs, except).map(|(tree, _)| tree)
    }

    /// The same; and what is there that was changed, made or renamed at that time or later. What
    /// has gone since is not seen.
    pub fn since(time: WallTime, globs: Globs, except: &Path) -> Result<(Tree, Vec<PathBuf>), Blind> {
        let (tree, mut there) = Tree::with_all(globs, except)?;
        there.retain(|path| path.symlink_metadata().is_ok_and(|found| changed_at(&found) >= time));
        Ok((tree, there))
    }

    /// The same, and all files that are there.
    fn with_all(globs: Globs, except: &Path) -> Result<(Tree, Vec<PathBuf>), Blind> {
        let kernel = DirWatcher::new().map_err(|e| match e.raw_os_error() {
            Some(libc::EMFILE) => Blind::Instances(limit("instances")),
            _ => Blind::System(e),
        })?;
        let (watched, links, aliases) = (HashMap::new(), Links::default(), HashMap::new());
        let mut tree = Tree { globs, ignored: Ignored::new(except), kernel, watched, links, aliases };
        let there = tree.look_around()?;
        Ok((tree, there))
    }

    /// How many directories are watched.
    pub fn directories(&self) -> usize {
        self.watched.len()
    }

    /// What has changed since this was last asked. Never waits.
    pub fn changes(&mut self) -> Result<Vec<PathBuf>, Blind> {
        let mut changed = Vec::new();
        let mut is_to_look = false;
        for happening in self.kernel.happenings()? {
            is_to_look |= self.take_linked(&happening, &mut changed);
            match happening {
                FsEvent::Made(at, name) => changed.extend(self.meant(at, &name).filter(|path| is_whole(path))),
                FsEvent::Changed(at, name) => changed.extend(self.meant(at, &name)),
                FsEvent::Came(..) => is_to_look = true,
                FsEvent::Went(at, name) => {
                    is_to_look = true;
                    changed.extend(self.path(at, &name).filter(|path| self.is_watched(path)));
                }
                FsEvent::Ended(at) => {
                    is_to_look = true;
                    self.watched.remove(&at);
                }
                FsEvent::Overflow => {
                    is_to_look = true;
                    changed.extend(self.globs.bases().next().map(Path::to_owned));
                }
            }
        }
        if changed.iter().any(|path| Ignored::is_rules(path)) {
            self.ignored.forget();
            is_to_look = true;
        }
        if is_to_look {
            changed.extend(self.look_around()?);
        }
        changed.sort();
        changed.dedup();
        Ok(changed)
    }

    /// Adds what is read through a link that changed, or stands where one leads; says whether it
    /// leads elsewhere now.
    fn take_linked(&self, happening: &FsEvent, changed: &mut Vec<PathBuf>) -> bool {
        let (at, name, is_made) = match happening {
            FsEvent::Made(at, name) => (at, name, true),
            FsEvent::Changed(at, name) | FsEvent::Came(at, name) | FsEvent::Went(at, name) => (at, name, false),
            FsEvent::Ended(_) | FsEvent::Overflow => return false,
        };
        let mut is_turn = false;
        for place in self.aliases.get(at).into_iter().flatten().map(|directory| directory.join(name)) {
            let linked = self.links.at(&place);
            is_turn |= linked.iter().any(|linked| linked.is_turn);
            if !is_made || is_whole(&place) {
                changed.extend(linked.iter().map(|linked| linked.meant.clone()));
            }
        }
        is_turn
    }

    /// Watches where a file that is meant is read through links.
    fn follow(&mut self, meant: &Path) -> Result<(), Blind> {
        let mut known = Vec::new();
        loop {
            let places = self.links.follow(meant);
            // What changed before it was watched is seen the second time.
            if places == known {
                return Ok(());
            }
            for directory in places.iter().filter_map(|place| place.parent()) {
                let Some(number) = self.add(directory)? else { continue };
                self.watched.entry(number).or_insert_with(|| directory.to_owned());
                let aliases = self.aliases.entry(number).or_default();
                if !aliases.iter().any(|known| known == directory) {
                    aliases.push(directory.to_owned());
                }
            }
            known = places;
        }
    }

    /// The path of an entry, if a change of it counts.
    fn meant(&mut self, at: Number, name: &std::ffi::OsStr) -> Option<PathBuf> {
        let path = self.path(at, name)?;
        if self.globs.names(&path) {
            return Some(path);
        }
        let is_meant = self.globs.matches(&path) && !self.is_ignored(&path, false);
        is_meant.then_some(path)
    }

    fn path(&self, at: Number, name: &std::ffi::OsStr) -> Option<PathBuf> {
        self.watched.get(&at).map(|directory| directory.join(name))
    }

    fn is_watched(&self, directory: &Path) -> bool {
        self.watched.values().any(|other| other == directory)
    }

    /// Watches the directories that are there now, and those that are gone no more. Gives what is
    /// in those that are new: it came before anybody watched.
    fn look_around(&mut self) -> Result<Vec<PathBuf>, Blind> {
        let before = std::mem::take(&mut self.watched);
        (self.links, self.aliases) = (Links::default(), HashMap::new());
        let mut came = Vec::new();
        for base in self.globs.bases().map(Path::to_owned).collect::<Vec<_>>() {
            if let Some(above) = base.ancestors().skip(1).find(|above| above.is_dir()) {
                self.watch(above)?;
            }
            if base.is_dir() {
                let top = top_of(&base).to_owned();
                self.descend(base.clone(), &top, &before, &mut came)?;
            }
            self.follow(&base)?;
        }
        for number in before.keys().filter(|number| !self.watched.contains_key(number)) {
            self.kernel.remove(*number);
        }
        Ok(came)
    }

    /// Watches a directory and those below it that may matter. Not by recursion: a tree can be
    /// deep.
    fn descend(
        &mut self,
        base: PathBuf,
        top: &Path,
        before: &HashMap<Number, PathBuf>,
        came: &mut Vec<PathBuf>,
    ) -> Result<(), Blind> {
        let mut left = vec![base];
        while let Some(directory) = left.pop() {
            // First watched, then read: nothing falls in between.
            let Some(number) = self.watch(&directory)? else { continue };
            let is_new = !before.contains_key(&number);
            for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
                let path = entry.path();
                let kind = entry.file_type().ok();
                let is_directory = kind.is_some_and(|kind| kind.is_dir());
                let is_link = kind.is_some_and(|kind| kind.is_symlink());
                let counts = match is_directory {
                    true => self.globs.reaches(&path),
                    false => (is_new || is_link) && self.globs.matches(&path),
                };
                if !counts || self.ignored.has(&path, is_directory, top) {
                    continue;
                }
                if is_link {
                    self.follow(&path)?;
                }
                match is_directory {
                    true => left.push(path),
                    false => came.extend(is_new.then_some(path)),
                }
            }
        }
        Ok(())
    }

    /// One that is gone, or may not be read, is passed over.
    fn watch(&mut self, directory: &Path) -> Result<Option<Number>, Blind> {
        let number = self.add(directory)?;
        self.watched.extend(number.map(|number| (number, directory.to_owned())));
        Ok(number)
    }

    fn add(&self, directory: &Path) -> Result<Option<Number>, Blind> {
        match self.kernel.add(directory) {
            Ok(number) => Ok(Some(number)),
            Err(e) => match e.raw_os_error().map(Errno::from_raw) {
                Some(Errno::ENOENT | Errno::ENOTDIR | Errno::EACCES) => Ok(None),
                Some(Errno::ENOSPC) => Err(Blind::Watches { directories: self.watched.len(), limit: limit("watches") }),
                _ => Err(Blind::System(e)),
            },
        }
    }

    fn is_ignored(&mut self, path: &Path, is_directory: bool) -> bool {
        let base = self.globs.bases().find(|base| path.starts_with(base)).unwrap_or(path);
        let top = top_of(base).to_owned();
        self.ignored.has(path, is_directory, &top)
    }
}

impl AsFd for Tree {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.kernel.as_fd()
    }
}

/// Whether a file that was made is all there: a link. Another will be closed once it is written.
fn is_whole(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_symlink() || found.nlink() > 1)
}

/// When a file's content, name or mode was changed last.
fn changed_at(found: &fs::Metadata) -> WallTime {
    WallTime(found.ctime() * 1000 + found.ctime_nsec() / 1_000_000)
}

fn limit(of_what: &str) -> String {
    let read = fs::read_to_string(format!("/proc/sys/fs/inotify/max_user_{of_what}"));
    read.map_or_else(|_| "not known".into(), |text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::Tree;
    use crate::watch::globs::Globs;
    use std::fs;
    use std::io::Write;
    use std::os::unix::fs::symlink;
    use std::path::{Path, PathBuf};

    fn write(path: &Path, text: &str) {
        fs::File::create(path).and_then(|mut f| f.write_all(text.as_bytes())).expect("written");
    }

    struct WatchedPlace {
        dir: tempfile::TempDir,
        tree: Tree,
    }

    impl WatchedPlace {
        fn watching(globs: &[&str], directories: &[&str]) -> WatchedPlace {
            let dir = tempfile::tempdir().expect("a directory");
            for directory in directories {
                fs::create_dir_all(dir.path().join(directory)).expect("a directory");
            }
            write(&dir.path().join(".gitignore"), "out/\n*.log\n");
            let meant = Globs::new(dir.path(), globs.iter().map(Path::new)).expect("globs");
            let tree = Tree::new(meant, &dir.path().join("home")).expect("a tree");
            WatchedPlace { dir, tree }
        }

        fn at(&self, path: &str) -> PathBuf {
            self.dir.path().join(path)
        }

        fn write(&self, path: &str) {
            write(&self.at(path), "x");
        }

        fn changes(&mut self) -> Vec<String> {
            let changed = self.tree.changes().expect("watching");
            let below = |path: PathBuf| path.strip_prefix(self.dir.path()).map(|p| p.display().to_string());
            changed.into_iter().map(|path| below(path).expect("below")).collect()
        }
    }

    #[test]
    fn written_new_renamed_linked_and_removed_files_are_changes() {
        let mut place = WatchedPlace::watching(&["."], &["src"]);
        place.write("src/a");
        assert_eq!(place.changes(), ["src/a"]);
        place.write("src/.a.new");
        fs::rename(place.at("src/.a.new"), place.at("src/a")).expect("renamed");
        assert_eq!(place.changes(), ["src/.a.new", "src/a"]);
        fs::hard_link(place.at("src/a"), place.at("src/b")).expect("linked");
        assert_eq!(place.changes(), ["src/b"]);
        fs::remove_file(place.at("src/b")).expect("removed");
        assert_eq!(place.changes(), ["src/b"]);
        fs::read(place.at("src/a")).expect("read");
        assert_eq!(place.changes(), [""; 0], "to read is no change");
    }

    #[test]
    fn what_changed_before_it_began_is_told_from_a_time_on() {
        let place = WatchedPlace::watching(&["."], &["src", "out"]);
        ["src/old", "src/here"].iter().for_each(|path| place.write(path));
        let old = fs::metadata(place.at("src/old")).expect("there");
        let time = loop {
            place.write("src/new");
            let new = super::changed_at(&fs::metadata(place.at("src/new")).expect("there"));
            if new > super::changed_at(&old) {
                break new;
            }
        };
        fs::rename(place.at("src/here"), place.at("src/renamed")).expect("renamed");
        place.write("out/ignored");
        let globs = Globs::new(place.dir.path(), [Path::new(".")]).expect("globs");
        let (_, mut changed) = Tree::since(time, globs, &place.at("home")).expect("a tree");
        changed.sort();
        assert_eq!(changed, [place.at("src/new"), place.at("src/renamed")]);
    }

    #[test]
    fn what_is_ignored_is_not_even_watched() {
        let mut place = WatchedPlace::watching(&["."], &["src", "out/deep", "node_modules/x/y", "home/tasks"]);
        assert_eq!(place.tree.directories(), 3, "the directory, the one above it, src");
        for path in ["out/x", "out/deep/x", "node_modules/x/x", "x.log", "src/x.log", "home/tasks/x"] {
            place.write(path);
        }
        assert_eq!(place.changes(), [""; 0]);
        fs::create_dir(place.at("src/out")).expect("made");
        place.write("src/out/x");
        assert_eq!(place.changes(), [""; 0]);
        write(&place.at(".gitignore"), "");
        assert_eq!(place.changes(), [".gitignore", "out/deep/x", "out/x", "src/out/x"], "rules may be taken back");
    }

    #[test]
    fn a_directory_that_goes_and_comes_again_is_watched_again() {
        let mut place = WatchedPlace::watching(&["src/**"], &["src/a"]);
        fs::remove_dir_all(place.at("src")).expect("removed");
        place.changes();
        assert_eq!(place.changes(), [""; 0]);
        fs::create_dir_all(place.at("src/a/b")).expect("made");
        place.write("src/a/b/new");
        assert_eq!(place.changes(), ["src/a/b/new"], "it came before anybody watched");
        place.write("src/a/b/more");
        assert_eq!(place.changes(), ["src/a/b/more"]);
        fs::rename(place.at("src/a"), place.at("src/c")).expect("renamed");
        assert!(place.changes().contains(&"src/a".to_owned()));
        place.write("src/c/b/more");
        assert_eq!(place.changes(), ["src/c/b/more"], "by its new name");
    }

    #[test]
    fn a_file_is_followed_through_links_and_their_directories() {
        for glob in ["config/app.yaml", "config", "config/*.yaml"] {
            let mut place = WatchedPlace::watching(&[], &["config/..1", "config/..2", "config/..3"]);
            (1..=3).for_each(|number| place.write(&format!("config/..{number}/app.yaml")));
            symlink("..1", place.at("config/..data")).expect("a link");
            symlink("..data/app.yaml", place.at("config/app.yaml")).expect("a link");
            let meant = Globs::new(place.dir.path(), [Path::new(glob)]).expect("globs");
            place.tree = Tree::new(meant, &place.at("home")).expect("a tree");
            for swapped in ["..2", "..3"] {
                symlink(swapped, place.at("config/..tmp")).expect("a link");
                fs::rename(place.at("config/..tmp"), place.at("config/..data")).expect("renamed");
                assert!(place.changes().contains(&"config/app.yaml".to_owned()), "{glob}: to {swapped}");
            }
            place.changes();
            place.write("config/..3/app.yaml");
            assert!(place.changes().contains(&"config/app.yaml".to_owned()), "{glob}: where it leads now");
            if glob == "config/app.yaml" {
                place.write("config/..1/app.yaml");
                assert_eq!(place.changes(), [""; 0], "it leads there no more");
            }
        }
    }

    #[test]
    fn a_file_is_watched_by_its_name_whether_it_is_there_or_ignored() {
        let mut place = WatchedPlace::watching(&["x.log", "later/y"], &[]);
        place.write("x.log");
        place.write("other");
        assert_eq!(place.changes(), ["x.log"]);
        fs::create_dir(place.at("later")).expect("made");
        place.changes();
        place.write("later/y");
        assert_eq!(place.changes(), ["later/y"]);
    }
}

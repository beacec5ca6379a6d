//! A profile, and the sandbox that it makes of a place.

use std::path::{Component, Path, PathBuf};

use super::guarantee::Guarantee;
use super::{Network, Sandbox, defaults};
use crate::task::os_bytes::OsBytes;

/// What a profile says beyond what it is based on. Paths are as they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// What it is based on.
    pub base: Base,
    /// Whether it goes without what is not to be had.
    pub is_best_effort: bool,
    /// How far the network goes, if it says so.
    pub network: Option<Network>,
    /// Whether Unix sockets are allowed, if it says so.
    pub unix_sockets: Option<bool>,
    /// What may be read besides.
    pub allow_read: Vec<String>,
    /// What may not.
    pub deny_read: Vec<String>,
    /// What may be written besides.
    pub allow_write: Vec<String>,
    /// What may not.
    pub deny_write: Vec<String>,
    /// Variables that are passed on all the same.
    pub pass: Vec<String>,
    /// Variables that are not.
    pub drop: Vec<String>,
}

/// What profiles are based on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Base {
    /// All may be read but secrets, this machine may be reached.
    #[default]
    Default,
    /// Programs and the project may be read, nothing may be reached.
    Strict,
}

/// The place for which a profile is read.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// The user's home directory.
    pub home: &'a Path,
    /// The state of aos.
    pub state: &'a Path,
    /// The project.
    pub project: &'a Path,
    /// Where temporary files go.
    pub temporary: &'a Path,
}

impl Profile {
    /// The sandbox that it is in a place. Nothing is looked at: a path may lead anywhere.
    pub fn at(&self, name: &str, place: &Place<'_>) -> Sandbox {
        let below =
            |base: &Path, paths: &[&str]| -> Vec<OsBytes> { paths.iter().map(|p| plain(&base.join(p))).collect() };
        let own = |paths: &[String]| -> Vec<OsBytes> { paths.iter().map(|path| place.find(path)).collect() };
        let at_root = |paths: &[&str]| below(Path::new("/"), paths);
        let state = vec![plain(place.state)];
        let project = plain(place.project);
        let (allow_read, caches, network) = match self.base {
            Base::Default => (at_root(&["/"]), below(place.home, defaults::CACHES), Network::Loopback),
            Base::Strict => {
                let system = [at_root(defaults::SYSTEM), below(place.home, defaults::TOOLS), vec![project.clone()]];
                (system.concat(), Vec::new(), Network::None)
            }
        };
        Sandbox {
            profile: name.to_owned(),
            network: self.network.unwrap_or(network),
            unix_sockets: self.unix_sockets.unwrap_or(false),
            allow_read: [allow_read, own(&self.allow_read)].concat(),
            deny_read: [
                below(place.home, defaults::SECRETS),
                at_root(defaults::SYSTEM_SECRETS),
                state.clone(),
                own(&self.deny_read),
            ]
            .concat(),
            allow_write: [vec![project], caches, at_root(defaults::DEVICES), own(&self.allow_write)].concat(),
            deny_write: [
                below(place.home, defaults::START_FILES),
                below(place.project, defaults::PROJECT_FILES),
                state,
                own(&self.deny_write),
            ]
            .concat(),
            temporary: plain(place.temporary),
            dropped: Vec::new(),
            without: Vec::new(),
        }
    }

    /// Whether a variable is passed on.
    pub fn passes(&self, name: &[u8]) -> bool {
        let is_like = |pattern: &str| is_like(pattern.as_bytes(), name);
        let is_dropped = defaults::VARIABLES.iter().copied().any(is_like) || self.drop.iter().any(|p| is_like(p));
        !is_dropped || self.pass.iter().any(|pattern| is_like(pattern))
    }
}

impl Place<'_> {
    /// Where a path leads that somebody wrote.
    fn find(&self, path: &str) -> OsBytes {
        match path.strip_prefix('~') {
            Some("") => plain(self.home),
            Some(rest) if rest.starts_with('/') => plain(&self.home.join(&rest[1..])),
            _ => plain(&self.project.join(path)),
        }
    }
}

impl Sandbox {
    /// The same without what is not to be had.
    pub fn without(self, missing: Vec<Guarantee>) -> Sandbox {
        Sandbox { without: missing, ..self }
    }
}

/// The path without `.`, `..` and what is written twice.
fn plain(path: &Path) -> OsBytes {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            Component::RootDir | Component::Normal(_) | Component::Prefix(_) => plain.push(part),
        }
    }
    plain.into_os_string().into()
}

/// Whether a name is like a pattern, in which `*` stands for anything.
fn is_like(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|at| is_like(rest, &name[at..])),
        Some((byte, rest)) => name.split_first().is_some_and(|(first, name)| first == byte && is_like(rest, name)),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::{Base, Place, Profile};
    use crate::task::sandbox::Network;

    fn place() -> Place<'static> {
        Place {
            home: Path::new("/home/me"),
            state: Path::new("/home/me/.agent-os"),
            project: Path::new("/home/me/src/web"),
            temporary: Path::new("/tmp"),
        }
    }

    #[test]
    fn the_default_reads_all_but_secrets_and_writes_the_project() {
        let it = Profile::default().at("default", &place());
        for (path, reads, writes) in [
            ("/home/me/src/web/a", true, true),
            ("/home/me/src/web/.git/index", true, true),
            ("/home/me/src/web/.git/hooks/pre-commit", true, false),
            ("/home/me/src/web/.git/config", true, false),
            ("/home/me/src/other", true, false),
            ("/home/me/.ssh/id_ed25519", false, false),
            ("/home/me/.cargo/credentials.toml", false, false),
            ("/home/me/.cargo/registry/x", true, true),
            ("/home/me/.bashrc", true, false),
            ("/home/me/.agent-os/tasks", false, false),
            ("/usr/bin/cc", true, false),
            ("/dev/null", true, true),
            ("/dev/pts/3", false, false),
        ] {
            assert_eq!((it.may_read(Path::new(path)), it.may_write(Path::new(path))), (reads, writes), "{path}");
        }
        assert_eq!((it.network, it.unix_sockets), (Network::Loopback, false));
    }

    #[test]
    fn strict_shows_nothing_of_the_home_and_a_profile_adds_to_it() {
        let profile = Profile {
            base: Base::Strict,
            allow_read: vec!["~/data".into(), "../lib".into()],
            allow_write: vec!["~/out/../made".into()],
            ..Profile::default()
        };
        let it = profile.at("x", &place());
        for (path, reads, writes) in [
            ("/home/me/notes", false, false),
            ("/home/me/data/x", true, false),
            ("/home/me/src/lib/x", true, false),
            ("/home/me/made/x", true, true),
            ("/home/me/out/x", false, false),
            ("/usr/bin/cc", true, false),
        ] {
            assert_eq!((it.may_read(Path::new(path)), it.may_write(Path::new(path))), (reads, writes), "{path}");
        }
        assert_eq!(it.network, Network::None);
    }

    #[test]
    fn variables_with_secrets_are_not_passed_on() {
        let profile = Profile { pass: vec!["GITHUB_*".into()], drop: vec!["MINE".into()], ..Profile::default() };
        for (name, passes) in [
            ("PATH", true),
            ("HOME", true),
            ("SSH_AUTH_SOCK", false),
            ("TMUX", false),
            ("NPM_TOKEN", false),
            ("GITHUB_TOKEN", true),
            ("MINE", false),
            ("AWS_REGION", false),
            ("TOKENIZERS_PARALLELISM", true),
        ] {
            assert_eq!(profile.passes(name.as_bytes()), passes, "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_profile_or_refused(text in "\\PC{0,60}", is_json: bool) {
            let _ = Profile::parse(&text, is_json).map(|profile| profile.at("x", &place()));
        }
    }
}

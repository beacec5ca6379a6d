//! Which files are meant: globs and plain paths, relative to a directory.

use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

/// Files that are meant.
#[derive(Debug)]
pub struct Globs(Vec<GlobPattern>);

/// One glob: a directory without anything special in its path, and what is special below it.
#[derive(Debug)]
struct GlobPattern {
    base: PathBuf,
    below: Option<Below>,
}

#[derive(Debug)]
struct Below {
    glob: GlobMatcher,
    /// How many directories deep it can match by itself; `None` for any number.
    depth: Option<usize>,
}

/// A glob that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("`{glob}` is no glob: {why}")]
pub struct BadGlob {
    glob: String,
    why: String,
}

impl Globs {
    /// Reads globs, relative to an absolute directory. What is there by this very name is meant
    /// literally.
    pub fn new<'a>(cwd: &Path, globs: impl IntoIterator<Item = &'a Path>) -> Result<Globs, BadGlob> {
        globs.into_iter().map(|glob| GlobPattern::new(cwd, glob)).collect::<Result<_, _>>().map(Globs)
    }

    /// The paths from which to look: each a directory, a file, or not there.
    pub fn bases(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(|pattern| &*pattern.base)
    }

    /// Whether this path is meant: a directory means all below it.
    pub fn matches(&self, path: &Path) -> bool {
        self.0.iter().any(|pattern| pattern.matches(path))
    }

    /// Whether anything below this directory can be meant.
    pub fn reaches(&self, directory: &Path) -> bool {
        self.0.iter().any(|pattern| pattern.reaches(directory))
    }

    /// Whether this very path was named.
    pub fn names(&self, path: &Path) -> bool {
        self.0.iter().any(|pattern| pattern.below.is_none() && pattern.base == path)
    }
}

impl GlobPattern {
    fn new(cwd: &Path, text: &Path) -> Result<GlobPattern, BadGlob> {
        let whole = normal(&cwd.join(text));
        if whole.symlink_metadata().is_ok() {
            return Ok(GlobPattern { base: whole, below: None });
        }
        let is_plain =
            |part: &Component<'_>| !part.as_os_str().as_encoded_bytes().iter().any(|b| b"*?[{\\".contains(b));
        let parts: Vec<Component<'_>> = whole.components().collect();
        let plain = parts.iter().take_while(|part| is_plain(part)).count();
        let base = parts[..plain].iter().collect();
        let rest: PathBuf = parts[plain..].iter().collect();
        if rest.as_os_str().is_empty() {
            return Ok(GlobPattern { base, below: None });
        }
        let bad = |why: String| BadGlob { glob: text.display().to_string(), why };
        let rest = rest.to_str().ok_or_else(|| bad("it is not UTF-8".into()))?;
        let glob = GlobBuilder::new(rest).literal_separator(true).build().map_err(|e| bad(e.kind().to_string()))?;
        let depth = (!rest.contains("**")).then_some(parts.len() - plain);
        Ok(GlobPattern { base, below: Some(Below { glob: glob.compile_matcher(), depth }) })
    }

    fn matches(&self, path: &Path) -> bool {
        let Ok(rest) = path.strip_prefix(&self.base) else { return false };
        match &self.below {
            None => true,
            Some(below) => below.matches(rest),
        }
    }

    fn reaches(&self, directory: &Path) -> bool {
        let Ok(rest) = directory.strip_prefix(&self.base) else { return false };
        match &self.below {
            None => true,
            Some(below) => below.depth.is_none_or(|depth| rest.components().count() < depth) || below.matches(rest),
        }
    }
}

impl Below {
    fn matches(&self, rest: &Path) -> bool {
        rest.ancestors().filter(|path| !path.as_os_str().is_empty()).any(|path| self.glob.is_match(path))
    }
}

/// The path without `.` and `..`, by its text alone.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(normal.pop()),
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => normal.push(part),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::Globs;
    use std::path::Path;

    fn globs(text: &str) -> Globs {
        Globs::new(Path::new("/nowhere/p"), [Path::new(text)]).expect(text)
    }

    #[test]
    fn a_glob_means_what_it_says() {
        let cases: [(&str, &[&str], &[&str]); 8] = [
            (".", &["/nowhere/p/a", "/nowhere/p/a/b/.c"], &["/nowhere/q", "/nowhere/pq"]),
            ("src", &["/nowhere/p/src/a/b"], &["/nowhere/p/srcs", "/nowhere/p/a/src"]),
            ("src/**", &["/nowhere/p/src/a", "/nowhere/p/src/a/b"], &["/nowhere/p/a"]),
            ("*.rs", &["/nowhere/p/a.rs"], &["/nowhere/p/src/a.rs", "/nowhere/p/a.c"]),
            ("**/*.{c,h}", &["/nowhere/p/a.c", "/nowhere/p/x/y/a.h"], &["/nowhere/p/a.o"]),
            ("packages/*/src", &["/nowhere/p/packages/a/src/x/y"], &["/nowhere/p/packages/a/dist/x"]),
            ("../q/./*.c", &["/nowhere/q/a.c"], &["/nowhere/p/q/a.c"]),
            ("/etc/x[12].conf", &["/etc/x1.conf"], &["/etc/x3.conf", "/nowhere/p/etc/x1.conf"]),
        ];
        for (glob, yes, no) in cases {
            let globs = globs(glob);
            assert!(yes.iter().all(|path| globs.matches(Path::new(path))), "{glob}: {yes:?}");
            assert!(!no.iter().any(|path| globs.matches(Path::new(path))), "{glob}: {no:?}");
        }
    }

    #[test]
    fn directories_are_looked_into_as_deep_as_need_be() {
        let reaches = |glob: &str, path: &str| globs(glob).reaches(Path::new(path));
        assert!(reaches("*.rs", "/nowhere/p") && !reaches("*.rs", "/nowhere/p/src"));
        assert!(reaches("**/*.rs", "/nowhere/p/a/b/c"));
        assert!(reaches("src/*/x", "/nowhere/p/src/a") && !reaches("src/*/x", "/nowhere/p/src/a/b"));
        assert!(reaches("src/*/x", "/nowhere/p/src/a/x/deep"));
        assert!(!reaches("src/**", "/nowhere/p/lib"));
    }

    #[test]
    fn what_is_there_by_that_name_is_meant_literally() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::File::create(dir.path().join("[id].tsx")).expect("a file");
        let globs = Globs::new(dir.path(), [Path::new("[id].tsx")]).expect("a path");
        assert!(globs.names(&dir.path().join("[id].tsx")) && !globs.matches(&dir.path().join("i.tsx")));
    }

    #[test]
    fn a_glob_that_cannot_be_read_is_refused() {
        let bad = Globs::new(Path::new("/nowhere"), [Path::new("src/[a")]).expect_err("refused");
        assert_eq!(bad.to_string(), "`src/[a` is no glob: unclosed character class; missing ']'");
    }
}

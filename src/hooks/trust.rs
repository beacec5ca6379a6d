//! Which hooks and packs of projects the user allows: by path and content, kept outside of them.
//!
//! *Shape*: `hook-trust.json` below the home. Changed content is not allowed until it is again.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::store::StoreError;
use crate::store::layout::Home;
use crate::store::task_dir::encode;
use crate::sys::dir::OpenMode;
use crate::sys::lock;
use crate::task::format::{self, Format};

/// The file.
pub const TRUST: &str = "hook-trust.json";
/// Held by whoever changes it.
const TRUST_LOCK: &str = ".hook-trust.lock";
const LONGEST: u64 = 4 << 20;
/// No more answers are kept.
const MOST: usize = 2000;

/// The user's answers.
#[derive(Debug, Serialize, Deserialize)]
pub struct TrustFile {
    version: u32,
    files: Vec<TrustAnswer>,
}

/// One answer.
#[derive(Debug, Serialize, Deserialize)]
struct TrustAnswer {
    path: PathBuf,
    sha256: String,
    /// What was said; `None` where the user was told of the file, and has not answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    allowed: Option<bool>,
}

impl Format for TrustFile {
    const VERSION: u32 = 1;
}

/// Whether a file of hooks may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It is allowed with this content.
    Allowed,
    /// It is denied with this content.
    Denied,
    /// Nobody has answered for this content.
    Unanswered {
        /// Whether another content of it was allowed.
        was_allowed: bool,
    },
}

impl TrustFile {
    /// Reads the answers. What cannot be read allows nothing.
    pub fn of(home: &Home) -> TrustFile {
        let read = home.root.read(TRUST, LONGEST).ok().and_then(|bytes| format::parse(&bytes).ok());
        read.unwrap_or_else(TrustFile::empty)
    }

    /// Nothing was answered.
    pub fn empty() -> TrustFile {
        TrustFile { version: TrustFile::VERSION, files: Vec::new() }
    }

    fn knows(&self, path: &Path, sha256: &str) -> bool {
        self.files.iter().any(|one| one.path == path && one.sha256 == sha256)
    }

    /// What was said of a file, whose path is canonical, with this content.
    pub fn asked(&self, path: &Path, content: &[u8]) -> Trust {
        let sha256 = digest(content);
        let same = self.files.iter().rev().find(|one| one.path == path && one.sha256 == sha256);
        match same.map(|one| one.allowed) {
            Some(Some(true)) => Trust::Allowed,
            Some(Some(false)) => Trust::Denied,
            Some(None) | None => Trust::Unanswered {
                was_allowed: self.files.iter().any(|one| one.path == path && one.allowed == Some(true)),
            },
        }
    }
}

/// Writes an answer down.
pub fn answer(home: &Home, path: &Path, content: &[u8], allowed: bool) -> Result<(), StoreError> {
    change(home, |trust| {
        let sha256 = digest(content);
        trust.files.retain(|one| !(one.path == path && one.sha256 == sha256));
        trust.files.push(TrustAnswer { path: path.to_owned(), sha256, allowed: Some(allowed) });
        true
    })
    .map(drop)
}

/// Puts down that the user is told of a file with this content; says whether that is news. Of many
/// who ask at once one is told that it is, and no answer is written over.
pub fn is_news(home: &Home, path: &Path, content: &[u8]) -> Result<bool, StoreError> {
    let sha256 = digest(content);
    if TrustFile::of(home).knows(path, &sha256) {
        return Ok(false);
    }
    change(home, |trust| {
        let is_known = trust.knows(path, &sha256);
        if !is_known {
            trust.files.push(TrustAnswer { path: path.to_owned(), sha256, allowed: None });
        }
        !is_known
    })
}

/// Changes what is written, while nobody else does; says whether `act` has changed anything.
fn change(home: &Home, act: impl FnOnce(&mut TrustFile) -> bool) -> Result<bool, StoreError> {
    let failed = |doing| move |source| StoreError::File { doing, what: TRUST.to_owned(), source };
    let held = home.root.own_file(TRUST_LOCK, OpenMode::Make).map_err(failed("lock"))?;
    let written = lock::in_turn(&held, || {
        // Answers of a newer aos, or damaged ones, are not written over.
        let mut trust = match home.root.read(TRUST, LONGEST) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => TrustFile::empty(),
            read => format::parse(&read.map_err(failed("read"))?)
                .map_err(|problem| StoreError::of_format(TRUST.to_owned(), problem))?,
        };
        if !act(&mut trust) {
            return Ok(false);
        }
        while trust.files.len() > MOST {
            // What was only told goes before what was answered.
            let oldest = trust.files.iter().position(|one| one.allowed.is_none()).unwrap_or(0);
            trust.files.remove(oldest);
        }
        home.root.replace(TRUST, &encode(&trust)).map_err(failed("write")).map(|()| true)
    });
    written.map_err(failed("lock"))?
}

/// A content's SHA-256, in hexadecimal digits.
fn digest(content: &[u8]) -> String {
    hmac_sha256::Hash::hash(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Trust, TrustFile, answer, is_news};
    use crate::store::layout::Home;
    use std::path::Path;

    #[test]
    fn an_answer_is_for_one_content_at_one_path() {
        let place = tempfile::tempdir().expect("a directory");
        let home = Home::at(place.path()).expect("a home");
        let (path, other) = (Path::new("/p/.agent-os/hooks.json"), Path::new("/q/.agent-os/hooks.json"));
        let asked = |path, content: &[u8]| TrustFile::of(&home).asked(path, content);
        let unanswered = |was_allowed| Trust::Unanswered { was_allowed };
        assert!(is_news(&home, path, b"1").expect("written"));
        assert_eq!(asked(path, b"1"), unanswered(false));
        answer(&home, path, b"1", true).expect("written");
        assert!(!is_news(&home, path, b"1").expect("asked"), "and the answer stays");
        assert_eq!((asked(path, b"1"), asked(other, b"1")), (Trust::Allowed, unanswered(false)));
        assert_eq!(asked(path, b"2"), unanswered(true));
        answer(&home, path, b"2", false).expect("written");
        assert_eq!((asked(path, b"2"), asked(path, b"1")), (Trust::Denied, Trust::Allowed));
        home.root.replace(super::TRUST, b"{}").expect("damaged");
        assert!(answer(&home, path, b"1", true).is_err() && asked(path, b"1") != Trust::Allowed);
    }
}

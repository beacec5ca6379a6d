//! Which projects' hooks the user allows to run: by path and content, kept outside the projects.
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
/// No more answers are kept; the oldest goes first.
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
        /// Whether the user was told that.
        is_told: bool,
        /// Whether another content of it was allowed.
        was_allowed: bool,
    },
}

impl TrustFile {
    /// Reads the answers. What cannot be read allows nothing.
    pub fn of(home: &Home) -> TrustFile {
        let read = home.root.read(TRUST, LONGEST).ok().and_then(|bytes| format::parse(&bytes).ok());
        read.unwrap_or(TrustFile { version: TrustFile::VERSION, files: Vec::new() })
    }

    /// What was said of a file, whose path is canonical, with this content.
    pub fn asked(&self, path: &Path, content: &[u8]) -> Trust {
        let sha256 = digest(content);
        let same = self.files.iter().rev().find(|one| one.path == path && one.sha256 == sha256);
        match same.map(|one| one.allowed) {
            Some(Some(true)) => Trust::Allowed,
            Some(Some(false)) => Trust::Denied,
            other => Trust::Unanswered {
                is_told: other.is_some(),
                was_allowed: self.files.iter().any(|one| one.path == path && one.allowed == Some(true)),
            },
        }
    }
}

/// Writes an answer down; `None`: that the user was told.
pub fn answer(home: &Home, path: &Path, content: &[u8], allowed: Option<bool>) -> Result<(), StoreError> {
    let failed = |doing| move |source| StoreError::File { doing, what: TRUST.to_owned(), source };
    let held = home.root.own_file(TRUST_LOCK, OpenMode::Make).map_err(failed("lock"))?;
    let written = lock::in_turn(&held, || {
        // Answers of a newer aos, or damaged ones, are not written over.
        let mut trust = match home.root.read(TRUST, LONGEST) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                TrustFile { version: TrustFile::VERSION, files: Vec::new() }
            }
            read => format::parse(&read.map_err(failed("read"))?)
                .map_err(|problem| StoreError::of_format(TRUST.to_owned(), problem))?,
        };
        let sha256 = digest(content);
        trust.files.retain(|one| !(one.path == path && one.sha256 == sha256));
        trust.files.push(TrustAnswer { path: path.to_owned(), sha256, allowed });
        let surplus = trust.files.len().saturating_sub(MOST);
        trust.files.drain(..surplus);
        home.root.replace(TRUST, &encode(&trust)).map_err(failed("write"))
    });
    written.map_err(failed("lock"))?
}

/// A content's SHA-256, in hexadecimal digits.
fn digest(content: &[u8]) -> String {
    hmac_sha256::Hash::hash(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Trust, TrustFile, answer};
    use crate::store::layout::Home;
    use std::path::Path;

    #[test]
    fn an_answer_is_for_one_content_at_one_path() {
        let place = tempfile::tempdir().expect("a directory");
        let home = Home::at(place.path()).expect("a home");
        let (path, other) = (Path::new("/p/.agent-os/hooks.json"), Path::new("/q/.agent-os/hooks.json"));
        let asked = |path, content: &[u8]| TrustFile::of(&home).asked(path, content);
        let unanswered = |is_told, was_allowed| Trust::Unanswered { is_told, was_allowed };
        assert_eq!(asked(path, b"1"), unanswered(false, false));
        answer(&home, path, b"1", None).expect("written");
        assert_eq!(asked(path, b"1"), unanswered(true, false));
        answer(&home, path, b"1", Some(true)).expect("written");
        assert_eq!((asked(path, b"1"), asked(other, b"1")), (Trust::Allowed, unanswered(false, false)));
        assert_eq!(asked(path, b"2"), unanswered(false, true));
        answer(&home, path, b"2", Some(false)).expect("written");
        assert_eq!((asked(path, b"2"), asked(path, b"1")), (Trust::Denied, Trust::Allowed));
        home.root.replace(super::TRUST, b"{}").expect("damaged");
        assert!(answer(&home, path, b"1", Some(true)).is_err() && asked(path, b"1") != Trust::Allowed);
    }
}

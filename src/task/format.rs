//! Formats of files, each with a version of its own. The version is read before anything else of a
//! file, so that what a newer aos means otherwise is refused, and never half understood.
//!
//! *Shape*: a JSON object with `"version"`, a number that goes up when an older reader could not
//! make sense of the file, or would make the wrong one. Fields that are not known are passed over,
//! except those that the file names in `"must_understand"`: a reader that does not know one of
//! these refuses the file. So a field can be added without a new version, and still be sure not to
//! be ignored.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A format.
pub trait Format: DeserializeOwned {
    /// The version that is written.
    const VERSION: u32;
    /// The fields that a file may name in `must_understand`, as far as they are known here.
    const UNDERSTOOD: &'static [&'static str] = &[];

    /// Reads a file of an older version.
    fn of_older(_version: u32, bytes: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(bytes)
    }
}

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadFormat {
    /// It is of a version to come.
    Newer(u32),
    /// It has a field that must be understood, and is not known here.
    NotUnderstood(String),
    /// It does not parse.
    Damaged(String),
}

/// What stands in every file, whatever its format and version.
#[derive(Deserialize)]
struct FormatHeader {
    version: u32,
    #[serde(default)]
    must_understand: Vec<String>,
}

/// Reads a file of a format.
pub fn parse<F: Format>(bytes: &[u8]) -> Result<F, BadFormat> {
    let damaged = |e: serde_json::Error| BadFormat::Damaged(e.to_string());
    let version = match plain_version(bytes) {
        Some(version) if version <= F::VERSION => version,
        Some(_) | None => check(bytes, F::VERSION, F::UNDERSTOOD)?,
    };
    if version < F::VERSION { F::of_older(version, bytes) } else { serde_json::from_slice(bytes) }.map_err(damaged)
}

/// The version of a file, if it is none to come and all that must be understood is known.
pub fn check(bytes: &[u8], newest: u32, understood: &[&str]) -> Result<u32, BadFormat> {
    let head: FormatHeader = serde_json::from_slice(bytes).map_err(|e| BadFormat::Damaged(e.to_string()))?;
    if head.version > newest {
        return Err(BadFormat::Newer(head.version));
    }
    match head.must_understand.into_iter().find(|field| !understood.contains(&field.as_str())) {
        Some(field) => Err(BadFormat::NotUnderstood(field)),
        None => Ok(head.version),
    }
}

/// Both are looked for in thousands of files.
static MUST_UNDERSTAND: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\"must_understand\""));
static ESCAPED: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\\u"));

/// The version of a file that begins with it, as we write it, and that has nothing which must be
/// understood: then its body need not be gone through for that, and who reads it finds what is
/// damaged. `None` where that is not to be seen at once.
fn plain_version(bytes: &[u8]) -> Option<u32> {
    let text = bytes.strip_prefix(b"{\"version\":")?;
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let has = |what: &Finder<'_>| what.find(text).is_some();
    // With an escape the field's name could be spelled otherwise.
    let is_plain = text.get(digits) == Some(&b',') && !has(&MUST_UNDERSTAND) && !has(&ESCAPED);
    std::str::from_utf8(&text[..digits]).ok()?.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::{BadFormat, Format, parse};
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Second {
        version: u32,
        span: u32,
    }

    impl Format for Second {
        const VERSION: u32 = 2;
        const UNDERSTOOD: &'static [&'static str] = &["span"];

        fn of_older(_: u32, bytes: &[u8]) -> serde_json::Result<Second> {
            #[derive(Deserialize)]
            struct First {
                version: u32,
                length: u32,
            }
            serde_json::from_slice(bytes).map(|First { version, length }| Second { version, span: length })
        }
    }

    #[test]
    fn the_version_is_read_before_the_body() {
        let read = |text: &str| parse::<Second>(text.as_bytes());
        assert_eq!(read(r#"{"version":1,"length":7}"#), Ok(Second { version: 1, span: 7 }));
        assert_eq!(read(r#"{"version":2,"span":7,"length":8}"#), Ok(Second { version: 2, span: 7 }));
        // What must be understood may be written in any way.
        for name in ["must_understand", "\\u006dust_understand"] {
            let text = format!(r#"{{"version":2,"span":7,"{name}":["sandbox"]}}"#);
            assert_eq!(read(&text), Err(BadFormat::NotUnderstood("sandbox".into())));
        }
        // A body that would be understood, and wrongly.
        assert_eq!(read(r#"{"span":7,"version":3}"#), Err(BadFormat::Newer(3)));
        assert_eq!(read(r#"{"version":4000000000,"spans":[]}"#), Err(BadFormat::Newer(4_000_000_000)));
        for damaged in ["", "{}", "[]", "{\"version\":-1}", "{\"version\":2}", "{\"version\":2,\"span\":7", "null"] {
            assert!(matches!(read(damaged), Err(BadFormat::Damaged(_))), "{damaged}");
        }
    }

    #[test]
    fn what_must_be_understood_is_known_or_refused() {
        let read = |fields: &str| {
            parse::<Second>(format!(r#"{{"version":2,"span":7,"sandbox":1,"must_understand":{fields}}}"#).as_bytes())
        };
        assert!(read("[]").is_ok() && read(r#"["span"]"#).is_ok());
        assert_eq!(read(r#"["span","sandbox"]"#), Err(BadFormat::NotUnderstood("sandbox".into())));
    }
}

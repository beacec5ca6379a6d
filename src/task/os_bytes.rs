//! Bytes that are nearly always text: arguments, paths, environment values.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes as the kernel takes them. *Shape* in JSON: a string, or `{"bytes":[…]}` where they are not
/// UTF-8, so nothing is lost on the way through a file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct OsBytes(pub Vec<u8>);

impl OsBytes {
    /// As the standard library takes it.
    pub fn as_os(&self) -> &OsStr {
        OsStr::from_bytes(&self.0)
    }

    /// As a path.
    pub fn as_path(&self) -> &Path {
        Path::new(self.as_os())
    }
}

impl From<OsString> for OsBytes {
    fn from(text: OsString) -> OsBytes {
        OsBytes(text.into_vec())
    }
}

impl From<&str> for OsBytes {
    fn from(text: &str) -> OsBytes {
        OsBytes(text.as_bytes().to_vec())
    }
}

impl fmt::Display for OsBytes {
    /// For reading: invalid UTF-8 shows as U+FFFD.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for OsBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Shape<'a> {
    Text(std::borrow::Cow<'a, str>),
    Bytes { bytes: Vec<u8> },
}

impl Serialize for OsBytes {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => Shape::Text(text.into()).serialize(s),
            Err(_) => Shape::Bytes { bytes: self.0.clone() }.serialize(s),
        }
    }
}

impl<'de> Deserialize<'de> for OsBytes {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<OsBytes, D::Error> {
        Ok(match Shape::deserialize(d)? {
            Shape::Text(text) => OsBytes(text.into_owned().into_bytes()),
            Shape::Bytes { bytes } => OsBytes(bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::OsBytes;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_come_back_from_json(bytes: Vec<u8>) {
            let json = serde_json::to_string(&OsBytes(bytes.clone())).expect("json");
            prop_assert_eq!(serde_json::from_str::<OsBytes>(&json).expect("raw"), OsBytes(bytes));
        }
    }
}

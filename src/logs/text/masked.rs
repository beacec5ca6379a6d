//! Text of a log before and after its secrets are hidden, as types: what has not been through the
//! mask cannot be printed, and what prints it asks for what has.

use std::fmt;
use std::ops::Deref;

use serde::{Serialize, Serializer};

use crate::logs::text::redact::Secrets;

/// Text that may have secrets in it. It can be looked at, and there is no way out of it but through
/// the mask.
#[derive(Clone, PartialEq, Eq)]
pub struct Unmasked(String);

/// Text without secrets, made by [`Secrets`] alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masked(String);

impl Unmasked {
    /// Takes text that may have secrets in it.
    pub fn new(text: String) -> Unmasked {
        Unmasked(text)
    }

    /// What is shown of it.
    pub fn hidden(&self, secrets: &Secrets) -> Masked {
        secrets.hide_in(&self.0)
    }

    /// What somebody sees in it who only looks.
    pub fn seen_by<R>(&self, look: impl FnOnce(&str) -> R) -> R {
        look(&self.0)
    }

    /// How much memory it takes. *Units*: bytes.
    pub fn size(&self) -> usize {
        self.0.capacity()
    }
}

impl fmt::Debug for Unmasked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unmasked({} bytes)", self.0.len())
    }
}

impl Masked {
    /// For the mask alone.
    pub(in crate::logs) fn new(text: String) -> Masked {
        Masked(text)
    }

    /// The same, ending all colours if it has any.
    pub fn with_colours_ended(self) -> Masked {
        if self.0.contains('\x1b') { Masked(self.0 + "\x1b[0m") } else { self }
    }
}

impl Deref for Masked {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Masked {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl From<Masked> for String {
    fn from(masked: Masked) -> String {
        masked.0
    }
}

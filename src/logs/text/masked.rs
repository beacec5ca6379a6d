//! Text of a log whose secrets are hidden, as a type: what prints it asks for this.

use std::fmt;
use std::ops::Deref;

use serde::{Serialize, Serializer};

/// Text without secrets, made by [`Secrets`](crate::logs::text::redact::Secrets) alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masked(String);

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

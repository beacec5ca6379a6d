//! Text of a log before its secrets are hidden, as a type: it cannot be printed.

use std::fmt;

use crate::logs::text::masked::Masked;
use crate::logs::text::redact::Secrets;

/// Text that may have secrets in it. It can be looked at, and there is no way out of it but through
/// the mask.
#[derive(Clone, PartialEq, Eq)]
pub struct Unmasked(String);

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
        // What a panic prints goes past the mask.
        write!(f, "Unmasked({} bytes)", self.0.len())
    }
}

//! How a terminal treats what is typed and printed, as data.

use serde::{Deserialize, Serialize};

/// The modes of a terminal. *Units*: the kernel's bits. *Source*: termios(3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Modes {
    /// `c_iflag`.
    pub input: u32,
    /// `c_oflag`.
    pub output: u32,
    /// `c_lflag`.
    pub local: u32,
    /// `c_cc`: the keys that mean something, by their places there.
    pub keys: Vec<u8>,
}

/// Whether a line feed also returns to the first column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineFeed {
    /// As a terminal does for most programs (ONLCR), and as a log has it.
    Returns,
    /// As programs have it that move the cursor themselves.
    Keeps,
}

//! The size of a terminal.

use serde::{Deserialize, Serialize};

/// A terminal's size. *Units*: character cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Lines.
    pub rows: u16,
    /// Columns.
    pub cols: u16,
}

impl Size {
    /// What is assumed where there is no terminal to ask.
    pub const USUAL: Size = Size { rows: 24, cols: 80 };
}

//! Sizes: of a terminal, and of bytes.

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

/// A size as people read it. *Units* of the argument: bytes.
pub fn of_bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut scaled = bytes as f64;
    while scaled >= 1024.0 && unit + 1 < UNITS.len() {
        scaled /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} bytes") } else { format!("{scaled:.1} {}", UNITS[unit]) }
}

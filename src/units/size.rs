//! Sizes: of a terminal, and of bytes.

use std::str::FromStr;

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

/// An amount of bytes, as people write it: `512`, `64KiB`, `1.5GiB`; the units count in 1024s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

/// What is no amount of bytes.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no size: write 64MiB, 4GiB or the like")]
pub struct BadBytes(String);

impl FromStr for Bytes {
    type Err = BadBytes;

    fn from_str(text: &str) -> Result<Bytes, BadBytes> {
        let bad = || BadBytes(text.to_owned());
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let power = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "b" => 0,
            "k" | "kb" | "kib" => 10,
            "m" | "mb" | "mib" => 20,
            "g" | "gb" | "gib" => 30,
            "t" | "tb" | "tib" => 40,
            _ => return Err(bad()),
        };
        let number: f64 = number.parse().map_err(|_| bad())?;
        Ok(Bytes((number * (1_u64 << power) as f64) as u64))
    }
}

impl TryFrom<String> for Bytes {
    type Error = BadBytes;

    fn try_from(text: String) -> Result<Bytes, BadBytes> {
        text.parse()
    }
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

/// The same without a fraction that says nothing: `512 MiB`, `1.5 GiB`.
pub fn rounded(bytes: u64) -> String {
    of_bytes(bytes).replacen(".0 ", " ", 1)
}

/// A size that was asked for, to the byte: `512 MiB`, `1000 bytes`.
pub fn exact(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let fits = |(unit, _): &&(u64, &str)| {
        bytes >= *unit && bytes.checked_mul(10).is_some_and(|tenths| tenths.is_multiple_of(*unit))
    };
    match UNITS.iter().find(fits) {
        Some((unit, name)) if bytes.is_multiple_of(*unit) => format!("{} {name}", bytes / unit),
        Some((unit, name)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, exact, rounded};

    #[test]
    fn sizes_are_printed_without_what_says_nothing() {
        assert_eq!(
            (rounded(512 << 20), rounded(3 << 29), rounded(7)),
            ("512 MiB".into(), "1.5 GiB".into(), "7 bytes".into())
        );
        for (bytes, text) in [(512 << 20, "512 MiB"), (3 << 29, "1.5 GiB"), (1001, "1001 bytes"), (0, "0 bytes")] {
            assert_eq!(exact(bytes), text);
        }
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [("512", 512), ("64KiB", 65_536), ("1.5 MiB", 1_572_864), ("2G", 2 << 30)] {
            assert_eq!(text.parse::<Bytes>(), Ok(Bytes(bytes)), "{text}");
        }
        for text in ["", "MiB", "12 parsecs", "-1", "1..2K"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }
}

//! A length of time as people write it: `500ms`, `10s`, `1h30m`, `2d`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A length of time. *Units*: milliseconds, in JSON as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(pub u64);

/// Why a text is no span.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a length of time: write 500ms, 10s, 5m, 1h30m or 2d (a bare number is seconds)")]
pub struct BadSpan(String);

const MILLIS: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

impl Span {
    /// The same length for the standard library.
    pub fn duration(self) -> Duration {
        Duration::from_millis(self.0)
    }
}

impl From<Duration> for Span {
    fn from(d: Duration) -> Span {
        Span(u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
    }
}

impl FromStr for Span {
    type Err = BadSpan;

    fn from_str(text: &str) -> Result<Span, BadSpan> {
        let bad = || BadSpan(text.to_owned());
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(bad());
        }
        if let Ok(seconds) = rest.parse::<u64>() {
            return seconds.checked_mul(1000).map(Span).filter(|_| !rest.starts_with('+')).ok_or_else(bad);
        }
        let mut total = 0u64;
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let number: u64 = rest[..digits].parse().map_err(|_| bad())?;
            let after = &rest[digits..];
            let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
            let unit = &after[..letters];
            let (_, factor) = MILLIS.iter().find(|(name, _)| *name == unit).ok_or_else(bad)?;
            total = number.checked_mul(*factor).and_then(|n| total.checked_add(n)).ok_or_else(bad)?;
            rest = after[letters..].trim_start();
        }
        Ok(Span(total))
    }
}

impl Span {
    /// In its greatest unit alone, rounded down: `0s`, `12s`, `3m`, `2h`, `4d`.
    pub fn short(self) -> String {
        match self.0 / 1000 {
            seconds @ 0..=59 => format!("{seconds}s"),
            seconds @ 60..=3599 => format!("{}m", seconds / 60),
            seconds @ 3600..=86_399 => format!("{}h", seconds / 3600),
            seconds => format!("{}d", seconds / 86_400),
        }
    }
}

impl fmt::Display for Span {
    /// Two units at most: `0.4s`, `12s`, `3m04s`, `2h05m`, `4d03h`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, tenths) = (self.0 / 1000, self.0 % 1000 / 100);
        let text = match seconds {
            0..=9 => format!("{seconds}.{tenths}s"),
            10..=59 => format!("{seconds}s"),
            60..=3599 => format!("{}m{:02}s", seconds / 60, seconds % 60),
            3600..=86_399 => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
            _ => format!("{}d{:02}h", seconds / 86_400, seconds / 3600 % 24),
        };
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn reads_what_people_write() {
        for (text, ms) in [
            ("500ms", 500),
            ("10s", 10_000),
            ("90", 90_000),
            ("1h30m", 5_400_000),
            ("2d", 172_800_000),
            ("1m 5s", 65_000),
        ] {
            assert_eq!(text.parse(), Ok(Span(ms)), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_length_of_time() {
        for text in ["", " ", "s", "10x", "-1s", "1.5s", "99999999999999999999s", "1h30", "10 s s"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn prints_two_units_at_most() {
        let shown: Vec<String> = [400, 12_000, 184_000, 7_500_000, 356_400_000].map(|ms| Span(ms).to_string()).to_vec();
        assert_eq!(shown, ["0.4s", "12s", "3m04s", "2h05m", "4d03h"]);
    }
}

//! Amounts that limits are written in, and what is wrong with a text that is none: where, and what
//! could stand there.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::size::Bytes;

/// Why a text is no amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}`: {what} at character {at}: write {examples}")]
pub struct BadAmount {
    text: String,
    at: usize,
    what: String,
    examples: &'static str,
}

/// A limit as it is typed: an amount, or that there is to be none, whatever the settings say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitWord<T> {
    /// `none`.
    Lifted,
    /// An amount.
    At(T),
}

/// An amount of processor time a moment: thousandths of a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cpus(pub u32);

/// A number of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count(pub u64);

/// How nice a process is to others: from -20, which gets the processor first, to 19.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Niceness(pub i32);

/// How soon a process gets the disk. *Source*: ioprio_set(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum IoPriority {
    /// When nobody else wants it.
    Idle,
    /// In its turn; from 0, the first, to 7.
    BestEffort(u8),
}

const SIZES: &str = "512M, 1.5GiB or 64k";
const CPUS: &str = "0.5, 2 or 150%";
const COUNTS: &str = "100 or 4096";
const NICENESSES: &str = "10, or from -20 to 19";
const PRIORITIES: &str = "idle, or from 0 (first) to 7 (last)";
const NO_LIMIT: &str = "none";

impl<T> LimitWord<T> {
    /// The amount, if there is to be a limit.
    pub fn amount(self) -> Option<T> {
        match self {
            LimitWord::Lifted => None,
            LimitWord::At(amount) => Some(amount),
        }
    }
}

impl BadAmount {
    fn new(text: &str, rest: &str, what: impl Into<String>, examples: &'static str) -> BadAmount {
        let before = &text[..text.len() - rest.len().min(text.len())];
        BadAmount { text: text.to_owned(), at: before.chars().count() + 1, what: what.into(), examples }
    }
}

impl<T: FromStr> FromStr for LimitWord<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<LimitWord<T>, T::Err> {
        if text == NO_LIMIT { Ok(LimitWord::Lifted) } else { text.parse().map(LimitWord::At) }
    }
}

/// The number at the beginning of a text, and the rest.
fn number<'a>(text: &'a str, examples: &'static str) -> Result<(f64, &'a str), BadAmount> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.is_empty() && text.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        return Err(BadAmount::new(text, text, "there is no less than nothing", examples));
    }
    if digits.is_empty() {
        return Err(BadAmount::new(text, text, "a number is missing", examples));
    }
    let second_dot = digits.match_indices('.').nth(1).map(|(at, _)| at);
    match (digits.parse(), second_dot) {
        (Ok(number), None) => Ok((number, rest)),
        (_, at) => Err(BadAmount::new(text, &text[at.unwrap_or(0)..], "this is no number", examples)),
    }
}

/// A size as limits have it: [`Bytes`] with a better word on what is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amounted(pub u64);

impl FromStr for Amounted {
    type Err = BadAmount;

    fn from_str(text: &str) -> Result<Amounted, BadAmount> {
        let (_, rest) = number(text, SIZES)?;
        match text.parse() {
            Ok(Bytes(u64::MAX)) => Err(BadAmount::new(text, text, "more than any machine has", SIZES)),
            Ok(Bytes(bytes)) => Ok(Amounted(bytes)),
            Err(_) => {
                let unit = rest.trim_start();
                Err(BadAmount::new(text, unit, format!("`{}` is no unit", unit.trim_end()), SIZES))
            }
        }
    }
}

impl FromStr for Cpus {
    type Err = BadAmount;

    fn from_str(text: &str) -> Result<Cpus, BadAmount> {
        const LEAST: f64 = 0.01;
        const MOST: f64 = 100_000.0;
        let (number, rest) = number(text, CPUS)?;
        let cpus = match rest.trim() {
            "" => number,
            "%" => number / 100.0,
            _ => {
                let unit = rest.trim_start();
                return Err(BadAmount::new(text, unit, format!("`{unit}` is no unit"), CPUS));
            }
        };
        if (LEAST..=MOST).contains(&cpus) {
            return Ok(Cpus((cpus * 1000.0).round() as u32));
        }
        Err(BadAmount::new(text, text, "no amount of processors, which is 0.01 at least,", CPUS))
    }
}

impl FromStr for Count {
    type Err = BadAmount;

    fn from_str(text: &str) -> Result<Count, BadAmount> {
        match text.find(|c: char| !c.is_ascii_digit()) {
            Some(at) => Err(BadAmount::new(text, &text[at..], "this is no number", COUNTS)),
            None => text.parse().map(Count).map_err(|_| BadAmount::new(text, text, "this is no number", COUNTS)),
        }
    }
}

impl FromStr for Niceness {
    type Err = BadAmount;

    fn from_str(text: &str) -> Result<Niceness, BadAmount> {
        let known = text.parse().ok().filter(|nice| (-20..=19).contains(nice));
        known.map(Niceness).ok_or_else(|| BadAmount::new(text, text, "no niceness", NICENESSES))
    }
}

impl FromStr for IoPriority {
    type Err = BadAmount;

    fn from_str(text: &str) -> Result<IoPriority, BadAmount> {
        match (text, text.parse()) {
            ("idle", _) => Ok(IoPriority::Idle),
            (_, Ok(level @ 0..=7)) => Ok(IoPriority::BestEffort(level)),
            _ => Err(BadAmount::new(text, text, "no priority at the disk", PRIORITIES)),
        }
    }
}

impl TryFrom<String> for IoPriority {
    type Error = BadAmount;

    fn try_from(text: String) -> Result<IoPriority, BadAmount> {
        text.parse()
    }
}

impl From<IoPriority> for String {
    fn from(priority: IoPriority) -> String {
        priority.to_string()
    }
}

impl fmt::Display for IoPriority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IoPriority::Idle => f.pad("idle"),
            IoPriority::BestEffort(level) => level.fmt(f),
        }
    }
}

impl fmt::Display for Cpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (f64::from(self.0) / 1000.0).fmt(f)
    }
}

impl Serialize for Cpus {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(f64::from(self.0) / 1000.0)
    }
}

impl<'de> Deserialize<'de> for Cpus {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Cpus, D::Error> {
        let cpus = f64::deserialize(from)?;
        cpus.to_string().parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{Amounted, Count, Cpus, IoPriority, LimitWord, Niceness};
    use proptest::prelude::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        assert_eq!("1.5G".parse(), Ok(Amounted(3 << 29)));
        assert_eq!("150%".parse(), Ok(Cpus(1500)));
        assert_eq!("0.5".parse(), Ok(Cpus(500)));
        assert_eq!("4096".parse(), Ok(Count(4096)));
        assert_eq!("-5".parse(), Ok(Niceness(-5)));
        assert_eq!(("idle".parse(), "7".parse()), (Ok(IoPriority::Idle), Ok(IoPriority::BestEffort(7))));
        assert_eq!("none".parse::<LimitWord<Count>>(), Ok(LimitWord::Lifted));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_examples() {
        let size = |text: &str| text.parse::<Amounted>().expect_err(text).to_string();
        assert_eq!(size("12 parsecs"), "`12 parsecs`: `parsecs` is no unit at character 4: write 512M, 1.5GiB or 64k");
        assert_eq!(size("1.2.3M"), "`1.2.3M`: this is no number at character 4: write 512M, 1.5GiB or 64k");
        assert_eq!(size("M"), "`M`: a number is missing at character 1: write 512M, 1.5GiB or 64k");
        assert!(size("99999999999T").contains("more than any machine has"));
        let cpus = |text: &str| text.parse::<Cpus>().expect_err(text).to_string();
        assert_eq!(cpus("2 cores"), "`2 cores`: `cores` is no unit at character 3: write 0.5, 2 or 150%");
        assert!(cpus("0").contains("0.01 at least"));
        assert!("12x".parse::<Count>().expect_err("x").to_string().contains("at character 3"));
        assert!("40".parse::<Niceness>().is_err() && "8".parse::<IoPriority>().is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,12}") {
            let _ = (text.parse::<Amounted>(), text.parse::<Cpus>(), text.parse::<Count>());
            let _ = (text.parse::<Niceness>(), text.parse::<IoPriority>());
        }
    }
}

//! A point in time as people name it: `10m` (ago), `14:05`, `2026-11-22`, `2026-11-22 14:05`.

use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

use super::span::Span;
use super::wall_time::WallTime;

/// A point in time, before it is known what time it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeSpec {
    /// So long ago.
    Ago(Span),
    /// The last time that a clock on the wall showed this.
    Last(Time),
    /// A day's beginning, or a time of one, on the wall.
    Local(DateTime),
    /// So many days before today, at its beginning.
    Day(i64),
    /// The same everywhere.
    At(WallTime),
}

/// Why a text names no point in time.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is no time: write 10m or 1h30m (ago), 14:05, 14:05:30, 2026-11-22, '2026-11-22 14:05', today or yesterday"
)]
pub struct BadTimeSpec(String);

impl TimeSpec {
    /// The point in time, seen from another one.
    pub fn stamp(self, now: WallTime) -> WallTime {
        self.stamp_in(now, TimeZone::system)
    }

    /// The zone is asked for only where a clock on the wall counts: it is looked up among hundreds
    /// of files.
    fn stamp_in(self, now: WallTime, zone: impl Fn() -> TimeZone) -> WallTime {
        let here = || now.zoned(zone());
        let found = match self {
            TimeSpec::Ago(span) => return WallTime(now.0.saturating_sub_unsigned(span.0)),
            TimeSpec::At(stamp) => return stamp,
            TimeSpec::Last(time) => last(&here(), time),
            TimeSpec::Local(time) => time.to_zoned(zone()).ok(),
            TimeSpec::Day(back) => beginning_of(back, &here()),
        };
        found.map_or(now, |found| WallTime(found.timestamp().as_millisecond()))
    }
}

fn beginning_of(days_back: i64, here: &Zoned) -> Option<Zoned> {
    let day = here.date().checked_sub(days_back.days()).ok()?;
    day.to_zoned(here.time_zone().clone()).ok()
}

/// Today, or yesterday if that is still to come.
fn last(here: &Zoned, time: Time) -> Option<Zoned> {
    let on = |day: Date| day.to_datetime(time).to_zoned(here.time_zone().clone()).ok();
    on(here.date()).filter(|found| found <= here).or_else(|| on(here.date().yesterday().ok()?))
}

impl FromStr for TimeSpec {
    type Err = BadTimeSpec;

    fn from_str(text: &str) -> Result<TimeSpec, BadTimeSpec> {
        let bad = || BadTimeSpec(text.to_owned());
        let word = text.trim();
        match word {
            "now" => return Ok(TimeSpec::Ago(Span(0))),
            "today" => return Ok(TimeSpec::Day(0)),
            "yesterday" => return Ok(TimeSpec::Day(1)),
            _ => {}
        }
        let span = word.strip_suffix("ago").map_or(word, str::trim_end);
        let is_number = span.bytes().all(|b| b.is_ascii_digit());
        if let Some(span) = span.parse().ok().filter(|_| !is_number) {
            return Ok(TimeSpec::Ago(span));
        }
        if word.as_bytes().get(1..3).is_some_and(|b| b.contains(&b':')) {
            return format!("{word:0>5}").parse().map(TimeSpec::Last).map_err(|_| bad());
        }
        if let Ok(stamp) = word.parse::<Timestamp>() {
            return Ok(TimeSpec::At(WallTime(stamp.as_millisecond())));
        }
        let is_date = word.len() >= 10 && word.as_bytes().get(4) == Some(&b'-');
        if !is_date {
            return Err(bad());
        }
        match word.len() {
            10 => word.parse::<Date>().map(|day| TimeSpec::Local(day.to_datetime(Time::midnight()))).map_err(|_| bad()),
            _ => word.parse().map(TimeSpec::Local).map_err(|_| bad()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TimeSpec;
    use crate::units::wall_time::WallTime;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    fn at(text: &str, now: &str) -> String {
        let zone = TimeZone::posix("CET-1").expect("a zone");
        let when: TimeSpec = text.parse().unwrap_or_else(|e| panic!("{e}"));
        when.stamp_in(now.parse().expect("a stamp"), || zone.clone()).to_string()
    }

    #[test]
    fn times_mean_what_people_mean() {
        let now = "2026-11-22T13:49:43.123Z";
        for (text, wanted) in [
            ("10m", "2026-11-22T13:39:43.123Z"),
            ("1h30m ago", "2026-11-22T12:19:43.123Z"),
            ("now", now),
            ("14:05", "2026-11-22T13:05:00.000Z"),
            ("14:49:43", "2026-11-22T13:49:43.000Z"),
            ("15:00", "2026-11-21T14:00:00.000Z"),
            ("9:30", "2026-11-22T08:30:00.000Z"),
            ("today", "2026-11-21T23:00:00.000Z"),
            ("yesterday", "2026-11-20T23:00:00.000Z"),
            ("2026-11-22", "2026-11-21T23:00:00.000Z"),
            ("2026-11-22 14:05", "2026-11-22T13:05:00.000Z"),
            ("2026-11-22T14:05:30", "2026-11-22T13:05:30.000Z"),
            ("2026-11-22T14:05:30Z", "2026-11-22T14:05:30.000Z"),
        ] {
            assert_eq!(at(text, now), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_told_with_what_is() {
        for text in
            ["", "soon", "25:00", "14:5x", "2026-13-01", "2026-11-22 25:00", "10", "20261122", "-5m", "10x", "14:"]
        {
            assert!(text.parse::<TimeSpec>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_much(text in ".{0,30}", now in 0i64..4_000_000_000_000) {
            if let Ok(when) = text.parse::<TimeSpec>() {
                when.stamp(WallTime(now));
            }
        }

        #[test]
        fn the_last_time_of_day_is_within_a_day(hour in 0u8..24, minute in 0u8..60, now in 0i64..4_000_000_000_000) {
            let when: TimeSpec = format!("{hour:02}:{minute:02}").parse().expect("a time");
            let found = when.stamp_in(WallTime(now), || TimeZone::UTC);
            prop_assert!(found.0 <= now && now - found.0 <= 86_400_000);
        }
    }
}

//! A point on the wall clock, as it stands in files and on screens.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::span::Span;

/// A point in wall-clock time. *Units*: milliseconds since 1970, UTC. *Shape*: RFC 3339 in UTC with
/// three decimals (`2026-11-22T13:49:43.123Z`), so stamps sort as text too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WallTime(pub i64);

impl WallTime {
    /// Reads the wall clock.
    pub fn now() -> WallTime {
        SystemTime::now().into()
    }

    /// The time since `earlier`, zero if the clock was set back in between.
    pub fn since(self, earlier: WallTime) -> Span {
        Span(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The stamp this much later.
    pub fn after(self, span: Span) -> WallTime {
        WallTime(self.0.saturating_add_unsigned(span.0))
    }

    /// For people: the time of day, with the date where that is not the reader's: `14:49:43`.
    pub fn local_near(self, now: WallTime) -> String {
        let (there, here) =
            (self.timestamp().to_zoned(TimeZone::system()), now.timestamp().to_zoned(TimeZone::system()));
        let is_today = there.date() == here.date();
        there.strftime(if is_today { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" }).to_string()
    }

    /// For people, in their own time zone: `2026-11-22 14:49:43`.
    pub fn local(self) -> String {
        self.timestamp().to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// The same on the walls of a time zone.
    pub fn zoned(self, zone: TimeZone) -> Zoned {
        self.timestamp().to_zoned(zone)
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl From<SystemTime> for WallTime {
    fn from(time: SystemTime) -> WallTime {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        WallTime(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.timestamp())
    }
}

impl FromStr for WallTime {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<WallTime, jiff::Error> {
        text.parse::<Timestamp>().map(|t| WallTime(t.as_millisecond()))
    }
}

impl Serialize for WallTime {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WallTime {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<WallTime, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::WallTime;

    #[test]
    fn comes_back_from_its_own_text() {
        let stamp = WallTime(1_795_355_383_123);
        assert_eq!(stamp.to_string(), "2026-11-22T13:49:43.123Z");
        assert_eq!(stamp.to_string().parse::<WallTime>().expect("its own text"), stamp);
        assert_eq!(WallTime(0).to_string(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_clock_set_back_gives_no_negative_age() {
        assert_eq!(WallTime(5).since(WallTime(10)).0, 0);
    }
}

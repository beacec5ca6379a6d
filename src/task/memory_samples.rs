//! How much memory a run had now and then, and whether that only ever grows.
//!
//! *Rule*: memory has grown for as long as the longest last part of the samples says of which all
//! this holds. It is of an hour or more, and of [`FEWEST`] samples or more. Divided into
//! [`PARTS`] times of the same length, the least that the run had in each is more than in the one
//! before. That least has grown by a quarter and by 16 MiB. And a third or more of that has come in
//! the second half: what fills a cache slows down.

use serde::{Deserialize, Serialize};

use super::format::Format;
use super::usual::Remark;

/// The version of the file.
pub const VERSION: u32 = 1;

/// What a run had. *Shape*: `tasks/ID/memory.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemorySamples {
    /// The format's version.
    pub version: u32,
    /// Which run.
    pub run: u32,
    /// How long it is from one sample to the next by now. *Units*: milliseconds.
    pub every: u64,
    /// How long after the start of the run, and how much all its processes had: resident, what they
    /// share counted for each. *Units*: milliseconds, bytes.
    pub samples: Vec<(u64, u64)>,
}

/// The first sample is taken so long after the start, and others follow. *Units*: milliseconds.
const FIRST: u64 = 5 * 60_000;
/// When there are more, every other one is left out, and half as many are taken from then on.
const MOST: usize = 48;
/// Fewer tell nothing.
const FEWEST: usize = 12;
/// The same of less time. *Units*: milliseconds.
const SHORTEST: u64 = 60 * 60_000;
/// In so many parts is looked for growth.
const PARTS: usize = 6;
/// Less is not noticed. *Units*: bytes.
const LEAST: u64 = 16 << 20;

impl Format for MemorySamples {
    const VERSION: u32 = VERSION;
}

impl MemorySamples {
    /// Of a run that begins.
    pub fn new(run: u32) -> MemorySamples {
        MemorySamples { version: VERSION, run, every: FIRST, samples: Vec::new() }
    }

    /// When the next sample is due, after the start. *Units*: milliseconds.
    pub fn due(&self) -> u64 {
        self.samples.last().map_or(0, |(at, _)| *at).saturating_add(self.every)
    }

    /// Takes in a sample.
    pub fn push(&mut self, at: u64, bytes: u64) {
        self.samples.push((at, bytes));
        if self.samples.len() > MOST {
            let mut number = 0;
            self.samples.retain(|_| {
                number += 1;
                number % 2 == 1
            });
            self.every = self.every.saturating_mul(2);
        }
    }

    /// Whether it is worth the while to look for growth.
    pub fn may_have_grown(&self) -> bool {
        let (Some((begin, _)), Some((end, last))) = (self.samples.first(), self.samples.last()) else { return false };
        let least = self.samples.iter().map(|(_, bytes)| *bytes).min().unwrap_or(0);
        end - begin >= SHORTEST && last.saturating_sub(least) >= LEAST
    }

    /// That memory has grown, and for how long.
    pub fn growth(&self) -> Option<Remark> {
        (0..self.samples.len()).find_map(|from| growth(&self.samples[from..]))
    }
}

/// The same of all of these.
fn growth(samples: &[(u64, u64)]) -> Option<Remark> {
    let (begin, end) = (samples.first()?.0, samples.last()?.0);
    let span = end.checked_sub(begin).filter(|span| *span >= SHORTEST && samples.len() >= FEWEST)?;
    // With when that was.
    let mut least = [(u64::MAX, 0); PARTS];
    for (at, bytes) in samples {
        let part = usize::try_from((at - begin) * PARTS as u64 / (span + 1)).ok()?;
        least[part] = least[part].min((*bytes, *at));
    }
    // One of which nothing is known has the most that can be.
    let rises = least.windows(2).all(|pair| pair[0].0 < pair[1].0) && least[PARTS - 1].0 < u64::MAX;
    let ((first, from), (last, to)) = (least[0], least[PARTS - 1]);
    let by = last.checked_sub(first).filter(|_| rises)?;
    let late = last - least[PARTS / 2 - 1].0;
    let is_much = by >= LEAST && by >= first / 4 && late >= by / 3;
    let per_hour = u128::from(by) * u128::from(SHORTEST) / u128::from((to - from).max(1));
    is_much.then(|| Remark::Growing { span, per_hour: u64::try_from(per_hour).unwrap_or(u64::MAX) })
}

#[cfg(test)]
mod tests {
    use super::{MOST, MemorySamples};

    const MIB: u64 = 1 << 20;
    const MINUTE: u64 = 60_000;

    /// What is said of a run that has so much after so many minutes, a sample each five.
    fn of(minutes: u64, mib: impl Fn(u64) -> u64) -> String {
        let mut samples = MemorySamples::new(1);
        while samples.due() <= minutes * MINUTE {
            let at = samples.due();
            samples.push(at, mib(at / MINUTE) * MIB);
        }
        samples.growth().map_or_else(String::new, |remark| remark.to_string())
    }

    #[test]
    fn a_leak_is_told_from_what_comes_and_goes() {
        assert_eq!(of(125, |minute| 100 + minute * 40 / 60), "memory has grown for 2h00m (40.0 MiB an hour)");
        // Garbage is collected each half hour, and never all of it.
        let teeth = |minute: u64| 100 + minute + minute % 30 * 5;
        assert!(of(600, teeth).contains("memory has grown for 9h"), "{}", of(600, teeth));
        assert_eq!(of(600, |minute| 100 + minute % 30 * 20), "", "it comes and goes");
        assert_eq!(of(600, |_| 100), "");
        assert_eq!(of(600, |minute| 1000 - minute), "");
        assert_eq!(of(55, |minute| 100 + minute * 10), "", "too young");
        assert_eq!(of(600, |minute| 4000 + minute / 10), "", "60 MiB of 4 GiB");
        assert_eq!(of(125, |minute| 10 + minute / 20), "", "6 MiB");
    }

    #[test]
    fn what_warms_up_and_then_stays_is_no_leak() {
        assert_eq!(of(600, |minute| 100 + minute.min(40) * 10), "");
        assert_eq!(of(600, |minute| if minute < 300 { 100 } else { 900 }), "", "a step");
        // A cache that fills: half of what is missing, each half hour.
        let cache = |minute: u64| 1000 - (900.0 * 0.5_f64.powf(minute as f64 / 30.0)) as u64;
        assert_eq!(of(400, cache), "");
        let late = |minute: u64| 100 + minute.saturating_sub(300);
        // Up to a sixth of the time it may have begun later.
        assert!(of(600, late).contains("memory has grown for 6h"), "{}", of(600, late));
    }

    #[test]
    fn a_year_takes_no_more_room_than_a_day() {
        let mut samples = MemorySamples::new(1);
        while samples.due() < 365 * 24 * 60 * MINUTE {
            samples.push(samples.due(), MIB);
        }
        assert!(samples.samples.len() <= MOST && samples.samples.len() > MOST / 3, "{}", samples.samples.len());
        assert!(serde_json::to_vec(&samples).expect("JSON").len() < 2048);
    }
}

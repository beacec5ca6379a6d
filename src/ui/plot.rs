//! Numbers as bars.

use super::locale::is_utf8;
use crate::task::progress::Progress;

/// From the smallest to the largest.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The same where nothing but ASCII can be shown.
const PLAIN: [char; 8] = ['_', '.', ',', ':', '-', '=', '+', '#'];

/// A bar for each value, from nothing to the largest of them.
pub fn bars(values: &[u64]) -> String {
    drawn(values, if is_utf8() { BARS } else { PLAIN })
}

/// How far something is, as a bar of ten cells: `████░░░░░░`.
pub fn progress(progress: &Progress) -> String {
    const CELLS: usize = 10;
    let (full, empty) = if is_utf8() { ("█", "░") } else { ("#", ".") };
    let cells = usize::try_from(progress.per_cent()).map_or(CELLS, |per_cent| per_cent * CELLS / 100);
    full.repeat(cells) + &empty.repeat(CELLS - cells)
}

fn drawn(values: &[u64], bars: [char; 8]) -> String {
    let most = values.iter().copied().max().unwrap_or(0).max(1);
    let place = |value: u64| ((u128::from(value) * 8).div_ceil(u128::from(most)).max(1) - 1) as usize;
    values.iter().map(|value| bars[place(*value).min(7)]).collect()
}

#[cfg(test)]
mod tests {
    use super::{BARS, PLAIN, drawn};

    #[test]
    fn the_largest_is_full_and_nothing_is_a_line() {
        assert_eq!(drawn(&[0, 1, 4, 8], BARS), "▁▁▄█");
        assert_eq!(drawn(&[u64::MAX, 0], PLAIN), "#_");
        assert_eq!(drawn(&[], BARS), "");
    }
}

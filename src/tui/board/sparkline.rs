//! A few numbers as a row of bars.

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The last numbers, as many as there is room for; `full` is the highest bar, or the highest
/// number, if that is more.
pub fn of(numbers: &[u64], room: usize, full: u64) -> String {
    let shown = &numbers[numbers.len().saturating_sub(room)..];
    let top = shown.iter().copied().max().unwrap_or(0).max(full).max(1);
    shown
        .iter()
        .map(|number| BARS[usize::try_from(number.saturating_mul(7).div_ceil(top)).unwrap_or(7).min(7)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn bars_are_as_high_as_numbers() {
        assert_eq!(of(&[9, 0, 50, 100, 200], 4, 100), "▁▃▅█");
        assert_eq!(of(&[0, 100], 8, 100), "▁█");
        assert_eq!(of(&[], 8, 0), "");
    }
}

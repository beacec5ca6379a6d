//! Amounts in a line, and what stands between two of them: `3/20`, `5.2/10.1 MB`, `3 of 20`.

use super::ProgressUnit;

/// A number, with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextAmount {
    /// Where it begins in the line. *Units*: bytes.
    pub start: usize,
    /// Where it ends, its unit with it.
    pub end: usize,
    /// The number as it stands there.
    value: f64,
    is_whole: bool,
    /// How many bytes one of its units is; `None` where it has none.
    factor: Option<u64>,
}

/// How a ratio stands in its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enclosure {
    /// `[3/20]`
    Square,
    /// `(3/20)`
    Round,
    /// `3/20`
    None,
}

/// So much of so much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// Where it begins, its bracket with it. *Units*: bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// How much is done.
    pub done: u64,
    /// Of how much.
    pub total: u64,
    /// Of what.
    pub unit: ProgressUnit,
    /// What it stands in.
    pub enclosure: Enclosure,
}

/// The amounts of a line, in order.
pub fn amounts(line: &str) -> Vec<TextAmount> {
    let bytes = line.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let begins = bytes[at].is_ascii_digit() && (at == 0 || !is_within_word(bytes[at - 1]));
        match begins.then(|| amount_at(line, at)) {
            Some(Ok(amount)) => {
                at = amount.end;
                found.push(amount);
            }
            Some(Err(end)) => at = end,
            None => at += 1,
        }
    }
    found
}

/// Whether what follows this is part of a word, a path or a version.
fn is_within_word(before: u8) -> bool {
    before.is_ascii_alphanumeric() || matches!(before, b'.' | b'_' | b'-' | b'+' | b'#' | b'=' | b'$' | b':' | b'%')
}

/// The amount that begins here; where to look on if there is none.
fn amount_at(line: &str, start: usize) -> Result<TextAmount, usize> {
    let bytes = line.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = start;
    while is_digit(end) || bytes.get(end) == Some(&b',') && is_group(bytes, end) {
        end += 1;
    }
    let is_whole = !(bytes.get(end) == Some(&b'.') && is_digit(end + 1));
    if !is_whole {
        end += 1;
        while is_digit(end) {
            end += 1;
        }
    }
    let number: String = line[start..end].chars().filter(|c| *c != ',').collect();
    let value = number.parse().map_err(|_| end)?;
    let (factor, end) = unit_at(line, end);
    let is_apart = bytes.get(end).is_none_or(|next| !next.is_ascii_alphanumeric() && *next != b'_');
    let amount = TextAmount { start, end, value, is_whole, factor };
    // So many digits are exact in an `f64`.
    if is_apart && number.len() < 16 { Ok(amount) } else { Err(end + 1) }
}

/// Whether a comma stands before three digits, and no more: `1,234`.
fn is_group(bytes: &[u8], comma: usize) -> bool {
    (1..4).all(|at| bytes.get(comma + at).is_some_and(u8::is_ascii_digit))
        && !bytes.get(comma + 4).is_some_and(u8::is_ascii_digit)
}

/// The unit of bytes that stands here, directly or behind a blank: what one of it is, and where it
/// ends.
fn unit_at(line: &str, at: usize) -> (Option<u64>, usize) {
    let none = (None, at);
    let rest = &line.as_bytes()[at..];
    let blanks = usize::from(rest.first() == Some(&b' '));
    let letters: &[u8] = &rest[blanks..];
    let length = letters.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = &letters[..length];
    let power = match word.first() {
        Some(b'B') if length == 1 => return (Some(1), at + blanks + 1),
        Some(b'b') if word == b"bytes" => return (Some(1), at + blanks + length),
        Some(b'k' | b'K') => 1,
        Some(b'M' | b'm') => 2,
        Some(b'G' | b'g') => 3,
        Some(b'T') => 4,
        Some(_) | None => return none,
    };
    let is_unit = match &word[1..] {
        b"" | b"i" => blanks == 0,
        b"B" | b"b" | b"iB" => true,
        _ => false,
    };
    // 1000 and 1024 are told apart by few programs, and never within one line.
    if is_unit { (Some(1 << (10 * power)), at + blanks + length) } else { none }
}

/// The ratios of a line, in order.
pub fn ratios(line: &str) -> Vec<Ratio> {
    let all = amounts(line);
    all.windows(2).filter_map(|pair| ratio(line, pair[0], pair[1])).collect()
}

fn ratio(line: &str, done: TextAmount, total: TextAmount) -> Option<Ratio> {
    if !matches!(line[done.end..total.start].trim(), "/" | "of") || !ends_well(&line[total.end..]) {
        return None;
    }
    let enclosure = enclosure(line, done.start, total.end)?;
    let unit = match (done.factor, total.factor) {
        (None, None) if done.is_whole && total.is_whole => ProgressUnit::Steps,
        (_, Some(_)) => ProgressUnit::Bytes,
        (_, None) => return None,
    };
    // In `5.2/10.1 MB` the unit is that of both.
    let value = |amount: TextAmount| (amount.value * amount.factor.or(total.factor).unwrap_or(1) as f64) as u64;
    let (done_value, total_value) = (value(done), value(total));
    let start = match enclosure {
        Enclosure::None => done.start,
        Enclosure::Square | Enclosure::Round => line[..done.start].rfind(['[', '('])?,
    };
    (total_value > 0 && done_value <= total_value).then_some(Ratio {
        start,
        end: total.end,
        done: done_value,
        total: total_value,
        unit,
        enclosure,
    })
}

/// Whether what stands behind a ratio is none of a path, a date or a word.
fn ends_well(rest: &str) -> bool {
    let mut behind = rest.chars();
    match behind.next() {
        None => true,
        Some('.') => behind.next().is_none_or(char::is_whitespace),
        Some(c) => c.is_whitespace() || "])},:;|>".contains(c),
    }
}

/// What it stands in; `None` where it is part of something else.
fn enclosure(line: &str, start: usize, end: usize) -> Option<Enclosure> {
    let (before, behind) = (&line[..start], line[end..].trim_start());
    match before.chars().next_back() {
        None => return Some(Enclosure::None),
        Some(c) if c.is_whitespace() || "[(|{<>".contains(c) || !c.is_ascii() => {}
        Some(_) => return None,
    }
    let opening = before.rfind(['[', '(', ']', ')']);
    let stands_apart = |at: usize| before[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || !c.is_ascii());
    match opening.map(|at| (before.as_bytes()[at], at)) {
        Some((b'[', at)) if behind.starts_with(']') => stands_apart(at).then_some(Enclosure::Square),
        Some((b'(', at)) if behind.starts_with([')', ',']) => stands_apart(at).then_some(Enclosure::Round),
        Some(_) | None => Some(Enclosure::None),
    }
}

#[cfg(test)]
mod tests {
    use super::{Enclosure, ratios};
    use crate::task::progress::ProgressUnit;

    fn all(line: &str) -> Vec<(u64, u64, ProgressUnit, Enclosure)> {
        ratios(line).into_iter().map(|ratio| (ratio.done, ratio.total, ratio.unit, ratio.enclosure)).collect()
    }

    #[test]
    fn ratios_are_told_from_dates_paths_and_versions() {
        use ProgressUnit::{Bytes, Steps};
        assert_eq!(all("[3/20] cc"), [(3, 20, Steps, Enclosure::Square)]);
        assert_eq!(all("[45 / 120] 12 actions"), [(45, 120, Steps, Enclosure::Square)]);
        assert_eq!(all("( 3/20) installing"), [(3, 20, Steps, Enclosure::Round)]);
        assert_eq!(all("#7 [builder 2/5] RUN"), [(2, 5, Steps, Enclosure::Square)]);
        assert_eq!(all("5.0/10.0 MB"), [(5 << 20, 10 << 20, Bytes, Enclosure::None)]);
        assert_eq!(all("1.5G/3G [00:12"), [(3 << 29, 3 << 30, Bytes, Enclosure::None)]);
        assert_eq!(all("1,024 kB/2,048 kB"), [(1 << 20, 2 << 20, Bytes, Enclosure::None)]);
        assert_eq!(all("file 3 of 20"), [(3, 20, Steps, Enclosure::None)]);
        let none = ["src/2/3/x", "11/28/2026", "2026/11/28", "v1/2", "test_a[3/20]", "20/3", "1/0", "80/3x", "a=1/2"];
        for line in none {
            assert_eq!(all(line), [], "{line}");
        }
        assert_eq!(all("3.4 MB/s 1.5/2"), []);
    }
}

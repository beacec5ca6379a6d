//! How much longer it takes, as programs say it: `eta 0:00:12`, `[00:12<00:15, …]`, `3m 4s left`.

use crate::units::span::Span;

/// What a line says of that.
pub fn of_line(line: &str) -> Option<Span> {
    behind_eta(line).or_else(|| before_word(line)).or_else(|| behind_less(line)).or_else(|| behind_rate(line))
}

/// `eta 0:00:12`, `ETA: 3s`; of some programs it stands before: `00:12 ETA`.
fn behind_eta(line: &str) -> Option<Span> {
    let at = word(line, "eta")?;
    let behind = line[at + 3..].trim_start_matches([':', ' ', '~', '=']);
    span_at(behind).or_else(|| last_span(&line[..at]))
}

/// `3m 4s left`, `0:12 remaining`.
fn before_word(line: &str) -> Option<Span> {
    ["left", "remaining"].into_iter().find_map(|name| last_span(&line[..word(line, name)?]))
}

/// `[00:12<00:15, 3.6it/s]`
fn behind_less(line: &str) -> Option<Span> {
    let at = line.find('<').filter(|at| line[..*at].ends_with(|c: char| c.is_ascii_digit()))?;
    clock(line[at + 1..].split([',', ']']).next()?.trim())
}

/// `12.34MB/s    0:00:12`, and what stands last behind a percentage: `45% 0:00:12`.
fn behind_rate(line: &str) -> Option<Span> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let is_before = |word: &str| word.ends_with("/s") || word.ends_with('%');
    let at = words.windows(2).position(|pair| is_before(pair[0]) && clock(pair[1]).is_some())?;
    clock(words[at + 1])
}

/// Where a word stands in a line, whatever its case.
pub fn word(line: &str, wanted: &str) -> Option<usize> {
    let (bytes, length) = (line.as_bytes(), wanted.len());
    let is_apart = |at: usize| bytes.get(at).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    let begins = |at: usize| at == 0 || is_apart(at - 1);
    let last = bytes.len().checked_sub(length)?;
    (0..=last).find(|at| {
        bytes[*at..at + length].eq_ignore_ascii_case(wanted.as_bytes()) && begins(*at) && is_apart(at + length)
    })
}

/// The span that ends a text: `about 3m 4s`.
fn last_span(text: &str) -> Option<Span> {
    let text = text.trim_end_matches([' ', ',', '(', ':']);
    let words: Vec<&str> = text.split_whitespace().collect();
    let from = words.len().saturating_sub(4);
    // The longest first: `3m 4s` ends in a span of its own.
    (from..words.len()).find_map(|at| whole_span(&words[at..]))
}

fn whole_span(words: &[&str]) -> Option<Span> {
    match words {
        [word] => clock(word.trim_start_matches(['(', '['])).or_else(|| spelt(word)),
        _ => spelt(&words.join(" ")),
    }
}

/// The span at the begin of a text.
fn span_at(text: &str) -> Option<Span> {
    let end = text.find(|c: char| c.is_whitespace() || ",])".contains(c)).unwrap_or(text.len());
    let two = text[end..].trim_start().split([' ', ',', ']', ')']).next().unwrap_or_default();
    clock(&text[..end]).or_else(|| spelt(&format!("{} {two}", &text[..end]))).or_else(|| spelt(&text[..end]))
}

/// `1:02:03`, `02:03`.
pub fn clock(text: &str) -> Option<Span> {
    let parts: Vec<&str> = text.split(':').collect();
    let is_number = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !(2..=3).contains(&parts.len()) || !parts.iter().all(is_number) || parts[parts.len() - 1].len() != 2 {
        return None;
    }
    let seconds = parts.iter().try_fold(0_u64, |sum, part| Some(sum * 60 + part.parse::<u64>().ok()?))?;
    Some(Span(seconds * 1000))
}

/// `12s`, `3m4s`, `3 min 4 sec`, `1h 2m`.
fn spelt(text: &str) -> Option<Span> {
    let (mut rest, mut total) = (text.trim(), 0_u64);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: u64 = rest[..digits].parse().ok()?;
        let mut behind = rest[digits..].trim_start();
        if let Some(fraction) = behind.strip_prefix('.') {
            behind = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        }
        let letters = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
        let factor = match &behind[..letters] {
            "s" | "sec" | "secs" | "second" | "seconds" => 1000,
            "m" | "min" | "mins" | "minute" | "minutes" => 60_000,
            "h" | "hr" | "hour" | "hours" => 3_600_000,
            "d" | "day" | "days" => 86_400_000,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(factor)?)?;
        rest = behind[letters..].trim_start();
    }
    Some(Span(total))
}

#[cfg(test)]
mod tests {
    use super::of_line;

    #[test]
    fn what_is_left_is_read_as_programs_say_it() {
        for (line, seconds) in [
            ("5.2/10.1 MB 3.4 MB/s eta 0:00:02", Some(2)),
            ("45%[==>  ] 50.12M  3.40MB/s    eta 1m 12s", Some(72)),
            ("120/1875 [=>...] - ETA: 3s - loss: 0.5", Some(3)),
            ("file.iso  45%   12MB   3.4MB/s   00:12 ETA", Some(12)),
            (" 45%|████    | 45/100 [00:12<00:15,  3.6it/s]", Some(15)),
            ("     32,768  45%   12.34MB/s    0:01:12", Some(72)),
            ("Working... ━━━━ 45% 0:00:12", Some(12)),
            ("45% done, about 3 min 4 sec left", Some(184)),
            ("1h 2m remaining", Some(3720)),
            ("45% eta -:--:--", None),
            ("eta: unknown", None),
            ("the beta 3 release", None),
            ("3 files left", None),
            ("at 12:30 45%", None),
        ] {
            assert_eq!(of_line(line).map(|span| span.0 / 1000), seconds, "{line}");
        }
    }
}

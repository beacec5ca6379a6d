//! What makes two findings the same.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::finding::Finding;

/// The version of fingerprints: they change with what goes into them.
const VERSION: u8 = 1;

/// The same from run to run, and from terminal and pipe: tool, code, message without what changes,
/// file without its line. What no line tells of is known by its rule.
pub fn of(finding: &Finding) -> String {
    if finding.line == 0 {
        return finding.rule.clone();
    }
    let file = finding.place.as_ref().map_or("", |place| place.file.rsplit('/').next().unwrap_or_default());
    let code = finding.code.as_deref().unwrap_or_default();
    let test = finding.test.as_deref().unwrap_or_default();
    let text = [&finding.tool, code, &masked(&finding.message), file, test].join("\u{1f}");
    format!("{VERSION}-{:016x}", fnv(text.as_bytes()))
}

/// The same within one log: said twice, it is one finding that came twice.
pub fn identity(finding: &Finding) -> u64 {
    let mut hasher = DefaultHasher::new();
    let message = if finding.place.is_some() { finding.message.clone() } else { masked(&finding.message) };
    (&finding.rule, &finding.tool, &finding.code, message, &finding.test, &finding.place).hash(&mut hasher);
    hasher.finish()
}

/// A message with `#` for numbers, and for what is as good as one.
pub fn masked(message: &str) -> String {
    let mut masked = String::with_capacity(message.len());
    for word in message.split_inclusive(|c: char| c.is_whitespace() || "()[]{}<>\"'`,;=".contains(c)) {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let hexadecimal = word.bytes().filter(u8::is_ascii_hexdigit).count();
        if digits == 0 {
            masked.push_str(word);
        } else if hexadecimal >= 6 && hexadecimal + 4 >= word.trim_end().len() {
            masked.push('#');
            masked.extend(word.chars().last().filter(|c| !c.is_alphanumeric()));
        } else {
            let mut was_digit = false;
            for c in word.chars() {
                let is_digit = c.is_ascii_digit();
                if !is_digit {
                    masked.push(c);
                } else if !was_digit {
                    masked.push('#');
                }
                was_digit = is_digit;
            }
        }
    }
    masked
}

/// *Source*: FNV-1a, 64 bit. The same on every machine and in every version, as it is kept on disk.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn what_changes_from_run_to_run_is_masked() {
        for (one, other) in [
            ("timed out after 1532 ms", "timed out after 17 ms"),
            ("no object 0x7ffd12ab", "no object 0x55d0deadbeef"),
            (
                "request 3f2a9c1e-1111-4abc-9def-0123456789ab failed",
                "request 00000000-2222-4abc-9def-aaaaaaaaaaaa failed",
            ),
        ] {
            assert_eq!(masked(one), masked(other));
        }
        assert_ne!(masked("no module x"), masked("no module y"));
    }
}

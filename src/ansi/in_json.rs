//! JSON that may be looked at on a terminal: what JSON leaves as it is and a terminal heeds, or a
//! reader does not see, is written as `\uXXXX`. It is the same data.

use std::borrow::Cow;
use std::fmt::Write;

use super::unseen::{has_any, is_invisible, turns_text};

/// Whole JSON texts, which are UTF-8. Outside of strings there is nothing to write so.
pub fn safe(json: &[u8]) -> Cow<'_, [u8]> {
    if !has_any(json) {
        return json.into();
    }
    let text = String::from_utf8_lossy(json);
    let mut safe = String::with_capacity(text.len() + 32);
    for c in text.chars() {
        let is_kept = matches!(c, '\n' | '\t' | '\r');
        if is_kept || !(c.is_control() || is_invisible(c) || turns_text(c)) {
            safe.push(c);
            continue;
        }
        c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
            let _ = write!(safe, "\\u{unit:04x}");
        });
    }
    safe.into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::safe;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_heeds_or_nobody_sees_is_written_by_its_number() {
        let json = serde_json::to_vec("a\u{9b}31m\u{7f}\u{202e}\u{200b}\u{e0041}é │").expect("serialises");
        let wanted = r#""a\u009b31m\u007f\u202e\u200b\udb40\udc41é │""#;
        assert_eq!(String::from_utf8_lossy(&safe(&json)), wanted);
    }

    proptest! {
        #[test]
        fn it_is_the_same_data(text: String) {
            let json = serde_json::to_vec(&[&text]).expect("serialises");
            let read: Vec<String> = serde_json::from_slice(&safe(&json)).expect("JSON");
            prop_assert_eq!(read, [text]);
        }
    }
}

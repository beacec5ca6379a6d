//! Numbers as options take them.

use std::str::FromStr;

/// A whole number, 0 among them. *Errors*: in words that go on after the value and the option.
pub fn whole<N: FromStr>(text: &str) -> Result<N, &'static str> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(number) if is_number => Ok(number),
        _ if is_number => Err("the number is too large"),
        _ => Err("it is not a whole number"),
    }
}

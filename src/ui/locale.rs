//! What the reader's terminal can show, as far as the environment says.

use std::env;

/// Whether it knows more than ASCII. Where nothing is set, most do. *Source*: locale(7).
pub fn is_utf8() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| env::var(name).ok().filter(|v| !v.is_empty()));
    set.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

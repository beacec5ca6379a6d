//! Paths as references. *Source*: RFC 3986.

/// A path as a log names it, as a reference to it.
pub fn reference(path: &str) -> String {
    let escaped = escaped(path.replace('\\', "/").as_bytes());
    if escaped.starts_with('/') { format!("file://{escaped}") } else { escaped }
}

/// A path with all that a reference may not have in it as `%XX`.
pub fn escaped(path: &[u8]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-~@+".contains(&byte);
    let one = |byte: &u8| if plain(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") };
    path.iter().map(one).collect()
}

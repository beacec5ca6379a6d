//! A path as one word that bash and zsh read alike, whatever options they run under.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The path as a word; begins with `"$HOME` where it lies below `home`. Printable ASCII, on one
/// line.
pub fn path(path: &Path, home: Option<&Path>) -> String {
    let below = home.filter(|home| home.is_absolute() && home.parent().is_some());
    match below.and_then(|home| path.strip_prefix(home).ok()).map(|rest| rest.as_os_str().as_bytes()) {
        Some(rest) if is_plain(rest) => format!("\"$HOME/{}\"", String::from_utf8_lossy(rest)),
        Some(rest) => format!("\"$HOME\"/{}", word(rest)),
        None => word(path.as_os_str().as_bytes()),
    }
}

fn word(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if is_plain(bytes) {
        format!("\"{text}\"")
    } else if bytes.iter().all(|b| is_shown(*b)) {
        // A quote always stands by itself, so that zsh's RC_QUOTES never sees two.
        format!("'{}'", text.replace('\'', r"'\''"))
    } else {
        let mut word = String::from("$'");
        for byte in bytes {
            // Three octal digits: no digit that follows can be taken for a fourth.
            let _ = match byte {
                b'\'' | b'\\' => write!(word, "\\{}", char::from(*byte)),
                byte if is_shown(*byte) => write!(word, "{}", char::from(*byte)),
                byte => write!(word, "\\{byte:03o}"),
            };
        }
        word + "'"
    }
}

/// Whether these bytes mean themselves between double quotes.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.iter().all(|b| is_shown(*b) && !b"\"$`\\!".contains(b))
}

fn is_shown(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::path;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    fn quoted(text: &[u8]) -> String {
        path(Path::new(OsStr::from_bytes(text)), Some(Path::new("/home/me")))
    }

    #[test]
    fn below_home_it_is_relative() {
        assert_eq!(quoted(b"/home/me/.agent-os/shell/aos.bash"), r#""$HOME/.agent-os/shell/aos.bash""#);
        assert_eq!(quoted(b"/home/me/a $b/c"), r#""$HOME"/'a $b/c'"#);
        assert_eq!(quoted(b"/home/mean/x"), r#""/home/mean/x""#);
    }

    #[test]
    fn a_root_or_missing_home_is_not_named() {
        assert_eq!(path(Path::new("/srv/x"), Some(Path::new("/"))), "\"/srv/x\"");
        assert_eq!(path(Path::new("/srv/x"), Some(Path::new("srv"))), "\"/srv/x\"");
        assert_eq!(path(Path::new("/srv/x"), None), "\"/srv/x\"");
    }

    #[test]
    fn odd_paths_stay_on_one_line() {
        assert_eq!(quoted(b"/a'b"), "\"/a'b\"");
        assert_eq!(quoted(b"/a'$b"), r"'/a'\''$b'");
        assert_eq!(quoted(b"/a\n1'\\\xe9"), r"$'/a\0121\'\\\351'");
    }
}

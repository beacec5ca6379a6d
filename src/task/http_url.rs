//! The address of something that answers over plain HTTP.

use std::fmt;
use std::str::FromStr;

/// `http://HOST[:PORT][/PATH]`; a bare port, or none, is this machine's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUrl {
    /// A name or an address; one of IPv6 without its brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// What is asked for: from the slash on, the query included.
    pub path: String,
}

/// Why a text is no such address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// It is encrypted, or something else.
    #[error("`{0}` cannot be asked: only http:// can; for anything else there is cmd:, as in 'cmd:curl -fsk {0}'")]
    Scheme(String),
    /// Who asks would have to be said.
    #[error("`{0}` has a user in it: ask with 'cmd:curl -fs {0}'")]
    User(String),
    /// The host makes no sense.
    #[error("`{0}` names no host: write http://localhost:3000/health")]
    Host(String),
    /// The port is none.
    #[error("`{0}` has no port between 1 and 65535: write http://localhost:3000/health")]
    Port(String),
    /// There are blanks or worse in it.
    #[error("`{0}` has characters in it that must be written as %20 and the like")]
    Path(String),
}

const LOCAL: &str = "localhost";
const USUAL_PORT: u16 = 80;

impl HttpUrl {
    /// Host and port as they stand in a URL.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == USUAL_PORT { host } else { format!("{host}:{}", self.port) }
    }
}

impl FromStr for HttpUrl {
    type Err = BadUrl;

    fn from_str(text: &str) -> Result<HttpUrl, BadUrl> {
        let rest = match text.split_once("://") {
            None => text,
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some(_) => return Err(BadUrl::Scheme(text.to_owned())),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(BadUrl::User(text.to_owned()));
        }
        if !path.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BadUrl::Path(text.to_owned()));
        }
        let (host, port) = split(authority).ok_or_else(|| BadUrl::Host(text.to_owned()))?;
        let port = match port {
            None => USUAL_PORT,
            Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or_else(|| BadUrl::Port(text.to_owned()))?,
        };
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(HttpUrl { host: host.to_owned(), port, path })
    }
}

/// Host and port of `localhost:3000`, `[::1]:3000`, `:3000`, `3000`, `localhost`.
fn split(authority: &str) -> Option<(&str, Option<&str>)> {
    if !authority.is_empty() && authority.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((LOCAL, Some(authority)));
    }
    if let Some((address, rest)) = authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        address.parse::<std::net::Ipv6Addr>().ok()?;
        return if rest.is_empty() { Some((address, None)) } else { Some((address, Some(rest.strip_prefix(':')?))) };
    }
    let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    match (host, port) {
        ("", None) => None,
        ("", port) => Some((LOCAL, port)),
        _ if host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)) => Some((host, port)),
        _ => None,
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority(), self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::HttpUrl;

    #[test]
    fn what_people_write_is_read() {
        for (text, url) in [
            ("http://localhost:3000/health?x=1", "http://localhost:3000/health?x=1"),
            ("HTTP://127.0.0.1", "http://127.0.0.1/"),
            ("localhost:8080", "http://localhost:8080/"),
            ("3000/up", "http://localhost:3000/up"),
            (":3000", "http://localhost:3000/"),
            ("[::1]:3000/", "http://[::1]:3000/"),
            ("http://web.internal?a#b", "http://web.internal/?a"),
        ] {
            assert_eq!(text.parse::<HttpUrl>().map(|u| u.to_string()).as_deref(), Ok(url), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_asked_is_refused_with_a_way_out() {
        let why = |text: &str| text.parse::<HttpUrl>().expect_err(text).to_string();
        assert!(why("https://localhost").contains("cmd:curl -fsk https://localhost"));
        assert!(why("http://a:b@localhost/").contains("a user"));
        for bad in ["http://", "http:///x", "http://a b/", "http://[::1/", "http://[zz]:3/", "http://a\u{1b}/"] {
            assert!(why(bad).contains("names no host"), "{bad}");
        }
        for bad in ["localhost:0", "localhost:99999", "localhost:", "localhost:x"] {
            assert!(why(bad).contains("no port"), "{bad}");
        }
        assert!(why("localhost/a b").contains("%20"));
    }
}

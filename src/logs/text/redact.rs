//! Secrets in what is shown: values of variables whose names say so become `***`. Knows values, and
//! no tasks.

use std::borrow::Cow;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::ansi::unseen::{self, Unseen};
use crate::logs::text::masked::Masked;
use crate::logs::text::secret_values::{SHORTEST, secret};

/// What stands for a secret.
pub const MASK: &[u8] = b"***";

/// So much is held back with what is not seen in it, which is left out beyond that: nobody misses
/// it, and what becomes a secret across any length of it is still hidden. *Units*: bytes.
pub const MOST_HELD: usize = 8 << 10;

/// Values that are not to be shown.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    values: Vec<Vec<u8>>,
    search: Option<AhoCorasick>,
}

impl Secrets {
    /// The secrets among variables: names and values.
    pub fn of<'a>(variables: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Secrets {
        let secrets: Vec<Vec<u8>> = variables.flat_map(|(name, value)| secret(name, value)).collect();
        let written = secrets.iter().filter_map(|value| in_json(value));
        // Text is searched as it is seen, so a value with a colour in it is as well.
        let seen = secrets.iter().map(|value| Seen::of(value).bytes().to_vec()).filter(|value| value.len() >= SHORTEST);
        let mut values: Vec<Vec<u8>> = seen.chain(written).collect();
        values.sort_unstable();
        values.dedup();
        let is_any = !values.is_empty();
        // The longest: of two that begin alike, the shorter would leave the other's end in sight.
        let search = is_any.then(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&values));
        // It fails only beyond 2^31 states: more than an environment has bytes.
        Secrets { values, search: search.and_then(Result::ok) }
    }

    /// A whole line, or any text that no secret goes beyond, with what is to be hidden hidden. What
    /// is not seen within a secret, such as colours, hides it from nobody here; it stays, behind
    /// the mask.
    pub fn hide<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        // Byte by byte first: a sequence before it may take a value's first letter for its own end.
        match self.hide_by(text, Seen::All(text)) {
            None => self.hide_by(text, Seen::of(text)).map_or(text.into(), Cow::Owned),
            Some(hidden) => self.hide_by(&hidden, Seen::of(&hidden)).unwrap_or(hidden).into(),
        }
    }

    /// The text without what is found in what is seen of it; `None` if that is nothing.
    fn hide_by(&self, text: &[u8], seen: Seen<'_>) -> Option<Vec<u8>> {
        let search = self.search.as_ref()?;
        if !search.is_match(seen.bytes()) {
            return None;
        }
        let (mut hidden, mut from) = (Vec::with_capacity(text.len()), 0);
        for found in search.find_iter(seen.bytes()) {
            from = seen.hide(text, from, found.range(), &mut hidden);
        }
        hidden.extend_from_slice(&text[from..]);
        Some(hidden)
    }

    /// The same with text.
    pub fn hide_in(&self, text: &str) -> Masked {
        Masked::new(String::from_utf8_lossy(&self.hide(text.as_bytes())).into_owned())
    }

    /// Text that goes on: what may become a secret yet is not shown either.
    pub fn hide_in_part(&self, text: &str) -> Masked {
        let seen = Seen::of(text.as_bytes());
        let safe = seen.place(self.begins(seen.bytes()));
        Masked::new(String::from_utf8_lossy(&self.hide(&text.as_bytes()[..safe])).into_owned())
    }

    /// Where at the end of a text something may begin that is to be hidden.
    fn begins(&self, text: &[u8]) -> usize {
        let longest = self.values.iter().map(Vec::len).max().unwrap_or(0);
        let from = text.len().saturating_sub(longest.saturating_sub(1));
        let may_begin = |at: &usize| {
            // A whole one is found by the search; here only what lacks its end counts.
            self.values.iter().any(|value| value.len() > text.len() - at && value.starts_with(&text[*at..]))
        };
        (from..text.len()).find(may_begin).unwrap_or(text.len())
    }
}

/// What is seen of bytes, and where it stands in them.
enum Seen<'t> {
    /// All of it.
    All(&'t [u8]),
    /// These, each with its place; from a place on, what may become a sequence yet.
    Some { bytes: Vec<u8>, places: Vec<usize>, complete: usize },
}

impl<'t> Seen<'t> {
    fn of(text: &'t [u8]) -> Seen<'t> {
        if !unseen::has_any(text) {
            return Seen::All(text);
        }
        let (mut bytes, mut places, mut at) = (Vec::with_capacity(text.len()), Vec::with_capacity(text.len()), 0);
        while at < text.len() {
            match unseen::at_start(&text[at..]) {
                Unseen::Whole(length) => at += length,
                Unseen::Begun => break,
                Unseen::No => {
                    bytes.push(text[at]);
                    places.push(at);
                    at += 1;
                }
            }
        }
        Seen::Some { bytes, places, complete: at }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Seen::All(bytes) => bytes,
            Seen::Some { bytes, .. } => bytes,
        }
    }

    /// Where the byte stands that is seen as this one; behind the last, where what is not complete
    /// begins.
    fn place(&self, seen: usize) -> usize {
        match self {
            Seen::All(_) => seen,
            Seen::Some { places, complete, .. } => places.get(seen).copied().unwrap_or(*complete),
        }
    }

    /// Appends what stands from `from` up to a secret, a mask, and what is not seen within it;
    /// gives the place behind it.
    fn hide(&self, text: &[u8], from: usize, secret: Range<usize>, out: &mut Vec<u8>) -> usize {
        out.extend_from_slice(&text[from..self.place(secret.start)]);
        out.extend_from_slice(MASK);
        // Not where the next byte stands that is seen: what is not seen before that is no part of
        // it.
        let end = self.place(secret.end - 1) + 1;
        if let Seen::Some { .. } = self {
            for seen in secret.start..secret.end - 1 {
                out.extend_from_slice(&text[self.place(seen) + 1..self.place(seen + 1)]);
            }
        }
        end
    }

    fn without_unseen(&self, text: &[u8]) -> Vec<u8> {
        [self.bytes(), &text[self.place(self.bytes().len())..]].concat()
    }
}

/// Hides secrets in a stream of bytes that comes in chunks of any size: first those that stand
/// there byte by byte, though a part of them may look like the end of a sequence, and then those
/// that are seen.
#[derive(Debug)]
pub struct Redactor {
    secrets: Secrets,
    bytes: Stage,
    seen: Stage,
}

impl Redactor {
    /// Stands at the beginning of a stream.
    pub fn new(secrets: Secrets) -> Redactor {
        Redactor { secrets, bytes: Stage::default(), seen: Stage::default() }
    }

    /// Takes in bytes and appends what may be shown to `out`.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if self.secrets.search.is_none() {
            return out.extend_from_slice(bytes);
        }
        let mut first = Vec::with_capacity(bytes.len());
        self.bytes.feed(&self.secrets, bytes, |held| Seen::All(held), &mut first);
        self.seen.feed(&self.secrets, &first, |held| Seen::of(held), out);
    }

    /// Ends the stream: what was held back is passed on.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        let mut rest = std::mem::take(&mut self.bytes.held);
        // A whole secret is held where it might have become a longer one.
        if let Some(hidden) = self.secrets.hide_by(&rest, Seen::All(&rest)) {
            rest = hidden;
        }
        self.seen.feed(&self.secrets, &rest, |held| Seen::of(held), out);
        out.extend_from_slice(&self.secrets.hide(&self.seen.held));
        self.seen.held.clear();
    }
}

/// One look for secrets on the way.
#[derive(Debug, Default)]
struct Stage {
    /// What may be the beginning of a secret.
    held: Vec<u8>,
}

impl Stage {
    fn feed(
        &mut self,
        secrets: &Secrets,
        bytes: &[u8],
        seen_of: impl for<'t> Fn(&'t [u8]) -> Seen<'t>,
        out: &mut Vec<u8>,
    ) {
        let Some(search) = &secrets.search else { return out.extend_from_slice(bytes) };
        self.held.extend_from_slice(bytes);
        let seen = seen_of(&self.held);
        let safe = secrets.begins(seen.bytes());
        let mut from = 0;
        for found in search.find_iter(seen.bytes()) {
            // One that begins later may become another one yet.
            if found.start() >= safe {
                break;
            }
            from = seen.hide(&self.held, from, found.range(), out);
        }
        let safe = seen.place(safe);
        if from < safe {
            out.extend_from_slice(&self.held[from..safe]);
        }
        // A secret that was hidden may reach beyond what is safe.
        let mut held = self.held[from.max(safe)..].to_vec();
        if held.len() > MOST_HELD {
            held = seen_of(&held).without_unseen(&held);
        }
        self.held = held;
    }
}

/// A value as it stands in JSON, where that is different.
fn in_json(value: &[u8]) -> Option<Vec<u8>> {
    let written = serde_json::to_string(std::str::from_utf8(value).ok()?).ok()?.into_bytes();
    let inner = &written[1..written.len() - 1];
    (inner != value).then(|| inner.to_vec())
}

#[cfg(test)]
mod tests {
    use crate::logs::text::redact::{Redactor, Secrets};
    use crate::logs::text::secret_values::{says_secret, secret};
    use proptest::prelude::*;

    fn secrets(values: &[&str]) -> Secrets {
        Secrets::of(values.iter().map(|value| (&b"A_TOKEN"[..], value.as_bytes())))
    }

    #[test]
    fn names_say_what_is_secret() {
        for name in [
            "GITHUB_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "PGPASSWORD",
            "MYSQL_PWD",
            "DB_PASS",
            "npm_config__authToken",
            "OPENAI_API_KEY",
            "APIKEY",
            "GOOGLE_CREDENTIALS",
            "STRIPE_SECRET",
            "SSH_PASSPHRASE",
            "SESSION_COOKIE",
            "SENTRY_DSN",
            "GH_PAT",
            "ENCRYPTIONKEY",
            "RAILS_MASTERKEY",
            "AWS_ACCESSKEYS",
            "AZURE_STORAGE_CONNECTION_STRING",
            "ConnectionStrings__Default",
            "DB_CONN_STR",
            "REDIS_CONNSTR",
            "JWT",
            "DOCKER_CREDS",
            "HTTP_AUTHORIZATION",
        ] {
            assert!(says_secret(name.as_bytes()), "{name}");
        }
        for name in [
            "KEYBOARD",
            "XKB_KEYBOARD_LAYOUT",
            "SSH_AUTH_SOCK",
            "PWD",
            "OLDPWD",
            "MAX_TOKENS",
            "TOKENIZERS_PARALLELISM",
            "MONKEY",
            "HOTKEY",
            "TURKEYS",
            "PATH_MATCH",
            "PATTERN",
            "CONNECTION_LIMIT",
            "STRING_KIND",
            "GPG_KEY_ID",
            "SSH_ASKPASS",
            "PASSWORD_STORE_DIR",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "JWT_PUBLIC_KEY",
            "PATH",
            "HOME",
            "KEYTIMEOUT",
            "AUTHOR",
            "BYPASS",
            "",
            "__",
        ] {
            assert!(!says_secret(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn short_and_plain_values_are_shown() {
        for value in ["", "1", "true", "12345", "86400", "enabled", "/home/me/.ssh/id", "~/key", "-----BEGIN KEY-----"]
        {
            assert_eq!(secret(b"A_TOKEN", value.as_bytes()), Vec::<Vec<u8>>::new(), "{value}");
        }
        assert_eq!(secret(b"A_TOKEN", b"first-line\n second-line"), [b"first-line".to_vec(), b"second-line".to_vec()]);
        assert_eq!(secret(b"DATABASE_URL", b"postgres://me:hunter22@host/db"), [b"hunter22".to_vec()]);
        let whole = b"Server=db;Password=hunter22;Timeout=5";
        assert_eq!(secret(b"DB_CONNECTION_STRING", whole), [whole.to_vec(), b"hunter22".to_vec()]);
    }

    #[test]
    fn a_line_shows_no_secret() {
        let secrets = secrets(&["abcdef", "abcdef123"]);
        assert_eq!(&*secrets.hide(b"x abcdef123 abcdef abcde"), b"x *** *** abcde");
    }

    #[test]
    fn what_is_not_seen_hides_no_secret() {
        let secrets = secrets(&["abcdef", "quo\"te\\d"]);
        for (text, wanted) in [
            ("x \x1b[31mabc\x1b[0mdef\x1b[m y", "x \x1b[31m***\x1b[0m\x1b[m y"),
            ("a\x1b[1mb\x1b[2mc\x1b[3md\x1b[4me\x1b[5mf", "***\x1b[1m\x1b[2m\x1b[3m\x1b[4m\x1b[5m"),
            ("ab\u{200b}c\x07d\u{e0041}ef.", "***\u{200b}\x07\u{e0041}."),
            ("abc\x1b]0;title\x07def", "***\x1b]0;title\x07"),
            ("abc\ndef", "abc\ndef"),
            (r#"{"a":"quo\"te\\d"}"#, r#"{"a":"***"}"#),
        ] {
            assert_eq!(&*secrets.hide_in(text), wanted);
            for cut in 0..=text.len() {
                let (mut mask, mut out) = (Redactor::new(self::secrets(&["abcdef", "quo\"te\\d"])), Vec::new());
                mask.feed(&text.as_bytes()[..cut], &mut out);
                mask.feed(&text.as_bytes()[cut..], &mut out);
                mask.finish(&mut out);
                assert_eq!(String::from_utf8_lossy(&out), wanted, "cut at {cut}");
            }
        }
        assert_eq!(&*secrets.hide_in_part("x ab\x1b[1mc"), "x ");
    }

    #[test]
    fn a_secret_at_the_end_behind_half_a_sequence_is_hidden() {
        let secrets = secrets(&["mabcde", "mabcdefgh"]);
        let text = b"\x1b[31mabcde";
        assert_eq!(secrets.hide(text).escape_ascii().to_string(), "\\x1b[31***");
        let (mut mask, mut out) = (Redactor::new(secrets), Vec::new());
        mask.feed(text, &mut out);
        mask.finish(&mut out);
        assert_eq!(out.escape_ascii().to_string(), "\\x1b[31***");
    }

    #[test]
    fn what_is_held_back_has_a_bound() {
        let (mut mask, mut out) = (Redactor::new(secrets(&["abcdef"])), Vec::new());
        mask.feed(b"abc", &mut out);
        (0..5_000).for_each(|_| mask.feed(b"\x1b[m", &mut out));
        assert!(mask.seen.held.len() <= super::MOST_HELD + 3 && out.is_empty());
        mask.feed(b"def", &mut out);
        mask.finish(&mut out);
        assert!(out.starts_with(b"***"));
    }

    proptest! {
        #[test]
        fn chunks_make_no_difference(text in "([abc\n]|\u{1b}\\[3?1?m|\u{1b}|\u{200b}){0,60}", cuts in proptest::collection::vec(0usize..60, 0..6)) {
            let values = ["aabcaa", "abcabcab", "aabcaacc"];
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| (cut * 2).min(text.len())).collect();
            cuts.sort_unstable();
            let (mut mask, mut out, mut from) = (Redactor::new(secrets(&values)), Vec::new(), 0);
            for cut in cuts.into_iter().chain([text.len()]) {
                mask.feed(&text.as_bytes()[from..cut], &mut out);
                from = cut;
            }
            mask.finish(&mut out);
            prop_assert_eq!(out, secrets(&values).hide(text.as_bytes()).into_owned());
        }
    }
}

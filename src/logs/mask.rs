//! Secrets in what is shown: values of variables whose names say so become `***`. Knows values, and no tasks.

use std::borrow::Cow;

use aho_corasick::{AhoCorasick, MatchKind};

/// What stands for a secret.
pub const MASK: &[u8] = b"***";

/// What is shorter is no secret worth the name, and might be any word. *Units*: bytes.
const SHORTEST: usize = 6;

/// A name that has one of these in it is a secret's: `PGPASSWORD`, `npm_config__authToken`.
const ANYWHERE: [&str; 10] = [
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PASSCODE",
    "CREDENTIAL",
    "APIKEY",
    "AUTHORIZATION",
    "CONNECTIONSTRING",
];
/// A name that has one of these as a word: `AWS_ACCESS_KEY`, `DB_PASS`, `GH_PAT`.
const WORDS: [&str; 16] = [
    "KEY", "KEYS", "PASS", "PWD", "AUTH", "COOKIE", "DSN", "PAT", "CRED", "CREDS", "PSK", "JWT", "BEARER", "OTP",
    "SAS", "CONNSTR",
];
/// A word that is one of these and `KEY`, or `KEYS`, is a key's too: `ENCRYPTIONKEY`. `MONKEY` and `HOTKEY` are none.
const KINDS_OF_KEYS: [&str; 20] = [
    "ACCESS",
    "ACCOUNT",
    "AES",
    "APP",
    "AUTH",
    "CLIENT",
    "CRYPT",
    "DEPLOY",
    "ENCRYPTION",
    "HMAC",
    "LICENSE",
    "MASTER",
    "PRIVATE",
    "RSA",
    "SERVICE",
    "SESSION",
    "SHARED",
    "SIGNING",
    "SSH",
    "STORAGE",
];
/// A name that has these words one after the other: `AZURE_STORAGE_CONNECTION_STRING`.
const PHRASES: [[&str; 2]; 3] = [["CONNECTION", "STRING"], ["CONN", "STRING"], ["CONN", "STR"]];
/// What of a connection string is secret also on its own.
const FIELDS: [&str; 6] = ["PASSWORD", "PWD", "ACCOUNTKEY", "SHAREDACCESSKEY", "SHAREDACCESSSIGNATURE", "ACCESSKEY"];
/// A name that is one of these, or ends in one, says something about a secret: `TOKEN_FILE`, `SSH_AUTH_SOCK`.
const ABOUT: [&str; 37] = [
    "FILE",
    "PATH",
    "DIR",
    "URL",
    "URI",
    "ENDPOINT",
    "ID",
    "NAME",
    "SOCK",
    "SOCKET",
    "HOST",
    "PORT",
    "USER",
    "TYPE",
    "METHOD",
    "LENGTH",
    "SIZE",
    "COUNT",
    "LIMIT",
    "MAX",
    "MIN",
    "TIMEOUT",
    "TTL",
    "EXPIRES",
    "EXPIRY",
    "ENABLED",
    "DISABLED",
    "ALGORITHM",
    "HELPER",
    "PROMPT",
    "PARALLELISM",
    "REGION",
    "VERSION",
    "FORMAT",
    "LAYOUT",
    "STORE",
    "COMMAND",
];
/// Names that are none for all that: public ones, and where somebody stands.
const NEVER: [&str; 3] = ["PWD", "OLDPWD", "KEYTIMEOUT"];
/// Values that are settings or places.
const PLAIN: [&str; 10] = [
    "enabled",
    "disabled",
    "default",
    "required",
    "optional",
    "always",
    "development",
    "production",
    "changeme!",
    "keyring",
];
const PLACES: [&str; 12] =
    ["/home/", "/etc/", "/usr/", "/root/", "/var/", "/run/", "/tmp/", "/opt/", "/mnt/", "/nix/", "~/", "./"];

/// Values that are not to be shown.
#[derive(Debug, Default)]
pub struct Secrets {
    values: Vec<Vec<u8>>,
    search: Option<AhoCorasick>,
}

impl Secrets {
    /// The secrets among variables: names and values.
    pub fn of<'a>(variables: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Secrets {
        let mut values: Vec<Vec<u8>> = variables.flat_map(|(name, value)| secret(name, value)).collect();
        values.sort_unstable();
        values.dedup();
        let is_any = !values.is_empty();
        let search = is_any.then(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&values));
        Secrets { values, search: search.and_then(Result::ok) }
    }

    /// A whole line, or any text that no secret goes beyond, with what is to be hidden hidden.
    pub fn hide<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        match &self.search {
            Some(search) if search.is_match(text) => {
                let mut hidden = Vec::with_capacity(text.len());
                search.replace_all_with_bytes(text, &mut hidden, |_, _, out| {
                    out.extend_from_slice(MASK);
                    true
                });
                hidden.into()
            }
            Some(_) | None => text.into(),
        }
    }

    /// The same with text.
    pub fn hide_in(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.hide(text.as_bytes())).into_owned()
    }

    /// Text that goes on: what may become a secret yet is not shown either.
    pub fn hide_in_part(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.hide(&text.as_bytes()[..self.begins(text.as_bytes())])).into_owned()
    }

    /// Where at the end of a text something may begin that is to be hidden.
    fn begins(&self, text: &[u8]) -> usize {
        let longest = self.values.iter().map(Vec::len).max().unwrap_or(0);
        let from = text.len().saturating_sub(longest.saturating_sub(1));
        let may_begin = |at: &usize| {
            self.values.iter().any(|value| value.len() > text.len() - at && value.starts_with(&text[*at..]))
        };
        (from..text.len()).find(may_begin).unwrap_or(text.len())
    }
}

/// Hides secrets in a stream of bytes that comes in chunks of any size.
#[derive(Debug)]
pub struct Mask {
    secrets: Secrets,
    /// What may be the beginning of a secret.
    held: Vec<u8>,
}

impl Mask {
    /// Stands at the beginning of a stream.
    pub fn new(secrets: Secrets) -> Mask {
        Mask { secrets, held: Vec::new() }
    }

    /// Takes in bytes and appends what may be shown to `out`.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let Some(search) = &self.secrets.search else { return out.extend_from_slice(bytes) };
        self.held.extend_from_slice(bytes);
        let safe = self.secrets.begins(&self.held);
        let mut from = 0;
        for found in search.find_iter(&self.held) {
            // One that begins later may become another one yet.
            if found.start() >= safe {
                break;
            }
            out.extend_from_slice(&self.held[from..found.start()]);
            out.extend_from_slice(MASK);
            from = found.end();
        }
        if from < safe {
            out.extend_from_slice(&self.held[from..safe]);
        }
        self.held.drain(..from.max(safe));
    }

    /// Ends the stream: what was held back is passed on.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.secrets.hide(&self.held));
        self.held.clear();
    }
}

/// What of a variable is to be hidden, line by line: a password in an address, whatever its name, or all of it.
fn secret(name: &[u8], value: &[u8]) -> Vec<Vec<u8>> {
    if let Some(password) = password_of_url(value) {
        return vec![password.to_vec()];
    }
    if !says_secret(name) {
        return Vec::new();
    }
    let lines = value.split(|b| *b == b'\n' || *b == b'\r').map(<[u8]>::trim_ascii);
    lines.chain(fields(value)).filter(|part| is_worth_hiding(part)).map(<[u8]>::to_vec).collect()
}

/// The secret values in `Server=db;Password=hunter22;…`.
fn fields(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|b| *b == b';').filter_map(|field| {
        let at = field.iter().position(|b| *b == b'=')?;
        let name = String::from_utf8_lossy(&field[..at]).trim().to_ascii_uppercase();
        FIELDS.contains(&name.as_str()).then(|| field[at + 1..].trim_ascii())
    })
}

/// Whether a variable's name says that its value is secret.
fn says_secret(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name).to_ascii_uppercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let Some(last) = words.last() else { return false };
    let is_about = ABOUT.contains(last) || words.contains(&"PUBLIC") || NEVER.contains(&name.as_str());
    let is_secret = ANYWHERE.iter().any(|part| words.iter().any(|word| has_part(word, part)))
        || words.iter().any(|word| WORDS.contains(word) || is_key(word))
        || words.windows(2).any(|pair| PHRASES.iter().any(|phrase| pair == phrase));
    is_secret && !is_about
}

fn is_key(word: &str) -> bool {
    let kind = word.strip_suffix("KEY").or_else(|| word.strip_suffix("KEYS"));
    kind.is_some_and(|kind| KINDS_OF_KEYS.iter().any(|other| kind.ends_with(other)))
}

/// `TOKENS` and `TOKENIZERS` count something, or do.
fn has_part(word: &str, part: &str) -> bool {
    word.find(part)
        .is_some_and(|at| !["S", "IZER", "IZERS", "IZE"].contains(&&word[at + part.len()..]) || part != "TOKEN")
}

fn is_worth_hiding(value: &[u8]) -> bool {
    let is_number = value.len() < 12 && value.iter().all(u8::is_ascii_digit);
    let is_plain = PLAIN.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()));
    let is_place = PLACES.iter().any(|place| value.starts_with(place.as_bytes()));
    value.len() >= SHORTEST && !is_number && !is_plain && !is_place && !value.starts_with(b"-----")
}

/// The password in `postgres://user:password@host/`.
fn password_of_url(value: &[u8]) -> Option<&[u8]> {
    let text = std::str::from_utf8(value).ok()?;
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user, _) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    let is_scheme = !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(&b));
    (is_scheme && password.len() >= SHORTEST).then_some(password.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{Mask, Secrets, says_secret, secret};
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

    proptest! {
        #[test]
        fn chunks_make_no_difference(text in "[abc\n]{0,60}", cuts in proptest::collection::vec(0usize..60, 0..6)) {
            let values = ["aabcaa", "abcabcab", "aabcaacc"];
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.sort_unstable();
            let (mut mask, mut out, mut from) = (Mask::new(secrets(&values)), Vec::new(), 0);
            for cut in cuts.into_iter().chain([text.len()]) {
                mask.feed(&text.as_bytes()[from..cut], &mut out);
                from = cut;
            }
            mask.finish(&mut out);
            prop_assert_eq!(out, secrets(&values).hide(text.as_bytes()).into_owned());
        }
    }
}

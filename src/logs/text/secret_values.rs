//! Which variables hold secrets, by their names, and what of their values is secret.

/// What is shorter is no secret worth the name, and might be any word. *Units*: bytes.
pub const SHORTEST: usize = 6;

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
/// A word that is one of these and `KEY`, or `KEYS`, is a key's too: `ENCRYPTIONKEY`. `MONKEY` and
/// `HOTKEY` are none.
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
/// A name that is one of these, or ends in one, says something about a secret: `TOKEN_FILE`,
/// `SSH_AUTH_SOCK`.
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

/// What of a variable is to be hidden, line by line: a password in an address, whatever its name,
/// or all of it.
pub fn secret(name: &[u8], value: &[u8]) -> Vec<Vec<u8>> {
    if let Some(password) = password_of_url(value) {
        return vec![password.to_vec()];
    }
    if !says_secret(name) {
        return Vec::new();
    }
    // Output shows such a value line by line, and is masked by lines.
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
pub fn says_secret(name: &[u8]) -> bool {
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
    // Ports, times and sizes are short numbers, and a log is full of them.
    let is_number = value.len() < 12 && value.iter().all(u8::is_ascii_digit);
    let is_plain = PLAIN.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()));
    let is_place = PLACES.iter().any(|place| value.starts_with(place.as_bytes()));
    // `-----BEGIN …` stands in every key alike.
    value.len() >= SHORTEST && !is_number && !is_plain && !is_place && !value.starts_with(b"-----")
}

/// The password in `postgres://user:password@host/`.
fn password_of_url(value: &[u8]) -> Option<&[u8]> {
    let text = std::str::from_utf8(value).ok()?;
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    // The last one, as a password may have an `@` in it, and the first colon after that.
    let (user, _) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    let is_scheme = !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(&b));
    (is_scheme && password.len() >= SHORTEST).then_some(password.as_bytes())
}

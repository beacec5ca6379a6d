//! A profile as it is written: TOML, or the JSON in which coding agents keep theirs. Both have the
//! same words, one with `_` and one with capitals in between. What is not known is refused, with
//! the key that may have been meant.
//!
//! *Shape*:
//! ```toml
//! extends = "default"            # or "strict"
//! best_effort = false
//!
//! [filesystem]
//! allow_read = ["~/data"]        # of what is said about a path the most specific counts
//! deny_read = ["secrets"]        # relative to the project
//! allow_write = ["../build"]
//! deny_write = ["Makefile"]      # counts wherever it stands
//!
//! [network]
//! mode = "loopback"              # none, loopback, full
//! unix_sockets = false
//!
//! [environment]
//! pass = ["GITHUB_TOKEN"]
//! drop = ["MY_*"]
//! ```

use serde_json::{Map, Value};

use super::Network;
use super::profile::{Base, Profile};
use crate::task::near::Slips;

/// Why a text is no profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProfile {
    /// It is no TOML, or no JSON.
    #[error("{0}")]
    Text(String),
    /// A key that means nothing.
    #[error("{at}: there is no such key{}", .near.as_ref().map(|key| format!("; near: {key}")).unwrap_or_default())]
    Unknown {
        /// The key, with those above it.
        at: String,
        /// The key that may have been meant.
        near: Option<&'static str>,
    },
    /// A value that cannot be.
    #[error("{at}: {why}")]
    Value {
        /// The key, with those above it.
        at: String,
        /// What is wrong with it.
        why: String,
    },
}

type TomlTable = Map<String, Value>;

impl Profile {
    /// Reads a profile; `is_json` says in which of the two it is written.
    pub fn parse(text: &str, is_json: bool) -> Result<Profile, BadProfile> {
        let table: TomlTable = if is_json {
            serde_json::from_str(text).map_err(|e| BadProfile::Text(e.to_string()))?
        } else {
            toml::from_str(text).map_err(|e| BadProfile::Text(in_one_line(text, &e)))?
        };
        match table.get("sandbox") {
            // The settings of a coding agent, of which this is a part.
            Some(part) if is_json => read(as_table(part, "sandbox")?, "sandbox."),
            _ => read(&table, ""),
        }
    }
}

fn in_one_line(text: &str, error: &toml::de::Error) -> String {
    let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    format!("line {line}: {}", error.message())
}

fn read(table: &TomlTable, above: &str) -> Result<Profile, BadProfile> {
    const KEYS: &[&str] = &["extends", "best_effort", "enabled", "filesystem", "network", "environment"];
    let mut profile = Profile::default();
    let mut network = NetworkText::default();
    for (key, value) in table {
        let at = format!("{above}{key}");
        match known(key, KEYS, &at)? {
            "extends" => profile.base = base(value, &at)?,
            "best_effort" => profile.is_best_effort = flag(value, &at)?,
            "enabled" if flag(value, &at)? => {}
            "enabled" => return Err(bad(&at, "a sandbox that is switched off is none; leave --sandbox out")),
            "filesystem" => read_filesystem(as_table(value, &at)?, &at, &mut profile)?,
            "network" => network = NetworkText::read(as_table(value, &at)?, &at)?,
            _ => read_environment(as_table(value, &at)?, &at, &mut profile)?,
        }
    }
    (profile.network, profile.unix_sockets) = (network.network()?, network.unix_sockets);
    Ok(profile)
}

fn read_filesystem(table: &TomlTable, above: &str, profile: &mut Profile) -> Result<(), BadProfile> {
    const KEYS: &[&str] = &["allow_read", "deny_read", "allow_write", "deny_write"];
    for (key, value) in table {
        let at = format!("{above}.{key}");
        let list = match known(key, KEYS, &at)? {
            "allow_read" => &mut profile.allow_read,
            "deny_read" => &mut profile.deny_read,
            "allow_write" => &mut profile.allow_write,
            _ => &mut profile.deny_write,
        };
        *list = texts(value, &at)?.into_iter().map(|path| as_path(path, &at)).collect::<Result<_, _>>()?;
    }
    Ok(())
}

fn read_environment(table: &TomlTable, above: &str, profile: &mut Profile) -> Result<(), BadProfile> {
    for (key, value) in table {
        let at = format!("{above}.{key}");
        match known(key, &["pass", "drop"], &at)? {
            "pass" => profile.pass = texts(value, &at)?,
            _ => profile.drop = texts(value, &at)?,
        }
    }
    Ok(())
}

/// What was said of the network, in the words of either.
#[derive(Default)]
struct NetworkText {
    at: String,
    mode: Option<Network>,
    domains: Option<Vec<String>>,
    has_denied: bool,
    is_bound: Option<bool>,
    unix_sockets: Option<bool>,
}

impl NetworkText {
    fn read(table: &TomlTable, above: &str) -> Result<NetworkText, BadProfile> {
        const KEYS: &[&str] = &[
            "mode",
            "unix_sockets",
            "allowed_domains",
            "denied_domains",
            "allow_local_binding",
            "allow_unix_sockets",
            "allow_all_unix_sockets",
        ];
        let mut text = NetworkText { at: above.to_owned(), ..NetworkText::default() };
        for (key, value) in table {
            let at = format!("{above}.{key}");
            match known(key, KEYS, &at)? {
                "mode" => text.mode = Some(mode(value, &at)?),
                "allowed_domains" => text.domains = Some(texts(value, &at)?),
                "denied_domains" => text.has_denied = !texts(value, &at)?.is_empty(),
                "allow_local_binding" => text.is_bound = Some(flag(value, &at)?),
                "allow_unix_sockets" if value.is_array() => match texts(value, &at)?.is_empty() {
                    true => text.unix_sockets = Some(false),
                    false => {
                        let why = "aos cannot tell one Unix socket from another: true allows all, [] none";
                        return Err(bad(&at, why));
                    }
                },
                _ => text.unix_sockets = Some(flag(value, &at)?),
            }
        }
        Ok(text)
    }

    fn network(&self) -> Result<Option<Network>, BadProfile> {
        let local = if self.is_bound == Some(false) { Network::None } else { Network::Loopback };
        let by_domains = match self.domains.as_deref() {
            None => self.is_bound.map(|_| local),
            Some([all]) if all == "*" => Some(Network::Full),
            Some(some) if some.iter().all(|domain| domain == "localhost" || domain == "127.0.0.1") => Some(local),
            Some(_) => {
                let why = "aos cannot tell one domain from another: [\"*\"] allows all, [] none but this machine";
                return Err(bad(&format!("{}.allowed_domains", self.at), why));
            }
        };
        let network = match (self.mode, by_domains) {
            (Some(mode), Some(other)) if mode != other => {
                let why = format!("mode = \"{mode}\" and the domains contradict each other: they say {other}");
                return Err(bad(&self.at, &why));
            }
            (mode, by_domains) => mode.or(by_domains),
        };
        if self.has_denied && network == Some(Network::Full) {
            let why = "aos cannot tell one domain from another; mode = \"loopback\" denies all";
            return Err(bad(&format!("{}.denied_domains", self.at), why));
        }
        Ok(network)
    }
}

fn bad(at: &str, why: &str) -> BadProfile {
    BadProfile::Value { at: at.to_owned(), why: why.to_owned() }
}

/// The key in the words of TOML.
fn known(key: &str, keys: &[&'static str], at: &str) -> Result<&'static str, BadProfile> {
    let mut word = String::new();
    for c in key.chars() {
        if c.is_ascii_uppercase() {
            word.push('_');
        }
        word.push(c.to_ascii_lowercase());
    }
    let slips = Slips::of(&word);
    let near = || keys.iter().filter_map(|other| Some((slips.to(other)?, *other))).min().map(|(_, key)| key);
    let found = keys.iter().find(|other| **other == word).copied();
    found.ok_or_else(|| BadProfile::Unknown { at: at.to_owned(), near: near() })
}

fn as_table<'a>(value: &'a Value, at: &str) -> Result<&'a TomlTable, BadProfile> {
    value.as_object().ok_or_else(|| bad(at, "this is a table of keys"))
}

fn flag(value: &Value, at: &str) -> Result<bool, BadProfile> {
    value.as_bool().ok_or_else(|| bad(at, "write true or false"))
}

fn texts(value: &Value, at: &str) -> Result<Vec<String>, BadProfile> {
    let list = value.as_array().ok_or_else(|| bad(at, "write a list: [\"...\"]"))?;
    list.iter().map(|one| one.as_str().map(str::to_owned).ok_or_else(|| bad(at, "the list holds texts"))).collect()
}

fn base(value: &Value, at: &str) -> Result<Base, BadProfile> {
    match value.as_str() {
        Some("default") => Ok(Base::Default),
        Some("strict") => Ok(Base::Strict),
        _ => Err(bad(at, "write \"default\" or \"strict\"")),
    }
}

fn mode(value: &Value, at: &str) -> Result<Network, BadProfile> {
    let word = value.as_str().unwrap_or_default();
    let found = Network::ALL.into_iter().find(|network| network.word() == word);
    found.ok_or_else(|| bad(at, "write \"none\", \"loopback\" or \"full\""))
}

fn as_path(path: String, at: &str) -> Result<String, BadProfile> {
    let plain = path.strip_suffix("/**").unwrap_or(&path);
    match plain {
        "" if path.starts_with('/') => Ok("/".to_owned()),
        "" => Err(bad(at, "an empty text is no path")),
        _ if plain.contains(['*', '?', '[']) => {
            Err(bad(at, &format!("`{path}`: the kernel knows paths, not globs; name the directory")))
        }
        _ => Ok(plain.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::Network;
    use crate::task::sandbox::profile::{Base, Profile};

    fn of_toml(text: &str) -> Result<Profile, String> {
        Profile::parse(text, false).map_err(|e| e.to_string())
    }

    fn of_json(text: &str) -> Result<Profile, String> {
        Profile::parse(text, true).map_err(|e| e.to_string())
    }

    #[test]
    fn both_shapes_say_the_same() {
        let toml = of_toml(
            "extends = 'strict'\n[filesystem]\nallow_read = ['~/data/**']\ndeny_write = ['x']\n\
             [network]\nmode = 'none'\nunix_sockets = true\n[environment]\npass = ['A_TOKEN']\n",
        )
        .expect("a profile");
        assert_eq!((toml.base, toml.network, toml.unix_sockets), (Base::Strict, Some(Network::None), Some(true)));
        assert_eq!((&toml.allow_read[..], &toml.pass[..]), (&["~/data".to_owned()][..], &["A_TOKEN".to_owned()][..]));
        let agents = r#"{"permissions": {}, "sandbox": {"enabled": true,
            "filesystem": {"denyRead": ["~/x"], "allowRead": [], "allowWrite": ["."], "denyWrite": [".env"]},
            "network": {"allowedDomains": [], "deniedDomains": ["a.b"], "allowLocalBinding": true,
                        "allowUnixSockets": []}}}"#;
        let json = of_json(agents).expect("a profile");
        assert_eq!((json.network, json.unix_sockets), (Some(Network::Loopback), Some(false)));
        assert_eq!(
            (&json.deny_read[0], &json.allow_write[0], &json.deny_write[0]),
            (&"~/x".to_owned(), &".".to_owned(), &".env".to_owned())
        );
        assert_eq!(of_json(r#"{"network": {"allowedDomains": ["*"]}}"#).map(|p| p.network), Ok(Some(Network::Full)));
        assert_eq!(
            of_json(r#"{"network": {"allowedDomains": [], "allowLocalBinding": false}}"#).map(|p| p.network),
            Ok(Some(Network::None))
        );
        assert_eq!(of_toml("").map(|p| p.network), Ok(None));
    }

    #[test]
    fn what_is_not_understood_is_named_with_what_was_meant() {
        for (text, part) in [
            ("[filesystem]\nallow_wrte = []", "filesystem.allow_wrte: there is no such key; near: allow_write"),
            ("[netwrk]\n", "netwrk: there is no such key; near: network"),
            ("zzzzz = 1", "zzzzz: there is no such key"),
            ("[network]\nmode = 'some'", "network.mode: write \"none\", \"loopback\" or \"full\""),
            ("[filesystem]\nallow_read = 'x'", "filesystem.allow_read: write a list"),
            ("[filesystem]\nallow_read = ['src/*.rs']", "not globs"),
            ("[filesystem]\nallow_read = ['']", "no path"),
            ("extends = 'x'", "extends: write"),
            ("best_effort = 1", "true or false"),
            ("\n\na = ", "line 3"),
            ("[network]\nmode = 'none'\nallowed_domains = ['*']", "contradict"),
        ] {
            let why = of_toml(text).expect_err(text);
            assert!(why.contains(part), "{text}: {why}");
        }
        for (text, part) in [
            (r#"{"network": {"allowedDomains": ["example.org"]}}"#, "one domain from another"),
            (r#"{"network": {"allowUnixSockets": ["/run/docker.sock"]}}"#, "one Unix socket from another"),
            (r#"{"filesystem": {"denyRed": []}}"#, "near: deny_read"),
            (r#"{"sandbox": {"enabled": false}}"#, "sandbox.enabled"),
            (r#"{"sandbox": []}"#, "sandbox: this is a table"),
            ("[]", "invalid type"),
        ] {
            let why = of_json(text).expect_err(text);
            assert!(why.contains(part), "{text}: {why}");
        }
    }
}

//! Titles and commands of suggestions: texts with places for what was found. What comes from a log
//! gets into a command as one checked and quoted word; what was typed stands as it was typed.

use std::collections::BTreeMap;

use regex::Regex;
use regex::bytes::Captures;

use super::nearest;
use super::surroundings::Surroundings;

/// Lists of names, and what they are elsewhere, by the lists' names.
pub type Names = BTreeMap<String, BTreeMap<String, String>>;

/// Puts what was found into a text.
pub struct Fill<'f> {
    /// What was found in the text.
    pub found: &'f Captures<'f>,
    /// What was found in the command.
    pub typed: Option<&'f Captures<'f>>,
    /// What of the command is replaced, and by what.
    pub edit: Option<&'f [String; 2]>,
    /// The command.
    pub command: Option<&'f str>,
    /// The machine.
    pub around: &'f dyn Surroundings,
    /// What is known of names.
    pub names: &'f Names,
}

impl Fill<'_> {
    /// For a person to read.
    pub fn text(&self, template: &str) -> Option<String> {
        self.replaced(template, &|value| Some(value.to_owned()))
    }

    /// For a shell: every word that comes from a log is checked and quoted.
    pub fn command(&self, template: &str) -> Option<String> {
        let fits = |value: &str| is_word(value) || self.was_typed(value);
        self.replaced(template, &|value| fits(value).then(|| shell_words::quote(value).into_owned()))
    }

    /// Whether a word of a log is one that the user typed, which may have any sign in it.
    fn was_typed(&self, value: &str) -> bool {
        let typed = self.command.and_then(|command| shell_words::split(command).ok()).unwrap_or_default();
        !value.starts_with(['-', '=']) && !value.contains(char::is_control) && typed.iter().any(|word| word == value)
    }

    fn replaced(&self, template: &str, each: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        if let Some((before, rest)) = template.split_once("[[")
            && let Some((optional, behind)) = rest.split_once("]]")
        {
            let (before, behind) = (self.replaced(before, each)?, self.replaced(behind, each)?);
            return Some(before + &self.replaced(optional, each).unwrap_or_default() + &behind);
        }
        self.filled(template, each)
    }

    fn filled(&self, template: &str, each: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}')?;
            out += before;
            out += &self.value(name, each)?;
            rest = behind;
        }
        Some(out + rest)
    }

    /// The command that was typed, changed as the entry says.
    fn edited(&self, each: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let [from, to] = self.edit?;
        let from = self.filled(from, &|value| Some(regex::escape(value)))?;
        let (from, to) = (Regex::new(&from).ok()?, self.filled(to, each)?);
        let command = self.command?;
        from.is_match(command).then(|| from.replace(command, to.as_str()).into_owned())
    }

    fn value(&self, name: &str, each: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let parts: Vec<&str> = name.split(':').collect();
        // Alternatives of a pattern have groups of their own.
        let group_of = |found: &Captures<'_>, name: &str| {
            let groups = [name.to_owned(), format!("{name}2"), format!("{name}3")];
            groups
                .iter()
                .find_map(|group| found.name(group))
                .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
        };
        let typed = |name: &str| self.typed.and_then(|typed| group_of(typed, name));
        let captured = |name: &str| group_of(self.found, name).or_else(|| typed(name));
        match parts[..] {
            ["command"] => Some(self.command?.to_owned()),
            ["edit"] => self.edited(each),
            ["swap", bad, good] => {
                let good = captured(good).or_else(|| self.value(&good.replace('|', ":"), &|v| Some(v.to_owned())))?;
                swapped(self.command?, &captured(bad)?, &each(&good)?)
            }
            ["table", table_name, name] => {
                let value = captured(name)?;
                let first = value.split('.').next().unwrap_or(&value);
                let known = self.names.get(table_name).and_then(|names| names.get(&value).or_else(|| names.get(first)));
                each(known.map_or(first, String::as_str))
            }
            ["known", table_name, name] => each(self.names.get(table_name)?.get(&captured(name)?)?),
            ["second", good] => {
                let mut words: Vec<&str> = self.command?.split(' ').collect();
                let good = each(&captured(good)?)?;
                *words.get_mut(1)? = &good;
                Some(words.join(" "))
            }
            ["near", kind, name] => {
                let known = self.names.get(kind).map(|names| names.keys().cloned().collect::<Vec<_>>());
                each(&nearest::of(&captured(name)?, &known.unwrap_or_else(|| self.around.names(kind)))?)
            }
            ["pick", list, name] => {
                let words = words(&captured(list)?, ",|`'\"");
                each(&nearest::of(&captured(name)?, &words).or_else(|| words.first().cloned())?)
            }
            ["nearest", list, name] => {
                let words = words(&captured(list)?, ",");
                each(&nearest::of(&captured(name)?, &words)?)
            }
            ["rows", list, name] => {
                let list = captured(list)?;
                let words: Vec<String> =
                    list.lines().filter_map(|row| row.split_whitespace().next()).map(str::to_owned).collect();
                each(&nearest::of(&captured(name)?, &words)?)
            }
            ["dir", name] => {
                let path = captured(name)?;
                each(path.rsplit_once('/').map(|parts| parts.0).filter(|dir| !dir.is_empty())?)
            }
            // What was typed is the user's own, and stands as it was typed.
            [name] => group_of(self.found, name).map_or_else(|| typed(name), |value| each(&value)),
            _ => None,
        }
    }
}

/// The command with one of its words in the place of another.
fn swapped(command: &str, bad: &str, good: &str) -> Option<String> {
    let mut words: Vec<&str> = command.split(' ').collect();
    let exact = words.iter().position(|word| *word == bad);
    let at = exact.or_else(|| words.iter().position(|word| word.trim_matches(['"', '\'']) == bad))?;
    words[at] = good;
    Some(words.join(" "))
}

/// Whether a text can stand in a command as one word that is no option.
pub fn is_word(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"@._+/:=-".contains(&byte);
    !text.is_empty() && text.len() <= 200 && !text.starts_with(['-', '=']) && text.bytes().all(fits)
}
/// The words of a list that a tool prints, parted by blanks and any of these signs.
fn words(list: &str, signs: &str) -> Vec<String> {
    let words = list.split(|c: char| c.is_whitespace() || signs.contains(c));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

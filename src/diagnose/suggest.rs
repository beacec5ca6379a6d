//! What may help: suggestions, from a table of what findings say. A log is written by anybody: what
//! stands in a command is a word that was checked and quoted, and a command with log text in it is
//! never called safe.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::{Captures, Regex};
use serde::{Deserialize, Serialize};

use super::finding::{Finding, Severity};
use super::{Diagnosis, nearest};

/// So many findings are looked at, and so many suggestions are made.
const LOOKED_AT: usize = 8;
const MOST: usize = 5;

/// What may help.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suggestion {
    /// What to do, in a sentence.
    pub title: String,
    /// The command that does it, to be read before it is run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// How sure it is that this helps, from 0 to 1.
    pub confidence: f32,
    /// Whether the command may be run without a second look: it changes nothing but what its name
    /// says, can be undone, and has no text of the log in it.
    pub safe: bool,
    /// Whether it mends what is wrong: `aos debug --auto-fix` may run it.
    pub fixes: bool,
    /// The rule that made it.
    pub rule: String,
}

/// What is there, on the machine where the log was written.
pub trait Surroundings {
    /// Names of one kind: `executables`, `scripts` of package.json, `branches`, `targets` of the
    /// Makefile, `npm` and `python`: what the project says that it depends on.
    fn names(&self, kind: &str) -> Vec<String>;

    /// Whether a file is in the directory.
    fn has_file(&self, name: &str) -> bool;
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "suggestion")]
    suggestions: Vec<Entry>,
    /// Names that are something else elsewhere: the package of a module.
    names: BTreeMap<String, BTreeMap<String, String>>,
}

/// One suggestion, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    /// What the finding says: its message, and the lines that belong to it.
    on: String,
    /// What its command must be like.
    #[serde(default)]
    command_is: Option<String>,
    /// Only of this tool.
    #[serde(default)]
    tool: Option<String>,
    /// What to do, with `{name}` for what is captured.
    title: String,
    /// The command, with `{name}` for what is captured, `{swap:name:other}` for the command that
    /// was typed with one word in the place of another, `{second:other}` for the one with another
    /// second word, `{near:kind:name}` for the nearest name that there is, `{pick:list:name}` for
    /// the nearest in a list, `{table:kind:name}` for what it is elsewhere. What stands in `[[…]]`
    /// is left out where it is not known.
    #[serde(default)]
    run: Option<String>,
    confidence: f32,
    #[serde(default)]
    safe: bool,
    /// It is made only where what is captured as `name` is among these names.
    #[serde(default)]
    among: Option<String>,
    /// Its command mends what is wrong, by means of this file of the directory (any, where it is
    /// empty). It is safe, and may be run by `--auto-fix`, where that file is there.
    #[serde(default)]
    fixes: Option<String>,
    /// Texts in which it is made, and the command that it proposes.
    #[serde(default)]
    #[cfg_attr(not(test), allow(dead_code))]
    examples: Vec<Example>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(test), allow(dead_code))]
struct Example {
    text: String,
    #[serde(default)]
    command: Option<String>,
    #[serde(default)]
    run: Option<String>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| toml::from_str(include_str!("suggestions.toml")).expect("our table is one"))
}

/// What may help, the most promising first.
pub fn suggest(diagnosis: &Diagnosis, command: Option<&str>, around: &dyn Surroundings) -> Vec<Suggestion> {
    let mut all: Vec<Suggestion> = Vec::new();
    let errors = diagnosis.findings.iter().filter(|finding| finding.severity == Severity::Error);
    for (at, finding) in errors.take(LOOKED_AT).enumerate() {
        let before = all.len();
        let own = [&finding.message, "\n", &finding.lines.join("\n"), "\n", &finding.hints.join("\n")].concat();
        // What a short log says last often says what to do.
        let last = if at == 0 { diagnosis.last.join("\n") } else { String::new() };
        for entry in &table().suggestions {
            let made = make(entry, finding, &own, command, around);
            let Some(made) = made.or_else(|| make(entry, finding, &last, command, around)) else { continue };
            if !all.iter().any(|known| known.command == made.command && known.title == made.title) {
                all.push(made);
            }
        }
        own_hints(finding, &mut all);
        all[before..].sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    }
    all.truncate(MOST);
    all
}

fn make(
    entry: &Entry,
    finding: &Finding,
    text: &str,
    command: Option<&str>,
    around: &dyn Surroundings,
) -> Option<Suggestion> {
    if entry.tool.as_ref().is_some_and(|tool| *tool != finding.tool) {
        return None;
    }
    if let Some(wanted) = &entry.command_is
        && !command.is_some_and(|command| pattern(wanted).is_some_and(|wanted| wanted.is_match(command)))
    {
        return None;
    }
    let on = pattern(&entry.on)?;
    let found = on.captures(text)?;
    if let Some(kind) = &entry.among
        && !found.name("name").is_some_and(|name| is_among(kind, name.as_str(), around))
    {
        return None;
    }
    let fill = Fill { found: &found, command, around };
    let title = fill.text(&entry.title)?;
    let run = match &entry.run {
        Some(run) => Some(fill.command(run)?),
        None => None,
    };
    let is_fixed = entry.run.as_ref().is_some_and(|run| !run.contains(['{', '[']));
    let fixes = is_fixed && entry.fixes.as_ref().is_some_and(|file| file.is_empty() || around.has_file(file));
    Some(Suggestion {
        title,
        command: run,
        confidence: entry.confidence,
        safe: entry.safe && is_fixed || fixes,
        fixes,
        rule: entry.name.clone(),
    })
}

/// Whether the project says that it depends on this: a module's package, or the part before `/`.
fn is_among(kind: &str, name: &str, around: &dyn Surroundings) -> bool {
    let plain = |name: &str| name.to_ascii_lowercase().replace('_', "-");
    let first = name.split(['.', '/']).next().unwrap_or(name);
    let scoped = name.split('/').take(2).collect::<Vec<_>>().join("/");
    let known = table().names.get(kind).and_then(|names| names.get(name).or_else(|| names.get(first)));
    let wanted: Vec<String> =
        [Some(first), Some(&scoped), known.map(String::as_str)].into_iter().flatten().map(plain).collect();
    around.names(kind).iter().any(|declared| wanted.contains(&plain(declared)))
}

/// What the tool itself proposes comes before what anybody else does.
fn own_hints(finding: &Finding, all: &mut Vec<Suggestion>) {
    for hint in finding.hints.iter().take(1) {
        if !all.iter().any(|known| known.title.contains(hint.as_str())) {
            let (title, rule) = (hint.clone(), "hint".to_owned());
            all.push(Suggestion { title, command: None, confidence: 0.6, safe: false, fixes: false, rule });
        }
    }
}

fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// Puts what was found into a text.
struct Fill<'f> {
    found: &'f Captures<'f>,
    command: Option<&'f str>,
    around: &'f dyn Surroundings,
}

impl Fill<'_> {
    /// For a person to read.
    fn text(&self, template: &str) -> Option<String> {
        self.replaced(template, &|value| Some(value.to_owned()))
    }

    /// For a shell: every word that comes from a log is checked and quoted.
    fn command(&self, template: &str) -> Option<String> {
        self.replaced(template, &|value| is_word(value).then(|| shell_words::quote(value).into_owned()))
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

    fn value(&self, name: &str, each: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let parts: Vec<&str> = name.split(':').collect();
        // Alternatives of a pattern have groups of their own.
        let captured = |name: &str| {
            let groups = [name.to_owned(), format!("{name}2"), format!("{name}3")];
            groups.iter().find_map(|group| self.found.name(group)).map(|value| value.as_str().trim())
        };
        match parts[..] {
            ["command"] => Some(self.command?.to_owned()),
            ["swap", bad, good] => {
                let good = captured(good).map_or_else(
                    || self.value(&good.replace('|', ":"), &|v| Some(v.to_owned())),
                    |g| Some(g.to_owned()),
                )?;
                swapped(self.command?, captured(bad)?, &each(&good)?)
            }
            ["table", table_name, name] => {
                let value = captured(name)?;
                let first = value.split('.').next().unwrap_or(value);
                let known =
                    table().names.get(table_name).and_then(|names| names.get(value).or_else(|| names.get(first)));
                each(known.map_or(first, String::as_str))
            }
            ["known", table_name, name] => each(table().names.get(table_name)?.get(captured(name)?)?),
            ["second", good] => {
                let mut words: Vec<&str> = self.command?.split(' ').collect();
                let good = each(captured(good)?)?;
                *words.get_mut(1)? = &good;
                Some(words.join(" "))
            }
            ["near", kind, name] => {
                let known = table().names.get(kind).map(|names| names.keys().cloned().collect());
                each(&nearest::of(captured(name)?, &known.unwrap_or_else(|| self.around.names(kind)))?)
            }
            ["pick", list, name] => {
                let words = captured(list)?.split(|c: char| c.is_whitespace() || ",`'\"".contains(c));
                let words: Vec<String> = words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
                each(&nearest::of(captured(name)?, &words).or_else(|| words.first().cloned())?)
            }
            ["dir", name] => {
                let path = captured(name)?;
                each(path.rsplit_once('/').map(|parts| parts.0).filter(|dir| !dir.is_empty())?)
            }
            [name] => each(captured(name)?),
            _ => None,
        }
    }
}

/// The command with one of its words in the place of another.
fn swapped(command: &str, bad: &str, good: &str) -> Option<String> {
    let mut is_done = false;
    let words: Vec<String> = command
        .split(' ')
        .map(|word| {
            let is_it = !is_done && (word == bad || word.trim_matches(['"', '\'']) == bad);
            is_done |= is_it;
            if is_it { good.to_owned() } else { word.to_owned() }
        })
        .collect();
    is_done.then(|| words.join(" "))
}

/// Whether a text can stand in a command as one word that is no option.
fn is_word(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"@._+/:=-".contains(&byte);
    !text.is_empty() && text.len() <= 200 && !text.starts_with(['-', '=']) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::{Surroundings, is_word, suggest, table};
    use crate::diagnose::rules::Rules;
    use crate::diagnose::{Context, diagnose};

    struct Here;

    impl Surroundings for Here {
        fn names(&self, kind: &str) -> Vec<String> {
            let names: &[&str] = match kind {
                "executables" => &["git", "docker", "python3", "cargo", "grep"],
                "branches" => &["main", "feature/login"],
                "scripts" => &["build", "test", "dev"],
                "targets" => &["all", "install", "clean"],
                "npm" => &["left-pad", "@scope/name"],
                "python" => &["PyYAML", "requests"],
                _ => &[],
            };
            names.iter().map(|name| (*name).to_owned()).collect()
        }

        fn has_file(&self, name: &str) -> bool {
            name != "none"
        }
    }

    #[test]
    fn each_suggestion_is_made_for_its_examples() {
        let rules = Rules::with(Vec::new());
        let mut failures = Vec::new();
        for entry in &table().suggestions {
            for example in &entry.examples {
                let context = Context { exit_code: Some(1), command: example.command.clone() };
                let found = diagnose(&rules, example.text.as_bytes(), &context).expect("read");
                let made = suggest(&found, example.command.as_deref(), &Here);
                let is_there = made.iter().take(3).any(|made| made.rule == entry.name && made.command == example.run);
                if !is_there {
                    failures.push(format!(
                        "{}: {:?}\n  {made:?}\n  {:?}",
                        entry.name,
                        example.text,
                        found.findings.first()
                    ));
                }
            }
        }
        assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
    }

    #[test]
    fn log_text_gets_into_no_command_unchecked() {
        let rules = Rules::with(Vec::new());
        for name in ["x; rm -rf ~", "$(reboot)", "`id`", "--index-url=http://evil", "a\nb", "x' y"] {
            let log = format!(
                "Traceback (most recent call last):\n  File \"a.py\", line 1\nModuleNotFoundError: No module named '{name}'\n"
            );
            let context = Context { exit_code: Some(1), command: None };
            let found = diagnose(&rules, log.as_bytes(), &context).expect("read");
            for made in suggest(&found, None, &Here) {
                assert!(!made.safe && !made.fixes, "{made:?}");
                let command = made.command.unwrap_or_default();
                assert!(
                    !command.contains([';', '$', '`', '\n', '|', '&']) && !command.contains("--index"),
                    "{command}"
                );
            }
        }
        assert!(is_word("@scope/name") && is_word("a.b==1") && !is_word("-x") && !is_word("a b") && !is_word(""));
    }

    #[test]
    fn nothing_dangerous_is_in_the_table() {
        for entry in &table().suggestions {
            let run = entry.run.as_deref().unwrap_or_default();
            for bad in [
                "--force",
                " -f ",
                "rm -",
                "reset --hard",
                "--no-verify",
                "clean -",
                "push -f",
                "chmod 777",
                "curl ",
                "| sh",
                "--no-check",
                "legacy-peer",
                " -k ",
            ] {
                assert!(!run.contains(bad), "{}: {run}", entry.name);
            }
            let may_run = entry.safe || entry.fixes.is_some();
            assert!(
                !(may_run && run.contains(['{', '[', ';', '|', '&', '$', '`'])),
                "{} has log text in it",
                entry.name
            );
        }
    }
}

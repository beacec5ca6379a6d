//! What may help: suggestions, from a table of what findings say. A log is written by anybody: what
//! stands in a command is a word that was checked and quoted, and a command with log text in it is
//! never called safe.

use std::sync::OnceLock;

use serde::de::{Error as _, value};
use serde::{Deserialize, Serialize};

use super::Diagnosis;
use super::finding::{Finding, Severity};
use super::lazy_pattern::LazyPattern;
use super::risk::{self, Risk};
use super::surroundings::Surroundings;
use super::template::{Fill, Names};
use super::written_table;

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
    /// What may come of its command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// The rule that made it.
    pub rule: String,
}

/// All suggestions, as they are written.
const WRITTEN: &str = include_str!("suggestions.toml");

/// The same, read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SuggestionTable {
    #[serde(rename = "suggestion")]
    suggestions: Vec<Entry>,
    /// Names that are something else elsewhere: the package of a module.
    names: Names,
}

/// One suggestion, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    /// What the finding says: its message, and the lines that belong to it.
    on: LazyPattern,
    /// What its command must be like. What it captures is known as well.
    #[serde(default)]
    command_is: Option<LazyPattern>,
    /// What its command must not be like.
    #[serde(default)]
    command_is_not: Option<LazyPattern>,
    /// Only of this tool.
    #[serde(default)]
    tool: Option<String>,
    /// What to do, with `{name}` for what is captured.
    title: String,
    /// The command, with `{name}` for what is captured, `{swap:name:other}` for the command that
    /// was typed with one word in the place of another, `{second:other}` for the one with another
    /// second word, `{near:kind:name}` for the nearest name that there is, `{pick:list:name}` for
    /// the nearest in a list or else its first, `{nearest:list:name}` only for the nearest,
    /// `{rows:list:name}` for the nearest of the first words of lines, `{table:kind:name}` for what
    /// it is elsewhere. What stands in `[[…]]` is left out where it is not known.
    #[serde(default)]
    run: Option<String>,
    confidence: f32,
    #[serde(default)]
    safe: bool,
    /// What `{edit}` stands for: the command that was typed, in which what the first matches is
    /// replaced by the second (`$1` is a group of it). In both `{name}` may stand.
    #[serde(default)]
    edit: Option<[String; 2]>,
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
    examples: Vec<SuggestionExample>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(test), allow(dead_code))]
struct SuggestionExample {
    text: String,
    #[serde(default)]
    command: Option<String>,
    #[serde(default)]
    run: Option<String>,
}

fn table() -> &'static SuggestionTable {
    static TABLE: OnceLock<SuggestionTable> = OnceLock::new();
    TABLE.get_or_init(|| read(WRITTEN).expect("our table is one"))
}

/// Reads the table, without its examples. *Errors*: which key or value is none.
fn read(text: &str) -> Result<SuggestionTable, value::Error> {
    let sections = written_table::sections(text).ok_or_else(|| value::Error::custom("more of TOML than is read"))?;
    let mut table = SuggestionTable { suggestions: Vec::with_capacity(sections.len()), names: Names::new() };
    for section in sections {
        match section.name {
            "" | "suggestion.examples" => {}
            "suggestion" => table.suggestions.push(section.into()?),
            other => {
                let name = other.strip_prefix("names.").ok_or_else(|| value::Error::custom(other))?;
                table.names.insert(name.to_owned(), section.into()?);
            }
        }
    }
    Ok(table)
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
    let typed = match &entry.command_is {
        Some(wanted) => Some(wanted.captures(command?.as_bytes())?),
        None => None,
    };
    let is_other = |unwanted: &LazyPattern| command.is_some_and(|command| unwanted.is_match(command.as_bytes()));
    if entry.command_is_not.as_ref().is_some_and(is_other) {
        return None;
    }
    let found = entry.on.captures(text.as_bytes())?;
    let name = found.name("name").or_else(|| typed.as_ref()?.name("name"));
    if let Some(kind) = &entry.among
        && !name.is_some_and(|name| is_among(kind, &String::from_utf8_lossy(name.as_bytes()), around))
    {
        return None;
    }
    let fill = Fill {
        found: &found,
        typed: typed.as_ref(),
        edit: entry.edit.as_ref(),
        command,
        around,
        names: &table().names,
    };
    let title = fill.text(&entry.title)?;
    let run = match &entry.run {
        Some(run) => Some(fill.command(run)?),
        None => None,
    };
    // Whoever wants that does not need to be told.
    if run.as_deref().is_some_and(|run| risk::destroys(run) || Some(run) == command) {
        return None;
    }
    let is_fixed = entry.run.as_ref().is_some_and(|run| !run.contains(['{', '[']));
    let fixes = is_fixed && entry.fixes.as_ref().is_some_and(|file| file.is_empty() || around.has_file(file));
    Some(Suggestion {
        title,
        risk: run.as_deref().map(risk::of),
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
            all.push(Suggestion { title, command: None, confidence: 0.6, safe: false, fixes: false, risk: None, rule });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::surroundings::Surroundings;
    use super::super::template::is_word;
    use super::{SuggestionTable, WRITTEN, read, suggest, table};
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

    fn with_examples() -> SuggestionTable {
        toml::from_str(WRITTEN).expect("a table")
    }

    #[test]
    fn our_table_reads_the_same_as_by_the_crate() {
        let mut wanted = with_examples();
        wanted.suggestions.iter_mut().for_each(|entry| entry.examples.clear());
        assert_eq!(format!("{:#?}", read(WRITTEN).expect("a table")), format!("{wanted:#?}"));
    }

    #[test]
    fn each_suggestion_is_made_for_its_examples() {
        let rules = Rules::with(Vec::new());
        let mut failures = Vec::new();
        for entry in &with_examples().suggestions {
            assert!(
                [Some(&entry.on), entry.command_is.as_ref(), entry.command_is_not.as_ref()]
                    .into_iter()
                    .flatten()
                    .all(|pattern| pattern.check().is_ok()),
                "{}",
                entry.name
            );
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

//! Adding hooks to a file, and taking them out: what else stands there stays, in its order.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::actions::failure::{Failure, NO, USAGE, VerbResult};
use crate::actions::{output, select};
use crate::ansi::printable;
use crate::hooks::config::{HookFile, HookFileKind, HookOrigin};
use crate::hooks::json_tree::Tree;
use crate::hooks::recipe::{Recipe, command_group};
use crate::hooks::sources::{HOOKS, LONGEST};
use crate::store::layout::Home;
use crate::sys::dir::Dir;
use crate::sys::regular;
use crate::task::hook_event::HookEvent;
use crate::task::near_words::nearest;
use crate::work_tree::repository::root_of;

const BACKUP: &str = "hooks.json.bak";
const PROJECT: &str = ".agent-os";

/// What is added or taken out, and where.
pub struct Edit<'w> {
    /// A recipe; or an event and a command.
    pub words: &'w [String],
    /// For which tasks.
    pub matcher: Option<&'w str>,
    /// What must be found.
    pub pattern: Option<&'w str>,
    /// What must hold.
    pub condition: Option<&'w str>,
    /// Whether it is the project's file.
    pub is_project: bool,
    /// Whether JSON is printed.
    pub as_json: bool,
}

/// A group of hooks, and what it is called.
struct NewHookGroup {
    name: String,
    event: HookEvent,
    group: Tree,
}

impl Edit<'_> {
    /// Adds it.
    pub fn add(&self, home: &Home) -> VerbResult {
        let wanted = self.wanted()?;
        check(&wanted)?;
        let place = place(home, self.is_project)?;
        let (old, mut file) = read(&place)?;
        let groups = groups(&mut file, wanted.event)?;
        if groups.iter().any(|group| group.value() == wanted.group.value()) {
            return self.tell(&place, &wanted, false, &format!("{} is there already", wanted.name));
        }
        groups.push(wanted.group.clone());
        write(&place, old.as_deref(), &file)?;
        let said = format!("added {} to {}", wanted.name, shown(&place));
        let told = self.tell(&place, &wanted, true, &said)?;
        if self.is_project {
            writeln!(output::talk(), "it runs once you allow it: aos hooks allow")?;
        }
        Ok(told)
    }

    /// Takes it out, for whichever tasks it is unless that is said.
    pub fn remove(&self, home: &Home) -> VerbResult {
        let wanted = self.wanted()?;
        let place = place(home, self.is_project)?;
        let (old, mut file) = read(&place)?;
        let groups = groups(&mut file, wanted.event)?;
        let before = groups.len();
        let this = wanted.group.value();
        let is_it = |group: &Value| {
            let is_said = |key: &str| this.get(key).is_none() || group.get(key) == this.get(key);
            group["hooks"] == this["hooks"] && ["matcher", "pattern", "if"].iter().all(|key| is_said(key))
        };
        groups.retain(|group| !is_it(&group.value()));
        if groups.len() == before {
            return Err(Failure::new(NO, format!("{} is not in {}", wanted.name, shown(&place)))
                .hint("what was changed by hand is removed by hand"));
        }
        let is_empty = groups.is_empty();
        if is_empty && let Some(events) = events(&mut file).and_then(Tree::entries_mut) {
            events.retain(|(name, ..)| name != wanted.event.name());
        }
        write(&place, old.as_deref(), &file)?;
        self.tell(&place, &wanted, true, &format!("removed {} from {}", wanted.name, shown(&place)))
    }

    fn wanted(&self) -> Result<NewHookGroup, Failure> {
        let names = Recipe::ALL.map(Recipe::name);
        let known = || format!("{}; or an EVENT and a COMMAND", names.join(", "));
        let Some(word) = self.words.first() else {
            return Err(Failure::new(USAGE, "which recipe?").hint(known()));
        };
        if let Ok(event) = word.parse::<HookEvent>() {
            let Some(command) = self.words.get(1).filter(|command| !command.trim().is_empty()) else {
                let hint = format!("aos hooks add {event} 'aos notify \"$AOS_TASK_NAME\"'");
                return Err(Failure::new(USAGE, format!("which command is {event} to run?")).hint(hint));
            };
            let group = command_group(command, self.matcher, self.pattern, self.condition);
            return Ok(NewHookGroup { name: format!("`{command}` of {event}"), event, group });
        }
        let unknown = || {
            let events = HookEvent::ALL.map(HookEvent::name);
            let near = nearest(word, &[&names[..], &events].concat());
            let hint = near.map_or_else(known, |near| format!("did you mean {near}?"));
            Failure::new(USAGE, format!("there is no recipe `{word}`")).hint(hint)
        };
        let recipe = Recipe::called(word).ok_or_else(unknown)?;
        if self.words.len() > 1 || self.pattern.is_some() || self.condition.is_some() {
            let why = format!("{} is a recipe, which takes nothing but --matcher", recipe.name());
            return Err(Failure::new(USAGE, why).hint("aos hooks add EVENT COMMAND takes the rest"));
        }
        Ok(NewHookGroup { name: recipe.name().to_owned(), event: recipe.event(), group: recipe.group(self.matcher) })
    }

    fn tell(&self, place: &Path, wanted: &NewHookGroup, is_changed: bool, said: &str) -> VerbResult {
        if self.as_json {
            let file = shown(place);
            output::object(json!({ "file": file, "event": wanted.event, "changed": is_changed }))?;
        } else {
            writeln!(output::data(), "{}", printable(said))?;
        }
        Ok(0)
    }
}

/// Nothing is written that would not work.
fn check(wanted: &NewHookGroup) -> Result<(), Failure> {
    let text = json!({ wanted.event.name(): [wanted.group.value()] }).to_string();
    let origin = HookOrigin { path: Path::new(""), kind: HookFileKind::Hooks, is_trusted: false, is_own: true };
    match HookFile::parse(&text, origin).problems.into_iter().find(|problem| problem.is_error) {
        Some(problem) => Err(Failure::new(USAGE, problem.what)),
        None => Ok(()),
    }
}

/// The directory of the file.
fn place(home: &Home, is_project: bool) -> Result<PathBuf, Failure> {
    if !is_project {
        return Ok(home.path.clone());
    }
    let here = select::here()?;
    let found = crate::events::hook_files::project(&home.path, &here);
    if let Some(dir) = found.as_deref().and_then(Path::parent) {
        return Ok(dir.to_owned());
    }
    let root = root_of(&here).unwrap_or(&here);
    let dir = root.join(PROJECT);
    std::fs::create_dir_all(&dir).map_err(|e| Failure::new(NO, format!("{}: {e}", dir.display())))?;
    Ok(dir)
}

fn shown(place: &Path) -> String {
    place.join(HOOKS).display().to_string()
}

/// The file's bytes, if there is one, and what it says. *Errors*: it cannot be read, and is left as
/// it is.
fn read(place: &Path) -> Result<(Option<Vec<u8>>, Tree), Failure> {
    let path = place.join(HOOKS);
    let bytes = match regular::read(&path, LONGEST) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Ok((None, Tree::object([("hooks", Tree::object([]))])));
        }
        read => read.map_err(|e| Failure::new(NO, format!("{}: {e}", path.display())))?,
    };
    let tree = Tree::parse(&String::from_utf8_lossy(&bytes)).map_err(|bad| {
        let (line, column) = (bad.at.line, bad.at.column);
        Failure::new(NO, format!("{}:{line}:{column}: this is no JSON: {bad}", path.display()))
            .hint("mend it first: it is left as it is")
    })?;
    Ok((Some(bytes), tree))
}

/// The object that has events for keys: `hooks`, or all of a file that has none around them.
fn events(file: &mut Tree) -> Option<&mut Tree> {
    let is_event = |(name, ..): &(String, _, _)| name.parse::<HookEvent>().is_ok();
    if file.get("hooks").is_none() && file.entries().iter().any(is_event) {
        return Some(file);
    }
    file.entry("hooks", || Tree::object([]))
}

fn groups(file: &mut Tree, event: HookEvent) -> Result<&mut Vec<Tree>, Failure> {
    let odd = || Failure::new(NO, "`hooks` of the file has another shape than aos knows").hint("aos hooks test");
    let groups = events(file).and_then(|events| events.entry(event.name(), || Tree::list(Vec::new())));
    groups.and_then(Tree::list_mut).ok_or_else(odd)
}

fn write(place: &Path, old: Option<&[u8]>, file: &Tree) -> Result<(), Failure> {
    let failed = |e: io::Error| Failure::new(NO, format!("{}: {e}", shown(place)));
    let dir = Dir::open(place).map_err(failed)?;
    if let Some(old) = old {
        dir.replace(BACKUP, old).map_err(failed)?;
    }
    dir.replace(HOOKS, file.pretty().as_bytes()).map_err(failed)
}

//! Adding recipes to a file of hooks, and taking them out: what else stands there stays.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::actions::failure::{Failure, NO, USAGE, VerbResult};
use crate::actions::{output, select};
use crate::ansi::printable;
use crate::hooks::json_tree::Tree;
use crate::hooks::matcher::Matcher;
use crate::hooks::recipe::Recipe;
use crate::hooks::sources::{HOOKS, LONGEST};
use crate::store::layout::Home;
use crate::sys::dir::Dir;
use crate::sys::regular;
use crate::task::near_words::nearest;
use crate::work_tree::repository::root_of;

const BACKUP: &str = "hooks.json.bak";
const PROJECT: &str = ".agent-os";

/// Adds a recipe.
pub fn add(home: &Home, words: &[String], matcher: Option<&str>, is_project: bool) -> VerbResult {
    let recipe = recipe(words)?;
    if let Some(matcher) = matcher {
        Matcher::parse(matcher).map_err(|why| Failure::new(USAGE, format!("`{matcher}` is no matcher: {why}")))?;
    }
    let place = place(home, is_project)?;
    let (old, mut file) = read(&place)?;
    let group = recipe.group(matcher);
    let groups = groups(&mut file, recipe)?;
    if groups.contains(&group) {
        writeln!(output::data(), "{} is there already", recipe.name())?;
        return Ok(0);
    }
    groups.push(group);
    write(&place, old.as_deref(), &file)?;
    writeln!(output::data(), "added {} to {}", recipe.name(), printable(&shown(&place)))?;
    if is_project {
        writeln!(output::talk(), "it runs once you allow it: aos hooks allow")?;
    }
    Ok(0)
}

/// Takes a recipe out, for whichever tasks it is.
pub fn remove(home: &Home, words: &[String], is_project: bool) -> VerbResult {
    let recipe = recipe(words)?;
    let place = place(home, is_project)?;
    let (old, mut file) = read(&place)?;
    let wanted = recipe.group(None);
    let groups = groups(&mut file, recipe)?;
    let before = groups.len();
    groups.retain(|group| group["hooks"] != wanted["hooks"] || group.get("if") != wanted.get("if"));
    if groups.len() == before {
        return Err(Failure::new(NO, format!("{} is not in {}", recipe.name(), shown(&place)))
            .hint("what was changed by hand is removed by hand"));
    }
    let is_empty = groups.is_empty();
    if is_empty && let Some(hooks) = file.get_mut("hooks").and_then(Value::as_object_mut) {
        hooks.remove(recipe.event().name());
    }
    write(&place, old.as_deref(), &file)?;
    writeln!(output::data(), "removed {} from {}", recipe.name(), printable(&shown(&place)))?;
    Ok(0)
}

fn recipe(words: &[String]) -> Result<Recipe, Failure> {
    let names = Recipe::ALL.map(Recipe::name);
    let Some(word) = words.first() else {
        return Err(Failure::new(USAGE, "which recipe?").hint(names.join(", ")));
    };
    Recipe::called(word).ok_or_else(|| {
        let hint = nearest(word, &names).map_or_else(|| names.join(", "), |near| format!("did you mean {near}?"));
        Failure::new(USAGE, format!("there is no recipe `{word}`")).hint(hint)
    })
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
fn read(place: &Path) -> Result<(Option<Vec<u8>>, Value), Failure> {
    let path = place.join(HOOKS);
    let bytes = match regular::read(&path, LONGEST) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok((None, json!({ "hooks": {} }))),
        read => read.map_err(|e| Failure::new(NO, format!("{}: {e}", path.display())))?,
    };
    let text = String::from_utf8_lossy(&bytes);
    if let Err(bad) = Tree::parse(&text) {
        let (line, column) = (bad.at.line, bad.at.column);
        return Err(Failure::new(NO, format!("{}:{line}:{column}: this is no JSON: {bad}", path.display()))
            .hint("mend it first: it is left as it is"));
    }
    let file = serde_json::from_str(&text).map_err(io::Error::from)?;
    Ok((Some(bytes), file))
}

fn groups(file: &mut Value, recipe: Recipe) -> Result<&mut Vec<Value>, Failure> {
    let odd = || Failure::new(NO, "`hooks` of the file has another shape than aos knows").hint("aos hooks test");
    let file = file.as_object_mut().ok_or_else(odd)?;
    let hooks = file.entry("hooks").or_insert_with(|| json!({})).as_object_mut().ok_or_else(odd)?;
    hooks.entry(recipe.event().name()).or_insert_with(|| json!([])).as_array_mut().ok_or_else(odd)
}

fn write(place: &Path, old: Option<&[u8]>, file: &Value) -> Result<(), Failure> {
    let failed = |e: io::Error| Failure::new(NO, format!("{}: {e}", shown(place)));
    let dir = Dir::open(place).map_err(failed)?;
    if let Some(old) = old {
        dir.replace(BACKUP, old).map_err(failed)?;
    }
    let mut text = serde_json::to_vec_pretty(file).map_err(io::Error::from)?;
    text.push(b'\n');
    dir.replace(HOOKS, &text).map_err(failed)
}

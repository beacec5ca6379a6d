//! Allowing a project's hooks to run, and denying it.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::actions::failure::{Failure, NO, USAGE, VerbResult};
use crate::actions::{confirm, output, select};
use crate::ansi::printable;
use crate::events::hook_files;
use crate::hooks::config::{HookFile, HookFileKind, HookOrigin};
use crate::hooks::sources::{self, ProjectHooks};
use crate::hooks::trust::{self, Trust};
use crate::launch;
use crate::store::layout::Home;

/// Answers for the project in which a directory is, or the current one.
pub fn answer(home: &Home, words: &[String], allowed: bool, is_sure: bool, as_json: bool) -> VerbResult {
    if allowed && (launch::is_in_task() || std::env::var_os(crate::events::hook_sink::DEPTH).is_some()) {
        let failure = Failure::new(USAGE, "hooks are not allowed by a part of a task");
        return Err(failure.hint("run `aos hooks allow` in a shell of yours"));
    }
    let here = match words.first() {
        Some(dir) => Path::new(dir).canonicalize().map_err(|e| Failure::new(USAGE, format!("{dir}: {e}")))?,
        None => select::here()?,
    };
    let project = find(home, &here)?;
    if !allowed {
        trust::answer(home, &project.path, &project.content, false)?;
        return tell(&project, "denied:", as_json, json!(false));
    }
    if !as_json {
        show(&project)?;
    }
    if project.trust == Trust::Allowed {
        return tell(&project, "allowed already:", as_json, json!(true));
    }
    let is_anybody_there = io::stdin().is_terminal() && io::stdout().is_terminal();
    if !is_sure && !is_anybody_there {
        return Err(Failure::new(NO, "nobody is there to be asked").hint("aos hooks allow --yes"));
    }
    if !is_sure && !confirm::is_given()? {
        return Ok(NO);
    }
    trust::answer(home, &project.path, &project.content, true)?;
    tell(&project, "allowed, until the file changes:", as_json, json!(true))
}

fn tell(project: &ProjectHooks, said: &str, as_json: bool, allowed: Value) -> VerbResult {
    if as_json {
        output::object(json!({ "file": project.path, "allowed": allowed }))?;
    } else {
        writeln!(output::data(), "{said} {}", printable(&project.path.to_string_lossy()))?;
    }
    Ok(0)
}

fn find(home: &Home, here: &Path) -> Result<ProjectHooks, Failure> {
    let found: Option<PathBuf> = hook_files::project(&home.path, here);
    let path = found.ok_or_else(|| {
        Failure::new(NO, "this project has no hooks").hint("they would stand in .agent-os/hooks.json")
    })?;
    sources::of_project(home, &path).map_err(|e| Failure::new(NO, format!("{}: {e}", path.display())))
}

/// Shows what would run.
fn show(project: &ProjectHooks) -> io::Result<()> {
    let text = String::from_utf8_lossy(&project.content);
    let origin = HookOrigin { path: &project.path, kind: HookFileKind::Hooks, is_trusted: false, is_own: false };
    let file = HookFile::parse(&text, origin);
    let mut out = output::data();
    writeln!(out, "{}", printable(&project.path.to_string_lossy()))?;
    if matches!(project.trust, Trust::Unanswered { was_allowed: true, .. }) {
        writeln!(out, "it was allowed, and has changed since")?;
    }
    for rule in &file.rules {
        for (behind, handler) in rule.handler.all() {
            let what = if behind == 0 { rule.event.to_string() } else { format!("{:1$}then", "", 2 * behind) };
            writeln!(out, "  {what}  {}", printable(&handler.typed()))?;
        }
    }
    super::shown::problems(&file.problems)
}

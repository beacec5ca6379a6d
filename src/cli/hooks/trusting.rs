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
use crate::task_log::rules::{self, ProjectPack};

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
    let project = ProjectFiles::of(home, &here)?;
    if !allowed {
        for (path, content, _) in project.files() {
            trust::answer(home, path, content, false)?;
        }
        return project.tell("denied:", as_json, json!(false));
    }
    if !as_json {
        project.show()?;
    }
    if project.files().all(|(_, _, trust)| trust == Trust::Allowed) {
        return project.tell("allowed already:", as_json, json!(true));
    }
    let is_anybody_there = io::stdin().is_terminal() && io::stdout().is_terminal();
    if !is_sure && !is_anybody_there {
        return Err(Failure::new(NO, "nobody is there to be asked").hint("aos hooks allow --yes"));
    }
    if !is_sure && !confirm::is_given()? {
        return Ok(NO);
    }
    for (path, content, _) in project.files().filter(|(_, _, trust)| *trust != Trust::Allowed) {
        trust::answer(home, path, content, true)?;
    }
    project.tell("allowed, until the file changes:", as_json, json!(true))
}

/// What a project has that counts only once it is allowed.
struct ProjectFiles {
    hooks: Option<ProjectHooks>,
    packs: Vec<ProjectPack>,
}

impl ProjectFiles {
    fn of(home: &Home, here: &Path) -> Result<ProjectFiles, Failure> {
        let path: Option<PathBuf> = hook_files::project(&home.path, here);
        let unread = |path: &Path, e: &io::Error| Failure::new(NO, format!("{}: {e}", path.display()));
        let hooks = path.map(|path| sources::of_project(home, &path).map_err(|e| unread(&path, &e))).transpose()?;
        let packs = rules::of_project(&home.path, here, &mut Vec::new());
        if hooks.is_none() && packs.is_empty() {
            let hint = "they would stand in .agent-os/hooks.json and .agent-os/packs/*.toml";
            return Err(Failure::new(NO, "this project has no hooks, and no packs of rules").hint(hint));
        }
        Ok(ProjectFiles { hooks, packs })
    }

    /// Path, content and answer of each file.
    fn files(&self) -> impl Iterator<Item = (&Path, &[u8], Trust)> {
        let hooks = self.hooks.iter().map(|file| (file.path.as_path(), file.content.as_slice(), file.trust));
        hooks.chain(self.packs.iter().map(|file| (file.path.as_path(), file.content.as_slice(), file.trust)))
    }

    /// Says what was answered.
    fn tell(&self, said: &str, as_json: bool, allowed: Value) -> VerbResult {
        let paths: Vec<&Path> = self.files().map(|(path, ..)| path).collect();
        if as_json {
            output::object(json!({ "file": paths.first(), "files": paths, "allowed": allowed }))?;
            return Ok(0);
        }
        for path in paths {
            writeln!(output::data(), "{said} {}", printable(&path.to_string_lossy()))?;
        }
        Ok(0)
    }

    fn show(&self) -> io::Result<()> {
        self.hooks.iter().try_for_each(show_hooks)?;
        self.packs.iter().try_for_each(show_pack)
    }
}

/// Shows what a pack would look for.
fn show_pack(pack: &ProjectPack) -> io::Result<()> {
    let mut out = output::data();
    writeln!(out, "{}", printable(&pack.path.to_string_lossy()))?;
    tell_change(&mut out, pack.trust)?;
    match pack.pack() {
        Ok(read) => {
            let rules = read.rules.iter().map(|rule| (printable(&rule.name), rule.start.all().join(" | ")));
            rules.into_iter().try_for_each(|(name, start)| writeln!(out, "  rule  {name}  {}", printable(&start)))
        }
        Err(e) => writeln!(output::talk(), "aos: it cannot be used: {}", printable(&e.to_string())),
    }
}

fn tell_change(out: &mut impl Write, trust: Trust) -> io::Result<()> {
    if matches!(trust, Trust::Unanswered { was_allowed: true, .. }) {
        writeln!(out, "it was allowed, and has changed since")?;
    }
    Ok(())
}

/// Shows what would run.
fn show_hooks(project: &ProjectHooks) -> io::Result<()> {
    let text = String::from_utf8_lossy(&project.content);
    let origin = HookOrigin { path: &project.path, kind: HookFileKind::Hooks, is_trusted: false, is_own: false };
    let file = HookFile::parse(&text, origin);
    let mut out = output::data();
    writeln!(out, "{}", printable(&project.path.to_string_lossy()))?;
    tell_change(&mut out, project.trust)?;
    for rule in &file.rules {
        for (behind, handler) in rule.handler.all() {
            let what = if behind == 0 { rule.event.to_string() } else { format!("{:1$}then", "", 2 * behind) };
            writeln!(out, "  {what}  {}", printable(&handler.typed()))?;
        }
    }
    super::shown::problems(&file.problems)
}

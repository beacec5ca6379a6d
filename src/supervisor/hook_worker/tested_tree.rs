//! A hook that commits what passes needs to know what was tested: it is put down as the run begins.

use super::facts::TaskFacts;
use crate::hooks::rule::HookRule;
use crate::hooks::sources::HookSources;
use crate::store::start_trees;
use crate::supervisor::workers::tree_worker::{self, TreeRequest};
use crate::work_tree::repository::{identity, root_of};

/// What such a hook says.
const COMMITS: &str = "--if-passing";

/// Has the work tree in which a run begins put down where a hook will commit from it. Later runs
/// have that done by their supervisors; of the first, those events that follow wait for it.
pub fn note(facts: &TaskFacts, sources: &HookSources, run: u32) {
    let says_so = |rule: &HookRule| rule.handler.all().iter().any(|(_, handler)| handler.typed().contains(COMMITS));
    let commits = sources.rules.iter().any(|rule| rule.is_trusted && says_so(rule));
    let Some(identity) = commits.then(|| root_of(facts.cwd())).flatten().and_then(identity) else { return };
    // Where it was wanted before, the supervisor has seen to it.
    let Ok(None) = start_trees::want(&facts.home, &identity) else { return };
    let Ok(Some(state)) = facts.task.state() else { return };
    let request = TreeRequest { run, started: state.started };
    // Where that fails `aos commit` says that it was not put down.
    if let Ok(mut child) = tree_worker::begin(&facts.home.task_path(facts.spec.id), &request) {
        let _ = child.wait();
    }
}

//! Asking several tasks for the same thing.

use crate::actions::failure::{Failure, VerbResult};
use crate::actions::{own_task, select};
use crate::client::ask::ask;
use crate::store::layout::Home;
use crate::task::request::Ask;
use crate::task::task_filter::TaskFilter;

/// Asks each of the tasks, of a class or glob those that fit; says nothing where it was done. The
/// exit code is not 0 if any refused.
pub fn ask_all(words: &[String], fit: TaskFilter, what: Ask, with: &str, as_json: bool) -> VerbResult {
    let home = Home::open()?;
    let mut code = 0;
    let ids = select::tasks_for(&home, words, fit)?.whole()?;
    match what {
        Ask::Pause => own_task::tell(&home, &ids, "stands still until somebody else resumes it"),
        Ask::Signal(signal) => own_task::tell(&home, &ids, &format!("gets {signal}")),
        Ask::Resume | Ask::Stop { .. } | Ask::Limit(_) | Ask::Progress => {}
    }
    for id in ids {
        if let Err(e) = ask(&home, id, what, with) {
            code = Failure::from(e).tell(as_json);
        }
    }
    Ok(code)
}

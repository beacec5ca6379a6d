//! When a task begins, as its options say.

use clap::Args;

use super::choose;
use super::failure::{Failure, USAGE};
use crate::store::home::Home;
use crate::task::hold::{After, Begins, When};
use crate::units::span::Span;

/// Options that say when a task begins.
#[derive(Args)]
pub struct Order {
    /// Begin when this task has succeeded; or is over (:any), has failed (:fail), is ready (:ready)
    #[arg(long, value_name = "ID[:WHEN]")]
    after: Vec<String>,
    /// Begin after this time
    #[arg(long, value_name = "TIME")]
    delay: Option<Span>,
}

impl Order {
    /// When the task begins. Every task that is waited for must be there.
    pub fn begins(&self, home: &Home) -> Result<Begins, Failure> {
        let mut after: Vec<After> = Vec::new();
        for text in &self.after {
            for one in awaited(home, text)? {
                if !after.contains(&one) {
                    after.push(one);
                }
            }
        }
        Ok(Begins { delay: self.delay.filter(|span| span.0 > 0), after })
    }
}

fn awaited(home: &Home, text: &str) -> Result<Vec<After>, Failure> {
    let (selector, when) = match text.rsplit_once(':') {
        None => (text, When::default()),
        Some((selector, word)) => {
            let when = word.parse().map_err(|e: crate::task::hold::BadWhen| {
                Failure::new(USAGE, e.to_string())
                    .hint(format!("--after {selector}:any begins it however {selector} ends"))
            })?;
            (selector, when)
        }
    };
    let chosen = choose::tasks(home, &[selector.to_owned()])?;
    if chosen.run.is_some() {
        return Err(Failure::new(
            USAGE,
            format!("`{selector}` names a run that is over or goes on: a task is waited for"),
        )
        .hint(format!("--after {}", selector.split('#').next().unwrap_or(selector))));
    }
    Ok(chosen.ids.into_iter().map(|id| After { id, when }).collect())
}

//! When a task begins, as its options say.

use clap::Args;
use clap::builder::TypedValueParser;

use crate::actions::failure::{Failure, USAGE};
use crate::actions::select;
use crate::store::layout::Home;
use crate::store::task_dir::TaskDir;
use crate::task::group::Group;
use crate::task::id::TaskId;
use crate::task::queue_order::{HIGHEST, Priority};
use crate::task::start_condition::{Dependency, DependencyOn, Schedule};
use crate::units::span::Span;

/// Options that say when a task begins.
#[derive(Args, Default)]
#[cfg_attr(test, derive(Debug))]
pub struct QueueArgs {
    /// Start when this task has succeeded, or: is finished (:any), has failed (:fail), is ready
    /// (:ready)
    #[arg(long, value_name = "ID[:WHEN]")]
    after: Vec<String>,
    /// Start when this group has a free slot; a group has one, or as many as config.toml says
    #[arg(short, long, value_name = "GROUP")]
    group: Option<Group>,
    /// Priority within the group, -100 to 100; the highest starts first [default: 0]
    #[arg(long, value_name = "N", requires = "group", allow_negative_numbers = true, value_parser = priority())]
    priority: Option<i8>,
    /// Start after this time
    #[arg(long, value_name = "TIME")]
    delay: Option<Span>,
}

impl QueueArgs {
    /// The group that it begins in, if there is one.
    pub fn group(&self) -> Option<&Group> {
        self.group.as_ref()
    }

    /// When the task begins. Every task that is waited for must be there.
    pub fn begins(&self, home: &Home) -> Result<Schedule, Failure> {
        let mut after: Vec<Dependency> = Vec::new();
        for text in &self.after {
            for one in awaited(home, text)? {
                if !after.contains(&one) {
                    after.push(one);
                }
            }
        }
        Ok(Schedule {
            delay: self.delay.filter(|span| span.0 > 0),
            after,
            group: self.group.clone(),
            priority: Priority(self.priority.unwrap_or(0)),
        })
    }
}

fn priority() -> impl TypedValueParser<Value = i8> {
    clap::value_parser!(i8).range(i64::from(-HIGHEST)..=i64::from(HIGHEST))
}

fn awaited(home: &Home, text: &str) -> Result<Vec<Dependency>, Failure> {
    let (selector, when) = match text.rsplit_once(':') {
        None => (text, DependencyOn::default()),
        Some((selector, word)) => {
            let when = word.parse().map_err(|e: crate::task::start_condition::BadDependency| {
                Failure::new(USAGE, e.to_string())
                    .hint(format!("--after {selector}:any begins it however {selector} ends"))
            })?;
            (selector, when)
        }
    };
    let chosen = select::tasks(home, &[selector.to_owned()])?;
    if chosen.run.is_some() {
        return Err(Failure::new(
            USAGE,
            format!("`{selector}` names a run that is over or goes on: a task is waited for"),
        )
        .hint(format!("--after {}", selector.split('#').next().unwrap_or(selector))));
    }
    if when == DependencyOn::Ready {
        chosen.ids.iter().try_for_each(|id| shows_when_ready(home, *id))?;
    }
    Ok(chosen.ids.into_iter().map(|id| Dependency { id, when }).collect())
}

/// One that was not begun to show that it is ready would be waited for in vain.
fn shows_when_ready(home: &Home, id: TaskId) -> Result<(), Failure> {
    let spec = TaskDir::open(home, id)?.spec()?;
    if spec.ready.is_some() {
        return Ok(());
    }
    let failure = Failure::new(USAGE, format!("nothing shows whether {id} is ready: it was begun without --ready"));
    Err(failure.hint(format!("aos run -b --ready auto -- {}, and then after that one", spec.command)))
}

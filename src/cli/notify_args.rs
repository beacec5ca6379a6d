//! What `aos run` has to say of telling the user.

use clap::Args;

use crate::task::notify_when::NotifyWhen;
use crate::task::probe::Probe;

/// The options of `aos run` that are about telling the user.
#[derive(Args, Default)]
#[cfg_attr(test, derive(Debug))]
pub struct NotifyArgs {
    /// Tell you by the ways of `aos notify`, without any hook; without a value: when it is over
    #[arg(long, value_name = "WHEN", num_args = 0..=1, require_equals = true, default_missing_value = "done")]
    pub notify: Option<NotifyWhen>,
}

impl NotifyArgs {
    /// What shows that it is ready: where nothing was said of that, and it is to be told, anything.
    pub fn probe(&self, asked: Option<Probe>) -> Option<Probe> {
        let is_wanted = self.notify == Some(NotifyWhen::Ready);
        asked.or_else(|| is_wanted.then_some(Probe::Auto))
    }
}

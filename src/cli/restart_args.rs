//! The options of `aos run` that say when a task is begun again.

use std::ffi::OsString;
use std::path::Path;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::number::whole;
use crate::actions::failure::{Failure, USAGE};
use crate::task::os_bytes::OsBytes;
use crate::task::restart_policy::{RestartOn, RestartPolicy};
use crate::units::span::Span;
use crate::watch::globs::Globs;

/// When a task is begun again.
#[derive(Args)]
#[cfg_attr(test, derive(Debug))]
pub struct RestartArgs {
    /// Start the task again when it ends
    ///
    /// on-failure: after an exit code other than 0, a signal or a time limit; not if it cannot be
    /// executed. always: after every end. A task that was stopped stays stopped.
    #[arg(long, value_name = "WHEN", value_parser = whens())]
    restart: Option<RestartOn>,
    /// Start it again at most N times
    ///
    /// Implies --restart on-failure. Without it, aos gives up after ten runs in a row that end
    /// within 1s of their start.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u32>)]
    retries: Option<u32>,
    /// Wait this long before the next run, twice as long each time, up to a minute
    ///
    /// A run of 10s or more that was longer than the wait before it resets the time.
    #[arg(long, value_name = "TIME", default_value = "1s")]
    backoff: Span,
    /// Start the task again when files change: a file, a directory, or a glob ('src/**/*.rs')
    ///
    /// Relative to the task's directory; may be given several times. Leaves out what git ignores,
    /// .git, node_modules, and directories with a CACHEDIR.TAG. A finished task waits for the next
    /// change.
    #[arg(long, value_name = "GLOB")]
    watch: Vec<OsString>,
}

impl Default for RestartArgs {
    /// As the parser has it.
    fn default() -> RestartArgs {
        RestartArgs { restart: None, retries: None, backoff: Span(1000), watch: Vec::new() }
    }
}

impl RestartArgs {
    /// The policy; retries without more are after failures.
    pub fn restart(&self) -> Result<Option<RestartPolicy>, Failure> {
        let when = match (self.restart, self.retries) {
            (Some(RestartOn::No), Some(_)) => {
                let failure = Failure::new(USAGE, "--retries says how often, and --restart no says never");
                return Err(failure.hint("write --restart on-failure, or leave one of the two out"));
            }
            (Some(when), _) => when,
            (None, Some(_)) => RestartOn::OnFailure,
            (None, None) => RestartOn::No,
        };
        let asked = RestartPolicy { when, retries: self.retries, backoff: self.backoff };
        Ok(Some(asked).filter(|asked| asked.when != RestartOn::No))
    }

    /// The globs, which can be read.
    pub fn watch(&self, cwd: &Path) -> Result<Vec<OsBytes>, Failure> {
        if self.watch.iter().any(|glob| glob.is_empty()) {
            return Err(Failure::new(USAGE, "an empty glob is no file").hint("--watch . watches the directory"));
        }
        let globs = Globs::new(cwd, self.watch.iter().map(Path::new))
            .map_err(|e| Failure::new(USAGE, e.to_string()).hint("quote a glob, so that your shell leaves it alone"))?;
        if let Some(missing) = globs.bases().find(|base| base.symlink_metadata().is_err()) {
            let shown = missing.strip_prefix(cwd).unwrap_or(missing).display();
            return Err(Failure::new(USAGE, format!("cannot watch {shown}: it is not there"))
                .hint(format!("make it first; a glob is also for what is yet to come: --watch '{shown}*'")));
        }
        Ok(self.watch.iter().cloned().map(OsBytes::from).collect())
    }
}

fn whens() -> impl TypedValueParser<Value = RestartOn> {
    PossibleValuesParser::new(RestartOn::words()).try_map(|word| word.parse::<RestartOn>())
}

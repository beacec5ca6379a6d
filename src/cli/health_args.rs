//! The options of `aos run` and `aos adopt` that are about a task's health.

use clap::Args;

use super::number::whole;
use crate::actions::failure::{Failure, USAGE};
use crate::readiness::is_known;
use crate::task::health::HealthCheck;
use crate::task::probe::Probe;
use crate::units::span::Span;

/// How it is looked whether a task is healthy.
#[derive(Args)]
#[cfg_attr(test, derive(Debug))]
pub struct HealthArgs {
    /// Check again and again whether the task is healthy: port:N (it listens on N), http:URL (it
    /// answers), cmd:COMMAND (the command succeeds)
    ///
    /// From when it is ready, where that was asked for, else from its start. Failing checks end the
    /// run, which counts as a failure: `aos run --restart on-failure` starts it again.
    #[arg(long, value_name = "CHECK")]
    health: Option<Probe>,
    /// Wait this long before each check
    #[arg(long, value_name = "TIME", default_value = "10s", requires = "health")]
    every: Span,
    /// End the run after N failed checks in a row
    #[arg(long, value_name = "N", default_value_t = 3, requires = "health", value_parser = whole::<u32>)]
    failures: u32,
}

/// Checks that follow one another faster would do nothing else. *Units*: milliseconds.
const SHORTEST: u64 = 100;

impl Default for HealthArgs {
    /// As the parser has it.
    fn default() -> HealthArgs {
        HealthArgs { health: None, every: Span(10_000), failures: 3 }
    }
}

impl HealthArgs {
    /// How it is looked at, if anybody wants to know. *Errors*: when that cannot be.
    pub fn check(&self) -> Result<Option<HealthCheck>, Failure> {
        let Some(probe) = self.health.clone() else { return Ok(None) };
        match &probe {
            Probe::Auto | Probe::Log(_) => {
                let failure = Failure::new(USAGE, format!("`{probe}` does not say whether a task is still healthy"));
                return Err(failure.hint("write --health port:N, http:URL or cmd:COMMAND"));
            }
            Probe::Http(url) if !is_known(&url.host) => {
                let why = "it is no address, not localhost and not in /etc/hosts";
                return Err(Failure::new(USAGE, format!("nobody knows the host {}: {why}", url.host))
                    .hint(format!("--health 'cmd:curl -fs {url}' asks the name service")));
            }
            Probe::Http(_) | Probe::Port(_) | Probe::Command(_) => {}
        }
        if self.every.0 < SHORTEST {
            let why = format!("--every {}ms is too often: at least {SHORTEST}ms", self.every.0);
            return Err(Failure::new(USAGE, why).hint("write --every 10s"));
        }
        if self.failures == 0 {
            let failure = Failure::new(USAGE, "--failures 0 would end the run before any check");
            return Err(failure.hint("--failures 1 ends it at the first that fails"));
        }
        Ok(Some(HealthCheck { probe, every: self.every, failures: self.failures }))
    }
}

//! What a sandbox holds here, and which one of somebody else's is around us.

use std::path::Path;

use super::check::Check;
use super::check::CheckStatus::{Ok as Good, Warn};
use crate::launch::sandbox::probes;
use crate::sys::outer_sandbox;
use crate::task::sandbox::profile::{Place, Profile};

/// Whether all that the usual profile promises is to be had.
pub fn check() -> Check {
    // Only what is promised counts here, not where.
    let here = Path::new("/nonexistent");
    let usual = Profile::default().at("default", &Place { home: here, state: here, project: here, temporary: here });
    let missing: Vec<String> = probes::all(&usual)
        .into_iter()
        .filter(|finding| finding.found.is_err())
        .map(|finding| finding.guarantee.to_string())
        .collect();
    if missing.is_empty() {
        return Check::new("sandbox", Good, "a sandbox keeps all that it promises");
    }
    let message = format!("a sandbox does not hold here: {} cannot be had", missing.join(", "));
    Check::new("sandbox", Warn, message).hint("aos sandbox check says why; --sandbox=best-effort goes without")
}

/// A sandbox of somebody else's, if there is one around us.
pub fn surroundings() -> Option<Check> {
    let around = outer_sandbox::look()?;
    let mut message = format!("this is {}", around.what);
    if around.ends_all {
        message += ": a task that is begun in it ends with it";
    }
    if around.has_no_unix_sockets {
        message += "; tasks can be neither attached to nor asked";
    }
    Some(Check::new("surroundings", Warn, message).hint("aos run -b works outside of it"))
}

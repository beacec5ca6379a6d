//! What is remembered of problems, and what their user says of them.

use std::io::Write;

use crate::actions::failure::{Failure, NO, USAGE};
use crate::actions::output;
use crate::ansi::printable;
use crate::diagnose::finding::Severity;
use crate::diagnose::{Diagnosis, fingerprint};
use crate::store::layout::Home;
use crate::store::solutions;
use crate::task::solutions::{Solution, Solutions};
use crate::units::wall_time::WallTime;

/// What is remembered; nothing where no home is.
pub fn read() -> Result<Solutions, Failure> {
    Ok(Home::open_if_there()?.map_or(Ok(Solutions::default()), |home| solutions::read(&home))?)
}

/// Remembers what helped against the first problem.
pub fn solve(diagnosis: &Diagnosis, said: &str) -> Result<(), Failure> {
    let Some(first) = diagnosis.findings.iter().find(|finding| finding.severity == Severity::Error) else {
        return Err(Failure::new(NO, "no error is found that this could be for"));
    };
    let said = said.trim();
    if said.is_empty() {
        return Err(Failure::new(USAGE, "--solved takes what helped").hint("aos debug --solved 'npm ci'"));
    }
    let (commands, files, last) = (Vec::new(), Vec::new(), WallTime::now());
    let solution = Solution { said: Some(said.to_owned()), commands, files, times: 1, last };
    let of = fingerprint::of(first);
    solutions::change(&Home::open()?, |known| known.solved(&of, &first.message, solution))?;
    writeln!(output::data(), "remembered for: {}", printable(&first.message))?;
    Ok(())
}

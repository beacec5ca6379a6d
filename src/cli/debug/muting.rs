//! What its user says of a problem: that it is none, or one again.

use std::io::Write;
use std::time::Duration;

use super::subject::{Subject, SubjectRun};
use crate::actions::failure::{Failure, NO};
use crate::actions::output;
use crate::ansi::printable;
use crate::diagnose::finding::Finding;
use crate::diagnose::{Diagnosis, fingerprint};
use crate::store::findings::{self, FindingsWriter};
use crate::store::layout::Home;
use crate::store::snapshot::{self, TaskSnapshot};
use crate::store::task_dir::TaskDir;
use crate::store::{markers, solutions};
use crate::task::run_findings::RunFindings;
use crate::task::solutions::Solutions;
use crate::task_log::beside_output;
use crate::task_log::diagnosis::{kept, leave_muted, problem};
use crate::units::wall_time::WallTime;

/// Which problem, and whether it is none.
pub struct Muting<'m> {
    /// Its number in the list, or its fingerprint.
    pub which: &'m str,
    /// Whether it is none from now on.
    pub is_muted: bool,
}

impl Muting<'_> {
    /// Remembers it, and has what is counted of this run say so.
    pub fn of(&self, subject: &Subject, diagnosis: Diagnosis, known: &Solutions) -> Result<(), Failure> {
        let all = diagnosis.findings.iter();
        let listed: Vec<&Finding> =
            all.filter(|finding| known.is_muted(&fingerprint::of(finding)) != self.is_muted).collect();
        let by_number = self.which.parse::<usize>().ok().and_then(|number| listed.get(number.checked_sub(1)?));
        let by_fingerprint = || listed.iter().find(|finding| fingerprint::of(finding) == self.which);
        let Some(finding) = by_number.or_else(by_fingerprint) else {
            let hint = "name a finding by its number in what aos debug prints, or by its fingerprint";
            return Err(Failure::new(NO, format!("there is no finding {}", self.which)).hint(hint));
        };
        let (of, message) = (fingerprint::of(finding), finding.message.clone());
        solutions::change(&Home::open()?, |known| known.mute(&of, &message, self.is_muted, WallTime::now()))?;
        if let Some(run) = &subject.run {
            count_anew(run, diagnosis)?;
        }
        let done = if self.is_muted { "muted" } else { "told again from now on" };
        writeln!(output::data(), "{done}: {}", printable(&message))?;
        Ok(())
    }
}

/// Who judges a run that is over has done so by then.
const LONGEST_VERDICT: Duration = Duration::from_secs(5);

/// Writes what is counted of a run. Where somebody reads its output as long as it goes on, he does
/// so.
fn count_anew(run: &SubjectRun, diagnosis: Diagnosis) -> Result<(), Failure> {
    let task = TaskDir::open(&run.home, run.id)?;
    let most = if task.is_alive()? { Duration::ZERO } else { LONGEST_VERDICT };
    if let Some(writer) = FindingsWriter::within(&task, most)?
        && let Some(known) = findings::of(&task, run.number)
    {
        writer.write(&counted(&run.home, &known, diagnosis)?)?;
        if known.is_final {
            markers::mark_judged(&run.home, run.id, run.number)?;
        }
    }
    let reading = TaskSnapshot::readable(&run.home, &task)?;
    if let Some(state) = reading.state.as_ref().filter(|state| state.run == run.number && reading.status().is_living())
    {
        let has_errors = reading.found.as_ref().is_some_and(|found| found.counts.errors > 0);
        markers::mark_errors(&run.home, run.id, has_errors || !snapshot::unusual(&run.home, state).is_empty())?;
    }
    Ok(())
}

/// What is counted of a run. What no line tells of is counted once the run is over.
fn counted(home: &Home, known: &RunFindings, mut diagnosis: Diagnosis) -> Result<RunFindings, Failure> {
    leave_muted(&mut diagnosis, &solutions::read(home)?);
    let beside: Vec<Finding> = diagnosis.findings.extract_if(.., |finding| finding.line == 0).collect();
    let mut found = kept(known, &diagnosis, known.read_to, known.is_final);
    if known.is_final {
        beside_output::count(beside.iter().map(problem).collect(), &mut found);
    }
    Ok(found)
}

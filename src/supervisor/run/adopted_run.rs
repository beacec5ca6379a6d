//! The lifecycle of what was adopted: taken up as it runs, and looked after to its end.

use crate::supervisor::processes::task_processes::TaskProcesses;
use crate::supervisor::run::event::RunEvent;
use crate::supervisor::state::Supervisor;
use crate::task::end::Outcome;

/// What aos itself says where there is no such process.
const NO_PROCESS: i32 = 3;

/// Takes up what was adopted: it runs already, and nothing of its output comes here.
pub fn begin(supervisor: &mut Supervisor) {
    let TaskProcesses::Adopted(adopted) = &supervisor.processes else { return };
    let launch = match adopted.pids().is_empty() {
        false => RunEvent::Launched,
        true => {
            let why = format!("process {} ended before it could be adopted", adopted.first().pid);
            RunEvent::LaunchFailed { why, code: NO_PROCESS }
        }
    };
    // Before it is said: whatever is below them now is known, and will be reached though its
    // parent ends.
    let _ = supervisor.processes.living();
    supervisor.happen(RunEvent::HungUp);
    supervisor.happen(launch);
    check(supervisor);
}

/// Notices who has ended. Costs a look at all processes only when none of the adopted is left.
pub fn check(supervisor: &mut Supervisor) {
    let TaskProcesses::Adopted(adopted) = &mut supervisor.processes else { return };
    adopted.forget_ended();
    if !adopted.pids().is_empty() {
        return;
    }
    let left = adopted.living();
    if !adopted.pids().is_empty() {
        // Others have joined the group.
        return;
    }
    adopted.give_up_group();
    let any = left.map_or(true, |left| !left.is_empty());
    supervisor.is_nobody_left = !any;
    supervisor.happen(RunEvent::LeaderEnded { outcome: Outcome::Unseen, out_of_memory: None });
    supervisor.happen(RunEvent::Left(any));
}

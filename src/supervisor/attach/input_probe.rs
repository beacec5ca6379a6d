//! Looking whether the task waits for input: whether one of its terminal's foreground processes is
//! blocked in a read of it.

use crate::events::task_event::TaskEvent;
use crate::processes::tree::{self, Root};
use crate::supervisor::run::output_source::OutputStream;
use crate::supervisor::state::Supervisor;
use crate::sys::tty_wait::{self, TtyWait};
use crate::sys::{memory, proc, tty};
use crate::units::moment::Moment;
use crate::wire::Reply;

/// Looks, if it is time, and says what has changed.
pub fn check_input_wait(supervisor: &mut Supervisor, now: Moment) {
    if supervisor.prompting.deadline().is_some_and(|due| due <= now) {
        let is_waiting = is_waiting(supervisor);
        if supervisor.prompting.saw(is_waiting, now) {
            tell_whether_waiting(supervisor);
        }
        // Between looks that follow each other closely the memory would be taken again at once.
        if supervisor.prompting.is_quiet(now) {
            supervisor.buffer.shed();
            memory::shed();
        }
    }
}

/// Somebody answered: until the next look, it does not wait.
pub fn note_answer(supervisor: &mut Supervisor) {
    if supervisor.prompting.set(false) {
        tell_whether_waiting(supervisor);
    }
}

fn tell_whether_waiting(supervisor: &mut Supervisor) {
    supervisor.state.waiting_since = supervisor.prompting.since();
    supervisor.save_state();
    let is_waiting = supervisor.state.waiting_since.is_some();
    supervisor.control.tell_attached(&Reply::Waiting(is_waiting), supervisor.log_length());
    supervisor.events.publish(TaskEvent::Waits { home: &supervisor.task.home, is_waiting });
}

fn is_waiting(supervisor: &mut Supervisor) -> bool {
    let Some(terminal) = supervisor.outputs.iter().find(|source| source.stream == OutputStream::Terminal) else {
        return false;
    };
    let (Some(group), Some(device)) = (tty::foreground_group(terminal), tty::device_behind(terminal)) else {
        return false;
    };
    // An event loop always waits for its terminal, too. It asks only with a line that was begun,
    // and where it reads key by key.
    let asks = supervisor.prompting.is_line_begun && !tty::is_canonical(terminal);
    let pids = tree::pids(Root::Supervisor(supervisor.state.supervisor)).into_iter();
    let is_in_foreground = |pid: &i32| proc::stat(*pid).is_ok_and(|process| process.group == group);
    pids.filter(is_in_foreground).any(|pid| match tty_wait::on_terminal(pid, device) {
        TtyWait::ForInput => true,
        TtyWait::ForEvents => asks,
        TtyWait::Otherwise => false,
    })
}

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

impl Supervisor {
    /// Looks, if it is time, and says what has changed.
    pub fn check_input_wait(&mut self, now: Moment) {
        if self.prompting.deadline().is_some_and(|due| due <= now) {
            let is_waiting = self.is_waiting();
            if self.prompting.saw(is_waiting, now) {
                self.tell_whether_waiting();
            }
            if self.prompting.is_quiet(now) {
                self.buffer.shed();
                memory::shed();
            }
        }
    }

    /// Somebody answered: until the next look, it does not wait.
    pub fn note_answer(&mut self) {
        if self.prompting.set(false) {
            self.tell_whether_waiting();
        }
    }

    fn tell_whether_waiting(&mut self) {
        self.state.waiting_since = self.prompting.since();
        self.save_state();
        let is_waiting = self.state.waiting_since.is_some();
        self.control.tell_attached(&Reply::Waiting(is_waiting), self.log_length());
        self.events.publish(TaskEvent::Waits { home: &self.task.home, is_waiting });
    }

    fn is_waiting(&mut self) -> bool {
        let Some(terminal) = self.outputs.iter().find(|source| source.stream == OutputStream::Terminal) else {
            return false;
        };
        let (Some(group), Some(device)) = (tty::foreground_group(terminal), tty::device_behind(terminal)) else {
            return false;
        };
        let asks = self.prompting.is_line_begun && !tty::is_canonical(terminal);
        let pids = tree::pids(Root::Supervisor(self.state.supervisor)).into_iter();
        let is_in_foreground = |pid: &i32| proc::stat(*pid).is_ok_and(|process| process.group == group);
        pids.filter(is_in_foreground).any(|pid| match tty_wait::on_terminal(pid, device) {
            TtyWait::ForInput => true,
            TtyWait::ForEvents => asks,
            TtyWait::Otherwise => false,
        })
    }
}

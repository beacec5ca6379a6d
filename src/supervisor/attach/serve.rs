//! What clients want, and what they get: the terminal's picture, its size, what is typed.

use crate::logs::store::writer::LogWriter;
use crate::supervisor::attach::attached_client::Demand;
use crate::supervisor::attach::input_probe;
use crate::supervisor::processes::survivors::survivors;
use crate::supervisor::processes::task_processes::TaskProcesses;
use crate::supervisor::run::event::RunEvent;
use crate::supervisor::run::limits;
use crate::supervisor::run::output_source::{OutputSource, OutputStream};
use crate::supervisor::state::Supervisor;
use crate::sys::{memory, tty};
use crate::task::request::{AnswerTo, Ask, Request};
use crate::task::state::State;
use crate::units::moment::Moment;
use crate::units::size::Size;
use crate::units::tty_modes::LineFeed;
use crate::wire::{AttachRequest, Flow, FrameKind, Query, Reply, Screen};

/// Hears and answers all clients.
pub fn attend(supervisor: &mut Supervisor) {
    supervisor.control.admit_all();
    let count = supervisor.control.count();
    for at in 0..supervisor.control.count() {
        while let Some(demand) = supervisor.control.demand(at, !supervisor.keyboard.is_full()) {
            match demand {
                Demand::Query(query) => answer(supervisor, at, query),
                Demand::Input(input) => type_in(supervisor, at, &input),
            }
        }
    }
    pass_on_typed(supervisor);
    supervisor.control.send_all(supervisor.log_length());
    // What it took to answer is needed again only when the next one comes.
    if count > 0 && supervisor.control.count() == 0 {
        memory::shed();
    }
}

/// Takes in a client that is at the terminal from the beginning: who began the task.
pub fn attach_from_birth(supervisor: &mut Supervisor, stream: std::os::unix::net::UnixStream, how: AttachRequest) {
    if let Some(at) = supervisor.control.admit(stream) {
        attach(supervisor, at, how);
        let log_end = supervisor.log_length();
        supervisor.control.client(at).send(log_end);
    }
}

/// The terminal of another run is as large as that of whoever stayed at it.
pub fn resize_as_attached(supervisor: &mut Supervisor) {
    let sizes = (0..supervisor.control.count()).filter_map(|at| {
        let client = supervisor.control.client(at);
        client.size.filter(|_| client.is_attached() && client.may_type())
    });
    if let Some(size) = sizes.last() {
        resize(supervisor, size);
    }
}

/// Has those who stay at the terminal leave the screen of a full-screen program that has ended
/// without.
pub fn leave_alternate(supervisor: &mut Supervisor) {
    if supervisor.alternate.picture().is_some() {
        let log_length = supervisor.log_length();
        supervisor.control.broadcast(OutputStream::Terminal, LEAVE_ALTERNATE, log_length);
    }
}

/// Gives the terminal what was typed, and tells of it.
pub fn pass_on_typed(supervisor: &mut Supervisor) {
    if let Some(terminal) = terminal_of(&supervisor.outputs) {
        // A terminal that takes nothing any more hangs up, and is heard of by that.
        let _ = supervisor.keyboard.flush(terminal);
    }
    if supervisor.keyboard.is_empty() && supervisor.control.has_typing_waiter() {
        supervisor.control.tell_typed(supervisor.keyboard.take_lost());
    }
}

/// What a line feed in the output means now.
pub fn line_feed_now(supervisor: &Supervisor) -> LineFeed {
    match terminal_of(&supervisor.outputs).is_none_or(tty::adds_returns) {
        true => LineFeed::Returns,
        false => LineFeed::Keeps,
    }
}

/// The terminal's size.
pub fn size_now(supervisor: &Supervisor) -> Size {
    terminal_of(&supervisor.outputs).and_then(tty::size).unwrap_or(Size::USUAL)
}

fn answer(supervisor: &mut Supervisor, at: usize, query: Query) {
    match query {
        Query::Info => {
            let info = info(&supervisor.state, &mut supervisor.processes, supervisor.log.as_ref());
            supervisor.control.client(at).tell(&info);
        }
        Query::Watch => supervisor.control.client(at).begin_to_watch(),
        Query::Attach(how) => attach(supervisor, at, how),
        Query::Resize(size) => {
            if supervisor.control.client(at).may_type() {
                supervisor.control.client(at).size = Some(size);
                resize(supervisor, size);
            }
        }
        Query::Screen => show_screen(supervisor, at),
        Query::Type if !has_terminal(supervisor) => supervisor.control.client(at).refuse(NO_TERMINAL.into()),
        Query::Type => {
            // What was dropped before is none of this client's.
            supervisor.keyboard.take_lost();
            supervisor.control.client(at).begin_to_type();
        }
        Query::End => {
            let key = terminal_of(&supervisor.outputs).and_then(tty::end_key).unwrap_or(USUAL_END);
            type_in(supervisor, at, &[key]);
        }
        Query::Typed => supervisor.control.client(at).wants_typed = true,
        // Whoever asks sees by the lock that it is over.
        Query::Request(_) if supervisor.machine.is_over() => {}
        Query::Request(Request { ask: Ask::Limit(newer), by, .. }) => {
            let answer = limits::change_limits(supervisor, &newer, &by);
            supervisor.control.client(at).tell(&Reply::Answer(answer));
        }
        Query::Request(Request { ask, by, .. }) => {
            supervisor.happen(RunEvent::Asked { ask, by, answer_to: Some(AnswerTo::Client(at)) });
        }
    }
}

fn attach(supervisor: &mut Supervisor, at: usize, how: AttachRequest) {
    if !has_terminal(supervisor) && how.flow == Flow::Screen {
        return supervisor.control.client(at).refuse(NO_TERMINAL.into());
    }
    supervisor.control.client(at).attach(how);
    if let Some(size) = supervisor.control.client(at).size {
        resize(supervisor, size);
    }
    supervisor.line_feed = line_feed_now(supervisor);
    // Before the screen is told: the client's terminal still has its usual one.
    let usual = supervisor.alternate.redo_usual();
    if how.flow == Flow::Screen && !usual.is_empty() {
        supervisor.control.client(at).pass(FrameKind::Output, &usual);
    }
    show_screen(supervisor, at);
}

/// Sends the screen: where its lower part is in the log, and the picture of what lies above.
fn show_screen(supervisor: &mut Supervisor, at: usize) {
    if !has_terminal(supervisor) && !supervisor.control.client(at).is_attached() {
        return supervisor.control.client(at).refuse(NO_TERMINAL.into());
    }
    let (picture, redo) = (supervisor.alternate.picture(), supervisor.alternate.redo());
    // Where a full-screen program has its own screen, the log tells what lies below that.
    let log_end = picture.as_ref().map_or_else(|| supervisor.log_length(), |(_, began)| *began);
    let screen = Screen {
        size: size_now(supervisor),
        log_start: supervisor.state.log_start,
        log_end,
        is_alternate: picture.is_some(),
        line_feed: line_feed_now(supervisor),
        phase: supervisor.state.phase,
        is_waiting: supervisor.state.waiting_since.is_some(),
    };
    let client = supervisor.control.client(at);
    client.tell(&Reply::Screen(screen));
    if let Some((picture, _)) = picture {
        client.pass(FrameKind::Output, &picture);
    }
    if client.is_attached() && !redo.is_empty() {
        client.pass(FrameKind::Output, &redo);
    }
    client.tell(&Reply::Live);
}

fn type_in(supervisor: &mut Supervisor, at: usize, input: &[u8]) {
    if !supervisor.control.client(at).may_type() {
        return supervisor.control.client(at).refuse("it may not type: it is attached to look only".into());
    }
    if let Some(size) = supervisor.control.client(at).size {
        resize(supervisor, size);
    }
    // Whoever looks right after `aos send` does not find the wait that it has ended.
    if !supervisor.control.client(at).is_attached() {
        input_probe::note_answer(supervisor);
    }
    supervisor.control.note_typist(at);
    supervisor.prompting.note(Moment::now());
    supervisor.keyboard.take(input);
    pass_on_typed(supervisor);
}

fn resize(supervisor: &mut Supervisor, size: Size) {
    let Some(terminal) = terminal_of(&supervisor.outputs) else { return };
    if tty::size(terminal) != Some(size) && tty::resize(terminal, size).is_ok() {
        supervisor.alternate.resize(size);
    }
}

fn has_terminal(supervisor: &Supervisor) -> bool {
    terminal_of(&supervisor.outputs).is_some()
}

/// Back to the usual screen, its cursor shown, no colours.
const LEAVE_ALTERNATE: &[u8] = b"\x1b[?1049l\x1b[?25h\x1b[0m";
const NO_TERMINAL: &str = "it has no terminal";
/// ^D.
const USUAL_END: u8 = 0x04;

fn terminal_of(outputs: &[OutputSource]) -> Option<&OutputSource> {
    outputs.iter().find(|source| source.stream == OutputStream::Terminal)
}

/// How the task stands, for a client that asks.
fn info(state: &State, processes: &mut TaskProcesses, log: Option<&LogWriter>) -> Reply {
    Reply::Info { phase: state.phase, processes: survivors(processes), log_bytes: log.map_or(0, LogWriter::len) }
}

//! The control socket and its clients: those who ask what is live, and those who are at the task's
//! terminal.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::store::task_dir::{CONTROL, TaskDir};
use crate::supervisor::attach::attached_client::{Client, Demand};
use crate::supervisor::run::output_source::OutputStream;
use crate::units::moment::Moment;
use crate::wire::Reply;

/// More clients than this are turned away.
const MOST_CLIENTS: usize = 64;

/// How long the end waits for attached clients that do not read what the kernel does not keep for
/// them.
const FAREWELL: Duration = Duration::from_secs(5);

/// The socket and its clients.
#[derive(Debug)]
pub struct Control {
    listener: Option<UnixListener>,
    clients: Vec<Client>,
}

impl Control {
    /// Makes the socket in the task's directory, and that the working directory: its path may be
    /// longer than a socket's name can be.
    pub fn open(task: &TaskDir) -> io::Result<Control> {
        task.dir.enter()?;
        // A supervisor that was killed has left one, and its name would be in use.
        let _ = task.dir.remove(CONTROL);
        let listener = UnixListener::bind(CONTROL)?;
        listener.set_nonblocking(true)?;
        Ok(Control { listener: Some(listener), clients: Vec::new() })
    }

    /// No socket, where none can be made: the task does without.
    pub fn closed() -> Control {
        Control { listener: None, clients: Vec::new() }
    }

    /// What is to be waited for.
    pub fn watched(&self) -> impl Iterator<Item = PollFd<'_>> {
        let listener = self.listener.as_ref().map(|l| PollFd::new(l.as_fd(), PollFlags::POLLIN));
        listener.into_iter().chain(self.clients.iter().map(Client::watch))
    }

    /// Whether a client is held that has typed more than the terminal took.
    pub fn has_held(&self) -> bool {
        self.clients.iter().any(|client| client.is_held)
    }

    /// Takes in new clients.
    pub fn admit_all(&mut self) {
        while let Some(Ok((stream, _))) = self.listener.as_ref().map(UnixListener::accept) {
            if self.clients.len() < MOST_CLIENTS {
                self.admit(stream);
            } else if stream.set_nonblocking(true).is_ok() {
                let mut turned_away = Client::new(stream);
                turned_away.refuse("too many clients".into());
                turned_away.send(0);
            }
        }
    }

    /// Takes in a client; gives its place.
    pub fn admit(&mut self, stream: UnixStream) -> Option<usize> {
        stream.set_nonblocking(true).ok()?;
        self.clients.push(Client::new(stream));
        Some(self.clients.len() - 1)
    }

    /// How many clients there are; each has a number below.
    pub fn count(&self) -> usize {
        self.clients.len()
    }

    /// A client.
    pub fn client(&mut self, at: usize) -> &mut Client {
        &mut self.clients[at]
    }

    /// The next thing that a client wants.
    pub fn demand(&mut self, at: usize, takes_input: bool) -> Option<Demand> {
        self.clients[at].demand(takes_input)
    }

    /// Sends everybody what waits for them, and forgets who has gone.
    pub fn send_all(&mut self, log_end: u64) {
        self.clients.iter_mut().for_each(|client| client.send(log_end));
        // Only here: while clients are answered each has its number.
        self.clients.retain(|client| !client.is_gone());
    }

    /// Passes output on to whoever watches.
    pub fn broadcast(&mut self, stream: OutputStream, output: &[u8], log_before: u64) {
        self.clients.iter_mut().for_each(|client| client.show(stream, output, log_before));
    }

    /// Tells everybody who is at the terminal.
    pub fn tell_attached(&mut self, reply: &Reply, log_end: u64) {
        for client in self.clients.iter_mut().filter(|client| client.is_attached()) {
            client.tell(reply);
            client.send(log_end);
        }
    }

    /// Notes who typed last.
    pub fn note_typist(&mut self, at: usize) {
        self.clients.iter_mut().enumerate().for_each(|(other, client)| client.is_typist = other == at);
    }

    /// Tells whoever typed last that the task stopped where it is; if nobody at the terminal did,
    /// all who may type there.
    pub fn suspend(&mut self, log_end: u64) {
        let may_type = |client: &Client| client.is_attached() && client.may_type();
        let has_typist = self.clients.iter().any(|client| client.is_typist && may_type(client));
        for client in self.clients.iter_mut().filter(|client| may_type(client) && client.is_typist == has_typist) {
            client.tell(&Reply::Suspended);
            client.send(log_end);
        }
    }

    /// Whether anybody wants to know when the terminal has it all.
    pub fn has_typing_waiter(&self) -> bool {
        self.clients.iter().any(|client| client.wants_typed)
    }

    /// Tells those who have typed that the terminal has it all, but for so many bytes that it
    /// dropped.
    pub fn tell_typed(&mut self, lost: u64) {
        for client in self.clients.iter_mut().filter(|client| client.wants_typed) {
            client.wants_typed = false;
            if lost > 0 {
                client.tell(&Reply::Dropped(lost));
            }
            client.tell(&Reply::Typed);
        }
    }

    /// Whether anybody is at the terminal.
    pub fn has_attached(&self) -> bool {
        self.clients.iter().any(Client::is_attached)
    }

    /// Whether anybody is to get everything, and is behind.
    pub fn holds_up(&self) -> bool {
        self.clients.iter().any(Client::holds_up)
    }

    /// Lets everybody have what waits for them, for a few seconds: nobody keeps the supervisor of a
    /// task that is over.
    pub fn finish(self, log_end: u64) {
        self.finish_within(FAREWELL, log_end);
    }

    /// All are waited for at the same time. What a client has not taken by then is lost to it.
    fn finish_within(mut self, most: Duration, log_end: u64) {
        let due = Moment::now() + most;
        self.clients.retain_mut(|client| client.print_end(log_end));
        while !self.clients.is_empty() && Moment::now() < due {
            let mut fds: Vec<PollFd<'_>> = self.clients.iter().map(Client::watch).collect();
            let left = Moment::now().until(due).as_millis() + 1;
            let _ = poll(&mut fds, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX));
            self.clients.retain_mut(|client| client.is_left_behind(log_end));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    use crate::supervisor::attach::control_socket::{Control, OutputStream};
    use crate::task::phase::Phase;
    use crate::units::moment::Moment;
    use crate::wire::{Access, AttachRequest, Flow, Frame, FrameKind, Reply, decode};

    /// Everything that has come, as replies.
    fn replies(from: &mut UnixStream) -> Vec<Reply> {
        let (mut bytes, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
        while let Ok(n @ 1..) = from.read(&mut buffer) {
            bytes.extend_from_slice(&buffer[..n]);
        }
        let frames = std::iter::from_fn(|| decode(&mut bytes).expect("our own frames"));
        let replies = frames.filter(|frame| frame.kind == FrameKind::Reply);
        replies.map(|frame| serde_json::from_slice(&frame.body).expect("a reply")).collect()
    }

    #[test]
    fn whoever_catches_up_when_something_is_told_hears_how_much_he_missed() {
        let (ours, mut theirs) = UnixStream::pair().expect("a connection");
        theirs.set_nonblocking(true).expect("set");
        let mut control = Control::closed();
        let at = control.admit(ours).expect("a client");
        control.client(at).attach(AttachRequest { size: None, access: Access::Full, flow: Flow::Screen });
        let output = vec![b'x'; 32 * 1024];
        let shown: Vec<u64> = (0..64).map(|n| n * output.len() as u64).collect();
        shown.iter().for_each(|log_before| control.broadcast(OutputStream::Terminal, &output, *log_before));
        assert_eq!(replies(&mut theirs), [], "it is behind");
        control.tell_attached(&Reply::Phase(Phase::Paused), 2_000_000);
        let told = replies(&mut theirs);
        let [Reply::Phase(Phase::Paused), Reply::Gap { from, to: 2_000_000 }] = told[..] else { panic!("{told:?}") };
        assert!(from > 0 && shown.contains(&from), "{from}");
    }

    #[test]
    fn whoever_takes_nothing_or_a_little_keeps_no_supervisor() {
        let (idle, _unread) = UnixStream::pair().expect("a connection");
        let (slow, mut trickle) = UnixStream::pair().expect("a connection");
        let (fast, mut quick) = UnixStream::pair().expect("a connection");
        let mut control = Control::closed();
        for stream in [idle, slow, fast] {
            let at = control.admit(stream).expect("a client");
            control.client(at).attach(AttachRequest { size: None, access: Access::Full, flow: Flow::Streams });
        }
        let output = vec![b'x'; 32 * 1024];
        (0..512).for_each(|_| control.broadcast(OutputStream::Output, &output, 0));
        let reader = std::thread::spawn(move || {
            let mut all = Vec::new();
            quick.read_to_end(&mut all).map(|_| all)
        });
        let trickler = std::thread::spawn(move || while trickle.read(&mut [0; 1]).is_ok_and(|n| n > 0) {});
        let began = Moment::now();
        control.finish_within(Duration::from_secs(2), 0);
        assert!(began.until(Moment::now()) >= Duration::from_secs(2), "two are behind");
        let all = reader.join().expect("a thread").expect("read");
        let mut complete = Vec::new();
        Frame::reply(&Reply::Complete).encode(&mut complete);
        assert!(all.ends_with(&complete) && all.len() > 512 * output.len(), "one has it all: {}", all.len());
        trickler.join().expect("a thread");
    }
}

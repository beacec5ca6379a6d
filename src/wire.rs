//! What is said over a task's control socket: frames, the version first.
//!
//! *Shape* of a frame: version (u8), kind (u8), length (u32, little-endian), then that many bytes.
//! A client sends frames of kind 1 (a [`Query`] as JSON) and, once attached, of kind 4 (input for
//! the terminal); the supervisor answers with frames of kind 2 (a [`Reply`] as JSON), 3 (output, as
//! it came from the terminal), and to whoever asked for the streams apart 5 (standard output) and 6
//! (standard error). Who sends anything else is told why in a last reply, and cut off.

use serde::{Deserialize, Serialize};

use crate::task::phase::Phase;
use crate::task::request::{Request, RequestAnswer};
use crate::task::survivor::Survivor;
use crate::units::size::Size;
use crate::units::tty_modes::LineFeed;

/// The protocol's version.
pub const VERSION: u8 = 1;
/// The longest body of a frame. *Units*: bytes.
pub const LONGEST: usize = 64 * 1024;

const HEADER: usize = 6;

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// A [`Query`].
    Query,
    /// A [`Reply`].
    Reply,
    /// The task's output.
    Output,
    /// Input for the task's terminal.
    Input,
    /// What the task wrote to a standard output that is not its terminal.
    StandardOutput,
    /// The same of standard error.
    StandardError,
}

/// Kinds in the order of their numbers, from 1.
pub const KINDS: [FrameKind; 6] = [
    FrameKind::Query,
    FrameKind::Reply,
    FrameKind::Output,
    FrameKind::Input,
    FrameKind::StandardOutput,
    FrameKind::StandardError,
];

/// The one line that a supervisor sends back to whoever began it, as JSON, through a pipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Report {
    /// The command was executed.
    Launched {
        /// The leader's pid.
        pid: i32,
        /// Limits that are enforced by less than was asked for, a sentence each.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        weaker: Vec<String>,
    },
    /// It waits, and the command is executed when what it waits for has come.
    Queued {
        /// For what, in words.
        why: String,
    },
    /// It was to wait for what will not come any more: nothing is executed, and that is recorded.
    Cancelled {
        /// Why.
        why: String,
    },
    /// It could not be, and that is recorded.
    Unlaunched {
        /// Why.
        why: String,
        /// What a shell would report.
        code: i32,
    },
    /// The supervisor itself could not work; nothing was started.
    Failed {
        /// Why.
        why: String,
    },
}

/// Whether the next frame carries input, as far as its head has come.
pub fn is_input(bytes: &[u8]) -> bool {
    matches!(bytes, [VERSION, number, ..] if KINDS.get(usize::from(*number).wrapping_sub(1)) == Some(&FrameKind::Input))
}

/// A frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What it carries.
    pub kind: FrameKind,
    /// The body.
    pub body: Vec<u8>,
}

/// What can be asked over the socket: what is live. (What must work without it is a
/// [request](crate::task::request).)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Query {
    /// How the task stands, once.
    Info,
    /// The task's output from now on, until it is over.
    Watch,
    /// The task's terminal, from now on: its [`Screen`], then its output; what is typed goes to it.
    Attach(AttachRequest),
    /// An attached client's terminal has another size now.
    Resize(Size),
    /// The [`Screen`], once; of an attached client, anew.
    Screen,
    /// What follows as input goes to the terminal; nothing is shown.
    Type,
    /// The key that ends input, as the terminal has it now (^D), is typed.
    End,
    /// To be told, with [`Reply::Typed`], when the terminal has taken all that was typed.
    Typed,
    /// A request that cannot be written as a file, as the disk is full.
    Request(Request),
}

/// How a client attaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachRequest {
    /// The size of its terminal, if the task's is to have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
    /// Whether it may type.
    pub access: Access,
    /// What it gets.
    pub flow: Flow,
}

/// What an attached client may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Type, and give the terminal its size.
    Full,
    /// Look.
    ReadOnly,
}

/// What an attached client gets of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flow {
    /// All in one, for a screen. What it does not read in time is left out, and told as a
    /// [`Reply::Gap`].
    Screen,
    /// Each stream apart, and all of it: the task waits for whoever does not read, as it would in a
    /// pipeline.
    Streams,
}

/// What the supervisor answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// How the task stands.
    Info {
        /// Its phase.
        phase: Phase,
        /// Its living processes.
        processes: Vec<Survivor>,
        /// How long its log is. *Units*: bytes.
        log_bytes: u64,
    },
    /// This much output was left out because it was not read in time. *Units*: bytes.
    Skipped(u64),
    /// An attached client did not read this part of the log in time. *Units*: bytes from the log's
    /// beginning.
    Gap {
        /// Where it begins.
        from: u64,
        /// Where it ends.
        to: u64,
    },
    /// What is on the screen.
    Screen(Screen),
    /// The screen's picture is complete; what follows is live.
    Live,
    /// A line feed in the output that follows means this.
    LineFeed(LineFeed),
    /// The phase is another now.
    Phase(Phase),
    /// The leader stopped where it is: whoever is told gives the user's terminal back, as a shell's
    /// job does.
    Suspended,
    /// So many bytes of what was typed were dropped by the terminal: a line was too long for it.
    Dropped(u64),
    /// The terminal has taken all that was typed.
    Typed,
    /// Whether the task waits for input on its terminal now.
    Waiting(bool),
    /// The answer to a request.
    Answer(RequestAnswer),
    /// Whoever asked for the streams has had all of them.
    Complete,
    /// Why nothing more will come.
    Refused(String),
}

/// What is on a task's screen. The screen that a full-screen program has for itself follows as
/// output, up to [`Reply::Live`]; the one below it is what the log shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    /// Its size.
    pub size: Size,
    /// Where this run's log begins. *Units*: bytes.
    pub log_start: u64,
    /// Up to where the log has what the screen below shows. *Units*: bytes.
    pub log_end: u64,
    /// Whether a full-screen program has a screen for itself.
    pub is_alternate: bool,
    /// What a line feed means now.
    pub line_feed: LineFeed,
    /// The task's phase.
    pub phase: Phase,
    /// Whether it waits for input.
    pub is_waiting: bool,
}

/// Why bytes are no frame.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFrame {
    /// Another version, or not our protocol at all.
    #[error("protocol version {0} is not spoken here, only {VERSION}")]
    Version(u8),
    /// An unknown kind.
    #[error("frame kind {0} is not known")]
    Kind(u8),
    /// Longer than any frame may be.
    #[error("a frame of {0} bytes is too long")]
    Length(u32),
}

impl Frame {
    /// A frame that carries a query.
    pub fn query(query: &Query) -> Frame {
        Frame { kind: FrameKind::Query, body: serde_json::to_vec(query).expect("plain data always serialises") }
    }

    /// A frame that carries a reply.
    pub fn reply(reply: &Reply) -> Frame {
        Frame { kind: FrameKind::Reply, body: serde_json::to_vec(reply).expect("plain data always serialises") }
    }

    /// Appends the frame's bytes. A body is at most [`LONGEST`].
    pub fn encode(&self, out: &mut Vec<u8>) {
        encode_parts(self.kind, &self.body, out);
    }
}

/// Appends a frame of this kind and body.
pub fn encode_parts(kind: FrameKind, body: &[u8], out: &mut Vec<u8>) {
    out.push(VERSION);
    out.push(KINDS.iter().position(|known| *known == kind).map_or(0, |at| at as u8 + 1));
    out.extend_from_slice(&(body.len() as u32).to_le_bytes());
    out.extend_from_slice(body);
}

/// Takes the first whole frame off the front of `bytes`; `None` when more must come first.
pub fn decode(bytes: &mut Vec<u8>) -> Result<Option<Frame>, BadFrame> {
    // Each byte is judged as soon as it is there: garbage is not waited out.
    if let Some(&version) = bytes.first().filter(|v| **v != VERSION) {
        return Err(BadFrame::Version(version));
    }
    let kind = match bytes.get(1) {
        None => return Ok(None),
        Some(&number) => match KINDS.get(usize::from(number).wrapping_sub(1)) {
            Some(kind) => *kind,
            None => return Err(BadFrame::Kind(number)),
        },
    };
    let Some(length) = bytes.get(2..HEADER) else { return Ok(None) };
    let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]);
    if length as usize > LONGEST {
        return Err(BadFrame::Length(length));
    }
    let end = HEADER + length as usize;
    if bytes.len() < end {
        return Ok(None);
    }
    let body = bytes[HEADER..end].to_vec();
    bytes.drain(..end);
    Ok(Some(Frame { kind, body }))
}

#[cfg(test)]
mod tests {
    use super::{BadFrame, Frame, KINDS, LONGEST, decode};
    use proptest::prelude::*;

    fn any_frame() -> impl Strategy<Value = Frame> {
        let kind = proptest::sample::select(&KINDS[..]);
        (kind, proptest::collection::vec(any::<u8>(), 0..40)).prop_map(|(kind, body)| Frame { kind, body })
    }

    #[test]
    fn a_frame_that_is_too_long_is_refused_before_it_comes() {
        let mut bytes = vec![1, 1];
        bytes.extend_from_slice(&(LONGEST as u32 + 1).to_le_bytes());
        assert_eq!(decode(&mut bytes), Err(BadFrame::Length(LONGEST as u32 + 1)));
    }

    proptest! {
        #[test]
        fn frames_come_back_however_they_are_cut(frames in proptest::collection::vec(any_frame(), 0..4), step in 1usize..9) {
            let mut sent = Vec::new();
            frames.iter().for_each(|f| f.encode(&mut sent));
            let (mut buffer, mut got) = (Vec::new(), Vec::new());
            for piece in sent.chunks(step) {
                buffer.extend_from_slice(piece);
                while let Some(frame) = decode(&mut buffer).expect("our own frames") {
                    got.push(frame);
                }
            }
            prop_assert_eq!(got, frames);
            prop_assert!(buffer.is_empty());
        }

        #[test]
        fn garbage_is_refused_or_waited_on(mut bytes: Vec<u8>) {
            let before = bytes.clone();
            match decode(&mut bytes) {
                Ok(Some(frame)) => prop_assert!(frame.body.len() <= before.len()),
                Ok(None) | Err(_) => prop_assert_eq!(bytes, before),
            }
        }
    }
}

//! `aos send`: types for a task.

use std::io::{self, Read};

use clap::Args;

use crate::actions::failure::{Failure, NO, NOT_STARTED, USAGE, VerbResult};
use crate::actions::{output, own_task, select};
use crate::cli::verb::{Caller, Verb};
use crate::client::ClientError;
use crate::client::connection::{Connection, Message};
use crate::screen::keys::KeySequence;
use crate::store::layout::Home;
use crate::sys::tty::LONGEST_LINE;
use crate::task::id::TaskId;
use crate::task::task_filter::TaskFilter;
use crate::units::span::Span;
use crate::wire::{Query, Reply};

/// Type text or keys at a task's terminal
///
/// `aos send web yes` types yes and Enter. With --key the keys are typed instead of Enter:
/// `aos send web --key C-c`. Returns when the terminal has taken all of it.
#[derive(Args)]
pub struct Send {
    /// The task
    #[arg(value_name = "ID")]
    id: String,
    /// The text
    #[arg(value_name = "TEXT", allow_negative_numbers = true)]
    text: Option<String>,
    /// Type this key after the text: C-c, M-x, Enter, Up, F1
    #[arg(short, long, value_name = "KEY")]
    key: Vec<KeySequence>,
    /// Type no Enter after the text
    #[arg(short = 'N', long)]
    no_enter: bool,
    /// Type standard input, to the byte
    #[arg(long, conflicts_with_all = ["text", "key"])]
    stdin: bool,
    /// Type ^D at the end, which ends the task's input
    #[arg(long)]
    eof: bool,
    /// Give up if the terminal has not taken it after this time
    #[arg(long, value_name = "TIME", default_value = "5s")]
    timeout: Span,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const ENTER: &[u8] = b"\r";
const PIECE: usize = 16 * 1024;

const EXAMPLES: &str = "  aos send web yes            type yes and Enter
  aos send web --key C-c      type ^C
  echo 1+1 | aos send py --stdin --eof";

impl Verb for Send {
    const NAME: &'static str = "send";
    const FIT: TaskFilter = TaskFilter::Living;
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, _: &mut Caller) -> VerbResult {
        if self.text.is_none() && self.key.is_empty() && !self.stdin && !self.eof {
            return Err(Failure::new(USAGE, "nothing to type").hint("aos send ID TEXT, --key C-c, --stdin or --eof"));
        }
        let home = Home::open()?;
        let ids = select::tasks(&home, std::slice::from_ref(&self.id))?.whole()?;
        own_task::tell(&home, &ids, "reads what is typed there at this terminal");
        for id in ids {
            let typed = self.type_for(&home, id)?;
            if self.json {
                output::object(serde_json::json!({ "id": id, "typed": typed }))?;
            }
        }
        Ok(0)
    }
}

impl Send {
    /// Gives how many bytes were typed. *Errors*: also where the terminal dropped some.
    fn type_for(&self, home: &Home, id: TaskId) -> Result<u64, Failure> {
        let mut connection = Connection::open(home, id)?;
        connection.ask(Query::Type)?;
        let (typed, dropped) = match self.stdin {
            true => self.type_stdin(&mut connection, id)?,
            false => {
                let bytes = self.bytes();
                let ends = if self.eof { ends(&bytes) } else { 0 };
                (bytes.len() as u64, self.type_in(&mut connection, id, &bytes, ends)?)
            }
        };
        if dropped == 0 {
            return Ok(typed);
        }
        let arrived = typed.saturating_sub(dropped);
        let why =
            format!("{arrived} of {typed} bytes arrived: the terminal of {id} keeps {LONGEST_LINE} bytes of a line");
        Err(Failure::new(NO, why).hint("end each line sooner, or have the task read keys (stty -icanon)"))
    }

    /// Types what comes; gives how many bytes that were, and how many of them the terminal dropped.
    fn type_stdin(&self, connection: &mut Connection, id: TaskId) -> Result<(u64, u64), Failure> {
        let (mut typed, mut dropped, mut piece, mut at_end) = (0, 0, vec![0; PIECE], ends(b""));
        loop {
            let length = read(&mut piece)?;
            if length == 0 {
                dropped += self.type_in(connection, id, b"", if self.eof { at_end } else { 0 })?;
                return Ok((typed, dropped));
            }
            dropped += self.type_in(connection, id, &piece[..length], 0)?;
            (typed, at_end) = (typed + length as u64, ends(&piece[..length]));
        }
    }

    /// Types, ends the input so many times, and waits until the terminal has it all; gives how much
    /// of it that dropped.
    fn type_in(&self, connection: &mut Connection, id: TaskId, input: &[u8], ends: usize) -> Result<u64, Failure> {
        let queries = [vec![Query::End; ends], vec![Query::Typed]].concat();
        connection.send(input, &queries)?;
        self.until_typed(connection, id)
    }

    fn bytes(&self) -> Vec<u8> {
        // A line end in it is typed as Enter is.
        let mut bytes: Vec<u8> =
            self.text.iter().flat_map(|text| text.bytes()).map(|b| if b == b'\n' { b'\r' } else { b }).collect();
        if self.text.is_some() && self.key.is_empty() && !self.no_enter {
            bytes.extend_from_slice(ENTER);
        }
        self.key.iter().for_each(|key| bytes.extend_from_slice(key.bytes()));
        bytes
    }

    fn until_typed(&self, connection: &mut Connection, id: TaskId) -> Result<u64, Failure> {
        let mut dropped = 0;
        let deadline = std::time::Instant::now() + self.timeout.duration();
        loop {
            match connection.next_until(deadline)? {
                Some(Message::Reply(Reply::Dropped(bytes))) => dropped += bytes,
                Some(Message::Reply(Reply::Typed)) => return Ok(dropped),
                Some(Message::Reply(Reply::Refused(why))) => return Err(ClientError::Refused { id, why }.into()),
                Some(_) => {}
                None if connection.is_over() => {
                    return Err(Failure::new(NO, format!("{id} ended before it had it all")));
                }
                None => {
                    let why = format!("the terminal of {id} has not taken it all after {}", self.timeout);
                    return Err(Failure::new(NO, why).hint("the task does not read; what is left waits for it"));
                }
            }
        }
    }
}

/// How often the key that ends input is to be typed after this: within a line, the first time only
/// ends that.
fn ends(input: &[u8]) -> usize {
    match input.last() {
        None | Some(b'\n' | b'\r') => 1,
        Some(_) => 2,
    }
}

fn read(piece: &mut [u8]) -> Result<usize, Failure> {
    io::stdin().read(piece).map_err(|e| Failure::new(NOT_STARTED, format!("cannot read standard input: {e}")))
}

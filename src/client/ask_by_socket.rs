//! Asking something of a living task over its control socket, where no file can be written.

use std::time::{Duration, Instant};

use super::ClientError;
use super::connection::{Connection, Message};
use super::work::Work;
use crate::store;
use crate::store::layout::Home;
use crate::sys::disk;
use crate::task::id::TaskId;
use crate::task::request::{Request, RequestAnswer};
use crate::wire::{Query, Reply};

/// Whether a request could not be written because there is no room, or none may be taken.
pub fn is_unwritable(why: &ClientError) -> bool {
    match why {
        ClientError::Store(store::StoreError::File { source, .. }) => {
            disk::is_full(source) || disk::is_read_only(source)
        }
        _ => false,
    }
}

/// What is answered within that time, for which a supervisor needs a processor; `None` where the
/// socket cannot be reached, and where the supervisor is of a version that hears no requests there.
/// *Errors*: [`ClientError::NotRunning`]; [`ClientError::NoAnswer`], also where the task ended
/// meanwhile.
pub fn ask(
    home: &Home,
    id: TaskId,
    request: Request,
    patience: Duration,
    work: &Work,
) -> Result<Option<RequestAnswer>, ClientError> {
    let mut connection = match Connection::open(home, id) {
        Ok(connection) => connection,
        Err(ClientError::NoSocket { .. }) => return Ok(None),
        Err(other) => return Err(other),
    };
    connection.ask(Query::Request(request))?;
    let mut deadline = Instant::now() + patience;
    loop {
        match connection.next_until(deadline)? {
            Some(Message::Reply(Reply::Answer(answer))) => return Ok(Some(answer)),
            Some(Message::Reply(Reply::Refused(_))) => return Ok(None),
            Some(Message::Reply(_) | Message::Output(..)) => {}
            None if !connection.is_over() && work.waits_for_processor() => deadline = Instant::now() + patience,
            None => return Err(ClientError::NoAnswer(id)),
        }
    }
}

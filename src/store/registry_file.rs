//! The registry's file.
//!
//! *Shape* of `index.json`: `{"version":1,"crc32":N,"tasks":[…]}`, one row a line, in the order of
//! ids. The checksum is of the bytes from the first `[` on: rows of a file that is whole need not
//! all be parsed.

use std::fs::File;
use std::io;

use super::StoreError;
use super::layout::{Home, INDEX, INDEX_LOCK};
use super::sketch::{Sketch, id_of};
use crate::sys::dir::OpenMode;
use crate::sys::regular::NotRegular;
use crate::task::format::{self, BadFormat};
use crate::task::summary::Summary;

/// The version of the registry's format.
const VERSION: u32 = 1;
/// The registry is not longer: 50,000 rows take 30 MB. *Units*: bytes.
const LONGEST: u64 = 512 << 20;

/// A row as it stands in the file, or one that is newer.
#[derive(Clone, Copy)]
pub(super) enum StoredRow<'a> {
    Filed(&'a [u8]),
    Fresh(&'a Summary<'static>),
}

impl<'a> StoredRow<'a> {
    pub(super) fn is_living(&self) -> bool {
        match self {
            StoredRow::Filed(_) => false,
            StoredRow::Fresh(row) => row.status.is_living(),
        }
    }

    pub(super) fn sketch(self) -> Option<Sketch<'a>> {
        match self {
            StoredRow::Filed(line) => Sketch::of_line(line),
            StoredRow::Fresh(row) => Some(Sketch::of(row)),
        }
    }

    pub(super) fn summary(self) -> Option<Summary<'a>> {
        match self {
            StoredRow::Filed(line) => serde_json::from_slice(line).ok(),
            StoredRow::Fresh(row) => Some(row.borrowed()),
        }
    }
}

/// The highest id in the registry, if it can be read.
pub fn highest_id(home: &Home) -> Option<u32> {
    lines(&read(home).ok()??).filter_map(id_of).map(|id| id.0).max()
}

pub(super) fn lock_file(home: &Home) -> io::Result<File> {
    home.logs().map_err(io::Error::other)?.own_file(INDEX_LOCK, OpenMode::Make)
}

/// The file's bytes; `None` where there is no file, or not a whole one.
pub(super) fn read(home: &Home) -> Result<Option<Vec<u8>>, StoreError> {
    let logs = home.logs()?;
    let bytes = match logs.read(INDEX, LONGEST) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) if NotRegular::of(&e).is_some() || e.kind() == io::ErrorKind::PermissionDenied => {
            // Where that fails, it is made again in memory each time.
            let _ = logs.move_aside(INDEX);
            return Ok(None);
        }
        Err(source) => return Err(StoreError::File { doing: "read", what: INDEX.into(), source }),
    };
    if is_whole(&bytes) {
        return Ok(Some(bytes));
    }
    match format::check(&bytes, VERSION, &[]) {
        Ok(_) | Err(BadFormat::Damaged(_)) => Ok(None),
        Err(newer) => Err(StoreError::of_format(INDEX.into(), newer)),
    }
}

pub(super) fn is_whole(bytes: &[u8]) -> bool {
    let Some(start) = memchr::memchr(b'[', bytes) else { return false };
    bytes[..start] == head(&bytes[start..])[..]
}

/// What stands before these rows.
fn head(rows: &[u8]) -> Vec<u8> {
    format!("{{\"version\":{VERSION},\"crc32\":{},\"tasks\":", crc32fast::hash(rows)).into_bytes()
}

pub(super) fn write(home: &Home, rows: &[StoredRow<'_>]) -> io::Result<()> {
    home.logs().map_err(io::Error::other)?.replace(INDEX, &encode(rows))
}

/// The whole file.
pub(super) fn encode(rows: &[StoredRow<'_>]) -> Vec<u8> {
    let mut body = b"[\n".to_vec();
    join(&mut body, rows, b",\n");
    body.extend_from_slice(b"\n]}\n");
    [head(&body), body].concat()
}

pub(super) fn join(out: &mut Vec<u8>, rows: &[StoredRow<'_>], between: &[u8]) {
    for (i, row) in rows.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(between);
        }
        match row {
            StoredRow::Filed(line) => out.extend_from_slice(line),
            StoredRow::Fresh(row) => serde_json::to_writer(&mut *out, row).expect("plain data always serialises"),
        }
    }
}

/// The rows of a whole file.
pub(super) fn lines(index: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    let rows = memchr::memchr_iter(b'\n', index).map(move |end| &index[std::mem::replace(&mut start, end + 1)..end]);
    rows.filter(|line| line.starts_with(b"{\"id\":")).map(|line| line.strip_suffix(b",").unwrap_or(line))
}

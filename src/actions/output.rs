//! Where data goes: standard output, with colours only where somebody looks.

use std::env;
use std::io::{self, IsTerminal, StderrLock, StdoutLock, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use anstream::{AutoStream, ColorChoice};
use serde::Serialize;
use serde_json::Value;

use crate::actions::guarded::Guarded;
use crate::actions::json::VERSION;
use crate::ansi::{Colours, in_json, printable};
use crate::sys::tty;
use crate::units::size::Size;

/// Standard output, which drops colours by itself where they have no place, and what could drive a
/// terminal on one.
#[expect(clippy::disallowed_methods, reason = "this is the printer")]
pub fn data() -> Guarded<AutoStream<StdoutLock<'static>>> {
    Guarded::new(anstream::stdout().lock(), is_seen())
}

/// Prints a text of many lines as [`data`] would, in as few calls of the kernel as can be.
pub fn lines(text: &str) -> io::Result<()> {
    let mut styled = AutoStream::new(Vec::new(), AutoStream::choice(&io::stdout()));
    Guarded::new(&mut styled, is_seen()).write_all(text.as_bytes())?;
    io::stdout().lock().write_all(&styled.into_inner())
}

/// Standard output for text that is safe as it is and has links of ours in it, which [`data`] lets
/// nobody print.
#[expect(clippy::disallowed_methods, reason = "this is the printer")]
pub fn with_links() -> AutoStream<StdoutLock<'static>> {
    anstream::stdout().lock()
}

/// Standard error, as [`data`].
#[expect(clippy::disallowed_methods, reason = "this is the printer")]
pub fn talk() -> Guarded<AutoStream<StderrLock<'static>>> {
    Guarded::new(anstream::stderr().lock(), io::stderr().is_terminal())
}

/// Whether somebody looks.
pub fn is_seen() -> bool {
    io::stdout().is_terminal()
}

/// Whether the reader's terminal can only be printed to, line after line, as far as is known.
/// *Source*: git's `is_terminal_dumb`.
pub fn is_dumb() -> bool {
    env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb")
}

/// What becomes of a log's colours: they pass where somebody looks and wants them, and where they
/// are asked for.
pub fn colours() -> Colours {
    match AutoStream::choice(&io::stdout()) {
        ColorChoice::Never => Colours::Drop,
        ColorChoice::Auto | ColorChoice::Always | ColorChoice::AlwaysAnsi => Colours::Pass,
    }
}

/// How large the reader's terminal is; `None` where there is none.
pub fn size() -> Option<Size> {
    tty::size(io::stdout())
}

/// How wide the reader's terminal is; `None` where there is none, and nothing need be cut.
pub fn width() -> Option<usize> {
    size().map(|size| usize::from(size.cols))
}

/// Prints one line of plain text, made safe.
pub fn line(text: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{}", printable(text))
}

/// Prints a path as a line: to the byte for a program, made safe for a reader.
pub fn path(path: &Path) -> io::Result<()> {
    if is_seen() {
        return line(&path.to_string_lossy());
    }
    let mut out = io::stdout().lock();
    out.write_all(path.as_os_str().as_bytes())?;
    out.write_all(b"\n")
}

/// Says what of a task's limits is enforced by less than was asked for: that is never kept from who
/// asked.
pub fn weaker(sentences: &[String]) -> io::Result<()> {
    sentences.iter().try_for_each(|sentence| writeln!(talk(), "aos: {sentence}"))
}

/// Prints an object as one line of JSON, with the version of its shape.
pub fn object(mut object: Value) -> io::Result<()> {
    object["version"] = VERSION.into();
    json(&object)
}

/// Prints a value as one line of JSON.
pub fn json(value: &impl Serialize) -> io::Result<()> {
    let mut json = serde_json::to_vec(value).map_err(io::Error::from)?;
    json.push(b'\n');
    io::stdout().lock().write_all(&in_json::safe(&json))
}

//! What the files of a log are called.
//!
//! | name | what |
//! |---|---|
//! | `web.log` | the newest segment, which grows |
//! | `web.log.7` | an older one; numbers count up from 1 in time |
//! | `web.log.7.zst` | the same, compressed |
//! | `web.log.idx`, `web.log.7.idx` | the index beside a segment ([`crate::logs::store::index`]) |

/// What every log's name ends in.
const LOG: &str = ".log";

/// The index beside the newest segment.
pub fn index(log: &str) -> String {
    format!("{log}.idx")
}

/// An older segment.
pub fn segment(log: &str, number: u32) -> String {
    format!("{log}.{number}")
}

/// An older segment once it is compressed.
pub fn compressed(log: &str, number: u32) -> String {
    format!("{log}.{number}.zst")
}

/// The index beside an older segment.
pub fn segment_index(log: &str, number: u32) -> String {
    format!("{log}.{number}.idx")
}

/// What a segment is compressed into before it has its name.
pub fn compressing(log: &str, number: u32) -> String {
    format!(".{log}.{number}.zst.tmp")
}

/// What a file of a log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFile {
    /// The newest segment.
    Newest,
    /// The index beside it.
    NewestIndex,
    /// An older segment.
    Segment(u32),
    /// An older segment, compressed.
    Compressed(u32),
    /// The index beside an older segment.
    Index(u32),
    /// What was left of an attempt to compress.
    Rest,
}

/// What `name` is to the log `log`, if anything.
pub fn part(log: &str, name: &str) -> Option<LogFile> {
    if let Some(hidden) = name.strip_prefix('.') {
        let number = hidden.strip_prefix(log)?.strip_prefix('.')?.strip_suffix(".zst.tmp")?;
        return number.parse::<u32>().is_ok().then_some(LogFile::Rest);
    }
    let rest = name.strip_prefix(log)?;
    if rest.is_empty() {
        return Some(LogFile::Newest);
    }
    let rest = rest.strip_prefix('.')?;
    if rest == "idx" {
        return Some(LogFile::NewestIndex);
    }
    let (number, kind) = rest.split_once('.').map_or((rest, None), |(number, kind)| (number, Some(kind)));
    // `+7` parses too, and is no name of ours.
    let number = number.parse().ok().filter(|_| number.bytes().all(|byte| byte.is_ascii_digit()))?;
    match kind {
        None => Some(LogFile::Segment(number)),
        Some("zst") => Some(LogFile::Compressed(number)),
        Some("idx") => Some(LogFile::Index(number)),
        Some(_) => None,
    }
}

/// The logs that a file of this name might be a part of.
pub fn logs_of(name: &str) -> impl Iterator<Item = &str> {
    let name = name.strip_prefix('.').unwrap_or(name);
    // A task may be called `a.log`: which `.log` ends the log's name is not known here.
    name.match_indices(LOG).map(|(at, _)| &name[..at + LOG.len()])
}

#[cfg(test)]
mod tests {
    use crate::logs::store::names::{LogFile, compressed, compressing, index, logs_of, part, segment, segment_index};

    #[test]
    fn every_name_is_read_as_what_it_is() {
        let log = "task-001-web.log";
        for (name, is) in [
            (log.to_owned(), LogFile::Newest),
            (index(log), LogFile::NewestIndex),
            (segment(log, 7), LogFile::Segment(7)),
            (compressed(log, 7), LogFile::Compressed(7)),
            (segment_index(log, 7), LogFile::Index(7)),
            (compressing(log, 7), LogFile::Rest),
        ] {
            assert_eq!(part(log, &name), Some(is), "{name}");
            assert!(logs_of(&name).any(|of| of == log), "{name}");
        }
        for other in ["task-001-web.logs", "task-001-web.log.x", "task-001-web.log.+7", "task-002-web.log", ".x"] {
            assert_eq!(part(log, other), None, "{other}");
        }
    }
}

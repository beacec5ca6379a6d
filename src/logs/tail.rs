//! The end of a log: where its last lines begin.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use memchr::memrchr;

const BLOCK: u64 = 64 * 1024;

/// Where the last `lines` lines of `file` begin, looking no further back than `from`. A last line
/// without an end counts as one. Reads backwards, only as far as needed. *Units*: bytes.
pub fn start_of_last(file: &File, lines: u64, from: u64) -> io::Result<u64> {
    start_of_last_of(file, lines, from, file.metadata()?.len())
}

/// The same of the part of the file up to `end`.
pub fn start_of_last_of(file: &File, lines: u64, from: u64, end: u64) -> io::Result<u64> {
    if lines == 0 || end <= from {
        return Ok(end.max(from));
    }
    let mut block = vec![0; BLOCK as usize];
    // The line end that closes the last line is not one between lines.
    let mut position = end - 1;
    let mut seen = 0;
    while position > from {
        let start = position.saturating_sub(BLOCK).max(from);
        let part = &mut block[..(position - start) as usize];
        file.read_exact_at(part, start)?;
        let mut until = part.len();
        while let Some(at) = memrchr(b'\n', &part[..until]) {
            seen += 1;
            if seen == lines {
                return Ok(start + at as u64 + 1);
            }
            until = at;
        }
        position = start;
    }
    Ok(from)
}

#[cfg(test)]
mod tests {
    use super::start_of_last;
    use proptest::prelude::*;
    use std::io::Write;

    proptest! {
        #[test]
        fn agrees_with_counting_from_the_front(text in "[a\n]{0,40}", lines in 0u64..6, from in 0usize..10) {
            let mut file = tempfile::tempfile().expect("a file");
            file.write_all(text.as_bytes()).expect("written");
            let from = from.min(text.len());
            let body = &text[from..];
            let all: Vec<&str> = body.split_inclusive('\n').collect();
            let wanted: usize = all[..all.len().saturating_sub(lines as usize)].iter().map(|l| l.len()).sum();
            prop_assert_eq!(start_of_last(&file, lines, from as u64).expect("read"), (from + wanted) as u64);
        }
    }
}

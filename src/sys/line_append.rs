//! Appending lines to a file to which others may append as well.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

/// Appends `lines`, which end in a line end, in one write. Where the file does not end in one, as a
/// full disk or a crash has torn what came before, they begin with one: what is torn is a line of
/// its own, and takes none of these with it. Readers pass over torn and empty lines.
pub fn append_lines(mut file: &File, lines: &[u8]) -> io::Result<()> {
    if is_torn(file) {
        return file.write_all(&[b"\n", lines].concat());
    }
    file.write_all(lines)
}

fn is_torn(file: &File) -> bool {
    let mut last = [0];
    let length = file.metadata().map_or(0, |meta| meta.len());
    length > 0 && file.read_exact_at(&mut last, length - 1).is_ok() && last != *b"\n"
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write;

    use super::append_lines;

    #[test]
    fn what_is_torn_becomes_a_line_of_its_own() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("lines");
        let mut file = File::options().read(true).append(true).create(true).open(&path).expect("a file");
        append_lines(&file, b"one\n").expect("appended");
        file.write_all(b"to").expect("torn");
        append_lines(&file, b"three\n").expect("appended");
        append_lines(&file, b"four\n").expect("appended");
        assert_eq!(std::fs::read(&path).expect("lines"), b"one\nto\nthree\nfour\n");
    }
}

//! What tells a line that shows progress from one that has numbers in it.

/// What bars are made of where they are full, and where they are not.
const FULL: &str = "#=█▉▊▋▌▍▎▏▇▓■▬━╸╺⣿⣷⣶⣦⣤⣄⣀⡀●*>";
const EMPTY: &str = " .-░▒─┈╌□○·⠂⠄_╺";
/// Cells of which no text is made: a few of them are a bar, whatever they stand in.
const BLOCKS: &str = "█▉▊▋▌▍▎▏▓░━╸╺■▬⣿";
/// A bar has no fewer cells. *Units*: characters.
const LEAST: usize = 3;
/// Words of programs that count what they do.
const COUNTED: [&str; 46] = [
    "batch",
    "building",
    "case",
    "checking",
    "chunk",
    "compiled",
    "compiling",
    "completed",
    "copied",
    "copying",
    "converted",
    "done",
    "downloaded",
    "downloading",
    "epoch",
    "extracting",
    "fetching",
    "file",
    "files",
    "finished",
    "frame",
    "image",
    "images",
    "indexed",
    "indexing",
    "installing",
    "item",
    "items",
    "iteration",
    "job",
    "layer",
    "object",
    "objects",
    "package",
    "packages",
    "page",
    "part",
    "processed",
    "processing",
    "progress",
    "record",
    "row",
    "rows",
    "stage",
    "step",
    "task",
];
/// Words beside a percentage that is of how far something is.
const MOVING: [&str; 38] = [
    "building",
    "checking",
    "complete",
    "completed",
    "compressing",
    "converting",
    "copied",
    "copying",
    "counting",
    "done",
    "downloaded",
    "downloading",
    "encoding",
    "executing",
    "extracting",
    "fetching",
    "flashing",
    "formatting",
    "indexing",
    "installed",
    "installing",
    "loaded",
    "loading",
    "processed",
    "processing",
    "progress",
    "reading",
    "receiving",
    "resolving",
    "scanning",
    "sending",
    "training",
    "transferred",
    "unpacking",
    "updating",
    "uploading",
    "verifying",
    "writing",
];
/// Words beside a percentage of something else.
const STILL: [&str; 36] = [
    "accuracy",
    "available",
    "average",
    "battery",
    "branches",
    "busy",
    "capacity",
    "change",
    "confidence",
    "coverage",
    "covered",
    "cpu",
    "disk",
    "faster",
    "free",
    "functions",
    "hit",
    "idle",
    "larger",
    "load",
    "loss",
    "memory",
    "off",
    "passed",
    "rate",
    "ratio",
    "reduction",
    "remaining",
    "saved",
    "savings",
    "slower",
    "smaller",
    "statements",
    "sure",
    "usage",
    "used",
];

/// A bar of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Its cells that are full. *Units*: characters.
    pub full: u64,
    /// All of them.
    pub cells: u64,
}

/// The bar in a line, if there is one: `[###..]`, `|██  |`, `<==-->`, `━━━━━`.
pub fn bar(line: &str) -> Option<Bar> {
    enclosed(line).or_else(|| blocks(line)).or_else(|| hashes(line))
}

/// The cells between brackets, of which none but those of bars are.
fn enclosed(line: &str) -> Option<Bar> {
    let mut inside: Option<(char, Bar)> = None;
    for c in line.chars() {
        if let Some((closing, found)) = &mut inside {
            // First: `>` and `▏` fill bars as well as close them.
            if c == *closing && found.cells >= LEAST as u64 {
                return Some(*found);
            }
            if FULL.contains(c) || EMPTY.contains(c) {
                found.cells += 1;
                found.full += u64::from(FULL.contains(c));
                continue;
            }
        }
        inside = closing_of(c).map(|closing| (closing, Bar { full: 0, cells: 0 }));
    }
    None
}

fn closing_of(opening: char) -> Option<char> {
    match opening {
        '[' => Some(']'),
        '(' => Some(')'),
        '|' => Some('|'),
        '<' => Some('>'),
        '⸨' => Some('⸩'),
        '▕' => Some('▏'),
        _ => None,
    }
}

/// Cells that only bars have.
fn blocks(line: &str) -> Option<Bar> {
    let cells = line.chars().filter(|c| BLOCKS.contains(*c)).count() as u64;
    (cells >= LEAST as u64).then_some(Bar { full: cells, cells })
}

/// `######    45.2%`
fn hashes(line: &str) -> Option<Bar> {
    let full = line.chars().take_while(|c| *c == '#').count() as u64;
    (full >= LEAST as u64 && line.ends_with('%')).then_some(Bar { full, cells: full })
}

/// Whether a line has one of the words that stand beside what is no progress.
pub fn is_still(line: &str) -> bool {
    has_one_of(line, &STILL)
}

/// Whether a line has one of the words of what goes on.
pub fn is_moving(line: &str) -> bool {
    has_one_of(line, &MOVING)
}

/// Whether a text ends in the word of something that is counted: `Step `, `Processing file `.
pub fn ends_in_counted(before: &str) -> bool {
    let word = before.trim_end_matches([' ', ':', '#']).rsplit(|c: char| !c.is_ascii_alphabetic()).next();
    word.is_some_and(|word| is_one_of(word, &COUNTED))
}

/// Whether a text begins with the word of something that is counted: ` files copied`.
pub fn begins_with_counted(behind: &str) -> bool {
    let word = behind.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next();
    word.is_some_and(|word| is_one_of(word, &COUNTED))
}

/// Whether something is told for each second: `3.4MB/s`, `12it/s`.
pub fn has_rate(line: &str) -> bool {
    line.split_whitespace().any(|word| word.trim_end_matches([']', ')', ',']).ends_with("/s"))
}

fn has_one_of(line: &str, words: &[&str]) -> bool {
    line.split(|c: char| !c.is_ascii_alphabetic()).any(|word| is_one_of(word, words))
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|wanted| wanted.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::{Bar, bar};

    #[test]
    fn bars_are_told_from_brackets() {
        let of = |line: &str| bar(line).map(|Bar { full, cells }| (full, cells));
        assert_eq!(of("[####....] 50%"), Some((4, 8)));
        assert_eq!(of(" 45%|████▌     | 45/100"), Some((5, 10)));
        assert_eq!(of("Building [=====>     ] 45/120"), Some((6, 11)));
        assert_eq!(of("<=====-----> 45% EXECUTING"), Some((5, 10)));
        assert_eq!(of("(####⠂⠂⠂⠂) idealTree"), Some((4, 8)));
        assert_eq!(of("   ━━━━━━━━━━╸━━━━━ 5.2/10.1 MB"), Some((16, 16)));
        assert_eq!(of("######   45.2%"), Some((6, 6)));
        for line in ["[ok] 45%", "[1/2]", "a | b | 45%", "fn(x) -> y", "### title", "<div> 45%", "[INFO] (x)", "[]"] {
            assert_eq!(of(line), None, "{line}");
        }
    }
}

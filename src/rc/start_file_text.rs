//! The text of a start file with the line that loads aos, and without it. Pure.

use super::load_line::{Before, compose, is_comment, recognise};

/// A text that has the line.
#[derive(Debug, PartialEq, Eq)]
pub struct PlacedLine {
    /// The whole text.
    pub text: Vec<u8>,
    /// Where the line stands, counted from 1.
    pub number: usize,
    /// The line, without its end.
    pub line: String,
}

/// A text whose last line would go on into whatever follows.
#[derive(Debug, PartialEq, Eq)]
pub struct Unfinished;

/// The text with the line once: in the place of the first that is there, else at the end. A line
/// that was made a comment is somebody's wish, and stays one. `None` is a file that does not exist.
pub fn with(text: Option<&[u8]>, script: &str) -> Result<PlacedLine, Unfinished> {
    let old = text.unwrap_or_default();
    let mut new = Vec::with_capacity(old.len() + 256);
    let mut placed = None;
    for (i, line) in old.split_inclusive(|b| *b == b'\n').enumerate() {
        let ours = recognise(line).filter(|_| !is_comment(line));
        match (ours, &placed) {
            (None, _) => new.extend_from_slice(line),
            (Some(_), Some(_)) => {}
            (Some(before), None) => {
                let composed = compose(script, before);
                let content = line.trim_ascii_end();
                new.extend_from_slice(composed.as_bytes());
                new.extend_from_slice(&line[content.len()..]);
                placed = Some((i + 1, composed));
            }
        }
    }
    let (number, line) = match placed {
        Some(placed) => placed,
        None => append(&mut new, text, script)?,
    };
    Ok(PlacedLine { text: new, number, line })
}

/// The text without any such line; `None` when nothing is left of a file that was made for it.
pub fn without(text: &[u8]) -> Option<Vec<u8>> {
    let mut new: Vec<u8> = Vec::with_capacity(text.len());
    let mut taken_out = None;
    let mut is_made_for_it = false;
    for line in text.split_inclusive(|b| *b == b'\n') {
        match recognise(line) {
            Some(before) => {
                is_made_for_it |= before == Before::NoFile;
                taken_out = Some(before);
            }
            None => {
                new.extend_from_slice(line);
                taken_out = None;
            }
        }
    }
    // Only where nothing has been added behind it: two lines must not become one.
    if taken_out == Some(Before::NoLineEnd) && new.last() == Some(&b'\n') {
        new.pop();
    }
    (!new.is_empty() || !is_made_for_it).then_some(new)
}

/// The lines that [`without`] takes out, numbered from 1, without their ends.
pub fn ours(text: &[u8]) -> Vec<(usize, &[u8])> {
    let lines = text.split(|b| *b == b'\n').enumerate();
    lines.filter(|(_, line)| recognise(line).is_some()).map(|(i, line)| (i + 1, line.trim_ascii_end())).collect()
}

fn append(new: &mut Vec<u8>, text: Option<&[u8]>, script: &str) -> Result<(usize, String), Unfinished> {
    let last = new.strip_suffix(b"\n").unwrap_or(new).rsplit(|b| *b == b'\n').next().unwrap_or_default();
    let backslashes = last.iter().rev().take_while(|b| **b == b'\\').count();
    if backslashes % 2 == 1 && !is_comment(last) {
        return Err(Unfinished);
    }
    let before = match text {
        None => Before::NoFile,
        Some([] | [.., b'\n']) => Before::Lines,
        Some(_) => Before::NoLineEnd,
    };
    if before == Before::NoLineEnd {
        new.push(b'\n');
    }
    let line = compose(script, before);
    let number = memchr::memchr_iter(b'\n', new).count() + 1;
    new.extend_from_slice(line.as_bytes());
    new.push(b'\n');
    Ok((number, line))
}

#[cfg(test)]
mod tests {
    use super::{Unfinished, ours, with, without};
    use crate::rc::load_line::{Before, compose};
    use proptest::prelude::*;

    const SCRIPT: &str = "\"/x/shell/aos.bash\"";

    fn placed(text: &str) -> String {
        String::from_utf8(with(Some(text.as_bytes()), SCRIPT).expect("placed").text).expect("text")
    }

    #[test]
    fn the_line_is_put_at_the_end_once() {
        let once = placed("a\nb\n");
        assert_eq!(once, format!("a\nb\n{}\n", compose(SCRIPT, Before::Lines)));
        assert_eq!(placed(&once), once);
        assert_eq!(ours(once.as_bytes()).len(), 1);
        assert_eq!(with(Some(once.as_bytes()), SCRIPT).expect("placed").number, 3);
    }

    #[test]
    fn a_line_of_another_home_and_doubles_are_put_right() {
        let other = compose("\"/y/shell/aos.bash\"", Before::Lines);
        let text = format!("a\n{other}\r\nb\n{other}\nc");
        assert_eq!(placed(&text), format!("a\n{}\r\nb\nc", compose(SCRIPT, Before::Lines)));
        assert_eq!(without(text.as_bytes()), Some(b"a\nb\nc".to_vec()));
    }

    #[test]
    fn a_line_made_a_comment_is_left_and_does_not_count() {
        let comment = format!("# {}\n", compose(SCRIPT, Before::Lines));
        assert!(placed(&comment).starts_with(&comment));
        assert_eq!(without(placed(&comment).as_bytes()), Some(Vec::new()));
    }

    #[test]
    fn what_was_added_behind_stays_a_line_of_its_own() {
        let text = placed("a") + "b\n";
        assert_eq!(without(text.as_bytes()), Some(b"a\nb\n".to_vec()));
    }

    #[test]
    fn a_file_made_for_it_goes_with_it() {
        let text = with(None, SCRIPT).expect("placed").text;
        assert_eq!(without(&text), None);
        assert_eq!(without(&[&text[..], b"a\n"].concat()), Some(b"a\n".to_vec()));
        assert_eq!(without(placed("").as_bytes()), Some(Vec::new()));
    }

    #[test]
    fn nothing_is_added_to_an_unfinished_line() {
        for text in ["a \\\n", "a \\"] {
            assert_eq!(with(Some(text.as_bytes()), SCRIPT), Err(Unfinished), "{text:?}");
        }
        for text in ["a \\\\\n", "# a \\\n", "\\\n\n"] {
            assert!(with(Some(text.as_bytes()), SCRIPT).is_ok(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(mut text: Vec<u8>) {
            text.push(b';');
            for text in [&text[..], &text[..text.len() - 1]] {
                if let Ok(placed) = with(Some(text), SCRIPT) {
                    prop_assert_eq!(without(&placed.text), Some(text.to_vec()));
                }
            }
        }
    }
}

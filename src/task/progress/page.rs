//! What the end of a run's output shows of progress: the newest line that does.

use super::{Progress, ProgressUnit, line};

/// A line as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenLine {
    /// Its text, without colours.
    pub text: String,
    /// Whether it was drawn over what stood there.
    pub is_drawn: bool,
}

/// So many lines below it make progress a thing of the past.
const LOOKED_AT: usize = 24;
/// How docker names a layer.
const LAYER: usize = 12;

/// What these lines show, which end the output.
pub fn progress(lines: &[SeenLine]) -> Option<Progress> {
    let lines: Vec<&SeenLine> = lines.iter().filter(|line| !line.text.trim().is_empty()).collect();
    let lines = &lines[lines.len().saturating_sub(LOOKED_AT)..];
    if let Some(head) = lines.iter().rev().find(|line| line.text.trim_start().starts_with("[+] ")) {
        // docker tells of all steps above those that it is at.
        return line::progress(&head.text, head.is_drawn).filter(|found| !found.is_complete());
    }
    let shown = lines.iter().rev().enumerate().find_map(|(above, seen)| {
        let found = layers(&lines[..lines.len() - above]).or_else(|| line::progress(&seen.text, seen.is_drawn));
        found.map(|found| (above, found))
    });
    // What is all done, and has lines below it, was of something that is over.
    shown.filter(|(above, found)| *above == 0 || !found.is_complete()).map(|(_, found)| found)
}

/// docker's layers, a line each: how many are through.
fn layers(lines: &[&SeenLine]) -> Option<Progress> {
    let states: Vec<&str> = lines.iter().rev().map_while(|line| layer(&line.text)).collect();
    let is_through = |state: &&&str| {
        ["Pull complete", "Already exists", "Pushed", "Layer already exists", "Mounted from"]
            .iter()
            .any(|through| state.starts_with(through))
    };
    let through = states.iter().filter(is_through).count() as u64;
    Progress::of(through, states.len() as u64, ProgressUnit::Steps)
}

/// The state of a layer: `a3ed95caeb02: Downloading [==>   ]  3.2MB/10MB`.
fn layer(text: &str) -> Option<&str> {
    let (id, state) = text.trim().split_once(": ")?;
    let is_id = id.len() == LAYER && id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    is_id.then_some(state)
}

#[cfg(test)]
mod tests {
    use super::{SeenLine, progress};

    fn of(text: &str) -> Option<(u64, u64)> {
        let seen = |line: &str| SeenLine { text: line.to_owned(), is_drawn: false };
        progress(&text.lines().map(seen).collect::<Vec<_>>()).map(|found| (found.done, found.total))
    }

    #[test]
    fn the_newest_line_that_shows_it_counts() {
        assert_eq!(of("[1/20] cc a.c\n[2/20] cc b.c\nb.c:3: warning: x\n  3 | int x;\n"), Some((2, 20)));
        assert_eq!(of("[20/20] ld a.out\n"), Some((20, 20)));
        assert_eq!(of("[20/20] ld a.out\nrunning the tests\n"), None, "that is over");
        assert_eq!(of(&format!("[2/20] cc b.c\n{}", "text\n".repeat(24))), None, "nobody sees it any more");
        assert_eq!(of(&format!("[2/20] cc b.c\n{}", "text\n\n".repeat(23))), Some((2, 20)));
        assert_eq!(of(""), None);
    }

    #[test]
    fn layers_and_steps_of_docker_are_counted() {
        let pull = "latest: Pulling from library/node\n0123456789ab: Already exists\na3ed95caeb02: Pull complete\n\
                    b3ed95caeb02: Downloading [==>      ]  3.2MB/10MB\nc3ed95caeb02: Waiting\n";
        assert_eq!(of(pull), Some((2, 4)));
        let build = "[+] Building 12.3s (5/12)\n => [internal] load build definition\n => [2/5] RUN apt-get install\n";
        assert_eq!(of(build), Some((5, 12)));
        assert_eq!(of("[+] Building 12.3s (12/12) FINISHED\n => [5/5] RUN x\n => exporting\n"), None);
    }
}

//! Whether output may tell of a problem, or of tests and builds: a look at whole chunks for a few
//! texts, which costs next to nothing. Only where one is found do rules look at it, in a process of
//! its own.

use aho_corasick::packed::{Config, MatchKind, Searcher};

/// What stands in output that tells of a problem. Parts of words, so that case makes no difference.
const TROUBLE: [&str; 47] = [
    "rror",
    "ERR",
    "Err",
    "arn",
    "WARN",
    "ailed",
    "ailure",
    "FAIL",
    "atal",
    "FATAL",
    "anic",
    "PANIC",
    "xception",
    "raceback",
    "bort",
    "ot found",
    "o such",
    "enied",
    "an't",
    "annot",
    "efused",
    "ould not",
    "nvalid",
    "nable to",
    "nknown",
    "ndefined",
    "nexpected",
    "issing",
    "killed",
    "Killed",
    "fault",
    "*** ",
    "SIG",
    "emory",
    "verflow",
    "in use",
    "imed out",
    "TIMEOUT",
    "crit",
    "CRIT",
    "emerg",
    "EMERG",
    "ALERT",
    "nbound",
    "\u{2716}",
    "\u{2717}",
    "evel\":",
];
/// What stands beside that in output that tells how tests or a build went.
const RESULTS: [&str; 14] = [
    "ok ", "OK", "ass", "PASS", "test", "Test", "uccess", "SUCCESS", "inished", "uilt", "xample", "kipped", "exit",
    "cenario",
];

/// The longest of all of them but one byte: so much of a chunk may belong to one that goes on in
/// the next.
const KEPT: usize = 8;

/// Looks for them.
#[derive(Debug, Default)]
pub struct OutputAnchors {
    trouble: Option<Searcher>,
    results: Option<Searcher>,
    last: [u8; KEPT],
    /// Whether anything was found at all since the run began.
    pub is_of_interest: bool,
}

impl OutputAnchors {
    /// Takes in a chunk; says whether it may tell of a problem.
    pub fn look(&mut self, chunk: &[u8]) -> bool {
        // What goes on from the last chunk into this one.
        let mut seam = [0; KEPT * 2];
        let begin = chunk.len().min(KEPT);
        seam[..KEPT].copy_from_slice(&self.last);
        seam[KEPT..KEPT + begin].copy_from_slice(&chunk[..begin]);
        self.last.copy_from_slice(if begin == KEPT {
            &chunk[chunk.len() - KEPT..]
        } else {
            &seam[begin..begin + KEPT]
        });
        let has = |anchors: &Searcher| anchors.find(chunk).is_some() || anchors.find(&seam[..KEPT + begin]).is_some();
        let is_trouble = has(self.trouble.get_or_insert_with(|| searcher(&TROUBLE)));
        if !self.is_of_interest {
            self.is_of_interest = is_trouble || has(self.results.get_or_insert_with(|| searcher(&RESULTS)));
            if self.is_of_interest {
                // What they would show is known now: their tables are given back.
                self.results = None;
            }
        }
        is_trouble
    }

    /// Somebody else looks from now on, until this is asked again.
    pub fn rest(&mut self) {
        *self = OutputAnchors { is_of_interest: true, ..OutputAnchors::default() };
    }
}

fn searcher(anchors: &[&str]) -> Searcher {
    let mut builder = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
    builder.extend(anchors.iter().map(|anchor| anchor.as_bytes()));
    builder.build().expect("they are few, and none is empty")
}

#[cfg(test)]
mod tests {
    use super::{KEPT, OutputAnchors, RESULTS, TROUBLE};

    #[test]
    fn what_goes_on_in_the_next_chunk_is_found() {
        assert!(TROUBLE.iter().chain(&RESULTS).all(|anchor| anchor.len() <= KEPT + 1));
        for size in 1..9 {
            let mut anchors = OutputAnchors::default();
            let found: Vec<bool> = b"a clean line\nexception\n".chunks(size).map(|chunk| anchors.look(chunk)).collect();
            assert!(found.contains(&true), "{size}");
            assert!(!found[0]);
        }
    }

    #[test]
    fn tests_that_pass_are_of_interest_and_no_trouble() {
        let mut anchors = OutputAnchors::default();
        assert!(!anchors.look(b"hello\n") && !anchors.is_of_interest);
        assert!(!anchors.look(b"3 passed in 0.1s\n") && anchors.is_of_interest);
        assert!(anchors.look(b"KeyError: 'x'\n"));
    }
}

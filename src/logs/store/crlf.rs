//! Line ends: a terminal's CR LF becomes LF.

use memchr::memchr;

/// Folds CR LF into LF over a stream of chunks, and nothing else.
#[derive(Debug, Default)]
pub struct CrlfFolder {
    holds_return: bool,
    folded: Vec<u8>,
}

impl CrlfFolder {
    /// Folds a chunk. A CR at its very end is held until the next chunk tells what it was.
    pub fn chunk<'a>(&'a mut self, bytes: &'a [u8]) -> &'a [u8] {
        if !self.holds_return && memchr(b'\r', bytes).is_none() {
            return bytes;
        }
        self.folded.clear();
        let mut rest = bytes;
        if self.holds_return && !rest.is_empty() {
            self.holds_return = false;
            if rest[0] != b'\n' {
                self.folded.push(b'\r');
            }
        }
        while let Some(at) = memchr(b'\r', rest) {
            self.folded.extend_from_slice(&rest[..at]);
            rest = &rest[at + 1..];
            match rest.first() {
                None => self.holds_return = true,
                Some(b'\n') => {}
                // A lone CR draws its line anew: readers need it to show what was left.
                Some(_) => self.folded.push(b'\r'),
            }
        }
        self.folded.extend_from_slice(rest);
        &self.folded
    }

    /// What is still held at the end of the stream.
    pub fn finish(&mut self) -> &'static [u8] {
        if std::mem::take(&mut self.holds_return) { b"\r" } else { b"" }
    }
}

#[cfg(test)]
mod tests {
    use super::CrlfFolder;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_stream_chunked_anyhow_is_folded_alike(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), any::<u8>()], 0..60),
            cuts in proptest::collection::vec(0usize..60, 0..4),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(bytes.len())).collect();
            cuts.sort_unstable();
            let (mut fold, mut out, mut from) = (CrlfFolder::default(), Vec::new(), 0);
            for cut in cuts.into_iter().chain([bytes.len()]) {
                out.extend_from_slice(fold.chunk(&bytes[from..cut]));
                from = cut;
            }
            out.extend_from_slice(fold.finish());
            let mut wanted: Vec<u8> = Vec::new();
            for (i, b) in bytes.iter().enumerate() {
                if !(*b == b'\r' && bytes.get(i + 1) == Some(&b'\n')) {
                    wanted.push(*b);
                }
            }
            prop_assert_eq!(out, wanted);
        }
    }
}

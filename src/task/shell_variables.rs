//! The variables that stand in a live shell's saved state, as bash's `declare -p` and zsh's
//! `typeset -p` write them. What is none is passed over: the state is the shell's to read.

/// Names and values; each of an array's values is one of its name.
pub fn variables(state: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < state.len() {
        let is_one = [&b"declare "[..], b"typeset "].iter().any(|word| state[at..].starts_with(word));
        if is_one {
            // `typeset ` is as long.
            let mut text = Text { bytes: state, at: at + b"declare ".len() };
            text.assignments(&mut found);
            // Behind all of it: a line within a value may look like a declaration.
            at = text.at.min(state.len());
        }
        at += memchr::memchr(b'\n', &state[at..]).map_or(state.len() - at, |end| end + 1);
    }
    found
}

struct Text<'s> {
    bytes: &'s [u8],
    at: usize,
}

impl Text<'_> {
    /// Options, and `NAME=VALUE` up to the line's end.
    fn assignments(&mut self, found: &mut Vec<(Vec<u8>, Vec<u8>)>) {
        while self.skip_blanks() {
            let rest = &self.bytes[self.at..];
            let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
            if length == 0 || rest.get(length) != Some(&b'=') {
                self.word(false);
                continue;
            }
            let name = &self.bytes[self.at..self.at + length];
            self.at += length + 1;
            if self.peek() == Some(b'(') {
                self.at += 1;
                self.elements(name, found);
            } else {
                found.push((name.to_vec(), self.word(false)));
            }
        }
    }

    /// Up to `)`, on one line or on several: values, or `[KEY]=VALUE`.
    fn elements(&mut self, name: &[u8], found: &mut Vec<(Vec<u8>, Vec<u8>)>) {
        loop {
            while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
                self.at += 1;
            }
            match self.peek() {
                None => return,
                Some(b')') => {
                    self.at += 1;
                    return;
                }
                Some(_) => {}
            }
            let word = self.word(true);
            let value = match word
                .strip_prefix(b"[")
                .and_then(|word| memchr::memmem::find(word, b"]=").map(|at| &word[at + 2..]))
            {
                Some(value) => value.to_vec(),
                None => word,
            };
            found.push((name.to_vec(), value));
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Whether the line goes on.
    fn skip_blanks(&mut self) -> bool {
        while self.peek().is_some_and(|b| b == b' ' || b == b'\t') {
            self.at += 1;
        }
        self.peek().is_some_and(|b| b != b'\n')
    }

    /// A word with its quotes taken off.
    fn word(&mut self, is_element: bool) -> Vec<u8> {
        let (mut word, begin) = (Vec::new(), self.at);
        while let Some(byte) = self.peek() {
            let is_end = byte.is_ascii_whitespace() || is_element && byte == b')';
            // At least one byte is taken, or its callers would never come on.
            if is_end && self.at > begin {
                break;
            }
            self.at += 1;
            match byte {
                _ if is_end => break,
                b'\'' => self.single(&mut word),
                b'"' => self.double(&mut word),
                b'$' if self.peek() == Some(b'\'') => {
                    self.at += 1;
                    self.ansi_c(&mut word);
                }
                b'\\' => self.escaped(&mut word),
                other => word.push(other),
            }
        }
        word
    }

    fn escaped(&mut self, word: &mut Vec<u8>) {
        word.extend(self.peek());
        self.at += 1;
    }

    fn single(&mut self, word: &mut Vec<u8>) {
        // A backslash at the very end has led beyond it.
        let end = memchr::memchr(b'\'', &self.bytes[self.at.min(self.bytes.len())..])
            .map_or(self.bytes.len(), |end| self.at + end);
        word.extend_from_slice(&self.bytes[self.at.min(end)..end]);
        self.at = end + 1;
    }

    fn double(&mut self, word: &mut Vec<u8>) {
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'"' => return,
                b'\\' if self.peek().is_some_and(|next| b"\\\"$`\n".contains(&next)) => self.escaped(word),
                other => word.push(other),
            }
        }
    }

    /// `$'…'`.
    fn ansi_c(&mut self, word: &mut Vec<u8>) {
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'\'' => return,
                b'\\' => self.ansi_c_escape(word),
                other => word.push(other),
            }
        }
    }

    fn ansi_c_escape(&mut self, word: &mut Vec<u8>) {
        let Some(byte) = self.peek() else { return };
        self.at += 1;
        match byte {
            b'n' => word.push(b'\n'),
            b't' => word.push(b'\t'),
            b'r' => word.push(b'\r'),
            b'a' => word.push(0x07),
            b'b' => word.push(0x08),
            b'e' | b'E' => word.push(0x1b),
            b'f' => word.push(0x0c),
            b'v' => word.push(0x0b),
            b'x' => word.push(self.number(16, 2) as u8),
            b'0'..=b'7' => {
                self.at -= 1;
                word.push(self.number(8, 3) as u8);
            }
            b'u' | b'U' => {
                let digits = if byte == b'u' { 4 } else { 8 };
                let c = char::from_u32(self.number(16, digits)).unwrap_or(char::REPLACEMENT_CHARACTER);
                word.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => word.push(other),
        }
    }

    fn number(&mut self, base: u32, most: usize) -> u32 {
        let mut number = 0_u32;
        for _ in 0..most {
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(base)) else { break };
            number = number.wrapping_mul(base).wrapping_add(digit);
            self.at += 1;
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::variables;
    use proptest::prelude::*;

    fn found(state: &str) -> Vec<(String, String)> {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        variables(state.as_bytes()).into_iter().map(|(name, value)| (text(name), text(value))).collect()
    }

    #[test]
    fn what_bash_and_zsh_write_is_read() {
        for (state, wanted) in [
            (
                "#aos-shell-state 1 bash /bin/bash\ndeclare -- T=\"a \\\"b\\\" \\$c \\\\ \\x\"\nalias x='y'\n",
                &[("T", "a \"b\" $c \\ \\x")][..],
            ),
            ("declare -- T=\"two\nlines\"\ndeclare -i N=\"5\"\n", &[("T", "two\nlines"), ("N", "5")]),
            ("declare -a A=([0]=\"x y\" [1]=\"z)\")\n", &[("A", "x y"), ("A", "z)")]),
            ("declare -A A=([k]=\"v\" [\"k 2\"]=$'w\\n\\'\\x41\\101\\u00e9' )\n", &[("A", "v"), ("A", "w\n'AAé")]),
            (
                "typeset T='it'\\''s'\ntypeset -g U=plain\ntypeset V=a\\ b\n",
                &[("T", "it's"), ("U", "plain"), ("V", "a b")],
            ),
            (
                "typeset -a A=( one 'two three' )\ntypeset -A H=( [k]=v )\n",
                &[("A", "one"), ("A", "two three"), ("H", "v")],
            ),
            ("declare -r UNSET\ndeclare -f\nx=1\n    declare -- IN=\"function\"\n", &[]),
            ("typeset T=''\ntypeset W='no end", &[("T", ""), ("W", "no end")]),
        ] {
            let wanted: Vec<_> = wanted.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            assert_eq!(found(state), wanted, "{state}");
        }
    }

    proptest! {
        #[test]
        fn whatever_stands_there_is_read_to_its_end(state in "(declare -- |typeset |A=|[($'\"\\\\) \n\\[\\]x])*") {
            variables(state.as_bytes());
        }
    }
}

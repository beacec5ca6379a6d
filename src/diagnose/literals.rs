//! A search for many short texts at once, in a single pass. Of each text the four neighbouring
//! bytes are chosen that are rarest in logs: only where they stand it is compared.
//!
//! An automaton for a thousand texts takes longer to make than a small log to read, and is larger
//! than the processor's nearest memory; this takes 60 KiB, of which a pass looks at 16.

/// Different keys of anchors.
const KEYS: usize = 1 << 16;
/// What stands behind the last byte.
const END: u8 = b'\n';
/// No more of a text is compared. *Units*: bytes.
const LONGEST: usize = 1024;

/// The texts.
#[derive(Debug)]
pub struct Literals {
    texts: Vec<Box<[u8]>>,
    /// Of those of four bytes or more.
    long: Anchors,
    /// Of the shorter ones: two bytes.
    short: Anchors,
}

/// Parts of texts, by their keys.
#[derive(Debug)]
struct Anchors {
    /// Whether there is one with this key, a bit each.
    known: Vec<u64>,
    /// For each 64 keys, how many of those before there are.
    before: Vec<u32>,
    /// Where those of each key begin; and the end.
    begins: Vec<u32>,
    all: Vec<Anchor>,
}

/// A part of a text.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    key: u16,
    /// Its bytes.
    part: u32,
    text: u32,
    /// Where it stands in that.
    offset: u16,
}

impl Literals {
    /// Of texts that are not empty and have no line's end in them; of a very long one the first
    /// bytes count.
    pub fn new<'t>(texts: impl IntoIterator<Item = &'t str>) -> Literals {
        let of_text = |text: &str| text.as_bytes()[..text.len().min(LONGEST)].into();
        let texts: Vec<Box<[u8]>> = texts.into_iter().map(of_text).collect();
        let (mut long, mut short) = (Vec::with_capacity(texts.len()), Vec::new());
        for (at, text) in texts.iter().enumerate() {
            let anchor = |key, part, offset| Anchor { key, part, text: at as u32, offset };
            match **text {
                [] => {}
                [only] => short.extend((0..=u8::MAX).map(|next| {
                    let key = u16::from_le_bytes([only, next]);
                    anchor(key, u32::from(key), 0)
                })),
                [first, second] | [first, second, _] => {
                    let key = u16::from_le_bytes([first, second]);
                    short.push(anchor(key, u32::from(key), 0));
                }
                _ => long.extend(rarest(text).map(|(offset, part)| anchor(key(part), part, offset))),
            }
        }
        Literals { texts, long: Anchors::new(long), short: Anchors::new(short) }
    }

    /// Where the anchor of the next of them stands; that is in the same line.
    pub fn next(&self, text: &[u8]) -> Option<usize> {
        self.search(text, 0, |anchor, _| Some(anchor))
    }

    /// Tells of each that stands in a text and has its anchor there or later, as often as it does.
    pub fn each(&self, text: &[u8], from: usize, mut tell: impl FnMut(usize)) {
        let _: Option<()> = self.search(text, from, |_, literal| {
            tell(literal);
            None
        });
    }

    fn search<T>(&self, text: &[u8], from: usize, mut found: impl FnMut(usize, usize) -> Option<T>) -> Option<T> {
        for (at, part) in text.windows(4).enumerate().skip(from) {
            let part = u32::from_le_bytes([part[0], part[1], part[2], part[3]]);
            let is_long = self.long.has(key(part));
            if (is_long | self.short.has(part as u16))
                && let Some(told) = self.look(text, at, part, is_long, &mut found)
            {
                return Some(told);
            }
        }
        // Only short ones may begin in the last three bytes.
        let last = text.len().saturating_sub(3).max(from);
        (last..text.len()).find_map(|at| {
            let next = text.get(at + 1).copied().unwrap_or(END);
            let part = u32::from(u16::from_le_bytes([text[at], next]));
            self.look(text, at, part, false, &mut found)
        })
    }

    fn look<T>(
        &self,
        text: &[u8],
        at: usize,
        part: u32,
        is_long: bool,
        found: &mut impl FnMut(usize, usize) -> Option<T>,
    ) -> Option<T> {
        let pair = part & u32::from(u16::MAX);
        let long = if is_long { self.long.of(key(part)) } else { &[] };
        let is_it = |anchor: &&Anchor| anchor.part == part;
        let all = long.iter().filter(is_it).chain(self.short.of(pair as u16));
        for anchor in all {
            let Some(start) = at.checked_sub(usize::from(anchor.offset)) else { continue };
            if text[start..].starts_with(&self.texts[anchor.text as usize])
                && let Some(told) = found(at, anchor.text as usize)
            {
                return Some(told);
            }
        }
        None
    }
}

impl Anchors {
    fn new(mut all: Vec<Anchor>) -> Anchors {
        all.sort_by_key(|anchor| anchor.key);
        let mut known = vec![0_u64; KEYS / 64];
        let mut begins: Vec<u32> = Vec::with_capacity(all.len() + 1);
        for (at, Anchor { key, .. }) in all.iter().enumerate() {
            known[usize::from(key >> 6)] |= 1 << (key & 63);
            if at == 0 || all[at - 1].key != *key {
                begins.push(at as u32);
            }
        }
        begins.push(all.len() as u32);
        let mut sum = 0;
        let count = |word: &u64| {
            sum += word.count_ones();
            sum - word.count_ones()
        };
        let before = known.iter().map(count).collect();
        Anchors { known, before, begins, all }
    }

    #[inline]
    fn has(&self, key: u16) -> bool {
        self.known[usize::from(key >> 6)] >> (key & 63) & 1 == 1
    }

    fn of(&self, key: u16) -> &[Anchor] {
        if !self.has(key) {
            return &[];
        }
        let word = usize::from(key >> 6);
        let below = self.known[word] & ((1 << (key & 63)) - 1);
        let index = (self.before[word] + below.count_ones()) as usize;
        &self.all[self.begins[index] as usize..self.begins[index + 1] as usize]
    }
}

/// *Source*: Knuth's multiplicative hashing.
#[inline]
fn key(part: u32) -> u16 {
    (part.wrapping_mul(0x9e37_79b1) >> 16) as u16
}

/// The four bytes of a text that are rarest in logs, and where they stand.
fn rarest(text: &[u8]) -> Option<(u16, u32)> {
    let best = text.windows(4).enumerate().min_by_key(|(_, part)| {
        let is_drawn = part.iter().all(|byte| byte == &part[0]);
        (is_drawn, part.iter().map(|byte| frequency(*byte)).product::<u32>())
    });
    best.map(|(at, part)| (at as u16, u32::from_le_bytes([part[0], part[1], part[2], part[3]])))
}

/// How often a byte stands among a thousand of logs, about.
fn frequency(byte: u8) -> u32 {
    match byte {
        b' ' => 120,
        b'e' => 70,
        b't' | b'a' => 55,
        b'i' | b'n' | b'o' | b's' | b'r' => 45,
        b'l' | b'c' | b'd' | b'.' | b':' => 28,
        b'u' | b'p' | b'm' | b'-' | b'/' | b'=' | b'0'..=b'9' => 20,
        b'h' | b'g' | b'f' => 13,
        b'b' | b'y' | b'w' | b'v' | b'"' | b'[' | b']' | b'_' | b',' => 9,
        b'k' | b'(' | b')' | b'x' => 6,
        b'A'..=b'Z' => 4,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasick;
    use proptest::collection::vec;
    use proptest::proptest;

    use super::Literals;

    fn found(literals: &Literals, text: &[u8]) -> Vec<usize> {
        let mut found = Vec::new();
        literals.each(text, 0, |literal| found.push(literal));
        found.sort_unstable();
        found
    }

    proptest! {
        #[test]
        fn all_that_an_automaton_finds_is_found(texts in vec("[ab: ]{1,6}", 1..20), text in "[ab: ]{0,60}") {
            let literals = Literals::new(texts.iter().map(String::as_str));
            let automaton = AhoCorasick::new(&texts).expect("an automaton");
            let mut wanted: Vec<usize> =
                automaton.find_overlapping_iter(&text).map(|found| found.pattern().as_usize()).collect();
            wanted.sort_unstable();
            assert_eq!(found(&literals, text.as_bytes()), wanted);
            assert_eq!(literals.next(text.as_bytes()).is_some(), !wanted.is_empty());
        }
    }

    #[test]
    fn one_byte_is_found_where_the_text_ends() {
        let literals = Literals::new(["x", "xy"]);
        assert_eq!(found(&literals, b"yx"), [0]);
        assert_eq!(found(&literals, b"xyx"), [0, 0, 1]);
        assert_eq!(literals.next(b"ab\nxy"), Some(3));
        let mut found = 0;
        literals.each(b"xyx", 1, |_| found += 1);
        assert_eq!(found, 1);
    }

    #[test]
    fn the_first_line_that_has_one_comes_first() {
        let literals = Literals::new(["a long text with a Zebra", "b"]);
        let line = "--\n".len().."--\na long text with a Zebra".len();
        assert!(literals.next(b"--\na long text with a Zebra\nb\n").is_some_and(|at| line.contains(&at)));
    }
}

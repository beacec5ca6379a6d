//! The tasks that somebody may have meant who named none: those that a slip of the hand leads to.

use super::id::TaskId;
use super::selectable::Selectable;

/// Whether one digit more, less or other makes this number of that. Of a single digit any other
/// would.
pub fn is_one_digit_off(id: TaskId, other: TaskId) -> bool {
    let (text, other) = (id.0.to_string(), other.0.to_string());
    text.len() > 1 && other.len() > 1 && strsim::osa_distance(&text, &other) == 1
}

/// The tasks whose names are so like `text` that it may be a slip of the hand, the most alike
/// first.
pub fn close<'a>(text: &str, candidates: &[Selectable<'a>]) -> Vec<Selectable<'a>> {
    let slips = Slips::of(text);
    let distance = |c: &Selectable<'_>| slips.to(c.name).into_iter().chain(slips.to_id(c.id)).min();
    let mut close: Vec<(usize, Selectable<'a>)> = candidates.iter().filter_map(|c| Some((distance(c)?, *c))).collect();
    close.sort_by(|(a, x), (b, y)| a.cmp(b).then(y.id.cmp(&x.id)));
    close.into_iter().map(|(_, c)| c).collect()
}

/// A text that may have been mistyped. Most others are seen to be too unlike it by their length and
/// their characters alone: it is compared to every name there is.
pub struct Slips<'a> {
    text: &'a str,
    length: usize,
    characters: Characters,
    most: usize,
}

/// How often each character comes, told apart by their last four bits.
type Characters = [u8; 16];

impl Slips<'_> {
    /// Looks at the text once, for all the names that it is compared to.
    pub fn of(text: &str) -> Slips<'_> {
        let (length, characters) = count(text);
        let most = if length < 2 { 0 } else { (length / 3).max(1) };
        Slips { text, length, characters, most }
    }

    /// As [`to`](Slips::to), to an id, which is not even spelled where its length tells enough.
    pub fn to_id(&self, id: TaskId) -> Option<usize> {
        let length = "task-".len() + (id.0.checked_ilog10().unwrap_or(0) as usize + 1).max(3);
        if self.length.abs_diff(length) > self.most { None } else { self.to(&id.to_string()) }
    }

    /// How many slips lead to `other`, if they are not too many.
    pub fn to(&self, other: &str) -> Option<usize> {
        if other.is_ascii() && self.length.abs_diff(other.len()) > self.most {
            return None;
        }
        let (length, characters) = count(other);
        // A slip puts in one character, takes out one, or puts one for another; to swap two changes
        // none.
        let surplus = |these: &Characters, those: &Characters| {
            these.iter().zip(those).map(|(a, b)| usize::from(a.saturating_sub(*b))).sum::<usize>()
        };
        let least = surplus(&self.characters, &characters).max(surplus(&characters, &self.characters));
        if least.max(self.length.abs_diff(length)) > self.most {
            return None;
        }
        Some(strsim::osa_distance(self.text, other)).filter(|far| *far <= self.most)
    }
}

fn count(text: &str) -> (usize, Characters) {
    let mut characters = Characters::default();
    let mut length = 0;
    for c in text.chars() {
        length += 1;
        let count = &mut characters[c as usize & 15];
        *count = count.saturating_add(1);
    }
    (length, characters)
}

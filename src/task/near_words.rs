//! Which words a slip of the hand or two lead to.

/// Those of the words that a slip of the hand or two lead to, the most alike first.
pub fn near(word: &str, words: &[String]) -> Option<String> {
    let mut near: Vec<&String> = words.iter().filter(|other| is_near(word, other)).collect();
    near.sort_by_key(|other| strsim::osa_distance(word, other));
    let near: Vec<&str> = near.iter().take(3).map(|word| word.as_str()).collect();
    (!near.is_empty()).then(|| near.join(", "))
}

/// The one that a slip of the hand leads to, whatever its case.
pub fn nearest<'w>(word: &str, words: &[&'w str]) -> Option<&'w str> {
    let most = (word.chars().count() / 3).max(1);
    let distance = |other: &&str| strsim::osa_distance(&word.to_lowercase(), &other.to_lowercase());
    words.iter().copied().min_by_key(distance).filter(|other| distance(other) <= most)
}

/// Whether one of them is the other, mistyped.
pub fn is_near(word: &str, other: &str) -> bool {
    let length = word.trim_start_matches('-').chars().count();
    let most = if length < 3 { length / 2 } else { length / 3 };
    strsim::osa_distance(word, other) <= most
}

#[cfg(test)]
mod tests {
    use super::{near, nearest};

    #[test]
    fn what_is_far_is_not_near() {
        let words = ["tasks", "stop", "send", "rm"].map(str::to_owned);
        for (word, found) in
            [("tsks", Some("tasks")), ("stpo", Some("stop")), ("tail", None), ("x", None), ("status", None)]
        {
            assert_eq!(near(word, &words).as_deref(), found, "{word}");
        }
        let events = ["TestResult", "LogError"];
        assert_eq!((nearest("testresults", &events), nearest("Ready", &events)), (Some("TestResult"), None));
    }
}

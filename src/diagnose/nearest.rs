//! The name that was meant.

/// The nearest of these names, if one is near enough.
pub fn of(name: &str, all: &[String]) -> Option<String> {
    let far = |other: &str| match name.len() > 2 && other.contains(name) {
        // What was typed is a part of it.
        true => 1,
        false => strsim::damerau_levenshtein(name, other).min(far_from_part(name, other)),
    };
    let most = match name.chars().count() {
        0..=2 => 1,
        3..=7 => 2,
        _ => 3,
    };
    let near = all.iter().filter(|other| *other != name).map(|other| (far(other), other));
    let best = near.filter(|(distance, other)| *distance <= most && *distance < other.chars().count());
    best.min_by(|a, b| (a.0, a.1.len(), a.1).cmp(&(b.0, b.1.len(), b.1))).map(|(_, name)| name.clone())
}

/// How far a name of some length is from the nearest part of one that has several, which is less
/// sure than the whole.
fn far_from_part(name: &str, other: &str) -> usize {
    let parts = other.split(['_', '-', ':', '.']).filter(|part| part.len() > 3 && part.len() < other.len());
    let nearest = parts.map(|part| strsim::damerau_levenshtein(name, part) + 1).min();
    nearest.filter(|_| name.len() > 4).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_slip_of_the_fingers_is_seen() {
        let all: Vec<String> = ["git", "docker", "python3", "ls"].map(str::to_owned).to_vec();
        assert_eq!(of("gti", &all).as_deref(), Some("git"));
        assert_eq!(of("dcoker", &all).as_deref(), Some("docker"));
        assert_eq!(of("terraform", &all), None);
        assert_eq!(of("pyth", &all).as_deref(), Some("python3"));
        let tasks: Vec<String> = ["update_config", "prepare_extension", "deploy"].map(str::to_owned).to_vec();
        assert_eq!(of("extenson", &tasks).as_deref(), Some("prepare_extension"));
        assert_eq!(of("prep", &tasks).as_deref(), Some("prepare_extension"));
        assert_eq!(of("glob", &tasks), None);
    }
}

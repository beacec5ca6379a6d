//! Measurements side by side: every contender in turn, round after round, so that all see the
//! same machine; then medians, and ratios to the first.

/// One contender: what it is called, and what one round of it measures.
pub type Contender<'a> = (String, Box<dyn FnMut() -> f64 + 'a>);

/// Boxes a contender.
pub fn contender<'a>(name: &str, round: impl FnMut() -> f64 + 'a) -> Contender<'a> {
    (name.to_owned(), Box::new(round))
}

/// Runs the rounds and prints a row for each contender. The first is the floor.
pub fn measure(title: &str, unit: &str, rounds: usize, mut contenders: Vec<Contender<'_>>) {
    println!("\n{title}");
    let mut taken: Vec<Vec<f64>> = vec![Vec::new(); contenders.len()];
    for round in 0..=rounds {
        for (i, (_, run)) in contenders.iter_mut().enumerate() {
            settle();
            let value = run();
            // The first round warms up.
            if round > 0 {
                taken[i].push(value);
            }
        }
    }
    let medians: Vec<f64> = taken.iter_mut().map(|values| median(values)).collect();
    for ((name, _), value) in contenders.iter().zip(&medians) {
        let mark = if std::ptr::eq(value, &medians[0]) { "floor" } else { "" };
        println!("  {name:<34} {value:>10.3} {unit:<6} {:>7.2}x {mark}", value / medians[0]);
    }
}

/// Says which peers are not there to be compared with.
pub fn missing(names: &[&str]) {
    if !names.is_empty() {
        println!("  not installed: {}", names.join(", "));
    }
}

/// Lets what the last round left behind come to its end: at a prompt, nothing else is going on either.
pub fn settle() {
    let _ = nix::poll::poll(&mut [], 20u8);
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

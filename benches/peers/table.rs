//! Measurements side by side: every contender in turn, round after round, so that all see the
//! same machine; then medians, and ratios to the first.

/// One contender: what it is called, and what one round of it measures.
pub type Contender<'a> = (String, Box<dyn FnMut() -> f64 + 'a>);

/// What goes before a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Next to nothing: what the last round touched is in the processor's caches still.
    Warm,
    /// A pause as between two commands that somebody types, in which the machine does something
    /// else or sleeps.
    Cold,
}

impl Pace {
    /// The pause. *Units*: milliseconds.
    const fn pause(self) -> u8 {
        match self {
            Pace::Warm => 20,
            Pace::Cold => 250,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Pace::Warm => "warm",
            Pace::Cold => "cold",
        }
    }
}

/// Boxes a contender.
pub fn contender<'a>(name: &str, round: impl FnMut() -> f64 + 'a) -> Contender<'a> {
    (name.to_owned(), Box::new(round))
}

/// Runs the rounds, warm, and prints a row for each contender. The first is the floor.
pub fn measure(title: &str, unit: &str, rounds: usize, mut contenders: Vec<Contender<'_>>) {
    println!("\n{title}");
    let medians = run(Pace::Warm, rounds, &mut contenders);
    print(unit, &contenders, &[medians]);
}

/// Runs the rounds at each pace, and prints them beside each other.
pub fn measure_at(paces: &[Pace], title: &str, unit: &str, rounds: usize, mut contenders: Vec<Contender<'_>>) {
    println!("\n{title}");
    let heads: Vec<String> = paces.iter().map(|pace| format!("{:>26}", pace.name())).collect();
    println!("  {:<34} {}", "", heads.join(" "));
    let medians: Vec<Vec<f64>> = paces.iter().map(|pace| run(*pace, rounds, &mut contenders)).collect();
    print(unit, &contenders, &medians);
}

/// The median of each contender's rounds.
fn run(pace: Pace, rounds: usize, contenders: &mut [Contender<'_>]) -> Vec<f64> {
    let mut taken: Vec<Vec<f64>> = vec![Vec::new(); contenders.len()];
    for round in 0..=rounds {
        for (i, (_, run)) in contenders.iter_mut().enumerate() {
            rest(pace);
            let value = run();
            // The first round warms up.
            if round > 0 {
                taken[i].push(value);
            }
        }
    }
    taken.iter_mut().map(|values| median(values)).collect()
}

fn print(unit: &str, contenders: &[Contender<'_>], columns: &[Vec<f64>]) {
    for (i, (name, _)) in contenders.iter().enumerate() {
        let columns = columns.iter().map(|medians| {
            let (value, floor) = (medians[i], medians[0]);
            format!("{value:>10.3} {unit:<6} {:>7.2}x", value / floor)
        });
        let mark = if i == 0 { "floor" } else { "" };
        println!("  {name:<34} {} {mark}", columns.collect::<Vec<_>>().join(" "));
    }
}

/// Says which peers are not there to be compared with.
pub fn missing(names: &[&str]) {
    if !names.is_empty() {
        println!("  not installed: {}", names.join(", "));
    }
}

/// Lets what the last round left behind come to its end: at a prompt, nothing else is going on
/// either.
pub fn settle() {
    rest(Pace::Warm);
}

/// The pause that goes before a round.
pub fn rest(pace: Pace) {
    let _ = nix::poll::poll(&mut [], pace.pause());
}

/// The value in the middle.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

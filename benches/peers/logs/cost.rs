//! What commands take whose output goes to a pipe: time, CPU, memory.

use std::io::Read;
use std::process::{Command, Stdio};

use crate::place::Place;

/// One contender.
pub struct Row<'a> {
    name: String,
    command: Box<dyn Fn() -> Command + 'a>,
}

/// A contender by its name and its command.
pub fn row<'a>(name: &str, command: impl Fn() -> Command + 'a) -> Row<'a> {
    Row { name: name.to_owned(), command: Box::new(command) }
}

impl Row<'_> {
    /// What it took, beside the first row.
    fn line(&self, cost: Cost, first: Cost) -> String {
        let (ms, cpu) = (cost.ms / first.ms, cost.cpu / first.cpu);
        format!(
            "  {:<38} {:>9.2} ms {ms:>6.2}x   cpu {:>9.2} ms {cpu:>6.2}x   peak {:>5.1} MiB",
            self.name,
            cost.ms,
            cost.cpu,
            cost.peak / 1024.0
        )
    }
}

/// What a command took.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// *Units*: milliseconds.
    pub ms: f64,
    /// The processor's time. *Units*: milliseconds.
    pub cpu: f64,
    /// The most memory at once. *Units*: KiB.
    pub peak: f64,
}

impl Cost {
    fn least(self, other: Cost) -> Cost {
        Cost { ms: self.ms.min(other.ms), cpu: self.cpu.min(other.cpu), peak: self.peak.max(other.peak) }
    }
}

/// Runs the rows in turn, and prints the least of each, with ratios to the first.
pub fn compare(place: &Place, title: &str, rounds: usize, rows: Vec<Row<'_>>) {
    println!("\n{title} (least of {rounds})");
    let costs = least(place, rounds, &rows);
    for (row, cost) in rows.iter().zip(&costs) {
        println!("{}", row.line(*cost, costs[0]));
    }
}

/// The same of rows that read so much, with how much of it a second.
pub fn compare_reading(place: &Place, title: &str, mebibytes: f64, rounds: usize, rows: Vec<Row<'_>>) {
    println!("\n{title} (least of {rounds})");
    let costs = least(place, rounds, &rows);
    for (row, cost) in rows.iter().zip(&costs) {
        println!("{}   {:>7.0} MiB/s", row.line(*cost, costs[0]), mebibytes * 1000.0 / cost.ms);
    }
}

fn least(place: &Place, rounds: usize, rows: &[Row<'_>]) -> Vec<Cost> {
    let mut least: Vec<Option<Cost>> = vec![None; rows.len()];
    for _ in 0..rounds {
        for (at, row) in rows.iter().enumerate() {
            let cost = of(place, &(row.command)());
            least[at] = Some(least[at].map_or(cost, |least| least.least(cost)));
        }
    }
    least.into_iter().flatten().collect()
}

/// Runs a command whose output is read to its end.
pub fn of(place: &Place, command: &Command) -> Cost {
    let file = place.path("cost");
    let mut measured = Command::new(place.floor());
    measured.arg("cost").arg(&file).arg(command.get_program()).args(command.get_args());
    if let Some(dir) = command.get_current_dir() {
        measured.current_dir(dir);
    }
    measured.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut child =
        measured.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it runs");
    let (mut out, mut buffer) = (child.stdout.take().expect("its output"), vec![0; 1 << 16]);
    while out.read(&mut buffer).expect("output") > 0 {}
    let status = child.wait().expect("it ends");
    // 1 says that nothing was found.
    assert!(matches!(status.code(), Some(0 | 1)), "{command:?}: {status}");
    let text = std::fs::read_to_string(&file).expect("what it took");
    let numbers: Vec<f64> = text.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    Cost { ms: numbers[0], cpu: numbers[1], peak: numbers[2] }
}

/// That two commands print the same, to the byte.
pub fn is_same(mut one: Command, mut other: Command) {
    let out = |command: &mut Command| command.stdout(Stdio::piped()).output().expect("it runs").stdout;
    let (first, second) = (out(&mut one), out(&mut other));
    assert!(!first.is_empty() || one.get_args().any(|word| word == super::RARE), "{one:?} says nothing");
    assert!(first == second, "{one:?} and {other:?} say different things: {} and {} bytes", first.len(), second.len());
}

/// That a command does its work.
pub fn is_well(mut command: Command) {
    assert!(command.status().expect("it runs").success(), "{command:?}");
}

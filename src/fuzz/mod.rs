//! Hostile input for all that reads what others wrote: output, the control socket, the home's
//! files, what is typed as arguments, logs. Each target is one test. The suite runs a bounded
//! number of cases of each; `tests/fuzz` runs each for a given time, always with new random seeds,
//! and prints how many cases it ran.
// Files are written here as by anybody.
#![allow(clippy::disallowed_methods)]

mod damage;
mod home;
mod hooks;
mod logs;
mod output;
mod selectors;
mod terminal;
mod wire;

pub use output::{any_output, any_size};

use std::cell::Cell;
use std::fs::File;
use std::io::Read;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

/// How many cases the suite runs of each target, at most, and how long.
const BOUNDED: u64 = 192;
const SHORT: Duration = Duration::from_secs(5);
/// So many cases are run before the time is looked at.
const BATCH: u32 = 32;
/// A case that takes longer hangs, on the slowest machine.
const LONGEST_CASE: Duration = Duration::from_secs(60);
/// A case that fails is not reduced for longer. *Units*: milliseconds.
const LONGEST_REDUCTION: u32 = 120_000;

/// Runs a target: for as many seconds as `AOS_FUZZ_SECONDS` says, or a bounded number of cases. A
/// case that fails is reduced, and printed.
fn run<S: Strategy>(target: &str, input: S, check: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let seconds = std::env::var("AOS_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let deadline = Instant::now() + seconds.map_or(SHORT, Duration::from_secs);
    let ran = Cell::new(0_u64);
    let timed = |value| {
        let began = Instant::now();
        // On a machine that stalls a batch may take as long as it likes: its rest is not run.
        if seconds.is_some() && deadline <= began {
            return Ok(());
        }
        ran.set(ran.get() + 1);
        check(value)?;
        prop_assert!(began.elapsed() < LONGEST_CASE, "it took {:?}", began.elapsed());
        Ok(())
    };
    let (first, mut count) = (if seconds.is_some() { random() } else { 0 }, 0);
    loop {
        // The same for what the suite runs, and never the same twice for what is run for a time.
        let seed = first + count;
        let rng_seed = RngSeed::Fixed(seed);
        let config = Config {
            cases: BATCH,
            failure_persistence: None,
            max_shrink_time: LONGEST_REDUCTION,
            rng_seed,
            ..Config::default()
        };
        if let Err(failure) = TestRunner::new(config).run(&input, timed) {
            panic!("{target}: after {count} cases, with seed {seed}: {failure}");
        }
        count += u64::from(BATCH);
        if deadline <= Instant::now() || seconds.is_none() && count >= BOUNDED {
            break;
        }
    }
    eprintln!("fuzz {target}: {} cases, no failure", ran.get());
}

fn random() -> u64 {
    let mut bytes = [0; 8];
    File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes)).expect("random bytes");
    u64::from_le_bytes(bytes) >> 1
}

#[test]
#[should_panic(expected = "self-test: after")]
fn a_target_that_fails_is_told() {
    run("self-test", any::<u8>(), |byte| {
        assert!(byte < 128, "{byte}");
        Ok(())
    });
}

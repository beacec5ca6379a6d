//! Work on many things, spread over this machine's processors.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};

use super::sched;

/// Fewer are done sooner than a thread is begun.
const FEW: usize = 48;
/// More threads than this wait for one another in the kernel.
const MOST_THREADS: usize = 8;
/// So many are done at one go.
const TURN: usize = 8;

/// Does this to each of them, and gives what came of it in their order.
pub fn spread<T: Sync, R: Send>(all: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = if all.len() < FEW { 1 } else { thread::available_parallelism().map_or(1, NonZero::get) };
    let threads = threads.min(MOST_THREADS);
    if threads < 2 {
        return all.iter().map(work).collect();
    }
    // A processor that has other work, too, does fewer.
    let (turns, next) = (all.chunks(TURN), AtomicUsize::new(0));
    let take_turns = |_| {
        let mut done = Vec::new();
        loop {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = turns.clone().nth(turn) else { return done };
            done.push((turn, part.iter().map(&work).collect::<Vec<R>>()));
        }
    };
    let mut done: Vec<(usize, Vec<R>)> = aside(0..threads, take_turns).into_iter().flatten().collect();
    done.sort_unstable_by_key(|(turn, _)| *turn);
    done.into_iter().flat_map(|(_, part)| part).collect()
}

/// Does this to each of them in a thread of its own, and gives what came of it in their order.
/// Where no thread can be made, this one does it.
pub fn aside<T: Copy + Send, R: Send>(all: impl IntoIterator<Item = T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let work = &work;
    thread::scope(|scope| {
        let begin = |one| thread::Builder::new().spawn_scoped(scope, move || work(one)).map_err(|_| one);
        let begun: Vec<_> = sched::begin_in_turn(|| all.into_iter().map(begin).collect());
        let join = |thread: ScopedJoinHandle<'_, R>| thread.join().expect("a panic ends the process");
        begun.into_iter().map(|one| one.map_or_else(work, join)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn what_comes_of_each_stands_in_their_order() {
        for count in [0, 1, 47, 48, 1000] {
            let all: Vec<usize> = (0..count).collect();
            assert_eq!(spread(&all, |number| number * 2), all.iter().map(|number| number * 2).collect::<Vec<_>>());
        }
    }
}

//! Work on many things, spread over this machine's processors.

use std::num::NonZero;
use std::thread;

/// Fewer are done sooner than a thread is begun.
const FEW: usize = 48;
/// More threads than this wait for one another in the kernel.
const MOST_THREADS: usize = 8;

/// Does this to each of them, and gives what came of it in their order.
pub fn spread<T: Sync, R: Send>(all: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = if all.len() < FEW { 1 } else { thread::available_parallelism().map_or(1, NonZero::get) };
    let threads = threads.min(MOST_THREADS);
    if threads < 2 {
        return all.iter().map(work).collect();
    }
    let each = |part: &[T]| part.iter().map(&work).collect::<Vec<R>>();
    let each = &each;
    thread::scope(|scope| {
        let parts = all.chunks(all.len().div_ceil(threads));
        // Where no thread can be made, this one does it.
        let begin = |part| thread::Builder::new().spawn_scoped(scope, move || each(part)).map_err(|_| part);
        let begun: Vec<_> = parts.map(begin).collect();
        let done = begun
            .into_iter()
            .map(|part| part.map_or_else(each, |thread| thread.join().expect("a panic ends the process")));
        done.flatten().collect()
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

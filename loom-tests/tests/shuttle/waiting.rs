//! Many who wait for the same futures, each in its own way.

use crate::base::{Future, ReturnWhen, ThreadPoolExecutor, as_completed, promise, wait};
use crate::harness::{join, reach, scenario, thread};
use crate::payload::{Payload, callback};
use crate::runs::Runs;
use crate::sync::Arc;

#[test]
fn six_waiters_of_six_futures_all_return() {
    scenario(
        "many_waiters",
        "of six futures that three threads finish, fail and cancel, six waiters each get their answer",
        &["the first was alone", "several had ended"],
        || {
            let (promises, futures): (Vec<_>, Vec<_>) =
                (0..6).map(|_| promise::<Payload>()).unzip();
            let futures: Arc<[_]> = futures.into();
            let waiters = [
                ReturnWhen::AllCompleted,
                ReturnWhen::FirstCompleted,
                ReturnWhen::FirstException,
            ];
            let mut threads: Vec<_> = waiters
                .into_iter()
                .map(|when| {
                    let futures = Arc::clone(&futures);
                    thread(move || answer(&futures, when))
                })
                .collect();
            for n in [0, 1, 4] {
                let futures = Arc::clone(&futures);
                threads.push(thread(move || {
                    let value = futures[n].result().ok().map(Payload::value);
                    assert!(value.is_none_or(|value| value == 7), "{value:?}");
                }));
            }
            // Each but the last ends two: one as it likes, and one that somebody cancels meanwhile.
            let mut promises = promises.into_iter();
            for pair in 0..3 {
                let (finished, other) = (promises.next().unwrap(), promises.next().unwrap());
                let futures = Arc::clone(&futures);
                threads.push(thread(move || {
                    assert!(futures[2 * pair + 1].cancel(), "nobody claims it");
                    assert!(finished.finish(Ok(Payload::new(7))));
                    assert!(!other.finish(Ok(Payload::new(8))), "it was cancelled");
                }));
            }
            join(threads);
        },
    );
}

/// Waits, and checks what the wait says.
fn answer(futures: &[Future<Payload>], when: ReturnWhen) {
    // Twice each, which is to count once.
    let given = futures.iter().chain(futures);
    let outcome = wait(given, when);
    let ended = outcome.done.len();
    assert_eq!(ended + outcome.not_done.len(), futures.len());
    assert!(outcome.done.iter().all(|future| future.done()));
    match when {
        ReturnWhen::FirstCompleted => {
            assert!(ended > 0, "the first has not ended");
            reach(if ended == 1 {
                "the first was alone"
            } else {
                "several had ended"
            });
        }
        // None fails, and being cancelled is not failing.
        ReturnWhen::AllCompleted | ReturnWhen::FirstException => assert_eq!(ended, futures.len()),
    }
}

#[test]
fn four_consumers_of_eight_futures_get_each_once() {
    scenario(
        "as_completed_consumers",
        "four consumers, one of which leaves midway, get each of eight futures of a pool once as it ends",
        &["in order", "out of order"],
        || {
            const TASKS: usize = 8;
            let pool = ThreadPoolExecutor::new(3).unwrap();
            let runs = Runs::of(TASKS);
            let futures: Arc<[_]> = (0..TASKS).map(|n| runs.submit(&pool, n)).collect();
            let consumers = [TASKS, TASKS, TASKS, 3].map(|most| {
                let futures = Arc::clone(&futures);
                thread(move || consume(&futures, most))
            });
            futures[TASKS - 1].add_done_callback(callback(|_| ()));
            futures[TASKS - 1].cancel();
            join(consumers);
            for (n, future) in futures.iter().enumerate() {
                runs.check(n, future);
            }
        },
    );
}

fn consume(futures: &[Future<Payload>], most: usize) {
    let place = |future: &Future<Payload>| futures.iter().position(|other| other == future);
    let ended = as_completed(futures).take(most);
    let mut places: Vec<_> = ended
        .map(|future| {
            assert!(future.done(), "yielded before its end");
            place(future).expect("one of those that were given")
        })
        .collect();
    assert_eq!(places.len(), most, "too few");
    reach(if places.is_sorted() {
        "in order"
    } else {
        "out of order"
    });
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), most, "one was yielded twice");
}

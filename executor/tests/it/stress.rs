//! Storms: several threads submit, cancel, wait and shut down at once.
//!
//! Each storm is seeded by its number, short by default, and repeated as often as `EXECUTOR_STRESS`
//! says. It runs in a process of its own, and when it is over threads, descriptors and children
//! must be what they were.

use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use executor::{
    Executor, Future, ReturnWhen, Shutdown, SubmitError, TaskError, as_completed_timeout, wait,
    wait_timeout,
};

use crate::alone::{Footprint, alone_with};
use crate::backends::{Backend, Threads};

/// The next of a sequence of numbers that are as good as random (splitmix64).
fn next(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut number = *seed;
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// How often each storm blows.
fn repetitions() -> u64 {
    env::var("EXECUTOR_STRESS").map_or(1, |count| {
        count.parse().expect("EXECUTOR_STRESS is a number")
    })
}

/// Lets a storm blow in a process of its own, which is told how often by the same variable.
fn blow(scenario: impl FnOnce()) {
    alone_with(&[], Duration::from_secs(60 + 2 * repetitions()), scenario);
}

/// Repeats a storm, which is given its seed, and compares the footprints.
fn repeat(storm: impl Fn(u64)) {
    let before = Footprint::after(|| storm(u64::MAX));
    for number in 0..repetitions() {
        println!("storm {number}");
        storm(number);
        before.assert_restored();
    }
}

fn work(n: u32) -> u32 {
    if n.is_multiple_of(17) {
        panic!("on purpose");
    }
    n.wrapping_mul(n)
}

/// What a future of [`work`] may have come to.
fn check(n: u32, result: Result<&u32, TaskError>, may_be_cancelled: bool) {
    match result {
        Ok(value) => assert_eq!(*value, n.wrapping_mul(n)),
        Err(TaskError::Panicked(_)) => assert_eq!(n % 17, 0),
        Err(TaskError::Cancelled) => assert!(may_be_cancelled),
        Err(error) => panic!("{error}"),
    }
}

/// Four threads submit, cancel and wait on a pool, and one of them shuts it down in the middle.
fn storm_with_shutdown<B: Backend>(mut seed: u64, tasks: u64) {
    let pool = B::pool(1 + next(&mut seed) as usize % 4);
    let seeds = [0; 4].map(|_: u64| next(&mut seed));
    thread::scope(|scope| {
        for (thread, mut seed) in seeds.into_iter().enumerate() {
            let pool = &pool;
            scope.spawn(move || {
                let stop_at = next(&mut seed) % (2 * tasks);
                let mut futures: Vec<(u32, Future<u32>)> = Vec::new();
                for round in 0..tasks {
                    if thread == 0 && round == stop_at {
                        pool.shutdown(match next(&mut seed) % 4 {
                            0 => Shutdown::wait(),
                            1 => Shutdown::no_wait(),
                            2 => Shutdown::wait().cancel_pending(),
                            _ => Shutdown::no_wait().cancel_pending(),
                        });
                    }
                    let n = next(&mut seed) as u32 % 1000;
                    match pool.submit(work, (n,)).map_err(SubmitError::from) {
                        Ok(future) => futures.push((n, future)),
                        Err(SubmitError::ShutDown) => break,
                        Err(error) => panic!("{error}"),
                    }
                    use_one(&futures, &mut seed);
                }
                for (n, future) in &futures {
                    check(*n, future.result(), true);
                }
            });
        }
    });
}

/// Does something to one of the futures.
fn use_one(futures: &[(u32, Future<u32>)], seed: &mut u64) {
    let (n, future) = &futures[next(seed) as usize % futures.len()];
    match next(seed) % 8 {
        0 => check(*n, future.result(), true),
        1 | 2 => drop(future.cancel()),
        3 => drop(wait_timeout(
            [future],
            ReturnWhen::AllCompleted,
            Duration::ZERO,
        )),
        4 => {
            let all = futures.iter().map(|(_, future)| future);
            assert!(!wait(all, ReturnWhen::FirstCompleted).done.is_empty());
        }
        5 => {
            let all = futures.iter().map(|(_, future)| future);
            let _ = as_completed_timeout(all, Duration::ZERO).next();
        }
        6 => future.add_done_callback(|future| assert!(future.done())),
        _ => thread::yield_now(),
    }
}

/// Several threads wait for, cancel and take the same futures; each callback runs once.
fn storm_over_the_same_futures<B: Backend>(mut seed: u64, tasks: u32) {
    let pool = B::pool(2);
    static CALLS: AtomicU32 = AtomicU32::new(0);
    // ORDERING: Relaxed, here and below; the pool's end comes before the look.
    CALLS.store(0, Ordering::Relaxed);
    let futures: Vec<(u32, Future<u32>)> = (0..tasks)
        .map(|n| (n, pool.submit(work, (n,)).unwrap()))
        .collect();
    let refused = Mutex::new(0);
    let seeds = [0; 4].map(|_: u64| next(&mut seed));
    thread::scope(|scope| {
        for mut seed in seeds {
            let (futures, refused) = (&futures, &refused);
            scope.spawn(move || {
                for (n, future) in futures {
                    future.add_done_callback(|_| {
                        CALLS.fetch_add(1, Ordering::Relaxed);
                    });
                    if next(&mut seed).is_multiple_of(4) && !future.cancel() {
                        *refused.lock().unwrap() += 1;
                    }
                    check(
                        *n,
                        future.clone().into_result().as_ref().map_err(Clone::clone),
                        true,
                    );
                }
                let all = futures.iter().map(|(_, future)| future);
                assert!(wait(all, ReturnWhen::AllCompleted).not_done.is_empty());
            });
        }
    });
    drop(pool);
    assert_eq!(CALLS.load(Ordering::Relaxed), 4 * tasks);
}

#[test]
fn threads_survive_storms_with_shutdown() {
    blow(|| repeat(|seed| storm_with_shutdown::<Threads>(seed, 100)));
}

#[test]
fn threads_survive_storms_over_the_same_futures() {
    blow(|| repeat(|seed| storm_over_the_same_futures::<Threads>(seed, 100)));
}

#[cfg(feature = "rayon")]
#[test]
fn rayon_survives_storms_with_shutdown() {
    blow(|| repeat(|seed| storm_with_shutdown::<crate::backends::Rayon>(seed, 100)));
}

#[cfg(feature = "rayon")]
#[test]
fn rayon_survives_storms_over_the_same_futures() {
    blow(|| repeat(|seed| storm_over_the_same_futures::<crate::backends::Rayon>(seed, 100)));
}

#[cfg(all(feature = "process", target_os = "linux"))]
#[test]
fn processes_survive_storms_with_shutdown() {
    blow(|| repeat(|seed| storm_with_shutdown::<crate::backends::Processes>(seed, 50)));
}

#[cfg(all(feature = "process", target_os = "linux"))]
#[test]
fn processes_survive_storms_over_the_same_futures() {
    blow(|| repeat(|seed| storm_over_the_same_futures::<crate::backends::Processes>(seed, 50)));
}

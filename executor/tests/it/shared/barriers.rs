//! Barriers, from threads and processes.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use executor::Executor;
use executor::shared::{AtomicArray, Barrier, SharedError};

use super::seats::{Seats, await_all_asleep, seats, sit};
use crate::backends::{Backend, on_every_executor};
use crate::watchdog::watch;

const ROUNDS: usize = 500;

fn parties_meet_again_and_again<B: Backend>() {
    let pool = B::pool(3);
    let barrier = Barrier::new(3).unwrap();
    let arrivals = AtomicArray::<u32>::zeroed(ROUNDS).unwrap();
    let meet = |barrier: Barrier, arrivals: AtomicArray<u32>| {
        let mut indexes = 0;
        for round in &arrivals[..] {
            // ORDERING: Relaxed, here and below: the meeting orders it.
            round.fetch_add(1, Relaxed);
            indexes += barrier.wait().unwrap();
            assert_eq!(round.load(Relaxed), 3, "somebody has not come yet");
        }
        indexes
    };
    let tasks: Vec<_> = (0..3)
        .map(|_| {
            pool.submit(meet, (barrier.clone(), arrivals.clone()))
                .unwrap()
        })
        .collect();
    let indexes: usize = tasks.into_iter().map(|it| it.into_result().unwrap()).sum();
    // Each round gives 0, 1 and 2.
    assert_eq!(indexes, 3 * ROUNDS);
    assert_eq!((barrier.waiting(), barrier.parties()), (0, 3));
}

/// Waits at the barrier, and says whether there was a meeting.
fn wait(barrier: Barrier, seats: Seats, seat: u32) -> bool {
    sit(&seats, seat);
    match barrier.wait_timeout(Duration::from_secs(1000)) {
        Ok(_) => true,
        Err(SharedError::BarrierBroken) => false,
        Err(other) => panic!("{other}"),
    }
}

/// Has so many wait, and does something when they sleep; how many meetings there were.
fn meetings<P: Executor>(pool: &P, barrier: &Barrier, count: u32, act: impl FnOnce()) -> usize {
    let seats = seats(count as usize);
    let tasks: Vec<_> = (0..count)
        .map(|seat| {
            let args = (barrier.clone(), seats.clone(), seat);
            pool.submit(wait, args).unwrap()
        })
        .collect();
    await_all_asleep(&seats);
    act();
    let met = tasks.into_iter().map(|it| it.into_result().unwrap());
    met.filter(|met| *met).count()
}

fn one_that_times_out_breaks_the_barrier_for_all_until_it_is_reset<B: Backend>() {
    let pool = B::pool(4);
    let barrier = Barrier::new(5).unwrap();
    for _ in 0..2 {
        let give_up = || {
            let time = Duration::from_millis(30);
            let start = Instant::now();
            assert!(barrier.wait_timeout(time).is_err());
            assert!(start.elapsed() >= time);
        };
        assert_eq!(meetings(&pool, &barrier, 3, give_up), 0);
        assert!(barrier.is_broken());
        assert!(barrier.wait().is_err());
        barrier.reset();
        assert!(!barrier.is_broken());
        let join = || assert_eq!(barrier.wait().unwrap(), 4);
        assert_eq!(meetings(&pool, &barrier, 4, join), 4);
    }
}

fn an_abort_breaks_the_barrier<B: Backend>() {
    let pool = B::pool(2);
    let barrier = Barrier::new(3).unwrap();
    assert_eq!(meetings(&pool, &barrier, 2, || barrier.abort()), 0);
    assert!(barrier.is_broken() && barrier.wait().is_err());
}

fn a_reset_sends_away_who_waits_and_breaks_nothing<B: Backend>() {
    let pool = B::pool(2);
    let barrier = Barrier::new(3).unwrap();
    for _ in 0..3 {
        let reset = || {
            assert_eq!(barrier.waiting(), 2);
            barrier.reset();
        };
        assert_eq!(meetings(&pool, &barrier, 2, reset), 0);
        assert!(!barrier.is_broken());
    }
    let join = || assert_eq!(barrier.wait().unwrap(), 2);
    assert_eq!(meetings(&pool, &barrier, 2, join), 2);
}

on_every_executor!(
    parties_meet_again_and_again,
    one_that_times_out_breaks_the_barrier_for_all_until_it_is_reset,
    an_abort_breaks_the_barrier,
    a_reset_sends_away_who_waits_and_breaks_nothing,
);

#[test]
fn a_barrier_needs_a_party_and_one_meets_itself() {
    watch(|| {
        assert!(matches!(
            Barrier::new(0),
            Err(SharedError::InvalidArgument {
                argument: "parties",
                ..
            })
        ));
        let alone = Barrier::new(1).unwrap();
        for _ in 0..100 {
            assert_eq!(alone.wait().unwrap(), 0);
        }
    });
}

//! Semaphores, from threads and processes.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use executor::Executor;
use executor::shared::{Atomic, Semaphore, SharedError};

use super::seats::{Seats, await_all_asleep, seats, sit};
use crate::backends::{Backend, on_every_executor};
use crate::watchdog::watch;

fn no_more_tasks_are_inside_than_there_are_units<B: Backend>() {
    let pool = B::pool(4);
    let units = Semaphore::bounded(2).unwrap();
    let inside = Atomic::new(0_u32).unwrap();
    // ORDERING: Relaxed, the count is all there is to see.
    let enter = |units: Semaphore, inside: Atomic<u32>| {
        for _ in 0..1000 {
            units.acquire();
            let others = inside.fetch_add(1, Relaxed);
            assert!(others < 2, "{others} others are inside");
            inside.fetch_sub(1, Relaxed);
            units.release(1).unwrap();
        }
    };
    let tasks: Vec<_> = (0..4)
        .map(|_| pool.submit(enter, (units.clone(), inside.clone())).unwrap())
        .collect();
    for task in tasks {
        task.into_result().unwrap();
    }
    assert_eq!(units.available(), 2);
}

fn so_many_are_let_in_as_units_are_released<B: Backend>() {
    let pool = B::pool(4);
    let (units, inside) = (Semaphore::new(0).unwrap(), Semaphore::new(0).unwrap());
    let seats = seats(4);
    let enter = |units: Semaphore, inside: Semaphore, seats: Seats, seat: u32| {
        sit(&seats, seat);
        if seat == 1 {
            assert!(units.acquire_timeout(Duration::from_secs(1000)));
        } else {
            units.acquire();
        }
        inside.release(1).unwrap();
    };
    let tasks: Vec<_> = (0..4)
        .map(|seat| {
            let args = (units.clone(), inside.clone(), seats.clone(), seat);
            pool.submit(enter, args).unwrap()
        })
        .collect();
    await_all_asleep(&seats);
    for released in [1, 2, 1] {
        units.release(released).unwrap();
        for _ in 0..released {
            inside.acquire();
        }
        assert_eq!((inside.available(), units.available()), (0, 0));
    }
    for task in tasks {
        task.into_result().unwrap();
    }
}

on_every_executor!(
    no_more_tasks_are_inside_than_there_are_units,
    so_many_are_let_in_as_units_are_released,
);

#[test]
fn a_unit_is_had_or_not() {
    watch(|| {
        let units = Semaphore::new(2).unwrap();
        units.acquire();
        assert!(units.try_acquire() && !units.try_acquire());
        for time in [0, 30].map(Duration::from_millis) {
            let start = Instant::now();
            assert!(!units.acquire_timeout(time));
            assert!(start.elapsed() >= time);
        }
        units.release(5).unwrap();
        assert!(units.acquire_timeout(Duration::MAX));
        assert_eq!(units.available(), 4);
    });
}

#[test]
fn more_cannot_be_released_than_there_can_be() {
    fn refused(released: Result<(), SharedError>) -> u32 {
        match released {
            Err(SharedError::ReleasedTooOften { most }) => most,
            other => panic!("{other:?}"),
        }
    }
    watch(|| {
        let bounded = Semaphore::bounded(2).unwrap();
        assert_eq!(refused(bounded.release(1)), 2);
        bounded.acquire();
        assert_eq!(refused(bounded.release(2)), 2);
        assert_eq!(bounded.available(), 1);
        bounded.release(1).unwrap();
        bounded.release(0).unwrap();
        let most = u32::MAX / 2;
        let unbounded = Semaphore::new(most).unwrap();
        for units in [1, most, u32::MAX] {
            assert_eq!(refused(unbounded.release(units)), most);
        }
        unbounded.acquire();
        unbounded.release(1).unwrap();
        assert!(matches!(
            Semaphore::new(most + 1),
            Err(SharedError::InvalidArgument {
                argument: "units",
                ..
            })
        ));
    });
}

//! What a task costs in allocations, and that waits that timed out and derived futures that were cancelled leave
//! nothing behind.
//!
//! A test binary of its own, because a global allocator belongs to a whole binary; and a single
//! test, because it counts what happens on all threads.

#![expect(unsafe_code, reason = "an allocator that counts is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use executor::{
    ReturnWhen, ThreadPoolExecutor, as_completed_timeout, collect, promise, wait_timeout,
};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static LARGEST: AtomicUsize = AtomicUsize::new(0);
static LIVE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is passed on to the system's allocator as it comes.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // ORDERING: Relaxed, here and below: the counts are read where nothing else runs.
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Allocations, and the size of the largest, since the last call.
fn counted() -> (u64, usize) {
    let allocations = ALLOCATIONS.swap(0, Ordering::Relaxed);
    (allocations, LARGEST.swap(0, Ordering::Relaxed))
}

/// The bytes that a task may take: a cache line.
const CELL_BYTES: usize = 64;

#[test]
fn a_task_is_one_allocation_of_at_most_a_cache_line_and_what_was_given_up_leaves_nothing() {
    a_task_is_one_allocation();
    waits_that_timed_out_leave_nothing();
    derived_futures_that_were_cancelled_leave_nothing();
}

fn a_task_is_one_allocation() {
    const TASKS: u64 = 1_000;
    let pool = ThreadPoolExecutor::new(1).expect("a pool");
    // The first tasks start the worker and let the queues grow to what they stay at.
    let warm_up: Vec<_> = (0..10 * TASKS)
        .map(|_| pool.submit(|| (), ()).expect("a future"))
        .collect();
    for future in warm_up {
        future.result().expect("nothing");
    }
    let mut as_promised = 0;
    let mut largest = 0;
    for _ in 0..TASKS {
        counted();
        let future = pool.submit(|| (), ()).expect("a future");
        // Not by `result`, whose waiter is an allocation of its own if it has to sleep.
        while !future.done() {
            std::thread::yield_now();
        }
        drop(future);
        let (count, bytes) = counted();
        if count == 1 {
            as_promised += 1;
            largest = largest.max(bytes);
        }
    }
    // The queue grows now and then, and the test harness has a thread of its own.
    assert!(as_promised > TASKS - TASKS / 20, "{as_promised} of {TASKS}");
    assert!(largest <= CELL_BYTES, "{largest} bytes");
    println!("one allocation of {largest} bytes");
}

fn waits_that_timed_out_leave_nothing() {
    let (promise, future) = promise::<i32>();
    let give_up = || {
        for mode in [
            ReturnWhen::AllCompleted,
            ReturnWhen::FirstCompleted,
            ReturnWhen::FirstException,
        ] {
            assert!(
                wait_timeout([&future], mode, Duration::ZERO)
                    .done
                    .is_empty()
            );
        }
        assert!(future.result_timeout(Duration::ZERO).is_err());
        let mut ended = as_completed_timeout([&future], Duration::ZERO);
        assert!(ended.next().is_some_and(|item| item.is_err()));
        drop(as_completed_timeout([&future], Duration::ZERO));
    };
    leaves_nothing(give_up);
    drop(promise);
}

/// Of a future that is pending for long, such as one that says when all are to stop.
fn derived_futures_that_were_cancelled_leave_nothing() {
    let (mut promise, future) = promise::<i32>();
    assert!(promise.claim());
    let kept: Vec<_> = (0..10)
        .map(|n| future.then(move |it| Ok(*it? + n)))
        .collect();
    leaves_nothing(|| {
        let (_other, other) = executor::promise::<i32>();
        assert!(future.then(|it| Ok(*it?)).cancel());
        assert!(collect([future.clone(), other, future.clone()]).cancel());
    });
    assert!(promise.finish(Ok(1)));
    for (n, kept) in (0..10).zip(kept) {
        assert_eq!(kept.into_result().expect("a number"), 1 + n);
    }
}

fn leaves_nothing(give_up: impl Fn()) {
    (0..100).for_each(|_| give_up());
    let before = LIVE.load(Ordering::Relaxed);
    (0..1_000).for_each(|_| give_up());
    let held = LIVE.load(Ordering::Relaxed).saturating_sub(before);
    // One word left behind each time would be more; the test harness may hold a little.
    assert!(held < 8_000, "{held} bytes held");
}

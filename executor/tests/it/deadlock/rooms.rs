//! Tasks that submit to queues that are full.

use std::sync::Arc;
use std::sync::mpsc::channel;

use executor::SubmitError;

use super::{Local, on_threads_and_rayon};
use crate::gate::{Gate, pass};

on_threads_and_rayon!(
    the_only_worker_that_fills_its_own_queue_is_told,
    workers_of_two_pools_that_fill_each_other_s_queues_are_told,
    a_task_may_wait_for_room_that_another_worker_makes,
    the_only_worker_scopes_more_than_fit_in_its_queue_one_after_the_other,
    a_scoped_task_that_is_cancelled_takes_no_room,
);

fn fill<P: Local>(pool: &P, tasks: usize) -> Result<(), SubmitError> {
    (0..tasks).try_for_each(|_| pool.try_go(|| ()).map(drop))
}

fn the_only_worker_that_fills_its_own_queue_is_told<P: Local>() {
    let pool = P::bounded(1, 2);
    let inner = Arc::clone(&pool);
    let filled = pool.go(move || fill(&*inner, 3)).into_result().unwrap();
    let Err(error @ SubmitError::Deadlock(_)) = filled else {
        panic!("{filled:?}")
    };
    assert!(
        error.to_string().contains("room in the queue of"),
        "{error}"
    );
}

fn workers_of_two_pools_that_fill_each_other_s_queues_are_told<P: Local>() {
    for _ in 0..20 {
        let pools = [P::bounded(1, 1), P::bounded(1, 1)];
        let mut gate = Gate::new();
        let fills = [(0, 1), (1, 0)].map(|(from, to)| {
            let (to, key) = (Arc::clone(&pools[to]), gate.key());
            let fills = pools[from].go(move || {
                pass(key);
                fill(&*to, 2)
            });
            gate.await_arrivals(1);
            fills
        });
        gate.open();
        let told = fills.map(|fills| fills.into_result().unwrap().is_err());
        assert_ne!(told, [false; 2], "neither makes room while both submit");
    }
}

fn a_task_may_wait_for_room_that_another_worker_makes<P: Local>() {
    for _ in 0..20 {
        let pool = P::bounded(2, 1);
        let mut gate = Gate::new();
        let key = gate.key();
        let busy = pool.go(move || pass(key));
        gate.await_arrivals(1);
        let inner = Arc::clone(&pool);
        let (begun, begins) = channel();
        let fills = pool.go(move || {
            begun.send(()).unwrap();
            fill(&*inner, 2)
        });
        begins.recv().unwrap();
        gate.open();
        busy.result().unwrap();
        fills.into_result().unwrap().unwrap();
    }
}

fn the_only_worker_scopes_more_than_fit_in_its_queue_one_after_the_other<P: Local>() {
    let pool = P::bounded(1, 2);
    let inner = Arc::clone(&pool);
    let numbers = pool.go(move || {
        inner.within(|scope| {
            // Each is run by who waits for it, and its place is free for the next.
            let number = |n| Ok::<u32, SubmitError>(*scope.submit(move || n)?.result().unwrap());
            (0..6).map(number).collect::<Result<Vec<_>, _>>()
        })
    });
    assert_eq!(numbers.into_result().unwrap().unwrap(), [0, 1, 2, 3, 4, 5]);
}

fn a_scoped_task_that_is_cancelled_takes_no_room<P: Local>() {
    let pool = P::bounded(1, 1);
    let inner = Arc::clone(&pool);
    let cancelled = pool.go(move || {
        inner.within(|scope| {
            let cancel = |_| Ok::<bool, SubmitError>(scope.submit(|| ())?.cancel());
            (0..6).map(cancel).collect::<Result<Vec<_>, _>>()
        })
    });
    assert_eq!(cancelled.into_result().unwrap().unwrap(), [true; 6]);
}

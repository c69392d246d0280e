//! Tasks of two pools that wait for each other's workers.

use std::sync::Arc;

use super::{Local, Outcome, deadlock, on_threads_and_rayon, waiter};

on_threads_and_rayon!(
    a_ring_over_two_pools_is_seen,
    two_pools_whose_workers_all_wait_for_the_other_s_are_seen,
    a_free_worker_of_the_other_pool_is_enough,
);

fn a_ring_over_two_pools_is_seen<P: Local>() {
    let (one, other) = (P::pool(1), P::pool(1));
    let (first, tell_first) = waiter(&*one);
    let (second, tell_second) = waiter(&*other);
    tell_first.send(second.clone()).unwrap();
    tell_second.send(first.clone()).unwrap();
    let outcomes = [first.into_result().unwrap(), second.into_result().unwrap()];
    let told: Vec<_> = outcomes.iter().filter(|it| it.is_err()).collect();
    assert_eq!(told.len(), 1, "{outcomes:?}");
    deadlock(told[0]);
}

/// A task of the first pool waits for one of the second, which waits for another of the first: no task
/// waits for itself, but the first pool has no worker left.
fn there_and_back<P: Local>(one: &Arc<P>, other: &Arc<P>) -> Outcome {
    let (here, there) = (Arc::clone(one), Arc::clone(other));
    let outer = one.go(move || -> Outcome {
        let back = Arc::clone(&here);
        let middle = there.go(move || -> Outcome {
            let inner = back.go(|| 1);
            Ok(inner.result()? + 1)
        });
        match middle.into_result()? {
            Ok(number) => Ok(number + 1),
            Err(error) => Err(error),
        }
    });
    outer.into_result().expect("it returns")
}

fn two_pools_whose_workers_all_wait_for_the_other_s_are_seen<P: Local>() {
    let (one, other) = (P::pool(1), P::pool(1));
    let text = deadlock(&there_and_back(&one, &other));
    assert!(text.contains("has no free worker"), "{text}");
    // Both go on after that.
    assert_eq!(one.go(|| 1).into_result().unwrap(), 1);
    assert_eq!(other.go(|| 1).into_result().unwrap(), 1);
}

fn a_free_worker_of_the_other_pool_is_enough<P: Local>() {
    let (one, other) = (P::pool(2), P::pool(1));
    assert_eq!(there_and_back(&one, &other).unwrap(), 3);
}

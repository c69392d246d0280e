//! Tasks that submit to queues that are full.

use std::sync::Arc;

use executor::SubmitError;

use super::{Local, on_threads_and_rayon};
use crate::gate::{Gate, pass};

on_threads_and_rayon!(
    the_only_worker_that_fills_its_own_queue_is_told,
    workers_of_two_pools_that_fill_each_other_s_queues_are_told,
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

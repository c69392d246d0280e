//! The other ways to wait inside a task: for all, for the first, as they complete, over a map.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use executor::{
    Future, MapError, MapOptions, ReturnWhen, Shutdown, TaskError, as_completed, wait, wait_timeout,
};

use super::{Local, Outcome, deadlock, on_threads_and_rayon};
use crate::gate::{Marks, leave_mark};

on_threads_and_rayon!(
    waiting_for_all_on_the_only_worker_runs_them_all,
    waiting_for_the_first_on_the_only_worker_runs_one,
    iterating_on_the_only_worker_runs_them_all,
    mapping_on_the_only_worker_runs_all_items,
    mapping_with_options_on_the_only_worker_runs_all_items,
    waiting_for_all_of_a_ring_returns,
    waiting_for_the_first_of_a_ring_returns,
    waiting_for_the_first_failure_in_a_ring_returns,
    iterating_over_a_ring_yields_what_can_never_end,
    a_limited_wait_in_a_ring_just_ends,
    an_item_of_a_map_that_is_told_of_a_deadlock_never_runs,
);

fn within<P: Local, T: Send + 'static>(
    pool: &Arc<P>,
    body: impl FnOnce(Arc<P>) -> T + Send + 'static,
) -> T {
    let inner = Arc::clone(pool);
    let future = pool.go(move || body(inner));
    match future.try_into_result() {
        Ok(outcome) => outcome.expect("it returns"),
        Err(_) => panic!("there is one future of it"),
    }
}

fn children<P: Local>(pool: &Arc<P>) -> Vec<Future<u32>> {
    (0..5).map(|number| pool.go(move || number)).collect()
}

fn waiting_for_all_on_the_only_worker_runs_them_all<P: Local>() {
    within(&P::pool(1), |pool| {
        let outcome = wait(children(&pool), ReturnWhen::AllCompleted);
        assert_eq!((outcome.done.len(), outcome.not_done.len()), (5, 0));
    });
}

fn waiting_for_the_first_on_the_only_worker_runs_one<P: Local>() {
    within(&P::pool(1), |pool| {
        let outcome = wait(children(&pool), ReturnWhen::FirstCompleted);
        assert_eq!((outcome.done.len(), outcome.not_done.len()), (1, 4));
    });
}

fn iterating_on_the_only_worker_runs_them_all<P: Local>() {
    within(&P::pool(1), |pool| {
        let sum: u32 = as_completed(children(&pool))
            .map(|future| future.into_result().unwrap())
            .sum();
        assert_eq!(sum, 10);
    });
}

fn mapping_on_the_only_worker_runs_all_items<P: Local>() {
    within(&P::pool(1), |pool| {
        let squares: Result<Vec<u32>, TaskError> =
            pool.map(|n: u32| n * n, 0..5).unwrap().collect();
        assert_eq!(squares.unwrap(), [0, 1, 4, 9, 16]);
    });
}

fn mapping_with_options_on_the_only_worker_runs_all_items<P: Local>() {
    within(&P::pool(1), |pool| {
        for options in [
            MapOptions::new(),
            MapOptions::new().chunksize(3),
            MapOptions::new().automatic_chunksize().buffersize(16),
            MapOptions::new().chunksize(2).unordered(),
            MapOptions::new().buffersize(4).unordered(),
        ] {
            let map = || pool.map_with(|n: u32| n * n, 0..30, options).unwrap();
            let iterated: Result<Vec<u32>, MapError> = map().collect();
            for squares in [iterated, map().collect_values()] {
                let mut squares = squares.unwrap();
                squares.sort_unstable();
                let expected: Vec<u32> = (0..30).map(|n| n * n).collect();
                assert_eq!(squares, expected, "{options:?}");
            }
        }
    });
}

/// A task that does `body` with its own future and one that ends.
fn with_itself<P: Local>(
    body: impl FnOnce(Vec<Future<Outcome>>) -> Outcome + Send + 'static,
) -> Outcome {
    let pool = P::pool(2);
    let (tell, told) = channel();
    let own = pool.go(move || body(told.recv().expect("the scenario sends it")));
    let other = pool.go(|| Ok(1));
    tell.send(vec![other, own.clone()]).unwrap();
    own.into_result().expect("it returns")
}

fn waiting_for_all_of_a_ring_returns<P: Local>() {
    let outcome = with_itself::<P>(|futures| {
        let outcome = wait(&futures, ReturnWhen::AllCompleted);
        assert!(outcome.not_done.contains(&&futures[1]));
        follow_up(outcome.not_done[outcome.not_done.len() - 1])
    });
    deadlock(&outcome);
}

/// What one who does not look closer finds.
fn follow_up(future: &Future<Outcome>) -> Outcome {
    future.result()?.clone()
}

fn waiting_for_the_first_of_a_ring_returns<P: Local>() {
    let outcome = with_itself::<P>(|futures| {
        let outcome = wait(&futures[1..], ReturnWhen::FirstCompleted);
        assert!(outcome.done.is_empty());
        follow_up(outcome.not_done[0])
    });
    deadlock(&outcome);
}

fn waiting_for_the_first_failure_in_a_ring_returns<P: Local>() {
    let outcome = with_itself::<P>(|futures| {
        let outcome = wait(&futures, ReturnWhen::FirstException);
        assert_eq!(outcome.done, [&futures[0]]);
        follow_up(outcome.not_done[0])
    });
    deadlock(&outcome);
}

fn iterating_over_a_ring_yields_what_can_never_end<P: Local>() {
    let outcome = with_itself::<P>(|futures| {
        let mut completed = as_completed(&futures);
        assert_eq!(completed.next(), Some(&futures[0]));
        let own = completed.next().expect("it is yielded all the same");
        assert!(!own.done());
        assert_eq!(completed.next(), None);
        follow_up(own)
    });
    deadlock(&outcome);
}

fn a_limited_wait_in_a_ring_just_ends<P: Local>() {
    let outcome = with_itself::<P>(|futures| {
        let moment = Duration::from_millis(1);
        assert!(futures[1].result_timeout(moment).is_err());
        let outcome = wait_timeout(&futures[1..], ReturnWhen::AllCompleted, moment);
        assert!(outcome.done.is_empty());
        Ok(7)
    });
    assert_eq!(outcome.unwrap(), 7);
}

/// Whoever is told so goes on without it.
fn an_item_of_a_map_that_is_told_of_a_deadlock_never_runs<P: Local>() {
    for options in [MapOptions::new(), MapOptions::new().unordered()] {
        let marks = Marks::new();
        let key = marks.key();
        let pool = P::strict(1);
        let inner = Arc::clone(&pool);
        let told = pool.go(move || {
            let items = (0..3).map(|n| (key.clone(), n));
            let map = inner.starmap_with(leave_mark, items, options).unwrap();
            let is_told = |item: &_| matches!(item, Err(MapError::Task(TaskError::Deadlock(_))));
            map.filter(is_told).count()
        });
        assert_eq!(told.into_result().unwrap(), 3);
        pool.shutdown(Shutdown::wait());
        assert_eq!(marks.tasks(), 0);
    }
}

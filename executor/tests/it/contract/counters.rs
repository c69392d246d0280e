//! What an executor says that it has to do and has done.

use executor::{Counters, Executor, Shutdown, fallible};

use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, pass};

on_every_executor!(
    an_unused_executor_has_done_nothing,
    what_is_queued_runs_and_has_finished_is_counted,
    failed_tasks_count_as_finished_and_cancelled_ones_do_not,
    a_task_whose_future_has_ended_counts_as_finished,
);

fn tasks(counters: Counters) -> (usize, usize, u64) {
    (counters.queued, counters.running, counters.finished)
}

fn an_unused_executor_has_done_nothing<B: Backend>() {
    let pool = B::pool(2);
    assert_eq!(tasks(pool.counters()), (0, 0, 0));
    assert_eq!(pool.counters().replaced, 0);
    pool.shutdown(Shutdown::wait());
    assert_eq!(tasks(pool.counters()), (0, 0, 0));
}

fn what_is_queued_runs_and_has_finished_is_counted<B: Backend>() {
    let pool = B::pool(2);
    let mut gate = Gate::new();
    for _ in 0..2 {
        pool.submit(pass, (gate.key(),)).unwrap();
        gate.await_arrivals(1);
    }
    let futures: Vec<_> = (0..5).map(|_| pool.submit(|| 1, ()).unwrap()).collect();
    assert_eq!(tasks(pool.counters()), (5, 2, 0));
    assert_eq!(pool.counters().workers, 2);
    gate.open();
    assert!(futures.iter().all(|future| future.result().is_ok()));
    pool.shutdown(Shutdown::wait());
    assert_eq!(tasks(pool.counters()), (0, 0, 7));
}

fn failed_tasks_count_as_finished_and_cancelled_ones_do_not<B: Backend>() {
    let pool = B::pool(1);
    let panics = |text: String| -> u32 { panic!("{text}") };
    let panics = pool.submit(panics, ("on purpose".to_owned(),)).unwrap();
    let fails = fallible(|| Err::<(), _>("on purpose".to_owned()));
    let fails = pool.submit(fails, ()).unwrap();
    assert!(matches!(
        (panics.error(), fails.error()),
        (Some(_), Some(_))
    ));
    let mut gate = Gate::new();
    let running = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    assert!(pool.submit(|| 1, ()).unwrap().cancel());
    gate.open();
    running.result().unwrap();
    pool.shutdown(Shutdown::wait());
    assert_eq!(tasks(pool.counters()), (0, 0, 3));
}

fn a_task_whose_future_has_ended_counts_as_finished<B: Backend>() {
    let pool = B::pool(2);
    for n in 1..=200 {
        pool.submit(|| 1, ()).unwrap().result().unwrap();
        assert_eq!(tasks(pool.counters()), (0, 0, n));
    }
}

//! What a pool is taken to promise.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::gate::Gate;
use crate::pool::{Failure, Handle, Pool, Within};
use crate::scenario::{accepted, ensure, fail, lacks, pool, scenarios};

scenarios!("contract":
    a_result_is_what_the_task_returned,
    as_many_tasks_run_at_once_as_there_are_workers,
    one_worker_starts_tasks_in_the_order_of_submission,
    a_task_whose_handle_is_dropped_runs,
    tasks_from_many_threads_run_once_each,
    a_task_can_submit_another,
    a_panic_is_told_with_its_message,
    a_worker_lives_on_after_a_panic,
    what_a_task_captured_is_dropped_once,
    a_timed_wait_gives_up_and_the_result_comes_later,
    a_cancelled_task_does_not_run,
    a_cancelled_task_has_ended_though_no_worker_came_by,
    a_running_task_is_not_cancelled,
    a_shutdown_waits_for_what_was_accepted,
    a_task_after_the_shutdown_is_refused,
    a_second_shutdown_returns,
    what_was_accepted_ends_though_the_pool_is_dropped,
    the_last_owner_of_a_pool_may_be_its_task,
);

fn a_result_is_what_the_task_returned<P: Pool>() {
    let pool = pool::<P>(2);
    let text = "forty-two".to_owned();
    let result = accepted(pool.submit(move || text.len())).join();
    ensure!(result == Ok(9), "the result is {result:?}");
}

fn as_many_tasks_run_at_once_as_there_are_workers<P: Pool>() {
    let (pool, gate) = (pool::<P>(3), Gate::default());
    let held = || {
        let gate = gate.clone();
        accepted(pool.submit(move || gate.pass()))
    };
    let handles: Vec<_> = (0..9).map(|_| held()).collect();
    gate.await_arrivals(3);
    gate.open();
    for handle in handles {
        ensure!(handle.join().is_ok(), "a task has no result");
    }
    ensure!(gate.arrived() == 9, "{} of 9 tasks ran", gate.arrived());
}

fn one_worker_starts_tasks_in_the_order_of_submission<P: Pool>() {
    let (pool, gate) = (pool::<P>(1), Gate::default());
    let order = Arc::new(Mutex::new(Vec::new()));
    let first = gate.clone();
    let held = accepted(pool.submit(move || first.pass()));
    gate.await_arrivals(1);
    let note = |number| {
        let order = Arc::clone(&order);
        accepted(pool.submit(move || {
            order
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(number);
        }))
    };
    let handles: Vec<_> = (0..10).map(note).collect();
    gate.open();
    for handle in handles.into_iter().chain([held]) {
        ensure!(handle.join().is_ok(), "a task has no result");
    }
    let order = order.lock().unwrap_or_else(PoisonError::into_inner);
    ensure!(order.iter().copied().eq(0..10), "the order is {order:?}");
}

fn a_task_whose_handle_is_dropped_runs<P: Pool>() {
    let pool = pool::<P>(1);
    let (tell, told) = channel();
    drop(accepted(pool.submit(move || tell.send(42))));
    ensure!(told.recv() == Ok(42), "it did not run");
}

fn tasks_from_many_threads_run_once_each<P: Pool>() {
    let pool = pool::<P>(2);
    let runs: Arc<Vec<AtomicUsize>> = Arc::new((0..400).map(|_| AtomicUsize::new(0)).collect());
    let submit = |number: usize| {
        let runs = Arc::clone(&runs);
        // ORDERING: Relaxed, read after the joins.
        accepted(pool.submit(move || runs[number].fetch_add(1, Ordering::Relaxed)))
    };
    thread::scope(|scope| {
        for first in [0, 100, 200, 300] {
            scope.spawn(move || {
                let handles: Vec<_> = (first..first + 100).map(submit).collect();
                for handle in handles {
                    ensure!(handle.join() == Ok(0), "a task ran twice or not at all");
                }
            });
        }
    });
    // ORDERING: Relaxed, for whoever wrote was joined.
    let all_once = runs.iter().all(|runs| runs.load(Ordering::Relaxed) == 1);
    ensure!(all_once, "not every task ran once");
}

fn a_task_can_submit_another<P: Pool>() {
    let pool = pool::<P>(1);
    let (tell, told) = channel();
    let outer = pool.submit(move || drop(accepted(pool.submit(move || tell.send(42)))));
    ensure!(
        accepted(outer).join() == Ok(()),
        "the outer task has no result"
    );
    ensure!(told.recv() == Ok(42), "the inner task did not run");
}

fn a_panic_is_told_with_its_message<P: Pool>() {
    let pool = pool::<P>(1);
    let result = accepted(pool.submit(|| -> u8 { panic!("on purpose") })).join();
    let told = matches!(&result, Err(Failure::Panicked(message)) if message == "on purpose");
    ensure!(told, "the result is {result:?}");
}

fn a_worker_lives_on_after_a_panic<P: Pool>() {
    let pool = pool::<P>(1);
    for _ in 0..10 {
        let result = accepted(pool.submit(|| -> u8 { panic!("on purpose") })).join();
        ensure!(result.is_err(), "a panic left a result");
    }
    let result = accepted(pool.submit(|| 42)).join();
    ensure!(result == Ok(42), "the result is {result:?}");
}

/// Says when the last of its kind is gone, by its channel, and how often that was.
struct Captured(
    Arc<AtomicUsize>,
    #[expect(dead_code, reason = "its end is what it is for")] std::sync::mpsc::Sender<()>,
);

impl Drop for Captured {
    fn drop(&mut self) {
        // ORDERING: Relaxed, the channel's end comes after it.
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn what_a_task_captured_is_dropped_once<P: Pool>() {
    let pool = pool::<P>(2);
    let drops = Arc::new(AtomicUsize::new(0));
    let (end, ended) = channel();
    for _ in 0..50 {
        let captured = Captured(Arc::clone(&drops), end.clone());
        drop(accepted(pool.submit(move || drop(captured))));
    }
    drop(end);
    ensure!(ended.recv().is_err(), "nobody sends anything");
    // ORDERING: Relaxed, see above.
    let drops = drops.load(Ordering::Relaxed);
    ensure!(drops == 50, "{drops} drops of 50");
}

fn a_timed_wait_gives_up_and_the_result_comes_later<P: Pool>() {
    let (pool, gate) = (pool::<P>(1), Gate::default());
    let held = gate.clone();
    let handle = accepted(pool.submit(move || {
        held.pass();
        42
    }));
    gate.await_arrivals(1);
    let handle = match handle.join_within(Duration::from_millis(1)) {
        Within::NotYet(handle) => handle,
        Within::Ended(result) => fail(format!("a held task has ended: {result:?}")),
        Within::Lacking => lacks("timed wait"),
    };
    gate.open();
    let result = handle.join();
    ensure!(result == Ok(42), "the result is {result:?}");
}

/// One worker, which is held; and a task behind it that has been cancelled and says so if it runs.
fn cancelled_behind_a_held_task<P: Pool>() -> (Gate, P::Handle<()>, P::Handle<()>, Arc<AtomicUsize>)
{
    let (pool, gate) = (pool::<P>(1), Gate::default());
    let held = gate.clone();
    let first = accepted(pool.submit(move || held.pass()));
    gate.await_arrivals(1);
    let runs = Arc::new(AtomicUsize::new(0));
    let mine = Arc::clone(&runs);
    // ORDERING: Relaxed, read after the join of a task that comes later.
    let second = accepted(pool.submit(move || {
        mine.fetch_add(1, Ordering::Relaxed);
    }));
    match second.cancel() {
        None => lacks("cancel"),
        Some(false) => fail("a task that has not begun can't be cancelled"),
        Some(true) => (gate, first, second, runs),
    }
}

fn a_cancelled_task_does_not_run<P: Pool>() {
    let (gate, first, second, runs) = cancelled_behind_a_held_task::<P>();
    gate.open();
    ensure!(first.join() == Ok(()), "the held task has no result");
    let result = second.join();
    ensure!(
        result == Err(Failure::Cancelled),
        "the result is {result:?}"
    );
    // ORDERING: Relaxed; if it was to run it would have, on the one worker, or runs later and leaves a result.
    ensure!(runs.load(Ordering::Relaxed) == 0, "it ran");
}

fn a_cancelled_task_has_ended_though_no_worker_came_by<P: Pool>() {
    let (gate, _first, second, _) = cancelled_behind_a_held_task::<P>();
    let result = second.join();
    ensure!(
        result == Err(Failure::Cancelled),
        "the result is {result:?}"
    );
    gate.open();
}

fn a_running_task_is_not_cancelled<P: Pool>() {
    let (pool, gate) = (pool::<P>(1), Gate::default());
    let held = gate.clone();
    let handle = accepted(pool.submit(move || {
        held.pass();
        42
    }));
    gate.await_arrivals(1);
    match handle.cancel() {
        None => lacks("cancel"),
        Some(true) => fail("it says yes"),
        Some(false) => gate.open(),
    }
    let result = handle.join();
    ensure!(result == Ok(42), "the result is {result:?}");
}

fn a_shutdown_waits_for_what_was_accepted<P: Pool>() {
    let pool = pool::<P>(2);
    let runs = Arc::new(AtomicUsize::new(0));
    for _ in 0..100 {
        let runs = Arc::clone(&runs);
        // ORDERING: Relaxed, read after the shutdown.
        drop(accepted(
            pool.submit(move || runs.fetch_add(1, Ordering::Relaxed)),
        ));
    }
    pool.shut_down().unwrap_or_else(|| lacks("shutdown"));
    // ORDERING: Relaxed, see above.
    let runs = runs.load(Ordering::Relaxed);
    ensure!(runs == 100, "{runs} of 100 tasks have run");
}

fn a_task_after_the_shutdown_is_refused<P: Pool>() {
    let pool = pool::<P>(1);
    pool.shut_down().unwrap_or_else(|| lacks("shutdown"));
    ensure!(pool.submit(|| 42).is_err(), "it is accepted");
}

fn a_second_shutdown_returns<P: Pool>() {
    let pool = pool::<P>(1);
    pool.shut_down().unwrap_or_else(|| lacks("shutdown"));
    pool.shut_down()
        .unwrap_or_else(|| fail("the second is no shutdown"));
}

fn what_was_accepted_ends_though_the_pool_is_dropped<P: Pool>() {
    let pool = P::start(2);
    let handles: Vec<_> = (0..100).map(|n| accepted(pool.submit(move || n))).collect();
    drop(pool);
    for (n, handle) in handles.into_iter().enumerate() {
        let result = handle.join();
        let ended = result == Ok(n) || result == Err(Failure::Cancelled);
        ensure!(ended, "task {n} left {result:?}");
    }
}

fn the_last_owner_of_a_pool_may_be_its_task<P: Pool>() {
    let (pool, gate) = (Arc::new(P::start(1)), Gate::default());
    let (mine, held) = (Arc::clone(&pool), gate.clone());
    let (tell, told) = channel();
    drop(accepted(pool.submit(move || {
        held.pass();
        drop(mine);
        tell.send(42)
    })));
    gate.await_arrivals(1);
    drop(pool);
    gate.open();
    ensure!(told.recv() == Ok(42), "the task did not come to its end");
}

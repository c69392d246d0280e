//! The end of an executor: shutdown in its four forms, and drop.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use executor::{Executor, Future, Shutdown, ShutdownOutcome, SubmitError, TaskError};

use crate::backends::{Backend, Closures, on_every_executor, on_executors_of_this_process};
use crate::gate::{Gate, Marks, leave_mark, pass, pass_and_return};

on_every_executor!(
    submit_after_shutdown_is_an_error,
    submit_after_shutdown_gives_the_task_and_its_arguments_back,
    shutdown_and_wait_runs_everything_queued,
    shutdown_and_wait_waits_for_what_runs,
    shutdown_cancels_what_has_not_started,
    shutdown_tells_those_who_wait_for_what_it_cancels,
    shutdown_twice_is_fine,
    shutdown_without_waiting_still_runs_what_is_queued,
    shutdown_without_waiting_can_be_followed_by_a_wait,
    a_second_shutdown_may_still_cancel,
    shutdown_of_an_unused_executor_returns,
    drop_is_shutdown_and_wait,
    drop_after_shutdown_without_waiting_waits,
    two_threads_may_shut_down_together,
    submit_races_with_shutdown,
    shutdown_says_whether_it_has_waited,
    a_shutdown_that_runs_out_of_time_says_so_and_leaves_the_rest_to_go_on,
    a_shutdown_within_no_time_only_looks,
    a_shutdown_in_time_is_complete_when_the_callbacks_have_run,
    a_shutdown_with_a_deadline_may_cancel,
    a_callback_that_shuts_down_is_told_that_it_has_not_waited,
);

on_executors_of_this_process!(
    a_task_that_shuts_its_own_executor_down_is_told_that_it_has_not_waited,
    a_task_that_drops_the_last_reference_to_its_executor_does_not_hang,
);

fn submit_after_shutdown_is_an_error<B: Backend>() {
    let forms = [
        Shutdown::wait(),
        Shutdown::no_wait(),
        Shutdown::wait().cancel_pending(),
        Shutdown::no_wait().cancel_pending(),
    ];
    for how in forms {
        let marks = Marks::new();
        let pool = B::pool(1);
        pool.submit(|| 1, ()).unwrap();
        pool.shutdown(how);
        let refused = pool.submit(leave_mark, (marks.key(), 1)).unwrap_err();
        assert!(
            matches!(refused.error(), SubmitError::ShutDown),
            "{refused:?}"
        );
        drop(pool);
        assert_eq!(marks.tasks(), 0);
    }
}

fn submit_after_shutdown_gives_the_task_and_its_arguments_back<B: Backend>() {
    let (pool, other) = (B::pool(1), B::pool(1));
    pool.shutdown(Shutdown::wait());
    let large = vec![7_u8; 1 << 20];
    let place = large.as_ptr();
    let length = |bytes: Vec<u8>, text: String| bytes.len() + text.len();
    let refused = pool.submit(length, (large, "three".to_owned()));
    let refused = refused.unwrap_err();
    assert_eq!(refused.to_string(), SubmitError::ShutDown.to_string());
    let (error, task, args) = refused.into_parts();
    assert!(matches!(error, SubmitError::ShutDown), "{error}");
    assert_eq!(args.0.as_ptr(), place, "it is the very vector");
    assert_eq!(args, (vec![7; 1 << 20], "three".to_owned()));
    assert_eq!(
        *other.submit(task, args).unwrap().result().unwrap(),
        (1 << 20) + 5
    );
}

fn shutdown_and_wait_runs_everything_queued<B: Backend>() {
    let marks = Marks::new();
    let pool = B::pool(2);
    let futures: Vec<_> = (0..50)
        .map(|n| pool.submit(leave_mark, (marks.key(), n)).unwrap())
        .collect();
    pool.shutdown(Shutdown::wait());
    assert!(futures.iter().all(Future::done));
    assert_eq!(marks.tasks(), 50);
    for (n, future) in (0..).zip(futures) {
        assert_eq!(future.into_result().unwrap(), n);
    }
}

fn shutdown_and_wait_waits_for_what_runs<B: Backend>() {
    let pool = Arc::new(B::pool(1));
    let mut gate = Gate::new();
    let future = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let (starting, start) = channel();
    let stopper = thread::spawn({
        let (pool, future) = (Arc::clone(&pool), future.clone());
        move || {
            starting.send(()).unwrap();
            pool.shutdown(Shutdown::wait());
            assert!(future.done(), "shutdown did not wait");
        }
    });
    start.recv().unwrap();
    // Gives a shutdown that does not wait some time to show it; none of it decides anything else.
    for _ in 0..1000 {
        thread::yield_now();
    }
    gate.open();
    stopper.join().unwrap();
}

fn shutdown_cancels_what_has_not_started<B: Backend>() {
    let pool = B::pool(5);
    let mut gate = Gate::new();
    let futures: Vec<_> = (0..50)
        .map(|n| pool.submit(pass_and_return, (gate.key(), n)).unwrap())
        .collect();
    gate.await_arrivals(5);
    pool.shutdown(Shutdown::no_wait().cancel_pending());
    assert_eq!(
        futures.iter().filter(|future| future.cancelled()).count(),
        45
    );
    assert_eq!(futures.iter().filter(|future| future.running()).count(), 5);
    gate.open();
    pool.shutdown(Shutdown::wait());
    assert!(futures.iter().all(Future::done));
    for (n, future) in (0..).zip(futures) {
        match future.result() {
            Ok(value) => assert_eq!(*value, n),
            Err(error) => assert!(matches!(error, TaskError::Cancelled), "{error}"),
        }
    }
}

fn shutdown_tells_those_who_wait_for_what_it_cancels<B: Backend>() {
    let pool = Arc::new(B::pool(1));
    let mut gate = Gate::new();
    let running = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let pending = pool.submit(|| 1, ()).unwrap();
    let (called, calls) = channel();
    pending.add_done_callback(move |future| called.send(future.cancelled()).unwrap());
    let waiter = thread::spawn({
        let pending = pending.clone();
        move || pending.into_result()
    });
    let stopper = thread::spawn({
        let pool = Arc::clone(&pool);
        move || pool.shutdown(Shutdown::wait().cancel_pending())
    });
    // Both come while the only worker is held.
    assert!(matches!(waiter.join().unwrap(), Err(TaskError::Cancelled)));
    assert_eq!(calls.recv(), Ok(true));
    assert!(running.running());
    gate.open();
    stopper.join().unwrap();
    assert!(running.done());
}

fn shutdown_twice_is_fine<B: Backend>() {
    let pool = B::pool(2);
    let future = pool.submit(|| 1, ()).unwrap();
    pool.shutdown(Shutdown::wait());
    pool.shutdown(Shutdown::wait());
    pool.shutdown(Shutdown::no_wait().cancel_pending());
    assert_eq!(*future.result().unwrap(), 1);
}

fn shutdown_without_waiting_still_runs_what_is_queued<B: Backend>() {
    let marks = Marks::new();
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let running = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let queued: Vec<_> = (0..5)
        .map(|n| pool.submit(leave_mark, (marks.key(), n)).unwrap())
        .collect();
    pool.shutdown(Shutdown::no_wait());
    assert!(running.running());
    assert!(queued.iter().all(|future| !future.done()));
    gate.open();
    for (n, future) in (0..).zip(queued) {
        assert_eq!(*future.result().unwrap(), n);
        assert_eq!(marks.count(n), 1);
    }
}

fn shutdown_without_waiting_can_be_followed_by_a_wait<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let running = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let queued = pool.submit(|| 1, ()).unwrap();
    pool.shutdown(Shutdown::no_wait());
    gate.open();
    pool.shutdown(Shutdown::wait());
    assert!(running.done() && queued.done());
}

fn a_second_shutdown_may_still_cancel<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let running = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let queued = pool.submit(|| 1, ()).unwrap();
    pool.shutdown(Shutdown::no_wait());
    assert!(!queued.done());
    pool.shutdown(Shutdown::no_wait().cancel_pending());
    assert!(queued.cancelled() && running.running());
    gate.open();
    pool.shutdown(Shutdown::wait());
    assert!(running.result().is_ok());
}

fn shutdown_of_an_unused_executor_returns<B: Backend>() {
    B::pool(3).shutdown(Shutdown::wait());
    drop(B::pool(3));
}

fn drop_is_shutdown_and_wait<B: Backend>() {
    let marks = Marks::new();
    let pool = B::pool(2);
    let futures: Vec<_> = (0..30)
        .map(|n| pool.submit(leave_mark, (marks.key(), n)).unwrap())
        .collect();
    drop(pool);
    assert!(futures.iter().all(Future::done));
    assert_eq!(marks.tasks(), 30);
}

fn drop_after_shutdown_without_waiting_waits<B: Backend>() {
    let marks = Marks::new();
    let pool = B::pool(2);
    for n in 0..30 {
        pool.submit(leave_mark, (marks.key(), n)).unwrap();
    }
    pool.shutdown(Shutdown::no_wait());
    drop(pool);
    assert_eq!(marks.tasks(), 30);
}

fn two_threads_may_shut_down_together<B: Backend>() {
    for _ in 0..5 {
        let pool = B::pool(2);
        let futures: Vec<_> = (0..10)
            .map(|n| pool.submit(|n: u8| n, (n,)).unwrap())
            .collect();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    pool.shutdown(Shutdown::wait());
                    assert!(futures.iter().all(Future::done));
                });
            }
        });
    }
}

fn submit_races_with_shutdown<B: Backend>() {
    for round in 0..5 {
        let marks = Marks::new();
        let pool = B::pool(2);
        let (submitting, submitted) = channel();
        let futures = thread::scope(|scope| {
            let submitter = scope.spawn(|| {
                let mut futures = Vec::new();
                // As many as the main thread needs to come here, and not more than can be run.
                for n in 0..300 {
                    match pool
                        .submit(leave_mark, (marks.key(), n))
                        .map_err(SubmitError::from)
                    {
                        Ok(future) => futures.push(future),
                        Err(SubmitError::ShutDown) => return futures,
                        Err(error) => panic!("{error}"),
                    }
                    let _ = submitting.send(());
                }
                futures
            });
            submitted.iter().take(round * 3).count();
            pool.shutdown(Shutdown::wait());
            submitter.join().unwrap()
        });
        // One that was accepted while the pool shut down belongs to it all the same.
        pool.shutdown(Shutdown::wait());
        assert_eq!(marks.tasks(), futures.len());
        assert!(
            futures
                .iter()
                .all(|future| future.done() && !future.cancelled())
        );
    }
}

fn shutdown_says_whether_it_has_waited<B: Backend>() {
    let pool = B::pool(2);
    pool.submit(|| 1, ()).unwrap();
    assert_eq!(
        pool.shutdown(Shutdown::no_wait()),
        ShutdownOutcome::NotWaited
    );
    let at_once = Shutdown::no_wait().within(Duration::ZERO);
    assert_eq!(pool.shutdown(at_once), ShutdownOutcome::NotWaited);
    for _ in 0..2 {
        assert_eq!(pool.shutdown(Shutdown::wait()), ShutdownOutcome::Complete);
        let never = Shutdown::wait().within(Duration::MAX);
        assert_eq!(pool.shutdown(never), ShutdownOutcome::Complete);
    }
}

fn a_shutdown_that_runs_out_of_time_says_so_and_leaves_the_rest_to_go_on<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let running = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let queued = pool.submit(|| 1, ()).unwrap();
    let soon = Shutdown::wait().within(Duration::from_millis(1));
    assert_eq!(pool.shutdown(soon), ShutdownOutcome::TimedOut);
    assert!(running.running() && !queued.done());
    assert!(pool.submit(|| 1, ()).is_err());
    gate.open();
    assert_eq!(pool.shutdown(Shutdown::wait()), ShutdownOutcome::Complete);
    assert!(running.done());
    assert_eq!(*queued.result().unwrap(), 1);
}

fn a_shutdown_within_no_time_only_looks<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let look = Shutdown::wait().within(Duration::ZERO);
    assert_eq!(pool.shutdown(look), ShutdownOutcome::TimedOut);
    gate.open();
    while pool.shutdown(look) == ShutdownOutcome::TimedOut {
        thread::yield_now();
    }
    assert_eq!(pool.shutdown(look), ShutdownOutcome::Complete);
}

fn a_shutdown_in_time_is_complete_when_the_callbacks_have_run<B: Backend>() {
    let pool = B::pool(2);
    let gate = Gate::new();
    let future = pool.submit(pass, (gate.key(),)).unwrap();
    let (called, calls) = channel();
    future.add_done_callback(move |_| called.send(()).unwrap());
    gate.open();
    let in_time = Shutdown::wait().within(Duration::from_secs(50));
    assert_eq!(pool.shutdown(in_time), ShutdownOutcome::Complete);
    assert_eq!(calls.try_recv(), Ok(()));
}

fn a_shutdown_with_a_deadline_may_cancel<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let running = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let queued = pool.submit(|| 1, ()).unwrap();
    let how = Shutdown::wait().cancel_pending().within(Duration::ZERO);
    assert_eq!(pool.shutdown(how), ShutdownOutcome::TimedOut);
    assert!(running.running() && queued.cancelled());
    gate.open();
    assert_eq!(pool.shutdown(Shutdown::wait()), ShutdownOutcome::Complete);
}

fn a_callback_that_shuts_down_is_told_that_it_has_not_waited<B: Backend>() {
    let pool = Arc::new(B::pool(1));
    let gate = Gate::new();
    let future = pool.submit(pass, (gate.key(),)).unwrap();
    let (called, calls) = channel();
    let inner = Arc::clone(&pool);
    future.add_done_callback(move |_| {
        let outcomes = [Shutdown::wait(), Shutdown::wait().within(Duration::MAX)];
        called
            .send(outcomes.map(|how| inner.shutdown(how)))
            .unwrap();
    });
    gate.open();
    assert_eq!(calls.recv(), Ok([ShutdownOutcome::NotWaited; 2]));
    drop(calls);
    assert_eq!(pool.shutdown(Shutdown::wait()), ShutdownOutcome::Complete);
}

fn a_task_that_shuts_its_own_executor_down_is_told_that_it_has_not_waited<
    B: Backend<Pool: Closures>,
>() {
    let pool = Arc::new(B::pool(2));
    let inner = Arc::clone(&pool);
    let outcome = pool.run(move || inner.shutdown(Shutdown::wait()));
    assert_eq!(*outcome.result().unwrap(), ShutdownOutcome::NotWaited);
    assert!(pool.submit(|| 1, ()).is_err());
    assert_eq!(pool.shutdown(Shutdown::wait()), ShutdownOutcome::Complete);
}

fn a_task_that_drops_the_last_reference_to_its_executor_does_not_hang<
    B: Backend<Pool: Closures>,
>() {
    for _ in 0..20 {
        let pool = Arc::new(B::pool(1));
        let (go, word) = channel::<()>();
        let inner = Arc::clone(&pool);
        let drops = pool.run(move || {
            word.recv().unwrap();
            drop(inner);
        });
        let behind = pool.run(|| 8);
        drop(pool);
        go.send(()).unwrap();
        drops.result().unwrap();
        assert_eq!(*behind.result().unwrap(), 8);
    }
}

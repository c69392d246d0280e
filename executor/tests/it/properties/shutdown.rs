//! A shutdown at a random moment: each task is run, cancelled or rejected, and only one of these.

use std::sync::Barrier;
use std::thread;

use executor::{Executor, Future, Shutdown, SubmitError, TaskError};
use proptest::bool::weighted;
use proptest::prelude::any;
use proptest::{prop_assert, prop_assert_eq};

use super::vacuity::Property;
use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, Marks, leave_mark, pass};

on_every_executor!(each_task_is_run_or_cancelled_or_rejected);

static PROPERTY: Property =
    Property::new("shutdown", &["run", "rejected", "cancelled"]).with_pools();

/// How many tasks each of two threads submits.
const TASKS: u32 = 12;

/// What came of a task: its future, or its rejection.
type Answer = (u32, Option<Future<u32>>);

fn submit<P: Executor>(pool: &P, marks: &Marks, number: u32) -> Answer {
    match pool
        .submit(leave_mark, (marks.key(), number))
        .map_err(SubmitError::from)
    {
        Ok(future) => (number, Some(future)),
        Err(SubmitError::ShutDown) => (number, None),
        Err(error) => panic!("{error}"),
    }
}

/// Two threads submit, and meet at the moment of the shutdown; one task more comes after it.
fn submit_around_a_shutdown<P: Executor + Sync>(
    pool: &P,
    marks: &Marks,
    moments: [u32; 2],
    shutdown: impl FnOnce(),
) -> Vec<Answer> {
    let moment = Barrier::new(3);
    let mut answers = thread::scope(|scope| {
        let threads = [0, 1].map(|thread| {
            let (moment, before) = (&moment, moments[thread as usize]);
            scope.spawn(move || {
                let mut answers: Vec<_> = (0..before)
                    .map(|n| submit(pool, marks, thread * TASKS + n))
                    .collect();
                moment.wait();
                answers.extend((before..TASKS).map(|n| submit(pool, marks, thread * TASKS + n)));
                answers
            })
        });
        moment.wait();
        shutdown();
        threads
            .map(|thread| thread.join().expect("all are submitted"))
            .concat()
    });
    answers.push(submit(pool, marks, 2 * TASKS));
    answers
}

fn each_task_is_run_or_cancelled_or_rejected<B: Backend>() {
    let moment = || 0..=TASKS;
    PROPERTY.check(
        (
            1..4_usize,
            moment(),
            moment(),
            (any::<bool>(), weighted(0.7), weighted(0.7)),
        ),
        |case, (workers, first, second, (waits, cancels, held))| {
            let pool = B::pool(workers);
            let (marks, mut gate) = (Marks::new(), Gate::new());
            if held {
                for _ in 0..workers {
                    pool.submit(pass, (gate.key(),)).expect("accepted");
                }
                gate.await_arrivals(workers);
            }
            let how = if waits {
                Shutdown::wait()
            } else {
                Shutdown::no_wait()
            };
            let how = if cancels { how.cancel_pending() } else { how };
            let answers = submit_around_a_shutdown(&pool, &marks, [first, second], || {
                if held && cancels {
                    pool.shutdown(Shutdown::no_wait().cancel_pending());
                }
                gate.open();
                pool.shutdown(how);
            });
            pool.shutdown(Shutdown::wait());
            let (mut run, mut cancelled, mut rejected) = (0, 0, 0);
            for (number, future) in &answers {
                prop_assert!(future.as_ref().is_none_or(Future::done), "left behind");
                let (count, times) = match future.as_ref().map(Future::result) {
                    None => (&mut rejected, 0),
                    Some(Err(TaskError::Cancelled)) => (&mut cancelled, 0),
                    Some(Ok(value)) if value == number => (&mut run, 1),
                    Some(result) => panic!("{number} left {result:?}"),
                };
                *count += 1;
                prop_assert_eq!(marks.count(*number), times);
            }
            prop_assert_eq!(run + cancelled + rejected, 2 * TASKS + 1);
            prop_assert_eq!(marks.tasks(), run as usize);
            prop_assert!(cancels || cancelled == 0);
            prop_assert!(
                run + cancelled >= first + second,
                "accepted before the shutdown"
            );
            case.reached_if(run > 0, "run");
            case.reached_if(cancelled > 0, "cancelled");
            case.reached_if(rejected > 0, "rejected");
            Ok(())
        },
    );
}

//! How many threads there are, what they are called, and how much stack they have.

use std::collections::HashSet;
use std::hint::black_box;
use std::sync::Mutex;
use std::thread::{self, ThreadId};

use executor::{BuildError, Executor, Future, Shutdown, SubmitError, ThreadPoolExecutor};

use crate::gate::{Gate, pass};
use crate::watchdog::watch;

/// A gate's `pass` that says which thread it was.
fn pass_as(gate: String) -> ThreadId {
    pass(gate);
    thread::current().id()
}

fn threads_of(futures: &[Future<ThreadId>]) -> HashSet<ThreadId> {
    futures
        .iter()
        .map(|future| *future.result().unwrap())
        .collect()
}

/// Runs a task three times on a fresh pool of four, one after the other, many times over; the task
/// and its result go through `one`, which gives the thread that it ran on.
fn assert_one_thread(one: impl Fn(&ThreadPoolExecutor) -> ThreadId) {
    for _ in 0..300 {
        let pool = ThreadPoolExecutor::new(4).unwrap();
        let threads: HashSet<ThreadId> = (0..3).map(|_| one(&pool)).collect();
        assert_eq!(threads.len(), 1);
    }
}

fn thread_id() -> ThreadId {
    thread::current().id()
}

fn thread_id_with_destructor() -> Vec<ThreadId> {
    vec![thread::current().id()]
}

#[test]
fn tasks_that_come_one_after_the_other_share_one_thread() {
    watch(|| {
        let kept = Mutex::new(Vec::new());
        assert_one_thread(|pool| {
            let future = pool.submit(thread_id, ()).unwrap();
            let id = *future.result().unwrap();
            kept.lock().unwrap().push(future);
            id
        });
    });
}

#[test]
fn they_do_if_each_future_is_dropped_at_once() {
    watch(|| assert_one_thread(|pool| *pool.submit(thread_id, ()).unwrap().result().unwrap()));
}

#[test]
fn they_do_if_results_with_destructors_are_kept() {
    watch(|| {
        let kept = Mutex::new(Vec::new());
        assert_one_thread(|pool| {
            let future = pool.submit(thread_id_with_destructor, ()).unwrap();
            let id = future.result().unwrap()[0];
            kept.lock().unwrap().push(future);
            id
        });
    });
}

#[test]
fn they_do_if_results_with_destructors_are_moved_out() {
    watch(|| {
        assert_one_thread(|pool| {
            let future = pool.submit(thread_id_with_destructor, ()).unwrap();
            future.into_result().unwrap()[0]
        });
    });
}

#[test]
fn cancelled_tasks_make_no_thread() {
    watch(|| {
        let pool = ThreadPoolExecutor::new(1).unwrap();
        let mut gate = Gate::new();
        let first = pool.submit(pass_as, (gate.key(),)).unwrap();
        gate.await_arrivals(1);
        let second = pool.submit(pass_as, (gate.key(),)).unwrap();
        second.cancel();
        let third = pool.submit(pass_as, (gate.key(),)).unwrap();
        gate.open();
        assert_eq!(threads_of(&[first, third]).len(), 1);
    });
}

fn names_of(pool: &ThreadPoolExecutor, count: usize) -> HashSet<String> {
    let mut gate = Gate::new();
    let task = |gate: String| {
        pass(gate);
        thread::current().name().unwrap().to_owned()
    };
    let futures: Vec<_> = (0..count)
        .map(|_| pool.submit(task, (gate.key(),)).unwrap())
        .collect();
    gate.await_arrivals(count);
    gate.open();
    futures
        .into_iter()
        .map(|future| future.into_result().unwrap())
        .collect()
}

#[test]
fn threads_are_named_by_the_prefix_and_a_number() {
    watch(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(3)
            .thread_name_prefix("io")
            .build()
            .unwrap();
        let names = ["io_0", "io_1", "io_2"].map(str::to_owned);
        assert_eq!(names_of(&pool, 3), HashSet::from(names));
    });
}

#[test]
fn default_names_are_those_of_one_pool_alone() {
    watch(|| {
        let (one, other) = (
            ThreadPoolExecutor::new(2).unwrap(),
            ThreadPoolExecutor::new(2).unwrap(),
        );
        let names: HashSet<_> = names_of(&one, 2)
            .union(&names_of(&other, 2))
            .cloned()
            .collect();
        assert_eq!(names.len(), 4);
        assert!(
            names
                .iter()
                .all(|name| name.starts_with("ThreadPoolExecutor-"))
        );
    });
}

#[test]
fn a_prefix_that_no_thread_can_have_is_refused() {
    let built = ThreadPoolExecutor::builder()
        .thread_name_prefix("a\0b")
        .build();
    assert!(matches!(built, Err(BuildError::ThreadName)));
}

#[test]
fn a_builder_refuses_zero_workers() {
    let built = ThreadPoolExecutor::builder().max_workers(0).build();
    assert!(matches!(built, Err(BuildError::NoWorkers)));
}

#[test]
fn a_pool_shows_its_name_and_a_refusal_its_reason() {
    let builder = ThreadPoolExecutor::builder().max_workers(3);
    let builder = builder.thread_name_prefix("resize");
    let shown = format!("{builder:?}");
    assert!(
        shown.contains("resize") && shown.contains("max_workers: Some(3)"),
        "{shown}"
    );
    let pool = builder.build().unwrap();
    let shown = format!("{pool:?}");
    assert!(
        shown.contains("resize") && shown.contains("max_workers: 3"),
        "{shown}"
    );
    pool.shutdown(Shutdown::wait());
    let refused = pool.submit(|| 1, ()).expect_err("the pool is closed");
    assert_eq!(format!("{refused:?}"), SubmitError::ShutDown.to_string());
}

#[cfg(feature = "rayon")]
#[test]
fn more_threads_than_rayon_can_have_are_refused() {
    for workers in [usize::MAX, 1 << 40] {
        let Err(refused) = executor::RayonExecutor::new(workers) else {
            panic!("{workers}")
        };
        assert!(refused.to_string().contains("max_workers"), "{refused}");
    }
}

/// Bytes on the stack, more than the default has.
fn use_the_stack() -> usize {
    black_box([1_u8; 10 << 20]).len()
}

#[test]
fn a_thread_has_as_much_stack_as_is_asked_for() {
    watch(|| {
        let builder = ThreadPoolExecutor::builder().max_workers(1);
        let pool = builder.stack_size(64 << 20).build().unwrap();
        assert_eq!(
            pool.submit(use_the_stack, ())
                .unwrap()
                .into_result()
                .unwrap(),
            10 << 20
        );
    });
}

#[cfg(feature = "rayon")]
#[test]
fn a_thread_of_rayon_has_as_much_stack_as_is_asked_for() {
    watch(|| {
        let builder = executor::RayonExecutor::builder().max_workers(1);
        let pool = builder.stack_size(64 << 20).build().unwrap();
        assert_eq!(
            pool.submit(use_the_stack, ())
                .unwrap()
                .into_result()
                .unwrap(),
            10 << 20
        );
    });
}

#[test]
fn a_stack_that_no_thread_can_have_is_an_error() {
    for size in [0, usize::MAX] {
        let built = ThreadPoolExecutor::builder().stack_size(size).build();
        let Err(BuildError::InvalidOption { option, problem }) = built else {
            panic!("{built:?}")
        };
        assert_eq!(option, "stack_size");
        assert!(problem.contains(&size.to_string()), "{problem}");
    }
}

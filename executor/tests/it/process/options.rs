//! The options of a process pool, one after the other.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use executor::{
    BuildError, OnWorkerDeath, ProcessPoolBuilder, ProcessPoolExecutor, SubmitError, TaskError,
    fallible,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::deaths::{await_end, kill};
use crate::gate::{Gate, pass};
use crate::watchdog::watch;

pub(super) fn builder(max_workers: usize) -> ProcessPoolBuilder {
    ProcessPoolExecutor::builder().max_workers(max_workers)
}

/// Why a pool is broken.
fn cause<T>(result: Result<T, TaskError>) -> String {
    match result {
        Err(TaskError::PoolBroken(cause)) => cause.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it has a value"),
    }
}

fn await_no_workers(pool: &ProcessPoolExecutor) {
    while !pool.worker_pids().is_empty() {
        thread::yield_now();
    }
}

/// What the initializer has left in this process.
static INITIALIZED: AtomicU32 = AtomicU32::new(0);

fn add(number: u32) {
    // ORDERING: Relaxed, here and below: the worker has one thread that looks.
    INITIALIZED.fetch_add(number, Ordering::Relaxed);
}

fn initialized() -> (u32, u32) {
    (std::process::id(), INITIALIZED.load(Ordering::Relaxed))
}

#[test]
fn the_initializer_runs_once_in_each_worker_with_its_arguments() {
    watch(|| {
        let pool = builder(2).initializer(add, (7,)).build().unwrap();
        let mut gate = Gate::new();
        let held: Vec<_> = (0..2)
            .map(|_| pool.submit(pass, (gate.key(),)).unwrap())
            .collect();
        gate.await_arrivals(2);
        gate.open();
        drop(held);
        for _ in 0..20 {
            let seen = pool.submit(initialized, ()).unwrap();
            assert_eq!(seen.result().unwrap().1, 7);
        }
        assert_eq!(INITIALIZED.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn an_initializer_gets_large_arguments_in_each_worker() {
    fn add_all(numbers: Vec<u32>) {
        add(numbers.iter().sum());
    }
    watch(|| {
        let pool = builder(1)
            .max_tasks_per_child(1)
            .initializer(add_all, (vec![1_u32; 100_000],))
            .build()
            .unwrap();
        for _ in 0..3 {
            let seen = pool.submit(initialized, ()).unwrap();
            assert_eq!(seen.result().unwrap().1, 100_000);
        }
    });
}

#[test]
fn a_panicking_initializer_breaks_the_pool_with_its_message() {
    watch(|| {
        let fail = |why: String| panic!("{why}");
        let pool = builder(2)
            .initializer(fail, ("no licence".to_owned(),))
            .build()
            .unwrap();
        let futures: Vec<_> = (0..5).filter_map(|_| pool.submit(|| 1, ()).ok()).collect();
        for future in futures {
            let cause = cause(future.result());
            assert!(cause.contains("no licence"), "{cause}");
        }
        assert!(matches!(
            pool.submit(|| 1, ()).map_err(SubmitError::from),
            Err(SubmitError::Broken(_))
        ));
    });
}

#[test]
fn a_failing_initializer_breaks_the_pool_with_its_error() {
    watch(|| {
        let fail = fallible(|| Err::<(), String>("no database".to_owned()));
        let pool = builder(1).initializer(fail, ()).build().unwrap();
        let cause = cause(pool.submit(|| 1, ()).unwrap().result());
        assert!(cause.contains("no database"), "{cause}");
        await_no_workers(&pool);
    });
}

#[test]
fn an_initializer_that_exits_breaks_the_pool_and_is_no_loop() {
    watch(|| {
        let pool = builder(1)
            .initializer(|| std::process::exit(5), ())
            .build()
            .unwrap();
        let cause = cause(pool.submit(|| 1, ()).unwrap().result());
        assert!(cause.contains("code 5 before it was ready"), "{cause}");
    });
}

#[test]
fn after_its_number_of_tasks_a_worker_is_replaced() {
    watch(|| {
        let pool = builder(1).max_tasks_per_child(3).build().unwrap();
        let pids: Vec<u32> = (0..4)
            .map(|_| *pool.submit(std::process::id, ()).unwrap().result().unwrap())
            .collect();
        assert!(pids[0] == pids[1] && pids[1] == pids[2], "{pids:?}");
        assert_ne!(pids[2], pids[3]);
        assert_eq!(pool.worker_pids(), [pids[3]]);
        assert_eq!(pool.counters().replaced, 1);
    });
}

#[test]
fn what_was_submitted_before_a_shutdown_runs_although_each_worker_takes_one_task() {
    watch(|| {
        let pool = builder(2).max_tasks_per_child(1).build().unwrap();
        let futures: Vec<_> = (0..6)
            .map(|_| pool.submit(std::process::id, ()).unwrap())
            .collect();
        drop(pool);
        let mut pids: Vec<u32> = futures.iter().map(|it| *it.result().unwrap()).collect();
        pids.sort_unstable();
        pids.dedup();
        assert_eq!(pids.len(), 6);
    });
}

#[test]
fn in_a_pool_that_breaks_a_death_fails_everything() {
    watch(|| {
        let pool = builder(2)
            .on_worker_death(OnWorkerDeath::Break)
            .build()
            .unwrap();
        let mut gate = Gate::new();
        let elsewhere = pool.submit(pass, (gate.key(),)).unwrap();
        gate.await_arrivals(1);
        let dies = pool
            .submit(|| -> u8 { std::process::exit(99) }, ())
            .unwrap();
        let queued: Vec<_> = (0..20)
            .filter_map(|_| pool.submit(pass, (gate.key(),)).ok())
            .collect();
        assert!(matches!(dies.result(), Err(TaskError::WorkerDied(_))));
        for future in queued.iter().chain([&elsewhere]) {
            let cause = cause(future.result());
            assert!(cause.contains("code 99"), "{cause}");
        }
        let Err(SubmitError::Broken(cause)) = pool.submit(|| 1, ()).map_err(SubmitError::from)
        else {
            panic!("it was accepted")
        };
        assert!(cause.contains("code 99"), "{cause}");
        await_no_workers(&pool);
    });
}

#[test]
fn in_a_pool_that_breaks_even_an_idle_worker_s_death_does() {
    watch(|| {
        let pool = builder(1)
            .on_worker_death(OnWorkerDeath::Break)
            .build()
            .unwrap();
        let pid = *pool.submit(std::process::id, ()).unwrap().result().unwrap();
        kill(pid, "-KILL");
        await_no_workers(&pool);
        assert!(matches!(
            pool.submit(|| 1, ()).map_err(SubmitError::from),
            Err(SubmitError::Broken(_))
        ));
    });
}

#[test]
fn idle_workers_leave_and_the_next_task_has_one_started() {
    watch(|| {
        let pool = builder(2)
            .idle_timeout(Duration::from_millis(1))
            .build()
            .unwrap();
        let first = *pool.submit(std::process::id, ()).unwrap().result().unwrap();
        await_no_workers(&pool);
        await_end(first);
        let second = *pool.submit(std::process::id, ()).unwrap().result().unwrap();
        assert_ne!(first, second);
    });
}

#[test]
fn a_worker_that_has_a_task_is_not_idle() {
    watch(|| {
        let pool = builder(1).idle_timeout(Duration::ZERO).build().unwrap();
        let mut gate = Gate::new();
        for _ in 0..20 {
            let held = pool.submit(pass, (gate.key(),)).unwrap();
            gate.await_arrivals(1);
            std::mem::replace(&mut gate, Gate::new()).open();
            held.result().unwrap();
        }
    });
}

#[test]
fn a_worker_that_has_one_task_after_another_does_not_count_as_idle() {
    const TIMEOUT: Duration = Duration::from_millis(500);
    watch(|| {
        let pool = builder(1).idle_timeout(TIMEOUT).build().unwrap();
        let task = || *pool.submit(std::process::id, ()).unwrap().result().unwrap();
        let (start, first) = (Instant::now(), task());
        let mut longest_gap = Duration::ZERO;
        while start.elapsed() < TIMEOUT * 3 {
            let before = Instant::now();
            let pid = task();
            longest_gap = longest_gap.max(before.elapsed());
            // On a machine that stood still the worker was idle after all.
            assert!(pid == first || longest_gap * 2 > TIMEOUT);
        }
    });
}

#[test]
fn a_small_frame_limit_is_an_error_of_the_task_that_names_both_sizes() {
    watch(|| {
        let pool = builder(1).frame_limit(64 << 10).build().unwrap();
        let long = "x".repeat(70_000);
        let there = pool.submit(|text: String| text.len(), (long,)).unwrap();
        let back = pool
            .submit(|length: usize| vec![1_u8; length], (80_000,))
            .unwrap();
        for (error, size) in [(there.error(), "70"), (back.error(), "80")] {
            let message = error.unwrap().to_string();
            assert!(
                message.contains(size) && message.contains("65536"),
                "{message}"
            );
        }
        assert_eq!(*pool.submit(|| 1, ()).unwrap().result().unwrap(), 1);
    });
}

#[test]
fn a_panic_with_a_message_over_the_limit_fails_its_task_alone() {
    watch(|| {
        let pool = builder(1).frame_limit(64 << 10).build().unwrap();
        let shout = || -> u8 {
            // A megabyte need not be in the tests' output.
            std::panic::set_hook(Box::new(|_| ()));
            panic!("{}", "x".repeat(1 << 20))
        };
        let loud = pool.submit(shout, ()).unwrap();
        assert!(matches!(loud.result(), Err(TaskError::Encode(_))));
        assert_eq!(*pool.submit(|| 1, ()).unwrap().result().unwrap(), 1);
        assert_eq!(pool.counters().replaced, 0);
    });
}

/// Can't be encoded, and says so at length.
struct Verbose;

impl Serialize for Verbose {
    fn serialize<S: Serializer>(&self, _serializer: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("x".repeat(100_000)))
    }
}

impl<'de> Deserialize<'de> for Verbose {
    fn deserialize<D: Deserializer<'de>>(_deserializer: D) -> Result<Self, D::Error> {
        Ok(Verbose)
    }
}

#[test]
fn an_error_of_encoding_that_is_over_the_limit_itself_fails_its_task_alone() {
    watch(|| {
        let pool = builder(1).frame_limit(64 << 10).build().unwrap();
        let verbose = pool.submit(|| Verbose, ()).unwrap();
        assert!(matches!(verbose.result(), Err(TaskError::Encode(_))));
        assert_eq!(*pool.submit(|| 1, ()).unwrap().result().unwrap(), 1);
        assert_eq!(pool.counters().replaced, 0);
    });
}

#[test]
fn workers_have_the_environment_that_was_set() {
    watch(|| {
        let pool = builder(1)
            .env("EXECUTOR_TESTS_ENV", "here")
            .build()
            .unwrap();
        let read = |name: String| std::env::var(name).ok();
        let task = |name: &str| pool.submit(read, (name.to_owned(),)).unwrap();
        assert_eq!(
            task("EXECUTOR_TESTS_ENV").result().unwrap().as_deref(),
            Some("here")
        );
        assert!(std::env::var("EXECUTOR_TESTS_ENV").is_err());
        assert_eq!(*task("PATH").result().unwrap(), std::env::var("PATH").ok());
    });
}

#[test]
fn options_that_cannot_be_are_errors_that_name_them() {
    let refused = [
        ("max_tasks_per_child", builder(1).max_tasks_per_child(0)),
        ("prefetch", builder(1).prefetch(256)),
        ("frame_limit", builder(1).frame_limit(100)),
        ("env", builder(1).env("A=B", "c")),
        ("env", builder(1).env("", "c")),
        ("env", builder(1).env("A", "c\0d")),
        (
            "initializer",
            builder(1)
                .initializer(|_: String| (), ("x".repeat(70_000),))
                .frame_limit(64 << 10),
        ),
    ];
    for (name, builder) in refused {
        let Err(BuildError::InvalidOption { option, .. }) = builder.build() else {
            panic!("{name} was accepted")
        };
        assert_eq!(option, name);
    }
    assert!(matches!(builder(0).build(), Err(BuildError::NoWorkers)));
}

#[test]
fn the_counters_tell_what_waits_runs_and_has_ended() {
    watch(|| {
        let pool = builder(1).prefetch(3).build().unwrap();
        let mut gate = Gate::new();
        let futures: Vec<_> = (0..10)
            .map(|_| pool.submit(pass, (gate.key(),)).unwrap())
            .collect();
        gate.await_arrivals(1);
        let counters = pool.counters();
        assert_eq!((counters.queued, counters.running), (9, 1));
        assert!(futures[9].cancel());
        assert_eq!(pool.counters().queued, 8);
        gate.open();
        for future in &futures[..9] {
            future.result().unwrap();
        }
        let counters = pool.counters();
        assert_eq!((counters.queued, counters.running), (0, 0));
        assert_eq!((counters.finished, counters.replaced), (9, 0));
    });
}

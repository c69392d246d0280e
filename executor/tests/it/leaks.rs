//! Threads, descriptors and children come back, and what happens when threads can't be had: each in
//! a process of its own, where they can be counted and refused.

use std::sync::mpsc::channel;
use std::time::Duration;

use executor::{Executor, Shutdown, SubmitError, TaskError, ThreadPoolExecutor};

use crate::alone::{Footprint, alone, alone_with, threads};
use crate::backends::{Backend, Threads};
use crate::gate::{Gate, pass};

/// A pool used in each of the ways in which one can end.
fn use_a_pool<B: Backend>(how: usize) {
    let pool = B::pool(3);
    let mut gate = Gate::new();
    let blocked = pool.submit(pass, (gate.key(),)).unwrap();
    let futures: Vec<_> = (0..10)
        .map(|n| pool.submit(|n: u8| n, (n,)).unwrap())
        .collect();
    gate.await_arrivals(1);
    match how % 5 {
        0 => drop(pool.map(|n: u8| n, 0..10)),
        1 => drop(pool.shutdown(Shutdown::no_wait())),
        2 => drop(pool.shutdown(Shutdown::no_wait().cancel_pending())),
        3 => blocked.add_done_callback(move |_| drop(pool)),
        _ => drop(futures),
    }
    gate.open();
    blocked.result().unwrap();
}

/// Many pools leave what a first one leaves, which may make what is made once and kept.
fn pools_leave_nothing<B: Backend>(count: usize) {
    let before = Footprint::after(|| use_a_pool::<B>(0));
    for how in 0..count {
        use_a_pool::<B>(how);
    }
    before.assert_restored();
}

#[test]
fn two_hundred_thread_pools_leave_no_thread_behind() {
    alone(|| pools_leave_nothing::<Threads>(200));
}

#[cfg(feature = "rayon")]
#[test]
fn a_hundred_rayon_pools_leave_no_thread_behind() {
    alone(|| pools_leave_nothing::<crate::backends::Rayon>(100));
}

#[cfg(all(feature = "process", target_os = "linux"))]
#[test]
fn twenty_process_pools_leave_no_thread_descriptor_or_child_behind() {
    alone(|| pools_leave_nothing::<crate::backends::Processes>(20));
}

#[test]
fn a_pool_that_was_not_used_has_no_thread() {
    alone(|| {
        let before = threads();
        let pool = ThreadPoolExecutor::new(8).unwrap();
        assert_eq!(threads(), before);
        pool.submit(|| 1, ()).unwrap().result().unwrap();
        assert_eq!(threads(), before + 1);
    });
}

#[test]
fn the_workers_are_gone_when_shutdown_returns() {
    alone(|| {
        let before = Footprint::now();
        let pool = ThreadPoolExecutor::new(4).unwrap();
        pool.map(|n: u8| n, 0..100).unwrap().count();
        assert!(threads() > 1);
        pool.shutdown(Shutdown::wait());
        before.assert_restored();
        drop(pool);
    });
}

/// No thread can have a stack of this size, so none can be started.
const NO_THREADS: &[(&str, &str)] = &[("RUST_MIN_STACK", "100000000000000")];

#[test]
fn a_pool_that_can_start_no_thread_is_broken_and_says_why() {
    alone_with(NO_THREADS, Duration::from_secs(60), || {
        let pool = ThreadPoolExecutor::new(2).unwrap();
        let future = pool.submit(|| 1, ()).unwrap();
        let (called, calls) = channel();
        future.add_done_callback(move |future| called.send(future.done()).unwrap());
        let Err(TaskError::PoolBroken(cause)) = future.result() else {
            panic!("{future:?}")
        };
        assert!(
            cause.starts_with("no worker thread could be started: "),
            "{cause}"
        );
        assert_eq!(calls.recv(), Ok(true));
        assert!(matches!(
            pool.submit(|| 1, ()).map_err(SubmitError::from),
            Err(SubmitError::Broken(_))
        ));
        pool.shutdown(Shutdown::wait());
    });
}

/// The standard library's threads start with this, too.
#[test]
fn threads_start_though_the_environment_asks_for_no_stack() {
    let nothing = [("RUST_MIN_STACK", "0")];
    alone_with(&nothing, Duration::from_secs(60), || {
        let pool = ThreadPoolExecutor::new(1).unwrap();
        assert_eq!(*pool.submit(|| 1, ()).unwrap().result().unwrap(), 1);
    });
}

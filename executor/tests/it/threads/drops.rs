//! When arguments, closures and results are dropped, and destructors that panic.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use executor::{Executor, Future, Shutdown, TaskError, ThreadPoolExecutor};

use crate::gate::{Gate, pass};
use crate::watchdog::watch;

fn blocked_pool() -> (ThreadPoolExecutor, Gate, Future<()>) {
    let pool = ThreadPoolExecutor::new(1).unwrap();
    let mut gate = Gate::new();
    let blocked = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    (pool, gate, blocked)
}

/// Says so when it is dropped, and then panics.
struct Grenade(Sender<thread::ThreadId>);

impl Drop for Grenade {
    fn drop(&mut self) {
        self.0.send(thread::current().id()).unwrap();
        panic!("a destructor that panics, on purpose");
    }
}

fn grenade() -> (Grenade, Receiver<thread::ThreadId>) {
    let (dropped, drops) = channel();
    (Grenade(dropped), drops)
}

#[track_caller]
fn assert_usable(pool: &ThreadPoolExecutor) {
    for n in 0..3 {
        assert_eq!(*pool.submit(|n: i32| n, (n,)).unwrap().result().unwrap(), n);
    }
}

#[test]
fn an_argument_is_dropped_when_its_task_has_finished_though_the_future_lives() {
    watch(|| {
        let pool = ThreadPoolExecutor::new(1).unwrap();
        let large = Arc::new([0_u8; 4096]);
        let captured = Arc::new(());
        let inside = Arc::clone(&captured);
        let future = pool
            .submit(
                move |bytes: Arc<[u8; 4096]>| {
                    let _inside = &inside;
                    bytes.len()
                },
                (Arc::clone(&large),),
            )
            .unwrap();
        assert_eq!(*future.result().unwrap(), 4096);
        assert_eq!(
            (Arc::strong_count(&large), Arc::strong_count(&captured)),
            (1, 1)
        );
    });
}

#[test]
fn a_panicking_tasks_argument_is_dropped_before_its_error_is_seen() {
    watch(|| {
        let pool = ThreadPoolExecutor::new(1).unwrap();
        let held = Arc::new(());
        let task = |_held: Arc<()>| panic!("on purpose");
        let future: Future<()> = pool.submit(task, (Arc::clone(&held),)).unwrap();
        assert!(future.error().is_some());
        assert_eq!(Arc::strong_count(&held), 1);
    });
}

#[test]
fn a_cancelled_tasks_closure_is_dropped_before_cancel_returns() {
    watch(|| {
        let (pool, gate, _blocked) = blocked_pool();
        let (captured, argument) = (Arc::new(()), Arc::new(()));
        let inside = Arc::clone(&captured);
        let future = pool
            .submit(
                move |_argument: Arc<()>| drop(inside),
                (Arc::clone(&argument),),
            )
            .unwrap();
        assert!(future.cancel());
        assert_eq!(
            (Arc::strong_count(&captured), Arc::strong_count(&argument)),
            (1, 1)
        );
        gate.open();
        assert_usable(&pool);
    });
}

#[test]
fn a_shutdown_drops_the_closures_of_what_it_cancels() {
    watch(|| {
        let (pool, gate, _blocked) = blocked_pool();
        let captured = Arc::new(());
        let inside = Arc::clone(&captured);
        let future = pool.submit(move || drop(inside), ()).unwrap();
        pool.shutdown(Shutdown::no_wait().cancel_pending());
        assert!(future.cancelled());
        assert_eq!(Arc::strong_count(&captured), 1);
        gate.open();
    });
}

#[test]
fn a_refused_tasks_closure_is_dropped() {
    let pool = ThreadPoolExecutor::new(1).unwrap();
    pool.shutdown(Shutdown::wait());
    let captured = Arc::new(());
    let inside = Arc::clone(&captured);
    assert!(pool.submit(move || drop(inside), ()).is_err());
    assert_eq!(Arc::strong_count(&captured), 1);
}

#[test]
fn a_panicking_destructor_in_a_cancelled_closure_harms_nobody() {
    watch(|| {
        let (pool, gate, _blocked) = blocked_pool();
        let (grenade, drops) = grenade();
        let future = pool.submit(move || drop(grenade), ()).unwrap();
        let (called, calls) = channel();
        future.add_done_callback(move |future| called.send(future.cancelled()).unwrap());
        assert!(future.cancel());
        assert_eq!(drops.iter().count(), 1);
        assert_eq!(calls.recv(), Ok(true));
        gate.open();
        assert_usable(&pool);
    });
}

#[test]
fn a_panicking_destructor_in_a_closure_that_shutdown_cancels_harms_nobody() {
    watch(|| {
        let (pool, gate, blocked) = blocked_pool();
        let (grenade, drops) = grenade();
        let first = pool.submit(move || drop(grenade), ()).unwrap();
        let second = pool.submit(|| 1, ()).unwrap();
        pool.shutdown(Shutdown::no_wait().cancel_pending());
        assert!(first.cancelled() && second.cancelled());
        assert_eq!(drops.iter().count(), 1);
        gate.open();
        pool.shutdown(Shutdown::wait());
        assert!(blocked.result().is_ok());
    });
}

#[test]
fn a_panicking_destructor_of_a_result_that_nobody_wants_harms_no_worker() {
    watch(|| {
        let (pool, gate, _blocked) = blocked_pool();
        let worker = pool.submit(|| thread::current().id(), ()).unwrap();
        let (grenade, drops) = grenade();
        drop(pool.submit(move || grenade, ()).unwrap());
        let after = pool.submit(|| thread::current().id(), ()).unwrap();
        gate.open();
        let worker = *worker.result().unwrap();
        assert_eq!(drops.iter().collect::<Vec<_>>(), [worker]);
        assert_eq!(*after.result().unwrap(), worker);
        assert_usable(&pool);
    });
}

#[test]
fn a_panicking_destructor_of_an_argument_is_the_tasks_panic() {
    watch(|| {
        let pool = ThreadPoolExecutor::new(1).unwrap();
        let (grenade, drops) = grenade();
        let future = pool.submit(|_grenade: Grenade| 1, (grenade,)).unwrap();
        let Err(TaskError::Panicked(panic)) = future.result() else {
            panic!("{future:?}")
        };
        assert!(panic.message.contains("destructor"));
        assert_eq!(drops.iter().count(), 1);
        assert_usable(&pool);
    });
}

/// A panic's payload whose destructor panics in its turn.
#[test]
fn a_panicking_destructor_of_a_panics_payload_harms_no_worker() {
    watch(|| {
        let pool = ThreadPoolExecutor::new(1).unwrap();
        let (grenade, drops) = grenade();
        let task = move || std::panic::panic_any(grenade);
        let future: Future<()> = pool.submit(task, ()).unwrap();
        assert!(matches!(future.result(), Err(TaskError::Panicked(_))));
        assert_eq!(drops.iter().count(), 1);
        assert_usable(&pool);
    });
}

#[test]
fn no_lock_is_held_while_destructors_and_callbacks_use_the_pool() {
    struct Submits(Arc<ThreadPoolExecutor>, Sender<Future<i32>>);
    impl Drop for Submits {
        fn drop(&mut self) {
            let submitted = self.0.submit(|| 7, ()).unwrap();
            self.1.send(submitted).unwrap();
        }
    }
    watch(|| {
        let pool = Arc::new(ThreadPoolExecutor::new(1).unwrap());
        let mut gate = Gate::new();
        let blocked = pool.submit(pass, (gate.key(),)).unwrap();
        gate.await_arrivals(1);
        let (sender, submitted) = channel();
        let inside = Submits(Arc::clone(&pool), sender.clone());
        let cancelled = pool.submit(move || drop(inside), ()).unwrap();
        let result = Submits(Arc::clone(&pool), sender.clone());
        drop(pool.submit(move || result, ()).unwrap());
        blocked.add_done_callback({
            let (pool, sender) = (Arc::clone(&pool), sender);
            move |_| sender.send(pool.submit(|| 7, ()).unwrap()).unwrap()
        });
        assert!(cancelled.cancel());
        gate.open();
        let futures: Vec<Future<i32>> = submitted.iter().collect();
        assert_eq!(futures.len(), 3);
        assert!(futures.iter().all(|future| *future.result().unwrap() == 7));
    });
}

#[test]
fn a_pool_in_a_thread_local_of_another_thread_ends_with_that() {
    thread_local!(static POOL: ThreadPoolExecutor = ThreadPoolExecutor::new(1).unwrap());
    watch(|| {
        // Made before anything of ours that is thread-local, and so dropped after it.
        let sum = || POOL.with(|pool| pool.submit(|| 40 + 2, ()).unwrap().into_result().unwrap());
        assert_eq!(thread::spawn(sum).join().unwrap(), 42);
    });
}

//! Shutdown and drop of a pool from its own threads. Thread counts are in `leaks`.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::thread;
use std::time::Duration;

use executor::{Executor, Shutdown, ShutdownOutcome, ThreadPoolExecutor};

use crate::gate::{Gate, pass};
use crate::watchdog::watch;

#[test]
fn a_task_that_shuts_its_own_pool_down_does_not_hang() {
    watch(|| {
        let pool = Arc::new(ThreadPoolExecutor::new(2).unwrap());
        let inner = Arc::clone(&pool);
        let stops = pool
            .submit(move || inner.shutdown(Shutdown::wait()), ())
            .unwrap();
        stops.result().unwrap();
        assert!(pool.submit(|| 1, ()).is_err());
        pool.shutdown(Shutdown::wait());
    });
}

#[test]
fn an_initializer_that_shuts_its_own_pool_down_does_not_hang() {
    watch(|| {
        let slot: Arc<OnceLock<Weak<ThreadPoolExecutor>>> = Arc::default();
        let inner = Arc::clone(&slot);
        let builder = ThreadPoolExecutor::builder().max_workers(1);
        let builder = builder.initializer(move || {
            let pool = inner.get().and_then(Weak::upgrade).expect("it is there");
            let outcome = pool.shutdown(Shutdown::wait());
            assert_eq!(outcome, ShutdownOutcome::NotWaited);
        });
        let pool = Arc::new(builder.build().unwrap());
        slot.set(Arc::downgrade(&pool)).unwrap();
        // Accepted before, so it runs all the same.
        assert_eq!(*pool.submit(|| 7, ()).unwrap().result().unwrap(), 7);
        assert!(pool.submit(|| 7, ()).is_err());
    });
}

/// Drops the pool when its thread ends, and says so.
struct DropsAtTheEnd {
    pool: Option<Arc<ThreadPoolExecutor>>,
    tell: Sender<()>,
}

impl Drop for DropsAtTheEnd {
    fn drop(&mut self) {
        self.pool = None;
        self.tell.send(()).unwrap();
    }
}

thread_local! {
    static AT_THE_END: RefCell<Option<DropsAtTheEnd>> = const { RefCell::new(None) };
}

#[test]
fn a_thread_local_of_a_worker_that_holds_the_last_reference_to_its_pool_does_not_hang() {
    watch(|| {
        let builder = ThreadPoolExecutor::builder().max_workers(1);
        let builder = builder.idle_timeout(Duration::from_millis(1));
        let pool = Arc::new(builder.build().unwrap());
        let (tell, told) = channel();
        let (go, word) = channel();
        let (inner, task_tell) = (Arc::clone(&pool), tell);
        let holds = move || {
            let held = DropsAtTheEnd {
                pool: Some(inner),
                tell: task_tell,
            };
            AT_THE_END.set(Some(held));
            word.recv().unwrap()
        };
        drop(pool.submit(holds, ()).unwrap());
        drop(pool);
        go.send(()).unwrap();
        told.recv().unwrap();
    });
}

#[test]
fn a_shutdown_with_a_deadline_does_not_wait_for_thread_locals() {
    struct EndsLate(Receiver<()>);
    impl Drop for EndsLate {
        fn drop(&mut self) {
            self.0.recv().unwrap();
        }
    }
    thread_local! {
        static ENDS_LATE: RefCell<Option<EndsLate>> = const { RefCell::new(None) };
    }
    watch(|| {
        let pool = ThreadPoolExecutor::new(1).unwrap();
        let (go, word) = channel();
        let late = EndsLate(word);
        let holds = pool.submit(move || ENDS_LATE.set(Some(late)), ()).unwrap();
        holds.result().unwrap();
        let day = Duration::from_secs(86_400);
        assert_eq!(
            pool.shutdown(Shutdown::wait().within(day)),
            ShutdownOutcome::Complete
        );
        go.send(()).unwrap();
    });
}

#[test]
fn a_task_that_cancels_what_waits_behind_it_does_not_hang() {
    watch(|| {
        let pool = Arc::new(ThreadPoolExecutor::new(1).unwrap());
        let (go, word) = channel();
        let inner = Arc::clone(&pool);
        let stops = pool
            .submit(
                move || {
                    word.recv().unwrap();
                    inner.shutdown(Shutdown::wait().cancel_pending());
                },
                (),
            )
            .unwrap();
        let behind = pool.submit(|| 1, ()).unwrap();
        go.send(()).unwrap();
        stops.result().unwrap();
        assert!(behind.cancelled());
    });
}

#[test]
fn a_task_that_drops_the_last_reference_to_its_pool_does_not_hang() {
    watch(|| {
        for _ in 0..20 {
            let slot = Arc::new(Mutex::new(None));
            let pool = ThreadPoolExecutor::new(2).unwrap();
            let (go, word) = channel();
            let inner = Arc::clone(&slot);
            let drops = pool
                .submit(
                    move || {
                        word.recv().unwrap();
                        let pool: Option<ThreadPoolExecutor> = inner.lock().unwrap().take();
                        drop(pool.expect("it was put there"));
                        7
                    },
                    (),
                )
                .unwrap();
            let behind = pool.submit(|| 8, ()).unwrap();
            *slot.lock().unwrap() = Some(pool);
            go.send(()).unwrap();
            assert_eq!(*drops.result().unwrap(), 7);
            assert_eq!(*behind.result().unwrap(), 8);
        }
    });
}

#[test]
fn a_task_that_holds_the_last_reference_to_its_pool_does_not_hang() {
    watch(|| {
        for _ in 0..20 {
            let pool = Arc::new(ThreadPoolExecutor::new(1).unwrap());
            let (go, word) = channel::<()>();
            let inner = Arc::clone(&pool);
            let future = pool
                .submit(
                    move || {
                        let _dropped_at_the_end = inner;
                        word.recv().unwrap();
                    },
                    (),
                )
                .unwrap();
            drop(pool);
            go.send(()).unwrap();
            future.result().unwrap();
        }
    });
}

#[test]
fn cancelling_a_task_that_holds_the_last_reference_to_its_pool_waits_for_the_pool() {
    watch(|| {
        let (go, word) = channel::<()>();
        let pool = Arc::new(ThreadPoolExecutor::new(1).unwrap());
        let (starting, start) = channel();
        let running = pool
            .submit(
                move || {
                    starting.send(()).unwrap();
                    word.recv().unwrap();
                },
                (),
            )
            .unwrap();
        start.recv().unwrap();
        let inner = Arc::clone(&pool);
        let pending = pool.submit(move || drop(inner), ()).unwrap();
        drop(pool);
        let cancelled = pending.clone();
        let canceller = thread::spawn(move || assert!(pending.cancel()));
        while !cancelled.cancelled() {
            thread::yield_now();
        }
        go.send(()).unwrap();
        canceller.join().unwrap();
        assert!(running.done(), "the drop in `cancel` waited");
    });
}

#[test]
fn a_result_that_holds_the_last_reference_to_the_pool_can_be_dropped_by_the_worker() {
    watch(|| {
        for _ in 0..20 {
            let pool = Arc::new(ThreadPoolExecutor::new(1).unwrap());
            let (go, word) = channel::<()>();
            let (dropping, dropped) = channel::<()>();
            let inner = Arc::clone(&pool);
            let task = move || {
                word.recv().unwrap();
                (inner, dropping)
            };
            drop(pool.submit(task, ()).unwrap());
            drop(pool);
            go.send(()).unwrap();
            assert!(dropped.recv().is_err(), "nothing is sent, only dropped");
        }
    });
}

#[test]
fn a_pool_shut_down_by_another_pools_task_is_waited_for() {
    watch(|| {
        let outer = ThreadPoolExecutor::new(1).unwrap();
        let inner = ThreadPoolExecutor::new(1).unwrap();
        let future = inner.submit(|| 1, ()).unwrap();
        let task = {
            let future = future.clone();
            move || {
                inner.shutdown(Shutdown::wait());
                future.done()
            }
        };
        assert!(*outer.submit(task, ()).unwrap().result().unwrap());
        assert_eq!(*future.result().unwrap(), 1);
    });
}

/// Takes its time to go, and then counts itself.
struct Leaving(Arc<AtomicUsize>);

impl Drop for Leaving {
    fn drop(&mut self) {
        for _ in 0..200 {
            thread::yield_now();
        }
        // ORDERING: Relaxed; the join orders it.
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

thread_local! {
    static LEAVING: RefCell<Option<Leaving>> = const { RefCell::new(None) };
}

#[test]
fn the_threads_have_ended_when_shutdown_returns() {
    watch(|| {
        for _ in 0..20 {
            let left = Arc::new(AtomicUsize::new(0));
            let pool = ThreadPoolExecutor::new(3).unwrap();
            let mut gate = Gate::new();
            for _ in 0..3 {
                let (left, gate) = (Arc::clone(&left), gate.key());
                let task = move || {
                    LEAVING.set(Some(Leaving(left)));
                    pass(gate);
                };
                pool.submit(task, ()).unwrap();
            }
            gate.await_arrivals(3);
            gate.open();
            pool.shutdown(Shutdown::wait());
            // What a thread holds for itself goes when it ends.
            assert_eq!(left.load(Ordering::Relaxed), 3);
        }
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

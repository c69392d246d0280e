//! Done-callbacks of process futures, which run on the pool's callback thread and must not stop the
//! pool.

use std::future::{Future as _, IntoFuture};
use std::pin::pin;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use executor::{Executor, Future, ProcessPoolExecutor, Shutdown};
use serde::{Deserialize, Serialize};

use crate::gate::{Gate, pass};
use crate::watchdog::watch;

fn pool(max_workers: usize) -> Arc<ProcessPoolExecutor> {
    Arc::new(ProcessPoolExecutor::new(max_workers).unwrap())
}

fn double(n: u32) -> u32 {
    n * 2
}

#[test]
fn a_callback_that_submits_a_chain_of_tasks_sees_its_end() {
    fn go_on(pool: &Arc<ProcessPoolExecutor>, left: u32, end: Sender<u32>) {
        let future = pool.submit(double, (left,)).unwrap();
        let pool = Arc::clone(pool);
        future.add_done_callback(move |done: &Future<u32>| match left {
            0 => end.send(*done.result().unwrap()).unwrap(),
            _ => go_on(&pool, left - 1, end),
        });
    }
    watch(|| {
        let pool = pool(2);
        let (end, ends) = channel();
        for _ in 0..3 {
            go_on(&pool, 50, end.clone());
        }
        drop(end);
        assert_eq!(ends.iter().collect::<Vec<_>>(), [0, 0, 0]);
    });
}

#[test]
fn a_callback_that_waits_for_another_process_future_gets_it() {
    watch(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let first = pool.submit(pass, (gate.key(),)).unwrap();
        let other = pool.submit(double, (21,)).unwrap();
        let (sender, seen) = channel();
        first.add_done_callback(move |_| sender.send(*other.result().unwrap()).unwrap());
        gate.open();
        assert_eq!(seen.recv().unwrap(), 42);
    });
}

#[test]
fn a_callback_that_panics_stops_neither_the_next_ones_nor_the_pool() {
    watch(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let (sender, seen) = channel();
        let future = pool.submit(pass, (gate.key(),)).unwrap();
        future.add_done_callback(|_| panic!("a callback's own panic"));
        future.add_done_callback(move |_| sender.send(()).unwrap());
        gate.open();
        seen.recv().unwrap();
        assert_eq!(*pool.submit(double, (4,)).unwrap().result().unwrap(), 8);
    });
}

/// Panics when it is dropped in the process that asked for it.
#[derive(Serialize, Deserialize)]
struct Bomb {
    home: u32,
}

impl Drop for Bomb {
    fn drop(&mut self) {
        assert_ne!(self.home, std::process::id(), "a destructor's own panic");
    }
}

#[test]
fn a_result_whose_destructor_panics_stops_neither_the_callbacks_nor_the_pool() {
    watch(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let home = std::process::id();
        let task = |gate: String, home: u32| {
            pass(gate);
            Bomb { home }
        };
        let bomb = pool.submit(task, (gate.key(), home)).unwrap();
        let other = pool.submit(pass, (gate.key(),)).unwrap();
        let (sender, seen) = channel();
        bomb.add_done_callback(|_| ());
        other.add_done_callback(move |_| {
            let thread = std::thread::current().name().unwrap_or_default().to_owned();
            sender.send(thread).unwrap();
        });
        drop(bomb);
        gate.open();
        assert!(seen.recv().unwrap().ends_with("_callbacks"));
        assert_eq!(*pool.submit(double, (4,)).unwrap().result().unwrap(), 8);
    });
}

#[test]
fn a_callback_that_shuts_the_pool_down_does_not_wait_for_itself() {
    watch(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let (sender, seen) = channel();
        let future = pool.submit(pass, (gate.key(),)).unwrap();
        let rest = pool.submit(double, (5,)).unwrap();
        let closed = Arc::clone(&pool);
        future.add_done_callback(move |_| {
            closed.shutdown(Shutdown::wait());
            sender.send(closed.submit(double, (6,)).is_err()).unwrap();
        });
        gate.open();
        assert!(seen.recv().unwrap());
        assert_eq!(*rest.result().unwrap(), 10);
    });
}

#[test]
fn a_callback_that_drops_the_last_reference_to_the_pool_does_not_wait_for_itself() {
    watch(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let (sender, seen) = channel();
        let future = pool.submit(pass, (gate.key(),)).unwrap();
        let slot = Arc::new(Mutex::new(Some(pool)));
        let last = Arc::clone(&slot);
        future.add_done_callback(move |_| {
            drop(last.lock().unwrap().take());
            sender.send(()).unwrap();
        });
        gate.open();
        seen.recv().unwrap();
        assert!(slot.lock().unwrap().is_none());
    });
}

#[test]
fn a_callback_that_waits_holds_up_no_task() {
    watch(|| {
        let pool = pool(1);
        let (gate, mut waits) = (Gate::new(), Gate::new());
        let future = pool.submit(pass, (gate.key(),)).unwrap();
        let key = waits.key();
        future.add_done_callback(move |_| pass(key));
        gate.open();
        waits.await_arrivals(1);
        for n in 0..50 {
            assert_eq!(*pool.submit(double, (n,)).unwrap().result().unwrap(), n * 2);
        }
        waits.open();
    });
}

#[test]
fn who_awaits_is_woken_though_a_callback_waits() {
    struct Tell(Sender<()>);
    impl Wake for Tell {
        fn wake(self: Arc<Self>) {
            self.0.send(()).unwrap();
        }
    }
    watch(|| {
        let pool = pool(2);
        let (gate, mut waits) = (Gate::new(), Gate::new());
        let key = waits.key();
        let stuck = pool.submit(double, (1,)).unwrap();
        stuck.add_done_callback(move |_| pass(key));
        waits.await_arrivals(1);

        let (tell, told) = channel();
        let waker = Waker::from(Arc::new(Tell(tell)));
        let awaited = pool.submit(pass, (gate.key(),)).unwrap();
        // A callback too, which has to wait for the one that is stuck.
        awaited.add_done_callback(|_| ());
        let mut awaiting = pin!(awaited.into_future());
        let polled = awaiting.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
        gate.open();
        told.recv().unwrap();
        waits.open();
    });
}

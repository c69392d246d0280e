//! What travels to a worker and back, and what can't.

use executor::{Future, ProcessPoolExecutor, TaskError};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::gate::{Gate, pass};
use crate::watchdog::watch;

/// A number that can't be encoded if it is 1, nor decoded if it is 2, and panics meanwhile if it is
/// 3 or 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fragile(u8);

impl Serialize for Fragile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            1 => Err(S::Error::custom("one is not for export")),
            3 => panic!("three can't be written"),
            number => number.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Fragile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u8::deserialize(deserializer)? {
            2 => Err(D::Error::custom("two is not for import")),
            4 => panic!("four can't be read"),
            number => Ok(Fragile(number)),
        }
    }
}

/// Whatever went wrong was that future's alone: the pool serves on, with the same worker.
fn pool_is_well(pool: &ProcessPoolExecutor) {
    let same = pool.submit(|it: Fragile| it, (Fragile(9),)).unwrap();
    assert_eq!(*same.result().unwrap(), Fragile(9));
    assert_eq!(pool.worker_pids().len(), 1);
}

fn failed<T>(future: &Future<T>) -> TaskError {
    future.error().expect("it fails")
}

#[test]
fn an_argument_that_cannot_be_encoded_fails_one_future() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        for number in [1, 3] {
            let future = pool.submit(|_: Fragile| (), (Fragile(number),)).unwrap();
            assert!(
                matches!(failed(&future), TaskError::Encode(_)),
                "{future:?}"
            );
            pool_is_well(&pool);
        }
    });
}

#[test]
fn an_argument_that_cannot_be_decoded_fails_one_future() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        for number in [2, 4] {
            let future = pool.submit(|_: Fragile| (), (Fragile(number),)).unwrap();
            assert!(
                matches!(failed(&future), TaskError::Decode(_)),
                "{future:?}"
            );
            pool_is_well(&pool);
        }
    });
}

#[test]
fn a_result_that_cannot_be_encoded_fails_one_future() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        for number in [1, 3] {
            let future = pool.submit(Fragile, (number,)).unwrap();
            assert!(
                matches!(failed(&future), TaskError::Encode(_)),
                "{future:?}"
            );
            pool_is_well(&pool);
        }
    });
}

#[test]
fn a_result_that_cannot_be_decoded_fails_one_future() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        for number in [2, 4] {
            let future = pool.submit(Fragile, (number,)).unwrap();
            assert!(
                matches!(failed(&future), TaskError::Decode(_)),
                "{future:?}"
            );
            pool_is_well(&pool);
        }
    });
}

#[test]
fn large_payloads_travel_both_ways_at_once() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(2).unwrap();
        let sent: Vec<u64> = (0..1_000_000).map(|n| n * n).collect();
        let futures: Vec<_> = (0..4)
            .map(|_| {
                pool.submit(|numbers: Vec<u64>| numbers, (sent.clone(),))
                    .unwrap()
            })
            .collect();
        for future in futures {
            assert_eq!(*future.result().unwrap(), sent);
        }
    });
}

#[test]
fn a_payload_over_the_limit_is_an_error_that_names_both_sizes() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let limit = 256 << 20;
        let future = pool
            .submit(|it: String| it.len(), ("x".repeat(limit + 1),))
            .unwrap();
        let message = failed(&future).to_string();
        assert!(message.contains(&limit.to_string()), "{message}");
        let back = pool
            .submit(|length: usize| "x".repeat(length), (limit + 1,))
            .unwrap();
        let message = failed(&back).to_string();
        assert!(message.contains(&limit.to_string()), "{message}");
        pool_is_well(&pool);
    });
}

#[test]
fn callbacks_run_on_the_pools_callback_thread() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let gate = Gate::new();
        let (named, names) = std::sync::mpsc::channel();
        let name_thread = move |_: &Future<()>| {
            let thread = std::thread::current();
            named
                .send(thread.name().unwrap_or_default().to_owned())
                .unwrap();
        };
        let running = pool.submit(pass, (gate.key(),)).unwrap();
        let cancelled = pool.submit(pass, (gate.key(),)).unwrap();
        running.add_done_callback(name_thread.clone());
        cancelled.add_done_callback(name_thread);
        assert!(cancelled.cancel());
        gate.open();
        for name in names {
            assert!(name.ends_with("_callbacks"), "{name}");
        }
    });
}

/// Writes two bytes, reads one, and panics when it is dropped.
struct Greedy;

impl Serialize for Greedy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (1_u8, 2_u8).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Greedy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u8::deserialize(deserializer).map(|_| Greedy)
    }
}

impl Drop for Greedy {
    fn drop(&mut self) {
        panic!("it can't even be dropped");
    }
}

#[test]
fn a_result_that_leaves_bytes_over_fails_one_future_even_if_it_cannot_be_dropped() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let future = pool.submit(|| Greedy, ()).unwrap();
        assert!(
            matches!(failed(&future), TaskError::Decode(_)),
            "{future:?}"
        );
        pool_is_well(&pool);
    });
}

#[test]
fn a_result_that_nobody_waits_for_is_dropped_where_callbacks_run() {
    /// Stands at the gate when it is dropped in the process that has the gate.
    #[derive(Serialize, Deserialize)]
    struct Slow {
        gate: String,
        home: u32,
    }

    impl Drop for Slow {
        fn drop(&mut self) {
            if std::process::id() == self.home {
                pass(self.gate.clone());
            }
        }
    }

    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let mut gate = Gate::new();
        let task = |gate: String, home: u32| Slow { gate, home };
        drop(pool.submit(task, (gate.key(), std::process::id())).unwrap());
        gate.await_arrivals(1);
        // The pool serves on while that destructor waits.
        pool_is_well(&pool);
        gate.open();
    });
}

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
fn a_hundred_megabytes_travel_both_ways_on_all_workers_at_once() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(2).unwrap();
        let futures: Vec<_> = (1..=2_u8)
            .map(|n| {
                let task = |mut bytes: Vec<u8>| {
                    bytes.reverse();
                    bytes
                };
                let mut sent = vec![n; 100 << 20];
                sent[0] = 77;
                pool.submit(task, (sent,)).unwrap()
            })
            .collect();
        for (n, future) in (1..=2).zip(futures) {
            let back = future.result().unwrap();
            assert_eq!(back.len(), 100 << 20);
            assert_eq!((back[0], back[back.len() - 1]), (n, 77));
        }
    });
}

#[test]
fn large_values_that_are_not_plain_travel_too() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(2).unwrap();
        let sent: Vec<(String, Option<u32>)> = (0..100_000)
            .map(|n| (n.to_string(), (n % 3 == 0).then_some(n)))
            .collect();
        let futures: Vec<_> = (0..4)
            .map(|_| {
                let task = |it: Vec<(String, Option<u32>)>| it;
                pool.submit(task, (sent.clone(),)).unwrap()
            })
            .collect();
        for future in futures {
            assert_eq!(*future.result().unwrap(), sent);
        }
    });
}

#[test]
fn more_large_payloads_than_there_may_be_descriptors_for_travel_all_the_same() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let gate = Gate::new();
        let held = pool.submit(pass, (gate.key(),)).unwrap();
        let futures: Vec<_> = (0..200_u64)
            .map(|n| {
                pool.submit(|numbers: Vec<u64>| numbers, (vec![n; 20_000],))
                    .unwrap()
            })
            .collect();
        gate.open();
        held.result().unwrap();
        for (n, future) in (0..).zip(futures) {
            assert_eq!(*future.result().unwrap(), vec![n; 20_000]);
        }
    });
}

#[test]
fn plain_vectors_and_strings_of_any_length_arrive_as_they_were() {
    type Parts = (Vec<u8>, Vec<f64>, String, Vec<u16>);
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        for length in [0, 1, 127, 128, 600, 5_000, 70_000] {
            let parts: Parts = (
                (0..length).map(|n| n as u8).collect(),
                (0..length).map(|n| n as f64 / 7.0).collect(),
                "\u{1F600}a".repeat(length),
                (0..length).map(|n| n as u16).collect(),
            );
            let task = |a: Vec<u8>, b: Vec<f64>, c: String, d: Vec<u16>| (a, b, c, d);
            let future = pool.submit(task, parts.clone()).unwrap();
            assert_eq!(*future.result().unwrap(), parts, "of length {length}");
            let numbers = pool.submit(|it: Vec<f64>| it, (parts.1.clone(),)).unwrap();
            assert_eq!(*numbers.result().unwrap(), parts.1);
            let parse = executor::fallible(|it: String| it.parse::<String>());
            let text = pool.submit(parse, (parts.2.clone(),)).unwrap();
            assert_eq!(*text.result().unwrap(), parts.2);
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

/// Nested as deep as it is long.
#[derive(Default, Serialize, Deserialize)]
struct Chain {
    link: [u64; 8],
    next: Option<Box<Chain>>,
}

impl Drop for Chain {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut link) = next {
            next = link.next.take();
        }
    }
}

fn forge(length: usize) -> Chain {
    (1..length).fold(Chain::default(), |chain, _| Chain {
        link: [7; 8],
        next: Some(Box::new(chain)),
    })
}

#[test]
fn a_deeply_nested_result_is_decoded_where_there_is_stack_for_it() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        for length in [10, 100, 1_000, 8_000] {
            let future = pool.submit(forge, (length,)).unwrap();
            let mut chain = Some(future.result().unwrap());
            let mut count = 0;
            while let Some(link) = chain {
                count += 1;
                chain = link.next.as_deref();
            }
            assert_eq!(count, length);
        }
    });
}

/// Says in which thread it was decoded.
#[derive(Serialize)]
struct Witness;

impl<'de> Deserialize<'de> for Witness {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or_default();
        assert!(name.ends_with("_supervisor"), "decoded by {name:?}");
        <()>::deserialize(deserializer).map(|()| Witness)
    }
}

#[test]
fn whoever_waits_for_one_task_runs_no_code_of_another_s_result() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        for _ in 0..200 {
            let other = pool.submit(|| Witness, ()).unwrap();
            let own = pool.submit(|| 1, ()).unwrap();
            own.result().unwrap();
            while !other.done() {
                std::thread::yield_now();
            }
            other.result().unwrap();
        }
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
    /// Stands at the gate when it is dropped in the process that has the gate, where callbacks run.
    #[derive(Serialize, Deserialize)]
    struct Slow {
        gate: String,
        home: u32,
    }

    impl Drop for Slow {
        fn drop(&mut self) {
            let thread = std::thread::current();
            let runs_callbacks = thread.name().is_some_and(|it| it.ends_with("_callbacks"));
            if std::process::id() == self.home && runs_callbacks {
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

//! The failures that Python's process pools have had, on ours.
//!
//! | issue of CPython | here |
//! |---|---|
//! | 94777, a crash with more in flight than a pipe holds | the first two below |
//! | 105829, submitting while nobody reads the wake-ups | `submit_never_waits_for_the_supervisor` |
//! | 94440, nothing but cancelled tasks left at the shutdown | `a_shutdown_ends_when_all_that_is_left_is_cancelled` |
//! | 116685, a task that can't be encoded, and a cancel | `tasks_that_cannot_be_encoded_meet_a_cancel_and_a_shutdown` |
//! | 87893, 136655, cancelled futures in `wait` and `as_completed` | `cancelled_futures_reach_those_who_wait_while_a_worker_dies` |
//! | shutdown during a crash | `a_shutdown_ends_although_a_worker_dies_anywhere`, and `process::deaths` of the integration tests |
//! | 115634, recycling with tokens of idle workers | `process::recycling` of the integration tests |

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::alone::{alone, alone_as};
use super::case::{Case, Cost, TASKS, body, run, value};
use super::notes::Notebook;
use super::{Action, Plan, Point, append};
use crate::base::{Future, ReturnWhen, TaskError, as_completed, wait};
use crate::executor::Executor;
use crate::process::ProcessPoolExecutor;
use crate::shutdown::Shutdown;

/// More than a socket holds, many times over.
const MEGABYTES: usize = 8 << 20;

const LIMIT: Duration = Duration::from_secs(60);

/// What runs this binary so that it can bear [`refuse_memory`].
fn command() -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
    command.arg(std::env::current_exe().expect("the path of this binary"));
    command
}

/// From now on no memory can be had for payloads, here and in workers, so that all go by the socket.
fn refuse_memory() {
    let most = Some(32 << 10);
    let limit = Rlimit {
        current: most,
        maximum: most,
    };
    setrlimit(Resource::Fsize, limit).expect("a lower limit");
}

#[test]
fn a_crash_amid_megabytes_of_arguments_costs_no_more_than_any_other() {
    alone_as(command(), LIMIT, || {
        refuse_memory();
        let pairs = [
            (Point::HalfTask, Action::Kill, Cost::Nothing),
            (Point::HalfTask, Action::Fail, Cost::Nothing),
            (Point::HalfTask, Action::StopForGood, Cost::Nothing),
            (Point::AfterClaim, Action::Kill, Cost::TheTask),
            (Point::AfterClaim, Action::Garbage, Cost::WhatItBegins),
        ];
        for (point, action, cost) in pairs {
            for prefetch in [0, 2] {
                run(&Case {
                    prefetch,
                    ballast: MEGABYTES,
                    ..Case::new(point, action, cost)
                });
            }
        }
    });
}

#[test]
fn a_crash_amid_megabytes_of_a_result_costs_that_result() {
    alone_as(command(), LIMIT, || {
        refuse_memory();
        for action in [Action::Kill, Action::Leave, Action::Panic] {
            let scene = Scene::new(Point::HalfReply, action, 2);
            let large = |n: u8| vec![n; MEGABYTES];
            let futures: Vec<_> = (0..6)
                .map(|n| scene.pool.submit(large, (n,)).unwrap())
                .collect();
            let results: Vec<_> = futures.iter().map(Future::result).collect();
            let lost = results.iter().filter(|result| is_death(result)).count();
            assert_eq!(lost, 1, "{action:?}");
            for (n, result) in (0..).zip(results) {
                let is_right = |bytes: &Vec<u8>| *bytes == vec![n; MEGABYTES];
                assert!(result.is_err() || result.is_ok_and(is_right), "{action:?}");
            }
        }
    });
}

fn is_death<T>(result: &Result<T, TaskError>) -> bool {
    matches!(result, Err(TaskError::WorkerDied(_)))
}

/// A pool with a fault, and a place for notes; the pool goes first.
struct Scene {
    pool: ProcessPoolExecutor,
    book: Notebook,
}

impl Scene {
    fn new(point: Point, action: Action, workers: usize) -> Scene {
        let book = Notebook::new();
        let plan = Plan {
            point,
            action,
            visit: 1,
            everybody: false,
            folder: book.folder().to_owned(),
        };
        let (name, text) = plan.variable();
        let builder = ProcessPoolExecutor::builder().env(name, text);
        let pool = builder.max_workers(workers).build().unwrap();
        Scene { pool, book }
    }

    /// A task that ends when `release` is called.
    fn submit_held(&self) -> Future<u32> {
        let held = |folder: String| {
            append(&Path::new(&folder).join("begun"), "");
            until(|| Path::new(&folder).join("release").exists());
            0
        };
        let future = self.pool.submit(held, (self.book.key(),)).unwrap();
        until(|| self.book.folder().join("begun").exists());
        future
    }

    fn release(&self) {
        append(&self.book.folder().join("release"), "");
    }

    fn submit(&self, number: u32) -> Future<u32> {
        let args = (self.book.key(), number, Vec::new());
        self.pool.submit(body, args).unwrap()
    }
}

fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        thread::sleep(Duration::from_millis(1));
    }
}

/// A number whose decoding waits in the process that has the other end of the channel.
#[derive(Serialize)]
struct Slow(u8);

static DECODES: Mutex<Option<(Sender<()>, Receiver<()>)>> = Mutex::new(None);

impl<'de> Deserialize<'de> for Slow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if let Some((decodes, go_on)) = DECODES.lock().unwrap().take() {
            decodes.send(()).unwrap();
            go_on.recv().unwrap();
        }
        u8::deserialize(deserializer).map(Slow)
    }
}

#[test]
fn submit_never_waits_for_the_supervisor() {
    alone(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let ((decodes, decoding), (release, go_on)) = (channel(), channel());
        *DECODES.lock().unwrap() = Some((decodes, go_on));
        let slow = pool.submit(|| Slow(7), ()).unwrap();
        // The supervisor is in the midst of the decoding, and reads no more.
        decoding.recv().unwrap();
        let futures: Vec<_> = (0..5_000_u32)
            .map(|n| pool.submit(|n: u32| n, (n,)).unwrap())
            .collect();
        let cancelled = futures.iter().skip(1_000).step_by(2);
        assert!(cancelled.clone().all(Future::cancel));
        assert!(cancelled.clone().all(Future::cancelled));
        release.send(()).unwrap();
        for (n, future) in (0..).zip(&futures) {
            match future.result() {
                Ok(result) => assert_eq!(*result, n),
                Err(error) => assert!(matches!(error, TaskError::Cancelled), "{error}"),
            }
        }
        assert_eq!(slow.result().map(|slow| slow.0).ok(), Some(7));
    });
}

#[test]
fn a_shutdown_ends_when_all_that_is_left_is_cancelled() {
    alone(|| {
        for prefetch in [0, 1, 16] {
            let pool = ProcessPoolExecutor::builder().prefetch(prefetch);
            let pool = pool.max_workers(1).build().unwrap();
            let scene = Scene {
                pool,
                book: Notebook::new(),
            };
            // Before there is a worker, and while one has another task.
            assert!(scene.submit(9).cancel() || scene.book.runs().contains_key(&9));
            let held = scene.submit_held();
            let futures: Vec<_> = (0..TASKS).map(|n| scene.submit(n)).collect();
            assert!(futures.iter().all(Future::cancel), "{prefetch}");
            scene.pool.shutdown(Shutdown::no_wait());
            scene.release();
            scene.pool.shutdown(Shutdown::wait());
            assert!(held.result().is_ok());
            let ran: Vec<u32> = scene.book.runs().into_keys().collect();
            assert!(ran.iter().all(|n| *n == 9), "{prefetch}: {ran:?}");
        }
    });
}

/// What can't be encoded.
#[derive(Deserialize)]
struct Refused;

impl Serialize for Refused {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("it is not for export"))
    }
}

#[test]
fn tasks_that_cannot_be_encoded_meet_a_cancel_and_a_shutdown() {
    alone(|| {
        for round in 0..5 {
            let scene = Scene::new(Point::BeforeClaim, Action::Kill, 1);
            let futures: Vec<_> = (0..TASKS).map(|n| scene.submit(n)).collect();
            let refused = scene.pool.submit(|_: Refused| (), (Refused,)).unwrap();
            assert!(!refused.cancel(), "it has ended");
            let is_cancelled = futures[TASKS as usize - 1].cancel();
            let last = scene.pool.submit(|_: Refused| (), (Refused,)).unwrap();
            scene.pool.shutdown(if round % 2 == 0 {
                Shutdown::wait()
            } else {
                Shutdown::wait().cancel_pending()
            });
            for future in [refused, last] {
                assert!(matches!(future.error(), Some(TaskError::Encode(_))));
            }
            let runs = scene.book.runs();
            for (n, future) in (0..).zip(&futures) {
                let count = runs.get(&n).copied().unwrap_or(0);
                match future.result() {
                    Ok(result) => assert_eq!((*result, count), (value(n), 1)),
                    Err(TaskError::Cancelled) => {
                        assert!(is_cancelled && n == TASKS - 1 || round % 2 == 1);
                        assert_eq!(count, 0);
                    }
                    Err(error) => panic!("{n}: {error}"),
                }
            }
        }
    });
}

#[test]
fn cancelled_futures_reach_those_who_wait_while_a_worker_dies() {
    alone(|| {
        // The held task is the one that is lost.
        let scene = Scene::new(Point::BeforeReply, Action::Kill, 1);
        let held = scene.submit_held();
        let mut futures: Vec<_> = (0..TASKS).map(|n| scene.submit(n)).collect();
        futures.push(held);
        thread::scope(|scope| {
            let waits = scope.spawn(|| wait(&futures, ReturnWhen::AllCompleted));
            let completed = scope.spawn(|| as_completed(&futures).count());
            for future in futures[..TASKS as usize].iter().step_by(2) {
                assert!(future.cancel());
            }
            scene.release();
            assert!(waits.join().unwrap().not_done.is_empty());
            assert_eq!(completed.join().unwrap(), futures.len());
        });
        let cancelled = futures.iter().filter(|future| future.cancelled()).count();
        assert_eq!(cancelled, TASKS as usize / 2);
        let lost = futures.iter().filter(|future| is_death(&future.result()));
        assert_eq!(lost.count(), 1);
    });
}

#[test]
fn a_shutdown_ends_although_a_worker_dies_anywhere() {
    alone(|| {
        let ways = [
            Shutdown::wait(),
            Shutdown::wait().cancel_pending(),
            Shutdown::no_wait(),
        ];
        for point in Point::ALL {
            for (action, how) in [Action::Kill, Action::Leave, Action::Garbage]
                .into_iter()
                .flat_map(|action| ways.map(|how| (action, how)))
            {
                let scene = Scene::new(point, action, 2);
                let futures: Vec<_> = (0..TASKS).map(|n| scene.submit(n)).collect();
                scene.pool.shutdown(how);
                wait(&futures, ReturnWhen::AllCompleted);
                let Scene { pool, book } = scene;
                drop(pool);
                let runs = book.runs();
                assert!(runs.values().all(|count| *count == 1), "{point:?}");
                for (n, future) in (0..).zip(&futures) {
                    match future.result() {
                        Ok(result) => assert_eq!((*result, runs[&n]), (value(n), 1)),
                        Err(TaskError::Cancelled) => assert!(!runs.contains_key(&n)),
                        Err(TaskError::WorkerDied(_)) => {}
                        Err(error) => panic!("{point:?} {action:?}: {error}"),
                    }
                }
                let lost = futures.iter().filter(|future| is_death(&future.result()));
                assert!(lost.count() <= 1 || action == Action::Garbage, "{point:?}");
            }
        }
    });
}

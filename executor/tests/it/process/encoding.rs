//! What happens to a pool while the arguments of a task are encoded.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use executor::{
    Executor, Future, MapOptions, ProcessPoolExecutor, Shutdown, SubmitError, TaskError,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::watchdog::watch;

/// What an argument does while it is encoded.
type During = Box<dyn FnOnce() + Send>;

/// An argument that does something while it is encoded; it arrives as nothing.
#[derive(Default)]
struct Busy(Mutex<Option<During>>);

impl Busy {
    fn with(during: impl FnOnce() + Send + 'static) -> Busy {
        Busy(Mutex::new(Some(Box::new(during))))
    }
}

impl Serialize for Busy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let during = self.0.lock().unwrap().take();
        if let Some(during) = during {
            during();
        }
        serializer.serialize_unit()
    }
}

impl<'de> Deserialize<'de> for Busy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Busy, D::Error> {
        <()>::deserialize(deserializer).map(|()| Busy::default())
    }
}

fn one(_argument: Busy) -> u32 {
    1
}

/// Submits from a thread, and gives back when the argument is being encoded. It is encoded to the end
/// when something is sent.
fn submit_slowly(
    pool: &Arc<ProcessPoolExecutor>,
) -> (
    Sender<()>,
    thread::JoinHandle<Result<Future<u32>, SubmitError>>,
) {
    let (encoding, begun) = channel();
    let (go, word): (Sender<()>, Receiver<()>) = channel();
    let pool = Arc::clone(pool);
    let submitter = thread::spawn(move || {
        let argument = Busy::with(move || {
            encoding.send(()).unwrap();
            let _ = word.recv();
        });
        pool.submit(one, (argument,)).map_err(SubmitError::from)
    });
    begun.recv().unwrap();
    (go, submitter)
}

#[test]
fn a_task_that_is_encoded_while_the_pool_shuts_down_runs() {
    watch(|| {
        let pool = Arc::new(ProcessPoolExecutor::new(1).unwrap());
        let (go, submitter) = submit_slowly(&pool);
        pool.shutdown(Shutdown::no_wait());
        assert!(pool.submit(|| 1, ()).is_err());
        go.send(()).unwrap();
        pool.shutdown(Shutdown::wait());
        let future = submitter.join().unwrap().unwrap();
        assert_eq!(*future.result().unwrap(), 1);
    });
}

#[test]
fn a_task_that_is_encoded_while_a_shutdown_cancels_is_cancelled() {
    watch(|| {
        let pool = Arc::new(ProcessPoolExecutor::new(1).unwrap());
        let (go, submitter) = submit_slowly(&pool);
        pool.shutdown(Shutdown::no_wait().cancel_pending());
        go.send(()).unwrap();
        pool.shutdown(Shutdown::wait());
        let future = submitter.join().unwrap().unwrap();
        assert!(future.cancelled());
    });
}

#[test]
fn a_task_that_is_encoded_while_the_workers_are_killed_is_cancelled() {
    watch(|| {
        let pool = Arc::new(ProcessPoolExecutor::new(1).unwrap());
        let (go, submitter) = submit_slowly(&pool);
        pool.kill_workers();
        drop(go);
        let future = submitter.join().unwrap().unwrap();
        assert!(matches!(future.result(), Err(TaskError::Cancelled)));
    });
}

#[test]
fn an_argument_that_shuts_the_pool_down_while_it_is_encoded_does_not_wait_for_itself() {
    watch(|| {
        let pool = Arc::new(ProcessPoolExecutor::new(1).unwrap());
        let inner = Arc::clone(&pool);
        let argument = Busy::with(move || {
            inner.shutdown(Shutdown::wait());
            assert!(inner.submit(|| 1, ()).is_err());
        });
        let future = pool.submit(one, (argument,)).unwrap();
        assert_eq!(*future.result().unwrap(), 1);
    });
}

#[test]
fn an_argument_that_panics_while_it_is_encoded_keeps_no_place() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let argument = Busy::with(|| panic!("on purpose"));
        let submit = std::panic::AssertUnwindSafe(|| pool.submit(one, (argument,)));
        if let Ok(submitted) = std::panic::catch_unwind(submit) {
            assert!(submitted.unwrap().result().is_err());
        }
        pool.shutdown(Shutdown::wait());
    });
}

/// Its own task may be what there is no room besides.
#[test]
fn a_map_in_the_middle_of_a_submit_does_not_wait_for_room_whatever_time_it_has() {
    watch(|| {
        let builder = ProcessPoolExecutor::builder().max_workers(1);
        let pool = Arc::new(builder.queue_limit(1).build().unwrap());
        let inner = Arc::clone(&pool);
        let (tell, told) = channel();
        let argument = Busy::with(move || {
            let options = MapOptions::new().timeout(Duration::from_secs(3_600));
            let refused = inner.map_with(|n: u32| n, 0..5, options).err();
            tell.send(refused).unwrap();
        });
        let future = pool.submit(one, (argument,)).unwrap();
        assert!(matches!(told.recv().unwrap(), Some(SubmitError::Full)));
        assert_eq!(*future.result().unwrap(), 1);
    });
}

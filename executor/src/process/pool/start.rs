//! The start of a pool: its two threads.

use std::io;

use super::ProcessPoolExecutor;
use crate::base::callback_thread::CallbackThread;
use crate::process::options::Options;
use crate::process::shared::Shared;
use crate::process::{supervisor, worker};
use crate::sync::{self, Arc, Mutex, thread};

/// Bytes of stack of the pool's threads, which decode and drop what workers have made. Decoding
/// takes more than encoding did in the worker, for the same nesting.
const STACK: usize = 4 * worker::STACK;

/// A pool with its threads. Workers are started when there are tasks.
pub(super) fn start(options: Options) -> io::Result<ProcessPoolExecutor> {
    let max_workers = options.max_workers;
    let name = format!("ProcessPoolExecutor-{}", sync::next_number());
    let (callback_thread, way, caller) = CallbackThread::start(name.clone(), STACK)?;
    // If what follows fails, the callback thread ends too: `shared` has the only way to it.
    let shared = Arc::new(Shared::new(options, way)?);
    let supervised = Arc::clone(&shared);
    let supervisor = thread::spawn(format!("{name}_supervisor"), STACK, move || {
        supervisor::supervise(&supervised);
    })?;
    Ok(ProcessPoolExecutor {
        shared,
        callback_thread,
        thread_ids: [caller.thread().id(), supervisor.thread().id()],
        threads: Mutex::new(vec![supervisor, caller]),
        max_workers,
    })
}

//! The start of a pool: its two threads.

use std::io;
use std::sync::Weak;
use std::thread;

use super::ProcessPoolExecutor;
use crate::process::options::Options;
use crate::process::remote::CallBack;
use crate::process::shared::Shared;
use crate::process::{supervisor, worker};
use crate::sync::{self, Arc, Mutex};

/// Bytes of stack of the pool's threads, which decode and drop what workers have made. Decoding
/// takes more than encoding did in the worker, for the same nesting.
const STACK: usize = 4 * worker::STACK;

/// Says that the callback thread has ended when it is dropped.
struct CallbacksEnd(Weak<Shared>);

impl Drop for CallbacksEnd {
    fn drop(&mut self) {
        if let Some(shared) = self.0.upgrade() {
            shared.callbacks_have_ended();
        }
    }
}

/// A pool with its threads. Workers are started when there are tasks.
pub(super) fn start(options: Options) -> io::Result<ProcessPoolExecutor> {
    let max_workers = options.max_workers;
    let (callbacks, to_run) = crossbeam_channel::unbounded::<CallBack>();
    let shared = Arc::new(Shared::new(options, callbacks)?);
    let number = sync::next_number();
    // Weak: the sender of what is to be run goes with `shared`, if the supervisor can't be started.
    let end = CallbacksEnd(Arc::downgrade(&shared));
    let caller = thread::Builder::new()
        .name(format!("ProcessPoolExecutor-{number}_callbacks"))
        .stack_size(STACK)
        .spawn(move || {
            let _end = end;
            for call_back in to_run {
                call_back();
            }
        })?;
    let supervised = Arc::clone(&shared);
    // If this fails the callback thread ends too: `shared` has its only sender.
    let supervisor = thread::Builder::new()
        .name(format!("ProcessPoolExecutor-{number}_supervisor"))
        .stack_size(STACK)
        .spawn(move || supervisor::supervise(&supervised))?;
    Ok(ProcessPoolExecutor {
        shared,
        thread_ids: [caller.thread().id(), supervisor.thread().id()],
        threads: Mutex::new(vec![supervisor, caller]),
        max_workers,
    })
}

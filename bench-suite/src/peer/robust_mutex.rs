//! The floor of a locked counter between two processes: glibc's robust mutex, shared between
//! processes, in a memfd that both have mapped; and the number beside it.
//!
//! Robust, because a lock between processes must outlive a holder that is killed: that is a list to be
//! kept at each lock and unlock, and not left out here. What to do when it happens is.

#![expect(
    unsafe_code,
    reason = "the mutex is C's, and the memory is another process's as well"
)]

use std::fs::File;
use std::io;
use std::sync::atomic::AtomicU64;

use libc::pthread_mutex_t;
use memmap2::{MmapOptions, MmapRaw};
use rustix::fs::{MemfdFlags, memfd_create};

use super::descriptor;
use super::far_end::{self, FarEnd};
use super::orders::{self, Order};
use crate::workload::counter::TASKS;
use crate::workload::counter::line::meet;

/// Its name in the report.
pub const ROBUST_MUTEX: &str = "bare robust mutex";

/// How many processes increment.
const CLIENTS: usize = TASKS as usize;

/// The mutex, after it the number, and after that the line where the processes meet.
const SIZE: usize = LINE + size_of::<AtomicU64>();
const LINE: usize = NUMBER + size_of::<u64>();
const NUMBER: usize = size_of::<pthread_mutex_t>().next_multiple_of(align_of::<u64>());

/// A counter in shared memory, and two processes that increment it.
#[derive(Debug)]
pub struct RobustMutex {
    counter: Counter,
    clients: [FarEnd; CLIENTS],
}

impl RobustMutex {
    /// Starts the processes.
    ///
    /// # Panics
    ///
    /// If the system refuses memory, a socket or a process.
    pub fn start() -> RobustMutex {
        let file = new_file().expect("the system has memory");
        let counter = Counter::map(&file).expect("the memory can be mapped");
        counter.initialise();
        let clients = [(); CLIENTS].map(|()| {
            let client = FarEnd::start(increment_as_told);
            descriptor::send(client.socket(), &file).expect("the client is there");
            client
        });
        RobustMutex { counter, clients }
    }

    /// Has each process make so many increments, both at once; what a counter from zero shows then.
    ///
    /// # Panics
    ///
    /// If a process is gone.
    pub fn run(&self, increments: u32) -> u64 {
        let before = self.counter.add(0);
        let order = Order {
            what: 0,
            times: increments,
        };
        orders::give(self.clients.iter().map(FarEnd::socket), order);
        self.counter.add(0) - before
    }
}

/// A client.
fn increment_as_told(address: String) {
    let socket = far_end::connect(&address).expect("the near end listens");
    let file = descriptor::receive(&socket).expect("the near end sends memory");
    let file = file.expect("the near end is there");
    let counter = Counter::map(&file).expect("the memory can be mapped");
    orders::follow(socket, |order| {
        meet(counter.line());
        for _ in 0..order.times {
            counter.add(1);
        }
    });
}

fn new_file() -> io::Result<File> {
    let file = File::from(memfd_create("counter", MemfdFlags::CLOEXEC)?);
    file.set_len(SIZE as u64)?;
    Ok(file)
}

/// A mapping of the mutex and the number. Zero bytes are no mutex: one process, and it first, has to
/// initialise it.
#[derive(Debug)]
struct Counter(MmapRaw);

impl Counter {
    fn map(file: &File) -> io::Result<Counter> {
        MmapOptions::new().len(SIZE).map_raw(file).map(Counter)
    }

    fn mutex(&self) -> *mut pthread_mutex_t {
        self.0.as_mut_ptr().cast()
    }

    fn number(&self) -> *mut u64 {
        self.0.as_mut_ptr().wrapping_add(NUMBER).cast()
    }

    fn line(&self) -> &AtomicU64 {
        let line = self.0.as_mut_ptr().wrapping_add(LINE).cast();
        // SAFETY: within the mapping and aligned, by the constants; it stays mapped while `self` lives, and everybody
        // reaches it as an atomic.
        unsafe { AtomicU64::from_ptr(line) }
    }

    /// Makes the mutex, before anybody else has the memory.
    fn initialise(&self) {
        let mut space = std::mem::MaybeUninit::uninit();
        let attributes: *mut libc::pthread_mutexattr_t = space.as_mut_ptr();
        // SAFETY: it points to space for the attributes.
        demand(unsafe { libc::pthread_mutexattr_init(attributes) });
        // SAFETY: the attributes were initialised above.
        demand(unsafe {
            libc::pthread_mutexattr_setpshared(attributes, libc::PTHREAD_PROCESS_SHARED)
        });
        // SAFETY: the attributes were initialised above.
        demand(unsafe {
            libc::pthread_mutexattr_setrobust(attributes, libc::PTHREAD_MUTEX_ROBUST)
        });
        // SAFETY: a mapping begins on a page and is long enough; nobody else has it yet.
        demand(unsafe { libc::pthread_mutex_init(self.mutex(), attributes) });
        // SAFETY: they were initialised above and are not used again.
        demand(unsafe { libc::pthread_mutexattr_destroy(attributes) });
    }

    /// Adds to the number, under the lock; the sum.
    fn add(&self, more: u64) -> u64 {
        // SAFETY: the mutex was initialised before the memory was sent, is never destroyed, and the
        // mapping lives as long as `self`. This thread does not hold it: it is unlocked below.
        demand(unsafe { libc::pthread_mutex_lock(self.mutex()) });
        let number = self.number();
        // SAFETY: within the mapping and aligned, by the constants; the lock is held, and nobody
        // touches the number without it.
        let sum = unsafe { number.read() } + more;
        // SAFETY: as above.
        unsafe { number.write(sum) };
        // SAFETY: it was locked above, by this thread.
        demand(unsafe { libc::pthread_mutex_unlock(self.mutex()) });
        sum
    }
}

/// Panics if a call has failed: none can, but for a holder that was killed, and then there is nothing
/// to measure.
fn demand(status: i32) {
    assert_eq!(status, 0, "{}", io::Error::from_raw_os_error(status));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_processes_lose_no_increment() {
        let peer = RobustMutex::start();
        for increments in [0, 1, 10_000] {
            assert_eq!(peer.run(increments), 2 * u64::from(increments));
        }
    }
}

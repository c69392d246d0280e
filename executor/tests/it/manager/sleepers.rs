//! Says when threads, here or in workers, sleep in a call to a manager.
//!
//! A thread that waits in a call can't say so any more; that it sleeps can be seen from outside. It
//! has sent its request by then, and the manager takes in what a client has sent before it notices
//! that the client is gone.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

/// Where threads that are about to sleep announce themselves.
pub(super) struct Sleepers {
    listener: UnixListener,
    path: PathBuf,
}

impl Sleepers {
    pub(super) fn new() -> Sleepers {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // ORDERING: Relaxed, all that matters is that the numbers differ.
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("executor-sleepers-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        drop(fs::remove_file(&path));
        Sleepers {
            listener: UnixListener::bind(&path).expect("a socket for sleepers"),
            path,
        }
    }

    /// What a thread announces itself by.
    pub(super) fn key(&self) -> String {
        self.path
            .to_str()
            .expect("a path of the tests' own")
            .to_owned()
    }

    /// Waits until one more thread has announced itself and sleeps; the pid of its process.
    pub(super) fn await_one(&self) -> u32 {
        let (mut stream, _) = self.listener.accept().expect("a sleeper");
        let mut thread = String::new();
        stream.read_to_string(&mut thread).expect("its name");
        let deadline = Instant::now() + PATIENCE;
        while !sleeps(&thread) {
            assert!(Instant::now() < deadline, "thread {thread} does not sleep");
            thread::yield_now();
        }
        let (pid, _) = thread.split_once('/').expect("a process and a thread");
        pid.parse().expect("a pid")
    }

    /// Waits until so many more threads sleep.
    pub(super) fn await_all(&self, count: usize) {
        for _ in 0..count {
            self.await_one();
        }
    }
}

impl Drop for Sleepers {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

/// Announces that this thread is about to sleep. Its connection to the manager is to be open by
/// then, or it may be found asleep while that is opened.
pub(super) fn announce(sleepers: &str) {
    let thread = fs::read_link("/proc/thread-self").expect("a thread of a process");
    let mut stream = UnixStream::connect(sleepers).expect("somebody who waits for sleepers");
    write!(stream, "{}", thread.display()).expect("somebody who listens");
}

fn sleeps(thread: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{thread}/stat")).expect("the thread lives");
    let (_, state) = stat.rsplit_once(") ").expect("a state behind the name");
    state.starts_with('S')
}

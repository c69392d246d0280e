//! The far end of a conversation over a bare unix socket, in a process of its own.
//!
//! It is a task on a process pool of one worker, which the pool leaves alone until the task ends. So
//! nothing is to be recognised in `main`, tests have it too, and it is the same executable as
//! everything that it is compared with. What the two say to each other crosses their own socket: the
//! pool's channels carry the task's start and its end, and nothing in between.

use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use executor::{Future, ProcessPoolExecutor, SubmitError, Task};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How long the far end may take to come.
const PATIENCE: Timespec = Timespec {
    tv_sec: 10,
    tv_nsec: 0,
};

/// A process at the other end of a socket.
#[derive(Debug)]
pub(super) struct FarEnd {
    // Dropped before the pool, whose end waits for the task's, which waits for the socket's.
    socket: UnixStream,
    pool: ProcessPoolExecutor,
}

impl FarEnd {
    /// Starts a process that calls `serve` with the address to [`connect`] to.
    ///
    /// # Panics
    ///
    /// If the system refuses a socket or a process.
    pub(super) fn start(serve: impl Task<(String,), Output = ()>) -> FarEnd {
        FarEnd::submit(|pool, address| Ok(pool.submit(serve, (address,))?))
    }

    /// As [`start`](FarEnd::start), with one more argument for `serve`.
    ///
    /// # Panics
    ///
    /// As there.
    pub(super) fn start_with(
        serve: impl Task<(String, String), Output = ()>,
        argument: String,
    ) -> FarEnd {
        FarEnd::submit(|pool, address| Ok(pool.submit(serve, (address, argument))?))
    }

    fn submit(
        submit: impl FnOnce(&ProcessPoolExecutor, String) -> Result<Future<()>, SubmitError>,
    ) -> FarEnd {
        let address = new_address();
        let name = socket_address(&address).expect("the name is short enough");
        let listener = UnixListener::bind_addr(&name).expect("the name is ours alone");
        let pool = ProcessPoolExecutor::new(1).expect("a pool can be built");
        submit(&pool, address).expect("the pool takes the task");
        // A worker that dies would otherwise be waited for without end.
        let mut comes = [PollFd::new(&listener, PollFlags::IN)];
        let come = poll(&mut comes, Some(&PATIENCE)).expect("the listener can be waited for");
        assert!(come == 1, "the far end did not come");
        let (socket, _) = listener.accept().expect("the far end connects");
        FarEnd { socket, pool }
    }

    /// The process.
    pub(super) fn pid(&self) -> u32 {
        self.pool.worker_pids()[0]
    }

    /// The near end of the socket.
    pub(super) fn socket(&self) -> &UnixStream {
        &self.socket
    }
}

/// Connects the far end.
///
/// # Errors
///
/// Those of the system.
pub(super) fn connect(address: &str) -> io::Result<UnixStream> {
    UnixStream::connect_addr(&socket_address(address)?)
}

/// A name that no other process uses, nor this one twice.
pub(super) fn new_address() -> String {
    static STARTED: AtomicU64 = AtomicU64::new(0);
    // ORDERING: Relaxed, only the number matters.
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    format!("executor-bench-suite-{}-{number}", process::id())
}

/// Abstract, so that nothing is left in the file system.
pub(super) fn socket_address(address: &str) -> io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(address)
}

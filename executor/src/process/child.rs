//! A process that serves: start, signal, reap.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::entry::Role;
use crate::base::WorkerExit;

/// A process in a role. It is this same executable; see [`entry`](super::entry).
#[derive(Debug)]
pub(crate) struct ServingProcess {
    child: Child,
    /// Becomes readable when the process ends.
    pidfd: OwnedFd,
}

impl ServingProcess {
    /// Starts one, with its end of the channel and what its environment has besides ours.
    pub(crate) fn start(
        role: Role,
        channel: OwnedFd,
        environment: &[(OsString, OsString)],
    ) -> io::Result<ServingProcess> {
        let variables = environment.iter().map(|(name, value)| (name, value));
        let mut child = Command::new("/proc/self/exe")
            .arg0(role.argument_0())
            .envs(variables)
            .stdin(channel)
            .spawn()?;
        // The number can't have become another process's, as nobody else reaps our children; if
        // somebody does after all, this fails or the pidfd is what is signalled.
        match pidfd_open(Pid::from_child(&child), PidfdFlags::empty()) {
            Ok(pidfd) => Ok(ServingProcess { child, pidfd }),
            Err(error) => {
                drop(child.kill());
                drop(child.wait());
                Err(error.into())
            }
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it, if it has not ended.
    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Asks it to end, also if it is stopped.
    pub(crate) fn terminate(&self) {
        self.signal(Signal::TERM);
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        // It fails if the process has ended, which is what was wanted.
        let _ = pidfd_send_signal(&self.pidfd, signal);
    }

    /// Waits for the end, which is near or has come, and reaps.
    pub(crate) fn reap(&mut self) -> WorkerExit {
        match self.child.wait() {
            Ok(status) => exit_of(status),
            // Somebody else reaped it, against the rules; how it ended is not known.
            Err(_) => WorkerExit::Unknown,
        }
    }
}

impl Drop for ServingProcess {
    fn drop(&mut self) {
        // Whatever happened to the supervisor, no process and no zombie stays behind.
        self.kill();
        drop(self.child.wait());
    }
}

impl AsFd for ServingProcess {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }
}

fn exit_of(status: ExitStatus) -> WorkerExit {
    match (status.code(), status.signal()) {
        (Some(code), _) => WorkerExit::Code(code),
        (None, Some(signal)) => WorkerExit::Signal(signal),
        (None, None) => WorkerExit::Unknown,
    }
}

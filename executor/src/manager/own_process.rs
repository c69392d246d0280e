//! The process of a manager, as its owner has it: started, spoken to once, and ended.

use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::SendFlags;
use rustix::process::{Pid, getpid};

use super::error::ManagerError;
use super::message::{Configuration, GREETING_LIMIT, Started};
use super::operation::unreadable;
use super::server::system;
use crate::process::assembler::Assembler;
use crate::process::child::ServingProcess;
use crate::process::codec::{self, Draft};
use crate::process::entry::{self, Role};
use crate::process::socket::{Received, receive_some, send_all};
use crate::process::wire::{Frame, Kind, Parcel};

/// How long a manager that is shut down may take to end before it is killed.
const ENDING: Duration = Duration::from_secs(2);

/// The manager's process, as its owner has it.
pub(super) struct OwnProcess {
    /// Who started it: a forked copy of that does not end it.
    owner: Pid,
    control: UnixStream,
    process: ServingProcess,
}

impl OwnProcess {
    /// Starts it, and waits until it says where it can be reached.
    pub(super) fn launch(
        mut configuration: Configuration,
    ) -> Result<(OwnProcess, Started), ManagerError> {
        entry::has_run()
            .map_err(|error| system("the constructor that starts a manager", &error))?;
        let (control, theirs) =
            UnixStream::pair().map_err(|error| system("a pair of sockets", &error))?;
        #[cfg(test)]
        let environment = super::faults::unruly::environment();
        #[cfg(not(test))]
        let environment = [];
        let process = ServingProcess::start(Role::Manager, theirs.into(), &environment)
            .map_err(|error| system("a process", &error))?;
        let draft = Draft::new()
            .encode(&mut configuration, |_, _| {}, GREETING_LIMIT)
            .map_err(|error| unreadable(error, "the settings of", "a manager"))?;
        let parcel = Parcel::new(Kind::Configure, 0, draft, || None);
        let gone = |why: String| ManagerError::Gone(format!("it ended while it started: {why}"));
        send_all(&control, &parcel, 0, SendFlags::empty())
            .map_err(|error| gone(error.to_string()))?;
        let mut assembler = Assembler::new(configuration.frame_limit);
        let started = loop {
            match receive_some(&control, &mut assembler).map_err(|error| gone(error.to_string()))? {
                Some(Received::Frame(Frame {
                    kind: Kind::Reply,
                    content,
                    ..
                })) => {
                    break codec::decode(&content, 0, |_, _| {})
                        .map_err(|error| unreadable(error, "the reply of", "a manager"))?;
                }
                Some(Received::Part) => {}
                Some(Received::Frame(_)) | None => return Err(gone("it said nothing".to_owned())),
            }
        };
        let process = OwnProcess {
            owner: getpid(),
            control,
            process,
        };
        Result::map(started, |started| (process, started))
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Ends it, if it is this process's own.
    pub(super) fn end(self) {
        if self.owner != getpid() {
            // It is the original's; to drop this copy would kill it.
            std::mem::forget(self);
            return;
        }
        // Not only closed: a forked copy of this process may have the other copy of it.
        drop(self.control.shutdown(std::net::Shutdown::Both));
        let deadline = Instant::now() + ENDING;
        let mut watched = [PollFd::new(&self.process, PollFlags::IN)];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match poll(&mut watched, left.try_into().ok().as_ref()) {
                Err(rustix::io::Errno::INTR) => {}
                // It has ended, or is killed now.
                Ok(_) | Err(_) => break,
            }
        }
    }
}

//! The worker's side: read a task, claim it, run it, reply.

use std::os::fd::{AsFd, OwnedFd};
use std::process::exit;
use std::sync::Arc;
use std::{io, thread};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::fcntl_dupfd_cloexec;
use rustix::process::{Pid, getpid};

use super::content::{Bytes, Content};
#[cfg(test)]
use super::faults::{self, Point};
use super::invocation;
use super::leave;
use super::memory::Loan;
use super::page::Page;
use super::transport::WorkerChannel;
use super::wire::{Frame, Kind, Parcel};
use crate::panics;

/// The exit code of a worker whose parent broke the protocol or is gone.
const EXIT_CHANNEL: i32 = 72;

/// The exit code of a copy of a worker, forked by a task, that came back from the task.
const EXIT_FORKED: i32 = 73;

/// The exit code of a worker that panicked outside of any task, as of a program that panicked.
const EXIT_PANICKED: i32 = 101;

/// Bytes of stack that tasks have, as the main thread of most programs.
pub(crate) const STACK: usize = 8 << 20;

/// A worker's connection with its pool.
pub(crate) struct Connection {
    channel: WorkerChannel,
    page: Arc<Page>,
    /// This process, as opposed to copies of it.
    process: Pid,
}

/// Waits for the parent's greeting.
pub(crate) fn greet(mut channel: WorkerChannel) -> Result<Connection, String> {
    #[cfg(test)]
    faults::at(Point::BeforeHello, &channel, None);
    let page = match channel.receive() {
        Ok(Some(Frame {
            kind: Kind::Hello,
            content:
                Content {
                    bytes: Bytes::Page(page),
                    ..
                },
            ..
        })) => page,
        Ok(Some(frame)) => return Err(format!("the parent began with {:?}", frame.kind)),
        Ok(None) => return Err("the parent said nothing".to_owned()),
        Err(error) => return Err(format!("the parent's greeting is unreadable: {error}")),
    };
    let page = Page::map(page).map_err(|error| format!("the parent's page: {error}"))?;
    let page = Arc::new(page);
    channel.set_page(Arc::clone(&page));
    #[cfg(test)]
    faults::at(Point::AfterHello, &channel, None);
    Ok(Connection {
        channel,
        page,
        process: getpid(),
    })
}

/// Serves tasks until the parent ends the channel, or itself.
pub(crate) fn serve(connection: Connection, parent: OwnedFd) -> ! {
    panics::note_places();
    let socket = fcntl_dupfd_cloexec(connection.channel.as_fd(), 3);
    // Tasks get a thread of their own: the main thread's stack may have been limited by whoever
    // started the program, and only threads are sure to have guard pages here.
    let tasks = thread::Builder::new()
        .name("executor-worker".to_owned())
        .stack_size(STACK)
        .spawn(move || run_tasks(connection));
    let socket = match (tasks, socket) {
        (Ok(_), Ok(socket)) => socket,
        (tasks, socket) => {
            let error = tasks.err().or(socket.err().map(io::Error::from));
            eprintln!("executor-worker: it could not be set up: {error:?}");
            exit(EXIT_CHANNEL);
        }
    };
    wait_for_end(&parent, &socket);
    // Nobody is left to want the outcome of a task that still runs. Nothing is run at this exit:
    // what the program has registered for it might wait for that task.
    leave::at_once(EXIT_CHANNEL)
}

fn run_tasks(mut connection: Connection) -> ! {
    match panics::catch_unwind(|| connection.serve()) {
        Ok(Ok(())) => exit(0),
        Ok(Err(error)) => {
            eprintln!("executor-worker: the channel to the pool broke: {error}");
            exit(EXIT_CHANNEL)
        }
        // The hook has said what. Without an exit the other thread would keep the channel open, and
        // the pool would wait for ever.
        Err(_) => exit(EXIT_PANICKED),
    }
}

impl Connection {
    /// Runs the initializer and the tasks, until the parent ends the channel.
    fn serve(&mut self) -> io::Result<()> {
        if self.page.settings().initializes {
            match self.channel.receive()? {
                None => return Ok(()),
                Some(frame) if frame.kind == Kind::Initialize => {
                    self.channel.send(&Parcel::empty(Kind::Begun, 0))?;
                    self.run(Kind::Ready, frame)?;
                }
                Some(frame) => return Err(unexpected(frame.kind)),
            }
        } else {
            self.channel.send(&Parcel::empty(Kind::Ready, 0))?;
        }
        #[cfg(test)]
        faults::at(Point::AfterReady, &self.channel, None);
        // The number of the task among those that came; the pool counts in the same way.
        let mut number = 0_u32;
        while let Some(frame) = self.channel.receive()? {
            if frame.kind != Kind::Task {
                return Err(unexpected(frame.kind));
            }
            #[cfg(test)]
            faults::at(Point::BeforeClaim, &self.channel, Some(frame.id));
            let is_ours = self.page.claim(number);
            number = number.wrapping_add(1);
            if is_ours {
                #[cfg(test)]
                faults::at(Point::AfterClaim, &self.channel, None);
                if let Bytes::Memory(_) = frame.content.bytes {
                    self.channel.send(&Parcel::empty(Kind::Begun, frame.id))?;
                }
                self.run(Kind::Outcome, frame)?;
                #[cfg(test)]
                faults::at(Point::AfterReply, &self.channel, None);
            } else {
                self.channel.send(&Parcel::empty(Kind::Skipped, frame.id))?;
            }
        }
        #[cfg(test)]
        faults::at(Point::OnShutdown, &self.channel, None);
        Ok(())
    }

    /// Runs what a frame names, and replies with the outcome.
    fn run(&mut self, reply: Kind, Frame { id, content, .. }: Frame) -> io::Result<()> {
        let limit = self.page.settings().frame_limit;
        let outcome = invocation::run_payload(content, limit);
        if getpid() != self.process {
            eprintln!(
                "executor-worker: a task forked, and the copy came back from the task; it ends \
                 here, for the outcome is the original's to send"
            );
            // What was registered for the exit is the original's to run.
            leave::at_once(EXIT_FORKED)
        }
        #[cfg(test)]
        faults::at(Point::BeforeReply, &self.channel, None);
        let parcel = Parcel::new(reply, id, outcome, || Some(Loan::unlimited()));
        self.channel.send(&parcel)
    }
}

fn unexpected(kind: Kind) -> io::Error {
    io::Error::other(format!("the pool sent {kind:?}"))
}

/// Waits until the parent has ended, or has closed its end of the channel for good, as it does when
/// it becomes another program.
fn wait_for_end(parent: &OwnedFd, socket: &OwnedFd) {
    loop {
        let mut watched = [
            PollFd::new(parent, PollFlags::IN),
            // With nothing asked for, what is told is the end in both directions.
            PollFd::new(socket, PollFlags::empty()),
        ];
        match poll(&mut watched, None) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) | Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests;

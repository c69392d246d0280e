//! The worker's side: read a task, run it, reply.

#![expect(unsafe_code, reason = "leaves at once when the parent is gone")]

use std::os::fd::OwnedFd;
use std::process::exit;
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};

use super::descriptor;
use super::transport::WorkerChannel;
use super::wire::{Draft, Kind};
use crate::panics;

/// The exit code of a worker whose parent broke the protocol or is gone.
const EXIT_CHANNEL: i32 = 72;

/// Bytes of stack that tasks have, as the main thread of most programs; and the pool's threads, so
/// that what could be encoded here can be decoded there.
pub(crate) const STACK: usize = 8 << 20;

/// Waits for the parent's greeting.
pub(crate) fn greet(channel: &mut WorkerChannel) -> Result<(), String> {
    match channel.receive() {
        Ok(Some(frame)) if frame.kind == Kind::Hello => Ok(()),
        Ok(Some(frame)) => Err(format!("the parent began with {:?}", frame.kind)),
        Ok(None) => Err("the parent said nothing".to_owned()),
        Err(error) => Err(format!("the parent's greeting is unreadable: {error}")),
    }
}

/// Serves tasks until the parent ends the channel, or itself.
pub(crate) fn serve(channel: WorkerChannel, parent: OwnedFd) -> ! {
    panics::note_places();
    // Tasks get a thread of their own: the main thread's stack may have been limited by whoever
    // started the program, and only threads are sure to have guard pages here.
    let tasks = thread::Builder::new()
        .name("executor-worker".to_owned())
        .stack_size(STACK)
        .spawn(move || run_tasks(channel));
    if let Err(error) = tasks {
        eprintln!("executor-worker: no thread could be started: {error}");
        exit(EXIT_CHANNEL);
    }
    wait_for_end(&parent);
    // Nobody is left to want the outcome of a task that still runs. Nothing is run at this exit:
    // what the program has registered for it might wait for that task.
    // SAFETY: it ends the process, whatever state that is in.
    unsafe { libc::_exit(EXIT_CHANNEL) }
}

fn run_tasks(mut channel: WorkerChannel) -> ! {
    let ready = Draft::new().finish(Kind::Ready, 0);
    let mut outcome = channel.send(&ready);
    loop {
        if let Err(error) = outcome {
            eprintln!("executor-worker: the channel to the pool broke: {error}");
            exit(EXIT_CHANNEL);
        }
        outcome = match channel.receive() {
            Ok(None) => exit(0),
            Ok(Some(frame)) if frame.kind == Kind::Task => {
                let reply = descriptor::run_payload(&frame.payload);
                drop(frame.payload);
                channel.send(&reply.finish(Kind::Outcome, frame.id))
            }
            Ok(Some(frame)) => Err(std::io::Error::other(format!(
                "the pool sent {:?}",
                frame.kind
            ))),
            Err(error) => Err(error),
        };
    }
}

/// Waits until the process behind a pidfd has ended.
fn wait_for_end(process: &OwnedFd) {
    loop {
        let mut watched = [PollFd::new(process, PollFlags::IN)];
        match poll(&mut watched, None) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) | Err(_) => return,
        }
    }
}

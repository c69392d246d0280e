//! A real worker, and a pool that breaks the protocol.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::fs::{MemfdFlags, memfd_create};

use super::*;
use crate::base::TaskError;
use crate::process::codec::{self, Draft};
use crate::process::descriptor::Name;
use crate::process::entry::{EXIT_REFUSED, Role};
use crate::process::memory;
use crate::process::page::Settings;
use crate::process::transport::{self, Arrival, Receiver, Sender};
use crate::process::wire::HEADER;
use crate::task::{Payload, Task};

const LIMIT: usize = 1 << 16;

/// A worker, and the pool's side of its channel.
struct Forger {
    child: Child,
    page: Arc<Page>,
    sender: Sender,
    receiver: Receiver,
}

impl Forger {
    /// Starts a worker, and says nothing to it.
    fn silent(initializes: bool) -> (Forger, OwnedFd) {
        let settings = Settings {
            frame_limit: LIMIT,
            initializes,
        };
        let (page, memory) = Page::new(settings).unwrap();
        let page = Arc::new(page);
        let (sender, receiver, theirs) = transport::channel(Arc::clone(&page), LIMIT).unwrap();
        let child = Command::new("/proc/self/exe")
            .arg0(Role::Worker.argument_0())
            .stdin(theirs)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let forger = Forger {
            child,
            page,
            sender,
            receiver,
        };
        (forger, memory)
    }

    /// Starts a worker, and greets it.
    fn new(initializes: bool) -> Forger {
        let (mut forger, page) = Forger::silent(initializes);
        forger.send(Parcel::hello(page));
        forger
    }

    fn send(&mut self, parcel: Parcel) {
        self.sender.push(Arc::new(parcel));
        // It fails if the worker has left, which its exit code is asked about.
        drop(self.sender.flush());
    }

    /// The next frames from the worker.
    fn receive(&mut self, count: usize) -> Vec<Frame> {
        let mut frames = Vec::new();
        let patience = Duration::from_secs(60).try_into().unwrap();
        let socket = self.receiver.socket();
        while frames.len() < count {
            let mut watched = [PollFd::new(&socket, PollFlags::IN)];
            assert_ne!(poll(&mut watched, Some(&patience)), Ok(0), "no reply");
            let arrival = self.receiver.receive(&mut frames).unwrap();
            assert_ne!(arrival, Arrival::End, "{} frames of {count}", frames.len());
        }
        frames
    }

    /// Ends the channel; the worker's exit code, and what it wrote.
    fn end(self) -> (Option<i32>, String) {
        // What breaks no rule is followed by the end, so the worker leaves in any case.
        self.sender.end();
        let output = self.child.wait_with_output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), text)
    }
}

fn twice(n: u32) -> u32 {
    n * 2
}

fn name_of<F: Task<(u32,)>>(_task: F) -> Name
where
    F::Output: Payload,
{
    invocation::name::<F, (u32,)>().unwrap()
}

fn task(id: u64, name: Name) -> Parcel {
    let draft = invocation::draft::<fn(u32) -> u32, (u32,)>(name, &mut (21,), LIMIT).unwrap();
    Parcel::new(Kind::Task, id, draft, || None)
}

fn outcome(frame: &Frame) -> Result<u32, TaskError> {
    assert_eq!(frame.kind, Kind::Outcome);
    codec::decode(&frame.content, 0, codec::value_of::<u32, _>).unwrap()
}

/// A frame of which some bytes are others.
fn changed(mut parcel: Parcel, at: usize, bytes: &[u8]) -> Parcel {
    parcel.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    parcel
}

/// A task whose payload is said to lie in memory, and to be so long.
fn in_memory(memory: Option<OwnedFd>, length: u64) -> Parcel {
    let parcel = changed(Parcel::empty(Kind::Task, 1), 3, &[0x80]);
    let mut parcel = changed(parcel, 16, &length.to_le_bytes());
    parcel.memory = memory;
    parcel
}

#[test]
fn a_forged_name_costs_its_own_task_only() {
    let mut pool = Forger::new(false);
    let good = name_of(twice);
    let forged = Name {
        offset: good.offset + 8,
        ..good
    };
    pool.page.offer(0);
    pool.send(task(5, forged));
    pool.page.offer(1);
    pool.send(task(6, good));
    // The third is not offered.
    pool.send(task(7, good));
    let frames = pool.receive(4);
    let replies: Vec<_> = frames.iter().map(|frame| (frame.kind, frame.id)).collect();
    let expected = [
        (Kind::Ready, 0),
        (Kind::Outcome, 5),
        (Kind::Outcome, 6),
        (Kind::Skipped, 7),
    ];
    assert_eq!(replies, expected);
    let error = outcome(&frames[1]).unwrap_err();
    assert!(matches!(error, TaskError::Decode(_)), "{error}");
    assert_eq!(outcome(&frames[2]).unwrap(), 42);
    assert_eq!(pool.end(), (Some(0), String::new()));
}

#[test]
fn a_task_without_a_name_fails() {
    let mut pool = Forger::new(false);
    for (number, length) in [(0, 0), (1, 15)] {
        let mut draft = Draft::new();
        draft.push(&[0; 16][..length]);
        pool.page.offer(number);
        pool.send(Parcel::new(Kind::Task, 1, draft, || None));
    }
    for frame in &pool.receive(3)[1..] {
        let error = outcome(frame).unwrap_err();
        assert!(matches!(error, TaskError::Decode(_)), "{error}");
    }
    assert_eq!(pool.end().0, Some(0));
}

#[test]
fn a_worker_leaves_a_pool_that_breaks_the_protocol() {
    let ready = |kind| Parcel::empty(kind, 1);
    let open = memfd_create(c"open", MemfdFlags::ALLOW_SEALING).unwrap();
    let four = || memory::seal([&b"four"[..]]).unwrap();
    let over = (LIMIT as u64 + 1).to_le_bytes();
    let mut cut = task(1, name_of(twice));
    cut.bytes.pop();
    let mut in_the_header = ready(Kind::Task);
    in_the_header.bytes.truncate(HEADER - 1);
    let null = File::open("/dev/null").unwrap().into();
    let cases = [
        (true, ready(Kind::Task), "the pool sent Task"),
        (false, ready(Kind::Initialize), "the pool sent Initialize"),
        (false, ready(Kind::Outcome), "the pool sent Outcome"),
        (false, ready(Kind::Ready), "the pool sent Ready"),
        (false, ready(Kind::Hello), "the pool sent Hello"),
        (
            false,
            changed(ready(Kind::Task), 0, &[99]),
            "a frame is of kind 99",
        ),
        (
            false,
            changed(ready(Kind::Task), 4, b"EXEC"),
            "a frame begins with 0x",
        ),
        (
            false,
            changed(ready(Kind::Task), 16, &over),
            "the limit is 65536",
        ),
        (
            false,
            changed(ready(Kind::Task), 16, &[0xff; 8]),
            "the limit is 65536",
        ),
        (false, in_memory(Some(open), 0), "sealed: false"),
        (false, in_memory(Some(null), 0), "sealed: false"),
        (
            false,
            in_memory(Some(four()), 5),
            "5 bytes lies in memory of 4",
        ),
        (false, in_memory(None, 4), "without a descriptor"),
        (false, cut, "unexpected end of file"),
        (false, in_the_header, "unexpected end of file"),
    ];
    for (initializes, parcel, message) in cases {
        let mut pool = Forger::new(initializes);
        pool.send(parcel);
        let (code, text) = pool.end();
        assert_eq!(code, Some(EXIT_CHANNEL), "{message}: {text}");
        let start = "executor-worker: the channel to the pool broke: ";
        assert!(text.starts_with(start) && text.contains(message), "{text}");
    }
}

#[test]
fn a_worker_that_is_not_greeted_refuses() {
    let null = || File::open("/dev/null").unwrap().into();
    let other = || memory::seal([&b"other"[..]]).unwrap();
    let cases = [
        (None, "the parent said nothing"),
        (
            Some(Parcel::empty(Kind::Task, 1)),
            "the parent began with Task",
        ),
        (Some(task(1, name_of(twice))), "the limit is 0"),
        (Some(in_memory(None, 0)), "without a descriptor"),
        (Some(Parcel::hello(null())), "the parent's page"),
        (Some(Parcel::hello(other())), "not the page of a worker"),
    ];
    for (parcel, message) in cases {
        let (mut pool, _page) = Forger::silent(false);
        if let Some(parcel) = parcel {
            pool.send(parcel);
        }
        let (code, text) = pool.end();
        assert_eq!(code, Some(EXIT_REFUSED), "{message}: {text}");
        assert!(text.contains(message), "{message}: {text}");
    }
}

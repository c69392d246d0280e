//! What clients leave, and whom they keep waiting, in a server in this process.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_send_buffer_size;
use serde::{Deserialize, Serialize};

use super::super::{Server, connection};
use crate::manager::faults::peer::{Peer, asking, read};
use crate::manager::lock::Acquire;
use crate::manager::operation::{Caller, Operation, Outcome};
use crate::manager::queue::{Get, OrElse, Put};
use crate::manager::{Event, Lock, Queue, event};
use crate::process::wire::{Kind, Parcel};

const KEY: &str = "open sesame";

/// A server in this process, and its clients.
struct Scene {
    server: Arc<Server>,
}

/// A client, and the thread that serves it.
struct Served {
    peer: Peer,
    thread: thread::JoinHandle<()>,
}

impl Scene {
    fn new() -> Scene {
        let server = Server::new(KEY.into(), 1 << 20).unwrap();
        Scene {
            server: Arc::new(server),
        }
    }

    fn object<T: Send + 'static>(&self, value: T) -> (u64, OwnedFd) {
        self.server.objects.add("any", Box::new(value)).unwrap()
    }

    /// A client; if it is narrow, there is room for little that it has not read.
    fn client(&self, is_narrow: bool) -> Served {
        let (ours, theirs) = UnixStream::pair().unwrap();
        if is_narrow {
            set_socket_send_buffer_size(&theirs, 1).unwrap();
        }
        let server = Arc::clone(&self.server);
        let thread = thread::spawn(move || connection::serve(&server, Arc::new(theirs)));
        let mut peer = Peer::over(ours);
        peer.greet(&KEY.into());
        Served { peer, thread }
    }

    fn parked(&self, object: u64) -> usize {
        self.server.look_at(object, |_, parked| parked).unwrap()
    }
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        thread::yield_now();
    }
}

/// More than a connection has room for.
const MANY: u64 = 100;

#[test]
fn who_does_not_read_delays_nobody_whom_it_has_served() {
    let scene = Scene::new();
    let (queue, _lifeline) = scene.object(Queue::<u64>::new(0));
    let (bad, mut good) = (scene.client(true), scene.client(false));
    for number in 1..=MANY {
        good.peer
            .send(&asking(number, queue, Get::<u64>::new(OrElse::Wait)));
    }
    until("they wait", || scene.parked(queue) as u64 == MANY);
    for number in 1..=MANY {
        bad.peer
            .send(&asking(number, queue, Put::new(number, OrElse::Wait)));
    }
    // It comes so far, until there is no room for a reply.
    let mut served = 0;
    while served + scene.parked(queue) as u64 != MANY || served == 0 {
        let frame = good.peer.next().expect("an item");
        assert_eq!(read(&frame.content), Ok(frame.id));
        served += 1;
    }
    assert!(served < MANY, "there was room for all");
    drop(bad.peer);
    bad.thread.join().unwrap();
}

#[test]
fn who_does_not_read_and_breaks_the_rules_gives_back_what_it_has() {
    let scene = Scene::new();
    let (lock, _lifeline) = scene.object(Lock::default());
    let (event, _lifeline) = scene.object(Event::default());
    let mut bad = scene.client(true);
    bad.peer.ask(1, lock, Acquire::<Lock>::new(true)).unwrap();
    for number in 1..=MANY {
        bad.peer.send(&asking(number, event, event::Wait));
    }
    bad.peer.settle();
    // No client sends replies.
    bad.peer.send(&Parcel::empty(Kind::Reply, 1));
    let mut good = scene.client(false);
    let found = good.peer.ask(1, lock, Acquire::<Lock>::new(true));
    assert!(found.is_ok(), "{found:?}");
    until("it is left alone", || bad.thread.is_finished());
    bad.thread.join().unwrap();
    assert_eq!(scene.parked(event), 0);
}

/// Its calls wait until they are told to begin, and then to end.
struct Dawdler {
    told: Receiver<()>,
    is_bomb: bool,
}

impl Drop for Dawdler {
    fn drop(&mut self) {
        assert!(!self.is_bomb, "on purpose");
    }
}

#[derive(Serialize, Deserialize)]
struct Dawdle;

impl Operation for Dawdle {
    type Object = Dawdler;
    type Output = ();

    fn attempt(&mut self, dawdler: &mut Dawdler, _: Caller) -> Option<Outcome<()>> {
        dawdler.told.recv().unwrap();
        dawdler.told.recv().unwrap();
        Some(Ok(()))
    }
}

impl Scene {
    fn dawdler(&self, is_bomb: bool) -> (u64, OwnedFd, SyncSender<()>) {
        let (tell, told) = sync_channel(0);
        let (object, lifeline) = self.object(Dawdler { told, is_bomb });
        (object, lifeline, tell)
    }
}

#[test]
fn who_leaves_gives_back_locks_though_something_else_is_busy() {
    let scene = Scene::new();
    let (busy, _lifeline, tell) = scene.dawdler(false);
    let locks = [(); 8].map(|()| scene.object(Lock::default()));
    let (mut leaver, mut good) = (scene.client(false), scene.client(false));
    for (lock, _) in &locks {
        leaver
            .peer
            .ask(1, *lock, Acquire::<Lock>::new(true))
            .unwrap();
    }
    leaver.peer.send(&asking(2, busy, Dawdle));
    tell.send(()).unwrap();
    tell.send(()).unwrap();
    leaver.peer.receive(2);
    let caller = scene.client(false);
    caller.peer.send(&asking(1, busy, Dawdle));
    tell.send(()).unwrap();
    drop(leaver.peer);
    for (lock, _) in &locks {
        let found = good.peer.ask(1, *lock, Acquire::<Lock>::new(true));
        assert!(found.is_ok(), "{found:?}");
    }
    tell.send(()).unwrap();
    leaver.thread.join().unwrap();
    drop(caller.peer);
    caller.thread.join().unwrap();
}

#[test]
fn who_is_the_last_to_use_what_panics_when_dropped_is_served_on() {
    let scene = Scene::new();
    let (bomb, lifeline, tell) = scene.dawdler(true);
    let mut client = scene.client(false);
    client.peer.send(&asking(1, bomb, Dawdle));
    tell.send(()).unwrap();
    drop(lifeline);
    scene.server.expect_objects(0);
    tell.send(()).unwrap();
    client.peer.receive(1);
    client.peer.settle();
    drop(client.peer);
    client.thread.join().expect("no panic is the server's");
}

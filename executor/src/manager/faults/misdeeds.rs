//! A client that misbehaves: how far it comes, and what it does there.

use std::io::Write;
use std::process::exit;
use std::thread;
use std::time::Duration;

use rustix::net::SendFlags;
use rustix::process::{Signal, getpid, kill_process};

use super::peer::{Peer, asking, commanding, greeting, withdrawing};
use crate::manager::address::{Address, AuthKey};
use crate::manager::message::{Command, Made, Published};
use crate::manager::queue::{Get, OrElse};
use crate::manager::{Condition, Lock, RLock, barrier, condition, lock, semaphore};
use crate::process::socket::send;
use crate::process::wire::{Kind, Parcel};

/// The variable of its environment that tells a process which client to be.
pub(super) const VARIABLE: &str = "EXECUTOR_TESTS_CLIENT";

/// What a client comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    BeforeGreeting,
    HalfGreeting,
    AfterGreeting,
    HalfRequest,
    /// A request is sent, and its reply not read.
    Unread,
    WaitingForLock,
    WaitingForItem,
    WaitingAtBarrier,
    WaitingForNotification,
    HavingLock,
    HavingRLock,
    HavingPermit,
    /// It has an object that nobody else has, and half of a frame with it is sent.
    ProxyInFlight,
}

impl Point {
    pub(super) const ALL: [Point; 13] = [
        Point::BeforeGreeting,
        Point::HalfGreeting,
        Point::AfterGreeting,
        Point::HalfRequest,
        Point::Unread,
        Point::WaitingForLock,
        Point::WaitingForItem,
        Point::WaitingAtBarrier,
        Point::WaitingForNotification,
        Point::HavingLock,
        Point::HavingRLock,
        Point::HavingPermit,
        Point::ProxyInFlight,
    ];

    /// Whether the manager is amid a frame.
    pub(super) fn is_amid_a_frame(self) -> bool {
        use Point::{HalfGreeting, HalfRequest, ProxyInFlight};
        matches!(self, HalfGreeting | HalfRequest | ProxyInFlight)
    }
}

/// What it does there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// It exits with code 0.
    Exit,
    /// SIGKILL.
    Kill,
    /// SIGSTOP, and then the scenario kills it.
    Stop,
    Close,
    CloseOutput,
    /// It sends what is no frame.
    Garbage,
    /// It sends the header of a frame that is longer than any may be.
    OverLong,
    /// It sends a frame of no kind.
    UnknownKind,
    /// It sends what only a manager sends.
    Reply,
    /// It asks for something else by the number of the last request.
    SameNumber,
    /// It asks again for what it has asked for.
    SameRequest,
    /// It takes back what it has not asked for.
    WithdrawNothing,
    /// It asks and asks, and does not read.
    Flood,
}

impl Action {
    pub(super) const ALL: [Action; 13] = [
        Action::Exit,
        Action::Kill,
        Action::Stop,
        Action::Close,
        Action::CloseOutput,
        Action::Garbage,
        Action::OverLong,
        Action::UnknownKind,
        Action::Reply,
        Action::SameNumber,
        Action::SameRequest,
        Action::WithdrawNothing,
        Action::Flood,
    ];

    /// Whether a process ends by it.
    pub(super) fn ends_the_process(self) -> bool {
        matches!(self, Action::Exit | Action::Kill | Action::Stop)
    }

    /// Whether it means something there.
    pub(super) fn is_possible_at(self, point: Point) -> bool {
        use Action::{
            Flood, OverLong, Reply, SameNumber, SameRequest, UnknownKind, WithdrawNothing,
        };
        match self {
            OverLong | UnknownKind | Reply => !point.is_amid_a_frame(),
            SameNumber | SameRequest | WithdrawNothing | Flood => {
                !point.is_amid_a_frame() && point != Point::BeforeGreeting
            }
            _ => true,
        }
    }
}

/// The objects that it is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    pub(super) lock: u64,
    pub(super) rlock: u64,
    pub(super) semaphore: u64,
    pub(super) queue: u64,
    pub(super) barrier: u64,
    pub(super) condition: u64,
}

/// A client that is to misbehave.
#[derive(Clone, Debug)]
pub(super) struct Misdeed {
    pub(super) point: Point,
    pub(super) action: Action,
    pub(super) address: Address,
    pub(super) key: AuthKey,
    pub(super) numbers: Numbers,
}

impl Misdeed {
    /// What a process is told by [`VARIABLE`].
    pub(super) fn to_text(&self) -> String {
        let Misdeed {
            point,
            action,
            address,
            key,
            numbers: it,
        } = self;
        let key = String::from_utf8_lossy(key.as_bytes());
        format!(
            "{point:?} {action:?} {address} {key} {} {} {} {} {} {}",
            it.lock, it.rlock, it.semaphore, it.queue, it.barrier, it.condition
        )
    }

    pub(super) fn parse(text: &str) -> Option<Misdeed> {
        let words: Vec<_> = text.split(' ').collect();
        let number = |place: usize| words.get(place)?.parse().ok();
        let mut points = Point::ALL.into_iter();
        let mut actions = Action::ALL.into_iter();
        Some(Misdeed {
            point: points.find(|known| format!("{known:?}") == words[0])?,
            action: actions.find(|known| format!("{known:?}") == words[1])?,
            address: Address::from(words[2]),
            key: AuthKey::from(words[3]),
            numbers: Numbers {
                lock: number(4)?,
                rlock: number(5)?,
                semaphore: number(6)?,
                queue: number(7)?,
                barrier: number(8)?,
                condition: number(9)?,
            },
        })
    }

    /// Does it. If this process does not end by it, the connection has.
    pub(super) fn commit(&self) {
        let mut peer = Peer::connect(&self.address);
        let _made = self.reach(&mut peer);
        let offend = |peer: &mut Peer, bytes: &[u8]| {
            peer.send_bytes(bytes);
            // Found out, and ended by the manager.
            while peer.next().is_some() {}
        };
        match self.action {
            Action::Exit => exit(0),
            Action::Kill => signal(Signal::KILL),
            Action::Stop => signal(Signal::STOP),
            Action::Close => drop(peer.socket.shutdown(std::net::Shutdown::Both)),
            Action::CloseOutput => {
                drop(peer.socket.shutdown(std::net::Shutdown::Write));
                while peer.next().is_some() {}
            }
            Action::Garbage => offend(&mut peer, &[0xa5; 4 << 10]),
            Action::OverLong => {
                let mut parcel = self.request();
                parcel.bytes[16..24].fill(0xff);
                offend(&mut peer, &parcel.bytes);
            }
            Action::UnknownKind => {
                let mut parcel = self.request();
                parcel.bytes[0] = 99;
                offend(&mut peer, &parcel.bytes);
            }
            Action::Reply => offend(&mut peer, &Parcel::empty(Kind::Reply, 1).bytes),
            Action::SameNumber => {
                peer.send(&commanding(LAST, Command::Count));
                peer.settle();
            }
            Action::SameRequest => {
                peer.send(&self.request());
                peer.settle();
            }
            Action::WithdrawNothing => {
                for (number, object) in [(77, self.numbers.queue), (LAST, 1 << 50), (0, 0)] {
                    peer.send(&withdrawing(number, object));
                }
                peer.settle();
            }
            Action::Flood => self.flood(&peer),
        }
    }

    /// Comes to the point; what it has then.
    fn reach(&self, peer: &mut Peer) -> Option<Made> {
        match self.point {
            Point::BeforeGreeting => return None,
            Point::HalfGreeting => {
                peer.send_half(greeting(&self.key));
                return None;
            }
            _ => peer.greet(&self.key),
        }
        let numbers = &self.numbers;
        match self.point {
            Point::BeforeGreeting | Point::HalfGreeting | Point::AfterGreeting => {}
            Point::HalfRequest => peer.send_half(self.request()),
            Point::Unread => peer.send(&self.request()),
            Point::WaitingForLock | Point::WaitingForItem | Point::WaitingAtBarrier => {
                peer.send(&self.request());
                peer.settle();
            }
            Point::WaitingForNotification => {
                let acquire = lock::Acquire::<Condition>::new(true);
                let acquired = peer.ask(1, numbers.condition, acquire);
                acquired.expect("nobody else has it");
                peer.send(&self.request());
                peer.settle();
            }
            Point::HavingLock | Point::HavingRLock | Point::HavingPermit => {
                peer.send(&self.request());
                peer.receive(LAST);
            }
            Point::ProxyInFlight => {
                let made = peer.make(1, || 7_u8);
                let published = Published {
                    object: made.object,
                    type_name: String::new(),
                    lifeline: made.lifeline.clone(),
                };
                peer.send_half(commanding(
                    LAST,
                    Command::Publish("it".to_owned(), published),
                ));
                return Some(made);
            }
        }
        None
    }

    /// What it asks for at the point.
    fn request(&self) -> Parcel {
        let Numbers {
            lock: the_lock,
            rlock,
            semaphore: the_semaphore,
            queue,
            barrier: the_barrier,
            condition: the_condition,
        } = self.numbers;
        match self.point {
            Point::WaitingForLock | Point::HavingLock => {
                asking(LAST, the_lock, lock::Acquire::<Lock>::new(true))
            }
            Point::HavingRLock => asking(LAST, rlock, lock::Acquire::<RLock>::new(true)),
            Point::HavingPermit => asking(LAST, the_semaphore, semaphore::Acquire { waits: true }),
            Point::WaitingForItem | Point::HalfRequest => {
                asking(LAST, queue, Get::<u64>::new(OrElse::Wait))
            }
            Point::WaitingAtBarrier => asking(LAST, the_barrier, barrier::Wait::default()),
            Point::WaitingForNotification => asking(LAST, the_condition, condition::Wait::Begin),
            _ => commanding(LAST, Command::Count),
        }
    }

    /// Asks until there is no room for a reply, nor then for a request.
    fn flood(&self, peer: &Peer) {
        let request = commanding(LAST, Command::Count);
        let mut sent = 0;
        let mut waits = 0;
        while waits < 50 {
            match send(
                &peer.socket,
                [&request].into_iter(),
                sent,
                SendFlags::DONTWAIT,
            ) {
                Ok(count) => {
                    waits = 0;
                    sent = (sent + count) % request.bytes.len();
                }
                Err(rustix::io::Errno::AGAIN) => {
                    waits += 1;
                    thread::sleep(Duration::from_micros(100));
                }
                Err(error) => panic!("the manager ends it: {error}"),
            }
        }
        drop((&peer.socket).flush());
    }
}

/// The number of the request at the point.
const LAST: u64 = 5;

fn signal(signal: Signal) {
    kill_process(getpid(), signal).expect("a process can signal itself");
    loop {
        thread::park();
    }
}

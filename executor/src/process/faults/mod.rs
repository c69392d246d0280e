//! Faults on purpose: how this crate's own tests have a worker misbehave. In no other build.
//!
//! A [`Plan`] says where, when and how. It comes to the workers as a variable of their environment,
//! and the first worker that reaches the point often enough is struck; those that come after it are
//! well, unless the plan is for everybody. Each worker also notes in the plan's folder which points
//! it has come to, so that a scenario can tell what a dead worker had begun.

mod case;
mod crash_plan;
mod deadlines;
mod notes;
mod parity;
mod plan;
mod soak;
mod table;

/// A process of its own for a scenario, shared with the integration tests.
#[path = "../../../tests/it/alone.rs"]
pub(crate) mod alone;

use std::io::Write;
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};

use super::assembler::Assembler;
use super::wire::{HEADER, Kind, Parcel};
pub(super) use plan::Point;
use plan::{Action, Plan, VARIABLE, append};

/// The plan that this process was started with, if it is a worker and has one.
fn plan() -> Option<&'static Plan> {
    static PLAN: OnceLock<Option<Plan>> = OnceLock::new();
    PLAN.get_or_init(|| Plan::parse(&std::env::var(VARIABLE).ok()?))
        .as_ref()
}

/// The worker's end of the channel, the id of the task at hand, and the last reply.
static CHANNEL: OnceLock<UnixStream> = OnceLock::new();
static TASK: Mutex<u64> = Mutex::new(0);
static LAST_REPLY: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// The worker has come to a point, and if a task came with that, it is the one with this id.
pub(super) fn at(point: Point, channel: impl AsFd, task: Option<u64>) {
    let Some(plan) = plan() else { return };
    CHANNEL.get_or_init(|| {
        let copy: OwnedFd = channel.as_fd().try_clone_to_owned().expect("a descriptor");
        copy.into()
    });
    if let Some(task) = task {
        *TASK.lock().expect("nobody panics with it") = task;
    }
    note(plan, point);
    if plan.strikes(point) {
        strike(plan);
    }
}

/// A task is in the midst of its run.
pub(super) fn during_run() {
    let Some(plan) = plan() else { return };
    note(plan, Point::DuringRun);
    if plan.strikes(Point::DuringRun) {
        strike(plan);
    }
}

/// Reads half of a header, if the plan is about that and a frame is to begin: of a large one there are so
/// many pieces to come that the notes of them all would be too much for a limited file.
pub(super) fn read_half(socket: &UnixStream, assembler: &mut Assembler) {
    let is_planned = plan().is_some_and(|plan| plan.point == Point::HalfTask);
    if !is_planned || assembler.is_amid_a_frame() {
        return;
    }
    let room = assembler.room();
    let half = room.len().min(HEADER / 2);
    let flags = rustix::net::RecvFlags::empty();
    let count = rustix::net::recv(socket, &mut room[..half], flags).map_or(0, |(_, count)| count);
    assembler.filled(count);
    if count > 0 {
        at(Point::HalfTask, socket, None);
    }
}

/// Sends the first half of a frame, if the plan is about that; how many bytes.
pub(super) fn send_half(socket: &UnixStream, parcel: &Parcel) -> usize {
    let Some(plan) = plan().filter(|_| parcel.memory.is_none()) else {
        return 0;
    };
    let is = |kind| parcel.bytes[..4] == Parcel::empty(kind, 0).bytes[..4];
    let point = match plan.point {
        Point::HalfReady if is(Kind::Ready) => Point::HalfReady,
        Point::HalfReply if is(Kind::Outcome) => Point::HalfReply,
        _ => {
            if plan.action == Action::DoubleReply && is(Kind::Outcome) {
                *LAST_REPLY.lock().expect("nobody panics with it") = parcel.bytes.clone();
            }
            return 0;
        }
    };
    note(plan, point);
    if !plan.strikes(point) {
        return 0;
    }
    let half = parcel.bytes.len() / 2;
    let mut socket = socket;
    if plan.action == Action::Drip {
        for byte in &parcel.bytes {
            socket.write_all(&[*byte]).expect("room for a byte");
            thread::sleep(Duration::from_millis(1));
        }
        return parcel.bytes.len();
    }
    socket
        .write_all(&parcel.bytes[..half])
        .expect("room for half of it");
    strike(plan);
    half
}

fn note(plan: &Plan, point: Point) {
    let task = *TASK.lock().expect("nobody panics with it");
    let process = std::process::id();
    append(&plan.notes(), &format!("{process} {point:?} {task}\n"));
}

fn strike(plan: &Plan) {
    let mut channel = CHANNEL.get().expect("the first point has noted it");
    let mut send = |bytes: &[u8]| channel.write_all(bytes).expect("room for what is wrong");
    match plan.action {
        Action::Panic => panic!("a fault on purpose"),
        Action::Leave => std::process::exit(0),
        Action::Fail => std::process::exit(3),
        Action::Kill => {
            signal(Signal::KILL);
            wait_for_the_end();
        }
        Action::Stop | Action::StopForGood | Action::StopUnseen => {
            signal(Signal::STOP);
            // The signal stops the other threads a moment later.
            while !plan.go_on().exists() {
                thread::sleep(Duration::from_millis(1));
            }
        }
        Action::CloseOutput => channel.shutdown(Shutdown::Write).expect("an open channel"),
        Action::Close => channel.shutdown(Shutdown::Both).expect("an open channel"),
        Action::Garbage => send(&[0xa5; 100]),
        Action::OverLong
        | Action::WrongId
        | Action::FalseSkip
        | Action::ReadyTwice
        | Action::TaskBack
        | Action::NoMemory => send(&forged(plan.action)),
        Action::Unclaimed => {
            send(&forged(plan.action));
            wait_for_the_end();
        }
        Action::DoubleReply => send(&LAST_REPLY.lock().expect("nobody panics with it")),
        Action::Drip => unreachable!("where a frame is sent"),
    }
}

/// The frame that a worker must not send.
fn forged(action: Action) -> Vec<u8> {
    let task = *TASK.lock().expect("nobody panics with it");
    let (kind, id) = match action {
        Action::WrongId => (Kind::Outcome, u64::MAX),
        Action::FalseSkip => (Kind::Skipped, task),
        Action::ReadyTwice => (Kind::Ready, 0),
        Action::TaskBack => (Kind::Task, task),
        _ => (Kind::Outcome, task),
    };
    let mut bytes = Parcel::empty(kind, id).bytes;
    match action {
        Action::OverLong => bytes[16..].fill(0xff),
        // The highest bit of the kind says so.
        Action::NoMemory => bytes[3] |= 0x80,
        _ => {}
    }
    bytes
}

fn signal(signal: Signal) {
    kill_process(getpid(), signal).expect("a process can signal itself");
}

fn wait_for_the_end() -> ! {
    loop {
        thread::park();
    }
}

//! Faults on purpose: how this crate's own tests have a worker misbehave. In no other build.
//!
//! A [`Plan`] says where, when and how. It comes to the workers as a variable of their environment,
//! and the first worker that reaches the point often enough is struck; those that come after it are
//! well, unless the plan is for everybody. Each worker also notes in the plan's folder which points
//! it has come to, so that a scenario can tell what a dead worker had begun.

mod case;
mod crash_plan;
mod notes;
mod parity;
mod soak;
mod table;

/// A process of its own for a scenario, shared with the integration tests.
#[path = "../../../tests/it/alone.rs"]
mod alone;

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};

use super::wire::{Assembler, HEADER, Kind, Parcel};

/// The variable of a worker's environment that holds the plan.
const VARIABLE: &str = "EXECUTOR_TESTS_FAULT";

/// Where a worker can be struck, in the order in which it comes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    /// It is started, and has not read the greeting.
    BeforeHello,
    /// It has read the greeting, and not said that it is ready.
    AfterHello,
    /// Half of "I am ready" is sent.
    HalfReady,
    /// It has said that it is ready.
    AfterReady,
    /// Half of a task's frame is read.
    HalfTask,
    /// A task is read.
    BeforeClaim,
    /// The task is claimed.
    AfterClaim,
    /// In the midst of the task.
    DuringRun,
    /// The outcome is encoded.
    BeforeReply,
    /// Half of the outcome is sent.
    HalfReply,
    /// The outcome is sent.
    AfterReply,
    /// The pool has ended the channel.
    OnShutdown,
}

impl Point {
    pub(super) const ALL: [Point; 12] = [
        Point::BeforeHello,
        Point::AfterHello,
        Point::HalfReady,
        Point::AfterReady,
        Point::HalfTask,
        Point::BeforeClaim,
        Point::AfterClaim,
        Point::DuringRun,
        Point::BeforeReply,
        Point::HalfReply,
        Point::AfterReply,
        Point::OnShutdown,
    ];

    /// Whether a worker comes there with each of its tasks.
    fn comes_with_each_task(self) -> bool {
        match self {
            Point::HalfTask
            | Point::BeforeClaim
            | Point::AfterClaim
            | Point::DuringRun
            | Point::BeforeReply
            | Point::HalfReply
            | Point::AfterReply => true,
            Point::BeforeHello
            | Point::AfterHello
            | Point::HalfReady
            | Point::AfterReady
            | Point::OnShutdown => false,
        }
    }
}

/// What strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// A panic.
    Panic,
    /// It exits with code 0.
    Leave,
    /// It exits with code 3.
    Fail,
    /// SIGKILL.
    Kill,
    /// SIGSTOP, and the scenario lets it go on.
    Stop,
    /// SIGSTOP, and the scenario kills it.
    StopForGood,
    /// SIGSTOP, and nobody sees to it.
    StopUnseen,
    /// It will send nothing more.
    CloseOutput,
    /// It will send and receive nothing more.
    Close,
    /// It sends what is no frame, and goes on.
    Garbage,
    /// It sends the header of a frame that is longer than any may be, and goes on.
    OverLong,
    /// It replies to a task that it was not given, and goes on.
    WrongId,
    /// It replies to a task before it has claimed it, and waits.
    Unclaimed,
    /// It sends its last reply again, and goes on.
    DoubleReply,
    /// It sends the frame byte by byte.
    Drip,
}

impl Action {
    const ALL: [Action; 15] = [
        Action::Panic,
        Action::Leave,
        Action::Fail,
        Action::Kill,
        Action::Stop,
        Action::StopForGood,
        Action::StopUnseen,
        Action::CloseOutput,
        Action::Close,
        Action::Garbage,
        Action::OverLong,
        Action::WrongId,
        Action::Unclaimed,
        Action::DoubleReply,
        Action::Drip,
    ];
}

/// Which fault strikes, and when.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) point: Point,
    pub(super) action: Action,
    /// At which of a worker's visits to the point; the first is 1.
    pub(super) visit: u32,
    /// Whether it strikes each worker, not only the first that comes there.
    pub(super) everybody: bool,
    /// Where the workers leave their notes.
    pub(super) folder: PathBuf,
}

impl Plan {
    /// The variable that tells the workers.
    pub(super) fn variable(&self) -> (&'static str, String) {
        let Plan {
            point,
            action,
            visit,
            everybody,
            folder,
        } = self;
        let folder = folder.display();
        let text = format!("{point:?} {action:?} {visit} {everybody} {folder}");
        (VARIABLE, text)
    }

    fn parse(text: &str) -> Option<Plan> {
        let [point, action, visit, everybody, folder] =
            text.splitn(5, ' ').collect::<Vec<_>>().try_into().ok()?;
        let mut points = Point::ALL.into_iter();
        let mut actions = Action::ALL.into_iter();
        Some(Plan {
            point: points.find(|known| format!("{known:?}") == point)?,
            action: actions.find(|known| format!("{known:?}") == action)?,
            visit: visit.parse().ok()?,
            everybody: everybody.parse().ok()?,
            folder: folder.into(),
        })
    }

    /// Where a struck worker leaves its process id.
    pub(super) fn struck(&self) -> PathBuf {
        self.folder.join("struck")
    }

    /// What is there when a stopped worker may go on.
    pub(super) fn go_on(&self) -> PathBuf {
        self.folder.join("go-on")
    }

    /// What the workers noted: process id, point, and the id of the task if there is one.
    pub(super) fn notes(&self) -> PathBuf {
        self.folder.join("notes")
    }

    /// Whether it is this worker's turn.
    fn strikes(&self, point: Point) -> bool {
        static VISITS: AtomicU32 = AtomicU32::new(0);
        // ORDERING: Relaxed, one thread counts.
        if point != self.point || VISITS.fetch_add(1, Ordering::Relaxed) + 1 != self.visit {
            return false;
        }
        let path = self.struck();
        let is_first = File::create_new(&path).is_ok();
        if is_first || self.everybody {
            append(&path, &format!("{}\n", std::process::id()));
        }
        is_first || self.everybody
    }
}

/// Appends to a file, in one piece.
pub(super) fn append(path: &Path, text: &str) {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .expect("a note can be left");
}

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

/// Reads half of a header, if the plan is about that.
pub(super) fn read_half(socket: &UnixStream, assembler: &mut Assembler) {
    if plan().is_none_or(|plan| plan.point != Point::HalfTask) {
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
        Action::OverLong => {
            let mut bytes = Parcel::empty(Kind::Outcome, 0).bytes;
            bytes[16..].fill(0xff);
            send(&bytes);
        }
        Action::WrongId => send(&Parcel::empty(Kind::Outcome, u64::MAX).bytes),
        Action::Unclaimed => {
            let task = *TASK.lock().expect("nobody panics with it");
            send(&Parcel::empty(Kind::Outcome, task).bytes);
            wait_for_the_end();
        }
        Action::DoubleReply => send(&LAST_REPLY.lock().expect("nobody panics with it")),
        Action::Drip => unreachable!("where a frame is sent"),
    }
}

fn signal(signal: Signal) {
    kill_process(getpid(), signal).expect("a process can signal itself");
}

fn wait_for_the_end() -> ! {
    loop {
        thread::park();
    }
}

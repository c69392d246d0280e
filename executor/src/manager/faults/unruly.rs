//! A manager that misbehaves: where it is struck, and what it does there.
//!
//! The plan comes to its process as a variable of its environment, from the thread that starts it.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::process::exit;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use rustix::process::{Signal, getpid, kill_process};

use crate::manager::message::GREETING;
use crate::process::wire::Parcel;

/// The variable of its environment that holds the plan.
const VARIABLE: &str = "EXECUTOR_TESTS_MANAGER";

/// What it is about to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::manager) enum Speech {
    Started,
    Welcome,
    Reply,
}

impl Speech {
    /// What the reply of this number is.
    pub(in crate::manager) fn of(number: u64) -> Speech {
        match number {
            GREETING => Speech::Welcome,
            _ => Speech::Reply,
        }
    }
}

/// Where it is struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    Before(Speech),
    Half(Speech),
    DuringCall,
}

/// What it does there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// It exits with code 0.
    Exit,
    /// It exits with code 3.
    Fail,
    /// SIGKILL.
    Kill,
    /// SIGSTOP, and then the scenario kills it.
    Stop,
    Close,
    /// It sends what is no frame.
    Garbage,
    /// It sends the header of a frame that is longer than any may be.
    OverLong,
    /// It replies to what nobody has asked, and then as it should.
    WrongNumber,
    /// It says the same twice.
    Twice,
}

impl Action {
    pub(super) const ALL: [Action; 9] = [
        Action::Exit,
        Action::Fail,
        Action::Kill,
        Action::Stop,
        Action::Close,
        Action::Garbage,
        Action::OverLong,
        Action::WrongNumber,
        Action::Twice,
    ];

    pub(super) fn ends_the_process(self) -> bool {
        use Action::{Exit, Fail, Kill, Stop};
        matches!(self, Exit | Fail | Kill | Stop)
    }

    /// Whether it can be seen through.
    pub(super) fn is_harmless(self) -> bool {
        matches!(self, Action::WrongNumber | Action::Twice)
    }
}

impl Point {
    pub(super) const ALL: [Point; 7] = [
        Point::Before(Speech::Started),
        Point::Half(Speech::Started),
        Point::Before(Speech::Welcome),
        Point::Half(Speech::Welcome),
        Point::Before(Speech::Reply),
        Point::Half(Speech::Reply),
        Point::DuringCall,
    ];

    /// Whether an action means something there.
    pub(super) fn allows(self, action: Action) -> bool {
        match self {
            Point::DuringCall => action.ends_the_process(),
            Point::Half(_) | Point::Before(Speech::Started) => !action.is_harmless(),
            Point::Before(_) => true,
        }
    }
}

thread_local! {
    static TO_START_WITH: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The managers that this thread starts from now on are struck so, at this visit to the point.
pub(super) fn plan_for(plan: Option<(Point, Action, u32)>) {
    let text = plan.map(|(point, action, visit)| format!("{point:?} {action:?} {visit}"));
    TO_START_WITH.set(text);
}

/// What the environment of a manager has besides ours.
pub(in crate::manager) fn environment() -> Vec<(OsString, OsString)> {
    let plan = TO_START_WITH.with_borrow(Clone::clone);
    let variable = plan.map(|plan| (VARIABLE.into(), plan.into()));
    variable.into_iter().collect()
}

/// The plan that this process was started with, if it is a manager and has one.
fn plan() -> Option<(Point, Action, u32)> {
    static PLAN: OnceLock<Option<(Point, Action, u32)>> = OnceLock::new();
    *PLAN.get_or_init(|| {
        let text = std::env::var(VARIABLE).ok()?;
        let [point, action, visit] = text.split(' ').collect::<Vec<_>>().try_into().ok()?;
        let mut points = Point::ALL.into_iter();
        let mut actions = Action::ALL.into_iter();
        Some((
            points.find(|known| format!("{known:?}") == point)?,
            actions.find(|known| format!("{known:?}") == action)?,
            visit.parse().ok()?,
        ))
    })
}

/// It is about to send something; how much of that it has sent.
pub(in crate::manager) fn sends(speech: Speech, socket: &UnixStream, parcel: &Parcel) -> usize {
    static VISITS: AtomicU32 = AtomicU32::new(0);
    let Some((point, action, visit)) = plan() else {
        return 0;
    };
    let sent = match point {
        Point::Before(about) if about == speech => 0,
        Point::Half(about) if about == speech => parcel.bytes.len() / 2,
        _ => return 0,
    };
    // ORDERING: Relaxed, it only counts.
    if VISITS.fetch_add(1, Ordering::Relaxed) + 1 != visit {
        return 0;
    }
    let send = |bytes: &[u8]| drop((&*socket).write_all(bytes));
    send(&parcel.bytes[..sent]);
    match action {
        Action::Close => drop(socket.shutdown(std::net::Shutdown::Both)),
        Action::Garbage => send(&[0xa5; 4 << 10]),
        Action::OverLong => {
            let mut bytes = parcel.bytes.clone();
            bytes[16..24].fill(0xff);
            // Also if it is in the midst of a payload, a header comes in the end.
            (0..9).for_each(|_| send(&bytes));
        }
        Action::WrongNumber => {
            let mut bytes = parcel.bytes.clone();
            bytes[8] ^= 0x55;
            // Several at once, so that the client has them, and the true one, together.
            send(&bytes.repeat(5));
        }
        Action::Twice => send(&parcel.bytes),
        _ => end(action),
    }
    sent
}

/// A call that is struck, if that is the plan.
pub(super) fn struck_call(_: &mut u64) {
    if let Some((Point::DuringCall, action, _)) = plan() {
        end(action);
    }
}

fn end(action: Action) {
    let signal = match action {
        Action::Exit => exit(0),
        Action::Fail => exit(3),
        Action::Stop => Signal::STOP,
        _ => Signal::KILL,
    };
    kill_process(getpid(), signal).expect("a process can signal itself");
    loop {
        thread::park();
    }
}

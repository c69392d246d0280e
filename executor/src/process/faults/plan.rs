//! What a plan says: where a worker is struck, by what, and when.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// The variable of a worker's environment that holds the plan.
pub(super) const VARIABLE: &str = "EXECUTOR_TESTS_FAULT";

/// Where a worker can be struck, in the order in which it comes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::process) enum Point {
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
    pub(in crate::process) const ALL: [Point; 12] = [
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
    pub(super) fn comes_with_each_task(self) -> bool {
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
pub(in crate::process) enum Action {
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
    /// It says that it skipped a task, which it could not know, and goes on.
    FalseSkip,
    /// It says again that it is ready, and goes on.
    ReadyTwice,
    /// It sends the pool a task, and goes on.
    TaskBack,
    /// It replies with memory and passes none, and goes on.
    NoMemory,
    /// It sends its last reply again, and goes on.
    DoubleReply,
    /// It sends the frame byte by byte.
    Drip,
}

impl Action {
    const ALL: [Action; 19] = [
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
        Action::FalseSkip,
        Action::ReadyTwice,
        Action::TaskBack,
        Action::NoMemory,
        Action::DoubleReply,
        Action::Drip,
    ];
}

/// Which fault strikes, and when.
#[derive(Clone, Debug)]
pub(in crate::process) struct Plan {
    pub(in crate::process) point: Point,
    pub(in crate::process) action: Action,
    /// At which of a worker's visits to the point; the first is 1.
    pub(in crate::process) visit: u32,
    /// Whether it strikes each worker, not only the first that comes there.
    pub(in crate::process) everybody: bool,
    /// Where the workers leave their notes.
    pub(in crate::process) folder: PathBuf,
}

impl Plan {
    /// The variable that tells the workers.
    pub(in crate::process) fn variable(&self) -> (&'static str, String) {
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

    pub(super) fn parse(text: &str) -> Option<Plan> {
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
    pub(in crate::process) fn struck(&self) -> PathBuf {
        self.folder.join("struck")
    }

    /// What is there when a stopped worker may go on.
    pub(in crate::process) fn go_on(&self) -> PathBuf {
        self.folder.join("go-on")
    }

    /// What the workers noted: process id, point, and the id of the task if there is one.
    pub(in crate::process) fn notes(&self) -> PathBuf {
        self.folder.join("notes")
    }

    /// Whether it is this worker's turn.
    pub(super) fn strikes(&self, point: Point) -> bool {
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
pub(in crate::process) fn append(path: &Path, text: &str) {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .expect("a note can be left");
}

//! One case: a pool, a fault, and what must be so afterwards.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::alone::Footprint;
use super::notes::{Notebook, Notes, Watchdog, condition};
use super::{Action, Plan, Point, append, during_run};
use crate::base::{Future, ReturnWhen, SubmitError, TaskError, WorkerExit, wait};
use crate::executor::Executor;
use crate::process::{OnWorkerDeath, ProcessPoolExecutor};
use crate::shutdown::Shutdown;

/// How long the other workers may take to do all that a stopped one has not begun.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many tasks a case has, and one more when they have ended.
pub(super) const TASKS: u32 = 8;

/// What a fault costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cost {
    Nothing,
    /// The task that the worker had begun.
    TheTask,
    /// The tasks that the worker had begun or begins before it is killed.
    WhatItBegins,
    /// The task fails with a panic, and the worker goes on.
    APanic,
    /// Every task, each its worker.
    EveryTask,
    /// The pool, with this in the cause.
    ThePool(&'static str),
    /// The task that the worker had begun, and with it the pool.
    TheTaskAndThePool,
}

/// A pool with a fault.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub(super) point: Point,
    pub(super) action: Action,
    pub(super) cost: Cost,
    /// At which of a worker's visits to the point.
    pub(super) visit: u32,
    pub(super) everybody: bool,
    pub(super) workers: usize,
    pub(super) prefetch: usize,
    pub(super) initializes: bool,
    /// Bytes that each task is sent besides.
    pub(super) ballast: usize,
}

impl Case {
    pub(super) const fn new(point: Point, action: Action, cost: Cost) -> Case {
        Case {
            point,
            action,
            cost,
            visit: 1,
            everybody: false,
            workers: 2,
            prefetch: 4,
            initializes: false,
            ballast: 0,
        }
    }

    /// How a worker with this fault may end.
    fn exits(&self) -> &'static [WorkerExit] {
        use WorkerExit::{Code, Protocol, Signal};
        match self.action {
            Action::Panic => &[Code(101), Signal(6)],
            Action::Leave => &[Code(0)],
            Action::Fail => &[Code(3)],
            Action::Kill | Action::StopForGood => &[Signal(9)],
            // It finds out, or the pool kills it; whoever is first.
            Action::CloseOutput | Action::Close => &[Code(0), Code(72), Signal(9), Protocol],
            _ => &[Protocol],
        }
    }

    fn may_lose_one_more(&self) -> bool {
        matches!(self.cost, Cost::EveryTask | Cost::WhatItBegins)
    }

    fn breaks_the_pool(&self) -> bool {
        matches!(self.cost, Cost::ThePool(_) | Cost::TheTaskAndThePool)
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Case { point, action, .. } = self;
        write!(f, "{point:?} × {action:?} ({self:?})")
    }
}

/// The task of the cases: says that it ran.
pub(super) fn body(folder: String, number: u32, _ballast: Vec<u8>) -> u32 {
    append(&Path::new(&folder).join("ran"), &format!("{number}\n"));
    during_run();
    value(number)
}

/// What a task returns.
pub(super) fn value(number: u32) -> u32 {
    number * 7 + 1
}

/// When the fault has stopped a worker, waits until the others have done all that it has not begun,
/// and lets it go on or kills it.
fn end_the_stop(case: &Case, plan: &Plan, futures: &[Future<u32>]) {
    let deadline = Instant::now() + PATIENCE;
    let until = |is_so: &dyn Fn() -> bool, what: &str| {
        while !is_so() {
            assert!(Instant::now() < deadline, "{case}: {what}");
            thread::sleep(Duration::from_millis(1));
        }
    };
    let stopped = || {
        let struck = Notes::read(plan).struck;
        struck
            .first()
            .copied()
            .filter(|pid| condition(*pid) == Some('T'))
    };
    until(&|| stopped().is_some(), "nobody stopped");
    let left = || futures.iter().filter(|future| !future.done()).count();
    // One that it has, and a lone worker all.
    let is_served = || left() <= 1 || case.workers == 1;
    let served = catch(|| until(&is_served, "tasks wait for a stopped worker"));
    fs::write(plan.go_on(), "").expect("a file");
    let pid = stopped().expect("it is still stopped") as i32;
    let signal = match case.action {
        Action::Stop => Signal::CONT,
        _ => Signal::KILL,
    };
    kill_process(Pid::from_raw(pid).expect("a process id"), signal).expect("it is there");
    served.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

fn catch(scenario: impl FnOnce()) -> thread::Result<()> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(scenario))
}

/// Runs a case, and fails with its name.
pub(super) fn run(case: &Case) {
    let notebook = Notebook::new();
    let plan = Plan {
        point: case.point,
        action: case.action,
        visit: case.visit,
        everybody: case.everybody,
        folder: notebook.folder().to_owned(),
    };
    let watchdog = Watchdog::new(case.to_string(), plan.clone());
    let pool = build(case, &plan);
    let submit = |number| {
        let future = pool.submit(body, (notebook.key(), number, vec![7; case.ballast]))?;
        watchdog.add(&future);
        Ok(future)
    };
    let futures: Vec<_> = (0..TASKS)
        .map(|number| submit(number).unwrap_or_else(|error: SubmitError| panic!("{case}: {error}")))
        .collect();
    let more = thread::scope(|scope| {
        if matches!(case.action, Action::Stop | Action::StopForGood) {
            scope.spawn(|| end_the_stop(case, &plan, &futures));
        }
        wait(&futures, ReturnWhen::AllCompleted);
        let more = submit(TASKS);
        if let Ok(more) = &more {
            drop(more.result());
        }
        pool.shutdown(Shutdown::wait());
        more
    });
    drop(pool);
    match &more {
        Ok(more) => match more.result() {
            Ok(result) => assert_eq!(*result, value(TASKS), "{case}"),
            // It was sent to the struck worker before that was found out.
            Err(error) => assert!(case.may_lose_one_more(), "{case}: {error}"),
        },
        Err(error) => assert!(case.breaks_the_pool(), "{case}: {error}"),
    }
    assert_eq!(more.is_err(), case.breaks_the_pool(), "{case}");
    check(case, &plan, &notebook, &futures);
}

fn build(case: &Case, plan: &Plan) -> ProcessPoolExecutor {
    let (name, text) = plan.variable();
    let mut builder = ProcessPoolExecutor::builder()
        .max_workers(case.workers)
        .prefetch(case.prefetch)
        .env(name, text);
    if case.initializes {
        builder = builder.initializer(|| (), ());
    }
    if case.cost == Cost::TheTaskAndThePool {
        builder = builder.on_worker_death(OnWorkerDeath::Break);
    }
    builder.build().expect("a pool")
}

fn check(case: &Case, plan: &Plan, notebook: &Notebook, futures: &[Future<u32>]) {
    let notes = Notes::read(plan);
    let runs = notebook.runs();
    let struck = !notes.struck.is_empty();
    assert!(struck, "{case}: it struck nobody; {:?}", notes.lines);
    let mut lost = BTreeSet::new();
    for (number, future) in (0..).zip(futures) {
        let count = runs.get(&number).copied().unwrap_or(0);
        assert!(future.done(), "{case}: {number} was left behind");
        assert!(count <= 1, "{case}: {number} ran {count} times");
        match (future.result(), case.cost) {
            (Ok(result), _) => assert_eq!((*result, count), (value(number), 1), "{case}"),
            (Err(TaskError::WorkerDied(death)), _) => {
                lost.insert(number);
                let is_struck = notes.struck.contains(&death.pid);
                assert!(is_struck, "{case}: {number} died with {death:?}");
                assert!(case.exits().contains(&death.exit), "{case}: {death:?}");
            }
            (Err(TaskError::Panicked(_)), Cost::APanic) => drop(lost.insert(number)),
            (Err(TaskError::PoolBroken(cause)), Cost::ThePool(text)) => {
                assert!(cause.contains(text), "{case}: {cause}");
                assert_eq!(count, 0, "{case}: {number} ran");
                lost.insert(number);
            }
            (Err(TaskError::PoolBroken(_)), Cost::TheTaskAndThePool) => {}
            (Err(error), _) => panic!("{case}: {number} left {error}"),
        }
    }
    let strike = Some((case.point, case.visit));
    let replied = notes.tasks_at(Point::AfterReply, strike);
    let offered = &notes.tasks_at(Point::BeforeClaim, None) - &replied;
    let begun = &notes.tasks_at(Point::AfterClaim, None) - &replied;
    let all = (0..TASKS).collect();
    match case.cost {
        Cost::Nothing => assert_eq!(lost, BTreeSet::new(), "{case}"),
        Cost::APanic => assert_eq!(lost.len(), 1, "{case}: {lost:?}"),
        Cost::TheTask | Cost::TheTaskAndThePool => {
            assert_eq!(lost.len(), 1, "{case}: {lost:?}");
            assert_eq!(lost, begun, "{case}");
        }
        Cost::WhatItBegins => {
            // It may die between a claim and the note of it.
            assert!(lost.is_subset(&offered), "{case}: {lost:?}, {offered:?}");
            let is_lost = lost.is_superset(&begun);
            assert!(is_lost, "{case}: {lost:?}, {begun:?}");
        }
        Cost::EveryTask | Cost::ThePool(_) => assert_eq!(lost, all, "{case}"),
    }
    for pid in notes.processes() {
        assert_eq!(condition(pid), None, "{case}: worker {pid} is left");
    }
}

/// Runs cases one after another, as they come; after each, all that a process has must be as before.
pub(super) fn run_all<'c>(cases: impl IntoIterator<Item = &'c Case>) {
    let harmless = Case::new(Point::OnShutdown, Action::Leave, Cost::Nothing);
    let before = Footprint::after(|| run(&harmless));
    for case in cases {
        println!("{case}");
        run(case);
        assert_nothing_left(&before);
    }
}

/// Fails unless threads, descriptors and children are as before, and no page is mapped.
pub(super) fn assert_nothing_left(before: &Footprint) {
    before.assert_restored();
    let maps = fs::read_to_string("/proc/self/maps").expect("the list of mappings");
    assert!(!maps.contains("executor-page"), "a page is left:\n{maps}");
}

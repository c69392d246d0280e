//! Clients that misbehave: each point with each action that means something there.

use std::env;
use std::process::{Child, Command, Stdio};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use super::misdeeds::{Action, Misdeed, Numbers, Point, VARIABLE};
use super::proc::{Belongings, PATIENCE, condition, until};
use crate::manager::AcquireError;
use crate::manager::lock::Exclusive;
use crate::manager::{
    BarrierProxy, ConditionProxy, LockProxy, Manager, Proxy, QueueProxy, RLockProxy,
    SemaphoreProxy, ValueProxy,
};
use crate::process::faults::alone::{Footprint, alone};

/// What a good client has in a manager.
struct Estate {
    manager: Manager,
    lock: LockProxy,
    rlock: RLockProxy,
    semaphore: SemaphoreProxy,
    queue: QueueProxy<u64>,
    barrier: BarrierProxy,
    condition: ConditionProxy,
    value: ValueProxy<u64>,
    /// What the manager has for all this, and for one connection.
    belongings: Belongings,
}

impl Estate {
    fn new() -> Estate {
        let manager = Manager::builder().authkey("faults").start().unwrap();
        let mut estate = Estate {
            lock: manager.lock().unwrap(),
            rlock: manager.rlock().unwrap(),
            semaphore: manager.bounded_semaphore(1).unwrap(),
            queue: manager.queue(0).unwrap(),
            barrier: manager.barrier(3).unwrap(),
            condition: manager.condition().unwrap(),
            value: manager.value(0).unwrap(),
            belongings: Belongings::default(),
            manager,
        };
        // Then it has let go of what it has sent.
        estate.serves();
        estate.belongings = Belongings::of(estate.manager.pid().expect("it runs"));
        estate
    }

    fn misdeed(&self, point: Point, action: Action) -> Misdeed {
        Misdeed {
            point,
            action,
            address: self.manager.address().clone(),
            key: self.manager.authkey().clone(),
            numbers: Numbers {
                lock: self.lock.object().0,
                rlock: self.rlock.object().0,
                semaphore: self.semaphore.object().0,
                queue: self.queue.object().0,
                barrier: self.barrier.object().0,
                condition: self.condition.object().0,
            },
        }
    }

    /// A good client is served at once.
    fn serves(&self) {
        let before = self.value.value().unwrap();
        self.value.set_value(before + 1).unwrap();
        assert_eq!(self.value.value(), Ok(before + 1));
    }

    fn run(&self, point: Point, action: Action) {
        let case = format!("{point:?} × {action:?}");
        let misdeed = self.misdeed(point, action);
        let pid = self.manager.pid().expect("it runs");
        let count = self.manager.object_count().unwrap();
        let before = self.belongings;
        let guard = (point == Point::WaitingForLock).then(|| self.lock.acquire().unwrap());
        if action.ends_the_process() {
            self.see_end(&misdeed);
        } else {
            misdeed.commit();
        }
        self.serves();
        let now = || format!("{case}: {:?}, it was {before:?}", Belongings::of(pid));
        until(now, || Belongings::of(pid) == before);
        drop(guard);
        self.check(point, &case);
        assert_eq!(self.manager.object_count(), Ok(count), "{case}");
    }

    /// Has a process misbehave, and waits for its end.
    fn see_end(&self, misdeed: &Misdeed) {
        let mut process = start(misdeed);
        if misdeed.action == Action::Stop {
            let pid = process.id();
            let now = || format!("{misdeed:?}: {:?}", condition(pid));
            until(now, || condition(pid) == Some('T'));
            // Who is stopped keeps what it has, and nobody else from anything.
            self.serves();
            let pid = Pid::from_raw(pid as i32).expect("a process id");
            kill_process(pid, Signal::KILL).expect("it is there");
        }
        let status = process.wait().expect("it can be waited for");
        assert_eq!(
            status.success(),
            misdeed.action == Action::Exit,
            "{misdeed:?}: {status}"
        );
    }

    /// What the bad one had is given back, and told.
    fn check(&self, point: Point, case: &str) {
        fn check_lock<L: Exclusive>(lock: &Proxy<L>, was_had: bool, case: &str) {
            match lock.acquire_timeout(PATIENCE) {
                Ok(guard) => {
                    assert!(!was_had, "{case}: it is not told");
                    guard.release().unwrap();
                }
                Err(AcquireError::OwnerDied(guard)) => {
                    assert!(was_had, "{case}: nobody had it");
                    guard.release().unwrap();
                }
                Err(error) => panic!("{case}: {error}"),
            }
        }
        check_lock(&self.lock, point == Point::HavingLock, case);
        check_lock(&self.rlock, point == Point::HavingRLock, case);
        check_lock(&self.condition, false, case);
        let guard = self.condition.acquire().unwrap();
        assert_eq!(guard.notify_all(), Ok(0), "{case}");
        guard.release().unwrap();
        drop(self.semaphore.acquire_timeout(PATIENCE).unwrap());
        assert_eq!(self.semaphore.units(), Ok(1), "{case}");
        self.queue.put(7).unwrap();
        assert_eq!(self.queue.try_get(), Ok(7), "{case}");
        let is_broken = point == Point::WaitingAtBarrier;
        assert_eq!(self.barrier.broken(), Ok(is_broken), "{case}");
        self.barrier.reset().unwrap();
        assert_eq!(self.barrier.waiting(), Ok(0), "{case}");
        thread::scope(|scope| {
            let others = [(); 2].map(|()| scope.spawn(|| self.barrier.wait()));
            let ours = self.barrier.wait().unwrap();
            let others = others.map(|thread| thread.join().unwrap().unwrap());
            assert_eq!(ours + others[0] + others[1], 3, "{case}");
        });
    }
}

fn start(misdeed: &Misdeed) -> Child {
    Command::new(env::current_exe().expect("the path of this binary"))
        .args([
            "manager::faults::clients::a_process_that_misbehaves",
            "--exact",
            "--ignored",
        ])
        .env(VARIABLE, misdeed.to_text())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("a process")
}

#[test]
#[ignore = "is started by the other tests, as a client"]
fn a_process_that_misbehaves() {
    if let Some(misdeed) = env::var(VARIABLE)
        .ok()
        .and_then(|text| Misdeed::parse(&text))
    {
        misdeed.commit();
    }
}

fn cases() -> impl Iterator<Item = (Point, Action)> {
    let pairs = Point::ALL
        .into_iter()
        .flat_map(|point| Action::ALL.map(|action| (point, action)));
    pairs.filter(|(point, action)| action.is_possible_at(*point))
}

fn run_all(is_wanted: impl Fn(Point, Action) -> bool) {
    let before = Footprint::after(|| Estate::new().run(Point::AfterGreeting, Action::Close));
    let estate = Estate::new();
    for (point, action) in cases().filter(|(point, action)| is_wanted(*point, *action)) {
        println!("{point:?} × {action:?}");
        estate.run(point, action);
    }
    drop(estate);
    before.assert_restored();
}

#[test]
fn processes_that_end() {
    alone(|| run_all(|_, action| action.ends_the_process()));
}

#[test]
fn connections_that_end() {
    alone(|| run_all(|_, action| matches!(action, Action::Close | Action::CloseOutput)));
}

#[test]
fn frames_that_are_none() {
    use Action::{Garbage, OverLong, Reply, UnknownKind};
    alone(|| run_all(|_, action| matches!(action, Garbage | OverLong | UnknownKind | Reply)));
}

#[test]
fn requests_out_of_order() {
    use Action::{Flood, SameNumber, SameRequest, WithdrawNothing};
    alone(|| {
        run_all(|_, action| matches!(action, SameNumber | SameRequest | WithdrawNothing | Flood));
    });
}

/// So that no edit takes cases out unseen.
#[test]
fn the_table_is_whole() {
    assert_eq!(cases().count(), 144);
}

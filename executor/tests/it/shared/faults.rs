//! Processes that end at each step of what can be done with shared objects, in each way that a process can
//! end. After each, whoever comes next is told what there is to tell, and everything works.

use std::fs;
use std::mem::forget;
use std::os::unix::process::CommandExt;
use std::process::{Command, abort};
use std::thread;
use std::time::Duration;

use executor::LockProblem;
use executor::shared::{
    Array, Atomic, Barrier, Condition, Event, Lock, LockError, RLock, Semaphore, Value,
};

use super::seats::{await_all_asleep, seats, sit};
use crate::alone::{Footprint, alone};
use crate::process::system::{Fork, exit_code, fork, kill, leave, stop};

/// Where a thread of the process is when that ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    /// It is half through a change of a value.
    HalfAChange,
    /// It is half through a change of an array.
    HalfAnArray,
    /// It has a lock that protects something else.
    Locked,
    /// It has a recursive lock, twice.
    LockedTwice,
    /// It has two locks, and lets go of neither.
    LockedBoth,
    /// It has found what a dead one left, and not recovered it.
    Finding,
    /// It waits for a lock that this process has.
    WaitingForALock,
    /// It waits for a condition.
    WaitingForAChange,
    /// It was told of a change and has the lock again.
    Changed,
    /// It waits for an event.
    WaitingForAnEvent,
    /// It waits for a unit.
    WaitingForAUnit,
    /// It has a unit.
    HavingAUnit,
    /// It waits for the other party.
    AtTheBarrier,
    /// It is about to let go of the last reference to an object of its own.
    Owning,
}

const POINTS: [Point; 14] = [
    Point::HalfAChange,
    Point::HalfAnArray,
    Point::Locked,
    Point::LockedTwice,
    Point::LockedBoth,
    Point::Finding,
    Point::WaitingForALock,
    Point::WaitingForAChange,
    Point::Changed,
    Point::WaitingForAnEvent,
    Point::WaitingForAUnit,
    Point::HavingAUnit,
    Point::AtTheBarrier,
    Point::Owning,
];

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Killed,
    /// It leaves with this code, at once.
    Left(i32),
    /// It exits, with what the program has registered for that.
    Exited,
    Aborted,
    /// It becomes another program.
    Replaced,
    /// It is stopped, and after that killed.
    Stopped,
}

const ENDINGS: [Ending; 7] = [
    Ending::Killed,
    Ending::Left(0),
    Ending::Left(3),
    Ending::Exited,
    Ending::Aborted,
    Ending::Replaced,
    Ending::Stopped,
];

/// One of each.
struct Objects {
    value: Value<[u64; 2]>,
    array: Array<u32>,
    lock: Lock,
    recursive: RLock,
    condition: Condition,
    event: Event,
    units: Semaphore,
    barrier: Barrier,
    counter: Atomic<u32>,
}

impl Objects {
    fn new() -> Objects {
        Objects {
            value: Value::new([0, 0]).unwrap(),
            array: Array::zeroed(1000).unwrap(),
            lock: Lock::new().unwrap(),
            recursive: RLock::new().unwrap(),
            condition: Condition::new().unwrap(),
            event: Event::new().unwrap(),
            units: Semaphore::new(0).unwrap(),
            barrier: Barrier::new(2).unwrap(),
            counter: Atomic::new(0).unwrap(),
        }
    }

    /// Goes to a point and sleeps there.
    fn go_to(&self, point: Point, sits: impl Fn()) {
        // A seat is taken before what sleeps by itself, and otherwise right before the sleep.
        let sleep = || {
            sits();
            loop {
                thread::park();
            }
        };
        match point {
            Point::HalfAChange => {
                let mut guard = self.value.lock().unwrap();
                guard[0] += 1;
                sleep()
            }
            Point::HalfAnArray => {
                let mut guard = self.array.lock().unwrap();
                guard[..500].fill(7);
                sleep()
            }
            Point::Locked => {
                let _guard = self.lock.acquire().unwrap();
                sleep()
            }
            Point::LockedTwice => {
                let _guards = [(); 2].map(|()| self.recursive.acquire().unwrap());
                sleep()
            }
            Point::LockedBoth => {
                let mut guard = self.value.lock().unwrap();
                guard[0] += 1;
                forget(self.lock.acquire().unwrap());
                sleep()
            }
            Point::Finding => {
                let _found = self.value.lock().unwrap_err();
                sleep()
            }
            Point::WaitingForALock => {
                sits();
                drop(self.lock.acquire());
            }
            Point::WaitingForAChange => {
                sits();
                let guard = self.value.lock().unwrap();
                drop(self.condition.wait_while(guard, |_| true));
            }
            Point::Changed => {
                let mut guard = self.value.lock().unwrap();
                // Somebody else says so, when this one has let go of the lock.
                let tell = || {
                    drop(self.value.lock());
                    self.condition.notify_all();
                };
                thread::scope(|scope| {
                    scope.spawn(tell);
                    guard = self.condition.wait(guard).unwrap();
                    guard[0] += 1;
                    sleep()
                })
            }
            Point::WaitingForAnEvent => {
                sits();
                self.event.wait();
            }
            Point::WaitingForAUnit => {
                sits();
                self.units.acquire();
            }
            Point::HavingAUnit => {
                self.units.release(1).unwrap();
                self.units.acquire();
                sleep()
            }
            Point::AtTheBarrier => {
                sits();
                drop(self.barrier.wait());
            }
            Point::Owning => {
                let own = Value::new([1_u8; 100_000]).unwrap();
                let _guard = own.lock().unwrap();
                sleep()
            }
        }
    }

    /// Whoever comes next is told what this point is to be told of.
    fn assert_told(&self, point: Point) {
        let dies_with_the_value = matches!(
            point,
            Point::HalfAChange | Point::LockedBoth | Point::Finding | Point::Changed
        );
        if dies_with_the_value {
            assert_eq!(self.value.get(), Err(LockProblem::OwnerDied), "a look");
            let Err(LockError::OwnerDied(found)) = self.value.lock() else {
                panic!("nobody was told");
            };
            let half = *found;
            assert_eq!(half[0], half[1] + 1);
            found.recover()[1] += 1;
        }
        if point == Point::HalfAnArray {
            let Err(LockError::OwnerDied(found)) = self.array.lock() else {
                panic!("nobody was told");
            };
            assert_eq!((found[499], found[500]), (7, 0));
            found.recover().fill(0);
        }
        if matches!(point, Point::Locked | Point::LockedBoth) {
            let Err(LockError::OwnerDied(found)) = self.lock.acquire() else {
                panic!("nobody was told");
            };
            drop(found.recover());
        }
        if point == Point::LockedTwice {
            let Err(LockError::OwnerDied(found)) = self.recursive.acquire() else {
                panic!("nobody was told");
            };
            drop(found.recover());
        }
        if point == Point::AtTheBarrier {
            // It had come, and has gone: who comes now meets nobody for a third time.
            assert_eq!(self.barrier.waiting(), 1);
            assert_eq!(self.barrier.wait().unwrap(), 1);
        }
    }

    /// All of it works, here and in another process.
    fn assert_sound(&self) {
        let value = self.value.get().expect("a value");
        assert_eq!(value[0], value[1]);
        assert!(
            self.array
                .lock()
                .expect("an array")
                .iter()
                .all(|it| *it == 0)
        );
        drop(self.lock.acquire().expect("a lock"));
        drop([(); 2].map(|()| self.recursive.acquire().expect("a recursive lock")));
        assert!(!self.event.wait_timeout(Duration::ZERO));
        assert!(!self.units.try_acquire(), "units are as few as before");
        let pid = match fork() {
            Fork::Original(pid) => pid,
            Fork::Copy => {
                self.counter
                    .fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                self.event.wait();
                self.units.acquire();
                let index = self.barrier.wait().map_or(9, |index| index as i32);
                *self.value.lock().unwrap() = [5, 5];
                self.condition.notify_all();
                leave(index / 2);
            }
        };
        self.event.set();
        self.units.release(1).unwrap();
        self.barrier.wait().expect("two meet");
        let guard = self.value.lock().unwrap();
        drop(self.condition.wait_while(guard, |it| it[0] != 5).unwrap());
        assert_eq!(exit_code(pid), Some(0));
        self.event.clear();
        self.value.set([0, 0]).unwrap();
    }
}

/// Has a copy of the process go to a point and end there.
fn end_at(point: Point, ending: Ending, objects: &Objects) {
    let seats = seats(1);
    let held = (point == Point::WaitingForALock).then(|| objects.lock.acquire().unwrap());
    if point == Point::Finding {
        end_at(Point::HalfAChange, Ending::Killed, objects);
    }
    let pid = match fork() {
        Fork::Original(pid) => pid,
        Fork::Copy => thread::scope(|scope| {
            scope.spawn(|| objects.go_to(point, || sit(&seats, 0)));
            await_all_asleep(&seats);
            end(ending)
        }),
    };
    match ending {
        Ending::Killed => {
            await_all_asleep(&seats);
            kill(pid);
        }
        Ending::Stopped => {
            await_all_asleep(&seats);
            stop(pid);
            kill(pid);
        }
        Ending::Left(code) => assert_eq!(exit_code(pid), Some(code)),
        Ending::Exited | Ending::Replaced => assert_eq!(exit_code(pid), Some(0)),
        Ending::Aborted => assert_eq!(exit_code(pid), None),
    }
    drop(held);
}

fn end(ending: Ending) -> ! {
    match ending {
        Ending::Left(code) => leave(code),
        Ending::Exited => std::process::exit(0),
        Ending::Aborted => abort(),
        Ending::Replaced => panic!("{}", Command::new("true").exec()),
        Ending::Killed | Ending::Stopped => loop {
            thread::park();
        },
    }
}

#[test]
fn whoever_ends_wherever_is_told_of_and_leaves_the_rest_sound() {
    alone(|| {
        let objects = Objects::new();
        objects.assert_sound();
        let before = Footprint::now();
        for point in POINTS {
            for ending in ENDINGS {
                println!("{point:?}, {ending:?}");
                end_at(point, ending, &objects);
                objects.assert_told(point);
                objects.assert_sound();
            }
        }
        before.assert_restored();
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        assert_eq!(maps.matches("executor-shared").count(), 9, "{maps}");
    });
}

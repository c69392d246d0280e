//! Managers that misbehave: each point with each action that means something there.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::proc::{Belongings, condition, until};
use super::unruly::{Action, Point, Speech, plan_for, struck_call};
use crate::manager::{Manager, ManagerError};
use crate::process::faults::alone::{Footprint, alone};

/// How soon everybody must know that a manager is gone.
const AT_ONCE: Duration = Duration::from_secs(10);

/// Kills managers that have stopped, until it is told that there will be no more.
fn kill_the_stopped(is_over: &AtomicBool) {
    // ORDERING: Relaxed, it only ends the loop.
    while !is_over.load(Ordering::Relaxed) {
        for thread in fs::read_dir("/proc/self/task").unwrap().flatten() {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            for pid in children
                .split_whitespace()
                .filter_map(|pid| pid.parse().ok())
            {
                if condition(pid) == Some('T') {
                    let pid = Pid::from_raw(pid as i32).expect("a process id");
                    let _ = kill_process(pid, Signal::KILL);
                }
            }
        }
        thread::sleep(Duration::from_micros(500));
    }
}

fn is_gone<T>(outcome: &Result<T, ManagerError>) -> bool {
    matches!(outcome, Err(ManagerError::Gone(_)))
}

fn run(point: Point, action: Action, somebody_waits: bool) {
    let case = format!("{point:?} × {action:?}, somebody waits: {somebody_waits}");
    let start = Instant::now();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let killer = (action == Action::Stop).then(|| scope.spawn(|| kill_the_stopped(&is_over)));
        // Two replies make objects, and the third is what one holds.
        let visit = if point == Point::Before(Speech::Reply) || point == Point::Half(Speech::Reply)
        {
            3
        } else {
            1
        };
        plan_for(Some((point, action, visit)));
        let manager = Manager::start();
        plan_for(None);
        match (point, manager) {
            (Point::Before(Speech::Started) | Point::Half(Speech::Started), manager) => {
                let error = manager.expect_err("it can't be started");
                // Half of a frame and what is none may make a whole one.
                let is_told = matches!(error, ManagerError::Gone(_) | ManagerError::Decode(_));
                assert!(is_told, "{case}: {error}");
            }
            (_, manager) => {
                let manager = manager.expect("it starts");
                check(&case, point, action, &manager, somebody_waits);
            }
        }
        // ORDERING: Relaxed; see there.
        is_over.store(true, Ordering::Relaxed);
        drop(killer.map(thread::ScopedJoinHandle::join));
    });
    assert!(start.elapsed() < AT_ONCE, "{case}: {:?}", start.elapsed());
}

fn check(case: &str, point: Point, action: Action, manager: &Manager, somebody_waits: bool) {
    let made = manager.value(7_u64);
    let is_seen = match point {
        Point::Before(Speech::Welcome) | Point::Half(Speech::Welcome) => {
            assert_eq!(is_gone(&made), !action.is_harmless(), "{case}: {made:?}");
            true
        }
        _ => false,
    };
    // What is only a broken connection is nothing to the next call.
    let value = match manager.value(7_u64) {
        Err(error) => {
            assert!(is_seen && action.ends_the_process(), "{case}: {error}");
            assert!(is_gone(&manager.object_count()), "{case}");
            return;
        }
        Ok(value) => value,
    };
    drop(made);
    match point {
        Point::DuringCall if somebody_waits => {
            while_somebody_waits(case, manager, || {
                assert!(is_gone(&value.call(struck_call, ())), "{case}");
            });
        }
        Point::DuringCall => assert!(is_gone(&value.call(struck_call, ())), "{case}"),
        Point::Before(Speech::Reply) | Point::Half(Speech::Reply) => {
            let struck = value.value();
            assert_eq!(
                is_gone(&struck),
                !action.is_harmless(),
                "{case}: {struck:?}"
            );
        }
        _ => {}
    }
    let after = value.value();
    match action.ends_the_process() {
        true => assert!(is_gone(&after), "{case}: {after:?}"),
        false => assert_eq!(after, Ok(7), "{case}"),
    }
}

/// Does something that ends the manager; all who wait for something there are told.
fn while_somebody_waits(case: &str, manager: &Manager, end: impl FnOnce()) {
    let queue = manager.queue::<u8>(0).unwrap();
    let lock = manager.lock().unwrap();
    let barrier = manager.barrier(2).unwrap();
    let condition = manager.condition().unwrap();
    let held = lock.acquire().unwrap();
    let pid = manager.pid().expect("it runs");
    let before = Belongings::of(pid).threads;
    thread::scope(|scope| {
        let at_queue = scope.spawn(|| queue.get().map(drop));
        let at_lock = scope.spawn(|| lock.acquire().map(drop).map_err(ManagerError::from));
        let at_barrier = scope.spawn(|| barrier.wait().map(drop));
        let at_condition = scope.spawn(|| condition.acquire()?.wait());
        let now = || format!("{case}: {:?}", Belongings::of(pid));
        until(now, || Belongings::of(pid).threads == before + 4);
        until(now, || barrier.waiting() == Ok(1));
        end();
        for thread in [at_queue, at_lock, at_barrier, at_condition] {
            let outcome = thread.join().unwrap();
            assert!(is_gone(&outcome), "{case}: {outcome:?}");
        }
    });
    assert!(is_gone(&held.release()), "{case}");
}

fn cases() -> impl Iterator<Item = (Point, Action, bool)> {
    let pairs = Point::ALL
        .into_iter()
        .flat_map(|point| Action::ALL.map(|action| (point, action)));
    let pairs = pairs.filter(|(point, action)| point.allows(*action));
    pairs.flat_map(|(point, action)| {
        let waits = (point == Point::DuringCall).then_some((point, action, true));
        [(point, action, false)].into_iter().chain(waits)
    })
}

fn run_all(is_wanted: impl Fn(Point) -> bool) {
    let before = Footprint::after(|| drop(Manager::start().unwrap().value(1)));
    for (point, action, somebody_waits) in cases().filter(|(point, ..)| is_wanted(*point)) {
        println!("{point:?} × {action:?}");
        run(point, action, somebody_waits);
        before.assert_restored();
    }
}

#[test]
fn before_it_is_started() {
    use Point::{Before, Half};
    alone(|| run_all(|it| matches!(it, Before(Speech::Started) | Half(Speech::Started))));
}

#[test]
fn when_it_welcomes_a_client() {
    use Point::{Before, Half};
    alone(|| run_all(|it| matches!(it, Before(Speech::Welcome) | Half(Speech::Welcome))));
}

#[test]
fn when_it_replies() {
    use Point::{Before, Half};
    alone(|| run_all(|it| matches!(it, Before(Speech::Reply) | Half(Speech::Reply))));
}

#[test]
fn during_a_call() {
    alone(|| run_all(|it| it == Point::DuringCall));
}

/// So that no edit takes cases out unseen.
#[test]
fn the_table_is_whole() {
    assert_eq!(cases().count(), 54);
}

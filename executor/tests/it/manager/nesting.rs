//! Calls within calls, and objects within objects: circles are errors with a name, and no hangs.

use std::collections::HashMap;
use std::sync::mpsc::channel;
use std::thread;

use executor::manager::{DictProxy, ListProxy, Lock, LockProxy, QueueProxy, ValueProxy};
use executor::{Manager, ManagerError, ProcessPoolExecutor, Proxy};
use serde::{Deserialize, Serialize};

use super::census::await_objects;
use super::sleepers::{Sleepers, announce};
use crate::gate::{Gate, pass};
use crate::process::deaths::kill;
use crate::watchdog::watch;

/// What a call left that asked other objects.
type Nested = Result<u32, ManagerError>;

fn is_deadlock(outcome: &Nested) -> bool {
    matches!(outcome, Err(ManagerError::Deadlock(_)))
}

fn ask(value: &mut u32, other: ValueProxy<u32>) -> Nested {
    Ok(*value + other.value()?)
}

#[test]
fn a_call_may_ask_other_objects() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (one, two) = (manager.value(1).unwrap(), manager.value(2).unwrap());
        assert_eq!(one.call(ask, (two.clone(),)), Ok(Ok(3)));
        let other_manager = Manager::start().unwrap();
        let three = other_manager.value(3).unwrap();
        assert_eq!(one.call(ask, (three,)), Ok(Ok(4)));
    });
}

#[test]
fn a_call_that_asks_its_own_object_is_told_and_nothing_is_poisoned() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let value = manager.value(1).unwrap();
        let outcome = value.call(ask, (value.clone(),)).unwrap();
        assert!(is_deadlock(&outcome), "{outcome:?}");
        assert_eq!(value.value(), Ok(1));
    });
}

fn ask_for_me(value: &mut u32, through: ValueProxy<u32>, asked: ValueProxy<u32>) -> Nested {
    Ok(*value + through.call(ask, (asked,))??)
}

#[test]
fn a_circle_through_another_object_is_told() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (one, two) = (manager.value(1).unwrap(), manager.value(2).unwrap());
        let three = manager.value(3).unwrap();
        let outcome = one.call(ask_for_me, (two.clone(), one.clone())).unwrap();
        assert!(is_deadlock(&outcome), "{outcome:?}");
        let outcome = one.call(ask_for_me, (two.clone(), two.clone())).unwrap();
        assert!(is_deadlock(&outcome), "{outcome:?}");
        assert_eq!(one.call(ask_for_me, (two, three)), Ok(Ok(6)));
    });
}

#[test]
fn a_circle_through_another_manager_is_told() {
    watch(|| {
        let (here, there) = (Manager::start().unwrap(), Manager::start().unwrap());
        let (one, two) = (here.value(1).unwrap(), there.value(2).unwrap());
        let outcome = one.call(ask_for_me, (two, one.clone())).unwrap();
        assert!(is_deadlock(&outcome), "{outcome:?}");
    });
}

fn meet_and_ask(value: &mut u32, gate: String, other: ValueProxy<u32>) -> Nested {
    pass(gate);
    ask(value, other)
}

/// Lets each object's call wait for the next one's: those that were told, of a circle of so many.
fn circle(length: usize) -> usize {
    let manager = Manager::start().unwrap();
    let values: Vec<_> = (0..length).map(|_| manager.value(1).unwrap()).collect();
    let mut gate = Gate::new();
    let callers: Vec<_> = (0..length)
        .map(|place| {
            let (value, next) = (values[place].clone(), values[(place + 1) % length].clone());
            let args = (gate.key(), next);
            thread::spawn(move || value.call(meet_and_ask, args).unwrap())
        })
        .collect();
    gate.await_arrivals(length);
    gate.open();
    let outcomes = callers.into_iter().map(|caller| caller.join().unwrap());
    let outcomes: Vec<Nested> = outcomes.collect();
    assert!(
        outcomes.iter().all(|it| is_deadlock(it) || *it == Ok(2)),
        "{outcomes:?}"
    );
    outcomes
        .iter()
        .filter(|outcome| is_deadlock(outcome))
        .count()
}

#[test]
fn calls_that_wait_for_each_other_are_a_deadlock_for_one_of_them() {
    watch(|| {
        for length in [2, 2, 2, 3, 5] {
            assert_eq!(circle(length), 1, "a circle of {length}");
        }
    });
}

#[test]
fn a_call_waits_for_an_object_that_another_call_has_without_a_false_alarm() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (one, busy) = (manager.value(1).unwrap(), manager.value(2).unwrap());
        let mut gate = Gate::new();
        let (key, working) = (gate.key(), busy.clone());
        let passes = |_: &mut u32, gate: String| pass(gate);
        let worker = thread::spawn(move || working.call(passes, (key,)));
        gate.await_arrivals(1);
        let asker = thread::spawn(move || one.call(ask, (busy,)));
        gate.open();
        worker.join().unwrap().unwrap();
        assert_eq!(asker.join().unwrap(), Ok(Ok(3)));
    });
}

fn announce_and_ask(
    value: &mut u32,
    sleepers: String,
    warm: ValueProxy<u32>,
    other: ValueProxy<u32>,
) -> Nested {
    warm.value()?;
    announce(&sleepers);
    ask(value, other)
}

/// An object of one manager waits for one of another that has the same number there.
#[test]
fn objects_of_two_managers_are_not_taken_for_each_other() {
    watch(|| {
        let (here, there) = (Manager::start().unwrap(), Manager::start().unwrap());
        let (one, busy) = (here.value(1).unwrap(), there.value(2).unwrap());
        let mut gate = Gate::new();
        let (key, working) = (gate.key(), busy.clone());
        let passes = |_: &mut u32, gate: String| pass(gate);
        let worker = thread::spawn(move || working.call(passes, (key,)));
        gate.await_arrivals(1);
        let sleepers = Sleepers::new();
        let warm = there.value(0).unwrap();
        let (outcome, outcomes) = channel();
        let key = sleepers.key();
        thread::spawn(move || outcome.send(one.call(announce_and_ask, (key, warm, busy))));
        sleepers.await_one();
        gate.open();
        worker.join().unwrap().unwrap();
        assert_eq!(outcomes.recv().unwrap(), Ok(Ok(3)));
    });
}

#[test]
fn containers_in_containers_are_changed_through_either_path() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let row = manager.list(vec![1_u8]).unwrap();
        let table: ListProxy<ListProxy<u8>> = manager.list(vec![row.clone()]).unwrap();
        let orders: QueueProxy<String> = manager.queue(1).unwrap();
        let shelf: DictProxy<String, QueueProxy<String>> = manager.dict(HashMap::new()).unwrap();
        let namespace = manager.namespace().unwrap();
        row.push(2).unwrap();
        table.get(0).unwrap().push(3).unwrap();
        assert_eq!(row.value().unwrap(), [1, 2, 3]);
        assert_eq!(table.get(0).unwrap(), row);
        shelf.insert("tea".to_owned(), orders.clone()).unwrap();
        namespace.set("shelf", shelf).unwrap();
        let found: DictProxy<String, QueueProxy<String>> = namespace.get("shelf").unwrap();
        found
            .get("tea".to_owned())
            .unwrap()
            .put("green".to_owned())
            .unwrap();
        assert_eq!(orders.get().unwrap(), "green");
        let sum = |table: &mut Vec<ListProxy<u8>>| -> Result<usize, ManagerError> {
            let rows = table.iter().map(ListProxy::len);
            rows.sum()
        };
        assert_eq!(table.call(sum, ()), Ok(Ok(3)));
    });
}

fn hold_and_touch(lock: LockProxy, busy: Vec<ValueProxy<u32>>, sleepers: String) {
    let held = lock.acquire().unwrap();
    for value in busy {
        value.value().unwrap();
    }
    announce(&sleepers);
    thread::park();
    drop(held);
}

#[test]
fn a_lock_of_a_killed_process_is_released_to_a_call_on_an_object_that_it_has_used() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let lock = manager.lock().unwrap();
        let busy: Vec<_> = (0..6).map(|n| manager.value(n).unwrap()).collect();
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let sleepers = Sleepers::new();
        let args = (lock.clone(), busy.clone(), sleepers.key());
        drop(pool.submit(hold_and_touch, args).unwrap());
        let victim = sleepers.await_one();
        let calls = busy.into_iter().map(|value| {
            let args = (lock.clone(), sleepers.key());
            let acquire = |value: &mut u32, lock: LockProxy, sleepers: String| {
                lock.locked().unwrap();
                announce(&sleepers);
                drop(lock.acquire());
                *value
            };
            thread::spawn(move || value.call(acquire, args))
        });
        let calls: Vec<_> = calls.collect();
        sleepers.await_all(calls.len());
        kill(victim, "-KILL");
        for (n, call) in (0..).zip(calls) {
            assert_eq!(call.join().unwrap(), Ok(n));
        }
    });
}

fn acquire_and_drop(_: &mut u32, lock: LockProxy, gate: String) {
    let held = lock.acquire().unwrap();
    pass(gate);
    drop(held);
}

/// Whoever has the lock's object waits for the call in which the guard is dropped.
#[test]
fn a_guard_that_is_dropped_in_a_call_gives_the_lock_back_though_that_closes_a_circle() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (lock, value) = (manager.lock().unwrap(), manager.value(1).unwrap());
        let mut gate = Gate::new();
        let (held, args) = (value.clone(), (lock.clone(), gate.key()));
        let (end, ends) = channel::<()>();
        let (outcome, outcomes) = channel();
        thread::spawn(move || {
            outcome.send(held.call(acquire_and_drop, args)).unwrap();
            // With the thread would end its connection, and with that what it has in the manager.
            ends.recv().is_err()
        });
        gate.await_arrivals(1);
        let sleepers = Sleepers::new();
        let warm = manager.value(0_u32).unwrap();
        let (asked, args) = (lock.clone(), (sleepers.key(), warm, value));
        let asker = thread::spawn(move || {
            let ask =
                |_: &mut Lock, sleepers: String, warm: ValueProxy<u32>, value: ValueProxy<u32>| {
                    warm.value().unwrap();
                    announce(&sleepers);
                    value.value()
                };
            asked.call(ask, args)
        });
        sleepers.await_one();
        gate.open();
        assert_eq!(outcomes.recv().unwrap(), Ok(()));
        assert_eq!(asker.join().unwrap(), Ok(Ok(1)));
        drop(lock.acquire().unwrap());
        drop(end);
    });
}

/// A list of lists of lists.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
struct Leaf(Proxy<Vec<Leaf>>);

#[test]
fn a_list_in_itself_is_made_looked_at_and_dropped() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let list = manager.list::<Leaf>(Vec::new()).unwrap();
        list.push(Leaf(list.clone())).unwrap();
        let same = list.get(0).unwrap().0.get(0).unwrap().0;
        assert_eq!(same, list);
        same.clear().unwrap();
        drop((list, same));
        await_objects(&manager, 0);
        let list = manager.list::<Leaf>(Vec::new()).unwrap();
        list.push(Leaf(list.clone())).unwrap();
        drop(list);
        assert_eq!(manager.object_count(), Ok(1), "it keeps itself alive");
        assert_eq!(manager.value(1_u8).unwrap().value(), Ok(1));
    });
}

/// Nested as deep as it is long, and dropped so.
#[derive(Serialize, Deserialize)]
struct Deep(Option<Box<Deep>>);

impl Deep {
    fn new(depth: usize) -> Deep {
        (0..depth).fold(Deep(None), |deep, _| Deep(Some(Box::new(deep))))
    }

    fn depth(&self) -> usize {
        std::iter::successors(Some(self), |deep| deep.0.as_deref()).count() - 1
    }
}

#[test]
fn a_value_that_an_ordinary_thread_could_not_take_in_ends_no_manager() {
    watch(|| {
        const DEPTH: usize = 60_000;
        let manager = Manager::start().unwrap();
        let mine = manager.value(1_u8).unwrap();
        thread::scope(|scope| {
            let roomy = thread::Builder::new().stack_size(512 << 20);
            let theirs = || {
                let deep = manager.value(Deep::new(DEPTH)).unwrap();
                assert_eq!(deep.call(|deep: &mut Deep| deep.depth(), ()), Ok(DEPTH));
                drop(deep);
                await_objects(&manager, 1);
            };
            roomy.spawn_scoped(scope, theirs).unwrap().join().unwrap();
        });
        assert_eq!(mine.value(), Ok(1));
    });
}

#[test]
fn hundreds_of_clients_are_served_at_a_time() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let barrier = manager.barrier(200).unwrap();
        thread::scope(|scope| {
            let wait = || barrier.wait().unwrap();
            let threads: Vec<_> = (0..200).map(|_| scope.spawn(wait)).collect();
            let places = threads.into_iter().map(|it| it.join().unwrap());
            assert_eq!(places.collect::<std::collections::HashSet<_>>().len(), 200);
        });
    });
}

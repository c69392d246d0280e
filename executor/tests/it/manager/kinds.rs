//! Each kind of object: what can be done with it, and the errors that only it has.

use std::collections::{HashMap, HashSet};
use std::thread;
use std::time::Duration;

use executor::manager::{
    BarrierProxy, ConditionProxy, DictProxy, EventProxy, ListProxy, LockProxy, NamespaceProxy,
    Proxy, QueueProxy, RLockProxy, SemaphoreProxy, SetProxy, ValueProxy,
};
use executor::{Manager, ManagerError, ProcessPoolExecutor};
use serde::{Deserialize, Serialize};

use crate::watchdog::watch;

#[test]
fn a_value_is_copied_replaced_and_changed_in_one_step() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let value = manager.value("tea".to_owned()).unwrap();
        let mut copy = value.value().unwrap();
        copy.push_str(" with milk");
        assert_eq!(value.value().unwrap(), "tea", "what comes back is a copy");
        value.set_value(copy).unwrap();
        let length = value.call(|text: &mut String| text.len(), ()).unwrap();
        assert_eq!(length, "tea with milk".len());
    });
}

#[test]
fn a_list_gives_and_takes_items_and_knows_its_bounds() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let list = manager.list(vec![1_u32, 2, 3]).unwrap();
        list.push(4).unwrap();
        list.extend(vec![5, 6]).unwrap();
        list.insert(0, 0).unwrap();
        list.insert(7, 7).unwrap();
        list.set(1, 10).unwrap();
        assert_eq!(list.remove(2), Ok(2));
        assert_eq!(list.pop(), Ok(7));
        assert_eq!(list.get(4), Ok(5));
        assert_eq!(list.value().unwrap(), [0, 10, 3, 4, 5, 6]);
        let beyond = |index| ManagerError::IndexOutOfRange { index, length: 6 };
        assert_eq!(list.get(6), Err(beyond(6)));
        assert_eq!(list.set(6, 0), Err(beyond(6)));
        assert_eq!(list.insert(7, 0), Err(beyond(7)));
        assert_eq!(list.remove(usize::MAX), Err(beyond(usize::MAX)));
        list.clear().unwrap();
        assert_eq!(list.pop(), Err(ManagerError::Empty));
        assert_eq!((list.len(), list.is_empty()), (Ok(0), Ok(true)));
    });
}

#[test]
fn a_dict_has_keys_and_misses_others() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let dict = manager.dict(HashMap::from([(1_u8, 'a')])).unwrap();
        assert_eq!(dict.insert(2, 'b'), Ok(None));
        assert_eq!(dict.insert(2, 'c'), Ok(Some('b')));
        assert_eq!((dict.get(2), dict.len()), (Ok('c'), Ok(2)));
        let mut keys = dict.keys().unwrap();
        keys.sort_unstable();
        assert_eq!(keys, [1, 2]);
        assert_eq!(dict.remove(1), Ok('a'));
        assert_eq!(dict.remove(1), Err(ManagerError::MissingKey));
        assert_eq!(dict.get(1), Err(ManagerError::MissingKey));
        assert_eq!(dict.contains_key(1), Ok(false));
        dict.clear().unwrap();
        assert_eq!(dict.is_empty(), Ok(true));
    });
}

#[test]
fn a_set_has_each_item_once() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let set = manager.set(HashSet::from([1_u8])).unwrap();
        assert_eq!((set.insert(1), set.insert(2)), (Ok(false), Ok(true)));
        assert_eq!((set.contains(2), set.len()), (Ok(true), Ok(2)));
        set.remove(2).unwrap();
        assert_eq!(set.remove(2), Err(ManagerError::MissingKey));
        assert_eq!(set.value().unwrap(), HashSet::from([1]));
        set.clear().unwrap();
        assert_eq!(set.is_empty(), Ok(true));
    });
}

#[test]
fn a_queue_keeps_the_order_and_its_bound() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let queue = manager.queue(2).unwrap();
        assert_eq!(queue.try_get(), Err(ManagerError::Empty));
        queue.put(1_u8).unwrap();
        queue.try_put(2).unwrap();
        assert_eq!(queue.is_full(), Ok(true));
        assert_eq!(queue.try_put(3), Err(ManagerError::Full));
        assert_eq!((queue.get(), queue.try_get()), (Ok(1), Ok(2)));
        assert_eq!((queue.len(), queue.is_empty()), (Ok(0), Ok(true)));
        let unbounded = manager.queue(0).unwrap();
        for n in 0..100_u8 {
            unbounded.try_put(n).unwrap();
        }
        assert_eq!((unbounded.len(), unbounded.is_full()), (Ok(100), Ok(false)));
    });
}

#[test]
fn a_namespace_has_values_of_any_types_and_says_which() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let namespace = manager.namespace().unwrap();
        namespace.set("port", 80_u16).unwrap();
        namespace.set("host", "here".to_owned()).unwrap();
        assert_eq!(namespace.names().unwrap(), ["host", "port"]);
        assert_eq!(namespace.get("port"), Ok(80_u16));
        let wrong = ManagerError::WrongType {
            expected: "u32".to_owned(),
            found: "u16".to_owned(),
        };
        assert_eq!(namespace.get::<u32>("port"), Err(wrong));
        namespace.set("port", 443_u32).unwrap();
        assert_eq!(namespace.get::<u32>("port"), Ok(443));
        namespace.remove("port").unwrap();
        assert_eq!(namespace.remove("port"), Err(ManagerError::MissingKey));
        assert_eq!(namespace.get::<u32>("port"), Err(ManagerError::MissingKey));
    });
}

#[test]
fn an_event_is_set_until_it_is_cleared() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let event = manager.event().unwrap();
        assert_eq!(event.is_set(), Ok(false));
        event.set().unwrap();
        event.set().unwrap();
        assert_eq!(event.is_set(), Ok(true));
        event.wait().unwrap();
        event.clear().unwrap();
        assert_eq!(event.wait_timeout(Duration::ZERO), Ok(false));
    });
}

#[test]
fn a_bounded_semaphore_refuses_more_units_than_it_had() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let bounded = manager.bounded_semaphore(2).unwrap();
        assert_eq!(bounded.release(), Err(ManagerError::TooManyReleases));
        let permit = bounded.acquire().unwrap();
        let other = bounded.try_acquire().unwrap();
        assert_eq!(bounded.try_acquire().err(), Some(ManagerError::TimedOut));
        drop((permit, other));
        assert_eq!(bounded.units(), Ok(2));
        let free = manager.semaphore(0).unwrap();
        free.release().unwrap();
        assert_eq!(free.units(), Ok(1));
    });
}

#[test]
fn a_permit_that_is_kept_gives_no_unit_back_until_somebody_releases_one() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let semaphore = manager.bounded_semaphore(1).unwrap();
        semaphore.acquire().unwrap().keep().unwrap();
        assert_eq!(semaphore.units(), Ok(0));
        semaphore.release().unwrap();
        assert_eq!(semaphore.units(), Ok(1));
    });
}

#[test]
fn a_barrier_lets_all_go_on_when_all_have_come_again_and_again() {
    watch(|| {
        let manager = Manager::start().unwrap();
        assert!(matches!(
            manager.barrier(0),
            Err(ManagerError::InvalidArgument(_))
        ));
        let barrier = manager.barrier(3).unwrap();
        let come = |barrier: BarrierProxy| [barrier.wait().unwrap(), barrier.wait().unwrap()];
        let others =
            [barrier.clone(), barrier.clone()].map(|barrier| thread::spawn(move || come(barrier)));
        let mine = come(barrier.clone());
        let theirs = others.map(|other| other.join().unwrap());
        for round in 0..2 {
            let mut places = [mine[round], theirs[0][round], theirs[1][round]];
            places.sort_unstable();
            assert_eq!(places, [0, 1, 2], "round {round}");
        }
        assert_eq!((barrier.waiting(), barrier.broken()), (Ok(0), Ok(false)));
    });
}

/// A type that nobody could serialise.
struct Account {
    balance: i64,
    seen: Vec<Box<dyn Fn() -> i64 + Send>>,
}

impl Account {
    fn open(balance: i64) -> Account {
        let seen = Vec::new();
        Account { balance, seen }
    }

    fn deposit(&mut self, amount: i64) -> i64 {
        self.balance += amount;
        let balance = self.balance;
        self.seen.push(Box::new(move || balance));
        balance
    }

    fn highest(&mut self) -> Option<i64> {
        self.seen.iter().map(|seen| seen()).max()
    }
}

/// One of each kind.
#[derive(Clone, Serialize, Deserialize)]
struct Kinds {
    value: ValueProxy<f64>,
    list: ListProxy<u32>,
    dict: DictProxy<String, u32>,
    set: SetProxy<u32>,
    queue: QueueProxy<u32>,
    namespace: NamespaceProxy,
    event: EventProxy,
    semaphore: SemaphoreProxy,
    barrier: BarrierProxy,
    lock: LockProxy,
    rlock: RLockProxy,
    condition: ConditionProxy,
    account: Proxy<Account>,
}

fn change(kinds: Kinds) -> Result<(), executor::Error> {
    let Kinds { lock, rlock, .. } = &kinds;
    let held = lock.acquire()?;
    let (once, twice) = (rlock.acquire()?, rlock.acquire()?);
    kinds.value.set_value(1.5)?;
    kinds.list.push(1)?;
    kinds.dict.insert("one".to_owned(), 1)?;
    kinds.set.insert(1)?;
    kinds.queue.put(1)?;
    kinds.namespace.set("one", 1_u8)?;
    kinds.event.set()?;
    kinds.semaphore.acquire()?.keep()?;
    kinds.account.call(Account::deposit, (70,))?;
    let condition = kinds.condition.acquire()?;
    condition.notify_all()?;
    kinds.barrier.abort()?;
    condition.release()?;
    drop((once, twice, held));
    // What this thread asks next comes after what it has dropped.
    kinds.lock.locked().map(drop)?;
    Ok(())
}

#[test]
fn what_a_worker_changes_is_seen_here() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let kinds = Kinds {
            value: manager.value(0.0).unwrap(),
            list: manager.list(Vec::new()).unwrap(),
            dict: manager.dict(HashMap::new()).unwrap(),
            set: manager.set(HashSet::new()).unwrap(),
            queue: manager.queue(0).unwrap(),
            namespace: manager.namespace().unwrap(),
            event: manager.event().unwrap(),
            semaphore: manager.semaphore(1).unwrap(),
            barrier: manager.barrier(2).unwrap(),
            lock: manager.lock().unwrap(),
            rlock: manager.rlock().unwrap(),
            condition: manager.condition().unwrap(),
            account: manager.object(Account::open, (30,)).unwrap(),
        };
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let changing = pool.submit(executor::fallible(change), (kinds.clone(),));
        changing.unwrap().into_result().unwrap();
        assert_eq!(kinds.value.value(), Ok(1.5));
        assert_eq!(kinds.list.value().unwrap(), [1]);
        assert_eq!(kinds.dict.get("one".to_owned()), Ok(1));
        assert_eq!(kinds.set.contains(1), Ok(true));
        assert_eq!(kinds.queue.get(), Ok(1));
        assert_eq!(kinds.namespace.get("one"), Ok(1_u8));
        assert_eq!(kinds.event.is_set(), Ok(true));
        assert_eq!(kinds.semaphore.units(), Ok(0));
        assert_eq!(kinds.barrier.wait(), Err(ManagerError::BrokenBarrier));
        assert_eq!(kinds.lock.locked(), Ok(false));
        assert_eq!(kinds.rlock.locked(), Ok(false));
        assert_eq!(kinds.condition.locked(), Ok(false));
        assert_eq!(kinds.account.call(Account::highest, ()), Ok(Some(100)));
    });
}

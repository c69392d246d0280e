//! An object lives as long as somebody has a proxy of it, wherever that is, and no longer.

use std::collections::HashSet;
use std::thread;

use executor::manager::{ListProxy, QueueProxy, ValueProxy};
use executor::{Manager, ManagerError, ProcessPoolExecutor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::census::{await_clients, await_number, await_objects, descriptors};
use super::sleepers::{Sleepers, announce};
use crate::alone::{Footprint, alone};
use crate::gate::{Gate, pass};
use crate::process::deaths::kill;
use crate::process::system::replace_by_nothing;
use crate::watchdog::watch;

#[test]
fn the_last_proxy_takes_its_object_with_it() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let value = manager.value(1_u8).unwrap();
        let same = value.clone();
        assert_eq!(value, same);
        let equal = manager.value(1_u8).unwrap();
        assert_ne!(value, equal, "they are two objects");
        assert_eq!(manager.object_count(), Ok(2));
        drop(value);
        assert_eq!(same.value(), Ok(1));
        assert_eq!(manager.object_count(), Ok(2));
        drop((same, equal));
        await_objects(&manager, 0);
    });
}

#[test]
fn a_proxy_comes_back_from_a_worker_as_the_same() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let value = manager.value(1_u8).unwrap();
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let back = |value: ValueProxy<u8>| value;
        let same = pool.submit(back, (value.clone(),)).unwrap();
        let same = same.into_result().unwrap();
        assert_eq!(same, value);
        assert_eq!(HashSet::from([same, value.clone()]).len(), 1);
        drop(value);
        await_objects(&manager, 0);
    });
}

fn add(value: ValueProxy<u8>) -> u8 {
    let add = |value: &mut u8| {
        *value += 1;
        *value
    };
    value.call(add, ()).unwrap()
}

#[test]
fn an_object_lives_by_a_queued_task_that_nobody_runs_yet() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let value = manager.value(1_u8).unwrap();
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let mut gate = Gate::new();
        let held = pool.submit(pass, (gate.key(),)).unwrap();
        gate.await_arrivals(1);
        let queued = pool.submit(add, (value.clone(),)).unwrap();
        drop(value);
        assert_eq!(manager.object_count(), Ok(1));
        gate.open();
        held.result().unwrap();
        assert_eq!(queued.into_result().unwrap(), 2);
        await_objects(&manager, 0);
    });
}

#[test]
fn a_cancelled_task_lets_go_of_its_object() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let value = manager.value(1_u8).unwrap();
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let mut gate = Gate::new();
        let held = pool.submit(pass, (gate.key(),)).unwrap();
        gate.await_arrivals(1);
        let queued: Vec<_> = (0..5)
            .map(|_| pool.submit(add, (value.clone(),)).unwrap())
            .collect();
        drop(value);
        assert_eq!(manager.object_count(), Ok(1));
        assert!(queued.iter().all(executor::Future::cancel));
        drop(queued);
        gate.open();
        held.result().unwrap();
        await_objects(&manager, 0);
    });
}

#[test]
fn a_killed_worker_lets_go_of_its_object() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let queue = manager.queue::<u8>(0).unwrap();
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let sleepers = Sleepers::new();
        let get = |queue: QueueProxy<u8>, sleepers: String| {
            queue.len().unwrap();
            announce(&sleepers);
            queue.get().unwrap()
        };
        let task = pool.submit(get, (queue.clone(), sleepers.key())).unwrap();
        let worker = sleepers.await_one();
        drop(queue);
        assert_eq!(manager.object_count(), Ok(1));
        kill(worker, "-KILL");
        assert!(task.into_result().is_err());
        await_objects(&manager, 0);
    });
}

#[test]
fn an_object_lives_by_a_result_that_nobody_has_read_yet() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let parent = manager.list(Vec::new()).unwrap();
        let row = manager.list(vec![7_u8]).unwrap();
        parent.push(row).unwrap();
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let pop = |parent: ListProxy<ListProxy<u8>>| parent.pop().unwrap();
        let task = pool.submit(pop, (parent.clone(),)).unwrap();
        while !task.done() {
            thread::yield_now();
        }
        drop(pool);
        assert_eq!(parent.len(), Ok(0));
        assert_eq!(manager.object_count(), Ok(2));
        let row = task.into_result().unwrap();
        assert_eq!(row.value().unwrap(), [7]);
        drop(row);
        await_objects(&manager, 1);
    });
}

#[test]
fn an_object_lives_by_the_containers_that_hold_it() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let queue = manager.queue(0).unwrap();
        queue.put(manager.value(1_u8).unwrap()).unwrap();
        queue.put(manager.value(2_u8).unwrap()).unwrap();
        assert_eq!(manager.object_count(), Ok(3));
        let first = queue.get().unwrap();
        assert_eq!(first.value(), Ok(1));
        drop(first);
        await_objects(&manager, 2);
        let outer = manager.namespace().unwrap();
        outer.set("queue", queue).unwrap();
        assert_eq!(manager.object_count(), Ok(3));
        // The namespace, the queue in it, and the value in that.
        drop(outer);
        await_objects(&manager, 0);
    });
}

#[test]
fn an_object_of_one_manager_lives_by_a_container_of_another() {
    watch(|| {
        let (here, there) = (Manager::start().unwrap(), Manager::start().unwrap());
        let list = there.list(vec![here.value(1_u8).unwrap()]).unwrap();
        assert_eq!(here.object_count(), Ok(1));
        assert_eq!(list.get(0).unwrap().value(), Ok(1));
        drop(list);
        await_objects(&there, 0);
        await_objects(&here, 0);
    });
}

#[test]
fn proxies_come_out_of_threads_that_end() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let made: Vec<ListProxy<u32>> = thread::scope(|scope| {
            let manager = &manager;
            let make = |n| scope.spawn(move || manager.list(vec![n]).unwrap());
            let makers: Vec<_> = (0..8).map(make).collect();
            let made = makers.into_iter().map(|maker| maker.join().unwrap());
            made.collect()
        });
        for (n, list) in (0..8).zip(&made) {
            assert_eq!(list.value().unwrap(), [n]);
        }
        drop(made);
        await_objects(&manager, 0);
    });
}

#[test]
fn an_object_lives_by_its_name() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let list = manager.list(vec![1_u8]).unwrap();
        manager.publish("list", &list).unwrap();
        drop(list);
        assert_eq!(manager.object_count(), Ok(1));
        let found: ListProxy<u8> = manager.find("list").unwrap();
        assert_eq!(found.value().unwrap(), [1]);
        let wrong = manager.find::<u8>("list");
        assert!(matches!(wrong, Err(ManagerError::WrongType { .. })));
        let another = manager.list(vec![2_u8]).unwrap();
        manager.publish("list", &another).unwrap();
        drop((found, another));
        await_objects(&manager, 1);
        manager.unpublish("list").unwrap();
        await_objects(&manager, 0);
        let unknown = ManagerError::UnknownName("list".to_owned());
        assert_eq!(manager.unpublish("list"), Err(unknown.clone()));
        assert_eq!(manager.find::<u8>("list").err(), Some(unknown));
        let other = Manager::start().unwrap().value(1_u8).unwrap();
        let refused = manager.publish("other", &other);
        assert_eq!(refused, Err(ManagerError::UnknownObject));
    });
}

/// Takes a proxy with it half of the way.
#[derive(Deserialize)]
struct Stumbles(ValueProxy<u8>);

impl Serialize for Stumbles {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)?;
        Err(serde::ser::Error::custom("it stumbles"))
    }
}

#[derive(Serialize)]
struct Trips(ValueProxy<u8>);

impl<'de> Deserialize<'de> for Trips {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Trips, D::Error> {
        ValueProxy::<u8>::deserialize(deserializer)?;
        Err(serde::de::Error::custom("it trips"))
    }
}

#[test]
fn an_argument_that_does_not_arrive_keeps_no_object() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let value = manager.value(1_u8).unwrap();
        let (stumbling, tripping) = (manager.queue(0).unwrap(), manager.queue(0).unwrap());
        for _ in 0..10 {
            let stumbled = stumbling.put(Stumbles(value.clone()));
            assert!(matches!(stumbled, Err(ManagerError::Encode(_))));
            let tripped = tripping.put(Trips(value.clone()));
            assert!(matches!(tripped, Err(ManagerError::Decode(_))));
        }
        await_objects(&manager, 3);
        drop(value);
        await_objects(&manager, 2);
    });
}

#[test]
fn an_object_that_the_manager_does_not_know_is_an_error_of_its_own() {
    alone(|| {
        let manager = Manager::start().unwrap();
        let other = manager.value(2_u8).unwrap();
        let pipes = || -> HashSet<i32> {
            let all = std::fs::read_dir("/proc/self/fd").unwrap();
            let all = all.map(|entry| entry.unwrap());
            let pipes = all.filter(|it| {
                let target = std::fs::read_link(it.path());
                target.is_ok_and(|target| target.to_string_lossy().starts_with("pipe:"))
            });
            let number = |it: std::fs::DirEntry| it.file_name().to_str().unwrap().parse().unwrap();
            pipes.map(number).collect()
        };
        let before = pipes();
        let value = manager.value(1_u8).unwrap();
        let lifelines: Vec<i32> = pipes().difference(&before).copied().collect();
        let [lifeline] = lifelines[..] else {
            panic!("{lifelines:?}");
        };
        replace_by_nothing(lifeline);
        assert_eq!(manager.object_count(), Ok(1));
        assert_eq!(value.value(), Err(ManagerError::UnknownObject));
        assert_eq!(value.clear_poison(), Err(ManagerError::UnknownObject));
        assert_eq!(other.value(), Ok(2));
        drop(value);
        assert_eq!(other.value(), Ok(2));
    });
}

/// Uses a bit of everything that takes descriptors.
fn use_a_manager(manager: &Manager, pool: &ProcessPoolExecutor) {
    let values: Vec<_> = (0..20_u8).map(|n| manager.value(n).unwrap()).collect();
    for value in &values {
        pool.submit(add, (value.clone(),))
            .unwrap()
            .result()
            .unwrap();
    }
    let queue = manager.queue(0).unwrap();
    thread::scope(|scope| {
        for value in values {
            let queue = &queue;
            scope.spawn(move || queue.put((value, "x".repeat(100_000))).unwrap());
        }
    });
    for _ in 0..20 {
        let (value, text) = queue.get().unwrap();
        assert!(value.value().unwrap() > 0 && text.len() == 100_000);
    }
}

#[test]
fn descriptors_and_threads_come_back_here_and_in_the_manager() {
    alone(|| {
        let manager = Manager::start().unwrap();
        let pid = manager.pid().unwrap();
        use_a_manager(&manager, &ProcessPoolExecutor::new(1).unwrap());
        await_clients(pid, 1);
        await_objects(&manager, 0);
        let (mine, its) = (Footprint::now(), descriptors(pid));
        for _ in 0..5 {
            use_a_manager(&manager, &ProcessPoolExecutor::new(2).unwrap());
        }
        mine.assert_restored();
        await_clients(pid, 1);
        await_objects(&manager, 0);
        await_number("descriptors", its, || descriptors(pid));
    });
}

#[test]
fn managers_leave_no_thread_descriptor_or_child_behind() {
    alone(|| {
        let use_one = || {
            let manager = Manager::start().unwrap();
            let value = manager.value(1_u8).unwrap();
            drop(manager);
            assert!(matches!(value.value(), Err(ManagerError::Gone(_))));
        };
        let before = Footprint::after(use_one);
        for _ in 0..20 {
            use_one();
        }
        before.assert_restored();
    });
}

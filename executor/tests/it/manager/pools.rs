//! Proxies in the pools: as arguments of tasks and of initializers, on threads, rayon and processes.

use std::sync::OnceLock;

use executor::manager::{ListProxy, QueueProxy, ValueProxy};
use executor::{Executor, Manager, ProcessPoolExecutor};

use super::census::await_objects;
use crate::backends::{Backend, on_every_executor};
use crate::process::deaths::{await_end, kill};
use crate::watchdog::watch;

on_every_executor!(tasks_share_state_by_proxies, proxies_come_back_as_results);

fn add((sum, n): (ValueProxy<u32>, u32)) -> u32 {
    let add = |sum: &mut u32, n: u32| {
        *sum += n;
        *sum
    };
    sum.call(add, (n,)).unwrap()
}

fn tasks_share_state_by_proxies<B: Backend>() {
    let manager = Manager::start().unwrap();
    let sum = manager.value(0_u32).unwrap();
    let pool = B::pool(2);
    let sums = pool.map(add, (0..100).map(|n| (sum.clone(), n))).unwrap();
    let sums: Vec<u32> = sums.map(Result::unwrap).collect();
    assert_eq!(sum.value(), Ok(4_950));
    assert_eq!(sums.into_iter().max(), Some(4_950));
    drop(sum);
    await_objects(&manager, 0);
}

fn make(queue: QueueProxy<ListProxy<u32>>) -> ListProxy<u32> {
    let list = queue.get().unwrap();
    list.push(2).unwrap();
    list
}

fn proxies_come_back_as_results<B: Backend>() {
    let manager = Manager::start().unwrap();
    let queue = manager.queue(0).unwrap();
    let pool = B::pool(2);
    let made: Vec<_> = (0..8)
        .map(|_| pool.submit(make, (queue.clone(),)).unwrap())
        .collect();
    for _ in 0..8 {
        queue.put(manager.list(vec![1]).unwrap()).unwrap();
    }
    for made in made {
        assert_eq!(made.into_result().unwrap().value().unwrap(), [1, 2]);
    }
    drop(queue);
    await_objects(&manager, 0);
}

static LOG: OnceLock<ListProxy<u32>> = OnceLock::new();

fn keep(log: ListProxy<u32>) {
    log.push(0).unwrap();
    LOG.set(log).unwrap();
}

fn log(n: u32) -> u32 {
    LOG.get().unwrap().push(n).unwrap();
    std::process::id()
}

#[test]
fn an_initializer_gets_proxies_in_each_worker_also_in_one_that_replaces_another() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let list = manager.list(Vec::new()).unwrap();
        let pool = ProcessPoolExecutor::builder()
            .max_workers(1)
            .initializer(keep, (list.clone(),))
            .build()
            .unwrap();
        let first = pool.submit(log, (1,)).unwrap().into_result().unwrap();
        kill(first, "-KILL");
        await_end(first);
        let second = pool.submit(log, (2,)).unwrap().into_result().unwrap();
        assert_ne!(first, second);
        assert_eq!(list.value().unwrap(), [0, 1, 0, 2]);
        drop(list);
        assert_eq!(manager.object_count(), Ok(1), "the pool has it");
        drop(pool);
        await_objects(&manager, 0);
    });
}

#[test]
fn a_task_may_make_objects_that_outlive_it_and_its_worker() {
    watch(|| {
        let manager = Manager::builder().authkey("key").start().unwrap();
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let make = |address: String| {
            let manager = Manager::connect(address, "key").unwrap();
            manager.list(vec![7_u32]).unwrap()
        };
        let task = pool.submit(make, (manager.address().to_string(),)).unwrap();
        let list = task.into_result().unwrap();
        drop(pool);
        assert_eq!(list.value().unwrap(), [7]);
        drop(list);
        await_objects(&manager, 0);
    });
}

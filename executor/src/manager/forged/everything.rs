//! Everything that a client can ask of a manager, at least once.

use std::collections::{HashMap, HashSet};
use std::panic::resume_unwind;
use std::time::Duration;

use crate::manager::AcquireError;
use crate::manager::error::ManagerError;
use crate::manager::owner::Manager;

const AT_ONCE: Duration = Duration::ZERO;

/// An object of a type of the user's, whose code panics in every place where it can.
#[derive(Debug)]
struct Fragile(u32);

impl Fragile {
    fn new(number: u32) -> Fragile {
        // Without the panic hook, in which a fuzzer ends the process.
        match number {
            0 => resume_unwind(Box::new("it can't be nothing")),
            number => Fragile(number),
        }
    }

    fn add(&mut self, number: u32) -> u32 {
        self.0 = self.0.wrapping_add(number);
        self.0
    }

    fn break_down(&mut self) {
        self.0 = 0;
        resume_unwind(Box::new("it breaks down"));
    }
}

impl Drop for Fragile {
    fn drop(&mut self) {
        if self.0.is_multiple_of(2) {
            resume_unwind(Box::new("it goes with a bang"));
        }
    }
}

/// Calls everything. Errors are as good as results: they were asked for, too.
pub(super) fn use_everything(manager: &Manager) {
    let outcome = containers(manager)
        .and_then(|()| namespace_and_queue(manager))
        .and_then(|()| locks(manager))
        .and_then(|()| others(manager))
        .and_then(|()| proxies(manager))
        .and_then(|()| fragile(manager));
    outcome.expect("what need not fail does not");
}

fn containers(manager: &Manager) -> Result<(), ManagerError> {
    let value = manager.value(7_u64)?;
    value.set_value(value.value()? + 1)?;

    let list = manager.list(vec![1_u16, 2])?;
    list.push(3)?;
    list.extend(vec![4; 600])?;
    list.set(0, list.get(1)?)?;
    list.insert(1, list.remove(0)?)?;
    list.pop()?;
    list.len()?;
    list.is_empty()?;
    list.value()?;
    list.clear()?;

    let dict = manager.dict(HashMap::from([("one".to_owned(), 1_u8)]))?;
    dict.insert("two".to_owned(), 2)?;
    dict.get("one".to_owned())?;
    dict.contains_key("three".to_owned())?;
    dict.remove("one".to_owned())?;
    dict.keys()?;
    dict.len()?;
    dict.is_empty()?;
    dict.clear()?;

    let set = manager.set(HashSet::from(['a']))?;
    set.insert('b')?;
    set.contains('a')?;
    set.remove('a')?;
    set.len()?;
    set.is_empty()?;
    set.clear()
}

fn namespace_and_queue(manager: &Manager) -> Result<(), ManagerError> {
    let namespace = manager.namespace()?;
    namespace.set("one", 1_u8)?;
    namespace.get::<u8>("one")?;
    drop(namespace.get::<String>("one"));
    namespace.remove("one")?;
    namespace.names()?;

    let queue = manager.queue::<String>(1)?;
    queue.put("first".to_owned())?;
    drop(queue.try_put("second".to_owned()));
    drop(queue.put_timeout("third".to_owned(), AT_ONCE));
    queue.get()?;
    drop(queue.try_get());
    drop(queue.get_timeout(AT_ONCE));
    queue.len()?;
    queue.is_empty()?;
    queue.is_full().map(drop)
}

fn locks(manager: &Manager) -> Result<(), ManagerError> {
    let lock = manager.lock()?;
    lock.acquire()?.release()?;
    drop(lock.try_acquire().map_err(ManagerError::from)?);
    lock.acquire_timeout(AT_ONCE)?.release()?;
    lock.locked()?;

    let rlock = manager.rlock()?;
    let outer = rlock.acquire()?;
    drop(rlock.try_acquire().map_err(ManagerError::from)?);
    outer.release()?;
    rlock.locked()?;
    drop(rlock.call(break_down, ()));

    let condition = manager.condition()?;
    let guard = condition.acquire()?;
    guard.wait_timeout(AT_ONCE)?;
    guard.notify(1)?;
    guard.notify_all()?;
    guard.release()?;
    let tried: Result<_, AcquireError<_>> = condition.try_acquire();
    drop(tried?);
    condition.locked()?;
    drop(condition.call(break_down, ()));
    Ok(())
}

fn others(manager: &Manager) -> Result<(), ManagerError> {
    let event = manager.event()?;
    event.wait_timeout(AT_ONCE)?;
    event.set()?;
    event.wait()?;
    event.is_set()?;
    event.clear()?;

    for semaphore in [manager.semaphore(1)?, manager.bounded_semaphore(2)?] {
        drop(semaphore.acquire()?);
        semaphore.try_acquire()?.keep()?;
        drop(semaphore.acquire_timeout(AT_ONCE));
        semaphore.release()?;
        semaphore.units()?;
    }

    let barrier = manager.barrier(2)?;
    drop(barrier.wait_timeout(AT_ONCE));
    barrier.broken()?;
    barrier.reset()?;
    barrier.waiting()?;
    barrier.abort()?;
    drop(barrier.call(break_down, ()));
    Ok(())
}

fn proxies(manager: &Manager) -> Result<(), ManagerError> {
    let value = manager.value(1_i8)?;
    value.value()?;
    let list = manager.list(vec![value.clone()])?;
    list.push(value)?;
    list.get(0)?;
    list.pop()?;
    list.value().map(drop)
}

fn fragile(manager: &Manager) -> Result<(), ManagerError> {
    for number in [1, 2] {
        let fragile = manager.object(Fragile::new, (number,))?;
        fragile.call(Fragile::add, (2,))?;
        fragile
            .call(Fragile::break_down, ())
            .expect_err("it panics");
    }
    Ok(())
}

/// A call that panics, and poisons what it is called on.
fn break_down<T>(_: &mut T) {
    resume_unwind(Box::new("it breaks down"));
}

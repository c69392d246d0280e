//! The kinds of objects that every manager can make.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::error::ManagerError;
use super::owner::Manager;
use super::{
    Barrier, BarrierProxy, Condition, ConditionProxy, DictProxy, Event, EventProxy, ListProxy,
    Lock, LockProxy, Namespace, NamespaceProxy, Queue, QueueProxy, RLock, RLockProxy, Semaphore,
    SemaphoreProxy, SetProxy, ValueProxy,
};
use crate::task::Payload;

impl Manager {
    /// A value.
    ///
    /// # Errors
    ///
    /// As [`object`](Manager::object), here and for all kinds of objects.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert_eq!(manager.value((1, "one".to_owned()))?.value()?, (1, "one".to_owned()));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn value<T: Payload>(&self, value: T) -> Result<ValueProxy<T>, ManagerError> {
        self.object(|value: T| value, (value,))
    }

    /// A list.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert_eq!(manager.list(vec![1, 2])?.len()?, 2);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn list<T: Payload>(&self, items: Vec<T>) -> Result<ListProxy<T>, ManagerError> {
        self.object(|items: Vec<T>| items, (items,))
    }

    /// A dictionary.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// use std::collections::HashMap;
    ///
    /// let stock = manager.dict(HashMap::from([("tea".to_owned(), 3)]))?;
    /// assert_eq!(stock.get("tea".to_owned())?, 3);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn dict<K, V>(&self, entries: HashMap<K, V>) -> Result<DictProxy<K, V>, ManagerError>
    where
        K: Payload + Eq + Hash,
        V: Payload,
    {
        self.object(|entries: HashMap<K, V>| entries, (entries,))
    }

    /// A set.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert!(manager.set([1, 2].into())?.contains(1)?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn set<T: Payload + Eq + Hash>(
        &self,
        items: HashSet<T>,
    ) -> Result<SetProxy<T>, ManagerError> {
        self.object(|items: HashSet<T>| items, (items,))
    }

    /// Named values of any types.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let settings = manager.namespace()?;
    /// settings.set("depth", 3_u32)?;
    /// assert_eq!(settings.get::<u32>("depth")?, 3);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn namespace(&self) -> Result<NamespaceProxy, ManagerError> {
        self.object(Namespace::default, ())
    }

    /// A queue of at most so many items; 0 is no limit.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let orders = manager.queue(10)?;
    /// orders.put("tea".to_owned())?;
    /// assert_eq!(orders.get()?, "tea");
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn queue<T: Payload>(&self, max_size: usize) -> Result<QueueProxy<T>, ManagerError> {
        self.object(Queue::new, (max_size,))
    }

    /// A lock.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let lock = manager.lock()?;
    /// let held = lock.acquire()?;
    /// assert!(lock.locked()?);
    /// held.release()?;
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn lock(&self) -> Result<LockProxy, ManagerError> {
        self.object(Lock::default, ())
    }

    /// A lock that who has it can acquire again.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let lock = manager.rlock()?;
    /// let outer = lock.acquire()?;
    /// let inner = lock.acquire()?;
    /// inner.release()?;
    /// outer.release()?;
    /// assert!(!lock.locked()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn rlock(&self) -> Result<RLockProxy, ManagerError> {
        self.object(RLock::default, ())
    }

    /// An event that is not set.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert!(!manager.event()?.is_set()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn event(&self) -> Result<EventProxy, ManagerError> {
        self.object(Event::default, ())
    }

    /// A semaphore of so many units.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let connections = manager.semaphore(2)?;
    /// let _one = connections.acquire()?;
    /// assert_eq!(connections.units()?, 1);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn semaphore(&self, units: u32) -> Result<SemaphoreProxy, ManagerError> {
        self.object(Semaphore::new, (units, false))
    }

    /// A semaphore of so many units that never has more: to release more than were acquired is an
    /// error.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert!(manager.bounded_semaphore(2)?.release().is_err());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn bounded_semaphore(&self, units: u32) -> Result<SemaphoreProxy, ManagerError> {
        self.object(Semaphore::new, (units, true))
    }

    /// A barrier for so many parties.
    ///
    /// # Errors
    ///
    /// [`ManagerError::InvalidArgument`] if `parties` is 0. See [`value`](Manager::value).
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert_eq!(manager.barrier(1)?.wait()?, 0); // all parties are here at once
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn barrier(&self, parties: u32) -> Result<BarrierProxy, ManagerError> {
        if parties == 0 {
            return Err(ManagerError::InvalidArgument(
                "a barrier needs at least 1 party".to_owned(),
            ));
        }
        self.object(Barrier::new, (parties,))
    }

    /// A condition, with its lock.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let changed = manager.condition()?;
    /// assert_eq!(changed.acquire()?.notify_all()?, 0); // nobody waits
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn condition(&self) -> Result<ConditionProxy, ManagerError> {
        self.object(Condition::default, ())
    }
}

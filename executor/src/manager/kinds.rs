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
    pub fn value<T: Payload>(&self, value: T) -> Result<ValueProxy<T>, ManagerError> {
        self.object(|value: T| value, (value,))
    }

    /// A list.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    pub fn list<T: Payload>(&self, items: Vec<T>) -> Result<ListProxy<T>, ManagerError> {
        self.object(|items: Vec<T>| items, (items,))
    }

    /// A dictionary.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
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
    pub fn namespace(&self) -> Result<NamespaceProxy, ManagerError> {
        self.object(Namespace::default, ())
    }

    /// A queue of at most so many items; 0 is no limit.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    pub fn queue<T: Payload>(&self, max_size: usize) -> Result<QueueProxy<T>, ManagerError> {
        self.object(Queue::new, (max_size,))
    }

    /// A lock.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    pub fn lock(&self) -> Result<LockProxy, ManagerError> {
        self.object(Lock::default, ())
    }

    /// A lock that who has it can acquire again.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    pub fn rlock(&self) -> Result<RLockProxy, ManagerError> {
        self.object(RLock::default, ())
    }

    /// An event that is not set.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    pub fn event(&self) -> Result<EventProxy, ManagerError> {
        self.object(Event::default, ())
    }

    /// A semaphore of so many units.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    pub fn semaphore(&self, units: u32) -> Result<SemaphoreProxy, ManagerError> {
        self.object(Semaphore::new, (units, false))
    }

    /// A semaphore of so many units that never has more: to release more than were acquired is an
    /// error.
    ///
    /// # Errors
    ///
    /// See [`value`](Manager::value).
    pub fn bounded_semaphore(&self, units: u32) -> Result<SemaphoreProxy, ManagerError> {
        self.object(Semaphore::new, (units, true))
    }

    /// A barrier for so many parties.
    ///
    /// # Errors
    ///
    /// [`ManagerError::InvalidArgument`] if `parties` is 0. See [`value`](Manager::value).
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
    pub fn condition(&self) -> Result<ConditionProxy, ManagerError> {
        self.object(Condition::default, ())
    }
}

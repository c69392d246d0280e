//! A queue that may be bounded.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::ManagerError;
use super::operation::{Caller, Operation, Outcome};
use super::proxy::Proxy;
use crate::task::Payload;

/// A first-in-first-out queue in a manager; made by [`Manager::queue`](super::Manager::queue).
///
/// ```
/// let manager = executor::Manager::start()?;
/// let orders = manager.queue::<String>(10)?;
/// orders.put("tea".to_owned())?;
/// assert_eq!(orders.get()?, "tea");
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Debug)]
pub struct Queue<T> {
    items: VecDeque<T>,
    /// 0 is no limit.
    max_size: usize,
}

/// A proxy of a queue.
///
/// ```
/// # let manager = executor::Manager::start()?;
/// use executor::manager::QueueProxy;
/// use executor::{ProcessPoolExecutor, fallible};
///
/// let numbers: QueueProxy<u32> = manager.queue(2)?; // there is room for two
/// let pool = ProcessPoolExecutor::new(1)?;
/// let count = |numbers: QueueProxy<u32>| (0..10).try_for_each(|number| numbers.put(number));
/// let counting = pool.submit(fallible(count), (numbers.clone(),))?;
/// for number in 0..10 {
///     assert_eq!(numbers.get()?, number);
/// }
/// counting.result()?;
/// # Ok::<(), executor::Error>(())
/// ```
pub type QueueProxy<T> = Proxy<Queue<T>>;

impl<T> Queue<T> {
    pub(super) fn new(max_size: usize) -> Queue<T> {
        Queue {
            items: VecDeque::new(),
            max_size,
        }
    }

    /// Whether there are not more items than there may be.
    #[cfg(any(test, fuzzing))]
    pub(super) fn is_at_rest(&self) -> bool {
        self.max_size == 0 || self.items.len() <= self.max_size
    }

    fn is_full(&self) -> bool {
        self.max_size > 0 && self.items.len() >= self.max_size
    }
}

/// Whether an operation that can't be done now waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum OrElse {
    Wait,
    Fail,
}

#[derive(Serialize, Deserialize)]
#[serde(bound = "T: Serialize + DeserializeOwned")]
pub(super) struct Put<T> {
    /// Gone when it is in the queue.
    item: Option<T>,
    or_else: OrElse,
}

impl<T: Payload> Operation for Put<T> {
    type Object = Queue<T>;
    type Output = ();

    fn attempt(&mut self, queue: &mut Queue<T>, _: Caller) -> Option<Outcome<()>> {
        if queue.is_full() {
            return (self.or_else == OrElse::Fail).then_some(Err(ManagerError::Full));
        }
        queue.items.extend(self.item.take());
        Some(Ok(()))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub(super) struct Get<T> {
    or_else: OrElse,
    #[serde(skip)]
    item: PhantomData<fn() -> T>,
}

impl<T: Payload> Operation for Get<T> {
    type Object = Queue<T>;
    type Output = T;

    fn attempt(&mut self, queue: &mut Queue<T>, _: Caller) -> Option<Outcome<T>> {
        match queue.items.pop_front() {
            Some(item) => Some(Ok(item)),
            None => (self.or_else == OrElse::Fail).then_some(Err(ManagerError::Empty)),
        }
    }
}

impl<T: Payload> Put<T> {
    pub(super) fn new(item: T, or_else: OrElse) -> Put<T> {
        Put {
            item: Some(item),
            or_else,
        }
    }
}

impl<T: Payload> Get<T> {
    pub(super) fn new(or_else: OrElse) -> Get<T> {
        Get {
            or_else,
            item: PhantomData,
        }
    }
}

/// A queue. Those who wait are served in the order in which they came. An item is lost with the client
/// that it was given to, if that dies just then.
impl<T: Payload> Proxy<Queue<T>> {
    /// Puts an item in, as soon as there is room.
    ///
    /// # Errors
    ///
    /// See [`Proxy`], here and for the others.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let queue = manager.queue(1)?;
    /// queue.put(7)?;
    /// assert!(queue.is_full()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn put(&self, item: T) -> Result<(), ManagerError> {
        self.ask(Put::new(item, OrElse::Wait))
    }

    /// Puts an item in, if there is room.
    ///
    /// # Errors
    ///
    /// [`ManagerError::Full`] if there is none.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let queue = manager.queue(1)?;
    /// queue.try_put(7)?;
    /// assert_eq!(queue.try_put(8), Err(executor::ManagerError::Full));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn try_put(&self, item: T) -> Result<(), ManagerError> {
        self.ask(Put::new(item, OrElse::Fail))
    }

    /// Puts an item in, if there is room within this time.
    ///
    /// # Errors
    ///
    /// [`ManagerError::Full`] if there was none.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let queue = manager.queue(1)?;
    /// queue.put(7)?;
    /// let late = queue.put_timeout(8, std::time::Duration::from_millis(1));
    /// assert_eq!(late, Err(executor::ManagerError::Full));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn put_timeout(&self, item: T, timeout: Duration) -> Result<(), ManagerError> {
        self.ask_within(Put::new(item, OrElse::Wait), timeout)
            .map_err(|error| error.or_if_late(ManagerError::Full))
    }

    /// Takes the first item, as soon as there is one.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let queue = manager.queue(0)?;
    /// queue.put(7)?;
    /// queue.put(8)?;
    /// assert_eq!((queue.get()?, queue.get()?), (7, 8));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn get(&self) -> Result<T, ManagerError> {
        self.ask(Get::new(OrElse::Wait))
    }

    /// Takes the first item, if there is one.
    ///
    /// # Errors
    ///
    /// [`ManagerError::Empty`] if there is none.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let queue = manager.queue::<u8>(0)?;
    /// assert_eq!(queue.try_get(), Err(executor::ManagerError::Empty));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn try_get(&self) -> Result<T, ManagerError> {
        self.ask(Get::new(OrElse::Fail))
    }

    /// Takes the first item, if there is one within this time.
    ///
    /// # Errors
    ///
    /// [`ManagerError::Empty`] if there was none.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let queue = manager.queue::<u8>(0)?;
    /// let late = queue.get_timeout(std::time::Duration::from_millis(1));
    /// assert_eq!(late, Err(executor::ManagerError::Empty));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn get_timeout(&self, timeout: Duration) -> Result<T, ManagerError> {
        self.ask_within(Get::new(OrElse::Wait), timeout)
            .map_err(|error| error.or_if_late(ManagerError::Empty))
    }

    /// How many items there are.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let queue = manager.queue(0)?;
    /// queue.put(7)?;
    /// assert_eq!(queue.len()?, 1);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn len(&self) -> Result<usize, ManagerError> {
        self.call(|queue: &mut Queue<T>| queue.items.len(), ())
    }

    /// Whether there are none.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert!(manager.queue::<u8>(0)?.is_empty()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn is_empty(&self) -> Result<bool, ManagerError> {
        self.call(|queue: &mut Queue<T>| queue.items.is_empty(), ())
    }

    /// Whether there is no room.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert!(!manager.queue::<u8>(1)?.is_full()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn is_full(&self) -> Result<bool, ManagerError> {
        self.call(|queue: &mut Queue<T>| queue.is_full(), ())
    }
}

impl ManagerError {
    /// What it means here that the time is over.
    fn or_if_late(self, late: ManagerError) -> ManagerError {
        match self {
            ManagerError::TimedOut => late,
            other => other,
        }
    }
}

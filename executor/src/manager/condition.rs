//! A condition: a lock, and those who wait under it to be told that something has changed.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::error::ManagerError;
use super::lock::{Acquired, Exclusive, Holding, LockGuard, Sealed};
use super::operation::{Caller, Operation, Outcome, Withdrawal};
use super::proxy::Proxy;

/// A lock with which to wait for a change, in a manager; made by
/// [`Manager::condition`](super::Manager::condition).
///
/// ```
/// let manager = executor::Manager::start()?;
/// let condition = manager.condition()?;
/// let other = std::thread::spawn({
///     let condition = condition.clone();
///     move || -> Result<(), executor::Error> {
///         condition.acquire()?.notify_all()?;
///         Ok(())
///     }
/// });
/// let held = condition.acquire()?;
/// let _was_notified = held.wait_timeout(std::time::Duration::from_millis(10))?;
/// drop(held);
/// other.join().expect("no panic")?;
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Condition {
    holding: Holding,
    /// Those who wait to be notified, in the order in which they came.
    waiting: VecDeque<u64>,
    /// The number of the last one who came.
    last: u64,
}

/// A proxy of a condition. [Acquire](Proxy::acquire) its lock to wait or notify.
///
/// ```
/// # let manager = executor::Manager::start()?;
/// use executor::manager::ConditionProxy;
///
/// let (stock, filled): (_, ConditionProxy) = (manager.value(0)?, manager.condition()?);
/// let filler = std::thread::spawn({
///     let (stock, filled) = (stock.clone(), filled.clone());
///     move || -> Result<(), executor::Error> {
///         let held = filled.acquire()?;
///         stock.set_value(3)?;
///         held.notify_all()?;
///         Ok(())
///     }
/// });
/// let held = filled.acquire()?;
/// held.wait_for(|| Ok(stock.value()? > 0))?;
/// assert_eq!(stock.value()?, 3);
/// # drop(held);
/// # filler.join().unwrap()?;
/// # Ok::<(), executor::Error>(())
/// ```
pub type ConditionProxy = Proxy<Condition>;

impl Condition {
    /// Whether nobody has the lock or waits.
    #[cfg(any(test, fuzzing))]
    pub(super) fn is_at_rest(&self) -> bool {
        self.holding.is_at_rest() && self.waiting.is_empty()
    }
}

impl Exclusive for Condition {}

impl Sealed for Condition {
    const RECURSIVE: bool = false;

    fn holding(&mut self) -> &mut Holding {
        &mut self.holding
    }
}

/// Waits to be notified, without the lock, and then for the lock.
#[derive(Serialize, Deserialize)]
pub(super) enum Wait {
    Begin,
    /// Not yet notified.
    #[serde(skip)]
    Waiting(u64),
    /// Notified or not, it is to have the lock again.
    #[serde(skip)]
    Returning {
        was_notified: bool,
    },
}

impl Operation for Wait {
    type Object = Condition;
    /// Whether it was notified.
    type Output = (bool, Acquired);

    const NOTES: bool = true;

    fn attempt(
        &mut self,
        condition: &mut Condition,
        caller: Caller,
    ) -> Option<Outcome<(bool, Acquired)>> {
        match *self {
            Wait::Begin => {
                if let Err(error) = condition.holding.let_go(caller.connection) {
                    return Some(Err(error));
                }
                condition.last += 1;
                condition.waiting.push_back(condition.last);
                *self = Wait::Waiting(condition.last);
                None
            }
            Wait::Waiting(number) if condition.waiting.contains(&number) => None,
            Wait::Waiting(_) => {
                *self = Wait::Returning { was_notified: true };
                self.attempt(condition, caller)
            }
            Wait::Returning { was_notified } => {
                let acquired = condition.holding.take(caller.connection)?;
                Some(Ok((was_notified, acquired)))
            }
        }
    }

    fn withdraw(&mut self, condition: &mut Condition, why: Withdrawal) -> bool {
        let is_gone = why == Withdrawal::CallerGone;
        match *self {
            Wait::Waiting(number) if condition.waiting.contains(&number) => {
                condition.waiting.retain(|waiting| *waiting != number);
                *self = Wait::Returning {
                    was_notified: false,
                };
            }
            // Who was notified and is gone before it had the lock leaves that to the next.
            Wait::Waiting(_) | Wait::Returning { was_notified: true } if is_gone => {
                condition.waiting.pop_front();
            }
            _ => {}
        }
        // Who waited with the lock goes on with it.
        is_gone
    }

    fn leave(condition: &mut Condition, connection: u64) {
        condition.holding.leave(connection);
    }
}

#[derive(Serialize, Deserialize)]
struct Notify {
    most: usize,
}

impl Operation for Notify {
    type Object = Condition;
    type Output = usize;

    fn attempt(&mut self, condition: &mut Condition, caller: Caller) -> Option<Outcome<usize>> {
        if !condition.holding.is_of(caller.connection) {
            return Some(Err(ManagerError::NotHeld));
        }
        let count = self.most.min(condition.waiting.len());
        condition.waiting.drain(..count);
        Some(Ok(count))
    }
}

/// What can be done with a condition while one has its lock.
impl LockGuard<Condition> {
    /// Lets go of the lock, waits to be notified, and has the lock again.
    ///
    /// # Errors
    ///
    /// [`ManagerError::OwnerDied`] if the last one that had the lock ended without having released it;
    /// this thread has it all the same. [`ManagerError::NotHeld`] if the connection has broken
    /// meanwhile. See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let changed = manager.condition()?;
    /// let notifier = std::thread::spawn({
    ///     let changed = changed.clone();
    ///     move || -> Result<(), executor::Error> {
    ///         // Until the other one waits there is nobody to notify.
    ///         while changed.acquire()?.notify(1)? == 0 {}
    ///         Ok(())
    ///     }
    /// });
    /// changed.acquire()?.wait()?;
    /// # notifier.join().unwrap()?;
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn wait(&self) -> Result<(), ManagerError> {
        in_order(self.proxy().ask(Wait::Begin)?).map(drop)
    }

    /// As [`wait`](LockGuard::wait), for so long at most (and then for the lock); whether it was
    /// notified.
    ///
    /// # Errors
    ///
    /// As [`wait`](LockGuard::wait).
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let changed = manager.condition()?;
    /// let was_notified = changed.acquire()?.wait_timeout(std::time::Duration::from_millis(1))?;
    /// assert!(!was_notified);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn wait_timeout(&self, timeout: Duration) -> Result<bool, ManagerError> {
        in_order(self.proxy().ask_within(Wait::Begin, timeout)?)
    }

    /// Waits until `is_so`, which is asked at the start and after every notification, with the lock.
    ///
    /// # Errors
    ///
    /// As [`wait`](LockGuard::wait), and the errors of `is_so`.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let (stock, filled) = (manager.value(3)?, manager.condition()?);
    /// filled.acquire()?.wait_for(|| Ok(stock.value()? > 0))?; // it is so: no wait
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn wait_for(
        &self,
        mut is_so: impl FnMut() -> Result<bool, ManagerError>,
    ) -> Result<(), ManagerError> {
        while !is_so()? {
            self.wait()?;
        }
        Ok(())
    }

    /// As [`wait_for`](LockGuard::wait_for), for so long at most; whether it is so.
    ///
    /// # Errors
    ///
    /// As [`wait_for`](LockGuard::wait_for).
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let (stock, filled) = (manager.value(0)?, manager.condition()?);
    /// let millisecond = std::time::Duration::from_millis(1);
    /// let is_filled = filled.acquire()?.wait_for_timeout(|| Ok(stock.value()? > 0), millisecond)?;
    /// assert!(!is_filled);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn wait_for_timeout(
        &self,
        mut is_so: impl FnMut() -> Result<bool, ManagerError>,
        timeout: Duration,
    ) -> Result<bool, ManagerError> {
        let deadline = Instant::now().checked_add(timeout);
        while !is_so()? {
            let left = deadline.map(|end| end.saturating_duration_since(Instant::now()));
            match left {
                Some(Duration::ZERO) => return Ok(false),
                Some(left) => self.wait_timeout(left).map(drop)?,
                None => self.wait()?,
            }
        }
        Ok(true)
    }

    /// Wakes so many of those who wait, those who came first; they go on when they have the lock. How
    /// many were woken.
    ///
    /// # Errors
    ///
    /// [`ManagerError::NotHeld`] if the connection has broken meanwhile. See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert_eq!(manager.condition()?.acquire()?.notify(1)?, 0); // nobody waits
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn notify(&self, count: usize) -> Result<usize, ManagerError> {
        self.proxy().ask(Notify { most: count })
    }

    /// Wakes all who wait.
    ///
    /// # Errors
    ///
    /// As [`notify`](LockGuard::notify).
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert_eq!(manager.condition()?.acquire()?.notify_all()?, 0); // nobody waits
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn notify_all(&self) -> Result<usize, ManagerError> {
        self.notify(usize::MAX)
    }
}

fn in_order((was_notified, acquired): (bool, Acquired)) -> Result<bool, ManagerError> {
    match acquired {
        Acquired::InOrder => Ok(was_notified),
        Acquired::Abandoned => Err(ManagerError::OwnerDied),
    }
}

//! Waiting in shared memory for what a lock protects to change.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use super::error::SharedError;
use super::guard::{Guard, LockError};
use super::mapping::Mapping;
use super::object::{self, object};
use super::protocol::condition;
use super::word::{Deadline, Word};

/// What threads of several processes sleep on until what a lock protects has changed.
///
/// It works with the guards of any object: [`Value`](super::Value), [`Array`](super::Array),
/// [`Lock`](super::Lock), [`RLock`](super::RLock) (which it releases entirely while it waits). All who
/// use one condition should use it with the same lock.
///
/// ```
/// use executor::shared::{Condition, Value};
/// use executor::{ProcessPoolExecutor, fallible};
///
/// fn fill(stock: Value<u32>, filled: Condition) -> Result<(), executor::LockProblem> {
///     *stock.lock()? = 3;
///     filled.notify_all();
///     Ok(())
/// }
///
/// # fn main() -> Result<(), executor::Error> {
/// let (stock, filled) = (Value::new(0)?, Condition::new()?);
/// let pool = ProcessPoolExecutor::new(1)?;
/// let filler = pool.submit(fallible(fill), (stock.clone(), filled.clone()))?;
/// let guard = filled.wait_while(stock.lock()?, |stock| **stock == 0)?;
/// assert_eq!(*guard, 3);
/// # drop(guard);
/// # filler.into_result()?;
/// # Ok(())
/// # }
/// ```
///
/// Notify after the change, under the lock or after its release: a change without a lock can fall
/// between a look at the data and the sleep. Of those who sleep as many are woken as asked for, those first
/// who have waited for longest; somebody who was just about to sleep may return as well. So look again
/// after a [`wait`](Condition::wait), or use [`wait_while`](Condition::wait_while). Who is killed while it
/// waits leaves nothing behind; but one that is killed just after a notification took that with it. Where
/// waiters are killed, notify all.
///
/// # Memory ordering
///
/// That of the lock.
pub struct Condition {
    mapping: Arc<Mapping>,
}

object!(Condition, Condition of ());

impl Condition {
    /// A new condition, in memory of its own: a page and a descriptor.
    ///
    /// # Errors
    ///
    /// [`SharedError::System`] if the system has no memory, or this process no descriptor left.
    ///
    /// # Example
    ///
    /// ```
    /// let changed = executor::shared::Condition::new()?;
    /// changed.notify_all(); // nobody waits: nothing happens
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn new() -> Result<Condition, SharedError> {
        object::create(1, 0)
    }

    fn words(&self) -> &[Word; 2] {
        &self.mapping.head().words
    }

    /// Releases the lock, waits until notified, and takes the lock again.
    ///
    /// # Errors
    ///
    /// What taking the lock comes to, if somebody died or panicked under it meanwhile.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::shared::{Condition, Value};
    ///
    /// let (ready, changed) = (Value::new(0_u8)?, Condition::new()?);
    /// let setter = std::thread::spawn({
    ///     let (ready, changed) = (ready.clone(), changed.clone());
    ///     move || {
    ///         *ready.lock().unwrap() = 1;
    ///         changed.notify(1);
    ///     }
    /// });
    /// let mut guard = ready.lock()?;
    /// while *guard == 0 {
    ///     guard = changed.wait(guard)?;
    /// }
    /// # drop(guard);
    /// # setter.join().unwrap();
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn wait<G: Guard>(&self, guard: G) -> Result<G, LockError<G>> {
        self.wait_until(guard, None).map(|(guard, _)| guard)
    }

    /// As [`wait`](Condition::wait), for so long at most; false beside the guard if nobody notified. The
    /// time it takes to have the lock again is not counted.
    ///
    /// # Errors
    ///
    /// As [`wait`](Condition::wait).
    ///
    /// # Example
    ///
    /// ```
    /// use std::time::Duration;
    /// # use executor::shared::{Condition, Value};
    ///
    /// let (ready, changed) = (Value::new(0_u8)?, Condition::new()?);
    /// let (guard, was_notified) = changed.wait_timeout(ready.lock()?, Duration::from_millis(1))?;
    /// assert!(*guard == 0 && !was_notified);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn wait_timeout<G: Guard>(
        &self,
        guard: G,
        timeout: Duration,
    ) -> Result<(G, bool), LockError<G>> {
        self.wait_until(guard, Deadline::after(timeout))
    }

    /// Waits while it is so, looking after each notification.
    ///
    /// # Errors
    ///
    /// As [`wait`](Condition::wait).
    ///
    /// # Example
    ///
    /// ```
    /// # use executor::shared::{Condition, Value};
    /// let (stock, filled) = (Value::new(3_u32)?, Condition::new()?);
    /// let guard = filled.wait_while(stock.lock()?, |stock| **stock == 0)?; // it is not so: no wait
    /// assert_eq!(*guard, 3);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn wait_while<G: Guard>(
        &self,
        mut guard: G,
        mut is_so: impl FnMut(&mut G) -> bool,
    ) -> Result<G, LockError<G>> {
        while is_so(&mut guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// As [`wait_while`](Condition::wait_while), for so long at most; false beside the guard if it is
    /// still so.
    ///
    /// # Errors
    ///
    /// As [`wait`](Condition::wait).
    ///
    /// # Example
    ///
    /// ```
    /// use std::time::Duration;
    /// # use executor::shared::{Condition, Value};
    ///
    /// let (stock, filled) = (Value::new(0_u32)?, Condition::new()?);
    /// let millisecond = Duration::from_millis(1);
    /// let (_guard, is_filled) = filled.wait_while_timeout(stock.lock()?, millisecond, |stock| **stock == 0)?;
    /// assert!(!is_filled);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn wait_while_timeout<G: Guard>(
        &self,
        mut guard: G,
        timeout: Duration,
        mut is_so: impl FnMut(&mut G) -> bool,
    ) -> Result<(G, bool), LockError<G>> {
        let deadline = Deadline::after(timeout);
        let mut is_in_time = true;
        while is_so(&mut guard) {
            if !is_in_time {
                return Ok((guard, false));
            }
            (guard, is_in_time) = self.wait_until(guard, deadline)?;
        }
        Ok((guard, true))
    }

    fn wait_until<G: Guard>(
        &self,
        guard: G,
        deadline: Option<Deadline>,
    ) -> Result<(G, bool), LockError<G>> {
        wait(self.words(), guard, deadline)
    }

    /// Wakes so many of those who wait.
    ///
    /// ```
    /// let changed = executor::shared::Condition::new()?;
    /// changed.notify(1);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn notify(&self, count: u32) {
        notify(self.words(), count);
    }

    /// Wakes all who wait.
    ///
    /// ```
    /// let changed = executor::shared::Condition::new()?;
    /// changed.notify_all();
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn notify_all(&self) {
        self.notify(u32::MAX);
    }
}

/// Waits until notified, without the lock; false beside the guard if the deadline passes before.
pub(super) fn wait<G: Guard>(
    [sequence, sleepers]: &[Word; 2],
    guard: G,
    deadline: Option<Deadline>,
) -> Result<(G, bool), LockError<G>> {
    let announced = condition::announce(sequence, sleepers);
    let held = guard.hold().interrupt();
    let is_in_time = condition::sleep(sequence, sleepers, announced, deadline);
    match guard.hold().resume(held) {
        Ok(None) => Ok((guard, is_in_time)),
        Ok(Some(problem)) => Err(LockError::with_guard(problem, guard)),
        Err(problem) => {
            // The lock is not this thread's any more.
            mem::forget(guard);
            Err(LockError::without_guard(problem))
        }
    }
}

/// Wakes so many of those who wait.
pub(super) fn notify([sequence, sleepers]: &[Word; 2], count: u32) {
    condition::notify(sequence, sleepers, count);
}

//! A value in shared memory, with its lock.

#![expect(unsafe_code, reason = "the value lies in memory that is shared")]

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use bytemuck::Pod;

use super::error::{LockProblem, SharedError};
use super::guard::sealed::Sealed;
use super::guard::{self, LockError};
use super::hold::{self, Hold, Patience};
use super::mapping::Mapping;
use super::object::{self, object};
use super::word::Deadline;

/// A value that processes share, with a lock of its own: Python's `Value`.
///
/// `T` is plain data: numbers, arrays of them, structs of them that are [`Pod`](bytemuck::Pod). Clones
/// are references to the same value, in threads and, as arguments and results of tasks, in processes.
///
/// There is no `+=`, nor anything else that reads and writes in one expression: [`get`](Value::get) and
/// [`set`](Value::set) each take the lock, and between the two it is anybody's. (In Python
/// `value.value += 1` is exactly that, and loses updates.) What reads and writes goes through the guard:
///
/// ```
/// # fn main() -> Result<(), executor::Error> {
/// let total = executor::shared::Value::new(40_u64)?;
/// *total.lock()? += 2;
/// assert_eq!(total.get()?, 42);
/// # Ok(())
/// # }
/// ```
///
/// A struct of one's own says that it is plain data (the derives of the crate `bytemuck` check it). A flag in it is
/// a `u8`: not every byte is a `bool`.
///
/// ```
/// use executor::shared::{Pod, Value, Zeroable};
///
/// #[derive(Clone, Copy)]
/// #[repr(C)]
/// struct Progress { done: u64, failed: u32, is_over: u32 }
///
/// // SAFETY: integers, which may be zero,
/// unsafe impl Zeroable for Progress {}
/// // SAFETY: in an order that leaves no gaps, and which may be any bytes.
/// unsafe impl Pod for Progress {}
///
/// # fn main() -> Result<(), executor::Error> {
/// let progress = Value::new(Progress { done: 0, failed: 0, is_over: 0 })?;
/// progress.lock()?.done += 1;
/// assert_eq!(progress.get()?.done, 1);
/// # Ok(())
/// # }
/// ```
///
/// A guard can't outlive its value, nor go to another thread:
///
/// ```compile_fail,E0505
/// let value = executor::shared::Value::new(1_u64).unwrap();
/// let guard = value.lock().unwrap();
/// drop(value);
/// assert_eq!(*guard, 1);
/// ```
///
/// ```compile_fail,E0277
/// let value = executor::shared::Value::new(1_u64).unwrap();
/// let guard = value.lock().unwrap();
/// std::thread::scope(|scope| {
///     scope.spawn(move || drop(guard));
/// });
/// ```
///
/// # Memory ordering
///
/// Taking the lock synchronises with every release of it before, as a mutex does.
pub struct Value<T> {
    mapping: Arc<Mapping>,
    elements: PhantomData<T>,
}

object!(Value<T: Pod>, Value of T);

impl<T: Pod + Send + Sync> Value<T> {
    /// A new value in memory of its own: a page and a descriptor.
    ///
    /// # Errors
    ///
    /// [`SharedError::System`] if the system has no memory, or this process no descriptor left.
    ///
    /// # Example
    ///
    /// ```
    /// let state = executor::shared::Value::new([0.5_f64; 3])?;
    /// assert_eq!(state.get()?, [0.5; 3]);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn new(value: T) -> Result<Value<T>, SharedError> {
        let this: Value<T> = object::create(1, 0)?;
        // SAFETY: nobody else has the memory yet, and it is large enough and aligned for a `T`.
        unsafe { this.mapping.data::<T>().write(value) };
        Ok(this)
    }

    /// Waits for the lock.
    ///
    /// # Errors
    ///
    /// [`LockError::OwnerDied`] and [`Poisoned`](LockError::Poisoned) have the guard in them: a holder
    /// died or panicked. [`Unrecoverable`](LockError::Unrecoverable) if nobody saw to that;
    /// [`HeldByCaller`](LockError::HeldByCaller) if this thread has the lock.
    ///
    /// # Example
    ///
    /// ```
    /// let balance = executor::shared::Value::new(100_i64)?;
    /// let mut guard = balance.lock()?;
    /// if *guard >= 30 {
    ///     *guard -= 30; // nobody comes in between
    /// }
    /// assert_eq!(*guard, 70);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn lock(&self) -> Result<ValueGuard<'_, T>, LockError<ValueGuard<'_, T>>> {
        self.take(Patience::Until(None))
    }

    /// Takes the lock if it is free.
    ///
    /// # Errors
    ///
    /// As [`lock`](Value::lock), and [`LockError::WouldBlock`] if it is not free.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::shared::{LockError, Value};
    ///
    /// let value = Value::new(1)?;
    /// let guard = value.lock()?;
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| assert!(matches!(value.try_lock(), Err(LockError::WouldBlock))));
    /// });
    /// drop(guard);
    /// assert!(value.try_lock().is_ok());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn try_lock(&self) -> Result<ValueGuard<'_, T>, LockError<ValueGuard<'_, T>>> {
        self.take(Patience::None)
    }

    /// Waits for the lock, for so long at most.
    ///
    /// # Errors
    ///
    /// As [`lock`](Value::lock), and [`LockError::TimedOut`].
    ///
    /// # Example
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let value = executor::shared::Value::new(1)?;
    /// *value.lock_timeout(Duration::from_secs(1))? += 1;
    /// assert_eq!(value.get()?, 2);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn lock_timeout(
        &self,
        timeout: Duration,
    ) -> Result<ValueGuard<'_, T>, LockError<ValueGuard<'_, T>>> {
        self.take(Patience::Until(Deadline::after(timeout)))
    }

    fn take(&self, patience: Patience) -> Result<ValueGuard<'_, T>, LockError<ValueGuard<'_, T>>> {
        take(&self.mapping, patience)
    }

    /// A copy of the value, taken under the lock.
    ///
    /// # Errors
    ///
    /// As [`lock`](Value::lock), without a guard. What a dead or panicked holder left is left as it was,
    /// for somebody to recover by [`lock`](Value::lock).
    ///
    /// # Example
    ///
    /// ```
    /// let value = executor::shared::Value::new(42)?;
    /// let copy = value.get()?;
    /// value.set(0)?;
    /// assert_eq!((copy, value.get()?), (42, 0));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn get(&self) -> Result<T, LockProblem> {
        self.briefly().map(|guard| *guard)
    }

    /// Puts a value there, under the lock.
    ///
    /// # Errors
    ///
    /// As [`get`](Value::get); then the value is as it was.
    ///
    /// # Example
    ///
    /// ```
    /// let progress = executor::shared::Value::new(0.0)?;
    /// progress.set(0.5)?; // what was there does not matter; else, lock
    /// assert_eq!(progress.get()?, 0.5);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn set(&self, value: T) -> Result<(), LockProblem> {
        self.briefly().map(|mut guard| *guard = value)
    }

    /// The lock, if all is well.
    fn briefly(&self) -> Result<ValueGuard<'_, T>, LockProblem> {
        match hold::take(&self.mapping, Patience::Until(None)) {
            (Some(hold), None) => Ok(ValueGuard {
                hold,
                value: PhantomData,
            }),
            (hold, problem) => {
                if let Some(hold) = hold {
                    hold.leave_as_found();
                }
                Err(problem.unwrap_or(LockProblem::Unrecoverable))
            }
        }
    }
}

/// Takes the lock of memory that holds a `T`.
pub(super) fn take<T: Pod>(
    mapping: &Mapping,
    patience: Patience,
) -> Result<ValueGuard<'_, T>, LockError<ValueGuard<'_, T>>> {
    guard::take(mapping, patience, |hold| ValueGuard {
        hold,
        value: PhantomData,
    })
}

/// The lock of a [`Value`], and the value.
///
/// ```
/// let value = executor::shared::Value::new(1)?;
/// {
///     let mut guard = value.lock()?;
///     *guard += *guard; // nobody comes in between
/// }
/// assert_eq!(value.get()?, 2);
/// # Ok::<(), executor::Error>(())
/// ```
#[must_use = "dropped at once, it protects nothing"]
pub struct ValueGuard<'a, T> {
    hold: Hold<'a>,
    value: PhantomData<&'a mut T>,
}

impl<T> Sealed for ValueGuard<'_, T> {
    fn hold(&self) -> &Hold<'_> {
        &self.hold
    }
}

impl<T> Deref for ValueGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: a `T` lies there, any bytes are one, and while this guard lives nobody else reaches
        // it.
        unsafe { self.hold.mapping().data::<T>().as_ref() }
    }
}

impl<T> DerefMut for ValueGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as for `deref`, and this guard is borrowed for it.
        unsafe { self.hold.mapping().data::<T>().as_mut() }
    }
}

impl<T: fmt::Debug> fmt::Debug for ValueGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

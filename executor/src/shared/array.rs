//! A row of values in shared memory, with one lock for all of them.

#![expect(unsafe_code, reason = "the elements lie in memory that is shared")]

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

use bytemuck::Pod;

use super::error::SharedError;
use super::guard::sealed::Sealed;
use super::guard::{self, LockError};
use super::hold::{Hold, Patience};
use super::mapping::Mapping;
use super::object::{self, object};
use super::word::Deadline;

/// An array that processes share, with one lock for all of it: Python's `Array`.
///
/// Its length is fixed. Its guard is a slice, with all that slices do.
///
/// ```
/// # fn main() -> Result<(), executor::Error> {
/// let squares = executor::shared::Array::<u64>::zeroed(10)?;
/// for (n, square) in squares.lock()?.iter_mut().enumerate() {
///     *square = (n * n) as u64;
/// }
/// assert_eq!(squares.lock()?[9], 81);
/// # Ok(())
/// # }
/// ```
///
/// # Memory ordering
///
/// Taking the lock synchronises with every release of it before, as a mutex does.
pub struct Array<T> {
    mapping: Arc<Mapping>,
    elements: PhantomData<T>,
}

object!(Array<T: Pod>, Array of T);

impl<T: Pod + Send + Sync> Array<T> {
    /// An array of so many zeros, in memory of its own. The system provides the memory where it is first
    /// used.
    ///
    /// # Errors
    ///
    /// [`SharedError::InvalidArgument`] if the length is 0, or more than fits in memory;
    /// [`SharedError::System`] if the system does not have that much, or this process no descriptor.
    ///
    /// # Example
    ///
    /// ```
    /// let bins = executor::shared::Array::<u32>::zeroed(10)?;
    /// assert!(bins.lock()?.iter().all(|bin| *bin == 0));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn zeroed(len: usize) -> Result<Array<T>, SharedError> {
        object::create(object::not_empty(len)?, 0)
    }

    /// An array with these elements.
    ///
    /// # Errors
    ///
    /// As [`zeroed`](Array::zeroed).
    ///
    /// # Example
    ///
    /// ```
    /// let row = executor::shared::Array::from_slice(&[3, 1, 2])?;
    /// row.lock()?.sort(); // a guard is a slice
    /// assert_eq!(*row.lock()?, [1, 2, 3]);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn from_slice(elements: &[T]) -> Result<Array<T>, SharedError> {
        let this = Array::zeroed(elements.len())?;
        let source = elements.as_ptr();
        let target = this.mapping.data::<T>().as_ptr();
        // SAFETY: nobody else has the memory yet; it is as long as the slice, and aligned.
        unsafe { target.copy_from_nonoverlapping(source, elements.len()) };
        Ok(this)
    }

    /// How many elements there are.
    ///
    /// ```
    /// assert_eq!(executor::shared::Array::<u8>::zeroed(10)?.len(), 10);
    /// # Ok::<(), executor::Error>(())
    /// ```
    #[expect(clippy::len_without_is_empty, reason = "it never is")]
    pub fn len(&self) -> usize {
        self.mapping.len()
    }

    /// Waits for the lock.
    ///
    /// # Errors
    ///
    /// As [`Value::lock`](super::Value::lock).
    ///
    /// # Example
    ///
    /// ```
    /// let row = executor::shared::Array::from_slice(&[1, 2, 3])?;
    /// let mut guard = row.lock()?;
    /// guard.swap(0, 2);
    /// assert_eq!(guard[..], [3, 2, 1]);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn lock(&self) -> Result<ArrayGuard<'_, T>, LockError<ArrayGuard<'_, T>>> {
        self.take(Patience::Until(None))
    }

    /// Takes the lock if it is free.
    ///
    /// # Errors
    ///
    /// As [`Value::try_lock`](super::Value::try_lock).
    ///
    /// # Example
    ///
    /// ```
    /// let row = executor::shared::Array::from_slice(&[1, 2, 3])?;
    /// assert_eq!(row.try_lock()?.len(), 3);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn try_lock(&self) -> Result<ArrayGuard<'_, T>, LockError<ArrayGuard<'_, T>>> {
        self.take(Patience::None)
    }

    /// Waits for the lock, for so long at most.
    ///
    /// # Errors
    ///
    /// As [`Value::lock_timeout`](super::Value::lock_timeout).
    ///
    /// # Example
    ///
    /// ```
    /// let row = executor::shared::Array::from_slice(&[1, 2, 3])?;
    /// row.lock_timeout(std::time::Duration::from_secs(1))?[0] = 0;
    /// assert_eq!(*row.lock()?, [0, 2, 3]);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn lock_timeout(
        &self,
        timeout: Duration,
    ) -> Result<ArrayGuard<'_, T>, LockError<ArrayGuard<'_, T>>> {
        self.take(Patience::Until(Deadline::after(timeout)))
    }

    fn take(&self, patience: Patience) -> Result<ArrayGuard<'_, T>, LockError<ArrayGuard<'_, T>>> {
        guard::take(&self.mapping, patience, |hold| ArrayGuard {
            hold,
            elements: PhantomData,
        })
    }
}

/// The lock of an [`Array`], and its elements.
///
/// ```
/// let array = executor::shared::Array::from_slice(&[3, 1, 2])?;
/// let mut elements = array.lock()?;
/// elements.sort();
/// assert_eq!(*elements, [1, 2, 3]);
/// # Ok::<(), executor::Error>(())
/// ```
#[must_use = "dropped at once, it protects nothing"]
pub struct ArrayGuard<'a, T> {
    hold: Hold<'a>,
    elements: PhantomData<&'a mut [T]>,
}

impl<T> ArrayGuard<'_, T> {
    fn elements(&self) -> NonNull<[T]> {
        let mapping = self.hold.mapping();
        NonNull::slice_from_raw_parts(mapping.data::<T>(), mapping.len())
    }
}

impl<T> Sealed for ArrayGuard<'_, T> {
    fn hold(&self) -> &Hold<'_> {
        &self.hold
    }
}

impl<T> Deref for ArrayGuard<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: so many elements lie there, any bytes are some, and while this guard lives nobody else
        // reaches them.
        unsafe { self.elements().as_ref() }
    }
}

impl<T> DerefMut for ArrayGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as for `deref`, and this guard is borrowed for it.
        unsafe { self.elements().as_mut() }
    }
}

impl<T: fmt::Debug> fmt::Debug for ArrayGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

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
    pub fn zeroed(len: usize) -> Result<Array<T>, SharedError> {
        object::create(object::not_empty(len)?, 0)
    }

    /// An array with these elements.
    ///
    /// # Errors
    ///
    /// As [`zeroed`](Array::zeroed).
    pub fn from_slice(elements: &[T]) -> Result<Array<T>, SharedError> {
        let this = Array::zeroed(elements.len())?;
        let source = elements.as_ptr();
        let target = this.mapping.data::<T>().as_ptr();
        // SAFETY: nobody else has the memory yet; it is as long as the slice, and aligned.
        unsafe { target.copy_from_nonoverlapping(source, elements.len()) };
        Ok(this)
    }

    /// How many elements there are.
    #[expect(clippy::len_without_is_empty, reason = "it never is")]
    pub fn len(&self) -> usize {
        self.mapping.len()
    }

    /// Waits for the lock.
    ///
    /// # Errors
    ///
    /// As [`Value::lock`](super::Value::lock).
    pub fn lock(&self) -> Result<ArrayGuard<'_, T>, LockError<ArrayGuard<'_, T>>> {
        self.take(Patience::Until(None))
    }

    /// Takes the lock if it is free.
    ///
    /// # Errors
    ///
    /// As [`Value::try_lock`](super::Value::try_lock).
    pub fn try_lock(&self) -> Result<ArrayGuard<'_, T>, LockError<ArrayGuard<'_, T>>> {
        self.take(Patience::None)
    }

    /// Waits for the lock, for so long at most.
    ///
    /// # Errors
    ///
    /// As [`Value::lock_timeout`](super::Value::lock_timeout).
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

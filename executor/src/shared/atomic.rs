//! Numbers in shared memory that need no lock.

#![expect(unsafe_code, reason = "the numbers lie in memory that is shared")]

use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16, AtomicU32,
    AtomicU64, AtomicUsize,
};

use bytemuck::Pod;

use super::error::SharedError;
use super::mapping::Mapping;
use super::object::{self, object};

/// A number that the machine can change in one step: `u8` to `u64`, `i8` to `i64`, `usize`, `isize`.
///
/// ```
/// use executor::shared::{Atomic, Integer};
///
/// fn two<T: Integer>(value: T) -> Result<[Atomic<T>; 2], executor::SharedError> {
///     Ok([Atomic::new(value)?, Atomic::new(value)?])
/// }
/// # two(1_u8)?;
/// # Ok::<(), executor::Error>(())
/// ```
pub trait Integer: Pod + Send + Sync + sealed::Sealed {
    /// The standard library's atomic of this type.
    type Atomic: Send + Sync + 'static;
}

mod sealed {
    /// Nobody else says which numbers there are.
    pub trait Sealed {}
}

macro_rules! integers {
    ($($Integer:ty, $Atomic:ty;)*) => {$(
        const _: () = assert!(size_of::<$Integer>() == size_of::<$Atomic>());
        impl sealed::Sealed for $Integer {}
        impl Integer for $Integer {
            type Atomic = $Atomic;
        }
    )*};
}

integers! {
    u8, AtomicU8;
    u16, AtomicU16;
    u32, AtomicU32;
    u64, AtomicU64;
    usize, AtomicUsize;
    i8, AtomicI8;
    i16, AtomicI16;
    i32, AtomicI32;
    i64, AtomicI64;
    isize, AtomicIsize;
}

/// A number that processes share without a lock.
///
/// It is used as the standard library's atomic of its type, and costs the same: the memory is the same
/// for the processor, whoever maps it.
///
/// ```
/// use std::sync::atomic::Ordering;
///
/// # fn main() -> Result<(), executor::Error> {
/// let hits = executor::shared::Atomic::new(0_u64)?;
/// hits.fetch_add(1, Ordering::Relaxed);
/// assert_eq!(hits.load(Ordering::Relaxed), 1);
/// # Ok(())
/// # }
/// ```
///
/// # Memory ordering
///
/// That of the operation.
pub struct Atomic<T> {
    mapping: Arc<Mapping>,
    elements: PhantomData<T>,
}

object!(Atomic<T: Integer>, Atomic of T);

impl<T: Integer> Atomic<T> {
    /// A new number, in memory of its own: a page and a descriptor. Many fit in one [`AtomicArray`].
    ///
    /// # Errors
    ///
    /// [`SharedError::System`] if the system has no memory, or this process no descriptor left.
    ///
    /// # Example
    ///
    /// ```
    /// use std::sync::atomic::Ordering;
    ///
    /// let hits = executor::shared::Atomic::new(0_u64)?;
    /// hits.fetch_add(1, Ordering::Relaxed);
    /// assert_eq!(hits.load(Ordering::Relaxed), 1);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn new(value: T) -> Result<Atomic<T>, SharedError> {
        let this: Atomic<T> = object::create(1, 0)?;
        // SAFETY: nobody else has the memory yet, and it is large enough and aligned for a `T`.
        unsafe { this.mapping.data::<T>().write(value) };
        Ok(this)
    }
}

impl<T: Integer> Deref for Atomic<T> {
    type Target = T::Atomic;

    fn deref(&self) -> &T::Atomic {
        // SAFETY: an atomic is a number of its size, aligned to that; this one stays mapped while `self`
        // lives, and everybody reaches it as an atomic.
        unsafe { self.mapping.data::<T::Atomic>().as_ref() }
    }
}

/// A row of numbers that processes share without a lock.
///
/// It is used as a slice of the standard library's atomics. Neighbours share a cache line: numbers that
/// different processes write at the same time should lie apart.
///
/// ```
/// use std::sync::atomic::Ordering;
///
/// # fn main() -> Result<(), executor::Error> {
/// let hits = executor::shared::AtomicArray::<u32>::zeroed(100)?;
/// hits[7].fetch_add(1, Ordering::Relaxed);
/// assert_eq!(hits.iter().map(|it| it.load(Ordering::Relaxed)).sum::<u32>(), 1);
/// # Ok(())
/// # }
/// ```
///
/// # Memory ordering
///
/// That of the operation.
pub struct AtomicArray<T> {
    mapping: Arc<Mapping>,
    elements: PhantomData<T>,
}

object!(AtomicArray<T: Integer>, AtomicArray of T);

impl<T: Integer> AtomicArray<T> {
    /// So many zeros, in memory of their own.
    ///
    /// # Errors
    ///
    /// As [`Array::zeroed`](super::Array::zeroed).
    ///
    /// # Example
    ///
    /// ```
    /// assert_eq!(executor::shared::AtomicArray::<u64>::zeroed(100)?.len(), 100);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn zeroed(len: usize) -> Result<AtomicArray<T>, SharedError> {
        object::create(object::not_empty(len)?, 0)
    }

    /// These numbers, in memory of their own.
    ///
    /// # Errors
    ///
    /// As [`Array::zeroed`](super::Array::zeroed).
    ///
    /// # Example
    ///
    /// ```
    /// use std::sync::atomic::Ordering;
    ///
    /// let row = executor::shared::AtomicArray::from_slice(&[1_i32, 2, 3])?;
    /// assert_eq!(row[2].swap(0, Ordering::Relaxed), 3);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn from_slice(elements: &[T]) -> Result<AtomicArray<T>, SharedError> {
        let this = AtomicArray::zeroed(elements.len())?;
        let source = elements.as_ptr();
        let target = this.mapping.data::<T>().as_ptr();
        // SAFETY: nobody else has the memory yet; it is as long as the slice, and aligned.
        unsafe { target.copy_from_nonoverlapping(source, elements.len()) };
        Ok(this)
    }
}

impl<T: Integer> Deref for AtomicArray<T> {
    type Target = [T::Atomic];

    fn deref(&self) -> &[T::Atomic] {
        let first = self.mapping.data::<T::Atomic>();
        let all = NonNull::slice_from_raw_parts(first, self.mapping.len());
        // SAFETY: as for `Atomic`, for each of so many.
        unsafe { all.as_ref() }
    }
}

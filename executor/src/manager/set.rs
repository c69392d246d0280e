//! A set in a manager.

use std::collections::HashSet;
use std::hash::Hash;

use super::error::ManagerError;
use super::proxy::Proxy;
use crate::task::Payload;

/// A proxy of a set.
///
/// ```
/// # let manager = executor::Manager::start()?;
/// use std::collections::HashSet;
///
/// use executor::manager::SetProxy;
///
/// let seen: SetProxy<u32> = manager.set(HashSet::new())?;
/// assert!(seen.insert(7)?);
/// assert!(!seen.insert(7)?);
/// # Ok::<(), executor::Error>(())
/// ```
pub type SetProxy<T> = Proxy<HashSet<T>>;

/// A set.
impl<T: Payload + Eq + Hash> Proxy<HashSet<T>> {
    /// Adds an item; whether it was new.
    ///
    /// # Errors
    ///
    /// See [`Proxy`], here and for the others.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// use std::collections::HashSet;
    ///
    /// let seen = manager.set(HashSet::from([7]))?;
    /// assert!(seen.insert(8)? && !seen.insert(7)?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn insert(&self, item: T) -> Result<bool, ManagerError> {
        self.call(|set: &mut HashSet<T>, item: T| set.insert(item), (item,))
    }

    /// Whether the item is in it.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// use std::collections::HashSet;
    ///
    /// let seen = manager.set(HashSet::from([7]))?;
    /// assert!(seen.contains(7)?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn contains(&self, item: T) -> Result<bool, ManagerError> {
        self.call(|set: &mut HashSet<T>, item: T| set.contains(&item), (item,))
    }

    /// Takes an item out.
    ///
    /// # Errors
    ///
    /// [`ManagerError::MissingKey`] if it is not in it.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// use std::collections::HashSet;
    ///
    /// let seen = manager.set(HashSet::from([7]))?;
    /// seen.remove(7)?;
    /// assert!(seen.remove(7).is_err());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn remove(&self, item: T) -> Result<(), ManagerError> {
        self.call(|set: &mut HashSet<T>, item: T| set.remove(&item), (item,))?
            .then_some(())
            .ok_or(ManagerError::MissingKey)
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
    /// use std::collections::HashSet;
    ///
    /// let seen = manager.set(HashSet::from([7]))?;
    /// assert_eq!(seen.len()?, 1);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn len(&self) -> Result<usize, ManagerError> {
        self.call(|set: &mut HashSet<T>| set.len(), ())
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
    /// use std::collections::HashSet;
    ///
    /// let seen = manager.set(HashSet::from([7]))?;
    /// assert!(!seen.is_empty()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn is_empty(&self) -> Result<bool, ManagerError> {
        self.call(|set: &mut HashSet<T>| set.is_empty(), ())
    }

    /// Removes all items.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// use std::collections::HashSet;
    ///
    /// let seen = manager.set(HashSet::from([7]))?;
    /// seen.clear()?;
    /// assert!(seen.is_empty()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn clear(&self) -> Result<(), ManagerError> {
        self.call(|set: &mut HashSet<T>| set.clear(), ())
    }
}

//! A set in a manager.

use std::collections::HashSet;
use std::hash::Hash;

use super::error::ManagerError;
use super::proxy::Proxy;
use crate::task::Payload;

/// A proxy of a set.
pub type SetProxy<T> = Proxy<HashSet<T>>;

/// A set.
impl<T: Payload + Eq + Hash> Proxy<HashSet<T>> {
    /// Adds an item; whether it was new.
    ///
    /// # Errors
    ///
    /// See [`Proxy`], here and for the others.
    pub fn insert(&self, item: T) -> Result<bool, ManagerError> {
        self.call(|set: &mut HashSet<T>, item: T| set.insert(item), (item,))
    }

    /// Whether the item is in it.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    pub fn contains(&self, item: T) -> Result<bool, ManagerError> {
        self.call(|set: &mut HashSet<T>, item: T| set.contains(&item), (item,))
    }

    /// Takes an item out.
    ///
    /// # Errors
    ///
    /// [`ManagerError::MissingKey`] if it is not in it.
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
    pub fn len(&self) -> Result<usize, ManagerError> {
        self.call(|set: &mut HashSet<T>| set.len(), ())
    }

    /// Whether there are none.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    pub fn is_empty(&self) -> Result<bool, ManagerError> {
        self.call(|set: &mut HashSet<T>| set.is_empty(), ())
    }

    /// Removes all items.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    pub fn clear(&self) -> Result<(), ManagerError> {
        self.call(|set: &mut HashSet<T>| set.clear(), ())
    }
}

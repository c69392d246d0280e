//! Values and containers: plain types of the standard library, and what is usually done with them.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::error::ManagerError;
use super::proxy::Proxy;
use crate::task::Payload;

/// A proxy of a value; see [`Proxy::value`], [`Proxy::set_value`] and [`Proxy::call`].
pub type ValueProxy<T> = Proxy<T>;

/// A proxy of a list.
pub type ListProxy<T> = Proxy<Vec<T>>;

/// A proxy of a dictionary.
pub type DictProxy<K, V> = Proxy<HashMap<K, V>>;

/// A proxy of a set.
pub type SetProxy<T> = Proxy<HashSet<T>>;

/// A list. `value` copies all of it; to go through it item by item sees what others change meanwhile.
///
/// # Errors
///
/// Besides those of every [`Proxy`], [`ManagerError::IndexOutOfRange`] where there is an index.
impl<T: Payload> Proxy<Vec<T>> {
    /// Appends an item.
    ///
    /// # Errors
    ///
    /// See [`Proxy`], here and for the others.
    pub fn push(&self, item: T) -> Result<(), ManagerError> {
        self.call(|list: &mut Vec<T>, item: T| list.push(item), (item,))
    }

    /// Appends several items, in one step.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    pub fn extend(&self, items: Vec<T>) -> Result<(), ManagerError> {
        self.call(
            |list: &mut Vec<T>, items: Vec<T>| list.extend(items),
            (items,),
        )
    }

    /// Takes the last item.
    ///
    /// # Errors
    ///
    /// [`ManagerError::Empty`] if there is none.
    pub fn pop(&self) -> Result<T, ManagerError> {
        self.call(|list: &mut Vec<T>| list.pop(), ())?
            .ok_or(ManagerError::Empty)
    }

    /// A copy of the item at an index.
    ///
    /// # Errors
    ///
    /// [`ManagerError::IndexOutOfRange`] if there is none.
    pub fn get(&self, index: usize) -> Result<T, ManagerError>
    where
        T: Clone,
    {
        let get = |list: &mut Vec<T>, index: usize| list.get(index).cloned().ok_or(list.len());
        self.call(get, (index,))?
            .map_err(|length| ManagerError::IndexOutOfRange { index, length })
    }

    /// Puts an item in the place of the one at an index.
    ///
    /// # Errors
    ///
    /// [`ManagerError::IndexOutOfRange`] if there is none.
    pub fn set(&self, index: usize, item: T) -> Result<(), ManagerError> {
        let set = |list: &mut Vec<T>, index: usize, item: T| {
            let length = list.len();
            list.get_mut(index).map(|place| *place = item).ok_or(length)
        };
        self.call(set, (index, item))?
            .map_err(|length| ManagerError::IndexOutOfRange { index, length })
    }

    /// Puts an item before the one at an index, or at the end.
    ///
    /// # Errors
    ///
    /// [`ManagerError::IndexOutOfRange`] if the list is shorter.
    pub fn insert(&self, index: usize, item: T) -> Result<(), ManagerError> {
        let insert = |list: &mut Vec<T>, index: usize, item: T| {
            if index > list.len() {
                return Err(list.len());
            }
            list.insert(index, item);
            Ok(())
        };
        self.call(insert, (index, item))?
            .map_err(|length| ManagerError::IndexOutOfRange { index, length })
    }

    /// Takes the item at an index; those behind it move up.
    ///
    /// # Errors
    ///
    /// [`ManagerError::IndexOutOfRange`] if there is none.
    pub fn remove(&self, index: usize) -> Result<T, ManagerError> {
        let remove = |list: &mut Vec<T>, index: usize| {
            let length = list.len();
            (index < length).then(|| list.remove(index)).ok_or(length)
        };
        self.call(remove, (index,))?
            .map_err(|length| ManagerError::IndexOutOfRange { index, length })
    }

    /// How many items there are.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    pub fn len(&self) -> Result<usize, ManagerError> {
        self.call(|list: &mut Vec<T>| list.len(), ())
    }

    /// Whether there are none.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    pub fn is_empty(&self) -> Result<bool, ManagerError> {
        self.call(|list: &mut Vec<T>| list.is_empty(), ())
    }

    /// Removes all items.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    pub fn clear(&self) -> Result<(), ManagerError> {
        self.call(|list: &mut Vec<T>| list.clear(), ())
    }
}

/// A dictionary.
///
/// # Errors
///
/// Besides those of every [`Proxy`], [`ManagerError::MissingKey`] where there is a key.
impl<K: Payload + Eq + Hash, V: Payload> Proxy<HashMap<K, V>> {
    /// Puts a value under a key; what was there before, if anything.
    ///
    /// # Errors
    ///
    /// See [`Proxy`], here and for the others.
    pub fn insert(&self, key: K, value: V) -> Result<Option<V>, ManagerError> {
        let insert = |dict: &mut HashMap<K, V>, key: K, value: V| dict.insert(key, value);
        self.call(insert, (key, value))
    }

    /// A copy of the value under a key.
    ///
    /// # Errors
    ///
    /// [`ManagerError::MissingKey`] if there is none.
    pub fn get(&self, key: K) -> Result<V, ManagerError>
    where
        V: Clone,
    {
        let get = |dict: &mut HashMap<K, V>, key: K| dict.get(&key).cloned();
        self.call(get, (key,))?.ok_or(ManagerError::MissingKey)
    }

    /// Takes the value under a key.
    ///
    /// # Errors
    ///
    /// [`ManagerError::MissingKey`] if there is none.
    pub fn remove(&self, key: K) -> Result<V, ManagerError> {
        let remove = |dict: &mut HashMap<K, V>, key: K| dict.remove(&key);
        self.call(remove, (key,))?.ok_or(ManagerError::MissingKey)
    }

    /// Whether there is such a key.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    pub fn contains_key(&self, key: K) -> Result<bool, ManagerError> {
        self.call(
            |dict: &mut HashMap<K, V>, key: K| dict.contains_key(&key),
            (key,),
        )
    }

    /// Copies of all keys, in no order.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    pub fn keys(&self) -> Result<Vec<K>, ManagerError>
    where
        K: Clone,
    {
        self.call(
            |dict: &mut HashMap<K, V>| dict.keys().cloned().collect::<Vec<K>>(),
            (),
        )
    }

    /// How many entries there are.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    pub fn len(&self) -> Result<usize, ManagerError> {
        self.call(|dict: &mut HashMap<K, V>| dict.len(), ())
    }

    /// Whether there are none.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    pub fn is_empty(&self) -> Result<bool, ManagerError> {
        self.call(|dict: &mut HashMap<K, V>| dict.is_empty(), ())
    }

    /// Removes all entries.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    pub fn clear(&self) -> Result<(), ManagerError> {
        self.call(|dict: &mut HashMap<K, V>| dict.clear(), ())
    }
}

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

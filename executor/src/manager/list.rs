//! A list in a manager.

use super::error::ManagerError;
use super::proxy::Proxy;
use crate::task::Payload;

/// A proxy of a list.
pub type ListProxy<T> = Proxy<Vec<T>>;

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

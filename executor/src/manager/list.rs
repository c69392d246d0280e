//! A list in a manager.

use super::error::ManagerError;
use super::proxy::Proxy;
use crate::task::Payload;

/// A proxy of a list.
///
/// ```
/// # let manager = executor::Manager::start()?;
/// use executor::manager::ListProxy;
///
/// let list: ListProxy<u32> = manager.list(vec![1, 2])?;
/// list.push(3)?;
/// assert_eq!(list.value()?, [1, 2, 3]); // a copy of all of it
/// # Ok::<(), executor::Error>(())
/// ```
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
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let list = manager.list(vec![1, 2])?;
    /// list.push(3)?;
    /// assert_eq!(list.value()?, [1, 2, 3]);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn push(&self, item: T) -> Result<(), ManagerError> {
        self.call(|list: &mut Vec<T>, item: T| list.push(item), (item,))
    }

    /// Appends several items, in one step.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let list = manager.list(vec![1])?;
    /// list.extend(vec![2, 3])?;
    /// assert_eq!(list.value()?, [1, 2, 3]);
    /// # Ok::<(), executor::Error>(())
    /// ```
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
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let list = manager.list(vec![1, 2])?;
    /// assert_eq!(list.pop()?, 2);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn pop(&self) -> Result<T, ManagerError> {
        self.call(|list: &mut Vec<T>| list.pop(), ())?
            .ok_or(ManagerError::Empty)
    }

    /// A copy of the item at an index.
    ///
    /// # Errors
    ///
    /// [`ManagerError::IndexOutOfRange`] if there is none.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// use executor::ManagerError;
    ///
    /// let list = manager.list(vec![1, 2])?;
    /// assert_eq!(list.get(1)?, 2);
    /// let past_the_end = ManagerError::IndexOutOfRange { index: 2, length: 2 };
    /// assert_eq!(list.get(2), Err(past_the_end));
    /// # Ok::<(), executor::Error>(())
    /// ```
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
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let list = manager.list(vec![1, 2])?;
    /// list.set(0, 7)?;
    /// assert_eq!(list.value()?, [7, 2]);
    /// # Ok::<(), executor::Error>(())
    /// ```
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
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let list = manager.list(vec![1, 3])?;
    /// list.insert(1, 2)?;
    /// assert_eq!(list.value()?, [1, 2, 3]);
    /// # Ok::<(), executor::Error>(())
    /// ```
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
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let list = manager.list(vec![1, 2, 3])?;
    /// assert_eq!(list.remove(0)?, 1);
    /// assert_eq!(list.value()?, [2, 3]);
    /// # Ok::<(), executor::Error>(())
    /// ```
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
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert_eq!(manager.list(vec![1, 2])?.len()?, 2);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn len(&self) -> Result<usize, ManagerError> {
        self.call(|list: &mut Vec<T>| list.len(), ())
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
    /// assert!(manager.list(Vec::<u8>::new())?.is_empty()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn is_empty(&self) -> Result<bool, ManagerError> {
        self.call(|list: &mut Vec<T>| list.is_empty(), ())
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
    /// let list = manager.list(vec![1, 2])?;
    /// list.clear()?;
    /// assert!(list.is_empty()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn clear(&self) -> Result<(), ManagerError> {
        self.call(|list: &mut Vec<T>| list.clear(), ())
    }
}

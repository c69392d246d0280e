//! A dictionary in a manager.

use std::collections::HashMap;
use std::hash::Hash;

use super::error::ManagerError;
use super::proxy::Proxy;
use crate::task::Payload;

/// A proxy of a dictionary.
///
/// ```
/// # let manager = executor::Manager::start()?;
/// use std::collections::HashMap;
///
/// use executor::manager::DictProxy;
///
/// let stock: DictProxy<String, u32> = manager.dict(HashMap::new())?;
/// stock.insert("tea".to_owned(), 3)?;
/// assert_eq!(stock.get("tea".to_owned())?, 3);
/// # Ok::<(), executor::Error>(())
/// ```
pub type DictProxy<K, V> = Proxy<HashMap<K, V>>;

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
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// use std::collections::HashMap;
    ///
    /// let stock = manager.dict(HashMap::from([("tea".to_owned(), 3)]))?;
    /// assert_eq!(stock.insert("tea".to_owned(), 5)?, Some(3));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn insert(&self, key: K, value: V) -> Result<Option<V>, ManagerError> {
        let insert = |dict: &mut HashMap<K, V>, key: K, value: V| dict.insert(key, value);
        self.call(insert, (key, value))
    }

    /// A copy of the value under a key.
    ///
    /// # Errors
    ///
    /// [`ManagerError::MissingKey`] if there is none.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// use std::collections::HashMap;
    ///
    /// let stock = manager.dict(HashMap::from([("tea".to_owned(), 3)]))?;
    /// assert_eq!(stock.get("tea".to_owned())?, 3);
    /// assert!(stock.get("milk".to_owned()).is_err());
    /// # Ok::<(), executor::Error>(())
    /// ```
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
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// use std::collections::HashMap;
    ///
    /// let stock = manager.dict(HashMap::from([("tea".to_owned(), 3)]))?;
    /// assert_eq!(stock.remove("tea".to_owned())?, 3);
    /// assert!(stock.remove("tea".to_owned()).is_err());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn remove(&self, key: K) -> Result<V, ManagerError> {
        let remove = |dict: &mut HashMap<K, V>, key: K| dict.remove(&key);
        self.call(remove, (key,))?.ok_or(ManagerError::MissingKey)
    }

    /// Whether there is such a key.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// use std::collections::HashMap;
    ///
    /// let stock = manager.dict(HashMap::from([("tea".to_owned(), 3)]))?;
    /// assert!(stock.contains_key("tea".to_owned())?);
    /// # Ok::<(), executor::Error>(())
    /// ```
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
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// use std::collections::HashMap;
    ///
    /// let stock = manager.dict(HashMap::from([("tea".to_owned(), 3)]))?;
    /// assert_eq!(stock.keys()?, ["tea"]);
    /// # Ok::<(), executor::Error>(())
    /// ```
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
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// use std::collections::HashMap;
    ///
    /// let stock = manager.dict(HashMap::from([("tea".to_owned(), 3)]))?;
    /// assert_eq!(stock.len()?, 1);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn len(&self) -> Result<usize, ManagerError> {
        self.call(|dict: &mut HashMap<K, V>| dict.len(), ())
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
    /// use std::collections::HashMap;
    ///
    /// let stock = manager.dict(HashMap::from([("tea".to_owned(), 3)]))?;
    /// assert!(!stock.is_empty()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn is_empty(&self) -> Result<bool, ManagerError> {
        self.call(|dict: &mut HashMap<K, V>| dict.is_empty(), ())
    }

    /// Removes all entries.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// use std::collections::HashMap;
    ///
    /// let stock = manager.dict(HashMap::from([("tea".to_owned(), 3)]))?;
    /// stock.clear()?;
    /// assert!(stock.is_empty()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn clear(&self) -> Result<(), ManagerError> {
        self.call(|dict: &mut HashMap<K, V>| dict.clear(), ())
    }
}

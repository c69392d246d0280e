//! Named values of any types.

use std::any::{Any, type_name};
use std::collections::BTreeMap;

use super::error::ManagerError;
use super::proxy::Proxy;
use crate::task::Payload;

/// Values of any types under names, in a manager; made by
/// [`Manager::namespace`](super::Manager::namespace).
///
/// ```
/// let manager = executor::Manager::start()?;
/// let settings = manager.namespace()?;
/// settings.set("width", 80)?;
/// settings.set("name", "a terminal".to_owned())?;
/// assert_eq!(settings.get::<i32>("width")?, 80);
/// assert_eq!(settings.names()?, ["name", "width"]);
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Namespace(BTreeMap<String, Attribute>);

#[derive(Debug)]
struct Attribute {
    type_name: &'static str,
    value: Box<dyn Any + Send>,
}

/// A proxy of a namespace.
///
/// ```
/// # let manager = executor::Manager::start()?;
/// use executor::manager::NamespaceProxy;
///
/// let settings: NamespaceProxy = manager.namespace()?;
/// settings.set("depth", 3_u32)?;
/// settings.set("title", "flags".to_owned())?;
/// assert_eq!(settings.get::<u32>("depth")?, 3);
/// assert!(settings.get::<u32>("title").is_err()); // it is text
/// # Ok::<(), executor::Error>(())
/// ```
pub type NamespaceProxy = Proxy<Namespace>;

/// A namespace.
impl Proxy<Namespace> {
    /// Gives the name a value, in the place of what it had.
    ///
    /// # Errors
    ///
    /// See [`Proxy`], here and for the others.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let settings = manager.namespace()?;
    /// settings.set("depth", 3)?;
    /// settings.set("depth", 4)?;
    /// assert_eq!(settings.get::<i32>("depth")?, 4);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn set<T: Payload>(&self, name: &str, value: T) -> Result<(), ManagerError> {
        let set = |namespace: &mut Namespace, name: String, value: T| {
            let attribute = Attribute {
                type_name: type_name::<T>(),
                value: Box::new(value),
            };
            namespace.0.insert(name, attribute);
        };
        self.call(set, (name.to_owned(), value))
    }

    /// A copy of the value of a name.
    ///
    /// # Errors
    ///
    /// [`ManagerError::MissingKey`] if it has none, [`ManagerError::WrongType`] if that is no `T`.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let settings = manager.namespace()?;
    /// settings.set("depth", 3)?;
    /// assert_eq!(settings.get::<i32>("depth")?, 3);
    /// assert_eq!(settings.get::<i32>("width"), Err(executor::ManagerError::MissingKey));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn get<T: Payload + Clone>(&self, name: &str) -> Result<T, ManagerError> {
        let get = |namespace: &mut Namespace, name: String| {
            let attribute = namespace.0.get(&name).ok_or(ManagerError::MissingKey)?;
            let value = attribute.value.downcast_ref::<T>();
            value.cloned().ok_or_else(|| ManagerError::WrongType {
                expected: type_name::<T>().to_owned(),
                found: attribute.type_name.to_owned(),
            })
        };
        self.call(get, (name.to_owned(),))?
    }

    /// Takes a name and its value away.
    ///
    /// # Errors
    ///
    /// [`ManagerError::MissingKey`] if there is none.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let settings = manager.namespace()?;
    /// settings.set("depth", 3)?;
    /// settings.remove("depth")?;
    /// assert!(settings.names()?.is_empty());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn remove(&self, name: &str) -> Result<(), ManagerError> {
        let remove = |namespace: &mut Namespace, name: String| namespace.0.remove(&name).is_some();
        self.call(remove, (name.to_owned(),))?
            .then_some(())
            .ok_or(ManagerError::MissingKey)
    }

    /// All names, in alphabetical order.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let settings = manager.namespace()?;
    /// settings.set("depth", 3)?;
    /// assert_eq!(settings.names()?, ["depth"]);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn names(&self) -> Result<Vec<String>, ManagerError> {
        let names =
            |namespace: &mut Namespace| namespace.0.keys().cloned().collect::<Vec<String>>();
        self.call(names, ())
    }
}

//! A proxy: what a program has of an object in a manager.

use std::any::type_name;
use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::client::Endpoint;
use super::error::ManagerError;
use super::message::{Command, Lifeline};
use super::method::{Call, Method};
use super::operation::Operation;
use super::server::nesting;
use crate::task::{Payload, must_capture_nothing};

/// A reference to an object of type `T` that lives in the process of a [`Manager`](super::Manager).
///
/// Every call is a round trip to that process. The object lives as long as a proxy of it is somewhere:
/// in this process, in another, in a managed container, or on its way between them. (A container that
/// holds a proxy of itself keeps itself alive until the manager ends.)
///
/// A proxy is `Clone`, can be sent to threads, and serialised as part of a task's arguments or result,
/// or of a call to any manager; elsewhere serialising it is an error, because it is more than its
/// bytes. Two are equal if they are of the same object, whatever that holds.
///
/// Each proxied object costs a process that has it one descriptor, and the manager another: they are the
/// ends of a pipe.
///
/// # What is atomic
///
/// Each method, and each [`call`](Proxy::call), is one step, during which nobody else sees the object.
/// Two are not: between `counter.value()?` and `counter.set_value(…)?` others may have changed it.
/// What belongs together is one `call`, or happens under a lock. And what comes back is a copy: to
/// change it changes nothing in the manager.
///
/// A time limit is for the waiting. It does not cut short what has begun: a `call` that takes long holds up
/// everybody who asks the same object.
///
/// # Errors
///
/// All methods fail with [`ManagerError::Gone`] when the manager is: at once, also those who wait. A
/// call that panics poisons its object: [`ManagerError::Panicked`] for the caller,
/// [`ManagerError::Poisoned`] for those who come after. An argument or a result that can't be encoded, is larger than
/// the manager's `frame_limit`, or can't be decoded is [`ManagerError::Encode`] or [`ManagerError::Decode`], and so is a
/// function whose code is not in the main executable. Each thread has a connection of its own, so the first method
/// that it calls can fail as [`Manager::connect`](crate::Manager::connect) does. A call, made inside the manager, that
/// would wait for one that waits for it is [`ManagerError::Deadlock`].
///
/// # Example
///
/// ```
/// # let manager = executor::Manager::start()?;
/// use executor::{ProcessPoolExecutor, Proxy, fallible};
///
/// fn add(total: Proxy<u64>, number: u64) -> Result<(), executor::ManagerError> {
///     total.call(|total: &mut u64, number: u64| *total += number, (number,))
/// }
///
/// let total = manager.value(0)?;
/// let pool = ProcessPoolExecutor::new(2)?;
/// let tasks = [40, 2].map(|number| pool.submit(fallible(add), (total.clone(), number)));
/// for task in tasks {
///     task?.result()?;
/// }
/// assert_eq!(total.value()?, 42);
/// # Ok::<(), executor::Error>(())
/// ```
pub struct Proxy<T> {
    reference: Arc<Reference>,
    object: PhantomData<fn() -> T>,
}

/// A proxy of a value; see [`Proxy::value`], [`Proxy::set_value`] and [`Proxy::call`].
///
/// ```
/// # let manager = executor::Manager::start()?;
/// use executor::manager::ValueProxy;
///
/// let greeting: ValueProxy<String> = manager.value("hello".to_owned())?;
/// greeting.set_value("good evening".to_owned())?;
/// assert_eq!(greeting.value()?, "good evening");
/// # Ok::<(), executor::Error>(())
/// ```
pub type ValueProxy<T> = Proxy<T>;

/// What all proxies of an object in a process share.
struct Reference {
    endpoint: Arc<Endpoint>,
    object: u64,
    lifeline: Lifeline,
}

/// The references that this process has, so that what comes again is no second one.
static REFERENCES: Mutex<Option<References>> = Mutex::new(None);

/// By the manager's instance and the object's number.
type References = HashMap<(u64, u64), Weak<Reference>>;

impl Reference {
    /// The reference to an object of which this process has got a lifeline.
    fn of(endpoint: &Arc<Endpoint>, object: u64, lifeline: Lifeline) -> Arc<Reference> {
        Reference::known_or((endpoint.instance, object), || Reference {
            endpoint: Arc::clone(endpoint),
            object,
            lifeline,
        })
    }

    fn known_or(key: (u64, u64), new: impl FnOnce() -> Reference) -> Arc<Reference> {
        let mut references = REFERENCES.lock().unwrap_or_else(PoisonError::into_inner);
        let references = references.get_or_insert_default();
        if let Some(known) = references.get(&key).and_then(Weak::upgrade) {
            return known;
        }
        if references.len() == references.capacity() {
            references.retain(|_, reference| reference.strong_count() > 0);
        }
        let reference = Arc::new(new());
        references.insert(key, Arc::downgrade(&reference));
        reference
    }
}

impl<T: Send + 'static> Proxy<T> {
    pub(super) fn new(endpoint: &Arc<Endpoint>, object: u64, lifeline: Lifeline) -> Proxy<T> {
        Proxy {
            reference: Reference::of(endpoint, object, lifeline),
            object: PhantomData,
        }
    }

    /// Calls a function on the object, in the manager, and returns what it returns: one round trip, and
    /// one step. Its first parameter is `&mut T`, the others are the tuple of arguments.
    ///
    /// The function runs in the manager's process, where statics have the values of a fresh start, as
    /// in [a worker](crate::ProcessPoolExecutor#what-a-worker-lacks). It may ask other objects; to ask
    /// the same, or to close a circle of calls that wait for each other, is
    /// [`ManagerError::Deadlock`] there. (A circle is seen if its calls are one within the other, or all in
    /// this manager, and each goes on in the thread that it began in.) It should not wait for what other clients have to do: to acquire
    /// a lock, say, that its caller has. While it waits its object is locked, and what it asks it asks as
    /// a client of its own.
    ///
    /// # Errors
    ///
    /// [`ManagerError::Panicked`] if it panicked; then the object is poisoned. See [`Proxy`]. A function that
    /// can fail returns a `Result`, which is the call's value: its error is serialisable, such as a `String`.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::Manager;
    ///
    /// # fn main() -> Result<(), executor::Error> {
    /// let manager = Manager::start()?;
    /// let words = manager.list(vec!["to".to_owned(), "be".to_owned()])?;
    /// let length = words.call(
    ///     |words: &mut Vec<String>, word: String| {
    ///         words.push(word);
    ///         words.iter().map(String::len).sum::<usize>()
    ///     },
    ///     ("or".to_owned(),),
    /// )?;
    /// assert_eq!(length, 6);
    /// # Ok(())
    /// # }
    /// ```
    pub fn call<F, Args>(&self, function: F, args: Args) -> Result<F::Output, ManagerError>
    where
        F: Method<T, Args>,
        Args: Payload,
        F::Output: Payload,
    {
        must_capture_nothing!(F);
        // The type says it all; the manager makes a value of it anew.
        let _ = function;
        self.ask(Call::<F, T, Args>::new(args))
    }

    /// A copy of the object.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert_eq!(manager.value(42)?.value()?, 42);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn value(&self) -> Result<T, ManagerError>
    where
        T: Payload + Clone,
    {
        self.call(|object: &mut T| object.clone(), ())
    }

    /// Puts another value in the object's place.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let value = manager.value(1)?;
    /// value.set_value(2)?;
    /// assert_eq!(value.value()?, 2);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn set_value(&self, value: T) -> Result<(), ManagerError>
    where
        T: Payload,
    {
        self.call(|object: &mut T, value: T| *object = value, (value,))
    }

    /// Forgets that a call on the object panicked, so that it can be used again. It may be half
    /// changed.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let value = manager.value(1)?;
    /// assert!(value.call(|_: &mut i32| -> () { panic!("half way") }, ()).is_err());
    /// assert!(value.value().is_err()); // it may be half changed
    /// value.clear_poison()?;
    /// assert_eq!(value.value()?, 1);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn clear_poison(&self) -> Result<(), ManagerError> {
        let command = Command::ClearPoison(self.reference.object, nesting::locked());
        self.reference.endpoint.command(command).map(drop)
    }

    pub(super) fn ask<O: Operation<Object = T>>(
        &self,
        operation: O,
    ) -> Result<O::Output, ManagerError> {
        let Reference {
            endpoint, object, ..
        } = &*self.reference;
        endpoint.ask(*object, operation, None)
    }

    /// As [`ask`](Proxy::ask), but [`ManagerError::TimedOut`] if it is not done by then.
    pub(super) fn ask_within<O: Operation<Object = T>>(
        &self,
        operation: O,
        timeout: Duration,
    ) -> Result<O::Output, ManagerError> {
        let Reference {
            endpoint, object, ..
        } = &*self.reference;
        // A time that is past counting is no limit.
        let deadline = Instant::now().checked_add(timeout);
        endpoint.ask(*object, operation, deadline)
    }

    /// As [`ask`](Proxy::ask), without waiting for it to be done.
    pub(super) fn tell<O: Operation<Object = T>>(&self, operation: O) -> Result<(), ManagerError> {
        let Reference {
            endpoint, object, ..
        } = &*self.reference;
        endpoint.tell(*object, operation)
    }

    pub(super) fn object(&self) -> (u64, Lifeline) {
        (self.reference.object, self.reference.lifeline.clone())
    }

    pub(super) fn instance(&self) -> u64 {
        self.reference.endpoint.instance
    }
}

impl<T> Clone for Proxy<T> {
    fn clone(&self) -> Proxy<T> {
        Proxy {
            reference: Arc::clone(&self.reference),
            object: PhantomData,
        }
    }
}

impl<T> PartialEq for Proxy<T> {
    fn eq(&self, other: &Proxy<T>) -> bool {
        self.identity() == other.identity()
    }
}

impl<T> Eq for Proxy<T> {}

impl<T> Hash for Proxy<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl<T> Proxy<T> {
    fn identity(&self) -> (u64, u64) {
        (self.reference.endpoint.instance, self.reference.object)
    }
}

impl<T> fmt::Debug for Proxy<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reference {
            endpoint, object, ..
        } = &*self.reference;
        write!(
            f,
            "Proxy<{}>(object {object} at {})",
            type_name::<T>(),
            endpoint.address
        )
    }
}

impl<T> Serialize for Proxy<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Reference {
            endpoint,
            object,
            lifeline,
        } = &*self.reference;
        (&**endpoint, object, lifeline).serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Proxy<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Proxy<T>, D::Error> {
        let (endpoint, object, lifeline) = <(Endpoint, u64, Lifeline)>::deserialize(deserializer)?;
        let reference = Reference::known_or((endpoint.instance, object), || Reference {
            endpoint: Arc::new(endpoint),
            object,
            lifeline,
        });
        Ok(Proxy {
            reference,
            object: PhantomData,
        })
    }
}

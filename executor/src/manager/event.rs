//! An event that others wait for.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::ManagerError;
use super::operation::{Caller, Operation, Outcome};
use super::proxy::Proxy;

/// A flag that can be waited for, in a manager; made by [`Manager::event`](super::Manager::event).
///
/// ```
/// let manager = executor::Manager::start()?;
/// let ready = manager.event()?;
/// let waiting = std::thread::spawn({
///     let ready = ready.clone();
///     move || ready.wait()
/// });
/// ready.set()?;
/// waiting.join().expect("no panic")?;
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Event {
    is_set: bool,
}

/// A proxy of an event.
///
/// ```
/// # let manager = executor::Manager::start()?;
/// use executor::manager::EventProxy;
/// use executor::{ProcessPoolExecutor, fallible};
///
/// let start: EventProxy = manager.event()?;
/// let pool = ProcessPoolExecutor::new(1)?;
/// let waiting = pool.submit(fallible(|start: EventProxy| start.wait()), (start.clone(),))?;
/// start.set()?;
/// waiting.result()?;
/// # Ok::<(), executor::Error>(())
/// ```
pub type EventProxy = Proxy<Event>;

#[derive(Serialize, Deserialize)]
pub(super) struct Wait;

impl Operation for Wait {
    type Object = Event;
    type Output = ();

    fn attempt(&mut self, event: &mut Event, _: Caller) -> Option<Outcome<()>> {
        event.is_set.then_some(Ok(()))
    }
}

/// An event.
impl Proxy<Event> {
    /// Sets it; all who wait for it go on.
    ///
    /// # Errors
    ///
    /// See [`Proxy`], here and for the others.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let event = manager.event()?;
    /// event.set()?;
    /// assert!(event.is_set()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn set(&self) -> Result<(), ManagerError> {
        self.call(|event: &mut Event| event.is_set = true, ())
    }

    /// Makes it not set.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let event = manager.event()?;
    /// event.set()?;
    /// event.clear()?;
    /// assert!(!event.is_set()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn clear(&self) -> Result<(), ManagerError> {
        self.call(|event: &mut Event| event.is_set = false, ())
    }

    /// Whether it is set.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert!(!manager.event()?.is_set()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn is_set(&self) -> Result<bool, ManagerError> {
        self.call(|event: &mut Event| event.is_set, ())
    }

    /// Waits until it is set.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let event = manager.event()?;
    /// event.set()?;
    /// event.wait()?; // returns at once
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn wait(&self) -> Result<(), ManagerError> {
        self.ask(Wait)
    }

    /// Waits for so long at most until it is set; whether it was.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let event = manager.event()?;
    /// assert!(!event.wait_timeout(std::time::Duration::from_millis(1))?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn wait_timeout(&self, timeout: Duration) -> Result<bool, ManagerError> {
        match self.ask_within(Wait, timeout) {
            Ok(()) => Ok(true),
            Err(ManagerError::TimedOut) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

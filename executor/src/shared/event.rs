//! A flag in shared memory that is waited for.

use std::sync::Arc;
use std::time::Duration;

use super::error::SharedError;
use super::mapping::Mapping;
use super::object::{self, object};
use super::protocol::event;
use super::word::{Deadline, Word};

/// A flag that threads of several processes wait for.
///
/// ```
/// # fn main() -> Result<(), executor::Error> {
/// let start = executor::shared::Event::new()?;
/// start.set();
/// start.wait(); // returns at once
/// # Ok(())
/// # }
/// ```
///
/// Setting it wakes all who wait at that moment, even if it is cleared right after. Who is killed while it
/// waits leaves nothing behind.
///
/// # Memory ordering
///
/// What came before `set` happens before what comes after a `wait`, or an `is_set` that is true.
pub struct Event {
    mapping: Arc<Mapping>,
}

object!(Event, Event of ());

impl Event {
    /// A new flag, not set, in memory of its own: a page and a descriptor.
    ///
    /// # Errors
    ///
    /// [`SharedError::System`] if the system has no memory, or this process no descriptor left.
    ///
    /// # Example
    ///
    /// ```
    /// assert!(!executor::shared::Event::new()?.is_set());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn new() -> Result<Event, SharedError> {
        object::create(1, 0)
    }

    fn word(&self) -> &Word {
        &self.mapping.head().words[0]
    }

    /// Whether it is set.
    ///
    /// ```
    /// let stop = executor::shared::Event::new()?;
    /// stop.set();
    /// assert!(stop.is_set());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn is_set(&self) -> bool {
        event::is_set(self.word())
    }

    /// Sets it, and wakes all who wait.
    ///
    /// ```
    /// use executor::ProcessPoolExecutor;
    /// use executor::shared::Event;
    ///
    /// let start = Event::new()?;
    /// let pool = ProcessPoolExecutor::new(1)?;
    /// let waiting = pool.submit(|start: Event| start.wait(), (start.clone(),))?;
    /// start.set();
    /// waiting.result()?;
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn set(&self) {
        event::set(self.word());
    }

    /// Clears it: who waits from now on, waits for the next time that it is set.
    ///
    /// ```
    /// let pause = executor::shared::Event::new()?;
    /// pause.set();
    /// pause.clear();
    /// assert!(!pause.is_set());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn clear(&self) {
        event::clear(self.word());
    }

    /// Waits until it is set.
    ///
    /// ```
    /// let start = executor::shared::Event::new()?;
    /// start.set();
    /// start.wait();
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn wait(&self) {
        event::wait(self.word(), None);
    }

    /// Waits until it is set, for so long at most; false if it was not.
    ///
    /// ```
    /// let start = executor::shared::Event::new()?;
    /// assert!(!start.wait_timeout(std::time::Duration::from_millis(1)));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        event::wait(self.word(), Deadline::after(timeout))
    }
}

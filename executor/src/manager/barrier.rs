//! A barrier: all wait until all have come.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::ManagerError;
use super::operation::{Caller, Operation, Outcome, Withdrawal};
use super::proxy::Proxy;

/// A meeting point of a number of parties, in a manager; made by
/// [`Manager::barrier`](super::Manager::barrier).
///
/// ```
/// let manager = executor::Manager::start()?;
/// let barrier = manager.barrier(2)?;
/// let other = std::thread::spawn({
///     let barrier = barrier.clone();
///     move || barrier.wait()
/// });
/// let places = barrier.wait()? + other.join().expect("no panic")?;
/// assert_eq!(places, 1); // the one is 0, the other 1
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Debug)]
pub struct Barrier {
    parties: u32,
    /// How many have come.
    waiting: u32,
    /// How often all have come, or were sent away.
    generation: u64,
    /// Up to which generation those who waited were sent away.
    sent_away: Option<u64>,
    is_broken: bool,
}

/// A proxy of a barrier.
///
/// ```
/// # let manager = executor::Manager::start()?;
/// use executor::manager::BarrierProxy;
///
/// let start: BarrierProxy = manager.barrier(2)?;
/// let other = std::thread::spawn({
///     let start = start.clone();
///     move || start.wait()
/// });
/// let mut places = [start.wait()?, other.join().unwrap()?];
/// places.sort();
/// assert_eq!(places, [0, 1]);
/// # Ok::<(), executor::Error>(())
/// ```
pub type BarrierProxy = Proxy<Barrier>;

impl Barrier {
    pub(super) fn new(parties: u32) -> Barrier {
        Barrier {
            parties,
            waiting: 0,
            generation: 0,
            sent_away: None,
            is_broken: false,
        }
    }

    /// Whether nobody waits.
    #[cfg(any(test, fuzzing))]
    pub(super) fn is_at_rest(&self) -> bool {
        self.waiting == 0
    }

    fn reset(&mut self) {
        if self.waiting > 0 {
            self.sent_away = Some(self.generation);
            self.generation += 1;
            self.waiting = 0;
        }
        self.is_broken = false;
    }
}

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Wait {
    /// In which generation it came, and as which.
    #[serde(skip)]
    arrived: Option<(u64, u32)>,
}

impl Operation for Wait {
    type Object = Barrier;
    type Output = u32;

    fn attempt(&mut self, barrier: &mut Barrier, _: Caller) -> Option<Outcome<u32>> {
        if let Some((generation, index)) = self.arrived {
            if barrier.sent_away == Some(generation) {
                return Some(Err(ManagerError::BrokenBarrier));
            }
            if barrier.generation != generation {
                return Some(Ok(index));
            }
        }
        if barrier.is_broken {
            self.go(barrier);
            return Some(Err(ManagerError::BrokenBarrier));
        }
        if self.arrived.is_none() {
            let index = barrier.waiting;
            self.arrived = Some((barrier.generation, index));
            barrier.waiting += 1;
            if barrier.waiting == barrier.parties {
                barrier.waiting = 0;
                barrier.generation += 1;
                return Some(Ok(index));
            }
        }
        None
    }

    fn withdraw(&mut self, barrier: &mut Barrier, _: Withdrawal) -> bool {
        if self.go(barrier) {
            // Those who have come would wait for somebody who does not: in vain.
            barrier.is_broken = true;
        }
        true
    }
}

impl Wait {
    /// Waits no more; whether it has waited.
    fn go(&mut self, barrier: &mut Barrier) -> bool {
        let has_waited = self
            .arrived
            .take()
            .is_some_and(|(generation, _)| generation == barrier.generation);
        barrier.waiting -= u32::from(has_waited);
        has_waited
    }
}

/// A barrier. If somebody who waits gives up, or its process dies, it is broken: everybody's wait is
/// [`ManagerError::BrokenBarrier`], until it is [reset](Proxy::reset).
impl Proxy<Barrier> {
    /// Waits until all parties have come; how many were there before this one.
    ///
    /// # Errors
    ///
    /// [`ManagerError::BrokenBarrier`]. See [`Proxy`], here and for the others.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert_eq!(manager.barrier(1)?.wait()?, 0);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn wait(&self) -> Result<u32, ManagerError> {
        self.ask(Wait { arrived: None })
    }

    /// Waits for so long at most; if the time is over the barrier is broken, for all.
    ///
    /// # Errors
    ///
    /// [`ManagerError::BrokenBarrier`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let barrier = manager.barrier(2)?;
    /// let late = barrier.wait_timeout(std::time::Duration::from_millis(1));
    /// assert_eq!(late, Err(executor::ManagerError::BrokenBarrier));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn wait_timeout(&self, timeout: Duration) -> Result<u32, ManagerError> {
        self.ask_within(Wait { arrived: None }, timeout)
            .map_err(|error| match error {
                ManagerError::TimedOut => ManagerError::BrokenBarrier,
                other => other,
            })
    }

    /// Breaks it.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let barrier = manager.barrier(2)?;
    /// barrier.abort()?;
    /// assert!(barrier.broken()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn abort(&self) -> Result<(), ManagerError> {
        self.call(|barrier: &mut Barrier| barrier.is_broken = true, ())
    }

    /// Makes it as good as new; those who wait are told that it was broken.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let barrier = manager.barrier(1)?;
    /// barrier.abort()?;
    /// barrier.reset()?;
    /// assert_eq!(barrier.wait()?, 0);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn reset(&self) -> Result<(), ManagerError> {
        self.call(|barrier: &mut Barrier| barrier.reset(), ())
    }

    /// Whether it is broken.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert!(!manager.barrier(2)?.broken()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn broken(&self) -> Result<bool, ManagerError> {
        self.call(|barrier: &mut Barrier| barrier.is_broken, ())
    }

    /// How many wait.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert_eq!(manager.barrier(2)?.waiting()?, 0);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn waiting(&self) -> Result<u32, ManagerError> {
        self.call(|barrier: &mut Barrier| barrier.waiting, ())
    }
}

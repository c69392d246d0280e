//! A meeting point in shared memory.

#![expect(unsafe_code, reason = "its state is declared to be plain data")]

use std::sync::Arc;
use std::time::Duration;

use bytemuck::{Pod, Zeroable};

use super::condition;
use super::error::SharedError;
use super::guard::{Abandoned, LockError};
use super::hold::Patience;
use super::mapping::Mapping;
use super::object::{self, object};
use super::value::{self, ValueGuard};
use super::word::Deadline;

/// A point that so many parties, threads of several processes, wait at for each other, again and again.
///
/// ```
/// use executor::ProcessPoolExecutor;
/// use executor::shared::Barrier;
///
/// fn meet(barrier: Barrier) -> usize {
///     barrier.wait().expect("nobody gives up")
/// }
///
/// # fn main() -> Result<(), executor::Error> {
/// let pool = ProcessPoolExecutor::new(2)?;
/// let barrier = Barrier::new(2)?;
/// let first = pool.submit(meet, (barrier.clone(),))?;
/// let second = pool.submit(meet, (barrier,))?;
/// assert_eq!(first.result()? + second.result()?, 1); // 0 for one, 1 for the other
/// # Ok(())
/// # }
/// ```
///
/// Once a party has run out of time, or somebody [`abort`](Barrier::abort)s, the barrier is broken for all
/// who wait and all who come, until it is [`reset`](Barrier::reset). A party that is killed in the middle of
/// an arrival breaks it too, as soon as somebody looks: who comes next, or runs out of time. A party that is
/// killed while it waits has arrived, and one that is killed before that never will; so where parties may be
/// killed, wait with a timeout. A party that is stopped (`SIGSTOP`) in the middle of an arrival holds up all
/// others, those with a timeout too, until it goes on or is killed.
///
/// # Memory ordering
///
/// What any party did before a meeting happens before what any party does after it.
pub struct Barrier {
    mapping: Arc<Mapping>,
}

object!(Barrier, Barrier of State);

/// Where the parties stand. Any bytes make one.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct State {
    /// How many have arrived in this round.
    arrived: u64,
    /// Not 0 if the barrier is broken.
    broken: u64,
    /// How many rounds there were.
    round: u64,
    /// How the last 64 ended, the last one in the lowest bit: 1 is without a meeting. A party may be late to
    /// look, while others have met again.
    failures: u64,
}

// SAFETY: zeros are such numbers.
unsafe impl Zeroable for State {}
// SAFETY: it is numbers of one size, with nothing between them; any bytes are some.
unsafe impl Pod for State {}

impl State {
    fn end_round(&mut self, failed: bool) {
        self.failures = self.failures << 1 | u64::from(failed);
        self.round = self.round.wrapping_add(1);
        self.arrived = 0;
    }

    fn break_up(&mut self) {
        self.end_round(true);
        self.broken = 1;
    }

    /// How a round ended; `None` if it has not.
    fn outcome(&self, round: u64) -> Option<Result<(), SharedError>> {
        let later = self.round.wrapping_sub(round);
        let failed = match later {
            0 => return None,
            1..=64 => self.failures >> (later - 1) & 1 == 1,
            _ => true,
        };
        Some(if failed {
            Err(SharedError::BarrierBroken)
        } else {
            Ok(())
        })
    }
}

impl Barrier {
    /// A barrier for so many parties, in memory of its own: a page and a descriptor.
    ///
    /// # Errors
    ///
    /// [`SharedError::InvalidArgument`] if there are no parties; [`SharedError::System`] if the system has
    /// no memory, or this process no descriptor left.
    ///
    /// # Example
    ///
    /// ```
    /// assert_eq!(executor::shared::Barrier::new(3)?.parties(), 3);
    /// assert!(executor::shared::Barrier::new(0).is_err());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn new(parties: u32) -> Result<Barrier, SharedError> {
        if parties == 0 {
            return Err(SharedError::InvalidArgument {
                argument: "parties",
                problem: "a barrier needs at least 1".to_owned(),
            });
        }
        object::create(1, u64::from(parties))
    }

    /// How many parties meet.
    ///
    /// ```
    /// assert_eq!(executor::shared::Barrier::new(3)?.parties(), 3);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn parties(&self) -> u32 {
        self.mapping.parameter() as u32
    }

    /// Waits for the others; gives each party of a meeting another number, in the order of arrival from 0
    /// on.
    ///
    /// # Errors
    ///
    /// [`SharedError::BarrierBroken`] if the barrier is broken, or is meanwhile, or is reset.
    ///
    /// # Example
    ///
    /// ```
    /// let barrier = executor::shared::Barrier::new(2)?;
    /// let other = std::thread::spawn({
    ///     let barrier = barrier.clone();
    ///     move || barrier.wait()
    /// });
    /// let places = [barrier.wait()?, other.join().unwrap()?];
    /// assert!(places == [0, 1] || places == [1, 0]);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn wait(&self) -> Result<usize, SharedError> {
        self.wait_until(None)
    }

    /// As [`wait`](Barrier::wait), for so long at most; then the barrier is broken for all. The time it
    /// takes to have the barrier's own lock is not counted: without that it can't be broken.
    ///
    /// # Errors
    ///
    /// As [`wait`](Barrier::wait).
    ///
    /// # Example
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let barrier = executor::shared::Barrier::new(2)?;
    /// assert!(barrier.wait_timeout(Duration::from_millis(1)).is_err()); // nobody else comes
    /// assert!(barrier.is_broken());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn wait_timeout(&self, timeout: Duration) -> Result<usize, SharedError> {
        self.wait_until(Deadline::after(timeout))
    }

    fn wait_until(&self, deadline: Option<Deadline>) -> Result<usize, SharedError> {
        let mut state = self.enter()?;
        if state.broken != 0 {
            return Err(SharedError::BarrierBroken);
        }
        let (index, round) = (state.arrived, state.round);
        state.arrived = index.saturating_add(1);
        if state.arrived >= u64::from(self.parties()) {
            state.end_round(false);
            drop(state);
            self.wake_all();
            return Ok(index as usize);
        }
        loop {
            let is_in_time;
            (state, is_in_time) = self.sleep(state, deadline)?;
            if let Some(outcome) = state.outcome(round) {
                return outcome.map(|()| index as usize);
            }
            if !is_in_time {
                return Err(self.broken_up(state));
            }
        }
    }

    /// Breaks the barrier, for all who wait and all who come.
    ///
    /// ```
    /// let barrier = executor::shared::Barrier::new(2)?;
    /// barrier.abort();
    /// assert!(barrier.is_broken() && barrier.wait().is_err());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn abort(&self) {
        if let Ok(state) = self.enter() {
            self.broken_up(state);
        }
    }

    /// Makes the barrier as new. Who waits is told that it is broken.
    ///
    /// ```
    /// let barrier = executor::shared::Barrier::new(1)?;
    /// barrier.abort();
    /// barrier.reset();
    /// assert_eq!(barrier.wait()?, 0);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn reset(&self) {
        if let Ok(mut state) = self.enter() {
            if state.arrived > 0 {
                state.end_round(true);
            }
            state.broken = 0;
            drop(state);
            self.wake_all();
        }
    }

    /// Whether the barrier is broken.
    ///
    /// ```
    /// assert!(!executor::shared::Barrier::new(2)?.is_broken());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn is_broken(&self) -> bool {
        self.enter().map_or(true, |state| state.broken != 0)
    }

    /// How many parties wait now.
    ///
    /// ```
    /// assert_eq!(executor::shared::Barrier::new(2)?.waiting(), 0);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn waiting(&self) -> usize {
        self.enter().map_or(0, |state| state.arrived as usize)
    }

    /// Takes the lock; breaks the barrier if somebody died under it.
    fn enter(&self) -> Result<ValueGuard<'_, State>, SharedError> {
        self.see_to(value::take(&self.mapping, Patience::Until(None)))
    }

    fn sleep<'a>(
        &'a self,
        state: ValueGuard<'a, State>,
        deadline: Option<Deadline>,
    ) -> Result<(ValueGuard<'a, State>, bool), SharedError> {
        match condition::wait(&self.mapping.head().words, state, deadline) {
            Ok(woken) => Ok(woken),
            Err(error) => self.see_to(Err(error)).map(|state| (state, true)),
        }
    }

    fn see_to<'a>(
        &'a self,
        taken: Result<ValueGuard<'a, State>, LockError<ValueGuard<'a, State>>>,
    ) -> Result<ValueGuard<'a, State>, SharedError> {
        match taken {
            Ok(state) => Ok(state),
            Err(LockError::OwnerDied(found) | LockError::Poisoned(found)) => Ok(self.mended(found)),
            Err(_) => Err(SharedError::BarrierBroken),
        }
    }

    /// Whoever died may have left anything: no round is known to have ended well.
    fn mended<'a>(&'a self, found: Abandoned<ValueGuard<'a, State>>) -> ValueGuard<'a, State> {
        let mut state = found.recover();
        state.break_up();
        state.failures = u64::MAX;
        self.wake_all();
        state
    }

    fn broken_up(&self, mut state: ValueGuard<'_, State>) -> SharedError {
        state.break_up();
        drop(state);
        self.wake_all();
        SharedError::BarrierBroken
    }

    fn wake_all(&self) {
        condition::notify(&self.mapping.head().words, u32::MAX);
    }
}

#[cfg(test)]
mod tests {
    use std::mem::forget;
    use std::thread;

    use super::*;

    /// Has a thread die in the middle of an arrival.
    fn die_within(barrier: &Barrier) {
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut state = barrier.enter().unwrap();
                state.arrived += 1;
                forget(state);
            });
        });
    }

    #[test]
    fn a_party_that_dies_in_the_middle_of_its_arrival_breaks_the_barrier() {
        let barrier = Barrier::new(3).unwrap();
        thread::scope(|scope| {
            let waiter = scope.spawn(|| barrier.wait());
            while barrier.waiting() == 0 {
                thread::yield_now();
            }
            die_within(&barrier);
            assert!(barrier.wait().is_err());
            assert!(waiter.join().unwrap().is_err());
        });
        assert!(barrier.is_broken());
        barrier.reset();
        thread::scope(|scope| {
            let others = [0, 1].map(|_| scope.spawn(|| barrier.wait().is_ok()));
            assert!(barrier.wait().is_ok());
            assert!(others.into_iter().all(|it| it.join().unwrap()));
        });
    }

    #[test]
    fn a_party_is_told_how_its_own_round_ended_however_late_it_looks() {
        let mut state = State::zeroed();
        assert!(state.outcome(0).is_none());
        for round in 0..200_u64 {
            state.end_round(round % 3 == 0);
            for earlier in 0..=round {
                let known = round - earlier < 64;
                let met = known && earlier % 3 != 0;
                assert_eq!(state.outcome(earlier).unwrap().is_ok(), met);
            }
        }
    }
}

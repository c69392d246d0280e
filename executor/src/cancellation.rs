//! `CancellationToken`: asks tasks that run to end.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering, fence};

#[cfg(all(feature = "shared", target_os = "linux", target_env = "gnu"))]
mod travelling;

/// Asks tasks that run to end: a flag that they look at.
///
/// [`Future::cancel`](crate::Future::cancel) keeps a task from starting and can't stop one that runs;
/// nobody can, in a thread. A task that may take long takes a token, looks at it now and then, and ends
/// when it finds it cancelled, with whatever it has by then. Clones are the same token.
///
/// With the feature `shared`, a token can be an argument of a task in another process (or a part of
/// one, or of a result): it is the same token there. A flag in shared memory is made when it is first
/// sent; until then it is an ordinary one, and costs no descriptor. In whatever process it is
/// cancelled, all see it.
///
/// (Python has no such thing; a `threading.Event`, or one of a `multiprocessing.Manager`, is put to
/// this use.)
///
/// # Example
///
/// ```
/// use executor::{CancellationToken, Executor, ProcessPoolExecutor};
///
/// fn count_until_cancelled(token: CancellationToken) -> u64 {
///     let mut count = 0;
///     while !token.is_cancelled() {
///         count += 1; // a piece of work
///     }
///     count
/// }
///
/// # fn main() -> Result<(), executor::Error> {
/// let pool = ProcessPoolExecutor::new(1)?;
/// let token = CancellationToken::new();
/// let count = pool.submit(count_until_cancelled, (token.clone(),))?;
/// while !count.running() {}
/// token.cancel();
/// count.result()?;
/// # Ok(())
/// # }
/// ```
///
/// # Memory ordering
///
/// What came before `cancel` happens before what comes after an `is_cancelled` that is true.
#[derive(Clone)]
pub struct CancellationToken(Arc<Node>);

/// A flag, and the token whose cancellation is its own, too.
struct Node {
    flag: Flag,
    parent: Option<CancellationToken>,
}

/// The flag of one token.
#[derive(Default)]
struct Flag {
    here: AtomicBool,
    /// The same in shared memory, once it was sent.
    #[cfg(all(feature = "shared", target_os = "linux", target_env = "gnu"))]
    everywhere: travelling::Everywhere,
}

impl Flag {
    fn set(&self) {
        // Whoever sends the token for the first time makes the shared flag and then looks at this one;
        // we set this one and then look for the shared flag. ORDERING: Release, pairs with the loads in
        // `is_set`. A SeqCst fence on both sides: one of the two sees the other, so that no
        // cancellation is lost between them.
        self.here.store(true, Ordering::Release);
        fence(Ordering::SeqCst);
        #[cfg(all(feature = "shared", target_os = "linux", target_env = "gnu"))]
        self.everywhere.set();
    }

    fn is_set(&self) -> bool {
        // ORDERING: Acquire, pairs with the store in `set`.
        if self.here.load(Ordering::Acquire) {
            return true;
        }
        #[cfg(all(feature = "shared", target_os = "linux", target_env = "gnu"))]
        if self.everywhere.is_set() {
            return true;
        }
        false
    }
}

impl CancellationToken {
    /// A token that is not cancelled.
    ///
    /// ```
    /// assert!(!executor::CancellationToken::new().is_cancelled());
    /// ```
    pub fn new() -> CancellationToken {
        CancellationToken::with(Flag::default(), None)
    }

    fn with(flag: Flag, parent: Option<CancellationToken>) -> CancellationToken {
        CancellationToken(Arc::new(Node { flag, parent }))
    }

    /// A token that is cancelled when this one is, and can be cancelled alone.
    ///
    /// ```
    /// let everything = executor::CancellationToken::new();
    /// let (one, other) = (everything.child(), everything.child());
    /// one.cancel();
    /// assert!(one.is_cancelled() && !other.is_cancelled());
    /// everything.cancel();
    /// assert!(other.is_cancelled());
    /// ```
    #[must_use]
    pub fn child(&self) -> CancellationToken {
        CancellationToken::with(Flag::default(), Some(self.clone()))
    }

    /// Cancels it, its clones and its children, for good. It does not wait for the tasks that look at
    /// it.
    ///
    /// ```
    /// let token = executor::CancellationToken::new();
    /// let clone = token.clone();
    /// token.cancel();
    /// assert!(clone.is_cancelled());
    /// ```
    pub fn cancel(&self) {
        self.0.flag.set();
    }

    /// Whether it, or one that it is a child of, was cancelled. It costs a load or two for each of
    /// them.
    ///
    /// ```
    /// let token = executor::CancellationToken::new();
    /// let pool = executor::ThreadPoolExecutor::new(1)?;
    /// let task = |token: executor::CancellationToken| while !token.is_cancelled() {};
    /// let running = pool.submit(task, (token.clone(),))?;
    /// token.cancel();
    /// running.result()?;
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn is_cancelled(&self) -> bool {
        self.line().any(|token| token.0.flag.is_set())
    }

    /// This token, the one that it is a child of, and so on.
    fn line(&self) -> impl Iterator<Item = &CancellationToken> {
        std::iter::successors(Some(self), |token| token.0.parent.as_ref())
    }
}

impl Default for CancellationToken {
    fn default() -> CancellationToken {
        CancellationToken::new()
    }
}

impl Drop for Node {
    /// Drops a long line of parents one after the other, not one within the other.
    fn drop(&mut self) {
        let mut parent = self.parent.take();
        while let Some(token) = parent {
            parent = Arc::into_inner(token.0).and_then(|mut node| node.parent.take());
        }
    }
}

impl fmt::Debug for CancellationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<CancellationToken cancelled={}>", self.is_cancelled())
    }
}

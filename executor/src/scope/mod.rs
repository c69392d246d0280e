//! Scoped tasks: tasks that borrow from the stack of their caller.
//!
//! # Why this is sound
//!
//! The pools run what is `'static`; a scoped task is not. [`erase`](erased::erase) hides its lifetime
//! from them, and is the only unsafe step. What it must not come to is that something of a task is touched after
//! `'scope`, when what it borrows may be gone.
//!
//! 1. *What is hidden has a token.* `erase` puts the closure beside a token, in this order: the
//!    closure is dropped, or consumed by its call, before the token is, also when either panics.
//!    Nothing else leads to what the closure holds, but what has `'scope` in its type.
//! 2. *The scope waits for all tokens* (`ScopedTasks::wait`), after its body has returned or panicked
//!    and before the frame that the body could borrow from is left. That wait is no destructor of
//!    something that the body could forget: the body has `&Scope` only. It can't be unwound out of,
//!    because whatever would is an abort.
//! 3. *What has `'scope` in its type stays in the scope.* `'scope` is chosen by `scope` and not by the
//!    body (`for<'scope>`), is invariant, and ends when `scope` returns. So neither the body's result
//!    nor any variable outside of it can hold a [`ScopedFuture`] or a `&Scope`; tasks can hold them,
//!    and they have tokens.
//! 4. *New tokens come from old ones.* A task is submitted, and a callback added, by code that has
//!    `'scope` in its type: by the body, for which the scope does not wait yet, or by a task or a
//!    callback, which has a token of its own until it ends. So once no token is left none comes.
//!
//! Against that, what one may try:
//!
//! * *Forgetting the scope, a future, a task.* The scope can't be forgotten. A forgotten future is
//!   never touched again. What a pool does with its side of a task (runs it, cancels it, fails it, drops
//!   it in a shutdown) takes the closure out of its cell and drops it; none of these ways forgets it,
//!   and if one did the scope would wait for ever, and not return too early.
//! * *Cancelling*, from wherever: the closure is dropped by the canceller, and with it the token. The
//!   scope waits for the end of that drop, and not for the mark that says cancelled.
//! * *Panics* of a task unwind inside of the call, so the closure is gone before the token. Payloads are
//!   `'static`. A panic of the body is kept until the wait is over.
//! * *Values that borrow* are in a place that the closure and the [`ScopedFuture`] share. Whoever
//!   lets go last drops the value: the closure before its token, the future within `'scope`.
//! * *Nested scopes* are frames inside of frames; *tasks that submit* have rule 4; *futures in other
//!   threads* have rule 3, since such a thread's closure must outlive `'scope` or be joined in it.
//! * *What is left in the pool* after the scope is cells without closure, whose type has no lifetime: their
//!   result is `()`.

mod erased;
mod future;

use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::panic::{self, AssertUnwindSafe};

use self::erased::{Erased, erase};
pub use self::future::ScopedFuture;
use crate::base::admitted::admit;
use crate::base::any_future::Observed;
use crate::base::queued_task::{Callable, QueuedTask};
use crate::base::room::Place;
use crate::base::scoped::ScopedTasks;
use crate::base::{Refused, SubmitError, TaskError, ThreadPoolExecutor};
#[cfg(feature = "rayon")]
use crate::rayon_pool::RayonExecutor;
use crate::sync::{Arc, Mutex};
use crate::task::TaskOnce;
use crate::trace::TaskSpan;

/// A scope of tasks, which may borrow what lives longer than it; see
/// [`ThreadPoolExecutor::scope`].
///
/// `'scope` is the time of the scope itself: from the call of its body until all its tasks have ended.
/// `'env` is that of what it borrows, which is longer.
///
/// ```
/// use executor::{Error, Scope, ThreadPoolExecutor};
///
/// fn fill<'scope, 'env>(
///     scope: &'scope Scope<'scope, 'env>,
///     squares: &'env mut [u64],
/// ) -> Result<(), Error> {
///     for (n, square) in (0..).zip(squares) {
///         scope.submit(move || *square = n * n)?;
///     }
///     Ok(())
/// }
///
/// let pool = ThreadPoolExecutor::new(2)?;
/// let mut squares = [0; 4];
/// pool.scope(|scope| fill(scope, &mut squares))?;
/// assert_eq!(squares, [0, 1, 4, 9]);
/// # Ok::<(), executor::Error>(())
/// ```
pub struct Scope<'scope, 'env: 'scope> {
    pool: &'scope dyn Pool,
    tasks: Arc<ScopedTasks>,
    /// Invariant: a scope of one length can't pass for one of another.
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

/// A pool that runs scoped tasks.
trait Pool: Sync {
    /// What its tasks' words say.
    fn number(&self) -> u32;

    /// Takes a place in the queue, if tasks need one, and queues what is made with it. It is made, by no code of
    /// the user's, under the lock that says whether the pool is open: where it is not, none is.
    fn accept(&self, make: Make<'_>) -> Result<(), SubmitError>;
}

/// Makes a task, which keeps its place until it is claimed or cancelled. Called once at most.
type Make<'m> = &'m mut dyn FnMut(Option<Place>) -> QueuedTask;

macro_rules! pool {
    ($Pool:ty) => {
        impl Pool for $Pool {
            fn number(&self) -> u32 {
                Self::number(self)
            }

            fn accept(&self, make: Make<'_>) -> Result<(), SubmitError> {
                Self::accept(self, make)
            }
        }
    };
}

pool!(ThreadPoolExecutor);
#[cfg(feature = "rayon")]
pool!(RayonExecutor);

/// What a cell calls of a scoped task.
struct ScopedCall(Erased<(), Result<(), TaskError>>);

impl Callable for ScopedCall {
    type Output = ();

    fn call(self) -> Result<(), TaskError> {
        self.0.call(())
    }

    fn name() -> &'static str {
        // The closure's own can't be had: its type has a lifetime.
        "of a scope"
    }
}

/// Ends the process if it is dropped: by unwinding out of a wait that must not be left.
struct AbortOnUnwind;

impl Drop for AbortOnUnwind {
    fn drop(&mut self) {
        std::process::abort();
    }
}

fn run<'env, R>(
    pool: &dyn Pool,
    body: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R,
) -> R {
    let scope = Scope {
        pool,
        tasks: ScopedTasks::new(),
        scope: PhantomData,
        env: PhantomData,
    };
    // Passed on below, so that nobody sees what it may have broken.
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| body(&scope)));
    let never_leave = AbortOnUnwind;
    scope.tasks.wait();
    mem::forget(never_leave);
    outcome.unwrap_or_else(|panic| panic::resume_unwind(panic))
}

impl ThreadPoolExecutor {
    /// Runs `body`, whose tasks may borrow from this caller's stack; returns when they have all ended.
    ///
    /// The tasks are closures that are given to [`Scope::submit`], by the body or by other tasks of the
    /// scope; they run on the workers of this pool. When this returns, or passes on a panic of the
    /// body, each of them has run or was cancelled, what they held is dropped, and their callbacks have
    /// ended. A panic in a task is that future's error, and nobody else's: who drops the future does not
    /// learn of it. (In [`std::thread::scope`] the scope panics then.)
    ///
    /// While it waits for its tasks the calling thread runs those of them that no worker has begun, as
    /// it does when it asks for the [`result`](ScopedFuture::result) of one; so a scope may be opened by
    /// a task of the same pool, however many do so. Such a task shares that thread's stack, locks and
    /// thread-locals, and no initializer was run for it.
    ///
    /// As in [`std::thread::scope`], what tasks may borrow is what is there before the scope is, and
    /// not the body's own variables: those are gone when the body returns, and the tasks may go on.
    ///
    /// # Panics
    ///
    /// With the panic of the body, if it panics.
    ///
    /// # Example
    ///
    /// ```
    /// # fn main() -> Result<(), executor::Error> {
    /// let pool = executor::ThreadPoolExecutor::new(2)?;
    /// let words = vec!["one".to_string(), "two".to_string(), "three".to_string()];
    /// let mut lengths = vec![0; words.len()];
    /// let longest = pool.scope(|scope| {
    ///     for (word, length) in words.iter().zip(&mut lengths) {
    ///         scope.submit(move || *length = word.len())?;
    ///     }
    ///     let longest = scope.submit(|| words.iter().max_by_key(|word| word.len()))?;
    ///     Ok::<_, executor::Error>(longest.into_result()?)
    /// })?;
    /// assert_eq!(longest.map(String::as_str), Some("three"));
    /// assert_eq!(lengths, [3, 3, 5]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// What would not outlive the scope's tasks is refused. The body's own variables:
    ///
    /// ```compile_fail,E0373
    /// # let pool = executor::ThreadPoolExecutor::new(2).unwrap();
    /// pool.scope(|scope| {
    ///     let own = 1;
    ///     scope.submit(|| println!("{own}")).unwrap();
    /// });
    /// ```
    ///
    /// A future, or the scope itself, that leaves the scope:
    ///
    /// ```compile_fail
    /// # let pool = executor::ThreadPoolExecutor::new(2).unwrap();
    /// let future = pool.scope(|scope| scope.submit(|| 1).unwrap());
    /// ```
    ///
    /// ```compile_fail,E0521
    /// # let pool = executor::ThreadPoolExecutor::new(2).unwrap();
    /// let mut kept = None;
    /// pool.scope(|scope| kept = Some(scope.submit(|| 1).unwrap()));
    /// ```
    ///
    /// ```compile_fail,E0521
    /// # let pool = executor::ThreadPoolExecutor::new(2).unwrap();
    /// pool.scope(|scope| {
    ///     std::thread::spawn(move || scope.submit(|| 1).is_ok());
    /// });
    /// ```
    ///
    /// What a task has borrowed, before the scope has ended:
    ///
    /// ```compile_fail,E0502
    /// # let pool = executor::ThreadPoolExecutor::new(2).unwrap();
    /// let mut number = 1;
    /// pool.scope(|scope| {
    ///     scope.submit(|| number += 1).unwrap();
    ///     println!("{number}");
    /// });
    /// ```
    ///
    /// What may not leave its thread:
    ///
    /// ```compile_fail,E0277
    /// # let pool = executor::ThreadPoolExecutor::new(2).unwrap();
    /// let shared = std::rc::Rc::new(1);
    /// pool.scope(|scope| {
    ///     scope.submit(|| *shared + 1).unwrap();
    /// });
    /// ```
    pub fn scope<'env, F, R>(&self, body: F) -> R
    where
        F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R,
    {
        run(self, body)
    }
}

#[cfg(feature = "rayon")]
impl RayonExecutor {
    /// Runs `body`, whose tasks may borrow from this caller's stack; returns when they have all ended.
    ///
    /// As [`ThreadPoolExecutor::scope`].
    ///
    /// # Panics
    ///
    /// With the panic of the body, if it panics.
    ///
    /// # Example
    ///
    /// ```
    /// # fn main() -> Result<(), executor::Error> {
    /// let pool = executor::RayonExecutor::new(2)?;
    /// let numbers = [1, 2, 3];
    /// let sum = pool.scope(|scope| {
    ///     let sum = scope.submit(|| numbers.iter().sum::<i32>())?;
    ///     Ok::<_, executor::Error>(sum.into_result()?)
    /// })?;
    /// assert_eq!(sum, 6);
    /// # Ok(())
    /// # }
    /// ```
    pub fn scope<'env, F, R>(&self, body: F) -> R
    where
        F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R,
    {
        run(self, body)
    }
}

impl<'scope> Scope<'scope, '_> {
    /// Submits a closure that takes no arguments, since it can borrow what it needs.
    ///
    /// One that returns a `Result` can be made [`fallible`](crate::fallible).
    ///
    /// # Errors
    ///
    /// [`Refused`] if the pool was shut down or is broken, or this is a forked copy of the process that has its
    /// workers; or if its queue is full and room could never come. The task never runs, and is given back. While
    /// the queue is full otherwise, this waits.
    ///
    /// # Example
    ///
    /// A task submits another one:
    ///
    /// ```
    /// # fn main() -> Result<(), executor::Error> {
    /// let pool = executor::ThreadPoolExecutor::new(1)?;
    /// let seen = std::sync::Mutex::new(Vec::new());
    /// pool.scope(|scope| {
    ///     scope.submit(|| {
    ///         seen.lock().unwrap().push(1);
    ///         scope.submit(|| seen.lock().unwrap().push(2)).is_ok()
    ///     })?;
    ///     Ok::<_, executor::Error>(())
    /// })?;
    /// assert_eq!(seen.into_inner().unwrap(), [1, 2]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn submit<F>(
        &'scope self,
        task: F,
    ) -> Result<ScopedFuture<'scope, F::Output>, Refused<F, ()>>
    where
        F: TaskOnce<()> + Send + 'scope,
        F::Output: Send + 'scope,
    {
        let token = self.tasks.token();
        let value = Arc::new(Mutex::new(None));
        // Here, since a lock is held where the task is made, and this calls the user's code.
        let span = TaskSpan::new::<F>();
        let (mut given, mut made) = (Some((task, token, span)), None);
        let accepted = self.pool.accept(&mut |place| {
            let (task, token, span) = given.take().expect("one task is made");
            let result = Arc::clone(&value);
            let call = Box::new(move |()| {
                let value = span.within(|| task.run(()))?;
                *result.lock() = Some(value);
                Ok(())
            });
            let call = ScopedCall(erase(call, token));
            let (queued, end) = admit(self.pool.number(), place, call);
            made = Some((queued.also(), end));
            queued
        });
        match (accepted, made, given) {
            (Ok(()), Some((task, end)), None) => {
                self.tasks.list(task, &end.watched());
                Ok(ScopedFuture::new(end, Arc::clone(&self.tasks), value))
            }
            (Err(error), None, Some((task, _token, _span))) => Err(Refused::new(error, task, ())),
            _ => unreachable!("a task is made when it is accepted"),
        }
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

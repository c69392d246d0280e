//! What can be submitted: a function and the tuple of its arguments.

use std::any::Any;
use std::error::Error as StdError;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base::queued_task::Callable;
use crate::base::{Failure, Refused, TaskError};
use crate::trace::TaskSpan;

/// What can be called once with a tuple of arguments: any closure or function of up to eight
/// parameters, and [`fallible`] ones.
///
/// `submit(task, args)` spreads the tuple: `submit(f, (1, "two"))` calls `f(1, "two")`.
///
/// # Example
///
/// ```
/// use executor::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::new(1)?;
/// assert_eq!(*pool.submit(str::len, ("four",))?.result()?, 4);
/// let sum = pool.submit(|a: u8, b: u8, c: u8| a + b + c, (1, 2, 3))?;
/// assert_eq!(*sum.result()?, 6);
/// # Ok::<(), executor::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be called with the arguments `{Args}`",
    note = "the arguments are a tuple: `()` for none, `(x,)` for one, `(x, y)` for two, up to eight",
    note = "a task owns what it uses: a closure that borrows needs `move`, and values or an `Arc`",
    note = "the error of a `fallible` task is one that `?` makes a `Box<dyn Error + Send + Sync>` of; a `Box<dyn Error>` is none"
)]
pub trait TaskOnce<Args> {
    /// What the task leaves in its future.
    type Output;

    /// Calls it.
    ///
    /// # Errors
    ///
    /// The error of a [`fallible`] task.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{TaskOnce, fallible};
    ///
    /// assert_eq!(TaskOnce::run(str::len, ("four",))?, 4);
    /// let parse = fallible(|text: &str| text.parse::<i32>());
    /// assert!(TaskOnce::run(parse, ("six",)).is_err());
    /// # Ok::<(), executor::Error>(())
    /// ```
    fn run(self, args: Args) -> Result<Self::Output, TaskError>;

    /// Makes all of the calls and adds what they leave to the values, up to the first that fails, whose error it
    /// returns, or that panics; it draws no call behind that one.
    // Here, because the loop of who can't fail is shorter: small items of a map take 0.88 of the time.
    #[doc(hidden)]
    fn run_each(
        calls: impl Iterator<Item = (Self, Args)>,
        values: &mut Vec<Self::Output>,
    ) -> Result<(), TaskError>
    where
        Self: Sized,
    {
        for (task, args) in calls {
            values.push(task.run(args)?);
        }
        Ok(())
    }

    /// Calls `visit` with each of the arguments, for what can be done with some types of them.
    #[doc(hidden)]
    fn each_argument(args: &mut Args, visit: &mut dyn FnMut(&mut dyn Any))
    where
        Args: 'static,
    {
        let _ = (args, visit);
    }

    /// What an error calls it.
    #[doc(hidden)]
    fn name() -> &'static str {
        std::any::type_name::<Self>()
    }
}

/// A task with its arguments.
pub(crate) struct Submission<F, Args> {
    task: F,
    args: Args,
    span: TaskSpan,
}

impl<F, Args> Callable for Submission<F, Args>
where
    F: TaskOnce<Args> + Send + 'static,
    Args: Send + 'static,
    F::Output: Send + 'static,
{
    type Output = F::Output;

    fn call(self) -> Result<F::Output, TaskError> {
        let Submission { task, args, span } = self;
        span.within(|| task.run(args))
    }

    fn name() -> &'static str {
        F::name()
    }
}

impl<F, Args> Submission<F, Args> {
    pub(crate) fn new(task: F, args: Args) -> Submission<F, Args> {
        let span = TaskSpan::new::<F>();
        Submission { task, args, span }
    }

    /// What the caller of `submit` is given back.
    pub(crate) fn refused(refused: Refused<Self, ()>) -> Refused<F, Args> {
        let (error, this, ()) = refused.into_parts();
        Refused::new(error, this.task, this.args)
    }
}

/// What every executor accepts, also one whose workers are other processes: a function item, or a
/// closure that captures nothing.
///
/// Such a task is known by its type alone, and its type is what can be named to another process,
/// where a value of it is made anew. (So a closure that captures nothing but values without size is
/// one too; but if such a value is a token that vouches for something that its process has done, a
/// worker process has not done it.)
/// A closure that captures, or a function pointer, can be submitted to a
/// [`ThreadPoolExecutor`](crate::ThreadPoolExecutor) or a [`RayonExecutor`](crate::RayonExecutor)
/// by their own `submit`, `map` and `starmap`. The trait's `submit` refuses them on every executor, when the program is
/// built (`cargo check` does not see it), so that what runs on threads runs on processes:
///
/// ```compile_fail
/// use executor::{Executor, ThreadPoolExecutor};
///
/// let pool = ThreadPoolExecutor::new(2).unwrap();
/// let factor = 3;
/// Executor::submit(&pool, move |n: u64| n * factor, (14,)).unwrap();
/// ```
///
/// The same without a capture is built:
///
/// ```
/// use executor::{Executor, ThreadPoolExecutor};
///
/// let pool = ThreadPoolExecutor::new(2).unwrap();
/// Executor::submit(&pool, |n: u64, factor: u64| n * factor, (14, 3)).unwrap();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no task for every executor with the arguments `{Args}`",
    note = "every executor accepts a function, or a closure that captures nothing and so is `Copy + Send + 'static`",
    note = "pass what it captures as arguments, or use the `submit`, `map` or `starmap` of `ThreadPoolExecutor` or `RayonExecutor` itself",
    note = "the arguments are a tuple: `()` for none, `(x,)` for one, `(x, y)` for two, up to eight"
)]
pub trait Task<Args>: TaskOnce<Args> + Copy + Send + 'static {}

// The notes above say more than what is missing of the bounds here.
#[diagnostic::do_not_recommend]
impl<F, Args> Task<Args> for F where F: TaskOnce<Args> + Copy + Send + 'static {}

/// Refuses to be built for a task that can't be named to another process. A macro, so that the
/// compiler names the place that submits it.
macro_rules! must_capture_nothing {
    ($Task:ident) => {
        const {
            assert!(
                size_of::<$Task>() == 0,
                "a task for every executor captures nothing and is no function pointer: pass what \
                 it needs as arguments, or use the `submit`, `map` or `starmap` of \
                 ThreadPoolExecutor or RayonExecutor itself"
            );
        }
    };
}

pub(crate) use must_capture_nothing;

/// What can be the argument or the result of a task on every executor: owned, and serialisable.
///
/// Owned: `String` and not `&str`, `Vec<u8>` and not `&[u8]` (the compiler says of those that an
/// implementation of `Deserialize` "is not general enough").
///
/// Between processes values travel in [postcard]'s form, which does not describe itself. A type
/// whose serde attributes leave fields out or look ahead (`skip_serializing_if`, `flatten`,
/// `untagged`, `default` for what is missing) does not come back as it was, or not at all.
///
/// [postcard]: https://docs.rs/postcard
///
/// # Example
///
/// ```
/// use executor::{Executor, ThreadPoolExecutor};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Point { x: f64, y: f64 }
///
/// let pool = ThreadPoolExecutor::new(1)?; // a ProcessPoolExecutor::new(1)? takes it as well
/// let length = Executor::submit(&pool, |point: Point| point.x.hypot(point.y), (Point { x: 3.0, y: 4.0 },))?;
/// assert_eq!(*length.result()?, 5.0);
/// # Ok::<(), executor::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be sent to every executor",
    note = "arguments and results, and all that they are made of, are owned (`Send + 'static`) and implement serde's `Serialize` and `Deserialize`; types of your own can derive them",
    note = "a task that returns `Result` with an error that does not implement them is submitted as `fallible(task)`",
    note = "on threads and rayon alone this is not asked for: use their own `submit`, `map` and `starmap`"
)]
pub trait Payload: Serialize + DeserializeOwned + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T> Payload for T where T: Serialize + DeserializeOwned + Send + 'static {}

/// A task whose `Err` is the failure of its future.
///
/// Made by [`fallible`].
///
/// ```
/// use executor::{Fallible, fallible};
///
/// fn parse(text: String) -> Result<i32, std::num::ParseIntError> { text.parse() }
///
/// let task: Fallible<fn(String) -> Result<i32, std::num::ParseIntError>> = fallible(parse);
/// let pool = executor::ThreadPoolExecutor::new(1)?;
/// assert_eq!(*pool.submit(task, ("6".to_owned(),))?.result()?, 6);
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Fallible<F>(F);

/// Makes a task that returns a `Result` fail its future with the error, as a Python task that
/// raises.
///
/// Without it, the future's value is the `Result` itself. The error arrives as
/// [`TaskError::Failed`], as text; see [`Failure`]. It may be any error, a `String`, or what else
/// `?` would make a `Box<dyn Error + Send + Sync>` of. A [`TaskError`] that the task passes on, as it is or
/// in an [`Error`](crate::Error), is the future's own: so a task that waits for another one with `?` fails
/// as that has failed.
///
/// # Example
///
/// ```
/// use executor::{TaskError, ThreadPoolExecutor, fallible};
///
/// # fn main() -> Result<(), executor::Error> {
/// let pool = ThreadPoolExecutor::new(1)?;
/// let future = pool.submit(fallible(|text: String| text.parse::<i32>()), ("six".to_string(),))?;
/// let Err(TaskError::Failed(failure)) = future.result() else { panic!("it parsed") };
/// assert_eq!(failure.message, "invalid digit found in string");
/// # Ok(())
/// # }
/// ```
pub fn fallible<F>(task: F) -> Fallible<F> {
    Fallible(task)
}

impl<F, Args, T, E> TaskOnce<Args> for Fallible<F>
where
    F: TaskOnce<Args, Output = Result<T, E>>,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    type Output = T;

    fn each_argument(args: &mut Args, visit: &mut dyn FnMut(&mut dyn Any))
    where
        Args: 'static,
    {
        F::each_argument(args, visit);
    }

    fn name() -> &'static str {
        F::name()
    }

    fn run(self, args: Args) -> Result<T, TaskError> {
        self.0
            .run(args)?
            .map_err(|error| failure::<E>(error.into()))
    }
}

/// What an error of type `E` leaves in the future.
fn failure<E>(error: Box<dyn StdError + Send + Sync>) -> TaskError {
    let error = match error.downcast::<TaskError>() {
        Ok(task_error) => return *task_error,
        Err(error) => error,
    };
    let error = match error.downcast::<crate::Error>() {
        Ok(error) => match *error {
            crate::Error::Task(task_error) => return task_error,
            other => other.into(),
        },
        Err(error) => error,
    };
    TaskError::Failed(Arc::new(Failure {
        type_name: std::any::type_name::<E>().to_owned(),
        message: with_sources(&*error),
    }))
}

fn with_sources(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

macro_rules! spread {
    ($($arg:ident $Arg:ident),*) => {
        impl<F, R, $($Arg),*> TaskOnce<($($Arg,)*)> for F
        where
            F: FnOnce($($Arg),*) -> R,
        {
            type Output = R;

            fn run(self, ($($arg,)*): ($($Arg,)*)) -> Result<R, TaskError> {
                Ok(self($($arg),*))
            }

            fn run_each(
                calls: impl Iterator<Item = (F, ($($Arg,)*))>,
                values: &mut Vec<R>,
            ) -> Result<(), TaskError> {
                values.extend(calls.map(|(task, ($($arg,)*))| task($($arg),*)));
                Ok(())
            }

            fn each_argument(
                ($($arg,)*): &mut ($($Arg,)*),
                _visit: &mut dyn FnMut(&mut dyn Any),
            )
            where
                ($($Arg,)*): 'static,
            {
                $(_visit($arg);)*
            }
        }
    };
}

spread!();
spread!(a A);
spread!(a A, b B);
spread!(a A, b B, c C);
spread!(a A, b B, c C, d D);
spread!(a A, b B, c C, d D, e E);
spread!(a A, b B, c C, d D, e E, f G);
spread!(a A, b B, c C, d D, e E, f G, g H);
spread!(a A, b B, c C, d D, e E, f G, g H, h I);

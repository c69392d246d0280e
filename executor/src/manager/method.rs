//! What can be called on an object: a function of a reference to it and of arguments.

use std::any::Any;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::ManagerError;
use super::operation::{Caller, Operation, Outcome};
use crate::process::invocation::conjure;
use crate::task::Payload;

/// What [`Proxy::call`](super::Proxy::call) can call on an object of type `T`: a function, or a closure
/// that captures nothing, whose first parameter is `&mut T` and whose others, up to seven, are the
/// tuple of arguments.
///
/// A closure has to say the type of its first parameter: `|list: &mut Vec<u8>| list.len()`.
///
/// # Example
///
/// ```
/// fn rename(names: &mut Vec<String>, index: usize, name: String) -> Option<String> {
///     names.get_mut(index).map(|old| std::mem::replace(old, name))
/// }
///
/// # let manager = executor::Manager::start()?;
/// let names = manager.list(vec!["Ann".to_owned()])?;
/// assert_eq!(names.call(rename, (0, "Anne".to_owned()))?, Some("Ann".to_owned()));
/// assert_eq!(names.call(|names: &mut Vec<String>| names.len(), ())?, 1);
/// # Ok::<(), executor::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be called on an object of type `{T}` with the arguments `{Args}`",
    note = "it is a function, or a closure that captures nothing, and its first parameter is `&mut {T}`; a closure has to say that type",
    note = "the arguments are a tuple: `()` for none, `(x,)` for one, `(x, y)` for two, up to seven"
)]
pub trait Method<T, Args>: Copy + Send + 'static {
    /// What the call leaves.
    type Output;

    /// Calls it.
    ///
    /// ```
    /// use executor::manager::Method;
    ///
    /// let push = |numbers: &mut Vec<u32>, n: u32| numbers.push(n);
    /// let mut numbers = vec![1];
    /// Method::run(push, &mut numbers, (2,)); // what the manager does for a `call`
    /// assert_eq!(numbers, [1, 2]);
    /// ```
    fn run(self, object: &mut T, args: Args) -> Self::Output;

    /// Calls `visit` with each of the arguments, for what can be done with some types of them.
    #[doc(hidden)]
    fn each_argument(args: &mut Args, visit: &mut dyn FnMut(&mut dyn Any))
    where
        Args: 'static;
}

macro_rules! spread {
    ($($arg:ident $Arg:ident),*) => {
        impl<F, T, R, $($Arg),*> Method<T, ($($Arg,)*)> for F
        where
            F: Fn(&mut T, $($Arg),*) -> R + Copy + Send + 'static,
        {
            type Output = R;

            fn run(self, object: &mut T, ($($arg,)*): ($($Arg,)*)) -> R {
                self(object, $($arg),*)
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

/// The operation that calls a method.
#[derive(Serialize, Deserialize)]
#[serde(bound = "Args: Serialize + DeserializeOwned")]
pub(crate) struct Call<F, T, Args> {
    /// Gone when it has been called.
    args: Option<Args>,
    #[serde(skip)]
    method: PhantomData<fn(F, T)>,
}

impl<F, T, Args> Call<F, T, Args> {
    pub(super) fn new(args: Args) -> Call<F, T, Args> {
        Call {
            args: Some(args),
            method: PhantomData,
        }
    }
}

impl<F, T, Args> Operation for Call<F, T, Args>
where
    F: Method<T, Args>,
    T: Send + 'static,
    Args: Payload,
    F::Output: Payload,
{
    type Object = T;
    type Output = F::Output;

    fn attempt(&mut self, object: &mut T, _: Caller) -> Option<Outcome<F::Output>> {
        Some(match self.args.take() {
            Some(args) => Ok(conjure::<F>().run(object, args)),
            None => Err(ManagerError::Decode("the arguments are missing".to_owned())),
        })
    }

    fn each_part(&mut self, visit: &mut dyn FnMut(&mut dyn Any)) {
        if let Some(args) = &mut self.args {
            F::each_argument(args, visit);
        }
    }
}

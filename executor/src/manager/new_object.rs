//! Making an object in the manager's process: a constructor that travels, and what it makes.

use std::any::{Any, TypeId, type_name};
use std::marker::PhantomData;

use super::error::ManagerError;
use super::operation::{Outcome, nameless, unreadable};
use crate::base::TaskError;
use crate::panics;
use crate::process::codec;
use crate::process::content::Content;
use crate::process::descriptor::{Descriptor, Entry, NAME, Name};
use crate::process::invocation::conjure;
use crate::task::{Payload, Task};

/// An object that nobody has yet.
pub(super) struct NewObject {
    pub(super) type_name: &'static str,
    pub(super) value: Box<dyn Any + Send>,
}

/// Makes an object of the arguments in the payload of a frame.
#[derive(Clone, Copy)]
pub(super) struct Create(fn(&Content) -> Outcome<NewObject>);

impl Entry for Create {
    const MAGIC: u64 = u64::from_le_bytes(*b"exec new");
}

impl Create {
    /// Runs user code: the decoding of the arguments, and the constructor.
    pub(super) fn make(self, content: &Content) -> Outcome<NewObject> {
        (self.0)(content)
    }
}

struct Of<F, Args>(PhantomData<(F, Args)>);

impl<F, Args> Of<F, Args>
where
    F: Task<Args>,
    F::Output: Send + 'static,
    Args: Payload,
{
    const DESCRIPTOR: &'static Descriptor<Create> =
        &Descriptor::new(TypeId::of::<(F, Args)>(), Create(create::<F, Args>));
}

/// The name of a constructor.
///
/// # Errors
///
/// It is not part of the main executable.
pub(super) fn name<F, Args>() -> Outcome<Name>
where
    F: Task<Args>,
    F::Output: Send + 'static,
    Args: Payload,
{
    Of::<F, Args>::DESCRIPTOR
        .name()
        .ok_or_else(|| nameless(type_name::<F>()))
}

fn create<F, Args>(content: &Content) -> Outcome<NewObject>
where
    F: Task<Args>,
    F::Output: Send + 'static,
    Args: Payload,
{
    let args: Args = codec::decode(content, NAME, F::each_argument)
        .map_err(|error| unreadable(error, "the arguments of", type_name::<F>()))?;
    let made = panics::catch_unwind(|| conjure::<F>().run(args))
        .map_err(|panic| ManagerError::Panicked(panic.to_string()))?;
    let value = made.map_err(|error| match error {
        TaskError::Failed(failure) => ManagerError::Failed(failure.to_string()),
        other => ManagerError::Failed(other.to_string()),
    })?;
    Ok(NewObject {
        type_name: type_name::<F::Output>(),
        value: Box::new(value),
    })
}

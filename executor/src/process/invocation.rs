//! A task as a frame: what names it and holds its arguments, and what running it comes to.

#![expect(
    unsafe_code,
    reason = "makes a value of a task's type, which has no bytes"
)]

use std::any::{TypeId, type_name};

use super::codec::{self, Draft, short};
use super::content::Content;
use super::descriptor::{self, Descriptor, Entry, NAME, Name};
use crate::base::TaskError;
use crate::sync;
use crate::task::{Payload, Task};

/// Runs a task with the arguments in a payload, and encodes what it left.
#[derive(Clone, Copy)]
pub(crate) struct Run(fn(Content, usize) -> Draft);

impl Entry for Run {
    const MAGIC: u64 = u64::from_le_bytes(*b"exectask");
}

/// The descriptor of a task's type, as a constant.
struct Of<F, Args>(std::marker::PhantomData<(F, Args)>);

impl<F, Args> Of<F, Args>
where
    F: Task<Args>,
    Args: Payload,
    F::Output: Payload,
{
    const DESCRIPTOR: &'static Descriptor<Run> =
        &Descriptor::new(TypeId::of::<(F, Args)>(), Run(run::<F, Args>));
}

/// The name of a task's type; `None` if its code is not part of the main executable.
pub(crate) fn name<F, Args>() -> Option<Name>
where
    F: Task<Args>,
    Args: Payload,
    F::Output: Payload,
{
    Of::<F, Args>::DESCRIPTOR.name()
}

/// A frame's payload that names a task and holds its arguments.
///
/// # Errors
///
/// The arguments can't be encoded, or are longer than `limit`.
pub(crate) fn draft<F, Args>(name: Name, args: &mut Args, limit: usize) -> Result<Draft, TaskError>
where
    F: Task<Args>,
    Args: Payload,
{
    let mut draft = Draft::new();
    draft.push(&name.to_bytes());
    draft
        .encode(args, F::each_argument, limit)
        .map_err(|error| error.of("the arguments of", type_name::<F>()))
}

/// Runs the task that a payload names, with the arguments that follow.
///
/// The reply is an encoded `Result`, whatever happens.
pub(crate) fn run_payload(content: Content, limit: usize) -> Draft {
    let found = Name::read_from(&content, 0).and_then(|name| Ok(descriptor::find::<Run>(name)?));
    match found {
        Ok(descriptor) => (descriptor.entry.0)(content, limit),
        Err(why) => reply(&TaskError::Decode(
            format!("the worker can't tell which task is meant: {why}").into(),
        )),
    }
}

/// Decodes the arguments, runs the task, encodes what it left.
fn run<F, Args>(content: Content, limit: usize) -> Draft
where
    F: Task<Args>,
    Args: Payload,
    F::Output: Payload,
{
    let args = codec::decode(&content, NAME, F::each_argument)
        .map_err(|error| error.of("the arguments of", type_name::<F>()));
    drop(content);
    let mut outcome = args.and_then(|args| {
        sync::catch_unwind(|| conjure::<F>().run(args))
            .unwrap_or_else(|panic| Err(TaskError::Panicked(panic)))
    });
    let draft = Draft::new()
        .encode(&mut outcome, codec::value_of, limit)
        .unwrap_or_else(|error| reply(&error.of("the result of", type_name::<F>())));
    // The result's destructor is the user's too.
    drop(sync::catch_unwind(move || drop(outcome)));
    draft
}

/// An error of encoding or decoding, which can always be encoded.
fn reply(error: &TaskError) -> Draft {
    codec::failure(match error {
        TaskError::Decode(why) => TaskError::Decode(short(why).into()),
        TaskError::Encode(why) => TaskError::Encode(short(why).into()),
        other => TaskError::Encode(short(&other.to_string()).into()),
    })
}

/// A value of a type without size.
///
/// The parent had one: it was passed to `submit`, is `Copy`, and so may be had again. What a type
/// without size can carry besides, a right that its privacy protects, is not checked; the docs of
/// [`Task`] say that a task is known by its type alone.
pub(crate) fn conjure<F: Copy>() -> F {
    // `submit` has refused any other when the program was built.
    assert_eq!(size_of::<F>(), 0);
    // SAFETY: a type of size zero has no bytes to initialise, and `F` has a value, since the parent
    // had one.
    unsafe { std::ptr::NonNull::<F>::dangling().read() }
}

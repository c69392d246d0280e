//! Naming a task to another process of the same executable.
//!
//! For each pair of a task's type and its arguments' type the compiler makes one read-only
//! [`Descriptor`]. The parent sends where it lies, counted from the image's base, and the hash of
//! its identity; the worker believes neither. It looks only into memory of the executable that
//! nobody can have written to, and calls only what lies beside the right magic and identity.

#![expect(
    unsafe_code,
    reason = "reads the program headers, and a descriptor at an address that was checked"
)]

use std::any::{TypeId, type_name};
use std::ffi::{c_int, c_void};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem::offset_of;
use std::ops::Range;
use std::sync::OnceLock;

use super::codec::{self, Draft};
use super::content::Content;
use crate::base::TaskError;
use crate::sync;
use crate::task::{Payload, Task};

const MAGIC: u64 = u64::from_le_bytes(*b"exectask");

/// What a worker needs to know of a task's type.
#[repr(C)]
pub(crate) struct Descriptor {
    magic: u64,
    identity: TypeId,
    run: fn(Content, usize) -> Draft,
}

/// Where a descriptor lies and what it must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) offset: u64,
    pub(crate) identity: u64,
}

/// Bytes of a name in a frame.
const NAME: usize = 16;

impl Name {
    pub(crate) fn to_bytes(self) -> [u8; NAME] {
        let mut bytes = [0; NAME];
        bytes[..8].copy_from_slice(&self.offset.to_le_bytes());
        bytes[8..].copy_from_slice(&self.identity.to_le_bytes());
        bytes
    }

    fn read_from(content: &Content) -> Result<Name, String> {
        let mut bytes = [0; NAME];
        bytes.copy_from_slice(&content.part(0, NAME)?);
        let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
        Ok(Name {
            offset: number(0),
            identity: number(8),
        })
    }
}

/// The descriptor of a task's type, as a constant.
struct Of<F, Args>(std::marker::PhantomData<(F, Args)>);

impl<F, Args> Of<F, Args>
where
    F: Task<Args>,
    Args: Payload,
    F::Output: Payload,
{
    const DESCRIPTOR: &'static Descriptor = &Descriptor {
        magic: MAGIC,
        identity: TypeId::of::<(F, Args)>(),
        run: run::<F, Args>,
    };
}

/// The name of a task's type; `None` if its code is not part of the main executable.
pub(crate) fn name<F, Args>() -> Option<Name>
where
    F: Task<Args>,
    Args: Payload,
    F::Output: Payload,
{
    let descriptor = Of::<F, Args>::DESCRIPTOR;
    let address = std::ptr::from_ref(descriptor).addr();
    let image = image();
    image.holds_constant(address).then(|| Name {
        offset: address.wrapping_sub(image.base) as u64,
        identity: hash(descriptor.identity),
    })
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
    let found = Name::read_from(&content).and_then(|name| Ok(find(name)?));
    match found {
        Ok(descriptor) => (descriptor.run)(content, limit),
        Err(why) => reply(&TaskError::Decode(
            format!("the worker can't tell which task is meant: {why}").into(),
        )),
    }
}

fn find(name: Name) -> Result<&'static Descriptor, &'static str> {
    let image = image();
    let address = usize::try_from(name.offset)
        .ok()
        .map(|offset| image.base.wrapping_add(offset))
        .ok_or("its address is out of range")?;
    if !image.holds_constant(address) {
        return Err("its address is not in read-only data of the executable");
    }
    let place = std::ptr::with_exposed_provenance::<Descriptor>(address);
    if !place.is_aligned() {
        return Err("its address is misaligned");
    }
    // SAFETY: the address is aligned and a whole descriptor, which begins with the magic, would lie
    // in mapped memory that is read-only for good; a number may be any bytes.
    let magic = unsafe { place.cast::<u64>().read() };
    if magic != MAGIC {
        return Err("there is no descriptor at its address");
    }
    let identity = place.wrapping_byte_add(offset_of!(Descriptor, identity));
    // SAFETY: as above; an identity may be any bytes too.
    let identity = unsafe { identity.cast::<TypeId>().read() };
    if hash(identity) != name.identity {
        return Err("its identity is another one");
    }
    // SAFETY: beside the magic lies the identity of a type, which the compiler has put nowhere with
    // that magic before it but into descriptors.
    Ok(unsafe { &*place })
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

/// Characters of an error's text that always find room in a frame.
const TEXT: usize = 4_000;

/// An error of encoding or decoding, which can always be encoded: its text is cut if it is long, as
/// that of a panic in a user's `Serialize` may be.
fn reply(error: &TaskError) -> Draft {
    let cut = |why: &str| -> std::sync::Arc<str> {
        match why.char_indices().nth(TEXT) {
            None => why.into(),
            Some((end, _)) => format!("{} …", &why[..end]).into(),
        }
    };
    let error = match error {
        TaskError::Decode(why) => TaskError::Decode(cut(why)),
        TaskError::Encode(why) => TaskError::Encode(cut(why)),
        other => TaskError::Encode(cut(&other.to_string())),
    };
    Draft::new()
        .encode(&mut Err::<(), _>(error), |_, _| {}, usize::MAX)
        .unwrap_or_else(|_| Draft::new())
}

/// A value of a type without size.
///
/// The parent had one: it was passed to `submit`, is `Copy`, and so may be had again. What a type
/// without size can carry besides, a right that its privacy protects, is not checked; the docs of
/// [`Task`] say that a task is known by its type alone.
fn conjure<F: Copy>() -> F {
    // `submit` has refused any other when the program was built.
    assert_eq!(size_of::<F>(), 0);
    // SAFETY: a type of size zero has no bytes to initialise, and `F` has a value, since the parent
    // had one.
    unsafe { std::ptr::NonNull::<F>::dangling().read() }
}

fn hash(identity: TypeId) -> u64 {
    // Both ends are the same executable, so they hash alike.
    let mut hasher = DefaultHasher::new();
    identity.hash(&mut hasher);
    hasher.finish()
}

/// Where the main executable lies in memory.
struct Image {
    base: usize,
    /// The parts that are data and read-only for good: segments that can be neither written nor run,
    /// and the constants that were written when the program was loaded and protected after that.
    constant: Vec<Range<usize>>,
}

impl Image {
    /// Whether a descriptor at `address` would lie in read-only memory of the executable.
    fn holds_constant(&self, address: usize) -> bool {
        let Some(end) = address.checked_add(size_of::<Descriptor>()) else {
            return false;
        };
        self.constant
            .iter()
            .any(|part| part.start <= address && end <= part.end)
    }
}

fn image() -> &'static Image {
    static IMAGE: OnceLock<Image> = OnceLock::new();
    IMAGE.get_or_init(|| {
        let mut image = Image {
            base: 0,
            constant: Vec::new(),
        };
        // SAFETY: `note_main` matches the signature, and `image` outlives the call.
        unsafe { libc::dl_iterate_phdr(Some(note_main), (&raw mut image).cast()) };
        image
    })
}

/// Notes the parts of the first object that the loader lists, which is the main executable.
extern "C" fn note_main(
    object: *mut libc::dl_phdr_info,
    _size: libc::size_t,
    image: *mut c_void,
) -> c_int {
    // SAFETY: the loader passes a valid object that lives as long as this call.
    let object = unsafe { &*object };
    // SAFETY: `image` is the pointer that `dl_iterate_phdr` was given above.
    let image = unsafe { &mut *image.cast::<Image>() };
    image.base = object.dlpi_addr as usize;
    // SAFETY: the object's table has that many entries.
    let headers =
        unsafe { std::slice::from_raw_parts(object.dlpi_phdr, usize::from(object.dlpi_phnum)) };
    for header in headers {
        let read_only = match header.p_type {
            libc::PT_LOAD => header.p_flags & (libc::PF_W | libc::PF_X) == 0,
            libc::PT_GNU_RELRO => true,
            _ => false,
        };
        if read_only {
            let start = image.base + header.p_vaddr as usize;
            image.constant.push(start..start + header.p_memsz as usize);
        }
    }
    // Not zero: the loader need not list the rest.
    1
}

#[cfg(test)]
mod tests;

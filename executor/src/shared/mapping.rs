//! The memory of a shared object: made once, mapped once in each process that has the object.
//!
//! It is a memfd, sealed at its size, so that no access can fail; it has no name in the file system, and
//! is gone with the last process that has it.
//!
//! ```text
//!   0  description: what is in it; written before anybody maps it, and believed by nobody later
//!      lock, its state, two words to sleep on
//! 128  the elements (further back if they are aligned to more)
//! ```
//!
//! Who has the descriptor can write anything anywhere, and a lock of the C library that was scribbled
//! on can corrupt the memory of whoever takes it. So processes that share an object trust each other, as
//! a pool and its workers do: they are one program. What is checked of memory that arrives is that it
//! was made by this program as an object of the type that is expected.

#![expect(unsafe_code, reason = "maps memory that other processes write to")]

use std::any::TypeId;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use bytemuck::{Pod, Zeroable, bytes_of, bytes_of_mut};
use rustix::fs::{MemfdFlags, SealFlags};
use rustix::mm::{MapFlags, ProtFlags};
use rustix::process::{Resource, getrlimit};

use super::error::SharedError;
use super::mutex::Mutex;
use super::registry::{self, Key};
use super::word::Word;
use crate::random;

/// What the memory starts with, if it is a shared object's.
const MAGIC: u64 = u64::from_le_bytes(*b"exec-shm");

/// Where the elements are, unless they are aligned to more.
const DATA: usize = 128;

/// What elements can be aligned to: as the memory is.
const PAGE: usize = 4096;

/// Seals that keep the memory as large as it is.
const SEALS: SealFlags = SealFlags::SHRINK
    .union(SealFlags::GROW)
    .union(SealFlags::SEAL);

/// What kind of object the memory is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(super) enum Kind {
    Value = 1,
    Array,
    Atomic,
    AtomicArray,
    Lock,
    RLock,
    Event,
    Semaphore,
    Barrier,
    Condition,
}

/// What is in the memory, and how it is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) kind: Kind,
    /// Of the kind and the type of the elements.
    type_hash: u64,
    element: usize,
    data: usize,
}

impl Shape {
    /// Memory of this kind, with elements of type `T`.
    pub(super) fn of<T: Pod>(kind: Kind) -> Shape {
        const { assert!(align_of::<T>() <= PAGE, "more than memory is aligned to") };
        let mut hasher = DefaultHasher::new();
        // The same in each process, because they run the same executable.
        TypeId::of::<T>().hash(&mut hasher);
        Shape {
            kind,
            type_hash: hasher.finish(),
            element: size_of::<T>(),
            data: DATA.max(align_of::<T>()),
        }
    }

    /// How large the memory is with so many elements, if it can have as many.
    fn size(&self, length: usize) -> Option<usize> {
        let fits = match self.kind {
            Kind::Array | Kind::AtomicArray => length > 0,
            _ => length == 1,
        };
        if !fits {
            return None;
        }
        let size = self.element.checked_mul(length)?.checked_add(self.data)?;
        isize::try_from(size).is_ok().then_some(size)
    }
}

/// What the memory starts with. Any bytes make one.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
struct Description {
    magic: u64,
    /// Drawn at random, so that it is no other object's.
    id: [u64; 2],
    kind: u64,
    type_hash: u64,
    length: u64,
    /// What else the object was made with.
    parameter: u64,
}

// SAFETY: zeros are such numbers.
unsafe impl Zeroable for Description {}
// SAFETY: it is numbers of one size, with nothing between them; any bytes are some.
unsafe impl Pod for Description {}

/// What comes before the elements. Any bytes make one.
#[repr(C)]
pub(super) struct Head {
    /// Read by the descriptor, before the memory is mapped, and never from here.
    _description: MaybeUninit<Description>,
    pub(super) mutex: Mutex,
    /// See [`hold`](super::hold).
    pub(super) state: AtomicU32,
    pub(super) words: [Word; 2],
}

const _: () = assert!(size_of::<Head>() <= DATA && align_of::<Head>() <= DATA);

/// The memory of an object, mapped.
#[derive(Debug)]
pub(super) struct Mapping {
    address: NonNull<u8>,
    size: usize,
    shape: Shape,
    length: usize,
    parameter: u64,
    key: Key,
    descriptor: Arc<OwnedFd>,
    /// How often a thread of this process holds the lock, as far as this process can know.
    ///
    /// Written only under the lock; see [`hold`](super::hold).
    pub(super) held: AtomicUsize,
    /// The thread of this process that took the lock last; 0 is none. Written only under the lock.
    pub(super) holder: AtomicU64,
}

// SAFETY: what is in the memory is reached through atomics, by the C library's lock, and under that
// lock; it stays mapped while the value lives, wherever that is.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// New memory with so many elements, all of them zero.
    pub(super) fn create(
        shape: Shape,
        length: usize,
        parameter: u64,
    ) -> Result<Arc<Mapping>, SharedError> {
        let Some(size) = shape.size(length) else {
            return Err(SharedError::InvalidArgument {
                argument: "len",
                problem: format!(
                    "{length} elements of {} bytes are more than fit in memory",
                    shape.element
                ),
            });
        };
        let wanted = |wanted| move |source: io::Error| SharedError::System { wanted, source };
        let id: [u8; 16] = random::bytes().map_err(wanted("random bytes"))?;
        let description = Description {
            magic: MAGIC,
            id: bytemuck::cast(id),
            kind: shape.kind as u64,
            type_hash: shape.type_hash,
            length: length as u64,
            parameter,
        };
        let memory = new_memory(size, &description).map_err(wanted("shared memory"))?;
        let key = Key::of(&memory, description.id).map_err(wanted("a look at shared memory"))?;
        let mapping = map(Arc::new(memory), size, shape, &description, key)
            .map_err(wanted("a mapping of shared memory"))?;
        mapping
            .head()
            .mutex
            .init()
            .map_err(wanted("a lock in shared memory"))?;
        let mapping = Arc::new(mapping);
        registry::add(key, &mapping);
        Ok(mapping)
    }

    /// The memory behind a descriptor that has arrived: the mapping that this process has of it already,
    /// or a new one.
    ///
    /// # Errors
    ///
    /// It is not the memory of an object like this; the text says why.
    pub(super) fn accept(descriptor: Arc<OwnedFd>, shape: Shape) -> Result<Arc<Mapping>, String> {
        let (description, size) = inspect(&descriptor, shape)?;
        let system = |error: io::Error| format!("the system refused a look at its memory: {error}");
        let key = Key::of(&descriptor, description.id).map_err(system)?;
        let mapping = registry::find_or_add(key, || {
            map(descriptor, size, shape, &description, key).map(Arc::new)
        })
        .map_err(|error| format!("the system refused a mapping of its memory: {error}"))?;
        // That of a mapping is what was there when it was mapped.
        if mapping.shape == shape && mapping.size == size {
            Ok(mapping)
        } else {
            Err("its memory has changed what it is".to_owned())
        }
    }

    pub(super) fn head(&self) -> &Head {
        // SAFETY: it is mapped while `self` lives, aligned to a page, larger than that, and holds
        // nothing but what other processes may write at any time: atomics and a lock.
        unsafe { self.address.cast().as_ref() }
    }

    /// The first element, as a `T` or as something with the same layout.
    pub(super) fn data<T>(&self) -> NonNull<T> {
        debug_assert_eq!(size_of::<T>(), self.shape.element);
        debug_assert!(self.shape.data.is_multiple_of(align_of::<T>()));
        // SAFETY: the memory is at least as large as that.
        let data = unsafe { self.address.add(self.shape.data) };
        data.cast()
    }

    /// How many elements there are.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    pub(super) fn kind(&self) -> Kind {
        self.shape.kind
    }

    /// What else the object was made with.
    pub(super) fn parameter(&self) -> u64 {
        self.parameter
    }

    /// What it travels by.
    pub(super) fn descriptor(&self) -> &Arc<OwnedFd> {
        &self.descriptor
    }

    /// A number by which a reader may tell it from others.
    pub(super) fn id(&self) -> u64 {
        self.key.id[0]
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        registry::forget(&self.key);
        // ORDERING: Relaxed. Whoever took the lock did so through a reference to this, which is gone;
        // however it went, that happened before this.
        if self.held.load(Ordering::Relaxed) != 0 {
            // A thread of this process has forgotten the guard, and its list of locks, which the C
            // library keeps in the locks themselves, runs through here. So this stays.
            return;
        }
        // SAFETY: this is the mapping that `map` made, nobody borrows from it any more, and it is on no
        // thread's list of locks.
        let unmapped = unsafe { rustix::mm::munmap(self.address.as_ptr().cast(), self.size) };
        debug_assert!(unmapped.is_ok(), "a mapping of ours can be unmapped");
    }
}

/// Memory of this size with this description, sealed.
fn new_memory(size: usize, description: &Description) -> io::Result<OwnedFd> {
    let most = getrlimit(Resource::Fsize).current;
    if most.is_some_and(|most| most < size as u64) {
        // This process would get a signal for trying.
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let memory = rustix::fs::memfd_create(
        c"executor-shared",
        MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING,
    )?;
    rustix::fs::ftruncate(&memory, size as u64)?;
    let bytes = bytes_of(description);
    if rustix::io::pwrite(&memory, bytes, 0)? != bytes.len() {
        return Err(io::ErrorKind::WriteZero.into());
    }
    rustix::fs::fcntl_add_seals(&memory, SEALS)?;
    Ok(memory)
}

/// Looks at memory that has arrived: what is in it, and how large it is.
fn inspect(memory: &impl AsFd, shape: Shape) -> Result<(Description, usize), String> {
    let memory = memory.as_fd();
    let sealed = rustix::fs::fcntl_get_seals(memory).is_ok_and(|seals| seals.contains(SEALS));
    if !sealed {
        return Err("its memory is not sealed".to_owned());
    }
    let mut description = Description::zeroed();
    let bytes = bytes_of_mut(&mut description);
    let length = bytes.len();
    if rustix::io::pread(memory, bytes, 0) != Ok(length) || description.magic != MAGIC {
        return Err("its memory is not that of a shared object".to_owned());
    }
    if description.kind != shape.kind as u64 || description.type_hash != shape.type_hash {
        return Err("its memory is that of an object of another type".to_owned());
    }
    let size = rustix::fs::fstat(memory).map_or(-1, |status| status.st_size);
    let expected = usize::try_from(description.length)
        .ok()
        .and_then(|length| shape.size(length));
    match expected {
        Some(expected) if expected as u64 == size as u64 => Ok((description, expected)),
        _ => Err(format!(
            "its memory has {size} bytes, and should have {} elements",
            description.length
        )),
    }
}

/// Maps memory that is as large as this and sealed to stay so.
fn map(
    memory: Arc<OwnedFd>,
    size: usize,
    shape: Shape,
    description: &Description,
    key: Key,
) -> io::Result<Mapping> {
    // SAFETY: a new mapping at a place of the kernel's choice takes nothing from anybody.
    let address = unsafe {
        rustix::mm::mmap(
            std::ptr::null_mut(),
            size,
            ProtFlags::READ | ProtFlags::WRITE,
            MapFlags::SHARED,
            &memory,
            0,
        )
    }?;
    Ok(Mapping {
        address: NonNull::new(address.cast()).ok_or(io::ErrorKind::AddrNotAvailable)?,
        size,
        shape,
        // The size is that many elements, so it is a `usize`.
        length: description.length as usize,
        parameter: description.parameter,
        key,
        descriptor: memory,
        held: AtomicUsize::new(0),
        holder: AtomicU64::new(0),
    })
}

#[cfg(test)]
mod tests;

//! Naming a function to another process of the same executable.
//!
//! For each function that may be called so, the compiler makes one read-only [`Descriptor`], with the
//! types that it is made for as its identity. The caller sends where it lies, counted from the image's
//! base, and the hash of its identity; the other process believes neither. It looks only into memory
//! of the executable that nobody can have written to, and calls only what lies beside the right magic
//! and identity.

#![expect(
    unsafe_code,
    reason = "reads the program headers, and a descriptor at an address that was checked"
)]

use std::any::TypeId;
use std::ffi::{c_int, c_void};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem::offset_of;
use std::ops::Range;
use std::sync::OnceLock;

use super::content::Content;

/// A kind of function that descriptors lead to.
pub(crate) trait Entry: Copy + 'static {
    /// What only descriptors of this kind begin with.
    const MAGIC: u64;
}

/// What another process needs to know to call a function.
#[repr(C)]
pub(crate) struct Descriptor<E> {
    magic: u64,
    identity: TypeId,
    pub(crate) entry: E,
}

impl<E: Entry> Descriptor<E> {
    /// The descriptor of a function that is known by a type which no other of its kind has.
    pub(crate) const fn new(identity: TypeId, entry: E) -> Descriptor<E> {
        Descriptor {
            magic: E::MAGIC,
            identity,
            entry,
        }
    }

    /// Its name; `None` if it is not part of the main executable.
    pub(crate) fn name(&'static self) -> Option<Name> {
        let address = std::ptr::from_ref(self).addr();
        let image = image();
        image.holds_constant::<E>(address).then(|| Name {
            offset: address.wrapping_sub(image.base) as u64,
            identity: hash(self.identity),
        })
    }
}

/// Where a descriptor lies and what it must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) offset: u64,
    pub(crate) identity: u64,
}

/// Bytes of a name in a frame.
pub(crate) const NAME: usize = 16;

impl Name {
    pub(crate) fn to_bytes(self) -> [u8; NAME] {
        let mut bytes = [0; NAME];
        bytes[..8].copy_from_slice(&self.offset.to_le_bytes());
        bytes[8..].copy_from_slice(&self.identity.to_le_bytes());
        bytes
    }

    /// Reads one that lies `at` so many bytes in a payload.
    pub(crate) fn read_from(content: &Content, at: usize) -> Result<Name, String> {
        let mut bytes = [0; NAME];
        bytes.copy_from_slice(&content.part(at, NAME)?);
        let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
        Ok(Name {
            offset: number(0),
            identity: number(8),
        })
    }
}

/// The descriptor that has this name, if there is one of this kind.
///
/// # Errors
///
/// What is wrong with the name.
pub(crate) fn find<E: Entry>(name: Name) -> Result<&'static Descriptor<E>, &'static str> {
    let image = image();
    let address = usize::try_from(name.offset)
        .ok()
        .map(|offset| image.base.wrapping_add(offset))
        .ok_or("its address is out of range")?;
    if !image.holds_constant::<E>(address) {
        return Err("its address is not in read-only data of the executable");
    }
    let place = std::ptr::with_exposed_provenance::<Descriptor<E>>(address);
    if !place.is_aligned() {
        return Err("its address is misaligned");
    }
    // SAFETY: the address is aligned and a whole descriptor, which begins with the magic, would lie
    // in mapped memory that is read-only for good; a number may be any bytes.
    let magic = unsafe { place.cast::<u64>().read() };
    if magic != E::MAGIC {
        return Err("there is no descriptor at its address");
    }
    let identity = place.wrapping_byte_add(offset_of!(Descriptor<E>, identity));
    // SAFETY: as above; an identity may be any bytes too.
    let identity = unsafe { identity.cast::<TypeId>().read() };
    if hash(identity) != name.identity {
        return Err("its identity is another one");
    }
    // SAFETY: beside the magic lies the identity of a type, which the compiler has put nowhere with
    // that magic before it but into descriptors of this kind.
    Ok(unsafe { &*place })
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
    fn holds_constant<E>(&self, address: usize) -> bool {
        let Some(end) = address.checked_add(size_of::<Descriptor<E>>()) else {
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

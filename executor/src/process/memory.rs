//! Sealed memory: how a large payload travels.
//!
//! The sender writes it once into a memfd, seals it, and passes the descriptor; the receiver copies
//! from it to where the bytes belong. What is sealed can't change between the look at its size and
//! the copy.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::fs::{MemfdFlags, SealFlags};
use rustix::process::{Resource, getrlimit};

const SEALS: SealFlags = SealFlags::SHRINK
    .union(SealFlags::GROW)
    .union(SealFlags::WRITE)
    .union(SealFlags::SEAL);

/// Memory with these bytes, one part after another, sealed.
///
/// # Errors
///
/// The system has no memory or descriptor for it, or this process may not write that much to a file:
/// it would get a signal for trying.
pub(crate) fn seal<'p>(parts: impl IntoIterator<Item = &'p [u8]> + Clone) -> io::Result<OwnedFd> {
    let length: usize = parts.clone().into_iter().map(<[u8]>::len).sum();
    let most = getrlimit(Resource::Fsize).current;
    if most.is_some_and(|most| most < length as u64) {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let memory = rustix::fs::memfd_create(
        c"executor-payload",
        MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING,
    )?;
    for mut part in parts {
        while !part.is_empty() {
            match rustix::io::write(&memory, part) {
                Ok(count) => part = &part[count..],
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    rustix::fs::fcntl_add_seals(&memory, SEALS)?;
    Ok(memory)
}

/// How many descriptors of memory a pool may have at a time. What is queued beyond that waits
/// without one, so that a long queue leaves the program descriptors of its own.
const MOST: usize = 64;

/// Counts the memory of a pool.
#[derive(Debug, Default)]
pub(crate) struct Lender {
    lent: Arc<AtomicUsize>,
}

impl Lender {
    /// Leave to have memory, until it is dropped.
    pub(crate) fn lend(&self) -> Option<Loan> {
        let loan = Loan(Some(Arc::clone(&self.lent)));
        // ORDERING: Relaxed, it only limits.
        (self.lent.fetch_add(1, Ordering::Relaxed) < MOST).then_some(loan)
    }
}

/// Leave to have memory.
#[derive(Debug)]
pub(crate) struct Loan(Option<Arc<AtomicUsize>>);

impl Loan {
    /// For one whose sender has one at a time.
    pub(crate) fn unlimited() -> Loan {
        Loan(None)
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        if let Some(lent) = &self.0 {
            // ORDERING: Relaxed; see `lend`.
            lent.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// Memory that has arrived.
#[derive(Debug)]
pub(crate) struct Memory {
    memory: OwnedFd,
    length: usize,
}

impl Memory {
    /// Takes it in.
    ///
    /// # Errors
    ///
    /// It is not of this length, or not sealed.
    pub(crate) fn accept(memory: OwnedFd, length: usize) -> io::Result<Memory> {
        let sealed = rustix::fs::fcntl_get_seals(&memory).is_ok_and(|seals| seals.contains(SEALS));
        let size = rustix::fs::fstat(&memory)?.st_size;
        if !sealed || usize::try_from(size) != Ok(length) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("a payload of {length} bytes lies in memory of {size}, sealed: {sealed}"),
            ));
        }
        Ok(Memory { memory, length })
    }

    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// Copies the bytes from `offset` on.
    pub(crate) fn read_at(&self, offset: usize, place: &mut [u8]) -> io::Result<()> {
        read_at(&self.memory, offset, place)
    }
}

/// Copies the bytes of some memory from `offset` on.
pub(crate) fn read_at(memory: &OwnedFd, offset: usize, mut place: &mut [u8]) -> io::Result<()> {
    let mut offset = offset as u64;
    while !place.is_empty() {
        match rustix::io::pread(memory, &mut *place, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                place = &mut place[count..];
                offset += count as u64;
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_come_out_as_one() {
        let memory = seal([&b"one "[..], b"two"]).unwrap();
        let memory = Memory::accept(memory, 7).unwrap();
        let mut place = [0; 5];
        memory.read_at(2, &mut place).unwrap();
        assert_eq!(&place, b"e two");
        assert!(memory.read_at(3, &mut place).is_err());
    }

    #[test]
    fn memory_that_is_not_sealed_or_not_as_long_is_refused() {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let open = rustix::fs::memfd_create(c"open", flags).unwrap();
        rustix::fs::ftruncate(&open, 3).unwrap();
        assert!(Memory::accept(open, 3).is_err());
        assert!(Memory::accept(seal([&b"four"[..]]).unwrap(), 5).is_err());
        let null = std::fs::File::open("/dev/null").unwrap();
        assert!(Memory::accept(null.into(), 0).is_err());
    }
}

//! The page that a pool shares with one worker: what it starts with, the claims, and two counts to
//! spin on.
//!
//! The pool believes nothing that a worker writes here. A false claim costs the worker's own tasks,
//! a false count a look at the socket in vain.

#![expect(unsafe_code, reason = "maps memory that another process writes to")]

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use rustix::fs::{MemfdFlags, SealFlags};
use rustix::mm::{MapFlags, ProtFlags};

use super::claim;

/// How many tasks can be on their way to one worker.
pub(crate) const CLAIMS: usize = 256;

/// What a worker is told at its start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// Bytes that a payload may have.
    pub(crate) frame_limit: usize,
    /// Whether an initializer comes before the tasks.
    pub(crate) initializes: bool,
}

/// What is in the page. Any bytes make one.
#[repr(C)]
struct Contents {
    frame_limit: AtomicU64,
    initializes: AtomicU32,
    /// How often the pool has sent something.
    sent: OwnLine,
    /// How often the worker has.
    replied: OwnLine,
    claims: [AtomicU32; CLAIMS],
}

/// A count on a cache line of its own: one side spins on it while the other works.
#[repr(align(128))]
struct OwnLine(AtomicU32);

/// A page that is mapped here and in another process.
#[derive(Debug)]
pub(crate) struct Page {
    contents: NonNull<Contents>,
}

// SAFETY: the page holds atomics only, and stays mapped while the value lives, wherever that is.
unsafe impl Send for Page {}
// SAFETY: as above.
unsafe impl Sync for Page {}

/// Seals that keep the memory as large as it is, so that no access can fail.
const SEALS: SealFlags = SealFlags::SHRINK
    .union(SealFlags::GROW)
    .union(SealFlags::SEAL);

impl Page {
    /// A page with these settings, and the memory to be mapped by the worker.
    pub(crate) fn new(settings: Settings) -> io::Result<(Page, OwnedFd)> {
        let memory = rustix::fs::memfd_create(
            c"executor-page",
            MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING,
        )?;
        rustix::fs::ftruncate(&memory, size_of::<Contents>() as u64)?;
        rustix::fs::fcntl_add_seals(&memory, SEALS)?;
        let page = Page::map(&memory)?;
        let contents = page.contents();
        // ORDERING: Relaxed, the worker maps the page after that.
        contents
            .frame_limit
            .store(settings.frame_limit as u64, Ordering::Relaxed);
        contents
            .initializes
            .store(u32::from(settings.initializes), Ordering::Relaxed);
        Ok((page, memory))
    }

    /// The page behind a descriptor that [`Page::new`] gave.
    pub(crate) fn map(memory: impl AsFd) -> io::Result<Page> {
        let memory = memory.as_fd();
        let size = rustix::fs::fstat(memory)?.st_size;
        if !rustix::fs::fcntl_get_seals(memory)?.contains(SEALS)
            || size != size_of::<Contents>() as i64
        {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the memory is not the page of a worker",
            ));
        }
        // SAFETY: a new mapping at a place of the kernel's choice takes nothing from anybody; the
        // memory is as large as the contents, and sealed to stay so.
        let address = unsafe {
            rustix::mm::mmap(
                std::ptr::null_mut(),
                size_of::<Contents>(),
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::SHARED,
                memory,
                0,
            )
        }?;
        let contents = NonNull::new(address.cast()).ok_or(io::ErrorKind::AddrNotAvailable)?;
        Ok(Page { contents })
    }

    fn contents(&self) -> &Contents {
        // SAFETY: it is mapped while `self` lives, aligned to a page, and holds atomics, which the
        // other process may write at any time.
        unsafe { self.contents.as_ref() }
    }

    /// What the worker is told at its start.
    pub(crate) fn settings(&self) -> Settings {
        let contents = self.contents();
        // ORDERING: Relaxed, they were written before the page was passed on.
        Settings {
            frame_limit: contents.frame_limit.load(Ordering::Relaxed) as usize,
            initializes: contents.initializes.load(Ordering::Relaxed) != 0,
        }
    }

    /// How often the pool has sent something.
    pub(crate) fn sent(&self) -> u32 {
        // ORDERING: Relaxed, here and in the next three: the counts only tell when a look at the socket is
        // worth it; what is sent goes through the kernel.
        self.contents().sent.0.load(Ordering::Relaxed)
    }

    /// The pool has sent something.
    pub(crate) fn count_sent(&self) {
        self.contents().sent.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How often the worker has sent something.
    pub(crate) fn replied(&self) -> u32 {
        self.contents().replied.0.load(Ordering::Relaxed)
    }

    /// The worker has sent something.
    pub(crate) fn count_reply(&self) {
        self.contents().replied.0.fetch_add(1, Ordering::Relaxed);
    }

    fn claim_word(&self, number: u32) -> &AtomicU32 {
        &self.contents().claims[number as usize % CLAIMS]
    }

    /// See [`claim::offer`].
    pub(crate) fn offer(&self, number: u32) {
        claim::offer(self.claim_word(number), number);
    }

    /// See [`claim::claim`].
    pub(crate) fn claim(&self, number: u32) -> bool {
        claim::claim(self.claim_word(number), number)
    }

    /// See [`claim::revoke`].
    pub(crate) fn revoke(&self, number: u32) -> bool {
        claim::revoke(self.claim_word(number), number)
    }

    /// See [`claim::is_claimed`].
    pub(crate) fn is_claimed(&self, number: u32) -> bool {
        claim::is_claimed(self.claim_word(number), number)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // SAFETY: this is the mapping that `map` made, and nobody borrows from it any more.
        let unmapped =
            unsafe { rustix::mm::munmap(self.contents.as_ptr().cast(), size_of::<Contents>()) };
        debug_assert!(unmapped.is_ok(), "a mapping of ours can be unmapped");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: Settings = Settings {
        frame_limit: 1 << 20,
        initializes: true,
    };

    #[test]
    fn both_ends_see_the_same_page() {
        let (parent, memory) = Page::new(SETTINGS).unwrap();
        let worker = Page::map(&memory).unwrap();
        assert_eq!(worker.settings().frame_limit, SETTINGS.frame_limit);
        assert!(worker.settings().initializes);
        for number in [0, 1, 255, 256, 1_000_000, u32::MAX] {
            parent.offer(number);
            assert!(!parent.is_claimed(number));
            assert!(worker.claim(number) && !worker.claim(number));
            assert!(parent.is_claimed(number) && !parent.revoke(number));
        }
        parent.offer(7);
        assert!(parent.revoke(7) && !parent.is_claimed(7));
        assert!(!worker.claim(7));
        parent.count_sent();
        worker.count_reply();
        assert_eq!((worker.sent(), parent.replied()), (1, 1));
    }

    #[test]
    fn a_worker_that_scribbles_has_begun_its_tasks_and_no_others() {
        let (parent, memory) = Page::new(SETTINGS).unwrap();
        let worker = Page::map(&memory).unwrap();
        for scribble in [0, 1, 2, 3, 0xdead_beef, u32::MAX] {
            for number in 0..CLAIMS as u32 {
                parent.offer(number);
                worker.claim_word(number).store(scribble, Ordering::Relaxed);
                // A task is run or taken back, whatever the word says.
                let taken_back = parent.revoke(number);
                assert!(!(taken_back && parent.is_claimed(number)));
                assert!(!(taken_back && worker.claim(number)));
            }
        }
    }

    #[test]
    fn memory_that_is_no_page_is_refused() {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let create = |size: usize, seals| {
            let memory = rustix::fs::memfd_create(c"no-page", flags).unwrap();
            rustix::fs::ftruncate(&memory, size as u64).unwrap();
            rustix::fs::fcntl_add_seals(&memory, seals).unwrap();
            memory
        };
        let size = size_of::<Contents>();
        assert!(Page::map(create(size, SEALS)).is_ok());
        assert!(Page::map(create(size, SealFlags::GROW)).is_err());
        assert!(Page::map(create(size - 1, SEALS)).is_err());
        assert!(Page::map(std::fs::File::open("/dev/null").unwrap()).is_err());
    }
}

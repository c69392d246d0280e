//! Whether this process is a copy, forked since; and what each copy has of its own.

#![expect(
    unsafe_code,
    reason = "has the C library call back in forked copies; follows a pointer to what is never freed"
)]

use std::ffi::c_int;
use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

unsafe extern "C" {
    /// POSIX's; the libc crate does not have it for every system.
    fn pthread_atfork(
        before: Option<extern "C" fn()>,
        in_original: Option<extern "C" fn()>,
        in_copy: Option<extern "C" fn()>,
    ) -> c_int;
}

static GENERATION: AtomicU32 = AtomicU32::new(0);

/// A number that is another one in every copy of the process that is forked after the first call of
/// this, by the C library's `fork`. It costs less than to ask for the process's number.
pub(crate) fn generation() -> u32 {
    extern "C" fn count() {
        // ORDERING: Relaxed, a forked copy has one thread.
        GENERATION.fetch_add(1, Ordering::Relaxed);
    }
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // If there is no memory for it, copies can't be told; there is nothing else to be done.
        // SAFETY: what is called in a copy is async-signal-safe: it adds to a number.
        let _ = unsafe { pthread_atfork(None, None, Some(count)) };
    });
    // ORDERING: as above.
    GENERATION.load(Ordering::Relaxed)
}

/// A value of which each copy of the process has one of its own, made when it is first asked for: nobody holds a
/// lock in it who held one in the original.
pub(crate) struct OfEachProcess<T> {
    /// The last that was made, and for which generation; never freed.
    last: AtomicPtr<(u32, T)>,
}

impl<T: Default + Sync> OfEachProcess<T> {
    pub(crate) const fn new() -> OfEachProcess<T> {
        OfEachProcess {
            last: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// That of this process.
    pub(crate) fn get(&'static self) -> &'static T {
        let generation = generation();
        // ORDERING: Acquire, here and below, pairs with the Release of whoever has put it there.
        let mut last = self.last.load(Ordering::Acquire);
        loop {
            // SAFETY: it is null, or was made by `Box::leak` below, and is only read.
            let known = unsafe { last.as_ref() };
            if let Some((its, value)) = known
                && *its == generation
            {
                return value;
            }
            let own = ptr::from_mut(Box::leak(Box::new((generation, T::default()))));
            let set = self.last.compare_exchange(
                last,
                own,
                // ORDERING: Release, so that who reads the pointer sees what it leads to.
                Ordering::AcqRel,
                Ordering::Acquire,
            );
            last = match set {
                Ok(_) => own,
                // Another thread was faster. Once in a process at most: ours may as well be leaked.
                Err(now) => now,
            };
        }
    }
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use std::sync::Mutex;

    use super::OfEachProcess;

    #[test]
    fn a_copy_is_not_kept_by_a_lock_that_the_original_holds() {
        static VALUE: OfEachProcess<Mutex<u32>> = OfEachProcess::new();
        let mut held = VALUE.get().lock().expect("nobody panics with it");
        *held = 1;
        assert!(VALUE.get().try_lock().is_err());
        // SAFETY: until it ends, the copy takes no lock but that of the memory, which the C library sees to.
        match unsafe { libc::fork() } {
            0 => {
                let is_its_own = VALUE.get().try_lock().is_ok_and(|value| *value == 0);
                // SAFETY: it ends the process, whatever state that is in.
                unsafe { libc::_exit(i32::from(!is_its_own)) }
            }
            copy => {
                let mut status = 0;
                // SAFETY: the status is written to a place of ours.
                assert_eq!(unsafe { libc::waitpid(copy, &raw mut status, 0) }, copy);
                assert_eq!(status, 0);
            }
        }
        assert!(VALUE.get().try_lock().is_err());
    }
}

//! The C library's lock: robust, shared by processes, and one that knows its holder.
//!
//! Robust: the kernel marks it when the thread that holds it dies, and the next one to take it is told.
//! It knows its holder: to take it twice, or to let go of it without holding it, is an error. A lock
//! of our own could not be robust, because the C library has the one list of locks that the kernel
//! looks through when a thread ends.

#![expect(unsafe_code, reason = "calls the C library's lock")]

use std::cell::UnsafeCell;
use std::fmt;
use std::hint::spin_loop;
use std::io;
use std::mem::MaybeUninit;

use libc::{c_int, clockid_t, pthread_mutex_t, timespec};

use super::word::Deadline;
use crate::spin::may_spin;

unsafe extern "C" {
    /// As `pthread_mutex_timedlock`, by a clock of choice. (Since glibc 2.30; not in the libc crate.)
    fn pthread_mutex_clocklock(
        mutex: *mut pthread_mutex_t,
        clock: clockid_t,
        until: *const timespec,
    ) -> c_int;
}

/// The lock. Belongs in shared memory, at an address that does not change while a thread holds it.
#[repr(transparent)]
pub(super) struct Mutex(UnsafeCell<pthread_mutex_t>);

impl fmt::Debug for Mutex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mutex")
    }
}

/// How often to look for a lock that somebody holds, and how many pauses of the processor pass between two looks.
const LOOKS: u32 = 20;
const PAUSES: u32 = 8;

/// How an attempt to take the lock has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// This thread holds it now.
    Taken,
    /// So it does, and the one before died holding it. [`Mutex::mend`] is due.
    OwnerDied,
    /// This thread held it before.
    HeldByCaller,
    /// Somebody else holds it.
    Busy,
    /// Somebody else has held it until the deadline.
    TimedOut,
    /// It can't be taken any more.
    Broken,
}

impl Attempt {
    fn of(code: c_int) -> Attempt {
        match code {
            0 => Attempt::Taken,
            libc::EOWNERDEAD => Attempt::OwnerDied,
            libc::EDEADLK => Attempt::HeldByCaller,
            libc::EBUSY => Attempt::Busy,
            libc::ETIMEDOUT => Attempt::TimedOut,
            // Nobody declares it unrecoverable in the C library's sense. Its memory was scribbled on.
            _ => Attempt::Broken,
        }
    }
}

fn check(code: c_int) -> io::Result<()> {
    match code {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(code)),
    }
}

impl Mutex {
    /// Makes a lock of memory that nobody else has yet.
    pub(super) fn init(&self) -> io::Result<()> {
        let mut attributes = MaybeUninit::uninit();
        let at = attributes.as_mut_ptr();
        // SAFETY: the attributes are a place of ours.
        check(unsafe { libc::pthread_mutexattr_init(at) })?;
        // SAFETY: they were initialised; so below.
        check(unsafe { libc::pthread_mutexattr_settype(at, libc::PTHREAD_MUTEX_ERRORCHECK) })?;
        // (glibc's robust locks are shared in any case; others need not be.)
        // SAFETY: as above.
        check(unsafe { libc::pthread_mutexattr_setpshared(at, libc::PTHREAD_PROCESS_SHARED) })?;
        // SAFETY: as above.
        check(unsafe { libc::pthread_mutexattr_setrobust(at, libc::PTHREAD_MUTEX_ROBUST) })?;
        // SAFETY: the memory is a mutex's and nobody uses it yet. (glibc's attributes own nothing that
        // would have to be given back.)
        check(unsafe { libc::pthread_mutex_init(self.0.get(), at) })
    }

    /// Looks for a moment whether the lock gets free. Whoever holds it mostly lets go within a fraction of what it takes
    /// to sleep and be woken, and the C library does not look at all.
    fn spin(&self) -> Attempt {
        let mut attempt = self.try_lock();
        for _ in 0..LOOKS {
            if attempt != Attempt::Busy || !may_spin() {
                break;
            }
            (0..PAUSES).for_each(|_| spin_loop());
            attempt = self.try_lock();
        }
        attempt
    }

    /// Waits for the lock.
    pub(super) fn lock(&self) -> Attempt {
        self.wait(None)
    }

    /// Takes the lock if it is free.
    pub(super) fn try_lock(&self) -> Attempt {
        // SAFETY: it was initialised, and stays where it is while this thread holds it; so below.
        Attempt::of(unsafe { libc::pthread_mutex_trylock(self.0.get()) })
    }

    /// Waits for the lock until the deadline.
    pub(super) fn lock_until(&self, deadline: Deadline) -> Attempt {
        self.wait(Some(deadline))
    }

    /// Waits until it has the lock, or the deadline has passed.
    ///
    /// It sleeps again and again, and never for long. An unlock wakes one sleeper, and leaves it to mark the lock as one that others
    /// wait for. If somebody else takes the lock before it runs, and it is killed then, the mark is gone: the next unlock
    /// wakes nobody, and the others would sleep beside a lock that is free.
    fn wait(&self, deadline: Option<Deadline>) -> Attempt {
        let attempt = self.spin();
        if attempt != Attempt::Busy {
            return attempt;
        }
        loop {
            let (Deadline(until), is_last) = Deadline::of_a_sleep(deadline);
            let until = timespec {
                tv_sec: until.tv_sec,
                tv_nsec: until.tv_nsec,
            };
            // SAFETY: as for `try_lock`.
            let code = unsafe {
                pthread_mutex_clocklock(self.0.get(), libc::CLOCK_MONOTONIC, &raw const until)
            };
            match Attempt::of(code) {
                Attempt::TimedOut if !is_last => {}
                Attempt::TimedOut => {
                    return match self.try_lock() {
                        Attempt::Busy => Attempt::TimedOut,
                        attempt => attempt,
                    };
                }
                attempt => return attempt,
            }
        }
    }

    /// Makes the lock usable again after [`Attempt::OwnerDied`], by the one who was told.
    pub(super) fn mend(&self) {
        // SAFETY: as for `try_lock`.
        let code = unsafe { libc::pthread_mutex_consistent(self.0.get()) };
        debug_assert_eq!(code, 0, "the lock was inconsistent, and is ours");
    }

    /// Lets go of the lock; false, and nothing is done, if this thread does not hold it.
    pub(super) fn unlock(&self) -> bool {
        // SAFETY: as for `try_lock`. It checks who holds it: a copy of the process that was forked under
        // the lock is told EPERM.
        let code = unsafe { libc::pthread_mutex_unlock(self.0.get()) };
        code == 0
    }
}

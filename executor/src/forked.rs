//! Whether this process is a copy, forked since.

#![expect(unsafe_code, reason = "has the C library call back in forked copies")]

use std::ffi::c_int;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

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

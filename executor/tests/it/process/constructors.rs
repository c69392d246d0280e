//! Constructors of other crates run in workers too, before ours and after.
//!
//! A worker never comes back from the library's own constructor, so what the linker has put behind
//! it is run by the library. Which side a constructor is on can be seen from its standard input:
//! the parent's socket until the library has run, and /dev/null from then on.

#![expect(
    unsafe_code,
    reason = "a constructor is an entry in a section that the C runtime reads"
)]

use std::ffi::{c_char, c_int};
use std::fs::read_link;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use executor::ProcessPoolExecutor;
use serde::{Deserialize, Serialize};

use crate::watchdog::watch;

type Constructor = extern "C" fn(c_int, *const *const c_char, *const *const c_char);

/// What a constructor leaves for `main`, or for tasks.
struct Trace {
    runs: AtomicU32,
    /// How many arguments it was told that there are.
    arguments: AtomicI32,
    /// How often it found the standard input of tasks.
    after: AtomicU32,
}

impl Trace {
    const fn new() -> Trace {
        Trace {
            runs: AtomicU32::new(0),
            arguments: AtomicI32::new(-1),
            after: AtomicU32::new(0),
        }
    }

    // ORDERING: Relaxed throughout, for constructors run before there are threads.
    fn leave(&self, arguments: c_int) {
        self.runs.fetch_add(1, Ordering::Relaxed);
        self.arguments.store(arguments, Ordering::Relaxed);
        if read_link("/proc/self/fd/0").is_ok_and(|input| input.ends_with("dev/null")) {
            self.after.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn found(&self) -> Found {
        Found {
            runs: self.runs.load(Ordering::Relaxed),
            arguments: self.arguments.load(Ordering::Relaxed),
            after: self.after.load(Ordering::Relaxed),
        }
    }
}

/// A [`Trace`], as a task reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Found {
    runs: u32,
    arguments: i32,
    after: u32,
}

static EARLY: Trace = Trace::new();
static LATE: Trace = Trace::new();

/// In its place by the number behind the section's name, which is small.
#[used]
#[unsafe(link_section = ".init_array.00200")]
static EARLY_CONSTRUCTOR: Constructor = early;

/// The number is larger than what the linker gives to a section without one, such as the library's.
#[used]
#[unsafe(link_section = ".init_array.99999")]
static LATE_CONSTRUCTOR: Constructor = late;

extern "C" fn early(count: c_int, _: *const *const c_char, _: *const *const c_char) {
    EARLY.leave(count);
}

extern "C" fn late(count: c_int, _: *const *const c_char, _: *const *const c_char) {
    LATE.leave(count);
}

/// Whether the linker has put the late constructor behind one in the section without a number.
fn linker_counts_that_far() -> bool {
    (&raw const LATE_CONSTRUCTOR).addr() > (&raw const PLAIN_CONSTRUCTOR).addr()
}

/// Between the two by its section; the library's is there too.
#[used]
#[unsafe(link_section = ".init_array")]
static PLAIN_CONSTRUCTOR: Constructor = plain;

extern "C" fn plain(_: c_int, _: *const *const c_char, _: *const *const c_char) {}

#[test]
fn constructors_before_and_after_ours_have_run_once_when_a_task_runs() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let task = || (EARLY.found(), LATE.found());
        let (early, late) = pool.submit(task, ()).unwrap().into_result().unwrap();
        let once = |after| Found {
            runs: 1,
            arguments: 1,
            after,
        };
        assert_eq!(early, once(0));
        assert_eq!(late, once(u32::from(linker_counts_that_far())));
        if !linker_counts_that_far() {
            println!("SKIPPED: this linker has put no constructor behind the library's");
        }
    });
}

//! Values, locks and the like in memory that processes share. Linux with glibc.
//!
//! ```
//! use executor::shared::Value;
//! use executor::{ProcessPoolExecutor, fallible};
//!
//! fn count(total: Value<u64>, times: u32) -> Result<(), executor::LockProblem> {
//!     for _ in 0..times {
//!         *total.lock()? += 1;
//!     }
//!     Ok(())
//! }
//!
//! # fn main() -> Result<(), executor::Error> {
//! let pool = ProcessPoolExecutor::new(4)?;
//! let total = Value::new(0)?;
//! let tasks: Vec<_> = (0..4)
//!     .map(|_| pool.submit(fallible(count), (total.clone(), 1000)))
//!     .collect::<Result<_, _>>()?;
//! for task in tasks {
//!     task.into_result()?;
//! }
//! assert_eq!(total.get()?, 4000);
//! # Ok(())
//! # }
//! ```
//!
//! | to share | there is | it costs, beside the memory |
//! |---|---|---|
//! | data under a lock | [`Value`], [`Array`] | a free lock: no system call; a contended one: a sleep and a wake-up |
//! | numbers without a lock | [`Atomic`], [`AtomicArray`] | what an atomic costs |
//! | a lock for something else | [`Lock`], [`RLock`] | as above |
//! | "it has happened" | [`Event`] | a look while it is set; else a sleep and a wake-up |
//! | a number of permits | [`Semaphore`] | no system call while there are some; a release wakes all who wait |
//! | "all are here" | [`Barrier`] | a lock for each arrival, a sleep for all but the last |
//! | "it has changed" | [`Condition`] | a sleep and a wake-up |
//!
//! Each object is a reference to memory: a clone is the same object, and so is what arrives when one is the
//! argument or the result of a task of a [`ProcessPoolExecutor`](crate::ProcessPoolExecutor), or of its
//! initializer. Threads share clones. An object costs a descriptor and at least a page in each process
//! that has it, so for many numbers take one array; and a task can bring 252 of them at most. A process
//! that is sent the same object again and still has it maps it once.
//!
//! The memory has no name. It is there as long as a process has the object, or a task with it is on its
//! way, and gone when the last of them is, however they end: nothing is to be unlinked, and nothing
//! is left behind.
//!
//! # When somebody dies
//!
//! A process or thread that dies while it has a lock does not keep it: the next one to take the lock gets
//! [`LockError::OwnerDied`], with the guard in it, to mend what is half done and
//! [`recover`](Abandoned::recover). A panic under a guard gives [`LockError::Poisoned`] likewise. A thread
//! that takes a lock which it has already gets [`LockError::HeldByCaller`].
//!
//! ```
//! use executor::ProcessPoolExecutor;
//! use executor::shared::{LockError, Value};
//!
//! fn die(total: Value<u64>) {
//!     let mut guard = total.lock().expect("the first one");
//!     *guard = 13;
//!     std::process::abort();
//! }
//!
//! # fn main() -> Result<(), executor::Error> {
//! let total = Value::new(12)?;
//! let pool = ProcessPoolExecutor::new(1)?;
//! assert!(pool.submit(die, (total.clone(),))?.result().is_err());
//! match total.lock() {
//!     Err(LockError::OwnerDied(found)) => {
//!         assert_eq!(*found, 13);
//!         *found.recover() = 0;
//!     }
//!     _ => unreachable!("it died"),
//! }
//! assert_eq!(total.get()?, 0);
//! # Ok(())
//! # }
//! ```
//!
//! (A thread that dies with more than 2048 locks does keep the rest: so far the kernel looks. A later
//! thread may get the number that the kernel knew it by: that one is told that it has such a lock already,
//! or of an [`RLock`] that it is unrecoverable.)
//!
//! Who dies while it waits does no harm, or has the others wait for a second more at most. Units of a
//! [`Semaphore`] have no owner, so who dies with some takes them along.
//!
//! # Traps
//!
//! * `value.set(value.get()? + 1)` takes the lock twice and loses updates; `*value.lock()? += 1` does not.
//! * `?` on a [`LockError`] drops the guard in it: after a death the object is then
//!   [`Unrecoverable`](LockError::Unrecoverable) for everybody. That is meant: nobody has looked.
//! * An object can't be written to a file, nor sent through a socket of yours: it is more than its bytes.
//!   That is an error that says so.
//! * A copy of the process that was made by `fork` has the objects, but not the locks of the thread that it
//!   is a copy of. Its guards release nothing. It must not use what they protect.
//! * A guard that is forgotten (`mem::forget`) keeps its lock, and the memory stays mapped for good.
//! * The processes trust each other: one that goes wild in this memory can take the others along.
//! * Memory is promised, not reserved: where the system has none left when it is first used, it kills.

mod array;
mod atomic;
mod barrier;
mod condition;
mod error;
mod event;
mod guard;
mod hold;
mod lock;
mod mapping;
mod mutex;
mod object;
mod protocol;
mod registry;
mod semaphore;
mod value;
mod word;

pub use bytemuck::{Pod, Zeroable};

pub use array::{Array, ArrayGuard};
pub use atomic::{Atomic, AtomicArray, Integer};
pub use barrier::Barrier;
pub use condition::Condition;
pub use error::{LockProblem, SharedError};
pub use event::Event;
pub use guard::{Abandoned, Guard, LockError};
pub use lock::{Lock, LockGuard, RLock, RLockGuard};
pub use semaphore::Semaphore;
pub use value::{Value, ValueGuard};

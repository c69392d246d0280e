//! Sharing state: which of lock, atomic, shared memory and manager to take, what it costs, and the
//! traps.
//!
//! The best shared state is none: tasks take arguments and return results, and whoever waits for them
//! puts those together. That is faster than anything below, and has no traps. Where tasks have to see
//! each other's changes while they run:
//!
//! | who shares | what | take | dies with a lock |
//! |---|---|---|---|
//! | threads, rayon | a number | std's atomics in an [`Arc`](std::sync::Arc) | – |
//! | threads, rayon | anything | [`Mutex`](std::sync::Mutex) in an `Arc` | poisoned, if it panics |
//! | processes, and threads | a number | [`shared::Atomic`](crate::shared::Atomic) | – |
//! | processes, and threads | plain data of a fixed size | [`shared::Value`](crate::shared::Value), [`Array`](crate::shared::Array) under their locks | [`OwnerDied`](crate::shared::LockError::OwnerDied), with the guard |
//! | processes, and threads | anything: growing containers, strings, types of your own | a [`Manager`](crate::Manager) and [`call`](crate::Proxy::call) | nothing is held between two calls |
//! | processes, and threads | the same, in several steps | a manager's [`lock`](crate::Manager::lock) beside it | [`OwnerDied`](crate::manager::AcquireError::OwnerDied), with the guard |
//! | processes, to wait for each other | an event, a semaphore, a barrier, a condition | [`shared`](crate::shared)'s; a manager's, if one who has units of the semaphore, or is still to come to the barrier, may be killed | see there |
//!
//! # What it costs
//!
//! 20 000 increments of one counter, by two workers at once, as `cargo bench` measured them on two cores of a virtual
//! machine (a whole run with its 95 % interval, and what that is for an increment; the page of the run is
//! `reports/sample/index.html` in the repository):
//!
//! | | a run | an increment |
//! |---|---|---|
//! | threads, atomic | 102 µs (96.6–104) | 5.09 ns |
//! | processes, shared atomic | 194 µs (190–196) | 9.70 ns |
//! | processes, lock in shared memory | 516 µs (507–517) | 25.8 ns |
//! | threads, mutex | 550 µs (531–560) | 27.5 ns |
//! | processes, manager, by one `call` | 132 ms (116–322) | 6.60 µs |
//! | processes, manager's lock, `value`, `set_value`, release | 1.85 s (1.59–2.02) | 92.4 µs |
//!
//! So where two want it all the time a lock in shared memory costs about what one between threads does in these rows, and
//! 2.5 times as much where the same run measured them side by side: std's mutex is fast or slow there, 7 ns an increment in
//! three visits of four and 24 in the fourth, as the two threads happen to meet. A call to a manager costs 250 times as much
//! as that lock, because it is a message to another process and one back; and a lock there more than three thousand times:
//! four such messages, and the next one to have the lock has to wake first. (Side by side, in runs of 400 increments, it was
//! 28 and 227 times.)
//!
//! # The same counter, three ways
//!
//! ```
//! use executor::shared::{Atomic, Value};
//! use executor::{Error, Manager, ProcessPoolExecutor, fallible, manager::ValueProxy};
//! use std::sync::atomic::Ordering;
//!
//! fn count(locked: Value<u64>, atomic: Atomic<u64>, managed: ValueProxy<u64>) -> Result<(), Error> {
//!     for _ in 0..100 {
//!         *locked.lock()? += 1;
//!         atomic.fetch_add(1, Ordering::Relaxed);
//!         managed.call(|count: &mut u64| *count += 1, ())?;
//!     }
//!     Ok(())
//! }
//!
//! # fn main() -> Result<(), Error> {
//! let manager = Manager::start()?;
//! let (locked, atomic, managed) = (Value::new(0)?, Atomic::new(0_u64)?, manager.value(0)?);
//! let pool = ProcessPoolExecutor::new(2)?; // a ThreadPoolExecutor does as well
//! let args = (locked.clone(), atomic.clone(), managed.clone());
//! let counting = [pool.submit(fallible(count), args.clone())?, pool.submit(fallible(count), args)?];
//! for task in counting {
//!     task.result()?;
//! }
//! assert_eq!((locked.get()?, atomic.load(Ordering::Relaxed), managed.value()?), (200, 200, 200));
//! # Ok(())
//! # }
//! ```
//!
//! # Traps
//!
//! **A compound update is two steps.** `counter.set_value(counter.value()? + 1)` reads and then writes,
//! and what others did in between is lost; so does `value.set(value.get()? + 1)`, and an atomic's `load`
//! followed by a `store`. One step is: `*value.lock()? += 1`, `fetch_add`, `proxy.call(…)`; several steps
//! are one under a lock that everybody takes. How many updates are lost without is in the report, in the rows
//! that are called a control.
//!
//! **What a proxy returns is a copy.** `list.get(0)?.push(1)` changes the copy. Change it where it is:
//!
//! ```
//! # fn main() -> Result<(), executor::Error> {
//! let manager = executor::Manager::start()?;
//! let rows = manager.list(vec![vec![1], vec![2]])?;
//! rows.get(0)?.push(10); // lost
//! assert_eq!(rows.get(0)?, [1]);
//! rows.call(|rows: &mut Vec<Vec<i32>>| rows[0].push(10), ())?;
//! assert_eq!(rows.get(0)?, [1, 10]);
//! # Ok(())
//! # }
//! ```
//!
//! **To go through a container by index is many steps**, with others in between, and a round trip each.
//! `value()` copies all of it in one; better, `call` brings the question to the data and only the answer
//! back.
//!
//! **Locks outlive panics and processes.** A panic under a lock in shared memory poisons it, a death
//! leaves it abandoned, and the next one to take it gets an error *with the guard in it*: look, mend,
//! [`recover`](crate::shared::Abandoned::recover). `?` on that error drops the guard, and the value is then
//! unrecoverable for everybody: nobody has looked. A manager's lock is released in the same case, and the
//! next one is told once; a call that panics poisons its object until
//! [`clear_poison`](crate::Proxy::clear_poison).
//!
//! **A manager's lock belongs to a thread.** A guard can't be sent to another one, and a thread that ends
//! has released it.
//!
//! **Two locks are taken in one order, by everybody.** Those who take them in opposite orders wait for each
//! other for good, in shared memory and in a manager, and nobody is told; a time limit on the second ends it.
//!
//! **A function that is called in the manager runs there**: it sees the statics of a fresh process, its
//! output is the manager's, and while it runs nobody else gets at that object. It may call other objects,
//! but not in a circle: that is an error that says so.
//!
//! **Neither can be written to a file** or sent by a channel of your own. Shared objects and proxies are
//! more than their bytes, and travel as arguments and results of tasks and calls only. Other processes
//! of the same executable reach a manager by [`connect`](crate::Manager::connect) and [`find`](crate::Manager::find).

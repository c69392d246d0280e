//! Which pool for what: threads, rayon or processes.
//!
//! In Python the question is whether tasks compute (processes, because of the interpreter's lock) or wait
//! (threads). In Rust threads compute side by side, so the question is what else a pool has to give.
//!
//! | the tasks | take | because |
//! |---|---|---|
//! | compute | [`ThreadPoolExecutor`], as many workers as processors | the least overhead for a task; arguments and results are moved, not copied |
//! | compute, and use rayon inside (`par_iter`, `join`) | [`RayonExecutor`] | what a task splits off runs on the same threads, so there are no more threads than processors |
//! | are one large loop over data in memory | rayon's `par_iter` itself | no task, no future: the loop is split where a thread has nothing to do |
//! | wait: for a network, a disk, another program | [`ThreadPoolExecutor`], as many workers as are to wait at a time | a thread that waits costs its stack and no processor |
//! | may crash, leak, run wild or must be killed | [`ProcessPoolExecutor`] | a dead worker costs the task that it ran and is replaced; one that leaks, by [`max_tasks_per_child`] |
//! | change what belongs to a process: working directory, environment, limits, C libraries with global state | [`ProcessPoolExecutor`] | each worker has its own |
//! | are to be stopped in the middle | any, with a [`CancellationToken`](crate::CancellationToken) that they look at; else [`ProcessPoolExecutor`], [`kill_workers`] | a thread can't be killed |
//! | borrow from the stack of their caller | [`ThreadPoolExecutor`] or [`RayonExecutor`], by their `scope` | another process has not that memory |
//! | capture what they need, or return what can't be serialised | [`ThreadPoolExecutor`] or [`RayonExecutor`], by their own `submit`, `map` and `starmap` | what goes to another process is copied as bytes |
//! | are few and long | any | what a task costs does not matter then |
//! | are many and short | [`ThreadPoolExecutor`]; [`map_with`](Executor::map_with) and chunks on any | items of a chunk share the cost of one task |
//!
//! If it is to be decided later, write against [`Executor`], with functions for tasks, and it is one line; or
//! against [`AnyExecutor`], and it is an option of the program.
//!
//! # What they cost
//!
//! As `cargo bench` measured it on two cores of a virtual machine (medians of criterion's rows with their 95 %
//! intervals within that run; the page of the run is `reports/sample/index.html` in the repository, which has beside them
//! what was measured in launches side by side). Yours will differ, as another run does: it is one command.
//!
//! | | threads | rayon | processes |
//! |---|---|---|---|
//! | pi, 10 000 000 terms, in two parts on two workers (one after the other: 12.4 ms) | 7.22 ms (7.00–7.54) | 7.61 ms (6.76–8.35) | 7.76 ms (7.38–8.50) |
//! | the same in 64 parts | 6.41 ms (6.38–6.43) | 6.51 ms (6.42–6.62) | 7.30 ms (7.19–7.74) |
//! | pi, 100 000 terms, in 64 parts (one after the other: 123 µs) | 84.8 µs (84.5–84.9) | 78.3 µs (78.2–79.2) | 537 µs (455–565) |
//! | one empty task, submitted and waited for | 324 ns (298–334) | 613 ns (587–652) | 16.2 µs (6.58–20.1) |
//! | a task of a burst | 101 ns (86.7–108) | 303 ns (294–307) | 2.62 µs (2.48–2.67) |
//! | 64 KiB there and back | nothing: moved | nothing: moved | 167 µs (155–172) |
//! | 64 MiB there and back | nothing: moved | nothing: moved | 210 ms (201–218) |
//! | two workers started, one task, shut down (medians of the paired run) | 138 µs | 130 µs | 2.08 ms |
//! | 20 000 increments of a counter under a lock, by two workers | 550 µs (531–560) | 540 µs (449–560) | 516 µs (507–517) in [shared memory](crate::shared) |
//!
//! So for tasks of a millisecond or more no difference could be told between processes and threads where launches visited
//! both side by side, nor is there more than a seventh in these rows; and for tasks of some microseconds processes are no
//! gain any more: pi by 100 000 terms in 64 parts of two microseconds each takes four times as long there as in a plain loop.
//! One task at a time took from 6 to 24 µs there in other runs, by where the scheduler puts the worker. That is the cost of a
//! message to another process and one back.
//!
//! **Memory.** A thread has a stack, of which it takes what it has used. A worker process has what it has touched
//! of everything: its own heap and statics, its stack of 8 MiB where used, a socket and a page to the parent;
//! only the program's code is the same memory in all. Arguments and results are there twice while they travel.
//! What is read by all workers belongs into [shared memory](crate::shared), where it is there once.
//!
//! **Start.** Threads and processes are started when there is a task for them, up to `max_workers`; rayon's
//! threads with the executor. Build a pool once, not for each batch.
//!
//! # How many workers
//!
//! By default as many as there are processors available, which is right for tasks that compute. For tasks that
//! wait, as many as should wait at a time: twenty downloads of 100 ms take two seconds one after the other and a
//! tenth of one on twenty threads, on any number of processors. Threads wait as well as processes do, and cost
//! less:
//!
//! ```
//! use std::thread::sleep;
//! use std::time::{Duration, Instant};
//!
//! use executor::{Executor, ThreadPoolExecutor};
//!
//! # fn main() -> Result<(), executor::Error> {
//! let pool = ThreadPoolExecutor::new(20)?;
//! let start = Instant::now();
//! let waits = pool.map(|_: u32| sleep(Duration::from_millis(100)), 0..20)?;
//! assert_eq!(waits.filter(Result::is_ok).count(), 20);
//! println!("{:?}", start.elapsed()); // a little over 100 ms
//! # Ok(())
//! # }
//! ```
//!
//! # What each can't do
//!
//! * Threads and rayon: a task that aborts, overflows its stack or corrupts memory takes the program along; a
//!   task that never ends can't be ended.
//! * rayon: while a task waits inside rayon another may run on top of it, on the same thread; a lock held across
//!   such a call can come to be waited for by the thread that has it.
//! * Processes: Linux with glibc; arguments and results that serde knows; nothing of what
//!   [`main` has set up](ProcessPoolExecutor#what-a-worker-lacks).
//!
//! State that tasks share is [another page](crate::sharing).
//!
//! [`max_tasks_per_child`]: crate::ProcessPoolBuilder::max_tasks_per_child
//! [`kill_workers`]: ProcessPoolExecutor::kill_workers

#[expect(unused_imports, reason = "the names that the page links to")]
use crate::{AnyExecutor, Executor, ProcessPoolExecutor, RayonExecutor, ThreadPoolExecutor};

//! Coming from Python: each name of `concurrent.futures` and `multiprocessing` with its counterpart here, and
//! each difference with its reason.
//!
//! A program of the kind that tutorials begin with, and the same here:
//!
//! ```python
//! import concurrent.futures
//!
//! def area(width, height):
//!     if width < 0:
//!         raise ValueError("a negative width")
//!     return width * height
//!
//! if __name__ == "__main__":
//!     with concurrent.futures.ProcessPoolExecutor(2) as pool:
//!         small = pool.submit(area, 2, 3)
//!         wrong = pool.submit(area, -1, 3)
//!         print(small.result())
//!         print(wrong.exception())
//! ```
//!
//! ```
//! use executor::{ProcessPoolExecutor, fallible};
//!
//! fn area(width: f64, height: f64) -> Result<f64, String> {
//!     if width < 0.0 {
//!         return Err("a negative width".to_owned());
//!     }
//!     Ok(width * height)
//! }
//!
//! fn main() -> Result<(), executor::Error> {
//!     let pool = ProcessPoolExecutor::new(2)?;
//!     let small = pool.submit(fallible(area), (2.0, 3.0))?;
//!     let wrong = pool.submit(fallible(area), (-1.0, 3.0))?;
//!     println!("{}", small.result()?);
//!     println!("{}", wrong.error().expect("it is wrong"));
//! #   assert_eq!(*small.result()?, 6.0);
//! #   assert!(wrong.error().unwrap().to_string().contains("a negative width"));
//!     Ok(())
//! } // the pool is dropped: that is the end of the `with` block
//! ```
//!
//! What is new: the arguments are a tuple; what may fail says so (`?`); a task that "raises" returns a
//! `Result` and is submitted as [`fallible`]; and there is nothing like `if __name__ == "__main__"`.
//! More programs of tutorials stand beside their Python counterparts in the repository, in
//! `executor/examples/README.md`.
//!
//! # `concurrent.futures`
//!
//! | Python | here |
//! |---|---|
//! | `Executor` | [`Executor`], a trait; chosen at run time, [`AnyExecutor`] |
//! | `ThreadPoolExecutor(n)` | [`ThreadPoolExecutor::new(n)?`](ThreadPoolExecutor::new) |
//! | `ThreadPoolExecutor(n, thread_name_prefix, initializer, initargs)` | [`ThreadPoolExecutor::builder()`](ThreadPoolExecutor::builder) with [`thread_name_prefix`](ThreadPoolBuilder::thread_name_prefix), [`initializer`](ThreadPoolBuilder::initializer) (a closure that has captured its arguments) |
//! | `ProcessPoolExecutor(n)` | [`ProcessPoolExecutor::new(n)?`](ProcessPoolExecutor::new) |
//! | `ProcessPoolExecutor(n, initializer=f, initargs=(x,))` | [`.initializer(f, (x,))`](ProcessPoolBuilder::initializer) |
//! | `max_tasks_per_child=n` | [`.max_tasks_per_child(n)`](ProcessPoolBuilder::max_tasks_per_child) |
//! | `mp_context` | nothing: a worker is this executable, started anew |
//! | `InterpreterPoolExecutor` | nothing: there is no interpreter whose lock would be in the way |
//! | `submit(f, 1, 2)` | [`submit(f, (1, 2))?`](Executor::submit) |
//! | `submit(len, "four")` | on threads and rayon as it stands; on processes an owned text, `submit(f, ("four".to_owned(),))?`, for a function of a `String`: what arrives in another process [can't borrow](crate::Payload) from this one |
//! | `submit(f, x, key=y)` | a closure: `submit(\|x, y\| f(x, Options { key: y }), (x, y))?` |
//! | `map(f, xs)` | [`map(f, xs)?`](Executor::map); each item is a `Result` |
//! | `map(lambda x: x * factor, xs)` | [`map(move \|x\| x * factor, xs)?`](ThreadPoolExecutor::map) on threads and rayon; on processes an argument: `starmap(\|x, factor\| x * factor, xs.map(\|x\| (x, factor)))?` |
//! | `map(f, xs, ys)`, `starmap(f, pairs)` | [`starmap(f, xs.into_iter().zip(ys))?`](Executor::starmap) |
//! | `map(f, xs, chunksize=n, buffersize=m, timeout=t)` | [`map_with(f, xs, options)?`](Executor::map_with), with [`MapOptions`] of those names |
//! | `Pool.map(f, xs)`, which chooses the size of chunks itself | [`MapOptions::automatic_chunksize`] |
//! | a method of any executor | inherent on each pool: `submit`, `try_submit`, `submit_timeout`, `map`, `starmap`, `counters`, `max_workers`; the rest, and those of [`AnyExecutor`], are the trait's, which is to be in scope: `use executor::Executor` |
//! | `shutdown()` | [`shutdown(Shutdown::wait())`](Executor::shutdown) |
//! | `shutdown(wait=False, cancel_futures=True)` | [`shutdown(Shutdown::no_wait().cancel_pending())`](Shutdown) |
//! | a shutdown that waits for so long at most | [`Shutdown::wait().within(t)`](Shutdown::within), which returns a [`ShutdownOutcome`] |
//! | a bounded queue in front of the pool, or a semaphore | `queue_limit(n)` on each builder; [`try_submit`](Executor::try_submit) does not wait for room, [`submit_timeout`](Executor::submit_timeout) not for ever |
//! | tasks that use local variables of their caller | [`scope`](ThreadPoolExecutor::scope), on threads and rayon |
//! | `pool._work_queue.qsize()` | [`counters()`](Executor::counters) |
//! | `threading.stack_size(n)` | `stack_size(n)` on the builders of threads and rayon |
//! | `with … as pool:` | a block: the pool is dropped at its end, which waits |
//! | `terminate_workers()`, `kill_workers()` | [`terminate_workers`](ProcessPoolExecutor::terminate_workers), [`kill_workers`](ProcessPoolExecutor::kill_workers) |
//! | `future.result()` | [`result()`](Future::result) lends the value, [`into_result()`](Future::into_result) gives it away |
//! | `future.result(timeout=t)` | [`result_timeout(t)`](Future::result_timeout) |
//! | `future.exception()` | [`error()`](Future::error) |
//! | `future.cancel()`, `cancelled()`, `running()`, `done()` | [`cancel`](Future::cancel), [`cancelled`](Future::cancelled), [`running`](Future::running), [`done`](Future::done); all at once, [`state`](Future::state) |
//! | `future.add_done_callback(f)` | [`add_done_callback(f)`](Future::add_done_callback) |
//! | a callback that submits what comes next | also [`then`](Future::then), [`flatten`](Future::flatten) and [`collect`](crate::collect()), which make futures of futures |
//! | `asyncio.wrap_future(future)`, `await` | `future.await`, or `(&future).await`, on any runtime |
//! | a `threading.Event` that tells running tasks to end | [`CancellationToken`], in processes, too |
//! | `future.arg = 5` | the callback's closure captures it |
//! | `{future: url}` | the same: a future is a key, by identity |
//! | `print(future)` | `println!("{future:?}")` |
//! | `Future()` | [`promise()`](crate::promise()): the writing end and the future |
//! | `set_running_or_notify_cancel()` | [`Promise::claim`] |
//! | `set_result(x)`, `set_exception(e)` | [`Promise::finish`] |
//! | `wait(fs)` | [`wait(fs, ReturnWhen::AllCompleted)`](crate::wait()) |
//! | `wait(fs, timeout=t, return_when=FIRST_COMPLETED)` | [`wait_timeout(fs, ReturnWhen::FirstCompleted, t)`](crate::wait_timeout) |
//! | `FIRST_COMPLETED`, `FIRST_EXCEPTION`, `ALL_COMPLETED` | [`ReturnWhen`] |
//! | `as_completed(fs)`, `as_completed(fs, timeout=t)` | [`as_completed(fs)`](crate::as_completed()), [`as_completed_timeout(fs, t)`](crate::as_completed_timeout) |
//! | futures of different results in one list | [`&dyn AnyFuture`](AnyFuture) |
//! | an exception that a task raises | the error of a [`fallible`] task, or a panic: [`TaskError::Failed`], [`TaskError::Panicked`] |
//! | `CancelledError` | [`TaskError::Cancelled`] |
//! | `TimeoutError` of a wait | [`TimedOut`] |
//! | `InvalidStateError` | [`Promise::finish`] gives false for a cancelled future; a second outcome is not compiled |
//! | a hang | [`TaskError::Deadlock`] |
//! | `BrokenExecutor`, `BrokenThreadPool`, `BrokenProcessPool` | [`TaskError::PoolBroken`], [`SubmitError::Broken`]; for what a dead worker ran, [`TaskError::WorkerDied`] |
//! | `RuntimeError` of a submit after shutdown | [`SubmitError::ShutDown`], in what gives the task back: [`Refused`] |
//! | `ValueError` of a constructor | [`BuildError`] |
//!
//! # `multiprocessing`
//!
//! | Python | here |
//! |---|---|
//! | `Pool(n)` | [`ProcessPoolExecutor`] |
//! | `ThreadPool(n)` | [`ThreadPoolExecutor`] |
//! | `pool.apply(f, (1, 2))`, `pool.apply_async(f, (1, 2))` | [`submit(f, (1, 2))?`](Executor::submit), with `.into_result()?` to wait |
//! | `apply_async(f, …, callback=g, error_callback=h)` | [`add_done_callback`](Future::add_done_callback) on the future, which looks at its `result()` |
//! | `result.get(timeout=t)`, `ready()`, `successful()` | [`result_timeout(t)`](Future::result_timeout), [`done`](Future::done), `result().is_ok()` |
//! | `pool.map(f, xs)` | [`map`](Executor::map), collected |
//! | `pool.imap(f, xs)` | [`map`](Executor::map): an iterator; for items without end, [`map_with`](Executor::map_with) with [`MapOptions::buffersize`] |
//! | `pool.imap_unordered(f, xs)` | [`map_with`](Executor::map_with) with [`MapOptions::unordered`] |
//! | `maxtasksperchild=n` | [`max_tasks_per_child`](ProcessPoolBuilder::max_tasks_per_child) |
//! | `with Pool(n) as pool:`, which terminates at its end | a block, whose end waits; to cut tasks off as that does, call [`kill_workers`](ProcessPoolExecutor::kill_workers) before it |
//! | `pool.close()`, `pool.join()`; `pool.terminate()` | [`shutdown`](Executor::shutdown); [`kill_workers`](ProcessPoolExecutor::kill_workers) |
//! | `Process(target=f, args=…)` | a pool of one worker; for another program, [`std::process::Command`] |
//! | `current_process().pid`, `os.getpid()` in a task | [`std::process::id`] |
//! | `parent_process()` | [`std::os::unix::process::parent_id`] |
//! | `active_children()` | [`worker_pids`](ProcessPoolExecutor::worker_pids) |
//! | `cpu_count()`, `process_cpu_count()` | [`std::thread::available_parallelism`] |
//! | `freeze_support()`, `set_start_method()`, `get_context()` | nothing: see [what a worker lacks](ProcessPoolExecutor#what-a-worker-lacks) |
//! | `Value("i", 0)`, `with v.get_lock(): v.value += 1` | [`shared::Value`]: `*v.lock()? += 1` |
//! | `Value("i", 0, lock=False)`, `RawValue` | [`shared::Atomic`] |
//! | `Array("d", n)`, `Array("d", [1, 2])` | [`shared::Array::zeroed`], [`from_slice`](shared::Array::from_slice) |
//! | `RawArray` | [`shared::AtomicArray`] |
//! | `Lock()`, `RLock()`, `with lock:` | [`shared::Lock`], [`shared::RLock`]: `let held = lock.acquire()?` |
//! | `Semaphore(n)`, `BoundedSemaphore(n)` | [`shared::Semaphore`], [`bounded`](shared::Semaphore::bounded) |
//! | `Condition()`, `Event()`, `Barrier(n)` | [`shared::Condition`], [`shared::Event`], [`shared::Barrier`] |
//! | `SharedMemory(create=True, size=n)`, its name, `unlink()` | [`shared::Array<u8>`](shared::Array), which is passed as an argument: no name, nothing to unlink |
//! | `ShareableList`, `SharedMemoryManager` | [`shared::Array`] of plain data; strings and what grows, in a [`Manager`] |
//! | `Queue()`, `JoinableQueue()`, `SimpleQueue()` | [`Manager::queue`] |
//! | `Pipe()`, `multiprocessing.connection` | nothing: arguments go in, results come out; between threads, [`std::sync::mpsc`]; between programs, [`Manager::queue`] under a name, or a socket |
//! | `get_logger()`, `log_to_stderr()` | the feature `tracing`: spans that travel with the tasks |
//! | `Manager()`, `BaseManager`, `BaseProxy` | [`Manager`], [`Proxy`]; name by name in [`manager`] |
//! | `TimeoutError`, `AuthenticationError`, `ProcessError` | [`TimedOut`]; [`ManagerError`] |
//!
//! Which of a value in shared memory and a manager to take, and what they cost: [`sharing`].
//!
//! # Differences
//!
//! What behaves in another way than in CPython (3.13 and 3.14, where nothing else is said), and why.
//!
//! ## Futures
//!
//! | CPython | here | why |
//! |---|---|---|
//! | `cancel()` tells `result()`; `wait` and `as_completed` learn of it when a worker comes across the task, and never after `shutdown(cancel_futures=True)` | [`cancel`](Future::cancel) tells everybody who waits, in that very call | a wait for what is cancelled must end |
//! | two cancelled states, told apart by `wait` alone | [one](State) | the second was there for that delay |
//! | in a process pool what waits in the call queue is "running" and can't be cancelled | a task is running when a worker has begun it; until then it can be [cancelled](Future::cancel), also one that was sent ahead | "not cancelled" means that it runs |
//! | `result()` raises the task's exception object | [`TaskError::Failed`] has its type's name and text; to keep the typed error, return the `Result` as the value, without [`fallible`] | that is what can cross to another process, and threads and processes are to behave alike |
//! | `result()` gives everybody the same object | [`result`](Future::result) lends it, [`into_result`](Future::into_result) moves it out for the last one and clones it for others | ownership |
//! | `result(timeout)` raises `TimeoutError`, as a task may | [`TimedOut`] is no [`TaskError`] | a wait that ran out is never taken for the task's own error |
//! | `exception()` of a cancelled future raises | [`error`](Future::error) gives [`TaskError::Cancelled`] | one way to look at it |
//! | tasks that wait for each other's futures, or for workers that all wait, hang | the wait that would close the circle is an error that says who waits for whom, [`TaskError::Deadlock`]; before that, a thread runs what it waits for itself, if no worker is left for it ([`WhenStarved`]) | a hang has no message |
//! | negative timeouts | there are none; zero looks and does not wait | the type |
//! | a callback that raises `SystemExit` or the like is not caught: the rest is skipped, and the worker thread ends | a callback's panic is [reported and the rest run](Future::add_done_callback) | no callback can harm another's |
//! | a process pool's callbacks run on the thread that handles all results | on a [thread](ProcessPoolExecutor#where-code-of-yours-runs-in-the-parent) that does nothing else | a slow one holds up no result |
//! | `cancel()` of a task of a process pool runs its callbacks in that very call | the pool's [thread for callbacks](ProcessPoolExecutor#where-code-of-yours-runs-in-the-parent) does | all of a pool's callbacks are in one place |
//! | a task's exception comes with the text of the worker's traceback | [`Panic::backtrace`](crate::Panic) has the stack if `RUST_BACKTRACE` asked for it, also from another process; it is no part of the error's text | capturing one takes longer than many a task |
//! | `set_running_or_notify_cancel()` for the second time raises | [`Promise::claim`] says again that it runs | it is a question, and the answer holds |
//! | callbacks of what a shutdown cancels, or a broken pool fails, run with the executor's lock held: a `submit` in one hangs | no lock is held while code of yours runs | user code can do anything |
//!
//! ## Waiting for several
//!
//! | CPython | here | why |
//! |---|---|---|
//! | the clock of `as_completed(timeout)` starts at the first `next` | [at the call](crate::as_completed_timeout) | as Python's documentation has it |
//! | those that have ended already come in arbitrary order | in the order given | nothing random without need |
//! | `done` and `not_done` are sets | [vectors](crate::DoneAndNotDone) in the order given, without duplicates | the same |
//! | a wrong `return_when` is noticed only if it has to wait | there is none | the type |
//!
//! ## `map`
//!
//! | CPython | here | why |
//! |---|---|---|
//! | after an item's exception the iterator has ended and the rest is cancelled | the error comes in the place of its item, and the [iteration goes on](Executor::map); `collect::<Result<Vec<_>, _>>()` stops at the first | the caller decides what an error means (CPython's main branch has it so, too) |
//! | dropped before the first `next`, everything runs; after it, the rest is cancelled | [dropping it](Executor::map) always cancels what has not started | one rule |
//! | with a `buffersize`, a shutdown ends the iteration early | what was [not accepted](crate::MapError) yields an error behind the results | nothing is cut off in silence |
//! | threads ignore `chunksize` | it is [heeded](MapOptions::chunksize) on every executor | a swap of executors changes nothing else |
//! | `chunksize=0` is a `ValueError` on processes, `buffersize=0` on all | a [panic](MapOptions::chunksize) on every executor | a mistake in the program, not of its input |
//! | `buffersize` counts tasks, each of `chunksize` items | [items](MapOptions::buffersize) | what is held in memory are items |
//! | what was submitted before the input raises runs | it is [cancelled](Executor::map) | nobody could have its results |
//!
//! ## Executors
//!
//! | CPython | here | why |
//! |---|---|---|
//! | threads by default: `min(32, processors + 4)` | the processors available, on every executor | tasks that compute want no more, and how many are to wait at a time only the program knows |
//! | a callable is anything that can be pickled, which shows when it runs | functions and closures that capture nothing, which [shows when it is built](crate::Task); threads and rayon also take what captures, by their own `submit`, `map` and `starmap` | the earlier the better |
//! | keyword arguments | a tuple of up to eight arguments | Rust has none |
//! | a worker that dies breaks the process pool: every unfinished future fails | it costs the [task that it ran](ProcessPoolExecutor#failures), and is replaced; Python's way is [`OnWorkerDeath::Break`] | one crash should not cost all |
//! | an argument that can't be unpickled in the worker, or a result in the parent, breaks the pool | it fails its own task: [`TaskError::Decode`] | the same |
//! | a failing initializer: "a process in the pool was terminated", and what the initializer raised is in the log | the [cause](TaskError::PoolBroken) is in the error of every task | to be told why |
//! | a failing initializer of a thread pool can leave futures unfinished for ever, if one before them was cancelled | every future ends | no wait without an end |
//! | `shutdown(wait=True)` after `wait=False` returns at once on processes | it waits | what it says |
//! | `shutdown(wait=True)` in a task or callback of the same pool waits for itself, or raises | it [does not wait](Executor::shutdown) there, and says so: [`ShutdownOutcome::NotWaited`] | it can't |
//! | the queue has no limit | nor has it here, unless it is [given one](ThreadPoolBuilder::queue_limit): then `submit` waits, `try_submit` is refused, and `submit_timeout` first the one and then the other | so that who produces is not faster than who works |
//! | what was refused is the caller's still | it is given back: [`Refused::into_parts`] | arguments are moved into the call |
//! | `terminate_workers()` and `kill_workers()` fail all that is unfinished with `BrokenProcessPool` | what runs has [`TaskError::WorkerDied`], the rest is cancelled | to tell what may have run in part from what has not |
//! | in a forked child a copied pool takes tasks that nobody runs | it [refuses](SubmitError::Forked) them | no wait without an end |
//! | workers live on when their parent is killed | they [end with it](ProcessPoolExecutor#failures) | nothing is left behind |
//! | Ctrl-C reaches the workers, too | workers do nothing about it: the parent decides | one who decides |
//! | at the end of the program all pools are waited for | a pool is waited for when it is dropped; one that never is (in a static, or leaked) is not | there is no code after `main` |
//! | the main module is imported in each worker | a worker never comes to `main`, and [lacks what `main` sets up](ProcessPoolExecutor#what-a-worker-lacks) | no guard, no module that runs twice |
//!
//! ## Shared state
//!
//! | CPython | here | why |
//! |---|---|---|
//! | `v.value += 1` compiles and loses updates | `*v.lock()? += 1` is one step; `set(get()? + 1)` shows that it is two | the short way should be the right one |
//! | a lock whose holder was killed stays locked | the next one to take it is [told](shared#when-somebody-dies), and has it | a death is to be noticed and mended |
//! | anybody may release a lock | the guard is dropped by who has it | ownership |
//! | locks travel only when a process is started | shared objects are arguments and results of any task | a pool's workers are there before |
//! | a proxy in a message is not counted: its object may be gone when it arrives | what is on its way [keeps its object](Manager) | no use after free, in any form |
//! | a manager's lock that a killed client had stays locked | it is [released](manager#when-somebody-dies), and the next one is told | the same as in shared memory |
//! | what takes several calls of a proxy needs a lock | or [`call`](Proxy::call), which runs a function where the data is, as one step | one message instead of many |

#[expect(unused_imports, reason = "the names that the page links to")]
use crate::{
    AnyExecutor, AnyFuture, BuildError, CancellationToken, Executor, Future, Manager, ManagerError,
    MapOptions, OnWorkerDeath, ProcessPoolBuilder, ProcessPoolExecutor, Promise, Proxy, Refused,
    ReturnWhen, Shutdown, ShutdownOutcome, State, SubmitError, TaskError, ThreadPoolBuilder,
    ThreadPoolExecutor, TimedOut, WhenStarved, fallible, manager, shared, sharing,
};

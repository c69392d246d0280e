//! State that several processes share, in a process of its own: a [`Manager`], and proxies of what it
//! holds. Linux with glibc.
//!
//! | Python | here |
//! |---|---|
//! | `multiprocessing.Manager()` | [`Manager::start`] |
//! | `BaseManager(address, authkey)`, `.connect()` | [`Manager::builder`], [`Manager::connect`] |
//! | `register("name", callable)`, `manager.name()` | [`publish`](Manager::publish), [`find`](Manager::find) |
//! | `Value("i", 0)`, `.value`, `.value = x` | [`value`](Manager::value), [`Proxy::value`], [`Proxy::set_value`] |
//! | `list()`, `dict()`, `set()`, `Namespace()`, `Queue(n)` | [`list`](Manager::list), [`dict`](Manager::dict), [`set`](Manager::set), [`namespace`](Manager::namespace), [`queue`](Manager::queue) |
//! | `Lock()`, `RLock()`, `with lock:` | [`lock`](Manager::lock), [`rlock`](Manager::rlock), [`acquire`](Proxy::acquire) gives a guard |
//! | `Event()`, `Semaphore(n)`, `Barrier(n)`, `Condition()` | [`event`](Manager::event), [`semaphore`](Manager::semaphore), [`barrier`](Manager::barrier), [`condition`](Manager::condition) |
//! | a class with registered methods | [`object`](Manager::object), [`Proxy::call`] |
//! | `queue.Empty`, `KeyError`, `BrokenBarrierError`, … | [`ManagerError`] |
//!
//! A proxy is a [`Proxy`] of the type that the manager holds: a [`ListProxy<T>`] is a `Proxy<Vec<T>>`, and
//! [`Proxy::call`] gives a function of yours a `&mut Vec<T>`.
//!
//! # When somebody dies
//!
//! * A client, be it a thread that ends or a process that is killed: its locks are released, and the next
//!   one to acquire them is [told](AcquireError::OwnerDied); its permits come back; a barrier at which it
//!   waited is broken; what it waited for goes to the next. Its proxies count no more.
//! * The manager: every call on its objects, also those that wait, fails at once with
//!   [`ManagerError::Gone`], and nothing panics.
//! * The owner of the manager: so does the manager.

// the face    owner (Manager) ▸ builder  own_process  proxy  address  error  acquire_error
// the kinds   kinds  list  dict  set  namespace  queue  lock  semaphore  event  barrier  condition
// an object   operation (what can be asked)  method (what can be called)  new_object (how it is made)
// between     client (a connection for each thread)  message   over the frames of process/
// the server  server/

mod acquire_error;
mod address;
mod barrier;
mod builder;
mod client;
mod condition;
mod dict;
mod error;
mod event;
#[cfg(test)]
mod faults;
#[cfg(any(test, fuzzing))]
pub(crate) mod forged;
mod kinds;
mod list;
mod lock;
mod message;
mod method;
mod namespace;
mod new_object;
mod operation;
mod own_process;
mod owner;
mod proxy;
mod queue;
mod semaphore;
mod server;
mod set;

pub use acquire_error::AcquireError;
pub use address::{Address, AuthKey};
pub use barrier::{Barrier, BarrierProxy};
pub use builder::ManagerBuilder;
pub use condition::{Condition, ConditionProxy};
pub use dict::DictProxy;
pub use error::ManagerError;
pub use event::{Event, EventProxy};
pub use list::ListProxy;
pub use lock::{Exclusive, Lock, LockGuard, LockProxy, RLock, RLockProxy};
pub use method::Method;
pub use namespace::{Namespace, NamespaceProxy};
pub use owner::Manager;
pub use proxy::{Proxy, ValueProxy};
pub use queue::{Queue, QueueProxy};
pub use semaphore::{Permit, Semaphore, SemaphoreProxy};
pub use set::SetProxy;

pub(crate) use server::serve;

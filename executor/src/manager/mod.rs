//! State that several processes share, in a process of its own.
//!
//! ```text
//! the face    owner (Manager)  proxy  address  error
//! the kinds   containers  namespace  queue  lock  semaphore  event  barrier  condition
//! an object   operation (what can be asked)  method (what can be called)  new_object (how it is made)
//! between     client (a connection for each thread)  message   over the frames of process/
//! the server  server/
//! ```

mod address;
mod barrier;
mod client;
mod condition;
mod containers;
mod error;
mod event;
mod lock;
mod message;
mod method;
mod namespace;
mod new_object;
mod operation;
mod owner;
mod proxy;
mod queue;
mod semaphore;
mod server;

pub use address::{Address, AuthKey};
pub use barrier::{Barrier, BarrierProxy};
pub use condition::{Condition, ConditionProxy};
pub use containers::{DictProxy, ListProxy, SetProxy, ValueProxy};
pub use error::ManagerError;
pub use event::{Event, EventProxy};
pub use lock::{AcquireError, Exclusive, Lock, LockGuard, LockProxy, RLock, RLockProxy};
pub use method::Method;
pub use namespace::{Namespace, NamespaceProxy};
pub use owner::{Manager, ManagerBuilder};
pub use proxy::Proxy;
pub use queue::{Queue, QueueProxy};
pub use semaphore::{Permit, Semaphore, SemaphoreProxy};

pub(crate) use server::serve;

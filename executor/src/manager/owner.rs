//! The manager as its owner and its clients have it: start, connect, make objects, shut down.

use std::any::type_name;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::address::{Address, AuthKey};
use super::builder::ManagerBuilder;
use super::client::{self, Endpoint};
use super::error::ManagerError;
use super::message::{Answer, Command, Published};
use super::new_object;
use super::own_process::OwnProcess;
use super::proxy::Proxy;
use crate::task::{Payload, Task, must_capture_nothing};

/// A process that holds objects for others: values, containers, locks, and types of your own.
///
/// [`start`](Manager::start) starts it; [`value`](Manager::value), [`list`](Manager::list) and so on
/// make an object there and give a [`Proxy`] of it, which can be passed to tasks on every executor.
/// Dropped, or shut down, it ends, and its objects are gone with it (their destructors are not run).
/// It ends with the process that started it, too.
///
/// A value that is nested so deeply that its `Deserialize`, `Serialize` or `Drop` overflows the 256 MiB of
/// stack that a thread of the manager has ends the manager.
///
/// For unrelated processes of the same executable: [`builder`](Manager::builder) with an address and a
/// key, [`publish`](Manager::publish), and on the other side [`connect`](Manager::connect) and
/// [`find`](Manager::find).
///
/// What it costs, what else there is, and the traps: the page on sharing state in these docs.
///
/// # Example
///
/// ```
/// use executor::manager::{LockProxy, ValueProxy};
/// use executor::{Error, Executor, Manager, ProcessPoolExecutor, fallible};
///
/// fn count(lock: LockProxy, counter: ValueProxy<u64>) -> Result<(), Error> {
///     for _ in 0..100 {
///         let held = lock.acquire()?;
///         counter.set_value(counter.value()? + 1)?;
///         held.release()?;
///     }
///     Ok(())
/// }
///
/// # fn main() -> Result<(), Error> {
/// let manager = Manager::start()?;
/// let (lock, counter) = (manager.lock()?, manager.value(0_u64)?);
/// let pool = ProcessPoolExecutor::new(2)?;
/// let args = (lock.clone(), counter.clone());
/// let counting = [pool.submit(fallible(count), args.clone())?, pool.submit(fallible(count), args)?];
/// for task in counting {
///     task.result()?;
/// }
/// assert_eq!(counter.value()?, 200);
/// # Ok(())
/// # }
/// ```
pub struct Manager {
    endpoint: Arc<Endpoint>,
    /// Who has only connected has none; who has shut it down has none any more.
    process: Mutex<Option<OwnProcess>>,
    is_owner: bool,
}

impl Manager {
    pub(super) fn started(endpoint: Endpoint, process: OwnProcess) -> Manager {
        Manager {
            endpoint: Arc::new(endpoint),
            process: Mutex::new(Some(process)),
            is_owner: true,
        }
    }

    /// Starts a manager with the default settings.
    ///
    /// # Errors
    ///
    /// [`ManagerError::System`] if the system refused a process, a socket or a descriptor.
    ///
    /// # Example
    ///
    /// ```
    /// let manager = executor::Manager::start()?;
    /// assert_ne!(manager.pid(), Some(std::process::id()));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn start() -> Result<Manager, ManagerError> {
        Manager::builder().start()
    }

    /// Settings to start one with.
    ///
    /// ```
    /// let manager = executor::Manager::builder().authkey("open sesame").start()?;
    /// assert_eq!(manager.authkey().as_bytes(), b"open sesame");
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn builder() -> ManagerBuilder {
        ManagerBuilder::default()
    }

    /// Connects to a manager that another process has started: one of the same user and executable
    /// (the same file, in which functions and types have the same names).
    ///
    /// # Errors
    ///
    /// [`ManagerError::Refused`] for a wrong key, another user or another executable;
    /// [`ManagerError::Gone`] if nobody listens there; [`ManagerError::InvalidArgument`] if the address or the key
    /// can be none; [`ManagerError::System`] if who listens there does not answer, or the system refused a socket.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::Manager;
    /// use executor::manager::QueueProxy;
    ///
    /// # fn main() -> Result<(), executor::Error> {
    /// let manager = Manager::builder().authkey("open sesame").start()?;
    /// manager.publish("orders", &manager.queue::<String>(10)?)?;
    ///
    /// // In another process of the same program:
    /// # let address = manager.address().clone();
    /// let theirs = Manager::connect(address, "open sesame")?;
    /// let orders: QueueProxy<String> = theirs.find("orders")?;
    /// orders.put("tea".to_owned())?;
    /// # assert_eq!(orders.get()?, "tea");
    /// # Ok(())
    /// # }
    /// ```
    pub fn connect(
        address: impl Into<Address>,
        authkey: impl Into<AuthKey>,
    ) -> Result<Manager, ManagerError> {
        let key = authkey.into();
        key.check()?;
        Ok(Manager {
            endpoint: Arc::new(client::meet(address.into(), key)?),
            process: Mutex::new(None),
            is_owner: false,
        })
    }

    /// Where it can be reached.
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert!(manager.address().to_string().starts_with("@executor-manager-"));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn address(&self) -> &Address {
        &self.endpoint.address
    }

    /// What a client has to know.
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert_eq!(manager.authkey().as_bytes().len(), 32);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn authkey(&self) -> &AuthKey {
        &self.endpoint.key
    }

    /// The process that holds the objects; `None` if this one only connected to it, or it was shut
    /// down.
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert!(manager.pid().is_some());
    /// manager.shutdown()?;
    /// assert!(manager.pid().is_none());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn pid(&self) -> Option<u32> {
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        process.as_ref().map(OwnProcess::pid)
    }

    /// Makes an object of any type in the manager's process: of what `constructor` returns, called
    /// there with these arguments. The type itself need not be serialisable. It is used by
    /// [`Proxy::call`]. A constructor that may fail is passed as [`fallible`](crate::fallible).
    ///
    /// # Errors
    ///
    /// [`ManagerError::Panicked`] or [`ManagerError::Failed`] if the constructor did;
    /// [`ManagerError::System`] if the system refused a pipe to keep the object alive by.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::Manager;
    ///
    /// struct Account { balance: i64 }
    ///
    /// impl Account {
    ///     fn open(balance: i64) -> Account { Account { balance } }
    ///     fn withdraw(&mut self, amount: i64) -> Result<i64, String> {
    ///         if amount > self.balance { return Err("that is too much".to_owned()) }
    ///         self.balance -= amount;
    ///         Ok(self.balance)
    ///     }
    /// }
    ///
    /// # fn main() -> Result<(), executor::Error> {
    /// let manager = Manager::start()?;
    /// let account = manager.object(Account::open, (100,))?;
    /// assert_eq!(account.call(Account::withdraw, (30,))?, Ok(70));
    /// assert_eq!(account.call(Account::withdraw, (80,))?, Err("that is too much".to_owned()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn object<F, Args>(
        &self,
        constructor: F,
        mut args: Args,
    ) -> Result<Proxy<F::Output>, ManagerError>
    where
        F: Task<Args>,
        F::Output: Send + 'static,
        Args: Payload,
    {
        must_capture_nothing!(F);
        // The type says it all; the manager makes a value of it anew.
        let _ = constructor;
        let name = new_object::name::<F, Args>()?;
        let made = self.endpoint.create(name, &mut args, F::each_argument)?;
        Ok(Proxy::new(&self.endpoint, made.object, made.lifeline))
    }

    /// Gives an object a name by which [`find`](Manager::find) finds it, from any process. A name that
    /// was another object's is its from then on. What has a name stays alive without proxies.
    ///
    /// # Errors
    ///
    /// [`ManagerError::UnknownObject`] if the proxy is of another manager's object.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// manager.publish("total", &manager.value(42)?)?; // it lives on by its name
    /// assert_eq!(manager.find::<i32>("total")?.value()?, 42);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn publish<T: Send + 'static>(
        &self,
        name: &str,
        proxy: &Proxy<T>,
    ) -> Result<(), ManagerError> {
        if proxy.instance() != self.endpoint.instance {
            return Err(ManagerError::UnknownObject);
        }
        let (object, lifeline) = proxy.object();
        let published = Published {
            object,
            type_name: type_name::<T>().to_owned(),
            lifeline,
        };
        let command = Command::Publish(name.to_owned(), published);
        self.endpoint.command(command).map(drop)
    }

    /// Takes a name away.
    ///
    /// # Errors
    ///
    /// [`ManagerError::UnknownName`] if nothing has it.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// manager.publish("total", &manager.value(42)?)?;
    /// manager.unpublish("total")?;
    /// assert!(manager.find::<i32>("total").is_err());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn unpublish(&self, name: &str) -> Result<(), ManagerError> {
        let command = Command::Unpublish(name.to_owned());
        self.endpoint.command(command).map(drop)
    }

    /// The object that has this name.
    ///
    /// # Errors
    ///
    /// [`ManagerError::UnknownName`] if nothing has it, [`ManagerError::WrongType`] if it is no `T`.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// use executor::ManagerError;
    ///
    /// manager.publish("total", &manager.value(42)?)?;
    /// assert_eq!(manager.find::<i32>("total")?.value()?, 42);
    /// assert!(matches!(manager.find::<String>("total"), Err(ManagerError::WrongType { .. })));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn find<T: Send + 'static>(&self, name: &str) -> Result<Proxy<T>, ManagerError> {
        match self.endpoint.command(Command::Find(name.to_owned()))? {
            Answer::Found(published) if published.type_name == type_name::<T>() => Ok(Proxy::new(
                &self.endpoint,
                published.object,
                published.lifeline,
            )),
            Answer::Found(published) => Err(ManagerError::WrongType {
                expected: type_name::<T>().to_owned(),
                found: published.type_name,
            }),
            _ => Err(ManagerError::UnknownName(name.to_owned())),
        }
    }

    /// How many objects it holds: those that somebody has a proxy of, and those with a name. (A process
    /// that is just starting another program has its proxies twice, for a moment.)
    ///
    /// # Errors
    ///
    /// [`ManagerError::Gone`] if it is.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let value = manager.value(42)?;
    /// assert_eq!(manager.object_count()?, 1);
    /// # drop(value);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn object_count(&self) -> Result<usize, ManagerError> {
        match self.endpoint.command(Command::Count)? {
            Answer::Count(count) => Ok(count),
            _ => Err(ManagerError::Decode("it is no count".to_owned())),
        }
    }

    /// Ends the manager. Its objects are gone, and every call on them, also those that wait, fails with
    /// [`ManagerError::Gone`]. Once it is shut down there is nothing more to do.
    ///
    /// # Errors
    ///
    /// [`ManagerError::NotTheOwner`] if this process did not start it.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// use executor::ManagerError;
    ///
    /// let value = manager.value(42)?;
    /// manager.shutdown()?;
    /// assert!(matches!(value.value(), Err(ManagerError::Gone(_))));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn shutdown(&self) -> Result<(), ManagerError> {
        if !self.is_owner {
            return Err(ManagerError::NotTheOwner);
        }
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = process.take() {
            own.end();
            client::forget(self.endpoint.instance);
        }
        Ok(())
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        // Who has only connected has nothing to end.
        drop(self.shutdown());
    }
}

impl fmt::Debug for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manager")
            .field("address", &self.endpoint.address)
            .field("pid", &self.pid())
            .finish_non_exhaustive()
    }
}

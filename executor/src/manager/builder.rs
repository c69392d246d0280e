//! The settings that a manager is started with.

use super::address::{Address, AuthKey};
use super::client::Endpoint;
use super::error::ManagerError;
use super::message::{Configuration, Started};
use super::own_process::OwnProcess;
use super::owner::Manager;
use super::server::system;

/// Bytes that a request or a reply may have, if nothing else is said.
const FRAME_LIMIT: usize = 256 << 20;

/// Settings of a manager; made by [`Manager::builder`].
///
/// ```
/// use executor::Manager;
///
/// # let folder = std::env::temp_dir().join(format!("manager-{}", std::process::id()));
/// # let path = folder.to_str().expect("a path of text").to_owned();
/// let manager = Manager::builder()
///     .address(path) // else a name that only the kernel knows
///     .authkey("open sesame") // else random
///     .frame_limit(1 << 20)
///     .start()?;
/// assert_eq!(manager.value(42)?.value()?, 42);
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct ManagerBuilder {
    address: Option<Address>,
    key: Option<AuthKey>,
    frame_limit: Option<usize>,
}

impl ManagerBuilder {
    /// Where it can be reached. By default at a random name that only the kernel knows.
    ///
    /// ```
    /// let manager = executor::Manager::builder().address("@for the example").start()?;
    /// assert_eq!(manager.address().to_string(), "@for the example");
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn address(mut self, address: impl Into<Address>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// What a client has to know. By default 32 random bytes, which travel with the proxies.
    ///
    /// ```
    /// let manager = executor::Manager::builder().authkey("open sesame").start()?;
    /// assert!(executor::Manager::connect(manager.address().clone(), "open barley").is_err());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn authkey(mut self, key: impl Into<AuthKey>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Bytes that a request or a reply may have; by default 256 MiB, at least 64 KiB.
    ///
    /// ```
    /// use executor::Manager;
    ///
    /// let manager = Manager::builder().frame_limit(64 * 1024).start()?;
    /// assert!(manager.value(vec![0u64; 100_000]).is_err());
    /// assert_eq!(manager.value(1)?.value()?, 1); // the connection is as good as before
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn frame_limit(mut self, bytes: usize) -> Self {
        self.frame_limit = Some(bytes);
        self
    }

    /// Starts it.
    ///
    /// # Errors
    ///
    /// [`ManagerError::InvalidArgument`] for a setting that can't be, [`ManagerError::System`] if the
    /// system refused a process, or to listen at the address.
    ///
    /// # Example
    ///
    /// ```
    /// let manager = executor::Manager::builder().start()?;
    /// assert_eq!(manager.object_count()?, 0);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn start(self) -> Result<Manager, ManagerError> {
        let frame_limit = self.frame_limit.unwrap_or(FRAME_LIMIT);
        if frame_limit < 64 << 10 {
            return Err(ManagerError::InvalidArgument(format!(
                "frame_limit: {frame_limit} bytes are less than 64 KiB"
            )));
        }
        let key = match self.key {
            Some(key) => key,
            None => AuthKey::random().map_err(|error| system("random numbers", &error))?,
        };
        key.check()?;
        let configuration = Configuration {
            address: self.address,
            key: key.clone(),
            frame_limit,
        };
        let (process, Started { address, instance }) = OwnProcess::launch(configuration)?;
        let endpoint = Endpoint {
            address,
            key,
            instance,
            frame_limit,
        };
        Ok(Manager::started(endpoint, process))
    }
}

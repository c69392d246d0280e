//! Where a manager can be reached, and by whom.

use std::fmt;
use std::io;
use std::os::linux::fs::MetadataExt;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::error::ManagerError;
use crate::random;

/// The address of a manager: a unix socket.
///
/// `"@name"` is a name that only the kernel knows, and that is gone with the manager; anything else is
/// the path of a socket file.
///
/// ```
/// use executor::manager::Address;
///
/// assert_eq!(Address::from("@counters").to_string(), "@counters");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address(String);

impl From<&str> for Address {
    fn from(text: &str) -> Address {
        Address(text.to_owned())
    }
}

impl From<String> for Address {
    fn from(text: String) -> Address {
        Address(text)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Address {
    /// One that nobody else has.
    pub(super) fn random() -> io::Result<Address> {
        let number = u128::from_le_bytes(random::bytes()?);
        Ok(Address(format!("@executor-manager-{number:032x}")))
    }

    pub(super) fn socket_address(&self) -> io::Result<SocketAddr> {
        match self.0.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name),
            None => SocketAddr::from_pathname(&self.0),
        }
    }

    /// The socket file, if it is one.
    pub(super) fn path(&self) -> Option<&str> {
        Some(&*self.0).filter(|text| !text.starts_with('@'))
    }
}

/// What a client has to know to be let in. Nothing prints it.
///
/// ```
/// use executor::manager::AuthKey;
///
/// let key = AuthKey::from("open sesame");
/// assert_eq!(key.as_bytes(), b"open sesame");
/// assert_eq!(format!("{key:?}"), "AuthKey(..)");
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthKey(Vec<u8>);

impl<B: Into<Vec<u8>>> From<B> for AuthKey {
    fn from(bytes: B) -> AuthKey {
        AuthKey(bytes.into())
    }
}

impl AuthKey {
    pub(super) fn random() -> io::Result<AuthKey> {
        Ok(AuthKey(random::bytes::<32>()?.to_vec()))
    }

    /// Bytes that a key may have: the greeting, which it is part of, is short.
    const MOST: usize = 1 << 10;

    /// Whether it is a key that a greeting has room for.
    pub(super) fn check(&self) -> Result<(), ManagerError> {
        if self.0.len() > AuthKey::MOST {
            return Err(ManagerError::InvalidArgument(format!(
                "authkey: {} bytes are more than {}",
                self.0.len(),
                AuthKey::MOST
            )));
        }
        Ok(())
    }

    /// The bytes of the key, to hand it to another process by a way of your own.
    ///
    /// ```
    /// assert_eq!(executor::manager::AuthKey::from("open sesame").as_bytes(), b"open sesame");
    /// ```
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether both are the same. How long that takes tells nothing of where they differ.
    pub(super) fn is(&self, other: &AuthKey) -> bool {
        let differences = self.0.iter().zip(&other.0);
        let difference = differences.fold(0, |sum, (one, other)| sum | (one ^ other));
        std::hint::black_box(difference) == 0 && self.0.len() == other.0.len()
    }
}

impl fmt::Debug for AuthKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthKey(..)")
    }
}

/// What tells this executable from others, and from what is built from the same sources later.
pub(super) fn image() -> io::Result<u64> {
    use std::hash::{DefaultHasher, Hash, Hasher};

    let file = std::fs::metadata("/proc/self/exe")?;
    let mut hasher = DefaultHasher::new();
    let written = (file.st_mtime(), file.st_mtime_nsec());
    (file.st_dev(), file.st_ino(), file.st_size(), written).hash(&mut hasher);
    Ok(hasher.finish())
}

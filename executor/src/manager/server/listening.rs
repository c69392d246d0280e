//! Where the manager listens, and the file of that.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;

use crate::manager::address::Address;

/// The file of a socket, as its maker knows it.
pub(super) struct SocketFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl SocketFile {
    /// The one at an address, if it has one.
    pub(super) fn at(address: &Address) -> Option<SocketFile> {
        let path = address.path()?;
        let found = fs::symlink_metadata(path).ok()?;
        Some(SocketFile {
            path: path.into(),
            device: found.dev(),
            inode: found.ino(),
        })
    }

    /// Removes it, if it is still there. What somebody else has put in its place is theirs.
    pub(super) fn remove(self) {
        let found = fs::symlink_metadata(&self.path);
        if found.is_ok_and(|it| (it.dev(), it.ino()) == (self.device, self.inode)) {
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Listens; if a manager that was killed has left its socket file behind, in its place. (Of two that
/// do so at the same moment one may take away the file of the other, which then nobody finds.)
pub(super) fn listen(address: &Address) -> io::Result<UnixListener> {
    let socket_address = address.socket_address()?;
    let bound = UnixListener::bind_addr(&socket_address);
    let (Err(error), Some(path)) = (&bound, address.path()) else {
        return bound;
    };
    let is_stale = error.kind() == io::ErrorKind::AddrInUse
        && is_socket(path)
        && UnixStream::connect_addr(&socket_address)
            .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
    if !is_stale {
        return bound;
    }
    fs::remove_file(path)?;
    UnixListener::bind_addr(&socket_address)
}

/// A connection to any other file is refused as well.
fn is_socket(path: &str) -> bool {
    fs::symlink_metadata(path).is_ok_and(|it| it.file_type().is_socket())
}

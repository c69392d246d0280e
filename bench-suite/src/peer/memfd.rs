//! The floor of big payloads between two processes: bytes written to a memfd, whose descriptor is
//! sent, mapped and copied into memory of the receiver's own; and the same way back.
//!
//! Each transfer has a new memfd and a new vector, as a pool's has that knows nothing of the last
//! one. What the caller can't do without, to free what it sent and to unmap what it received, is
//! part of a trip; the far end frees when it has answered.

#![expect(
    unsafe_code,
    reason = "a mapping is sound as long as nobody writes to the file, which no type says"
)]

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;

use memmap2::Mmap;
use rustix::fs::{MemfdFlags, memfd_create};

use super::descriptor;
use super::far_end::{self, FarEnd};

/// Its name in the report.
pub const MEMFD: &str = "bare memfd";

/// A process that sends back the bytes that it is sent.
#[derive(Debug)]
pub struct MemfdPeer(FarEnd);

impl MemfdPeer {
    /// Starts the process.
    ///
    /// # Panics
    ///
    /// If the system refuses a socket or a process.
    pub fn start() -> MemfdPeer {
        MemfdPeer(FarEnd::start(send_all_back))
    }

    /// Sends the bytes, at least one, and waits until they have come back.
    ///
    /// # Panics
    ///
    /// If the process is gone.
    pub fn there_and_back(&self, bytes: Vec<u8>) -> Vec<u8> {
        send(self.0.socket(), &bytes).expect("the far end is there");
        drop(bytes);
        let answer = receive(self.0.socket()).expect("the far end answers");
        answer.expect("the far end is there")
    }
}

/// The far end: sends back what it gets until there is nobody to get it.
fn send_all_back(address: String) {
    let socket = far_end::connect(&address).expect("the near end listens");
    while let Some(bytes) = receive(&socket).expect("the near end sends memfds") {
        send(&socket, &bytes).expect("the near end is there");
    }
}

/// Sends a memfd with a copy of the bytes.
fn send(socket: &UnixStream, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::from(memfd_create("bytes", MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    descriptor::send(socket, &file)
}

/// A copy of what the next memfd holds; `None` at the end.
fn receive(socket: &UnixStream) -> io::Result<Option<Vec<u8>>> {
    let Some(file) = descriptor::receive(socket)? else {
        return Ok(None);
    };
    // SAFETY: the file has no name, and who made it is `send` at the other end, which does not
    // touch it again once it is sent: nobody writes to it or cuts it while it is mapped.
    let mapped = unsafe { Mmap::map(&file)? };
    Ok(Some(mapped.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_went() {
        let peer = MemfdPeer::start();
        for size in [1, 4095, 4096, 4097, 1 << 20] {
            let bytes: Vec<u8> = (0..size).map(|place| (place % 251) as u8).collect();
            assert_eq!(peer.there_and_back(bytes.clone()), bytes);
        }
    }
}

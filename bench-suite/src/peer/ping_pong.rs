//! The floor of a round trip between two processes: a message and its echo over a unix socket, both
//! ends in blocking reads and writes.

use std::cell::Cell;
use std::io::{Read, Write};

use super::far_end::{self, FarEnd};

/// Its name in the report.
pub const PING_PONG: &str = "unix socket ping-pong";

/// As long as the header of a frame, without which no pool will do.
pub type Message = [u8; 24];

/// A process that sends back what it is sent.
#[derive(Debug)]
pub struct PingPong {
    far_end: FarEnd,
    /// Counts the messages.
    number: Cell<u8>,
}

impl PingPong {
    /// Starts the process.
    ///
    /// # Panics
    ///
    /// If the system refuses a socket or a process.
    pub fn start() -> PingPong {
        PingPong {
            far_end: FarEnd::start(echo),
            number: Cell::new(0),
        }
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.far_end.pid()
    }

    /// Another message than the last.
    pub fn next_message(&self) -> Message {
        self.number.set(self.number.get().wrapping_add(1));
        [self.number.get(); size_of::<Message>()]
    }

    /// Sends a message and waits for its echo.
    ///
    /// # Panics
    ///
    /// If the process is gone.
    pub fn round_trip(&self, message: &Message) -> Message {
        let mut socket = self.far_end.socket();
        socket.write_all(message).expect("the far end is there");
        let mut echo = [0; size_of::<Message>()];
        socket.read_exact(&mut echo).expect("the far end answers");
        echo
    }
}

/// The far end: echoes until there is nobody to hear it.
fn echo(address: String) {
    let mut socket = far_end::connect(&address).expect("the near end listens");
    let mut message = [0; size_of::<Message>()];
    while socket.read_exact(&mut message).is_ok() && socket.write_all(&message).is_ok() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_comes_back() {
        let peer = PingPong::start();
        for byte in 0..100 {
            assert_eq!(peer.round_trip(&[byte; 24]), [byte; 24]);
        }
    }
}

//! How the near end has two clients work at once: an order to each, and an answer when it is done.
//!
//! It is what submitting a task and waiting for it is to an executor, in its barest form, and part of
//! what is timed, as that is.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

/// What a client is to do, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Order {
    /// Which of the things that the client knows.
    pub(super) what: u32,
    /// How many times.
    pub(super) times: u32,
}

impl Order {
    fn to_bytes(self) -> [u8; 8] {
        let number = u64::from(self.what) << 32 | u64::from(self.times);
        number.to_le_bytes()
    }

    fn from_bytes(bytes: [u8; 8]) -> Order {
        let number = u64::from_le_bytes(bytes);
        Order {
            what: (number >> 32) as u32,
            times: number as u32,
        }
    }
}

/// Gives the order to all and waits until all are done.
///
/// # Panics
///
/// If one of them is gone.
pub(super) fn give<'a>(clients: impl Iterator<Item = &'a UnixStream> + Clone, order: Order) {
    for mut client in clients.clone() {
        let order = order.to_bytes();
        client.write_all(&order).expect("the client is there");
    }
    for mut client in clients {
        client.read_exact(&mut [0]).expect("the client is done");
    }
}

/// The client's side: does what it is told until there is nobody to tell it.
pub(super) fn follow(mut socket: UnixStream, mut act: impl FnMut(Order)) {
    let mut order = [0; 8];
    while socket.read_exact(&mut order).is_ok() {
        act(Order::from_bytes(order));
        if socket.write_all(&[0]).is_err() {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn all_clients_do_what_they_are_told_before_give_returns() {
        let order = Order {
            what: 7,
            times: u32::MAX,
        };
        let (near, clients): (Vec<_>, Vec<_>) = (0..2)
            .map(|_| {
                let (near, far) = UnixStream::pair().expect("the system has sockets");
                let client = thread::spawn(move || {
                    let mut followed = Vec::new();
                    follow(far, |order| followed.push(order));
                    followed
                });
                (near, client)
            })
            .unzip();
        give(near.iter(), order);
        give(near.iter(), order);
        drop(near);
        for client in clients {
            assert_eq!(client.join().expect("it ends"), [order, order]);
        }
    }
}

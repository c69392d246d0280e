//! Many clients of one server, each a thread with a connection of its own, that call in turn.
//!
//! What is measured is a call, with so many connections open at the server; not the way from one
//! client to the next, which a lone client has to itself as well.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How many there are where there are many.
pub const MANY: usize = 200;

/// Threads that wait for their turn.
#[derive(Debug)]
pub struct Clients(Vec<Client>);

#[derive(Debug)]
struct Client {
    turn: Sender<()>,
    time: Receiver<Duration>,
}

impl Clients {
    /// Starts `count` threads, each of which calls `connect` for the call that it is to make, and
    /// makes one.
    ///
    /// # Panics
    ///
    /// If one of them does.
    pub fn start<C: FnMut()>(
        count: usize,
        connect: impl FnOnce() -> C + Clone + Send + 'static,
    ) -> Clients {
        let clients = Clients((0..count).map(|_| Client::start(connect.clone())).collect());
        clients.calls(count);
        clients
    }

    /// Has the clients make so many calls in turn; how long those took, all together.
    ///
    /// # Panics
    ///
    /// If a call panicked.
    pub fn calls(&self, calls: usize) -> Duration {
        let turns = self.0.iter().cycle().take(calls);
        turns.map(Client::call).sum()
    }
}

impl Client {
    fn start<C: FnMut()>(connect: impl FnOnce() -> C + Send + 'static) -> Client {
        let (turn, turns) = channel();
        let (times, time) = channel();
        // It ends with its channel, and need not be waited for.
        thread::spawn(move || {
            let mut call = connect();
            for () in turns {
                let start = Instant::now();
                call();
                if times.send(start.elapsed()).is_err() {
                    break;
                }
            }
        });
        Client { turn, time }
    }

    fn call(&self) -> Duration {
        self.turn.send(()).expect("the client is there");
        self.time.recv().expect("the call succeeds")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn every_client_calls_as_often() {
        let (clients, calls) = (
            Arc::new(AtomicU64::new(0)),
            Arc::new(Mutex::new(Vec::new())),
        );
        let (counted, made) = (Arc::clone(&clients), Arc::clone(&calls));
        let connect = move || {
            let number = counted.fetch_add(1, Ordering::Relaxed);
            move || made.lock().expect("nothing panics under it").push(number)
        };
        let three = Clients::start(3, connect);
        three.calls(9);
        let mut calls = calls.lock().expect("nothing panics under it").clone();
        assert_eq!(calls[..3], calls[3..6]);
        calls.sort_unstable();
        assert_eq!(calls, [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
    }
}

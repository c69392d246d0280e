//! The floor of a counter that a process of its own keeps: a server with a thread for each connection
//! over unix sockets, messages of a few bytes with nothing encoded, blocking reads and writes, and no
//! allocation after the start. There is a lock and a number, which clients may use as the book's
//! program uses a manager's, four round trips for an increment; or they ask for an increment, in one.

mod server;

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;

use super::far_end::{self, FarEnd};
use super::orders::{self, Order};
use server::{ANSWER, Ask, REQUEST, serve};

/// Its name in the report.
pub const SOCKETS: &str = "bare sockets";

/// How many clients increment.
const CLIENTS: usize = 2;

/// In how many round trips an increment is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trips {
    /// Take the lock, read, write, release the lock.
    Four,
    /// Have the server do it.
    One,
}

impl Trips {
    /// Its name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Trips::Four => "four round trips",
            Trips::One => "one round trip",
        }
    }
}

/// A server, and two clients that increment its number.
#[derive(Debug)]
pub struct SocketCounter {
    own: Client,
    // Dropped before the server, which ends when they have.
    clients: [End; CLIENTS],
    server: FarEnd,
    address: String,
}

/// A client's end of the orders.
#[derive(Debug)]
enum End {
    Process(FarEnd),
    /// The thread ends with the socket, and need not be waited for.
    Thread(UnixStream),
}

impl SocketCounter {
    /// Starts the server, and the clients as processes.
    ///
    /// # Panics
    ///
    /// If the system refuses a socket or a process.
    pub fn start() -> SocketCounter {
        SocketCounter::start_with(|address| {
            End::Process(FarEnd::start_with(increment_as_told, address.to_owned()))
        })
    }

    /// Starts the server, and the clients as threads of this process.
    ///
    /// # Panics
    ///
    /// If the system refuses a socket, a process or a thread.
    pub fn start_with_threads() -> SocketCounter {
        SocketCounter::start_with(|address| {
            let (near, far) = UnixStream::pair().expect("the system has sockets");
            let address = address.to_owned();
            thread::spawn(move || follow(far, &address));
            End::Thread(near)
        })
    }

    fn start_with(client: impl Fn(&str) -> End) -> SocketCounter {
        let address = far_end::new_address();
        let server = FarEnd::start_with(serve, address.clone());
        // It says so when it listens.
        let mut near = server.socket();
        near.read_exact(&mut [0]).expect("the server listens");
        SocketCounter {
            own: Client::connect(&address).expect("the server listens"),
            clients: [(); CLIENTS].map(|()| client(&address)),
            server,
            address,
        }
    }

    /// Has each client make so many increments, both at once; what a counter from zero shows then.
    ///
    /// # Panics
    ///
    /// If a process is gone.
    pub fn run(&self, trips: Trips, increments: u32) -> u64 {
        self.own.ask(Ask::Set, 0);
        let order = Order {
            what: trips as u32,
            times: increments,
        };
        orders::give(self.clients.iter().map(End::socket), order);
        self.own.ask(Ask::Get, 0)
    }

    /// The server's process.
    pub fn server_pid(&self) -> u32 {
        self.server.pid()
    }

    /// The clients' processes; none where they are threads.
    pub fn client_pids(&self) -> Vec<u32> {
        let pid = |client: &End| match client {
            End::Process(far_end) => Some(far_end.pid()),
            End::Thread(_) => None,
        };
        self.clients.iter().filter_map(pid).collect()
    }

    /// The address for more clients; see [`Client::connect`].
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl End {
    fn socket(&self) -> &UnixStream {
        match self {
            End::Process(far_end) => far_end.socket(),
            End::Thread(near) => near,
        }
    }
}

/// A client in a process of its own.
fn increment_as_told(address: String, server: String) {
    let orders = far_end::connect(&address).expect("the near end listens");
    follow(orders, &server);
}

fn follow(socket: UnixStream, server: &str) {
    let client = Client::connect(server).expect("the server listens");
    orders::follow(socket, |order| {
        for _ in 0..order.times {
            if order.what == Trips::Four as u32 {
                client.increment_in_four();
            } else {
                client.increment();
            }
        }
    });
}

/// A connection to the server.
#[derive(Debug)]
pub struct Client(UnixStream);

impl Client {
    /// Connects to the server at `address`.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub fn connect(address: &str) -> io::Result<Client> {
        far_end::connect(address).map(Client)
    }

    /// As the book's program does: take the lock, read, write, release the lock.
    ///
    /// # Panics
    ///
    /// If the server is gone.
    pub fn increment_in_four(&self) {
        self.ask(Ask::Acquire, 0);
        let number = self.ask(Ask::Get, 0);
        self.ask(Ask::Set, number + 1);
        self.ask(Ask::Release, 0);
    }

    /// Has the server increment.
    ///
    /// # Panics
    ///
    /// If the server is gone.
    pub fn increment(&self) {
        self.ask(Ask::Increment, 0);
    }

    /// One round trip.
    fn ask(&self, ask: Ask, number: u64) -> u64 {
        let mut socket = &self.0;
        let mut request = [0; REQUEST];
        request[0] = ask as u8;
        request[1..].copy_from_slice(&number.to_le_bytes());
        socket.write_all(&request).expect("the server is there");
        let mut answer = [0; ANSWER];
        socket.read_exact(&mut answer).expect("the server answers");
        u64::from_le_bytes(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::counter::clients::Clients;

    #[test]
    fn no_increment_is_lost() {
        for peer in [SocketCounter::start(), SocketCounter::start_with_threads()] {
            for trips in [Trips::Four, Trips::One] {
                for increments in [0, 1, 300] {
                    let got = peer.run(trips, increments);
                    assert_eq!(got, 2 * u64::from(increments), "{trips:?}");
                }
            }
        }
    }

    #[test]
    fn a_hundred_clients_are_served() {
        let peer = SocketCounter::start();
        assert_eq!(peer.run(Trips::One, 0), 0);
        let address = peer.address().to_owned();
        let clients = Clients::start(100, move || {
            let client = Client::connect(&address).expect("the server listens");
            move || client.increment()
        });
        clients.calls(100);
        assert_eq!(peer.own.ask(Ask::Get, 0), 200);
    }
}

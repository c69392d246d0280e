//! Pages from a server that takes its time: nothing but waiting, which threads and processes can do at the same time.
//!
//! The server is on the loopback and replies after a fixed latency, so that what is measured is how many waits go on at
//! once, and not somebody's network.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use executor::{Error, Executor, fallible};

/// How many pages: as many as the tutorial downloads flags.
pub const PAGES: u16 = 20;

/// How long each reply takes: a near server's, so that a sequential run fits a visit.
pub const LATENCY: Duration = Duration::from_millis(2);

/// How long a page is.
const LENGTH: usize = 2_000;

/// Starts the server, which lasts as long as the program does; its port.
///
/// # Errors
///
/// The system refused a socket.
pub fn serve() -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            // A client that breaks off is no affair of the others.
            thread::spawn(move || drop(reply(&connection)));
        }
    });
    Ok(port)
}

/// Reads a request, whose path is a number, and replies to it.
fn reply(mut connection: &TcpStream) -> io::Result<()> {
    let (mut request, mut head) = (String::new(), BufReader::new(connection));
    head.read_line(&mut request)?;
    for line in head.lines() {
        if line?.is_empty() {
            break;
        }
    }
    thread::sleep(LATENCY);
    let number = request
        .split(['/', ' '])
        .nth(2)
        .and_then(|number| number.parse().ok());
    let page = page(number.unwrap_or(u16::MAX));
    let head = format!("HTTP/1.0 200 OK\r\nContent-Length: {LENGTH}\r\n\r\n");
    connection.write_all(&[head.as_bytes(), &page].concat())
}

/// The page of this number, unlike the others.
fn page(number: u16) -> Vec<u8> {
    let number = usize::from(number);
    (0..LENGTH)
        .map(|place| ((place + number) % 251) as u8)
        .collect()
}

/// The task: downloads a page; the sum of its bytes.
///
/// # Errors
///
/// Those of the system, and a reply without a page.
pub fn download(port: u16, number: u16) -> io::Result<u64> {
    let mut connection = TcpStream::connect(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))?;
    connection.write_all(format!("GET /{number} HTTP/1.0\r\n\r\n").as_bytes())?;
    let mut reply = Vec::new();
    connection.read_to_end(&mut reply)?;
    let end_of_head = reply.windows(4).position(|end| end == b"\r\n\r\n");
    let start = end_of_head.ok_or_else(|| io::Error::other("the reply has no head"))? + 4;
    Ok(reply[start..].iter().copied().map(u64::from).sum())
}

/// All pages, one after the other.
///
/// # Errors
///
/// Those of [`download`].
pub fn sequential(port: u16) -> io::Result<Vec<u64>> {
    (0..PAGES).map(|number| download(port, number)).collect()
}

/// All pages, a task for each.
///
/// # Errors
///
/// A task was not accepted or failed.
pub fn on(executor: &impl Executor, port: u16) -> Result<Vec<u64>, Error> {
    let tasks: Vec<_> = (0..PAGES)
        .map(|number| executor.submit(fallible(download), (port, number)))
        .collect::<Result<_, _>>()?;
    tasks.iter().map(|task| Ok(*task.result()?)).collect()
}

/// What must come of it.
#[must_use]
pub fn expected() -> Vec<u64> {
    let sum = |number| page(number).into_iter().map(u64::from).sum();
    (0..PAGES).map(sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Backend;

    #[test]
    fn every_page_comes_to_every_backend() -> Result<(), Box<dyn std::error::Error>> {
        let port = serve()?;
        assert_eq!(sequential(port)?, expected());
        for backend in Backend::ALL {
            assert_eq!(on(&backend.pool(3)?, port)?, expected(), "{backend:?}");
        }
        Ok(())
    }

    #[test]
    fn the_wrong_page_shows() {
        assert_ne!(expected()[0], expected()[1]);
    }
}

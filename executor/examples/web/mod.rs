//! A web to download from: a small server of the examples' own, and a real client.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// How long each reply takes, as if it came from far away.
const LATENCY: Duration = Duration::from_millis(100);

/// How the URLs begin that lead to this machine.
const HERE: &str = "http://127.0.0.1:";

/// Starts a server that gives out what `page` has for a path, until the program ends; its base URL.
pub(crate) fn serve(page: fn(&str) -> Option<String>) -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            // A client that breaks off is no affair of the others.
            thread::spawn(move || drop(reply(&connection, page)));
        }
    });
    Ok(format!("http://{address}"))
}

/// Reads the head of a request, and replies to it.
fn reply(mut connection: &TcpStream, page: fn(&str) -> Option<String>) -> io::Result<()> {
    let mut request = String::new();
    let mut head = BufReader::new(connection);
    head.read_line(&mut request)?;
    for line in head.lines() {
        if line?.is_empty() {
            break;
        }
    }
    thread::sleep(LATENCY);
    let found = request.split(' ').nth(1).and_then(page);
    let (status, text) = match found {
        Some(text) => ("200 OK", text),
        None => ("404 Not Found", String::new()),
    };
    let length = text.len();
    let reply =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}");
    connection.write_all(reply.as_bytes())
}

/// The text that a URL leads to.
pub(crate) fn download(url: String) -> Result<String, ureq::Error> {
    let mut request = ureq::get(&url);
    if url.starts_with(HERE) {
        // A proxy that the environment may name would not reach this machine's server.
        request = request.config().proxy(None).build();
    }
    request.call()?.body_mut().read_to_string()
}

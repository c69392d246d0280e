//! The programs that download: what they print, and what they ask of a server.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use super::{examples, run};
use crate::watchdog::watch;

#[test]
fn pages_shows_the_beginnings_of_two_pages() {
    const ARGUMENTS: [&[&str]; 2] = [&["threads"], &["processes"]];
    for arguments in ARGUMENTS {
        run("pages", arguments, |lines| {
            let [first, second, time] = lines else {
                panic!("three lines")
            };
            assert_eq!(*first, "<html><head><title>Future");
            assert_eq!(*second, "<html><head><title>Index<");
            assert!(time.starts_with(&format!("two pages on two workers ({}), ", arguments[0])));
        });
    }
}

/// An example that downloads from a server of the test's, whose replies come when the test says.
struct Download {
    example: Child,
    server: TcpListener,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Download {
    fn start(program: &Path, workers: &str) -> Download {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/base", server.local_addr().unwrap());
        let mut example = Command::new(program)
            .args([workers, &base])
            .env(
                "TMPDIR",
                Path::new(env!("CARGO_TARGET_TMPDIR")).join("asked"),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(example.stdout.take().unwrap()).lines();
        Download {
            example,
            server,
            lines,
        }
    }

    /// Waits for the next request; its path, and what the reply goes into.
    fn request(&self) -> (String, TcpStream) {
        let (mut connection, _) = self.server.accept().unwrap();
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            connection.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        (head.split(' ').nth(1).unwrap().to_owned(), connection)
    }

    /// Waits for two requests; what the replies go into, by path.
    fn two_requests(&self) -> [TcpStream; 2] {
        let asked: BTreeMap<String, TcpStream> = (0..2).map(|_| self.request()).collect();
        assert!(asked.keys().eq(["/base/", "/base/index.html"]), "{asked:?}");
        let connections: Vec<TcpStream> = asked.into_values().collect();
        connections.try_into().unwrap()
    }

    /// The next line that the example prints.
    fn line(&mut self) -> String {
        self.lines.next().expect("a line").unwrap()
    }

    /// The lines that are left, when the example has ended.
    fn end(mut self) -> Vec<String> {
        let left = self.lines.map(Result::unwrap).collect();
        assert!(self.example.wait().unwrap().success());
        left
    }
}

/// Replies with a page of which the text is the beginning.
fn reply(mut connection: TcpStream, text: &str) {
    let length = text.len();
    let reply =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}");
    connection.write_all(reply.as_bytes()).unwrap();
}

/// Runs an example that downloads on threads and on processes.
fn on_threads_and_processes(name: &str, scenario: fn(Download)) {
    for workers in ["threads", "processes"] {
        let program = examples().join(name);
        watch(move || scenario(Download::start(&program, workers)));
    }
}

#[test]
fn pages_are_asked_of_the_server_that_is_named() {
    on_threads_and_processes("pages", |pages| {
        // Both are asked for before either has come.
        let [first, second] = pages.two_requests();
        reply(second, "the second page, of which this is the beginning");
        reply(first, "the first page");
        let lines = pages.end();
        assert_eq!(lines[..2], ["the first page", "the second page, of which"]);
    });
}

#[test]
fn first_page_shows_the_one_that_comes_first_while_the_other_is_to_come() {
    on_threads_and_processes("first_page", |mut pages| {
        let [first, second] = pages.two_requests();
        reply(second, "the second page");
        assert_eq!(pages.line(), "the second page");
        assert_eq!(pages.line(), "1 more to come");
        reply(first, "the first page");
        assert_eq!(pages.end(), Vec::<String>::new());
    });
}

#[test]
fn pages_as_completed_shows_each_as_it_arrives() {
    on_threads_and_processes("pages_as_completed", |mut pages| {
        let [first, second] = pages.two_requests();
        reply(second, "the second page");
        assert_eq!(pages.line(), "the second page");
        reply(first, "the first page");
        assert_eq!(pages.line(), "the first page");
        assert_eq!(pages.end(), Vec::<String>::new());
    });
}

#[test]
fn pages_come_from_the_examples_own_server_if_none_is_named() {
    for name in ["first_page", "pages_as_completed"] {
        const ARGUMENTS: [&[&str]; 2] = [&["threads"], &["processes"]];
        for arguments in ARGUMENTS {
            run(name, arguments, |lines| {
                assert!(lines[0].starts_with("<html><head><title>"), "{lines:?}");
            });
        }
    }
}

#[test]
fn flags_saves_twenty_flags_in_order() {
    const ARGUMENTS: [&[&str]; 3] = [&["one-by-one"], &["threads"], &["processes"]];
    for arguments in ARGUMENTS {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("flags");
        drop(fs::remove_dir_all(&folder));
        run("flags", arguments, move |lines| {
            let [countries, count] = lines else {
                panic!("two lines")
            };
            let countries: Vec<&str> = countries.split(' ').collect();
            assert!(countries.is_sorted());
            assert!(count.starts_with("20 flags in "), "{count}");
            let flags: BTreeSet<String> = countries
                .iter()
                .map(|country| fs::read_to_string(folder.join(format!("{country}.svg"))).unwrap())
                .collect();
            assert_eq!(flags.len(), 20, "each is another one");
            assert!(flags.iter().all(|flag| flag.starts_with("<svg ")));
        });
    }
}

/// How many flags an example asks for before it has got any.
fn asked_for_at_once(workers: &'static str, expected: usize) {
    let program = examples().join("flags");
    watch(move || {
        let flags = Download::start(&program, workers);
        let mut open = VecDeque::new();
        for _ in 0..20 {
            if open.len() == expected {
                // All that can be asked for have been: the next comes only if one is answered.
                reply(open.pop_front().unwrap(), "a flag");
            }
            open.push_back(flags.request().1);
        }
        for connection in open {
            reply(connection, "a flag");
        }
        let lines = flags.end();
        let countries: Vec<&str> = lines[0].split(' ').collect();
        assert!(countries.is_sorted() && countries.len() == 20, "{lines:?}");
        assert!(lines[1].starts_with("20 flags in "), "{lines:?}");
    });
}

#[test]
fn flags_are_asked_for_one_by_one_or_by_all_workers_together() {
    asked_for_at_once("one-by-one", 1);
    asked_for_at_once("threads", 20);
    let processors = thread::available_parallelism().unwrap().get();
    asked_for_at_once("processes", processors.min(20));
}

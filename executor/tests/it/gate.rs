//! What a scenario holds tasks with and sees them by, on threads and in other processes alike.
//!
//! A [`Gate`] holds tasks until it is opened, and says when they have arrived. [`Marks`] say how
//! often a task ran. A meter says how many ran together. All are reached by a path, because a path
//! can be the argument of a task in another process.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

fn new_path(kind: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // ORDERING: Relaxed, all that matters is that the numbers differ.
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("executor-{kind}-{}-{number}", std::process::id());
    std::env::temp_dir().join(name)
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path of the tests' own").to_owned()
}

/// Holds the tasks that call [`pass`], until it is opened or dropped.
///
/// To be made after the pool whose tasks it holds, so that it is dropped before it: a scenario that
/// fails must not wait for its own gate.
pub(crate) struct Gate {
    /// Gone when the gate is open: then nobody can connect any more, and everybody passes.
    listener: UnixListener,
    held: Vec<UnixStream>,
    path: PathBuf,
}

impl Gate {
    pub(crate) fn new() -> Gate {
        let path = new_path("gate");
        drop(fs::remove_file(&path));
        Gate {
            listener: UnixListener::bind(&path).expect("a socket for a gate"),
            held: Vec::new(),
            path,
        }
    }

    /// What a task passes it by.
    pub(crate) fn key(&self) -> String {
        text(&self.path)
    }

    /// Waits until so many more tasks stand at the gate.
    pub(crate) fn await_arrivals(&mut self, count: usize) {
        for _ in 0..count {
            let (stream, _) = self.listener.accept().expect("a task at the gate");
            self.held.push(stream);
        }
    }

    /// Lets everybody through, now and later.
    pub(crate) fn open(self) {}
}

impl Drop for Gate {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

/// A task that waits at the gate until it opens.
pub(crate) fn pass(gate: String) {
    if let Ok(mut stream) = UnixStream::connect(gate) {
        // Whether it ends or breaks off: it is open.
        drop(stream.read(&mut [0]));
    }
}

/// As [`pass`], with a result to know it by.
pub(crate) fn pass_and_return(gate: String, value: u32) -> u32 {
    pass(gate);
    value
}

/// How often the tasks that call [`leave_mark`] ran.
pub(crate) struct Marks {
    folder: PathBuf,
}

impl Marks {
    pub(crate) fn new() -> Marks {
        let folder = new_path("marks");
        drop(fs::remove_dir_all(&folder));
        fs::create_dir(&folder).expect("a folder for marks");
        Marks { folder }
    }

    /// What a task leaves marks by.
    pub(crate) fn key(&self) -> String {
        text(&self.folder)
    }

    /// How often the task with this number ran.
    pub(crate) fn count(&self, number: u32) -> u64 {
        fs::metadata(self.folder.join(number.to_string())).map_or(0, |mark| mark.len())
    }

    /// How many different tasks ran.
    pub(crate) fn tasks(&self) -> usize {
        fs::read_dir(&self.folder)
            .expect("the folder of marks")
            .count()
    }
}

impl Drop for Marks {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// A task that leaves a mark: one more byte in the file of its number.
pub(crate) fn leave_mark(marks: String, number: u32) -> u32 {
    let path = Path::new(&marks).join(number.to_string());
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(b"x"))
        .expect("a mark can be left");
    number
}

/// Counts itself in; how many are in now.
pub(crate) fn enter(meter: &str) -> u32 {
    change(meter, 1)
}

/// Counts itself out.
pub(crate) fn leave(meter: &str) {
    change(meter, -1);
}

/// Changes the number in a file under the file's lock, which processes respect as threads do.
fn change(meter: &str, by: i32) -> u32 {
    let path = Path::new(meter).join("meter");
    let mut file: File = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
        .expect("the meter's file");
    file.lock().expect("the meter's lock");
    let mut number = String::new();
    file.read_to_string(&mut number)
        .expect("the meter's number");
    let before: u32 = number.parse().unwrap_or(0);
    let after = before.checked_add_signed(by).expect("as many out as in");
    file.rewind().expect("the meter's start");
    file.set_len(0).expect("an empty meter");
    file.write_all(after.to_string().as_bytes())
        .expect("the meter's new number");
    after
}

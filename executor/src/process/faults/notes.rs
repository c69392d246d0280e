//! What the workers of a case leave in its folder, and the watchdog that reads it out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::case::TASKS;
use super::{Plan, Point};
use crate::base::Future;

/// Longer than any case takes on a crowded machine.
const LIMIT: Duration = Duration::from_secs(40);

/// A folder for the notes of a case, gone with the value.
pub(super) struct Notebook(PathBuf);

impl Notebook {
    pub(super) fn new() -> Notebook {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // ORDERING: Relaxed, all that matters is that the numbers differ.
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("executor-faults-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        drop(fs::remove_dir_all(&folder));
        fs::create_dir(&folder).expect("a folder for notes");
        Notebook(folder)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    /// What the tasks get, to say that they ran.
    pub(super) fn key(&self) -> String {
        self.0.to_str().expect("a path of the tests' own").into()
    }

    /// How often each task ran.
    pub(super) fn runs(&self) -> BTreeMap<u32, usize> {
        let text = fs::read_to_string(self.0.join("ran")).unwrap_or_default();
        let mut runs = BTreeMap::new();
        for line in text.lines() {
            *runs.entry(line.parse().expect("a number")).or_default() += 1;
        }
        runs
    }
}

impl Drop for Notebook {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// What the workers noted, and whom the fault struck.
pub(super) struct Notes {
    pub(super) lines: Vec<(u32, String, u64)>,
    pub(super) struck: Vec<u32>,
}

impl Notes {
    pub(super) fn read(plan: &Plan) -> Notes {
        let text = |path| fs::read_to_string(path).unwrap_or_default();
        let line = |line: &str| {
            let mut words = line.split(' ');
            let pid = words.next()?.parse().ok()?;
            Some((pid, words.next()?.to_owned(), words.next()?.parse().ok()?))
        };
        Notes {
            lines: text(plan.notes()).lines().filter_map(line).collect(),
            struck: text(plan.struck())
                .lines()
                .filter_map(|pid| pid.parse().ok())
                .collect(),
        }
    }

    pub(super) fn processes(&self) -> BTreeSet<u32> {
        self.lines.iter().map(|(pid, ..)| *pid).collect()
    }

    /// The tasks with which the struck worker came to a point. `before` counts only what came
    /// before the fault, which struck at that visit of that point.
    pub(super) fn tasks_at(&self, point: Point, before: Option<(Point, u32)>) -> BTreeSet<u32> {
        let mut visits = 0;
        let own = self
            .lines
            .iter()
            .filter(|(pid, ..)| self.struck.contains(pid));
        own.take_while(|(_, at, _)| {
            let goes_on = before.is_none_or(|(_, visit)| visits < visit);
            if before.is_some_and(|(end, _)| *at == format!("{end:?}")) {
                visits += 1;
            }
            goes_on
        })
        .filter(|(_, at, task)| *at == format!("{point:?}") && *task < u64::from(TASKS))
        .map(|(.., task)| *task as u32)
        .collect()
    }
}

/// How a process is doing, as `/proc` says: R, S, T, Z; `None` if it is gone.
pub(super) fn condition(pid: u32) -> Option<char> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(") ")?.1.chars().next()
}

/// Reports instead of hanging.
pub(super) struct Watchdog {
    futures: Arc<Mutex<Vec<Future<u32>>>>,
    ended: Option<Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Watchdog {
    pub(super) fn new(name: String, plan: Plan) -> Watchdog {
        let futures = Arc::default();
        let (ended, end) = channel();
        let watched = Arc::clone(&futures);
        let thread = thread::spawn(move || watch(&name, &plan, &watched, &end));
        Watchdog {
            futures,
            ended: Some(ended),
            thread: Some(thread),
        }
    }

    pub(super) fn add(&self, future: &Future<u32>) {
        let mut futures = self.futures.lock().expect("nobody panics with it");
        futures.push(future.clone());
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.ended = None;
        drop(self.thread.take().map(thread::JoinHandle::join));
    }
}

fn watch(name: &str, plan: &Plan, futures: &Mutex<Vec<Future<u32>>>, end: &Receiver<()>) {
    if end.recv_timeout(LIMIT) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let mut text = format!("\n{name} hangs: no end after {LIMIT:?}\n");
    for future in &*futures.lock().expect("nobody panics with it") {
        text += &format!("  {future:?}\n");
    }
    let notes = Notes::read(plan);
    text += &format!("  struck: {:?}\n", notes.struck);
    for pid in notes.processes() {
        let last = notes.lines.iter().rfind(|(other, ..)| *other == pid);
        text += &format!("  worker {pid}: {:?}, last {last:?}\n", condition(pid));
    }
    drop(std::io::stderr().write_all(text.as_bytes()));
    // One that is stopped would not notice the end, and keep open what it writes to.
    for thread in fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten()
    {
        let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        for pid in children.split(' ').filter_map(|pid| pid.parse().ok()) {
            let _ = Pid::from_raw(pid).map(|pid| kill_process(pid, Signal::KILL));
        }
    }
    std::process::abort();
}

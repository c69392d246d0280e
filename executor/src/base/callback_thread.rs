//! A thread that runs callbacks, of futures that end where nothing of the user's may run.
//!
//! The callbacks stand in one line. One that waits holds up all behind it, and so the futures that are derived
//! there: that makes the thread the one worker of a pool, as far as others depend on it, and it can say which
//! futures those are. (So it is no channel, which can't be looked into.)
//!
//! ```text
//! sleeping -> busy       whoever sends something wakes it, which is marked under the line's lock
//! busy -> sleeping       the line is empty
//! sleeping, busy -> left the line is empty, and nobody is left to send anything
//! ```
//!
//! Who sends a step for a derived future makes others dead if the thread sleeps in a callback then, and they asked
//! before: so it has them ask again, when the step stands in line. Who asks is on the list before it looks at the
//! line; so one of the two sees the other.

use std::collections::{HashMap, VecDeque};
use std::io;

use super::counters::Tally;
use super::deadlock::Deadlock;
use super::liveness::{self, WhenStarved};
use super::observers::Callbacks;
use crate::sync::thread::{self, JoinHandle};
use crate::sync::{self, Arc, Condvar, Deadline, Mutex};

/// Of how many callbacks an empty line keeps the room.
const KEPT: usize = 1024;

/// The thread, as others see it.
pub(crate) struct CallbackThread {
    number: u32,
    name: String,
    line: Mutex<Line>,
    /// The thread sleeps here.
    filled: Condvar,
    /// Those who wait for its end sleep here.
    left: Condvar,
    /// The process that has it; see [`sync::process_generation`].
    generation: u32,
}

#[derive(Default)]
struct Line {
    errands: VecDeque<Errand>,
    /// By where its cell is, how many steps for a derived future stand in line.
    steps: HashMap<usize, usize>,
    is_sleeping: bool,
    /// Nobody is left to send anything.
    is_closed: bool,
    has_left: bool,
    /// How often those who wait for its end were told to look whether they should.
    looks: u64,
}

struct Errand {
    /// Where the cells are of the derived futures that it may end.
    derives: Vec<usize>,
    run: Box<dyn FnOnce() + Send>,
}

impl Line {
    /// The line is empty: after a long one, lets go of the memory that it took.
    fn let_go_of_room(&mut self) {
        if self.errands.capacity() > KEPT {
            self.errands = VecDeque::new();
            self.steps = HashMap::new();
        }
    }

    fn push(&mut self, errand: Errand) {
        for address in &errand.derives {
            *self.steps.entry(*address).or_default() += 1;
        }
        self.errands.push_back(errand);
    }

    fn pop(&mut self) -> Option<Errand> {
        let errand = self.errands.pop_front()?;
        for address in &errand.derives {
            if let Some(steps) = self.steps.get_mut(address) {
                *steps -= 1;
                if *steps == 0 {
                    self.steps.remove(address);
                }
            }
        }
        Some(errand)
    }
}

/// The way to the thread, which leaves when all of these are gone and it has run what was sent.
#[derive(Clone)]
pub(crate) struct OnCallbackThread(Arc<Sender>);

struct Sender(Arc<CallbackThread>);

impl Drop for Sender {
    fn drop(&mut self) {
        if self.0.is_elsewhere() {
            return;
        }
        self.0.line.lock().is_closed = true;
        self.0.filled.notify_one();
    }
}

impl OnCallbackThread {
    /// Has this run on the thread. It must not panic.
    pub(crate) fn run(&self, run: impl FnOnce() + Send + 'static) {
        self.0.0.send(Errand {
            derives: Vec::new(),
            run: Box::new(run),
        });
    }

    /// Has the callbacks of a future run on the thread. Those who `.await` it are woken at once: wakers only pass
    /// the word on, and shall not wait for callbacks, which may do anything.
    pub(crate) fn run_callbacks<T: Send + 'static>(&self, mut callbacks: Callbacks<T>) {
        callbacks.wake();
        if !callbacks.is_empty() {
            self.0.0.send(Errand {
                derives: callbacks.derives(),
                run: Box::new(|| callbacks.run()),
            });
        }
    }
}

impl CallbackThread {
    /// Starts one, for a pool of this name.
    pub(crate) fn start(
        name: String,
        stack_size: usize,
    ) -> io::Result<(Arc<CallbackThread>, OnCallbackThread, JoinHandle<()>)> {
        let thread_name = format!("{name}_callbacks");
        let thread = Arc::new(CallbackThread {
            number: liveness::new_pool_number(),
            name,
            line: Mutex::default(),
            filled: Condvar::new(),
            left: Condvar::new(),
            generation: sync::process_generation(),
        });
        let main = Leaves(Arc::clone(&thread));
        let handle = thread::spawn(thread_name, stack_size, move || main.0.go_on(stack_size))?;
        let sender = Sender(Arc::clone(&thread));
        Ok((thread, OnCallbackThread(Arc::new(sender)), handle))
    }

    fn go_on(self: &Arc<Self>, stack_size: usize) {
        let pool: Arc<Self> = Arc::clone(self);
        let _member = liveness::enter_pool(pool, Arc::<Tally>::default(), stack_size);
        while let Some(errand) = self.next() {
            (errand.run)();
        }
    }

    fn next(&self) -> Option<Errand> {
        if self.is_elsewhere() {
            // A callback has forked and returned in the copy: what stands in line is the original's.
            return None;
        }
        let mut line = self.line.lock();
        loop {
            if let Some(errand) = line.pop() {
                return Some(errand);
            }
            if line.is_closed {
                return None;
            }
            line.let_go_of_room();
            line.is_sleeping = true;
            line = self.filled.wait(line);
            line.is_sleeping = false;
        }
    }

    fn send(&self, errand: Errand) {
        if self.is_elsewhere() {
            // What had not ended when the process was forked never ends in the copy.
            return;
        }
        let derives = !errand.derives.is_empty();
        let mut line = self.line.lock();
        if line.has_left {
            drop(line);
            // One has panicked, which it must not. Better here than never.
            return (errand.run)();
        }
        line.push(errand);
        let is_sleeping = line.is_sleeping;
        drop(line);
        if is_sleeping {
            self.filled.notify_one();
        }
        // If it sleeps for want of callbacks it is in none; should it sleep in one later, it asks and sees the line.
        if derives && !is_sleeping {
            sync::graph().look_again_behind(self.number);
        }
    }

    /// Whether this process is a copy, forked since the thread was started. Asked before any lock is taken.
    fn is_elsewhere(&self) -> bool {
        sync::process_generation() != self.generation
    }

    /// Waits until the thread has run all and left; false if the deadline passed first.
    ///
    /// # Errors
    ///
    /// It would wait for ever; then it does not.
    pub(crate) fn has_left_by(
        self: &Arc<Self>,
        deadline: Option<Deadline>,
    ) -> Result<bool, Arc<Deadlock>> {
        let has_left = |line: &Line| line.has_left;
        liveness::sleep_until_end(self, deadline, &self.line, &self.left, has_left, |line| {
            line.looks
        })
    }
}

/// The thread leaves when this is dropped.
struct Leaves(Arc<CallbackThread>);

impl Drop for Leaves {
    fn drop(&mut self) {
        if self.0.is_elsewhere() {
            return;
        }
        let mut line = self.0.line.lock();
        line.has_left = true;
        // None, unless one has panicked, which they must not.
        let rest = std::mem::take(&mut line.errands);
        drop(line);
        self.0.left.notify_all();
        drop(rest);
    }
}

impl liveness::Pool for CallbackThread {
    fn number(&self) -> u32 {
        self.number
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn workers(&self) -> usize {
        usize::from(!self.is_elsewhere())
    }

    fn has_free_worker(&self) -> bool {
        false
    }

    fn has_room(&self) -> bool {
        true
    }

    fn when_starved(&self) -> WhenStarved {
        WhenStarved::Fail
    }

    fn start_spare(self: Arc<Self>) -> bool {
        false
    }

    fn look_again(&self) {
        self.line.lock().looks += 1;
        self.left.notify_all();
    }

    fn steps_in_line(&self, address: usize) -> usize {
        if self.is_elsewhere() {
            return 0;
        }
        self.line.lock().steps.get(&address).copied().unwrap_or(0)
    }
}

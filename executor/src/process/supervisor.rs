//! The supervisor: the one thread that starts workers, reads what they send, and reaps them.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::child::WorkerProcess;
use super::state::{Activity, Shared, Worker};
use super::transport::{Arrival, Receiver};
use super::wire::{Frame, Kind};
use crate::base::{TaskError, WorkerDeath, WorkerExit};

/// How many workers in a row may end before they are ready, until the pool is given up, if none is
/// ready.
const FAILED_STARTS: u32 = 8;

/// How long the pool waits after the first failed start; twice as long after each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// How long the pool waits between failed starts at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long a worker may take until it is ready.
const STARTING: Duration = Duration::from_secs(30);

/// How long a worker may take to end after its channel has ended.
const LEAVING: Duration = Duration::from_secs(5);

/// Supervises until the pool is closed and all that it accepted has ended.
pub(super) fn supervise(shared: &Shared) {
    let mut supervisor = Supervisor {
        shared,
        watched: Vec::new(),
        failed_starts: 0,
        next_start: None,
    };
    // Its destructor ends what has not ended, also if this panics.
    supervisor.run();
}

struct Supervisor<'s> {
    shared: &'s Shared,
    watched: Vec<Watched>,
    /// Workers in a row that ended before they were ready.
    failed_starts: u32,
    /// Before this moment no worker is started.
    next_start: Option<Instant>,
}

/// A worker, as the supervisor knows it.
struct Watched {
    process: WorkerProcess,
    receiver: Receiver,
    /// When it is to be killed, if it is not ready by then.
    ready_by: Option<Instant>,
    /// When it is to be killed, if its channel has ended.
    deadline: Option<Instant>,
    broke_protocol: bool,
    /// Something has arrived on the channel, or its end.
    readable: bool,
    /// The process has ended.
    dead: bool,
}

impl Supervisor<'_> {
    fn run(&mut self) {
        loop {
            self.start_wanted();
            if self.leave_if_done() {
                return;
            }
            if let Err(error) = self.wait() {
                let cause = format!("the pool can't watch its workers: {error}");
                self.shared.state.lock().broken.get_or_insert(cause.into());
                return;
            }
            self.read_and_bury();
        }
    }

    /// Starts as many workers as are wanted.
    fn start_wanted(&mut self) {
        while self.may_start() && self.shared.state.lock().wants_worker() {
            match WorkerProcess::start() {
                Ok((process, sender, receiver)) => {
                    self.shared.state.lock().workers.push(Worker {
                        pid: process.pid(),
                        sender,
                        activity: Activity::Starting,
                    });
                    self.watched.push(Watched {
                        process,
                        receiver,
                        ready_by: Some(Instant::now() + STARTING),
                        deadline: None,
                        broke_protocol: false,
                        readable: false,
                        dead: false,
                    });
                }
                Err(error) => {
                    self.start_failed(&format!("a worker process could not be started: {error}"));
                }
            }
        }
    }

    fn may_start(&self) -> bool {
        self.next_start
            .is_none_or(|moment| moment <= Instant::now())
    }

    /// A worker could not be started, or ended before it was ready. The next one is started after a
    /// pause; if none is ready and none can be made ready, the pool is given up.
    fn start_failed(&mut self, cause: &str) {
        let pause = FIRST_PAUSE * (1 << self.failed_starts.min(7));
        self.next_start = Some(Instant::now() + pause.min(LONGEST_PAUSE));
        self.failed_starts += 1;
        if self.failed_starts < FAILED_STARTS {
            return;
        }
        let cause: Arc<str> = cause.into();
        let mut state = self.shared.state.lock();
        let ready = |worker: &Worker| !matches!(worker.activity, Activity::Starting);
        if state.workers.iter().any(ready) {
            return;
        }
        state.broken = Some(Arc::clone(&cause));
        let orphans = std::mem::take(&mut state.queued);
        drop(state);
        for orphan in orphans {
            orphan
                .task
                .finish(Err(TaskError::PoolBroken(Arc::clone(&cause))));
        }
    }

    /// Tells the workers to leave if there is nothing more to do; true if all have left.
    fn leave_if_done(&mut self) -> bool {
        let state = self.shared.state.lock();
        if !state.is_done() {
            return false;
        }
        for worker in &state.workers {
            worker.sender.end();
        }
        let deadline = Instant::now() + LEAVING;
        for watched in &mut self.watched {
            watched.deadline.get_or_insert(deadline);
        }
        self.watched.is_empty()
    }

    /// Waits until there is something to do, and sends what was left unsent.
    fn wait(&mut self) -> rustix::io::Result<()> {
        let mut state = self.shared.state.lock();
        let mut fds = vec![PollFd::new(&self.shared.wake, PollFlags::IN)];
        for watched in &self.watched {
            let mut wanted = PollFlags::empty();
            if watched.receives() {
                wanted |= PollFlags::IN;
            }
            let worker = state.worker(watched.process.pid());
            if let Some(Activity::Gone) = worker.as_ref().map(|worker| &worker.activity) {
                // Its channel is broken; it may not know.
                watched.process.kill();
            }
            if worker.is_some_and(|worker| worker.sender.has_unsent()) {
                wanted |= PollFlags::OUT;
            }
            // With nothing wanted the kernel would still report a hang-up, again and again.
            let channel = if wanted.is_empty() {
                watched.process.as_fd()
            } else {
                watched.receiver.as_fd()
            };
            fds.push(PollFd::from_borrowed_fd(channel, wanted));
            fds.push(PollFd::from_borrowed_fd(
                watched.process.as_fd(),
                PollFlags::IN,
            ));
        }
        let next_start = self.next_start.filter(|_| state.wants_worker());
        drop(state);
        let deadlines = self.watched.iter().filter_map(Watched::next_deadline);
        let deadline = deadlines.chain(next_start).min();
        let timeout = deadline.map(|deadline| {
            let left = deadline.saturating_duration_since(Instant::now());
            // Rounded up, so as not to wake a moment too early and turn in a circle.
            Timespec::try_from(left + Duration::from_millis(1)).expect("a few seconds fit")
        });
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error),
        }
        let may_send = fds.iter().any(|fd| fd.revents().contains(PollFlags::OUT));
        let seen: Vec<(bool, bool)> = fds[1..]
            .chunks_exact(2)
            .map(|pair| (!pair[0].revents().is_empty(), !pair[1].revents().is_empty()))
            .collect();
        drop(fds);
        for (watched, (readable, dead)) in self.watched.iter_mut().zip(seen) {
            // What a worker sent before it died is read first.
            watched.readable = readable || dead;
            watched.dead = dead;
        }
        let _ = rustix::io::read(&self.shared.wake, &mut [0_u8; 8]);
        if may_send {
            self.flush();
        }
        Ok(())
    }

    fn flush(&self) {
        for worker in &mut self.shared.state.lock().workers {
            if worker.sender.flush().is_err()
                && !matches!(worker.activity, Activity::Running { .. })
            {
                worker.activity = Activity::Gone;
            }
        }
    }

    /// Reads from all workers, and buries those that have ended.
    fn read_and_bury(&mut self) {
        let now = Instant::now();
        for index in 0..self.watched.len() {
            if self.watched[index].readable {
                self.read(index);
            }
            let watched = &mut self.watched[index];
            let late = watched
                .next_deadline()
                .is_some_and(|deadline| deadline <= now);
            if late && !watched.dead {
                watched.process.kill();
                watched.broke_protocol = true;
                watched.ready_by = None;
                watched.deadline = None;
            }
        }
        for dead in self
            .watched
            .extract_if(.., |watched| watched.dead)
            .collect::<Vec<_>>()
        {
            self.bury(dead);
        }
    }

    /// Reads what a worker has sent.
    fn read(&mut self, index: usize) {
        let pid = self.watched[index].process.pid();
        while self.watched[index].receives() {
            let accepted = match self.watched[index].receiver.receive() {
                Ok(Arrival::Nothing) => return,
                Ok(Arrival::End) => {
                    self.watched[index].deadline = Some(Instant::now() + LEAVING);
                    return;
                }
                Ok(Arrival::Frame(frame)) => {
                    self.watched[index].ready_by = None;
                    self.accept(pid, frame)
                }
                Err(_) => false,
            };
            if !accepted {
                let watched = &mut self.watched[index];
                watched.broke_protocol = true;
                watched.process.kill();
            }
        }
    }

    /// Takes in a frame; false if the worker had no right to send it.
    fn accept(&mut self, pid: u32, frame: Frame) -> bool {
        let mut state = self.shared.state.lock();
        let Some(worker) = state.worker(pid) else {
            return false;
        };
        let task = match (
            frame.kind,
            std::mem::replace(&mut worker.activity, Activity::Idle),
        ) {
            (Kind::Ready, Activity::Starting) => {
                self.failed_starts = 0;
                None
            }
            (Kind::Outcome, Activity::Running { id, task }) if id == frame.id => Some(task),
            (_, activity) => {
                worker.activity = activity;
                return false;
            }
        };
        // The worker has its next task before the last one's waiters are told.
        let cancelled = state.dispatch();
        drop(state);
        drop(cancelled);
        if let Some(task) = task {
            task.finish(Ok(frame.payload));
        }
        true
    }

    /// A worker has ended: its task is lost.
    fn bury(&mut self, watched: Watched) {
        let pid = watched.process.pid();
        let exit = match (watched.process.reap(), watched.broke_protocol) {
            (WorkerExit::Signal(_), true) => WorkerExit::Protocol,
            (exit, _) => exit,
        };
        let mut state = self.shared.state.lock();
        let Some(index) = state.workers.iter().position(|worker| worker.pid == pid) else {
            return;
        };
        let worker = state.workers.swap_remove(index);
        // Then it was told to leave. Being closed is not enough: what is queued still needs a worker.
        let is_done = state.is_done();
        drop(state);
        let death = WorkerDeath { pid, exit };
        match worker.activity {
            Activity::Running { task, .. } => {
                task.finish(Err(TaskError::WorkerDied(Arc::new(death))));
            }
            Activity::Starting if !is_done => {
                self.start_failed(&format!(
                    "worker process {pid} {exit} before it was ready for tasks"
                ));
            }
            Activity::Starting | Activity::Idle | Activity::Gone => {}
        }
    }
}

impl Watched {
    /// When it is to be killed, if nothing happens before.
    fn next_deadline(&self) -> Option<Instant> {
        self.ready_by.into_iter().chain(self.deadline).min()
    }

    /// Whether something can still arrive.
    fn receives(&self) -> bool {
        !self.broke_protocol && self.deadline.is_none()
    }
}

impl Drop for Supervisor<'_> {
    fn drop(&mut self) {
        let mut state = self.shared.state.lock();
        state.closed = true;
        let queued = std::mem::take(&mut state.queued);
        let workers = std::mem::take(&mut state.workers);
        // The callback thread ends when it has run what was sent to it.
        state.callbacks = None;
        let is_running = |worker: &Worker| matches!(worker.activity, Activity::Running { .. });
        if !queued.is_empty() || workers.iter().any(is_running) {
            // `run` has said why, or panicked.
            let unknown = || "its supervisor ended before its tasks".into();
            state.broken.get_or_insert_with(unknown);
        }
        let cause: Arc<str> = state
            .broken
            .clone()
            .unwrap_or_else(|| "it has ended".into());
        drop(state);
        let running = workers
            .into_iter()
            .filter_map(|worker| match worker.activity {
                Activity::Running { task, .. } => Some(task),
                Activity::Starting | Activity::Idle | Activity::Gone => None,
            });
        for task in queued.into_iter().map(|queued| queued.task).chain(running) {
            task.finish(Err(TaskError::PoolBroken(Arc::clone(&cause))));
        }
        self.watched.clear();
        self.shared.state.lock().supervisor_ended = true;
        self.shared.ended.notify_all();
    }
}

#[cfg(test)]
#[expect(
    unsafe_code,
    reason = "a constructor is the one way to die before a worker is ready"
)]
mod tests {
    use std::process::{Command, Stdio, exit};
    use std::thread;
    use std::time::{Duration, Instant};

    use crate::base::TaskError;
    use crate::process::{ProcessPoolExecutor, entry};

    /// Set where workers die before they are ready.
    const DIE: &str = "EXECUTOR_TESTS_WORKERS_DIE";

    #[used]
    #[unsafe(link_section = ".init_array")]
    static CONSTRUCTOR: extern "C" fn() = die_as_a_worker;

    extern "C" fn die_as_a_worker() {
        let is_worker = std::env::args_os()
            .next()
            .is_some_and(|name| name == entry::ARGUMENT_0);
        if is_worker && std::env::var_os(DIE).is_some() {
            exit(9);
        }
    }

    /// Not a scenario: what the process runs that the scenario below starts.
    #[test]
    fn pool_whose_workers_die() {
        if std::env::var_os(DIE).is_none() {
            return;
        }
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let future = pool.submit(|| 1, ()).unwrap();
        drop(pool);
        let Err(TaskError::PoolBroken(cause)) = future.result() else {
            panic!("{future:?}")
        };
        assert!(cause.contains("code 9 before it was ready"), "{cause}");
    }

    #[test]
    fn a_pool_that_is_dropped_gives_up_on_workers_that_die_before_they_are_ready() {
        let test = "process::supervisor::tests::pool_whose_workers_die";
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact"])
            .env(DIE, "1")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while process.try_wait().unwrap().is_none() {
            if Instant::now() > deadline {
                process.kill().unwrap();
                process.wait().unwrap();
                panic!("{test} hangs");
            }
            thread::yield_now();
        }
        assert!(process.wait().unwrap().success());
    }
}

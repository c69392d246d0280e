//! The supervisor: the one thread that starts workers, reads what they send when nobody else does,
//! and reaps them.

use std::io;
use std::time::{Duration, Instant};

use super::child::ServingProcess;
use super::entry::Role;
use super::inbox::Inbox;
use super::options::OnWorkerDeath;
use super::page::{Page, Settings};
use super::roster::{Activity, Fault, Progress, Worker};
use super::shared::Shared;
use super::state::{Ended, State};
use super::transport;
use super::watch::{EventFlags, Token};
use super::wire::Parcel;
use crate::base::{TaskError, WorkerDeath};
use crate::sync::Arc;

/// How many workers in a row may end before they have done anything, until the pool is given up, if
/// none is ready.
const FAILED_STARTS: u32 = 8;

/// How long the pool waits after the first failed start; twice as long after each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// How long the pool waits between failed starts at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Supervises until the pool is closed and all that it accepted has ended.
pub(super) fn supervise(shared: &Shared) {
    let mut supervisor = Supervisor {
        shared,
        next_number: 0,
        next_start: None,
    };
    // Its destructor ends what has not ended, also if this panics.
    supervisor.run();
}

struct Supervisor<'s> {
    shared: &'s Shared,
    next_number: u64,
    /// Before this moment no worker is started.
    next_start: Option<Instant>,
}

impl Supervisor<'_> {
    fn run(&mut self) {
        loop {
            self.start_wanted();
            self.finish_handed_over();
            if self.send_away() {
                return;
            }
            if let Err(error) = self.wait_and_read() {
                let cause = format!("the pool can't watch its workers: {error}");
                self.shared.state.lock().broken.get_or_insert(cause.into());
                return;
            }
        }
    }

    /// Starts as many workers as are wanted.
    fn start_wanted(&mut self) {
        while self.may_start() && self.shared.state.lock().wants_worker() {
            if let Err(error) = self.start() {
                let is_coming = |worker: &Worker| worker.activity == Activity::Starting;
                let cause = format!("a worker process could not be started: {error}");
                self.start_failed(&cause, is_coming);
            }
        }
    }

    fn may_start(&self) -> bool {
        self.next_start
            .is_none_or(|moment| moment <= Instant::now())
    }

    fn start(&mut self) -> io::Result<()> {
        let options = &self.shared.options;
        let number = self.next_number;
        self.next_number += 1;
        let (page, memory) = Page::new(Settings {
            frame_limit: options.frame_limit,
            initializes: options.initializer.is_some(),
        })?;
        let page = Arc::new(page);
        let (sender, receiver, theirs) =
            transport::channel(Arc::clone(&page), options.frame_limit)?;
        let inbox = Arc::new(Inbox::new(
            receiver,
            Arc::clone(&self.shared.watch),
            number,
        )?);
        let process = ServingProcess::start(Role::Worker, theirs, &options.environment)?;
        self.shared.watch.add(&process, Token::Process(number))?;
        let mut worker = Worker::new(
            number,
            process,
            inbox,
            sender,
            page,
            options.max_tasks_per_child,
        );
        worker.greet(Parcel::hello(memory), options.initializer.clone());
        let mut state = self.shared.state.lock();
        if state.vacancies > 0 {
            state.vacancies -= 1;
            state.replaced += 1;
        }
        state.workers.push(worker);
        Ok(())
    }

    /// A worker could not be started, or ended before it had done anything. The next one is started
    /// after a pause; if none is ready and none can be made ready, the pool is given up.
    /// A worker that `is_hope` may be ready yet.
    fn start_failed(&mut self, cause: &str, is_hope: fn(&Worker) -> bool) {
        let mut state = self.shared.state.lock();
        let pause = FIRST_PAUSE * (1 << state.failed_starts.min(7));
        self.next_start = Some(Instant::now() + pause.min(LONGEST_PAUSE));
        state.failed_starts += 1;
        let is_ready = |worker: &Worker| worker.activity == Activity::Ready || is_hope(worker);
        if state.failed_starts < FAILED_STARTS || state.workers.iter().any(is_ready) {
            return;
        }
        let ended = state.break_with(&cause.into());
        drop(state);
        self.shared.finish(ended);
    }

    /// Finishes what waiters have left to this thread.
    fn finish_handed_over(&self) {
        let handed_over = std::mem::take(&mut self.shared.state.lock().handed_over);
        self.shared.finish(handed_over);
    }

    /// Tells the workers to leave for which there is nothing more to do; true if the pool is closed,
    /// all that it accepted has ended, and all have left.
    fn send_away(&mut self) -> bool {
        let mut state = self.shared.state.lock();
        let is_done = state.is_done();
        let is_broken = state.broken.is_some();
        let now = Instant::now();
        let is_late = |since: Instant| {
            let timeout = self.shared.options.idle_timeout;
            timeout.is_some_and(|timeout| now.saturating_duration_since(since) >= timeout)
        };
        for worker in &mut state.workers {
            let is_idle = worker.is_idle() && (is_broken || worker.idle_since.is_some_and(is_late));
            // What was revoked is still to be sent: a frame that breaks off would be an error.
            if is_idle || is_done && !worker.has_unsent() {
                worker.leave();
            }
            if worker.deadline.is_some_and(|deadline| deadline <= now) {
                worker.give_up();
            }
        }
        is_done && state.workers.is_empty() && state.finishing == 0
    }

    /// Waits until there is something to do, reads what has come, and buries the dead.
    fn wait_and_read(&mut self) -> io::Result<()> {
        let state = self.shared.state.lock();
        let deadline = state.next_deadline(&self.shared.options);
        let next_start = self.next_start.filter(|_| state.wants_worker());
        drop(state);
        let deadline = deadline.into_iter().chain(next_start).min();
        let timeout = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let mut events = Vec::new();
        self.shared
            .watch
            .wait(timeout, |token, flags| events.push((token, flags)))?;
        for (token, flags) in events {
            match token {
                Token::Wake => self.shared.awake(),
                Token::Channel(number) => self.tend(number, flags),
                Token::Process(number) => self.bury(number),
            }
        }
        Ok(())
    }

    /// Reads from a worker's channel, and sends what it had no room for.
    fn tend(&self, number: u64, flags: EventFlags) {
        let mut state = self.shared.state.lock();
        let Some(worker) = state.worker(number) else {
            return;
        };
        if flags.contains(EventFlags::OUT) {
            worker.flush();
        }
        let inbox = Arc::clone(&worker.inbox);
        drop(state);
        if flags != EventFlags::OUT
            && let Some(ended) = inbox.look(|found| self.shared.take_in(number, found))
        {
            self.shared.finish(ended);
        }
    }

    /// A worker has died: what it had begun is lost.
    fn bury(&mut self, number: u64) {
        let mut state = self.shared.state.lock();
        let Some(worker) = state.worker(number) else {
            return;
        };
        let inbox = Arc::clone(&worker.inbox);
        drop(state);
        // What it sent before it died counts.
        self.shared
            .finish(inbox.empty(|found| self.shared.take_in(number, found)));
        let mut state = self.shared.state.lock();
        let Some(mut worker) = state.remove(number) else {
            return;
        };
        // By name, not by closing them: a copy of this process that was forked may hold them too,
        // and what has ended is reported for as long as it is watched.
        inbox.unwatch();
        self.shared.watch.remove(&worker.process);
        let lost = worker.take_lost();
        let pid = worker.process.pid();
        // Under the lock: whoever finds the worker gone finds the pool as its death has left it.
        let exit = worker.reap();
        let nothing_begun = lost.is_empty() && worker.progress != Progress::Worked;
        let error = TaskError::WorkerDied(Arc::new(WorkerDeath { pid, exit }));
        let mut ended = state.lost(lost, &error);
        let left = worker.activity == Activity::Leaving;
        if !(left && state.closed) {
            state.vacancies += 1;
        }
        let is_unexpected = !left && !state.is_done();
        if is_unexpected
            && !state.forced
            && self.shared.options.on_worker_death == OnWorkerDeath::Break
        {
            ended.extend(break_all(&mut state, pid, &format!("{exit}")));
        }
        // What came back may be for one that is idle.
        state.dispatch();
        let is_over = state.is_done();
        drop(state);
        self.shared.finish(ended);
        if is_unexpected && nothing_begun && !is_over {
            let when = match (worker.progress, worker.fault) {
                (Progress::Started, Some(Fault::Late)) => "because it did not answer",
                (Progress::Started, _) => "before it was ready for tasks",
                (Progress::Ready | Progress::Worked, _) => "before it had run a task",
            };
            // Another one that is starting is no hope: two that die in turn would wait for each other.
            let cause = format!("worker process {pid} {exit} {when}");
            self.start_failed(&cause, |_| false);
        }
    }
}

/// Breaks the pool as Python does when a worker dies.
fn break_all(state: &mut State, pid: u32, exit: &str) -> Vec<Ended> {
    let cause: Arc<str> = format!("worker process {pid} {exit}").into();
    let mut ended = state.break_with(&cause);
    ended.extend(state.abandon_running(&cause));
    ended
}

impl Drop for Supervisor<'_> {
    fn drop(&mut self) {
        let mut state = self.shared.state.lock();
        state.closed = true;
        state.tell_submitters();
        // The callback thread ends when it has run what was sent to it.
        state.callback_thread = None;
        let cause = match &state.broken {
            Some(cause) => Arc::clone(cause),
            // `run` has said why, or panicked.
            None => "its supervisor ended before its tasks".into(),
        };
        let mut ended = std::mem::take(&mut state.handed_over);
        if !state.queued.is_empty() || state.workers.iter().any(Worker::has_tasks) {
            ended.extend(state.break_with(&cause));
            ended.extend(state.abandon_running(&cause));
        }
        let workers = std::mem::take(&mut state.workers);
        drop(state);
        // Kills and reaps those that are left.
        drop(workers);
        self.shared.finish(ended);
        self.shared.supervisor_has_ended();
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
    use crate::process::ProcessPoolExecutor;
    use crate::process::entry::Role;

    /// Set where workers die before they are ready.
    const DIE: &str = "EXECUTOR_TESTS_WORKERS_DIE";

    #[used]
    #[unsafe(link_section = ".init_array")]
    static CONSTRUCTOR: extern "C" fn() = die_as_a_worker;

    extern "C" fn die_as_a_worker() {
        let is_worker = std::env::args_os()
            .next()
            .is_some_and(|name| name == Role::Worker.argument_0());
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
    fn a_unit_test_needs_nothing_for_a_pool() {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let pid = *pool.submit(std::process::id, ()).unwrap().result().unwrap();
        assert_ne!(pid, std::process::id());
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

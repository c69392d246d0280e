//! One execution of a program, written down.

use std::sync::Mutex;

use super::program::{Act, Operation, Program, Target};
use super::record::{Entry, Number, PROMISED, Record, Step};
use crate::base::{Future, Promise, State, TaskError, ThreadPoolExecutor, promise};
use crate::harness::{join, thread};
use crate::payload::{Payload, callback};
use crate::runs::{Runs, number};
use crate::sync::Arc;

/// What the threads of a program share. Its locks are the standard library's, and are held over no step of the schedule.
struct Shared {
    record: Record,
    pool: ThreadPoolExecutor,
    runs: Runs,
    /// Nobody has it while it is claimed or kept. With it, whether it was claimed.
    promise: Mutex<Option<(Promise<Payload>, bool)>>,
    promised: Future<Payload>,
    /// Each future that there is, with its number.
    futures: Mutex<Vec<(Number, Future<Payload>)>>,
    /// When shutdowns that cancel began and ended.
    cancelling: Mutex<Vec<(usize, usize)>>,
    numbers: Mutex<usize>,
}

/// The most tasks a program can submit: one before, and four in each of three threads.
const MOST_TASKS: usize = 13;

/// Executes the program under the schedule that is running; its history.
pub(super) fn execute(program: &Program) -> Vec<Entry> {
    let record = Record::default();
    let (promise, promised) = promise();
    let shared = Arc::new(Shared {
        record: record.clone(),
        pool: ThreadPoolExecutor::new(program.workers).expect("it has workers"),
        runs: Runs::of(MOST_TASKS + 1),
        promise: Mutex::new(Some((promise, false))),
        futures: Mutex::new(vec![(PROMISED, promised.clone())]),
        promised,
        cancelling: Mutex::default(),
        numbers: Mutex::new(0),
    });
    let first = shared.submit(None).expect("the pool is open");
    let threads = program
        .threads
        .iter()
        .cloned()
        .enumerate()
        .map(|(number, operations)| {
            let (shared, mut own) = (Arc::clone(&shared), None);
            let first = first.clone();
            thread(move || {
                for operation in operations {
                    shared.perform(number, operation, &first, &mut own);
                }
            })
        });
    join(threads.collect::<Vec<_>>());
    shared.end();
    drop((shared, first));
    record.into_history()
}

type Numbered = (Number, Future<Payload>);

impl Shared {
    fn next_number(&self) -> usize {
        let mut numbers = self.numbers.lock().expect("no panic under it");
        *numbers += 1;
        *numbers
    }

    fn perform(
        &self,
        thread: usize,
        operation: Operation,
        first: &Numbered,
        own: &mut Option<Numbered>,
    ) {
        match operation {
            Operation::Claim => self.claim(thread),
            Operation::Finish => self.finish(Some(thread)),
            Operation::Submit => *own = self.submit(Some(thread)).or_else(|| own.take()),
            Operation::Shutdown { cancel_pending } => self.shut_down(thread, cancel_pending),
            Operation::On(Target::Promised, Act::Await) => {
                self.act(thread, &(PROMISED, self.promised.clone()), Act::Look);
            }
            Operation::On(Target::Promised, act) => {
                self.act(thread, &(PROMISED, self.promised.clone()), act);
            }
            Operation::On(Target::First, act) => self.act(thread, first, act),
            Operation::On(Target::Own, act) => self.act(thread, own.as_ref().unwrap_or(first), act),
        }
    }

    /// Submits a task, which notes that it runs.
    fn submit(&self, thread: Option<usize>) -> Option<Numbered> {
        let n = self.next_number();
        let (record, runs) = (self.record.clone(), self.runs.clone());
        let invoked = self.record.moment();
        let accepted = self.pool.spawn(move || {
            runs.run(n);
            record.note(None, invoked, Step::Start(n));
            let value = Payload::new(number(n));
            // It ends some time after this, and before the pool does.
            record.note_between(None, record.moment(), usize::MAX, Step::Publish(n));
            Ok(value)
        });
        let future = accepted.ok();
        self.record
            .note(thread, invoked, Step::Submit(n, future.is_some()));
        let numbered = (n, future?);
        // Cloned under no lock: that is a step of the schedule.
        let kept = numbered.clone();
        self.futures.lock().expect("no panic under it").push(kept);
        Some(numbered)
    }

    fn take_promise(&self) -> Option<(Promise<Payload>, bool)> {
        self.promise.lock().expect("no panic under it").take()
    }

    fn claim(&self, thread: usize) {
        let Some((mut promise, was_claimed)) = self.take_promise() else {
            return;
        };
        let invoked = self.record.moment();
        let is_claimed = promise.claim();
        self.record.note(
            Some(thread),
            invoked,
            match (was_claimed, is_claimed) {
                (true, true) => Step::See(PROMISED, State::Running),
                (false, true) => Step::Start(PROMISED),
                (_, false) => Step::TooLate(PROMISED),
            },
        );
        *self.promise.lock().expect("no panic under it") = Some((promise, is_claimed));
    }

    /// Keeps the promise, if nobody has. It is claimed first, and that can be seen.
    fn finish(&self, thread: Option<usize>) {
        let Some((promise, was_claimed)) = self.take_promise() else {
            return;
        };
        let invoked = self.record.moment();
        if promise.finish(Ok(Payload::new(0))) {
            if !was_claimed {
                self.record.note(thread, invoked, Step::Start(PROMISED));
            }
            self.record.note(thread, invoked, Step::Publish(PROMISED));
        } else {
            self.record.note(thread, invoked, Step::TooLate(PROMISED));
        }
    }

    fn shut_down(&self, thread: usize, cancel_pending: bool) {
        let invoked = self.record.moment();
        self.pool.shut_down(false, cancel_pending);
        self.record.note(Some(thread), invoked, Step::Close);
        if cancel_pending {
            let ended = self.record.moment();
            self.cancelling
                .lock()
                .expect("no panic under it")
                .push((invoked, ended));
        }
    }

    fn act(&self, thread: usize, (n, future): &Numbered, act: Act) {
        let invoked = self.record.moment();
        let step = match act {
            Act::Cancel => Step::Cancel(*n, future.cancel()),
            Act::State => Step::See(*n, future.state()),
            Act::Look if !future.done() => Step::SeeEnd(*n, None),
            Act::Look | Act::Await => Step::SeeEnd(*n, Some(end(*n, future))),
            Act::AddCallback => {
                let number = self.next_callback(*n, future);
                Step::AddCallback(*n, number)
            }
        };
        self.record.note(Some(thread), invoked, step);
    }

    /// Adds a callback, which notes that it is called.
    fn next_callback(&self, n: Number, future: &Future<Payload>) -> usize {
        let number = self.record.moment();
        let record = self.record.clone();
        future.add_done_callback(callback(move |future| {
            let invoked = record.moment();
            let state = end(n, future);
            record.note(None, invoked, Step::Call(n, number, state));
        }));
        number
    }

    /// Ends what the program has left open, and looks at it once more.
    fn end(&self) {
        self.finish(None);
        self.pool.shut_down(true, false);
        let futures = std::mem::take(&mut *self.futures.lock().expect("no panic under it"));
        let cancelling = std::mem::take(&mut *self.cancelling.lock().expect("no panic under it"));
        for (n, future) in futures {
            assert!(future.done(), "future {n} has not ended, and the pool has");
            let state = end(n, &future);
            for &(invoked, responded) in &cancelling {
                if n != PROMISED && state == State::Cancelled {
                    let step = Step::ShutdownMayCancel(n);
                    self.record.note_between(None, invoked, responded, step);
                }
            }
            let invoked = self.record.moment();
            self.record
                .note(None, invoked, Step::SeeEnd(n, Some(state)));
        }
    }
}

/// How a future has ended, which it must have with its own value or by a cancel.
fn end(n: Number, future: &Future<Payload>) -> State {
    match future.result() {
        Ok(value) => {
            assert_eq!(value.value(), number(n), "another future's value");
            assert_eq!(future.state(), State::Finished);
        }
        Err(error) => {
            assert!(matches!(error, TaskError::Cancelled), "future {n}: {error}");
            assert_eq!(future.state(), State::Cancelled);
        }
    }
    future.state()
}

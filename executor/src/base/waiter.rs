//! A thread that waits for futures to end, and the list of those that have.

use std::collections::VecDeque;

use crate::sync::{Condvar, Deadline, Mutex};

/// Where one waiting thread is told of the futures it waits for.
///
/// Each future it is registered with tells it a token, once, when it ends. The tokens come out in
/// the order of the ends.
pub(crate) struct Waiter {
    ended: Mutex<VecDeque<usize>>,
    wakeup: Condvar,
}

impl Waiter {
    pub(crate) fn new() -> Waiter {
        Waiter {
            ended: Mutex::new(VecDeque::new()),
            wakeup: Condvar::new(),
        }
    }

    /// Tells it that the future it knows as `token` has ended.
    pub(crate) fn notify(&self, token: usize) {
        self.ended.lock().push_back(token);
        // One thread waits here, so one is enough. It looks at the list under the lock before it
        // sleeps, so it can't miss what was pushed.
        self.wakeup.notify_one();
    }

    /// The next token; `None` if the deadline passes first.
    pub(crate) fn next(&self, deadline: Option<Deadline>) -> Option<usize> {
        let mut ended = self.ended.lock();
        loop {
            if let Some(token) = ended.pop_front() {
                return Some(token);
            }
            match deadline {
                None => ended = self.wakeup.wait(ended),
                Some(deadline) => {
                    let timed_out;
                    (ended, timed_out) = self.wakeup.wait_until(ended, deadline);
                    if timed_out {
                        return ended.pop_front();
                    }
                }
            }
        }
    }
}

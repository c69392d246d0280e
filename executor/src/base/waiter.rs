//! A thread that waits for futures to end, and the list of those that have.

use std::collections::VecDeque;

use crate::sync::{Condvar, Deadline, Mutex, bug};

/// What a future is known as to one who waits for it.
pub(crate) type Token = usize;

/// Where one waiting thread is told of the futures it waits for.
///
/// Each future it is registered with tells it a token, once, when it ends. The tokens come out in
/// the order of the ends.
pub(crate) struct Waiter {
    news: Mutex<News>,
    wakeup: Condvar,
}

struct News {
    ended: VecDeque<Token>,
    /// Somebody wants the thread to look whether it should go on waiting.
    looks_again: bool,
}

impl Waiter {
    pub(crate) fn new() -> Waiter {
        Waiter {
            news: Mutex::new(News {
                ended: VecDeque::new(),
                looks_again: false,
            }),
            wakeup: Condvar::new(),
        }
    }

    /// Tells it that the future it knows as `token` has ended.
    pub(crate) fn notify(&self, token: Token) {
        self.news.lock().ended.push_back(token);
        // One thread waits here, so one is enough. It looks at the list under the lock before it
        // sleeps, so it can't miss what was pushed.
        if !bug!(TellsNobody) {
            self.wakeup.notify_one();
        }
    }

    /// Ends its [`sleep`](Waiter::sleep), this one or the next.
    pub(crate) fn look_again(&self) {
        self.news.lock().looks_again = true;
        self.wakeup.notify_one();
    }

    /// The next token, if there is one.
    pub(crate) fn take(&self) -> Option<Token> {
        self.news.lock().ended.pop_front()
    }

    /// Sleeps until there is a token, or somebody wants it to look again.
    pub(crate) fn sleep(&self) {
        let mut news = self.news.lock();
        while news.ended.is_empty() && !news.looks_again {
            news = self.wakeup.wait(news);
        }
        news.looks_again = false;
    }

    /// The next token; `None` if the deadline passes first.
    pub(crate) fn next(&self, deadline: Option<Deadline>) -> Option<Token> {
        let mut news = self.news.lock();
        loop {
            if let Some(token) = news.ended.pop_front() {
                if bug!(GivesTokensTwice) {
                    news.ended.push_back(token);
                }
                return Some(token);
            }
            match deadline {
                None => {
                    news = self.wakeup.wait(news);
                    if bug!(WaitsOnce) {
                        return news.ended.pop_front();
                    }
                }
                Some(deadline) => {
                    let timed_out;
                    (news, timed_out) = self.wakeup.wait_until(news, deadline);
                    if timed_out {
                        return news.ended.pop_front();
                    }
                }
            }
        }
    }
}

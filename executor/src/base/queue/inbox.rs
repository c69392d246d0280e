//! What the inbox's lock guards: the tasks that come, and how many workers do what.

use std::collections::VecDeque;
use std::mem::offset_of;
use std::time::Duration;

/// The tasks that come, and the counts of the workers. In this order, and with counts of 32 bits, so that
/// what a push and a pop touch is on one cache line with the lock; the rest is seldom looked at.
#[repr(C)]
pub(super) struct Inbox<T> {
    pub(super) tasks: VecDeque<T>,
    pub(super) searching: u32,
    pub(super) sleeping: u32,
    /// Workers that were started and have not left.
    pub(super) workers: u32,
    pub(super) starting: u32,
    pub(super) max_workers: u32,
    pub(super) closed: bool,
    /// The last worker that was to be started could not be.
    pub(super) start_failed: bool,
    /// Sleepers that were woken and have not noticed yet; they are counted as searching.
    pub(super) woken: u32,
    /// Workers that have left because they were idle, and whose place nobody has taken.
    pub(super) vacancies: u32,
    /// How long a worker sleeps before it leaves.
    pub(super) idle_timeout: Option<Duration>,
    /// Workers that were started in the place of others that had left.
    pub(super) replaced: u64,
    /// How many take what was queued out of it, and end that.
    pub(super) drains: u32,
    /// How often those who wait for the last worker to leave were to look whether they should.
    pub(super) looks: u64,
}

/// The standard library's lock is a word and a flag, before what it guards.
const LOCK: usize = 8;
const _: () = assert!(LOCK + offset_of!(Inbox<()>, woken) <= 64);

impl<T> Inbox<T> {
    pub(super) fn new(max_workers: usize, idle_timeout: Option<Duration>) -> Inbox<T> {
        Inbox {
            tasks: VecDeque::new(),
            searching: 0,
            sleeping: 0,
            workers: 0,
            starting: 0,
            // No system starts more threads than that.
            max_workers: u32::try_from(max_workers).unwrap_or(u32::MAX),
            closed: false,
            start_failed: false,
            woken: 0,
            vacancies: 0,
            idle_timeout,
            replaced: 0,
            drains: 0,
            looks: 0,
        }
    }

    /// Whether all that was queued has ended, if nothing is pushed any more, and all workers have left.
    pub(super) fn has_ended(&self) -> bool {
        self.workers == 0 && self.drains == 0
    }

    /// Counts a worker in its new role and no more in its old one.
    pub(super) fn enter(&mut self, role: &mut Role, new: Role) {
        if let Some(count) = self.count(*role) {
            *count -= 1;
        }
        if let Some(count) = self.count(new) {
            *count += 1;
        }
        *role = new;
    }

    fn count(&mut self, role: Role) -> Option<&mut u32> {
        match role {
            Role::Starting => Some(&mut self.starting),
            Role::Searching => Some(&mut self.searching),
            Role::Busy | Role::Left => None,
        }
    }
}

/// What a worker is, as far as the counts go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Counted as starting.
    Starting,
    /// Counted as searching.
    Searching,
    /// Not counted.
    Busy,
    /// Not counted, also not as a worker: it was idle for too long.
    Left,
}

/// What the caller has to do, now that it holds no lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Start {
    /// Start a worker; it is counted already, as [`Role::Starting`].
    Worker,
    /// Nothing.
    Nothing,
}

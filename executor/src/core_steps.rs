//! What parts of the core do, step by step and by one thread: what a pool's queue asks of its workers where a
//! start fails, and where tasks lie in both boxes; who counts for a thread; who drops what was looked at. No system
//! refuses a thread when a scenario wants it to; the models, which can, look at what comes of it and not at the counts.

use crate::base::any_future::Observed;
use crate::base::counters::Tallies;
use crate::base::liveness::Held;
use crate::base::promise::promise;
use crate::base::queue::{Queue, Queued, Role, Start};
use crate::base::source::Source;
use crate::sync::Arc;

/// A number is a task; an odd one of more than a hundred has ended.
impl Queued for u32 {
    fn is_pending(&self) -> bool {
        *self < 100 || self.is_multiple_of(2)
    }

    fn let_go(self) {}
}

/// Takes the next task, as a worker that is sure to find one.
fn pop(queue: &Queue<u32>, role: &mut Role) -> (u32, Start) {
    queue.pop(role).expect("a task is queued")
}

/// A queue of a pool of two with one worker, which has the only task.
fn with_a_busy_worker() -> (Queue<u32>, Role) {
    let (queue, mut role) = (Queue::new(2, None), Role::Starting);
    assert_eq!(queue.push(1), Ok(Start::Worker));
    assert_eq!(pop(&queue, &mut role), (1, Start::Nothing));
    assert_eq!(role, Role::Busy);
    (queue, role)
}

#[test]
fn a_worker_that_could_not_be_started_is_tried_again_with_the_next_task() {
    let (queue, mut busy) = with_a_busy_worker();
    assert_eq!(queue.push(2), Ok(Start::Worker));
    assert_eq!(queue.counts(), (1, 2, 0));
    assert!(queue.start_failed().is_none());
    assert_eq!(queue.counts(), (1, 1, 0));
    // The worker that there is takes the task, so that one is queued at the next push, and one start is due.
    assert_eq!(pop(&queue, &mut busy), (2, Start::Nothing));
    assert_eq!(queue.push(3), Ok(Start::Worker));
    assert_eq!(queue.counts(), (1, 2, 0));
}

#[test]
fn of_two_starts_that_fail_each_is_made_up_for() {
    let (queue, mut busy) = with_a_busy_worker();
    queue.add_worker();
    assert_eq!(queue.push(2), Ok(Start::Nothing), "one is on its way");
    assert_eq!(queue.push(3), Ok(Start::Worker));
    assert_eq!(queue.counts(), (2, 3, 0));
    assert!(queue.start_failed().is_none());
    assert!(queue.start_failed().is_none());
    assert_eq!(queue.counts(), (2, 1, 0));
    // It sees the task that is left, and asks for one of the two; the next push asks for the other.
    queue.finishing(&mut busy);
    assert_eq!(pop(&queue, &mut busy), (2, Start::Worker));
    assert_eq!(queue.push(4), Ok(Start::Nothing), "one is on its way");
    assert_eq!(queue.push(5), Ok(Start::Worker));
    assert_eq!(queue.counts(), (3, 3, 0));
}

#[test]
fn a_start_that_fails_with_no_worker_left_gives_back_what_is_queued() {
    let queue = Queue::new(1, None);
    assert_eq!(queue.push(1), Ok(Start::Worker));
    assert_eq!(queue.push(2), Ok(Start::Nothing));
    let mut drained = Vec::new();
    let last = queue.start_failed().expect("nobody else is left");
    last.end_each(|task| drained.push(task));
    assert_eq!(drained, [1, 2]);
    assert_eq!(queue.counts(), (0, 0, 0));
    assert_eq!(queue.push(3), Err(3), "it is closed");
}

#[test]
fn a_worker_with_something_else_to_do_has_one_started_for_each_task_of_both_boxes() {
    let (queue, mut role) = (Queue::new(3, None), Role::Starting);
    assert_eq!(queue.push(1), Ok(Start::Worker));
    assert_eq!(queue.push(2), Ok(Start::Worker));
    // What was pushed before the pop lies in the one box, what is pushed after it in the other.
    assert_eq!(pop(&queue, &mut role), (1, Start::Nothing));
    assert_eq!(queue.push(3), Ok(Start::Nothing), "one is on its way");
    queue.finishing(&mut role);
    assert_eq!(role, Role::Searching);
    // Of the two tasks the second worker takes one. Who is to run the other, if this one does not?
    assert_eq!(queue.become_busy_again(&mut role), Start::Worker);
    assert_eq!((role, queue.counts()), (Role::Busy, (2, 3, 0)));
}

#[test]
fn a_worker_that_could_be_started_is_free_and_one_that_is_busy_is_not() {
    let (of_two, _busy) = with_a_busy_worker();
    assert!(of_two.has_free_worker());
    let (of_one, mut role) = (Queue::new(1, None), Role::Starting);
    assert_eq!(of_one.push(1), Ok(Start::Worker));
    assert!(of_one.has_free_worker(), "it is being started");
    assert_eq!(pop(&of_one, &mut role), (1, Start::Nothing));
    assert!(!of_one.has_free_worker());
}

#[test]
fn a_thread_that_comes_counts_where_one_that_has_left_did() {
    let tallies = Tallies::default();
    let [one, other] = [tallies.take(), tallies.take()];
    assert!(!Arc::ptr_eq(&one, &other));
    one.begin();
    tallies.give_back(Arc::clone(&one));
    let next = tallies.take();
    assert!(
        Arc::ptr_eq(&one, &next),
        "threads that come and go need no more"
    );
    next.finish();
    other.begin();
    assert_eq!(tallies.sum(), (1, 1));
}

#[test]
fn what_has_ended_at_the_end_of_the_queue_makes_place_for_what_is_pushed() {
    let queue = Queue::new(1, None);
    for task in [1, 101, 2, 103, 105] {
        let _ = queue.push(task).expect("it is open");
    }
    assert_eq!(
        queue.counts().0,
        3,
        "what is pushed next takes the place of the last"
    );
    let _ = queue.push(3).expect("it is open");
    let mut role = Role::Starting;
    let left = [1, 2, 3].map(|_| pop(&queue, &mut role).0);
    assert_eq!(left, [1, 2, 3]);
}

#[test]
fn who_looks_at_futures_for_a_wait_does_not_fail_by_a_destructor() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("the value of somebody else");
        }
    }
    let (promise, future) = promise::<Panics>();
    let watched = future.watched();
    let held = Held::default();
    assert!(held.future(&Source::of(&watched)).is_some());
    // Nobody is left who may read the value, and who looked is the last to have it.
    drop((watched, future));
    promise.finish(Ok(Panics));
    drop(held);
}

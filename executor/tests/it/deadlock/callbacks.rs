//! Waits inside callbacks, which run on the thread that finishes or cancels a task.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::spawn;

use executor::{Future, Shutdown, TaskError, collect, promise};

use super::{Local, Outcome, deadlock, linger, on_threads_and_rayon};
use crate::gate::{Gate, pass};

on_threads_and_rayon!(
    a_callback_waits_for_a_task_of_the_only_worker,
    a_callback_waits_for_a_task_that_waits_for_the_callback_s_worker,
    a_callback_of_a_cancel_outside_may_wait,
    callbacks_that_wait_one_on_top_of_the_other_end_with_an_error_at_most,
    a_callback_waits_for_what_is_made_behind_it,
    a_callback_waits_for_a_task_that_waits_for_what_is_made_behind_it,
    a_callback_waits_for_a_task_that_waits_for_what_is_gathered_behind_it,
    a_callback_of_a_shutdown_outside_waits_for_a_task_that_waits_for_what_is_made_behind_it,
    a_value_that_waits_when_it_is_cloned_for_a_task_that_waits_for_the_collection_of_it,
    a_callback_may_wait_for_a_task_that_waits_for_what_was_made_before_it,
    a_callback_may_wait_for_a_task_that_waits_for_the_one_that_it_follows,
    a_task_may_wait_for_what_is_made_behind_a_callback_that_goes_on,
    a_task_may_wait_for_a_collection_that_is_about_to_fail_while_a_callback_holds_up_its_other_future,
    a_callback_may_wait_for_what_another_thread_is_about_to_make,
);

fn a_callback_waits_for_a_task_of_the_only_worker<P: Local>() {
    let pool = P::pool(1);
    let mut gate = Gate::new();
    let key = gate.key();
    let task = pool.go(move || pass(key));
    let behind = pool.go(|| 1);
    let (tell, told) = channel();
    task.add_done_callback(move |_| tell.send(behind.into_result()).unwrap());
    gate.await_arrivals(1);
    gate.open();
    assert_eq!(told.recv().unwrap().unwrap(), 1);
}

fn a_callback_waits_for_a_task_that_waits_for_the_callback_s_worker<P: Local>() {
    let pool = P::strict(1);
    let mut gate = Gate::new();
    let key = gate.key();
    let task = pool.go(move || pass(key));
    let behind = pool.go(|| 1);
    let (tell, told) = channel();
    task.add_done_callback(move |_| {
        let outcome: Result<u32, TaskError> = behind.into_result();
        tell.send(outcome).unwrap();
    });
    gate.await_arrivals(1);
    gate.open();
    let text = deadlock(&told.recv().unwrap());
    assert!(text.contains("a callback"), "{text}");
}

fn a_callback_of_a_cancel_outside_may_wait<P: Local>() {
    let pool = P::pool(1);
    let mut gate = Gate::new();
    let key = gate.key();
    let inner = Arc::clone(&pool);
    let task = pool.go(move || pass(key));
    let cancelled = pool.go(|| 1);
    let (tell, told) = channel();
    gate.await_arrivals(1);
    cancelled.add_done_callback(move |_| {
        gate.open();
        let outcome: Outcome = inner.go(|| 2).into_result();
        tell.send(outcome).unwrap();
    });
    assert!(cancelled.cancel());
    assert_eq!(told.recv().unwrap().unwrap(), 2);
    task.result().unwrap();
}

/// Waits for a task whose callback does the same, so many times; says where it can't.
fn wait_in_callbacks<P: Local>(pool: &Arc<P>, times: u32, say: Sender<Outcome>) {
    let task = pool.go(|| 1);
    let (inner, deeper) = (Arc::clone(pool), say.clone());
    if times > 0 {
        task.add_done_callback(move |_| wait_in_callbacks(&inner, times - 1, deeper));
    }
    let outcome = task.into_result();
    if outcome.is_err() {
        say.send(outcome).unwrap();
    }
}

/// On one stack they would overflow it.
fn callbacks_that_wait_one_on_top_of_the_other_end_with_an_error_at_most<P: Local>() {
    let pool = P::pool(1);
    let inner = Arc::clone(&pool);
    let (say, said) = channel();
    let waits = pool.go(move || wait_in_callbacks(&inner, 10_000, say));
    waits.result().unwrap();
    let outcomes: Vec<Outcome> = said.iter().collect();
    outcomes.iter().for_each(|outcome| drop(deadlock(outcome)));
}

fn a_callback_waits_for_what_is_made_behind_it<P: Local>() {
    let pool = P::pool(1);
    let mut gate = Gate::new();
    let key = gate.key();
    let task = pool.go(move || pass(key));
    let (send, sent) = channel::<Future<u32>>();
    let (tell, told) = channel();
    task.add_done_callback(move |_| tell.send(sent.recv().unwrap().into_result()).unwrap());
    send.send(task.then(|_| Ok(1))).unwrap();
    gate.await_arrivals(1);
    gate.open();
    let text = deadlock(&told.recv().unwrap());
    assert!(text.contains("of other futures"), "{text}");
}

/// Of a callback and a task that wait for each other the one that was told, whichever it is; the other one has gone on.
/// If the callback's thread has begun the task itself, the task is told, and names no other thread.
fn one_is_told(by_callback: &Outcome, in_task: &Outcome) {
    let told = if by_callback.is_err() {
        by_callback
    } else {
        in_task
    };
    let text = deadlock(told);
    assert!(by_callback.is_ok() || text.contains("a callback"), "{text}");
    assert!(text.contains("of other futures"), "{text}");
}

/// A task of two workers has ended, whose callback waits for another one that waits for what `make` has made.
fn wait_before_what_is_made<P: Local>(make: fn(&Future<u32>) -> Future<u32>) {
    let pool = P::pool(2);
    let mut gate = Gate::new();
    let key = gate.key();
    let task = pool.go(move || {
        pass(key);
        1
    });
    let (give, given) = promise::<Future<Outcome>>();
    let (tell, told) = channel();
    task.add_done_callback(move |_| {
        let waits = given.into_result().unwrap();
        linger();
        tell.send(waits.into_result()).unwrap();
    });
    let made = make(&task);
    let waits = pool.go(move || made.into_result());
    give.finish(Ok(waits.clone()));
    gate.await_arrivals(1);
    gate.open();
    let by_callback = told.recv().unwrap();
    let in_task = waits.result().unwrap();
    one_is_told(&by_callback.map(|_| 0), in_task);
}

fn a_callback_waits_for_a_task_that_waits_for_what_is_made_behind_it<P: Local>() {
    wait_before_what_is_made::<P>(|task| {
        task.then(|outcome| Ok(*outcome? + 1)).then(|it| Ok(*it?))
    });
}

fn a_callback_waits_for_a_task_that_waits_for_what_is_gathered_behind_it<P: Local>() {
    wait_before_what_is_made::<P>(|task| {
        let (others, other) = promise();
        others.finish(Ok(5));
        collect([task.clone(), other]).then(|numbers| Ok(numbers?.iter().sum()))
    });
}

/// A task to wait for, and whom to tell what came of it.
type Wait = (Future<Outcome>, Sender<Outcome>);

/// Waits when it is cloned, the first time.
struct Waits(Arc<Mutex<Option<Wait>>>);

impl Clone for Waits {
    fn clone(&self) -> Self {
        if let Some((task, tell)) = self.0.lock().unwrap().take() {
            tell.send(task.into_result().map(|_| 0)).unwrap();
        }
        Waits(Arc::clone(&self.0))
    }
}

fn a_value_that_waits_when_it_is_cloned_for_a_task_that_waits_for_the_collection_of_it<P: Local>() {
    let pool = P::pool(2);
    let mut gate = Gate::new();
    let key = gate.key();
    let what = Arc::new(Mutex::new(None));
    let value = Waits(Arc::clone(&what));
    let task = pool.go(move || {
        pass(key);
        value
    });
    let collected = collect([task.clone()]).then(|_| Ok(1));
    let waits = pool.go(move || collected.into_result());
    let (tell, told) = channel();
    *what.lock().unwrap() = Some((waits.clone(), tell));
    gate.await_arrivals(1);
    gate.open();
    one_is_told(&told.recv().unwrap(), waits.result().unwrap());
}

fn a_callback_of_a_shutdown_outside_waits_for_a_task_that_waits_for_what_is_made_behind_it<
    P: Local,
>() {
    let (pool, other) = (P::pool(1), P::pool(1));
    let mut gate = Gate::new();
    let key = gate.key();
    let busy = pool.go(move || pass(key));
    gate.await_arrivals(1);
    let cancelled = [pool.go(|| 1), pool.go(|| 2)];
    let made = cancelled[1].then(|_| Ok(3));
    let waits = other.go(move || made.into_result());
    let awaited = waits.clone();
    let (tell, told) = channel();
    cancelled[0].add_done_callback(move |_| {
        linger();
        tell.send(awaited.into_result()).unwrap();
    });
    pool.shutdown(Shutdown::no_wait().cancel_pending());
    let by_callback = told.recv().unwrap();
    one_is_told(&by_callback.map(|_| 0), waits.result().unwrap());
    gate.open();
    busy.result().unwrap();
}

fn a_callback_may_wait_for_a_task_that_waits_for_what_was_made_before_it<P: Local>() {
    let pool = P::pool(2);
    let mut gate = Gate::new();
    let key = gate.key();
    let task = pool.go(move || {
        pass(key);
        1
    });
    let made = task.then(|outcome| Ok(*outcome? + 1));
    let waits = pool.go(move || made.into_result());
    let awaited = waits.clone();
    let (tell, told) = channel();
    task.add_done_callback(move |_| tell.send(awaited.into_result()).unwrap());
    gate.await_arrivals(1);
    gate.open();
    assert_eq!(told.recv().unwrap().unwrap().unwrap(), 2);
}

/// The one that waits does not run that task itself, with the callback on top of it, as long as another worker will.
fn a_callback_may_wait_for_a_task_that_waits_for_the_one_that_it_follows<P: Local>() {
    let pool = P::pool(2);
    let mut gate = Gate::new();
    let key = gate.key();
    let busy = pool.go(move || pass(key));
    gate.await_arrivals(1);
    let (tell_task, told_task) = channel::<Future<u32>>();
    let (began, begins) = channel();
    let waits = pool.go(move || {
        began.send(()).unwrap();
        let task = told_task.recv().unwrap();
        task.into_result()
    });
    begins.recv().unwrap();
    let task = pool.go(|| 1);
    let awaited = waits.clone();
    let (tell, told) = channel();
    task.add_done_callback(move |_| tell.send(awaited.into_result()).unwrap());
    tell_task.send(task).unwrap();
    linger();
    gate.open();
    assert_eq!(told.recv().unwrap().unwrap().unwrap(), 1);
    busy.result().unwrap();
}

fn a_task_may_wait_for_what_is_made_behind_a_callback_that_goes_on<P: Local>() {
    let pool = P::pool(2);
    let (mut first, mut gate) = (Gate::new(), Gate::new());
    let (held, key) = (first.key(), gate.key());
    let task = pool.go(move || {
        pass(held);
        1
    });
    task.add_done_callback(move |_| pass(key));
    let made = task.then(|outcome| Ok(*outcome? + 1)).then(|it| Ok(*it?));
    first.await_arrivals(1);
    first.open();
    gate.await_arrivals(1);
    let (tell, told) = channel();
    let waits = pool.go(move || {
        tell.send(()).unwrap();
        made.into_result()
    });
    told.recv().unwrap();
    linger();
    gate.open();
    assert_eq!(waits.into_result().unwrap().unwrap(), 2);
}

/// Model N10 looks at each moment at which it may sleep.
fn a_task_may_wait_for_a_collection_that_is_about_to_fail_while_a_callback_holds_up_its_other_future<
    P: Local,
>() {
    let pool = P::pool(2);
    let (mut first, mut gate) = (Gate::new(), Gate::new());
    let (held, key) = (first.key(), gate.key());
    let task = pool.go(move || {
        pass(held);
        1
    });
    let (give, given) = promise::<Future<Outcome>>();
    let (tell, told) = channel();
    task.add_done_callback(move |_| {
        let waits = given.into_result().unwrap();
        tell.send(waits.into_result()).unwrap();
    });
    let (failing, other) = promise();
    other.add_done_callback(move |_| pass(key));
    let collected = collect([task, other]).then(|numbers| Ok(numbers?.iter().sum()));
    let waits = pool.go(move || collected.into_result());
    give.finish(Ok(waits.clone()));
    first.await_arrivals(1);
    first.open();
    let failed = spawn(move || drop(failing));
    gate.await_arrivals(1);
    linger();
    gate.open();
    failed.join().unwrap();
    assert!(matches!(waits.result().unwrap(), Err(TaskError::Lost)));
    assert!(told.recv().unwrap().is_ok());
}

/// Of the two steps that make the collection one was made by the callback before, and the other is that of a thread
/// which nobody knows, behind a callback of its own.
fn a_callback_may_wait_for_what_another_thread_is_about_to_make<P: Local>() {
    let pool = P::pool(1);
    let (mut first, mut gate) = (Gate::new(), Gate::new());
    let (held, key) = (first.key(), gate.key());
    let task = pool.go(move || pass(held));
    let (promise, other) = promise();
    other.add_done_callback(move |_| pass(key));
    let collected = collect([task.clone(), other]);
    let ((entered, enters), (tell, told)) = (channel(), channel());
    task.add_done_callback(move |_| {
        entered.send(()).unwrap();
        tell.send(collected.into_result()).unwrap();
    });
    first.await_arrivals(1);
    let finishes = spawn(move || promise.finish(Ok(())));
    gate.await_arrivals(1);
    first.open();
    // The other step is the last, or the collection would be made behind this callback.
    enters.recv().unwrap();
    linger();
    gate.open();
    assert_eq!(told.recv().unwrap().unwrap().len(), 2);
    finishes.join().unwrap();
}

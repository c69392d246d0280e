//! `then` and `flatten`: futures made of other futures' outcomes.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use executor::{Future, Promise, State, TaskError, collect, promise};

use crate::watchdog::watch;

/// A chain of so many, each of which adds one and passes errors on.
fn chain(base: &Future<u64>, length: usize) -> Vec<Future<u64>> {
    let mut links = vec![base.clone()];
    for link in 0..length {
        links.push(links[link].then(|outcome| Ok(outcome? + 1)));
    }
    links
}

#[test]
fn a_chain_of_ten_carries_a_value() {
    let (promise, base) = promise();
    let links = chain(&base, 10);
    assert!(links.iter().all(|link| link.state() == State::Pending));
    promise.finish(Ok(5));
    assert_eq!(*links[10].result().unwrap(), 15);
}

#[test]
fn a_chain_of_ten_carries_an_error() {
    let (promise, base) = promise::<u64>();
    let links = chain(&base, 10);
    drop(promise);
    for link in links {
        assert!(matches!(link.result(), Err(TaskError::Lost)));
        assert_eq!(link.state(), State::Finished);
    }
}

#[test]
fn a_chain_of_ten_carries_a_cancel() {
    let (_promise, base) = promise::<u64>();
    let links = chain(&base, 10);
    base.cancel();
    for link in links {
        assert!(matches!(link.result(), Err(TaskError::Cancelled)));
        assert!(link.cancelled() && !link.running());
        assert!(link.cancel(), "cancelling again gives true again");
    }
}

#[test]
fn a_function_that_is_called_off_and_whose_destructor_panics_harms_nobody() {
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("on purpose, in a destructor");
        }
    }

    let (promise, base) = promise::<u64>();
    let bomb = Bomb;
    let derived = base.then(move |outcome| {
        let _held = &bomb;
        Ok(outcome? + 1)
    });
    assert!(derived.cancel() && derived.cancelled());
    promise.finish(Ok(5));
    assert_eq!(*base.result().unwrap(), 5);
}

#[test]
fn a_chain_of_ten_on_what_has_ended_is_carried_out_at_once() {
    let (promise, base) = promise();
    promise.finish(Ok(5));
    let links = chain(&base, 10);
    assert!(links.iter().all(Future::done));
    assert_eq!(*links[10].result().unwrap(), 15);
}

/// On a thread with little stack: a chain that is called recursively overflows it.
fn with_little_stack(scenario: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(256 << 10);
    thread.spawn(scenario).unwrap().join().unwrap();
}

#[test]
fn a_chain_of_ten_thousand_does_not_overflow_the_stack() {
    watch(|| {
        with_little_stack(|| {
            type End = fn(Promise<u64>, &Future<u64>);
            let ends: [End; 3] = [
                |promise, _| assert!(promise.finish(Ok(0))),
                |promise, _| drop(promise),
                |_, base| assert!(base.cancel()),
            ];
            for end in ends {
                let (promise, base) = promise();
                let mut links = chain(&base, 10_000);
                let last = links.pop().unwrap();
                drop(links);
                end(promise, &base);
                assert!(last.done());
                if let Ok(value) = last.result() {
                    assert_eq!(*value, 10_000);
                }
            }
        });
    });
}

#[test]
fn ten_thousand_nested_collects_do_not_overflow_the_stack() {
    watch(|| {
        with_little_stack(|| {
            for is_cancelled in [false, true] {
                let (promise, base) = promise();
                let last = (0..10_000).fold(base.clone(), |inner: Future<u64>, _| {
                    collect([inner]).then(|values| Ok(values?[0]))
                });
                if is_cancelled {
                    base.cancel();
                } else {
                    promise.finish(Ok(7));
                }
                assert_eq!(last.cancelled(), is_cancelled);
                assert!(last.done());
            }
        });
    });
}

#[test]
fn a_function_may_turn_an_error_into_a_value() {
    let (writer, base) = promise::<i32>();
    let mended = base.then(|outcome| Ok(outcome.copied().unwrap_or(7)));
    drop(writer);
    assert_eq!(*mended.result().unwrap(), 7);
    let (_writer, base) = promise::<i32>();
    let mended = base.then(|outcome| Ok(outcome.copied().unwrap_or(7)));
    base.cancel();
    assert_eq!(*mended.result().unwrap(), 7);
    assert_eq!(mended.state(), State::Finished);
}

#[test]
fn a_function_that_panics_fails_its_future_alone() {
    let (promise, base) = promise();
    let failing = base.then(|_| -> Result<i32, _> { panic!("on purpose") });
    let good = base.then(|outcome| Ok(outcome? + 1));
    promise.finish(Ok(6));
    let Err(TaskError::Panicked(panic)) = failing.result() else {
        panic!("{failing:?}")
    };
    assert_eq!(panic.message, "on purpose");
    assert_eq!(*good.result().unwrap(), 7);
    assert_eq!(*base.result().unwrap(), 6);
}

#[test]
fn functions_and_callbacks_are_called_in_the_order_of_adding() {
    let (promise, base) = promise();
    let (called, calls) = channel();
    for n in [0, 2] {
        let (first, second) = (called.clone(), called.clone());
        base.add_done_callback(move |_| first.send(n).unwrap());
        let future = base.then(move |_| second.send(n + 1).map_err(|_| TaskError::Lost));
        drop(future);
    }
    promise.finish(Ok(()));
    drop(called);
    assert_eq!(calls.iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
}

#[test]
fn a_derived_future_can_be_cancelled_until_its_function_is_called() {
    let (promise, base) = promise();
    let held = Arc::new(());
    let inside = Arc::clone(&held);
    let derived = base.then(move |_| {
        drop(inside);
        Ok(())
    });
    let next = derived.then(|outcome| outcome.map(|()| 1));
    assert_eq!(derived.state(), State::Pending);
    assert!(derived.cancel() && derived.cancel());
    assert_eq!(Arc::strong_count(&held), 1, "the function is gone");
    assert!(derived.cancelled() && next.cancelled());
    assert!(!base.done(), "its source is left alone");
    promise.finish(Ok(7));
    assert_eq!(*base.result().unwrap(), 7);
    assert!(derived.cancelled());
}

#[test]
fn a_derived_future_runs_while_its_function_does() {
    let (promise, base) = promise();
    let own: Arc<OnceLock<Future<State>>> = Arc::default();
    let inside = Arc::clone(&own);
    let derived = base.then(move |_| {
        let own = inside.get().unwrap();
        assert!(own.running() && !own.cancel());
        Ok(own.state())
    });
    own.set(derived.clone()).unwrap();
    promise.finish(Ok(()));
    assert_eq!(*derived.result().unwrap(), State::Running);
}

#[test]
fn a_function_is_dropped_when_it_was_called() {
    let (promise, base) = promise();
    let held = Arc::new(());
    let inside = Arc::clone(&held);
    let derived = base.then(move |_| Ok(Arc::strong_count(&inside)));
    promise.finish(Ok(()));
    assert_eq!(*derived.result().unwrap(), 2);
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn a_derived_future_keeps_no_value_of_its_source() {
    let (promise, base) = promise();
    let derived = base.then(|_| Ok(1));
    let held = Arc::new(());
    promise.finish(Ok(Arc::clone(&held)));
    drop(base);
    assert_eq!(Arc::strong_count(&held), 1);
    assert_eq!(*derived.result().unwrap(), 1);
}

#[test]
fn flatten_gives_the_inner_outcome() {
    let (outer_promise, outer) = promise();
    let (inner_promise, inner) = promise::<i32>();
    let flat = outer.flatten();
    outer_promise.finish(Ok(inner));
    assert_eq!(flat.state(), State::Pending);
    inner_promise.finish(Ok(7));
    assert_eq!(*flat.result().unwrap(), 7);
    assert_eq!(*outer.flatten().result().unwrap(), 7, "at once");
}

#[test]
fn flatten_passes_on_what_went_wrong_at_either_depth() {
    let (writer, outer) = promise::<Future<i32>>();
    let flat = outer.flatten();
    drop(writer);
    assert!(matches!(flat.result(), Err(TaskError::Lost)));
    let (_writer, outer) = promise::<Future<i32>>();
    let flat = outer.flatten();
    outer.cancel();
    assert!(flat.cancelled());
    let (writer, outer) = promise();
    let (_inner_writer, inner) = promise::<i32>();
    let flat = outer.flatten();
    writer.finish(Ok(inner.clone()));
    inner.cancel();
    assert!(flat.cancelled());
}

#[test]
fn a_flattened_future_can_be_cancelled_and_leaves_both_alone() {
    let (writer, outer) = promise();
    let (inner_writer, inner) = promise();
    let flat = outer.flatten();
    writer.finish(Ok(inner.clone()));
    assert!(flat.cancel());
    assert!(inner_writer.finish(Ok(7)));
    assert_eq!(*inner.result().unwrap(), 7);
    assert!(flat.cancelled());
}

#[test]
fn a_chain_that_resolves_to_itself_is_an_error_with_a_name() {
    watch(|| {
        let (writer, outer) = promise();
        let flat: Future<i32> = outer.flatten();
        writer.finish(Ok(flat.clone()));
        let error = flat.error().unwrap();
        assert!(matches!(error, TaskError::Cycle), "{error}");
        assert!(error.to_string().contains("itself waits for it"));
    });
}

#[test]
fn a_chain_that_resolves_to_what_is_derived_from_it_is_a_cycle() {
    watch(|| {
        let (writer, outer) = promise();
        let flat: Future<i32> = outer.flatten();
        let later = chain_of(&flat, 10);
        let (_other, unended) = promise();
        let collected = collect([unended, later]).then(|values| Ok(values?[1]));
        writer.finish(Ok(collected));
        assert!(matches!(flat.result(), Err(TaskError::Cycle)));
    });
}

fn chain_of(base: &Future<i32>, length: usize) -> Future<i32> {
    (0..length).fold(base.clone(), |link, _| {
        link.then(|outcome| Ok(outcome? + 1))
    })
}

#[test]
fn two_chains_that_resolve_to_each_other_are_a_cycle() {
    watch(|| {
        let (one_writer, one) = promise();
        let (other_writer, other) = promise();
        let (one, other): (Future<i32>, Future<i32>) = (one.flatten(), other.flatten());
        one_writer.finish(Ok(other.clone()));
        assert!(!one.done());
        other_writer.finish(Ok(one.clone()));
        assert!(matches!(one.result(), Err(TaskError::Cycle)));
        assert!(matches!(other.result(), Err(TaskError::Cycle)));
    });
}

#[test]
fn what_comes_back_to_the_same_source_is_no_cycle() {
    let (base_writer, base) = promise();
    let (writer, outer) = promise();
    let flat = outer.flatten();
    let again = collect([base.clone(), base.then(|n| Ok(n? + 1)), base]);
    writer.finish(Ok(again));
    base_writer.finish(Ok(1));
    assert_eq!(*flat.result().unwrap(), [1, 2, 1]);
}

#[test]
fn a_loop_of_many_flattened_steps_does_not_overflow_the_stack() {
    type Steps = Arc<Mutex<Vec<Promise<u32>>>>;
    fn go(steps: Steps, left: u32) -> Future<u32> {
        let (promise, step) = promise();
        steps.lock().unwrap().push(promise);
        step.then(move |n| {
            let n = *n?;
            Ok(if left == 0 {
                let (promise, end) = executor::promise();
                promise.finish(Ok(n));
                end
            } else {
                go(steps, left - 1)
            })
        })
        .flatten()
    }
    watch(|| {
        with_little_stack(|| {
            let steps = Steps::default();
            let end = go(Arc::clone(&steps), 10_000);
            for n in 0..=10_000 {
                let promise = steps.lock().unwrap().pop().unwrap();
                assert!(promise.finish(Ok(n)));
            }
            assert_eq!(*end.result().unwrap(), 10_000);
        });
    });
}

//! Random scripts of several clients: what each call returned, and when, can be explained by the
//! calls on the plain object one after the other.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use executor::manager::{ListProxy, QueueProxy};
use executor::{Manager, ManagerError};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::prop_assert;

use crate::properties::vacuity::Property;

static PROPERTY: Property = Property::new(
    "histories",
    &["two calls at a time", "an error among the outcomes"],
);

/// What a client asks of a list or a queue.
#[derive(Clone, Copy, Debug)]
enum Step {
    Put(u8),
    Take,
    Get(usize),
    Set(usize, u8),
    Double,
    Length,
}

type Seen = Result<usize, ManagerError>;

/// The plain object: short enough to be believed.
fn expected(step: Step, items: &mut Vec<u8>, takes_first: bool) -> Seen {
    let length = items.len();
    match step {
        Step::Put(item) => items.push(item),
        Step::Take if length == 0 => return Err(ManagerError::Empty),
        Step::Take if takes_first => return Ok(items.remove(0).into()),
        Step::Take => return Ok(items.remove(length - 1).into()),
        Step::Get(index) | Step::Set(index, _) if index >= length => {
            return Err(ManagerError::IndexOutOfRange { index, length });
        }
        Step::Get(index) => return Ok(items[index].into()),
        Step::Set(index, item) => items[index] = item,
        Step::Double => items.extend_from_within(..),
        Step::Length => {}
    }
    Ok(items.len())
}

fn on_list(step: Step, list: &ListProxy<u8>) -> Seen {
    match step {
        Step::Put(item) => list.call(
            |list: &mut Vec<u8>, item: u8| {
                list.push(item);
                list.len()
            },
            (item,),
        ),
        Step::Take => list.pop().map(usize::from),
        Step::Get(index) => list.get(index).map(usize::from),
        Step::Set(index, item) => {
            let set = |list: &mut Vec<u8>, index: usize, item: u8| {
                let length = list.len();
                *list.get_mut(index).ok_or(length)? = item;
                Ok(length)
            };
            let set: Result<usize, usize> = list.call(set, (index, item))?;
            set.map_err(|length| ManagerError::IndexOutOfRange { index, length })
        }
        Step::Double => list.call(
            |list: &mut Vec<u8>| {
                list.extend_from_within(..);
                list.len()
            },
            (),
        ),
        Step::Length => list.len(),
    }
}

/// A queue can only do some of it; the length after a put is not told, and so not compared.
fn on_queue(step: Step, queue: &QueueProxy<u8>) -> Seen {
    match step {
        Step::Put(item) => queue.put(item).map(|()| 0),
        Step::Take => queue.try_get().map(usize::from),
        _ => queue.len(),
    }
}

fn expected_of_queue(step: Step, items: &mut Vec<u8>) -> Seen {
    match step {
        Step::Put(_) => expected(step, items, true).map(|_| 0),
        Step::Take => expected(step, items, true),
        _ => expected(Step::Length, items, true),
    }
}

/// One call: when it began and ended, by a clock that all share, and what was seen.
#[derive(Clone, Debug)]
struct Call {
    step: Step,
    began: usize,
    ended: usize,
    seen: Seen,
}

fn run<T: Send + Sync>(
    scripts: &[Vec<Step>],
    object: &T,
    does: impl Fn(Step, &T) -> Seen + Sync,
) -> Vec<Call> {
    let (clock, start) = (AtomicUsize::new(0), Barrier::new(scripts.len()));
    // ORDERING: SeqCst, the clock is to agree with what the calls see of each other.
    let now = || clock.fetch_add(1, Ordering::SeqCst);
    thread::scope(|scope| {
        let client = |script: &Vec<Step>| {
            let script = script.clone();
            let (now, start, does) = (&now, &start, &does);
            scope.spawn(move || {
                start.wait();
                let call = |step| {
                    let began = now();
                    let seen = does(step, object);
                    Call {
                        step,
                        began,
                        seen,
                        ended: now(),
                    }
                };
                script.into_iter().map(call).collect::<Vec<Call>>()
            })
        };
        let clients: Vec<_> = scripts.iter().map(client).collect();
        let calls = clients
            .into_iter()
            .flat_map(|it| it.join().expect("no panic"));
        calls.collect()
    })
}

/// Whether some order explains the calls: one that keeps those apart that did not overlap.
fn is_explained(
    calls: &[Call],
    items: &[u8],
    expected: &impl Fn(Step, &mut Vec<u8>) -> Seen,
) -> bool {
    if calls.is_empty() {
        return true;
    }
    let first_end = calls.iter().map(|call| call.ended).min();
    (0..calls.len()).any(|place| {
        let call = &calls[place];
        let mut after = items.to_vec();
        if Some(call.began) > first_end || expected(call.step, &mut after) != call.seen {
            return false;
        }
        let mut rest = calls.to_vec();
        rest.remove(place);
        is_explained(&rest, &after, expected)
    })
}

fn scripts() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let step = prop_oneof![
        3 => (0..4_u8).prop_map(Step::Put),
        3 => Just(Step::Take),
        1 => (0..4_usize).prop_map(Step::Get),
        1 => (0..4_usize, 0..4_u8).prop_map(|(index, item)| Step::Set(index, item)),
        1 => Just(Step::Double),
        1 => Just(Step::Length),
    ];
    vec(vec(step, 1..6), 2..4)
}

#[test]
fn lists_and_queues_explain_what_their_clients_see() {
    PROPERTY.watched(scripts(), |case, scripts| {
        thread_local! {
            static MANAGER: Manager = Manager::start().expect("a manager");
        }
        let (list, queue) = MANAGER.with(|manager| {
            let list = manager.list(Vec::new()).expect("a list");
            (list, manager.queue(0).expect("a queue"))
        });
        let of_list = run(&scripts, &list, on_list);
        let as_list = |step, items: &mut Vec<u8>| expected(step, items, false);
        prop_assert!(is_explained(&of_list, &[], &as_list), "{of_list:?}");
        let of_queue = run(&scripts, &queue, on_queue);
        prop_assert!(
            is_explained(&of_queue, &[], &expected_of_queue),
            "{of_queue:?}"
        );
        let overlap = |one: &Call| {
            let overlaps = |it: &Call| it.began < one.began && one.began < it.ended;
            of_list.iter().any(overlaps)
        };
        case.reached_if(of_list.iter().any(overlap), "two calls at a time");
        let failed = of_list.iter().any(|call| call.seen.is_err());
        case.reached_if(failed, "an error among the outcomes");
        Ok(())
    });
}

/// The oracle itself: what can't be explained is not.
#[test]
fn histories_that_no_order_explains_are_found() {
    let call = |step, began, ended, seen| Call {
        step,
        began,
        ended,
        seen,
    };
    let as_list = |step, items: &mut Vec<u8>| expected(step, items, false);
    let put = call(Step::Put(1), 0, 3, Ok(1));
    let early = call(Step::Length, 1, 2, Ok(1));
    assert!(is_explained(&[put.clone(), early], &[], &as_list));
    let stale = call(Step::Length, 4, 5, Ok(0));
    assert!(!is_explained(&[put.clone(), stale], &[], &as_list));
    let twice = [call(Step::Take, 4, 6, Ok(1)), call(Step::Take, 5, 7, Ok(1))];
    assert!(!is_explained(&[&[put], &twice[..]].concat(), &[], &as_list));
}

//! Futures cloned, dropped and taken apart at any moment: what the others tell stays the same, and of the
//! values none is left.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use executor::{Executor, Future, Shutdown};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::Index;
use proptest::{prop_assert, prop_assert_eq};

use super::vacuity::Property;
use crate::backends::{Backend, Closures, on_executors_of_this_process};
use crate::gate::{Gate, pass};

on_executors_of_this_process!(futures_that_come_and_go_change_no_result_and_leave_no_value);

static PROPERTY: Property =
    Property::new("dropping", &["the last one takes", "nobody asks", "cloned"]).with_pools();

/// How many values were made and how many are gone.
#[derive(Default)]
struct Balance {
    made: AtomicUsize,
    gone: AtomicUsize,
}

struct Counted(u64, Arc<Balance>);

impl Counted {
    fn new(number: u64, balance: &Arc<Balance>) -> Counted {
        // ORDERING: Relaxed, here and below: read when all threads were joined.
        balance.made.fetch_add(1, Ordering::Relaxed);
        Counted(number, Arc::clone(balance))
    }
}

impl Clone for Counted {
    fn clone(&self) -> Counted {
        Counted::new(self.0, &self.1)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.gone.fetch_add(1, Ordering::Relaxed);
    }
}

/// What is done with one of the futures of a task.
#[derive(Clone, Copy, Debug)]
enum Step {
    Clone,
    Drop,
    Read,
    Take,
}

fn step() -> impl Strategy<Value = (Step, Index)> {
    let step = prop_oneof![
        3 => Just(Step::Clone),
        4 => Just(Step::Drop),
        2 => Just(Step::Read),
        2 => Just(Step::Take),
    ];
    (step, any::<Index>())
}

/// Does the steps on a task's futures; what was read, and whether the last one took the value.
fn do_steps(future: Future<Counted>, steps: Vec<(Step, Index)>) -> (Vec<u64>, bool) {
    let mut futures = vec![future];
    let (mut read, mut is_taken) = (Vec::new(), false);
    for (step, index) in steps {
        if futures.is_empty() {
            break;
        }
        let place = index.index(futures.len());
        match step {
            Step::Clone => futures.push(futures[place].clone()),
            Step::Drop => drop(futures.swap_remove(place)),
            Step::Read => read.push(futures[place].result().expect("a value").0),
            Step::Take => {
                is_taken = futures.len() == 1;
                let taken = futures.swap_remove(place).into_result();
                read.push(taken.expect("a value").0);
            }
        }
    }
    let left = futures
        .iter()
        .map(|future| future.result().expect("a value").0);
    read.extend(left);
    (read, is_taken)
}

fn futures_that_come_and_go_change_no_result_and_leave_no_value<B: Backend<Pool: Closures>>() {
    let tasks = vec((vec(step(), 0..10), any::<bool>()), 1..6);
    PROPERTY.check((tasks, any::<bool>()), |case, (tasks, held)| {
        let pool = B::pool(2);
        let (balance, gate) = (Arc::new(Balance::default()), Gate::new());
        case.reached_if(
            tasks
                .iter()
                .flat_map(|(steps, _)| steps)
                .any(|(step, _)| matches!(step, Step::Clone)),
            "cloned",
        );
        let users: Vec<_> = (0_u64..)
            .zip(tasks)
            .map(|(number, (steps, is_wanted))| {
                let (balance, gate) = (Arc::clone(&balance), held.then(|| gate.key()));
                let future = pool.run(move || {
                    if let Some(gate) = gate {
                        pass(gate);
                    }
                    Counted::new(number, &balance)
                });
                if !is_wanted {
                    return None;
                }
                Some((number, thread::spawn(move || do_steps(future, steps))))
            })
            .collect();
        gate.open();
        case.reached_if(users.iter().any(Option::is_none), "nobody asks");
        for (number, user) in users.into_iter().flatten() {
            let (read, is_taken) = user.join().expect("no panic");
            prop_assert!(read.iter().all(|it| *it == number), "{read:?} of {number}");
            case.reached_if(is_taken, "the last one takes");
        }
        // Nobody has waited for the tasks whose futures were dropped.
        pool.shutdown(Shutdown::wait());
        let made = balance.made.load(Ordering::Relaxed);
        prop_assert_eq!(balance.gone.load(Ordering::Relaxed), made);
        Ok(())
    });
}

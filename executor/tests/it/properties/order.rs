//! One worker starts tasks in the order in which they were submitted, whatever is cancelled meanwhile.

use executor::Executor;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::{prop_assert, prop_assert_eq};

use super::vacuity::Property;
use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, Marks, enter, pass};

on_every_executor!(one_worker_starts_tasks_in_the_order_of_submission);

static PROPERTY: Property = Property::new("order", &["several run", "cancelled among them"]);

/// When this task started, as a number.
fn started(meter: String) -> u32 {
    enter(&meter)
}

fn one_worker_starts_tasks_in_the_order_of_submission<B: Backend>() {
    let pool = B::pool(1);
    PROPERTY.check(vec(any::<Option<bool>>(), 1..20), |case, tasks| {
        let (meter, mut gate) = (Marks::new(), Gate::new());
        pool.submit(pass, (gate.key(),)).expect("accepted");
        gate.await_arrivals(1);
        let futures: Vec<_> = tasks
            .iter()
            .map(|_| pool.submit(started, (meter.key(),)).expect("accepted"))
            .collect();
        let mut is_cancelled = Vec::new();
        for (future, task) in futures.iter().zip(&tasks) {
            // What was sent ahead to a worker process may be past that.
            is_cancelled.push(*task == Some(true) && future.cancel());
        }
        gate.open();
        let mut ran = 0;
        for (future, is_cancelled) in futures.into_iter().zip(&is_cancelled) {
            match future.into_result() {
                Ok(place) => {
                    ran += 1;
                    prop_assert_eq!(place, ran);
                    prop_assert!(!is_cancelled);
                }
                Err(error) => prop_assert!(*is_cancelled, "{error}"),
            }
        }
        let amid = is_cancelled.iter().skip_while(|it| **it);
        case.reached_if(ran > 1, "several run");
        case.reached_if(amid.clone().any(|it| *it), "cancelled among them");
        Ok(())
    });
}

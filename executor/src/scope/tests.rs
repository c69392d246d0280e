//! A pool that is closed while a task of a scope is submitted. No scenario can choose that moment, so the pool here
//! is one that always meets it.

use super::{Place, Pool, QueuedTask, SubmitError, run};

/// Admits each task, and has been closed when its errand comes.
struct ClosedInBetween;

impl Pool for ClosedInBetween {
    fn number(&self) -> u32 {
        1
    }

    fn admit_errand(&self) -> Result<Option<Place>, SubmitError> {
        Ok(None)
    }

    fn push_errand(&self, errand: QueuedTask) -> Result<(), QueuedTask> {
        Err(errand)
    }
}

#[test]
fn an_errand_that_is_refused_takes_no_task_along() {
    let mut numbers = [0; 3];
    run(&ClosedInBetween, |scope| {
        let futures: Vec<_> = numbers
            .iter_mut()
            .map(|number| scope.submit(|| *number = 7).expect("it was admitted"))
            .collect();
        assert!(futures.iter().all(|future| !future.done()));
    });
    // By the thread of the scope, which there is in any case.
    assert_eq!(numbers, [7; 3]);
}

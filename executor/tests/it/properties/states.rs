//! Random operations on one promise and its futures, against a reference model.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use executor::{Future, Promise, State, TaskError, promise};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::TestCaseResult;
use proptest::{prop_assert, prop_assert_eq};

use super::vacuity::Property;

#[derive(Clone, Debug)]
enum Operation {
    Claim,
    FinishWithValue(i32),
    FinishWithError,
    DropPromise,
    Cancel,
    Clone,
    DropFuture,
    AddCallback,
    Take,
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        1 => Just(Operation::Claim),
        3 => any::<i32>().prop_map(Operation::FinishWithValue),
        2 => Just(Operation::FinishWithError),
        1 => Just(Operation::DropPromise),
        3 => Just(Operation::Cancel),
        4 => Just(Operation::Clone),
        2 => Just(Operation::DropFuture),
        4 => Just(Operation::AddCallback),
        2 => Just(Operation::Take),
    ]
}

/// The reference: what is known about the future, and who was called.
struct Model {
    state: State,
    outcome: Option<Result<i32, &'static str>>,
    waiting: Vec<usize>,
    called: Vec<usize>,
    callbacks: usize,
}

impl Model {
    fn new() -> Model {
        Model {
            state: State::Pending,
            outcome: None,
            waiting: Vec::new(),
            called: Vec::new(),
            callbacks: 0,
        }
    }

    fn claim(&mut self) -> bool {
        if self.state == State::Pending {
            self.state = State::Running;
        }
        self.state == State::Running
    }

    /// Whether the outcome is accepted.
    fn finish(&mut self, outcome: Result<i32, &'static str>) -> bool {
        let accepted = !self.state.is_final();
        if accepted {
            self.state = State::Finished;
            self.outcome = Some(outcome);
            self.called.append(&mut self.waiting);
        }
        accepted
    }

    fn cancel(&mut self) -> bool {
        if self.state == State::Pending {
            self.state = State::Cancelled;
            self.outcome = Some(Err("cancelled"));
            self.called.append(&mut self.waiting);
        }
        self.state == State::Cancelled
    }

    fn add_callback(&mut self) -> usize {
        let number = self.callbacks;
        self.callbacks += 1;
        if self.state.is_final() {
            self.called.push(number);
        } else {
            self.waiting.push(number);
        }
        number
    }
}

fn name(error: &TaskError) -> &'static str {
    match error {
        TaskError::Cancelled => "cancelled",
        TaskError::Lost => "lost",
        TaskError::Decode(_) => "decode",
        _ => "another",
    }
}

/// The real thing, with all the futures of the one promise.
struct Real {
    promise: Option<Promise<i32>>,
    futures: Vec<Future<i32>>,
    sender: Sender<usize>,
    calls: Receiver<usize>,
    called: Vec<usize>,
}

impl Real {
    fn new() -> Real {
        let (promise, future) = promise();
        let (sender, calls) = channel();
        Real {
            promise: Some(promise),
            futures: vec![future],
            sender,
            calls,
            called: Vec::new(),
        }
    }

    /// Whether the futures and the model tell the same.
    fn compare(&mut self, model: &Model) -> TestCaseResult {
        self.called.extend(self.calls.try_iter());
        prop_assert_eq!(&self.called, &model.called);
        if let Some(promise) = &self.promise {
            prop_assert_eq!(promise.cancelled(), model.state == State::Cancelled);
        }
        for future in &self.futures {
            prop_assert_eq!(future.state(), model.state);
            prop_assert_eq!(future.done(), model.state.is_final());
            let result = future.result_timeout(Duration::ZERO).ok();
            let result = result.map(|result| result.copied().map_err(|error| name(&error)));
            prop_assert_eq!(result, model.outcome);
            prop_assert!(future == &self.futures[0]);
        }
        Ok(())
    }

    /// Does the operation on both; false when the last future is gone.
    fn step(
        &mut self,
        model: &mut Model,
        operation: &Operation,
    ) -> Result<bool, proptest::test_runner::TestCaseError> {
        let decode = || TaskError::Decode("on purpose".into());
        match (operation, self.promise.take()) {
            (Operation::Claim, Some(mut promise)) => {
                prop_assert_eq!(promise.claim(), model.claim());
                self.promise = Some(promise);
            }
            (Operation::FinishWithValue(value), Some(promise)) => {
                prop_assert_eq!(promise.finish(Ok(*value)), model.finish(Ok(*value)));
            }
            (Operation::FinishWithError, Some(promise)) => {
                prop_assert_eq!(promise.finish(Err(decode())), model.finish(Err("decode")));
            }
            (Operation::DropPromise, Some(promise)) => {
                drop(promise);
                model.finish(Err("lost"));
            }
            (_, promise) => self.promise = promise,
        }
        match operation {
            Operation::Cancel => prop_assert_eq!(self.futures[0].cancel(), model.cancel()),
            Operation::Clone => self.futures.push(self.futures[0].clone()),
            Operation::DropFuture => drop(self.futures.pop()),
            Operation::AddCallback => {
                let (number, sender) = (model.add_callback(), self.sender.clone());
                self.futures[0].add_done_callback(move |_| sender.send(number).expect("heard"));
            }
            Operation::Take if model.state.is_final() => return self.take(model),
            _ => {}
        }
        Ok(!self.futures.is_empty())
    }

    /// The last future moves the value out; another comes back.
    fn take(&mut self, model: &Model) -> Result<bool, proptest::test_runner::TestCaseError> {
        let future = self.futures.pop().expect("there is one");
        let is_last = self.futures.is_empty();
        match future.try_into_result() {
            Ok(result) => {
                prop_assert!(is_last || model.state == State::Cancelled);
                let result = result.map_err(|error| name(&error));
                prop_assert_eq!(Some(result), model.outcome);
            }
            Err(future) => {
                prop_assert!(!is_last && model.state == State::Finished);
                self.futures.push(future);
            }
        }
        Ok(!self.futures.is_empty())
    }
}

static PROPERTY: Property = Property::new(
    "states",
    &[
        "cancelled",
        "value",
        "failed",
        "called",
        "gone in the middle",
    ],
);

#[test]
fn any_operations_move_a_future_as_the_model_says() {
    PROPERTY.watched(vec(operation(), 12..40), |case, operations| {
        let (mut real, mut model) = (Real::new(), Model::new());
        for operation in &operations {
            if !real.step(&mut model, operation)? {
                case.reached("gone in the middle");
                break;
            }
            real.compare(&model)?;
        }
        case.reached_if(!model.called.is_empty(), "called");
        case.reached(match model.outcome {
            None => "unfinished",
            Some(Ok(_)) => "value",
            Some(Err("cancelled")) => "cancelled",
            Some(Err(_)) => "failed",
        });
        // Whatever is left of the promise leaves an outcome, and the callbacks all run.
        drop(real.promise.take());
        model.finish(Err("lost"));
        real.compare(&model)
    });
}

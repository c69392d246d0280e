//! What a task leaves is what its function does, on every executor alike.

use std::panic::{AssertUnwindSafe, catch_unwind};

use executor::{Executor, TaskOnce, fallible};
use proptest::collection::vec;
use proptest::{prop_assert, prop_assert_eq};

use super::script::{Left, Script, act, expected, left, script};
use super::vacuity::Property;
use crate::backends::{Backend, every_executor, on_every_executor};

on_every_executor!(a_future_delivers_what_its_function_does);

static DELIVERED: Property = Property::new("outcomes", &["value", "failed", "panicked"]);

fn a_future_delivers_what_its_function_does<B: Backend>() {
    let pool = B::pool(2);
    DELIVERED.check(vec(script(), 1..8), |case, scripts| {
        let futures: Vec<_> = scripts
            .iter()
            .map(|script| {
                pool.submit(fallible(act), (script.clone(),))
                    .expect("accepted")
            })
            .collect();
        for (script, future) in scripts.iter().zip(futures) {
            let lent = left(future.result().copied());
            prop_assert_eq!(&lent, &expected(script));
            prop_assert_eq!(future.error().is_some(), !matches!(lent, Left::Value(_)));
            prop_assert_eq!(left(future.into_result()), lent.clone());
            case.reached(match lent {
                Left::Value(_) => "value",
                Left::Failed { .. } => "failed",
                Left::Panicked(_) => "panicked",
                Left::Other(_) => "other",
            });
        }
        Ok(())
    });
}

/// Runs a script without any executor.
fn serially(script: &Script) -> Left {
    let call = || fallible(act).run((script.clone(),));
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => left(result),
        Err(payload) => Left::Panicked(match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => match payload.downcast::<&str>() {
                Ok(text) => (*text).to_owned(),
                Err(_) => "the payload is not a string".to_owned(),
            },
        }),
    }
}

fn on<B: Backend>(scripts: &[Script]) -> Vec<Left> {
    let pool = B::pool(2);
    let futures: Vec<_> = scripts
        .iter()
        .map(|script| {
            pool.submit(fallible(act), (script.clone(),))
                .expect("accepted")
        })
        .collect();
    futures
        .into_iter()
        .map(|future| left(future.into_result()))
        .collect()
}

static AGREED: Property = Property::new("outcomes", &["of three kinds"]).with_pools();

#[test]
fn the_executors_agree_with_each_other_and_with_a_loop() {
    AGREED.watched(vec(script(), 1..12), |case, scripts| {
        let executors = every_executor!(on as fn(&[Script]) -> Vec<Left>);
        let alone: Vec<_> = scripts.iter().map(serially).collect();
        for (name, run) in executors {
            prop_assert_eq!(run(&scripts), alone.clone(), "{}", name);
        }
        let kinds = [
            alone.iter().any(|left| matches!(left, Left::Value(_))),
            alone.iter().any(|left| matches!(left, Left::Failed { .. })),
            alone.iter().any(|left| matches!(left, Left::Panicked(_))),
        ];
        prop_assert!(kinds.contains(&true));
        case.reached_if(kinds == [true; 3], "of three kinds");
        Ok(())
    });
}

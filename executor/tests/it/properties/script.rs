//! A task that does what its argument says, and the reference for what that leaves.

use std::fmt;
use std::panic::resume_unwind;

use executor::TaskError;
use proptest::prelude::{Strategy, any, prop_oneof};
use serde::{Deserialize, Serialize};

/// What a task does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Script {
    Return(i64),
    Fail(String),
    PanicWithString(String),
    PanicWithStr(bool),
    PanicWithNumber(u64),
}

pub(super) fn script() -> impl Strategy<Value = Script> {
    prop_oneof![
        4 => any::<i64>().prop_map(Script::Return),
        2 => any::<String>().prop_map(Script::Fail),
        1 => any::<String>().prop_map(Script::PanicWithString),
        1 => any::<bool>().prop_map(Script::PanicWithStr),
        1 => any::<u64>().prop_map(Script::PanicWithNumber),
    ]
}

#[derive(Debug)]
pub(super) struct Refusal(String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

const WORDS: [&str; 2] = ["", "a word of the program's own"];

/// The task. It panics without the panic hook, which would report thousands of panics; that the
/// hook notes their places is part of the contract suite.
pub(super) fn act(script: Script) -> Result<i64, Refusal> {
    match script {
        Script::Return(value) => Ok(value.wrapping_mul(3)),
        Script::Fail(text) => Err(Refusal(text)),
        Script::PanicWithString(text) => resume_unwind(Box::new(text)),
        Script::PanicWithStr(word) => resume_unwind(Box::new(WORDS[usize::from(word)])),
        Script::PanicWithNumber(number) => resume_unwind(Box::new(number)),
    }
}

/// What a task left, in a form that can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Left {
    Value(i64),
    Failed { type_name: String, message: String },
    Panicked(String),
    Other(String),
}

/// The reference.
pub(super) fn expected(script: &Script) -> Left {
    match script {
        Script::Return(value) => Left::Value(value.wrapping_mul(3)),
        Script::Fail(text) => Left::Failed {
            type_name: std::any::type_name::<Refusal>().to_owned(),
            message: text.clone(),
        },
        Script::PanicWithString(text) => Left::Panicked(text.clone()),
        Script::PanicWithStr(word) => Left::Panicked(WORDS[usize::from(*word)].to_owned()),
        Script::PanicWithNumber(_) => Left::Panicked("the payload is not a string".to_owned()),
    }
}

pub(super) fn left(result: Result<i64, TaskError>) -> Left {
    match result {
        Ok(value) => Left::Value(value),
        Err(TaskError::Failed(failure)) => Left::Failed {
            type_name: failure.type_name.clone(),
            message: failure.message.clone(),
        },
        Err(TaskError::Panicked(panic)) => Left::Panicked(panic.message.clone()),
        Err(error) => Left::Other(error.to_string()),
    }
}

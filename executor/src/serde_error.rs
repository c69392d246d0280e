//! How a [`TaskError`] travels between processes.
//!
//! `base/` is kept free of procedural macros, so the form that travels is written here, once, as a
//! type of its own.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::{Deadlock, DeadlockedWait, Failure, Panic, TaskError, WorkerDeath, WorkerExit};

#[derive(Serialize, Deserialize)]
enum Travelling {
    Cancelled,
    Panicked {
        message: String,
        place: Option<String>,
        backtrace: Option<String>,
    },
    Failed {
        type_name: String,
        message: String,
    },
    Lost,
    Cycle,
    WorkerDied {
        pid: u32,
        exit: Exit,
    },
    PoolBroken(String),
    Encode(String),
    Decode(String),
    /// Who waits, and for what.
    Deadlock(Vec<(String, String)>),
}

#[derive(Serialize, Deserialize)]
enum Exit {
    Code(i32),
    Signal(i32),
    Protocol,
    Unknown,
}

impl Serialize for TaskError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let travelling = match self {
            TaskError::Cancelled => Travelling::Cancelled,
            TaskError::Panicked(panic) => Travelling::Panicked {
                message: panic.message.clone(),
                place: panic.place.clone(),
                backtrace: panic.backtrace.clone(),
            },
            TaskError::Failed(failure) => Travelling::Failed {
                type_name: failure.type_name.clone(),
                message: failure.message.clone(),
            },
            TaskError::Lost => Travelling::Lost,
            TaskError::Cycle => Travelling::Cycle,
            TaskError::WorkerDied(death) => Travelling::WorkerDied {
                pid: death.pid,
                exit: match death.exit {
                    WorkerExit::Code(code) => Exit::Code(code),
                    WorkerExit::Signal(signal) => Exit::Signal(signal),
                    WorkerExit::Protocol => Exit::Protocol,
                    WorkerExit::Unknown => Exit::Unknown,
                },
            },
            TaskError::PoolBroken(cause) => Travelling::PoolBroken(cause.to_string()),
            TaskError::Encode(cause) => Travelling::Encode(cause.to_string()),
            TaskError::Decode(cause) => Travelling::Decode(cause.to_string()),
            TaskError::Deadlock(deadlock) => {
                let waits = deadlock.waits.iter();
                let pair = |wait: &DeadlockedWait| (wait.task.clone(), wait.waits_for.clone());
                Travelling::Deadlock(waits.map(pair).collect())
            }
        };
        travelling.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TaskError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Travelling::deserialize(deserializer)? {
            Travelling::Cancelled => TaskError::Cancelled,
            Travelling::Panicked {
                message,
                place,
                backtrace,
            } => TaskError::Panicked(Arc::new(Panic {
                message,
                place,
                backtrace,
            })),
            Travelling::Failed { type_name, message } => {
                TaskError::Failed(Arc::new(Failure { type_name, message }))
            }
            Travelling::Lost => TaskError::Lost,
            Travelling::Cycle => TaskError::Cycle,
            Travelling::WorkerDied { pid, exit } => TaskError::WorkerDied(Arc::new(WorkerDeath {
                pid,
                exit: match exit {
                    Exit::Code(code) => WorkerExit::Code(code),
                    Exit::Signal(signal) => WorkerExit::Signal(signal),
                    Exit::Protocol => WorkerExit::Protocol,
                    Exit::Unknown => WorkerExit::Unknown,
                },
            })),
            Travelling::PoolBroken(cause) => TaskError::PoolBroken(cause.into()),
            Travelling::Encode(cause) => TaskError::Encode(cause.into()),
            Travelling::Decode(cause) => TaskError::Decode(cause.into()),
            Travelling::Deadlock(waits) => {
                let waits = waits.into_iter();
                let waits = waits.map(|(task, waits_for)| DeadlockedWait { task, waits_for });
                TaskError::Deadlock(Arc::new(Deadlock {
                    waits: waits.collect(),
                }))
            }
        })
    }
}

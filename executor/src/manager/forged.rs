//! What clients of a manager may send though no client of ours does: requests of any kind, true and
//! false, in any order, from several connections that end at any moment.
//!
//! [`Script::check`] sends it to a server in this process and asserts what must hold whatever it is. The
//! scripts are made up by the properties beside this file, on every run of the tests, and by the target
//! `request` of `fuzz/`. What is sent are changes of what true clients send, which is
//! [recorded](recorded) first; so whatever a proxy can ask comes along.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use self::form::Form;
use self::recorded::recording;
use self::scene::Scene;
use crate::process::forged::{take, take_byte};

mod connection;
mod everything;
mod form;
mod recorded;
mod scene;
#[cfg(test)]
mod tests;

/// What the clients know, and the server.
const KEY: &str = "forged";

/// Bytes that a frame may have.
const LIMIT: usize = 1 << 16;

/// Connections at a time.
const CLIENTS: usize = 4;

/// Steps that one script has at most.
const STEPS: usize = 64;

/// What clients do, one after another.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// The kinds of the objects that are there first.
    objects: Vec<u8>,
    steps: Vec<Step>,
}

/// What one client does. Numbers are any, and taken as what they can be.
#[derive(Clone, Debug)]
struct Step {
    client: usize,
    /// Whether it waits for what comes of it.
    waits: bool,
    act: Act,
}

#[derive(Clone, Debug)]
enum Act {
    /// It connects, if it is not connected; else that is the first thing that it does.
    Connect {
        is_narrow: bool,
        form: Form,
    },
    /// It asks an object for something; `is_stray`: for what may be another kind's.
    Ask {
        object: u8,
        operation: u8,
        is_stray: bool,
        number: u8,
        locked: Vec<u8>,
        form: Form,
    },
    Create {
        kind: u8,
        number: u8,
        form: Form,
    },
    Command {
        command: u8,
        object: u8,
        lifeline: u8,
        number: u8,
        form: Form,
    },
    /// It wants the last request but so many to end, of what that was asked or of something else.
    Withdraw {
        object: u8,
        back: u8,
        form: Form,
    },
    /// It sends a frame of any kind with any payload.
    Odd {
        code: u8,
        number: u8,
        payload: Vec<u8>,
        form: Form,
    },
    Bytes(Vec<u8>),
    /// It sends no more.
    CloseOutput,
    Leave,
    /// Nobody has a proxy of the object any more.
    Forget {
        object: u8,
    },
}

/// What a script came to; a property that never comes to anything says nothing.
#[cfg_attr(not(test), expect(dead_code, reason = "the properties read it"))]
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Replies by the error in them, or `Ok`.
    replies: BTreeMap<&'static str, usize>,
    /// How many operations waited when their clients had left.
    parked: usize,
    /// How many connections the server ended.
    ended: usize,
    /// How many objects were left when their clients had gone.
    objects: usize,
}

impl Script {
    /// The script that these bytes describe, as any bytes do.
    pub(crate) fn described_by(mut bytes: &[u8]) -> Script {
        let rest = &mut bytes;
        let objects = (0..2 + take_byte(rest) % 4)
            .map(|_| take_byte(rest))
            .collect();
        let mut steps = Vec::new();
        while !rest.is_empty() && steps.len() < STEPS {
            steps.push(Step::described_by(rest));
        }
        Script { objects, steps }
    }

    /// Asserts that the server does not panic, wait for anybody, or reply twice to anything; that its
    /// replies can be decoded; and that when the clients have left nothing is theirs.
    pub(crate) fn check(&self) -> Seen {
        // Proxies that arrive are known by what is recorded, in the whole process.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let recording = recording();
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scene = Scene::new(recording);
        for kind in &self.objects {
            let form = Form::True;
            scene.act(
                0,
                true,
                &Act::Create {
                    kind: *kind,
                    number: 2,
                    form,
                },
            );
        }
        for Step { client, waits, act } in &self.steps {
            scene.act(*client, *waits, act);
        }
        scene.end()
    }
}

impl Step {
    fn described_by(rest: &mut &[u8]) -> Step {
        let op = take_byte(rest);
        let who = take_byte(rest);
        let mut next = || take_byte(rest);
        let act = match op {
            0..0xb0 => Act::Ask {
                object: next(),
                operation: next(),
                is_stray: op >= 0xa0,
                number: next(),
                locked: (0..next().saturating_sub(0xf0)).map(|_| next()).collect(),
                form: Form::described_by(rest),
            },
            0xb0..0xc0 => Act::Create {
                kind: next(),
                number: next(),
                form: Form::described_by(rest),
            },
            0xc0..0xd0 => Act::Command {
                command: next(),
                object: next(),
                lifeline: next(),
                number: next(),
                form: Form::described_by(rest),
            },
            0xd0..0xe8 => Act::Withdraw {
                object: next(),
                back: next(),
                form: Form::described_by(rest),
            },
            0xe8..0xee => Act::Connect {
                is_narrow: next() % 2 == 0,
                form: Form::described_by(rest),
            },
            0xee => {
                let (code, number, length) = (next(), next(), next() % 32);
                let payload = take(rest, usize::from(length)).to_vec();
                Act::Odd {
                    code,
                    number,
                    payload,
                    form: Form::described_by(rest),
                }
            }
            0xef => {
                let length = next() % 64;
                Act::Bytes(take(rest, usize::from(length)).to_vec())
            }
            0xf0 | 0xf1 => Act::CloseOutput,
            0xf2..0xfa => Act::Leave,
            _ => Act::Forget { object: next() },
        };
        Step {
            client: usize::from(who) % CLIENTS,
            waits: who < 0xc0,
            act,
        }
    }
}

//! What a manager and its clients say to each other, besides operations.
//!
//! The frames are those of the process pool. An operation's payload begins with where it goes:
//!
//! ```text
//! size  content
//!    8  number of the object (little-endian, as the others)
//!    1  how many objects are locked for the caller, who then is a call in the manager itself
//! 8 ×   their numbers
//!   16  name of the operation
//!       the operation, encoded
//! ```

use std::os::fd::OwnedFd;
use std::sync::Arc;

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::address::{Address, AuthKey};
use super::error::ManagerError;
use crate::process::codec::Draft;
use crate::process::content::Content;
use crate::process::passing;

/// Bytes that the first frames may have, before the other end is known.
pub(super) const GREETING_LIMIT: usize = 4 << 10;

/// The number of a request that wants no reply.
pub(super) const NO_REPLY: u64 = 0;

/// The number of the first reply, to a greeting or to the owner.
pub(super) const GREETING: u64 = u64::MAX;

/// What a manager is started with, by its owner.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Configuration {
    /// Where it can be reached; it chooses, if this is none.
    pub(super) address: Option<Address>,
    pub(super) key: AuthKey,
    pub(super) frame_limit: usize,
}

/// What a manager replies to its owner.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Started {
    pub(super) address: Address,
    pub(super) instance: u64,
}

/// What a client begins with.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Greeting {
    pub(super) key: AuthKey,
    /// What tells executables apart: functions are named by where they lie.
    pub(super) image: u64,
    /// The manager that it means; another one may be at the address by now.
    pub(super) instance: Option<u64>,
}

/// What a client is answered.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Welcome {
    pub(super) instance: u64,
    pub(super) frame_limit: usize,
}

/// What is asked of the manager rather than of an object.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Command {
    /// How many objects are there?
    Count,
    /// Forget that a call on this object has panicked; these objects are locked for the caller.
    ClearPoison(u64, Vec<u64>),
    /// Give an object a name.
    Publish(String, Published),
    /// Take a name away.
    Unpublish(String),
    /// What has this name?
    Find(String),
}

/// What a command is answered.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    Done,
    Count(usize),
    Found(Published),
}

/// An object that can be found by name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Published {
    pub(super) object: u64,
    pub(super) type_name: String,
    pub(super) lifeline: Lifeline,
}

/// An object that was made.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Made {
    pub(super) object: u64,
    pub(super) lifeline: Lifeline,
}

/// What keeps an object alive; it travels as a descriptor.
#[derive(Clone, Debug)]
pub(super) struct Lifeline(pub(super) Arc<OwnedFd>);

impl Serialize for Lifeline {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let refuse = |why| S::Error::custom(passing::refuse(format!("a proxy: {why}")));
        let place = passing::put(&self.0).map_err(refuse)?;
        place.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Lifeline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Lifeline, D::Error> {
        let place = u32::deserialize(deserializer)?;
        let refuse = |why| D::Error::custom(passing::refuse(format!("a proxy: {why}")));
        Ok(Lifeline(passing::take(place).map_err(refuse)?))
    }
}

/// Where an operation goes.
#[derive(Debug)]
pub(super) struct Destination {
    pub(super) object: u64,
    pub(super) locked: Vec<u64>,
}

impl Destination {
    /// A payload that begins with it.
    pub(super) fn draft(&self) -> Result<Draft, ManagerError> {
        let count = u8::try_from(self.locked.len()).map_err(|_| {
            ManagerError::Deadlock(format!("{} calls within calls", self.locked.len()))
        })?;
        let mut draft = Draft::new();
        draft.push(&self.object.to_le_bytes());
        draft.push(&[count]);
        for object in &self.locked {
            draft.push(&object.to_le_bytes());
        }
        Ok(draft)
    }

    /// Reads it from a payload, and says where what follows begins.
    pub(super) fn read_from(content: &Content) -> Result<(Destination, usize), String> {
        let number = |at: usize| -> Result<u64, String> {
            let bytes = content.part(at, 8)?;
            let bytes = bytes.first_chunk().ok_or("a number is cut off")?;
            Ok(u64::from_le_bytes(*bytes))
        };
        let count = usize::from(content.part(8, 1)?[0]);
        let locked = (0..count).map(|place| number(9 + 8 * place));
        let destination = Destination {
            object: number(0)?,
            locked: locked.collect::<Result<_, _>>()?,
        };
        Ok((destination, 9 + 8 * count))
    }
}

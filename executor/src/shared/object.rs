//! What all shared objects are: references to memory, equal if they lead to the same, and able to travel.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use bytemuck::Pod;
use serde::{Deserialize, Deserializer, Serializer, de, ser};

use super::error::SharedError;
use super::mapping::{Kind, Mapping, Shape};
use crate::process::passing;

/// An object in shared memory.
pub(super) trait Object: Sized {
    const KIND: Kind;
    /// What the memory holds, one after another.
    type Element: Pod;

    fn new(mapping: Arc<Mapping>) -> Self;
    fn mapping(&self) -> &Arc<Mapping>;
}

/// A new object, whose elements are zero.
pub(super) fn create<O: Object>(length: usize, parameter: u64) -> Result<O, SharedError> {
    let shape = Shape::of::<O::Element>(O::KIND);
    Mapping::create(shape, length, parameter).map(O::new)
}

/// The length of something that must have elements.
pub(super) fn not_empty(length: usize) -> Result<usize, SharedError> {
    if length > 0 {
        return Ok(length);
    }
    Err(SharedError::InvalidArgument {
        argument: "len",
        problem: "an array in shared memory needs at least one element".to_owned(),
    })
}

/// The object behind a descriptor that has arrived.
pub(super) fn accept<O: Object>(descriptor: Arc<OwnedFd>) -> Result<O, String> {
    let shape = Shape::of::<O::Element>(O::KIND);
    Mapping::accept(descriptor, shape).map(O::new)
}

pub(super) fn serialize<O: Object, S: Serializer>(
    object: &O,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match passing::put(object.mapping().descriptor()) {
        Ok(place) => serializer.serialize_u32(place),
        Err(why) => Err(ser::Error::custom(refusal::<O>("sent", &why))),
    }
}

pub(super) fn deserialize<'de, O: Object, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<O, D::Error> {
    let place = u32::deserialize(deserializer)?;
    passing::take(place)
        .and_then(accept)
        .map_err(|why| de::Error::custom(refusal::<O>("received", &why)))
}

fn refusal<O: Object>(done: &str, why: &str) -> String {
    let kind = O::KIND;
    passing::refuse(format!("a shared {kind:?} can't be {done}: {why}"))
}

/// Makes an object of a struct with a `mapping`.
macro_rules! object {
    ($Name:ident $(<$T:ident: $Bound:ident>)?, $kind:ident of $Element:ty) => {
        impl $(<$T: $Bound + Send + Sync>)? $crate::shared::object::Object for $Name $(<$T>)? {
            const KIND: $crate::shared::mapping::Kind = $crate::shared::mapping::Kind::$kind;
            type Element = $Element;

            fn new(mapping: std::sync::Arc<$crate::shared::mapping::Mapping>) -> Self {
                $Name {
                    mapping,
                    $(elements: std::marker::PhantomData::<$T>,)?
                }
            }

            fn mapping(&self) -> &std::sync::Arc<$crate::shared::mapping::Mapping> {
                &self.mapping
            }
        }

        /// Another reference to the same object.
        impl $(<$T>)? Clone for $Name $(<$T>)? {
            fn clone(&self) -> Self {
                $Name {
                    mapping: std::sync::Arc::clone(&self.mapping),
                    $(elements: std::marker::PhantomData::<$T>,)?
                }
            }
        }

        /// Whether both are the same object.
        impl $(<$T>)? PartialEq for $Name $(<$T>)? {
            fn eq(&self, other: &Self) -> bool {
                std::sync::Arc::ptr_eq(&self.mapping, &other.mapping)
            }
        }

        impl $(<$T>)? Eq for $Name $(<$T>)? {}

        impl $(<$T>)? std::hash::Hash for $Name $(<$T>)? {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                std::sync::Arc::as_ptr(&self.mapping).hash(state);
            }
        }

        /// Says which object it is; not what is in it, which would need the lock.
        impl $(<$T>)? std::fmt::Debug for $Name $(<$T>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let id = self.mapping.id() as u32;
                write!(f, concat!(stringify!($Name), "({:08x})"), id)
            }
        }

        /// For a task's arguments and results only.
        impl $(<$T: $Bound + Send + Sync>)? serde::Serialize for $Name $(<$T>)? {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::shared::object::serialize(self, serializer)
            }
        }

        /// For a task's arguments and results only.
        impl<'de $(, $T: $Bound + Send + Sync)?> serde::Deserialize<'de> for $Name $(<$T>)? {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::shared::object::deserialize(deserializer)
            }
        }
    };
}

pub(super) use object;

//! Vectors of plain numbers, which travel as the bytes they are.
//!
//! Serde hands a `Vec<f64>` over number by number, also where the bytes would do. So before a value
//! is encoded the large vectors among a task's arguments, or the one that is its result, are taken
//! out; an empty one stays, and is filled again where the value arrives. Vectors inside other values
//! are out of sight, and go the long way. Both ends are the same executable on the same machine, so
//! the bytes mean the same.

use std::any::{Any, TypeId};
use std::mem::{size_of, take};

use bytemuck::{Pod, cast_slice, cast_slice_mut, zeroed_vec};

/// Bytes from which on a vector is taken out; below, the long way is as short.
const LEAST: usize = 512;

/// A vector that was taken out.
pub(crate) trait Piece: Send {
    fn bytes(&self) -> &[u8];
}

impl<T: Pod + Send> Piece for Vec<T> {
    fn bytes(&self) -> &[u8] {
        cast_slice(self)
    }
}

/// Calls a macro with the element types whose vectors are plain.
macro_rules! for_plain_types {
    ($call:ident) => {
        $call!(u8 f64 f32 i32 u32 i64 u64 usize isize i16 u16 i8 u128 i128)
    };
}

/// Whether a `T` is one of the types whose decoding is this crate's and serde's own affair: no code of
/// the user's runs, and none that calls itself.
pub(crate) fn is_plain<T: 'static>() -> bool {
    let id = TypeId::of::<T>();
    macro_rules! any_of {
        ($($Number:ty)*) => {
            [
                TypeId::of::<()>(),
                TypeId::of::<bool>(),
                TypeId::of::<char>(),
                TypeId::of::<String>(),
                $(TypeId::of::<$Number>(), TypeId::of::<Vec<$Number>>(),)*
            ]
            .contains(&id)
        };
    }
    for_plain_types!(any_of)
}

/// Takes out a large vector of plain numbers, or the bytes of a large string.
pub(crate) fn take_out(value: &mut dyn Any) -> Option<Box<dyn Piece>> {
    let id = (*value).type_id();
    macro_rules! try_each {
        ($($Number:ty)*) => {$(
            if id == TypeId::of::<Vec<$Number>>() {
                let vector = value.downcast_mut::<Vec<$Number>>()?;
                return is_large(vector).then(|| Box::new(take(vector)) as Box<dyn Piece>);
            }
        )*};
    }
    for_plain_types!(try_each);
    let text = value.downcast_mut::<String>()?;
    is_large(text.as_bytes()).then(|| Box::new(take(text).into_bytes()) as Box<dyn Piece>)
}

fn is_large<T>(vector: &[T]) -> bool {
    size_of_val(vector) >= LEAST
}

/// Puts in again what was taken out: `length` bytes, which `read` fills in.
///
/// # Errors
///
/// The bytes don't make a value of the type, or `read` fails.
pub(crate) fn put_in(
    value: &mut dyn Any,
    length: usize,
    read: impl FnOnce(&mut [u8]) -> Result<(), String>,
) -> Result<(), String> {
    let id = (*value).type_id();
    macro_rules! try_each {
        ($($Number:ty)*) => {$(
            if let Some(vector) = value.downcast_mut::<Vec<$Number>>() {
                if length % size_of::<$Number>() != 0 {
                    return Err(format!("{length} bytes are no {}s", stringify!($Number)));
                }
                *vector = zeroed_vec(length / size_of::<$Number>());
                return read(cast_slice_mut(vector));
            }
        )*};
    }
    if id == TypeId::of::<String>() {
        let mut bytes = vec![0; length];
        read(&mut bytes)?;
        let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
        if let Some(place) = value.downcast_mut() {
            *place = text;
        }
        return Ok(());
    }
    for_plain_types!(try_each);
    Err("there is no place for bytes".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_out_can_be_put_in() {
        let mut numbers: Vec<f64> = (0..1000).map(f64::from).collect();
        let before = numbers.clone();
        let piece = take_out(&mut numbers).unwrap();
        assert!(numbers.is_empty());
        let bytes = piece.bytes();
        let read = |place: &mut [u8]| {
            place.copy_from_slice(bytes);
            Ok(())
        };
        put_in(&mut numbers, bytes.len(), read).unwrap();
        assert_eq!(numbers, before);
    }

    #[test]
    fn small_and_other_values_stay() {
        assert!(take_out(&mut vec![1_u8; LEAST - 1]).is_none());
        assert!(take_out(&mut "word".to_owned()).is_none());
        assert!(take_out(&mut vec![String::new(); LEAST]).is_none());
        assert!(take_out(&mut 5).is_none());
        assert!(take_out(&mut vec![1_u8; LEAST]).is_some());
        assert!(take_out(&mut "word".repeat(LEAST)).is_some());
    }

    #[test]
    fn bytes_that_make_no_value_are_refused() {
        let fill = |place: &mut [u8]| {
            place.fill(0xff);
            Ok(())
        };
        assert!(put_in(&mut Vec::<u32>::new(), 7, fill).is_err());
        assert!(put_in(&mut String::new(), 600, fill).is_err());
        assert!(put_in(&mut 5_u32, 4, fill).is_err());
    }
}

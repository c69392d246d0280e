//! What a frame brought.

use std::borrow::Cow;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use super::memory::Memory;

/// A payload that has arrived, and the descriptors that values in it refer to.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) bytes: Bytes,
    pub(crate) passed: Vec<Arc<OwnedFd>>,
}

/// Where the bytes of a payload are.
#[derive(Debug)]
pub(crate) enum Bytes {
    /// With the frame.
    Inline(Vec<u8>),
    /// In memory of its own.
    Memory(Memory),
    /// In memory that is not a value's: the page of a greeting.
    Page(OwnedFd),
    /// The frame came with descriptors that this process had no numbers left for.
    Missing,
}

impl Content {
    /// Bytes that came with the frame, alone.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn inline(bytes: Vec<u8>) -> Content {
        Content {
            bytes: Bytes::Inline(bytes),
            passed: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match &self.bytes {
            Bytes::Inline(bytes) => bytes.len(),
            Bytes::Memory(memory) => memory.len(),
            Bytes::Page(_) | Bytes::Missing => 0,
        }
    }

    /// Some bytes of it.
    pub(crate) fn part(&self, offset: usize, length: usize) -> Result<Cow<'_, [u8]>, String> {
        let end = offset.checked_add(length).filter(|end| *end <= self.len());
        let end = end.ok_or(match self.bytes {
            Bytes::Missing => "this process has no descriptor left for what came with it",
            _ => "the payload is too short",
        })?;
        match &self.bytes {
            Bytes::Inline(bytes) => Ok(Cow::Borrowed(&bytes[offset..end])),
            Bytes::Memory(_) | Bytes::Page(_) | Bytes::Missing => {
                let mut bytes = vec![0; length];
                self.read_at(offset, &mut bytes)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// Copies some bytes of it to where they belong.
    pub(crate) fn read_at(&self, offset: usize, place: &mut [u8]) -> Result<(), String> {
        match &self.bytes {
            Bytes::Inline(_) => place.copy_from_slice(&self.part(offset, place.len())?),
            Bytes::Memory(memory) => memory
                .read_at(offset, place)
                .map_err(|error| format!("the payload can't be read: {error}"))?,
            Bytes::Page(_) | Bytes::Missing if place.is_empty() => {}
            Bytes::Page(_) | Bytes::Missing => return Err("there is no payload".to_owned()),
        }
        Ok(())
    }
}

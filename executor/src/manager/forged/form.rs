//! Frames that are true but for one thing.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use crate::process::codec::Draft;
use crate::process::forged::take_byte;
use crate::process::memory;
use crate::process::wire::{HEADER, Kind, Parcel};

/// What is done to a frame before it is sent.
#[derive(Clone, Debug)]
pub(super) enum Form {
    True,
    /// Bytes are missing at the end of the payload, which is said to be so long.
    Short(u8),
    /// A byte of the payload is another.
    Changed {
        at: u8,
        by: u8,
    },
    /// A byte of the name is another.
    Misnamed {
        at: u8,
        by: u8,
    },
    /// The payload is in memory, which may be one that can change.
    InMemory {
        is_sealed: bool,
    },
    /// So many more descriptors are announced than come along.
    Announcing(u8),
    /// The descriptors do not come along.
    Bare,
    /// It is longer than any may be.
    OverLong,
    /// Half of it is sent.
    Half,
}

impl Form {
    pub(super) fn described_by(rest: &mut &[u8]) -> Form {
        let form = take_byte(rest);
        match form {
            0..=3 => Form::Short(take_byte(rest)),
            4..=11 => Form::Changed {
                at: take_byte(rest),
                by: take_byte(rest),
            },
            12 | 13 => Form::Misnamed {
                at: take_byte(rest),
                by: take_byte(rest),
            },
            14..=19 => Form::InMemory {
                is_sealed: form != 14,
            },
            20 => Form::Announcing(take_byte(rest)),
            21 => Form::Bare,
            22 => Form::OverLong,
            23 => Form::Half,
            _ => Form::True,
        }
    }
}

/// A frame that is to be sent.
#[derive(Debug)]
pub(super) struct Outgoing<'f> {
    kind: Kind,
    /// The kind, if it need not be one.
    code: Option<u8>,
    number: u64,
    payload: Vec<u8>,
    /// Where in the payload the name of what is asked lies.
    name_at: usize,
    passed: Vec<Arc<OwnedFd>>,
    form: &'f Form,
}

impl<'f> Outgoing<'f> {
    pub(super) fn new(
        kind: Kind,
        draft: Draft,
        passed: Vec<Arc<OwnedFd>>,
        form: &'f Form,
    ) -> Outgoing<'f> {
        Outgoing {
            kind,
            code: None,
            number: 0,
            payload: draft.bytes[HEADER..].to_vec(),
            name_at: 0,
            passed,
            form,
        }
    }

    pub(super) fn with_name_at(mut self, place: usize) -> Outgoing<'f> {
        self.name_at = place;
        self
    }

    pub(super) fn of_kind(mut self, code: u8) -> Outgoing<'f> {
        self.code = Some(code);
        self
    }

    pub(super) fn numbered(mut self, number: u64) -> Outgoing<'f> {
        self.number = number;
        self
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the frames that come after it can be told from it.
    pub(super) fn is_in_order(&self) -> bool {
        let is_frame = !matches!(self.form, Form::OverLong | Form::Half | Form::Announcing(_));
        let is_bare = matches!(self.form, Form::Bare) && !self.passed.is_empty();
        let is_open = matches!(self.form, Form::InMemory { is_sealed: false });
        is_frame && !is_bare && !is_open && self.code.is_none()
    }

    /// The frame as it is sent.
    pub(super) fn parcel(mut self) -> Parcel {
        let change = |bytes: &mut [u8], at: u8, by: u8| {
            if let Some(at) = usize::from(at).checked_rem(bytes.len()) {
                bytes[at] ^= by;
            }
        };
        match *self.form {
            Form::Short(count) => {
                let left = self.payload.len().saturating_sub(usize::from(count));
                self.payload.truncate(left);
            }
            Form::Changed { at, by } => change(&mut self.payload, at, by),
            Form::Misnamed { at, by } => {
                let start = self.name_at.min(self.payload.len());
                let end = (start + 16).min(self.payload.len());
                change(&mut self.payload[start..end], at, by);
            }
            Form::Bare => self.passed.clear(),
            _ => {}
        }
        let memory = match *self.form {
            Form::InMemory { is_sealed } => Some(lay_down(&self.payload, is_sealed)),
            _ => None,
        };
        let length = self.payload.len() as u64;
        let mut draft = Draft::new();
        if memory.is_none() {
            draft.push(&self.payload);
        }
        draft.passed = self.passed;
        let mut parcel = Parcel::new(self.kind, self.number, draft, || None);
        if memory.is_some() {
            parcel.bytes[3] |= 0x80;
            parcel.bytes[16..HEADER].copy_from_slice(&length.to_le_bytes());
            parcel.memory = memory;
        }
        if let Some(code) = self.code {
            parcel.bytes[0] = code;
        }
        match *self.form {
            Form::Announcing(more) => parcel.bytes[1] = parcel.bytes[1].wrapping_add(more),
            Form::OverLong => parcel.bytes[16..HEADER].fill(0xff),
            Form::Half => parcel.bytes.truncate(parcel.bytes.len() / 2),
            _ => {}
        }
        parcel
    }
}

/// Bytes in memory of their own.
fn lay_down(bytes: &[u8], is_sealed: bool) -> OwnedFd {
    if is_sealed {
        return memory::seal([bytes]).expect("memory");
    }
    let flags = rustix::fs::MemfdFlags::CLOEXEC | rustix::fs::MemfdFlags::ALLOW_SEALING;
    let memory = rustix::fs::memfd_create(c"open", flags).expect("memory");
    rustix::io::write(&memory, bytes).expect("room for them");
    memory
}

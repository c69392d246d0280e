//! What only a process pool promises.

mod deaths;
mod starting;
mod transfer;

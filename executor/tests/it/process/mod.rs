//! What only a process pool promises.

mod ahead;
mod callbacks;
mod deaths;
mod options;
mod starting;
mod transfer;

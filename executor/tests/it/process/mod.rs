//! What only a process pool promises.

mod ahead;
mod callbacks;
mod constructors;
pub(crate) mod deaths;
mod encoding;
mod ending;
mod exhaustion;
mod many;
mod options;
mod parent;
pub(crate) mod program;
mod recycling;
mod refusals;
mod starting;
mod stdio;
pub(crate) mod system;
mod transfer;

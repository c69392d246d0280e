//! Other ways to the same end, to compare with: what a Rust programmer takes instead of an executor,
//! and what the system needs when there is nothing in between.

pub mod channel_pool;
mod far_end;
pub mod memfd;
pub mod ping_pong;
pub mod spawn_pool;

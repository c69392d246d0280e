//! Other ways to the same end, to compare with: what a Rust programmer takes instead of an executor,
//! and what the system needs when there is nothing in between.

pub mod channel_pool;
mod descriptor;
mod far_end;
pub mod interpreters;
pub mod memfd;
mod orders;
pub mod ping_pong;
pub mod python;
pub mod robust_mutex;
pub mod socket_counter;
pub mod spawn_pool;
pub mod thread_pools;

//! What `cargo bench` measures: workloads, the backends they run on, and peers.
//!
//! Every workload has a sequential loop as its reference and an answer that is checked outside the
//! timed part. The benchmark itself, `benches/suite`, puts them together; its paired run is [`paired`].

pub mod backend;
pub mod idle;
pub mod paired;
pub mod peer;
pub mod placement;
pub mod workload;

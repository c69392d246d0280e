//! Futures by themselves: what promises show without any executor.

mod awaiting;
mod callbacks;
mod chaining;
mod collecting;
mod completing;
mod errors;
mod states;
mod values;
mod waiting;

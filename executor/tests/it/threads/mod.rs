//! What only the thread pool promises.

mod idle;
mod initializer;
mod shutdown;
mod starting;
mod workers;

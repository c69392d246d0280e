//! What only the thread pool promises.

mod drops;
mod initializer;
mod shutdown;
mod starting;
mod workers;

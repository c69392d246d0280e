//! What lies in memory that processes share. What can be run on every executor is.

mod arrays;
mod atomics;
mod barriers;
mod conditions;
mod deaths;
mod events;
mod faults;
mod locks;
mod panics;
mod properties;
mod seats;
mod semaphores;
mod travelling;
mod values;

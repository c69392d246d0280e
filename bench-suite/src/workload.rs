//! Named computations with sizes and checkable answers.

pub mod counter;
pub mod download;
pub mod grain;
pub mod mapping;
pub mod no_op;
pub mod numbers;
pub mod open_loop;
pub mod payload;
pub mod pi;

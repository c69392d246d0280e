//! Named computations with sizes and checkable answers.

pub mod counter;
pub mod mapping;
pub mod no_op;
pub mod payload;
pub mod pi;

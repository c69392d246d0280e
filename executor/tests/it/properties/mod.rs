//! Properties: random cases compared with reference models.
//!
//! Each runs 128 cases, or as many as `PROPTEST_CASES` says, after the seeds that were kept in
//! `proptest-regressions`. Each names the branches that make its cases interesting, and fails if
//! fewer than a tenth of the cases came there: a property that is never put to the test holds.

mod callbacks;
mod completing;
mod limits;
mod mapping;
mod outcomes;
mod script;
mod shutdown;
mod states;
pub(crate) mod vacuity;
mod waiting;

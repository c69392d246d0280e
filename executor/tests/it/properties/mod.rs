//! Properties: random cases compared with reference models.
//!
//! Each runs 128 cases, or as many as `PROPTEST_CASES` says, after the seeds that were kept in
//! `proptest-regressions`; where a case builds pools, 48 or an eighth of those asked for. Each names the
//! branches that make its cases interesting, and fails if fewer than a tenth of the cases came there: a
//! property that is never put to the test holds.

mod callbacks;
mod completing;
mod dropping;
mod limits;
mod mapping;
mod order;
mod outcomes;
mod overlapping;
mod script;
mod shutdown;
mod states;
mod trees;
pub(crate) mod vacuity;
mod waiting;

//! Models of the executor's own sources, explored by [loom](https://docs.rs/loom).
//!
//! There is nothing in this library. The models are the test crate `tests/loom`, which compiles
//! the files of `executor/src/base` a second time, with loom's types in the place of the standard
//! library's. Without `--cfg loom` that crate is empty; with it,
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test -p loom-tests
//! ```
//!
//! runs every model. The README says how to read what it prints, and what loom can't see.
//!
//! `tests/shuttle` does the same with [shuttle](https://docs.rs/shuttle)'s types, for scenarios that are too big for
//! loom, under `--cfg shuttle`; `scripts/shuttle` runs it.
